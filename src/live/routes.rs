//! The event stream of a member: which lists changed, never what they hold. Whoever is a member no longer hears nothing
//! more.

use super::{Change, News};
use crate::{
    failure::Failure,
    server::{door, pages},
};
use axum::{
    extract::Request,
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures::{Stream, StreamExt};
use std::{convert::Infallible, time::Duration};
use tokio_stream::wrappers::{BroadcastStream, errors::BroadcastStreamRecvError};

/// A stream ends after this long; the browser comes back by itself and is asked for its session anew.
const STREAM_LIFE: Duration = Duration::from_secs(300);

/// `GET /live`: server-sent events named after what changed. Their data says nothing, but must not be empty:
/// browsers drop such events.
pub async fn live(request: Request) -> Response {
    let (parts, _) = request.into_parts();
    match stream(&parts).await {
        Ok(events) => Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))).into_response(),
        Err(failure) => pages::undressed(failure.into()),
    }
}

async fn stream(
    parts: &http::request::Parts,
) -> Result<impl Stream<Item = Result<Event, Infallible>> + use<>, Failure> {
    let work = door::member_of(parts).await?;
    let organization = work.actor.organization_id;
    let stopping = work.stopping.clone();
    let heard = BroadcastStream::new(work.live.listen()).filter_map(move |received| async move {
        match received {
            Ok(News { whose, change }) if whose.is_none_or(|whose| whose == organization) => Some(change),
            Ok(_) => None,
            // Too slow to hear everything: asking once more costs less than missing something.
            Err(BroadcastStreamRecvError::Lagged(_)) => Some(Change::Accounts),
        }
    });
    // The session is asked for before each: it may have ended, or work for another organization by now (A44).
    let parts = parts.clone();
    let changes = heard.take_while(move |_| {
        let parts = parts.clone();
        async move { door::member_of(&parts).await.is_ok_and(|work| work.actor.organization_id == organization) }
    });
    let end = async move {
        tokio::select! {
            () = stopping.cancelled() => {}
            () = tokio::time::sleep(STREAM_LIFE) => {}
        }
    };
    Ok(changes.map(|change| Ok(Event::default().event(change.event()).data("changed"))).take_until(Box::pin(end)))
}
