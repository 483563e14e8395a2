//! Carries changes between servers that share one PostgreSQL, by LISTEN and NOTIFY. What one server tells is heard by
//! the pages of all. It is started with the server and knows no page; a SQLite file has one server and needs none.

use super::{Change, Hub, News};
use crate::{
    clock::Randomness,
    db::{Conn, Db},
    failure::Failure,
    ids::OrganizationId,
};
use diesel::sql_types::Text;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use futures::StreamExt;
use std::{pin::pin, time::Duration};
use tokio::{
    sync::broadcast::error::RecvError,
    time::{Instant, timeout},
};

/// The channel's name in the database.
const CHANNEL: &str = "grantlink_live";

/// Before a lost connection is made anew: at first, and at most.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// A connection that was silent for this long is asked whether it is alive: a network may swallow its end.
const SILENCE: Duration = Duration::from_secs(60);

/// How long its answer may take.
const ANSWER: Duration = Duration::from_secs(5);

/// Relays for as long as it is polled.
pub async fn relay(url: String, db: Db, hub: Hub, randomness: Randomness) {
    let server = randomness.hex::<8>();
    tokio::join!(hear(&url, &hub, &server), tell(&db, &hub, &server));
}

/// Passes on to our pages what other servers tell.
async fn hear(url: &str, hub: &Hub, server: &str) {
    let mut pause = FIRST_PAUSE;
    loop {
        let began = Instant::now();
        if let Err(failure) = hear_on_one_connection(url, hub, server).await {
            failure.log("other servers are not heard for the moment");
        }
        // A database that is down is asked less and less often.
        pause = if began.elapsed() > LONGEST_PAUSE { FIRST_PAUSE } else { (pause * 2).min(LONGEST_PAUSE) };
        tokio::time::sleep(pause).await;
    }
}

async fn hear_on_one_connection(url: &str, hub: &Hub, server: &str) -> Result<(), Failure> {
    let mut conn = timeout(ANSWER, AsyncPgConnection::establish(url)).await.map_err(lost)?.map_err(lost)?;
    timeout(ANSWER, conn.batch_execute(&format!("LISTEN {CHANNEL}"))).await.map_err(lost)??;
    // Whatever was told before this moment went by unheard.
    hub.pass_on(News { whose: None, change: Change::Accounts });
    loop {
        let heard = {
            let mut notifications = pin!(conn.notifications_stream());
            timeout(SILENCE, notifications.next()).await
        };
        match heard {
            Ok(Some(notification)) => {
                if let Some(news) = parse(&notification?.payload, server) {
                    hub.pass_on(news);
                }
            }
            Ok(None) => return Err(Failure::internal("the listening connection ended")),
            Err(_) => timeout(ANSWER, conn.batch_execute("SELECT 1")).await.map_err(lost)??,
        }
    }
}

fn lost(cause: impl std::error::Error + Send + Sync + 'static) -> Failure {
    Failure::Internal(Box::new(cause))
}

/// Tells other servers what this one tells its pages.
async fn tell(db: &Db, hub: &Hub, server: &str) {
    let mut told = hub.listen_to_our_own();
    loop {
        let payload = match told.recv().await {
            Ok(news) => payload(server, &news),
            // Too much at once to tell one by one.
            Err(RecvError::Lagged(_)) => payload(server, &News { whose: None, change: Change::Accounts }),
            Err(RecvError::Closed) => return,
        };
        if let Err(failure) = notify(db, &payload).await {
            failure.log("other servers were not told of a change");
        }
    }
}

async fn notify(db: &Db, payload: &str) -> Result<(), Failure> {
    if let Conn::Postgres(mut conn) = db.write().await? {
        diesel::sql_query("SELECT pg_notify($1, $2)")
            .bind::<Text, _>(CHANNEL)
            .bind::<Text, _>(payload)
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

/// Server, organization and change, parted by spaces.
fn payload(server: &str, news: &News) -> String {
    let whose = news.whose.map_or_else(|| "*".to_owned(), |organization| organization.to_string());
    format!("{server} {whose} {}", news.change.event())
}

/// `None` for our own, and for what another version may say.
fn parse(payload: &str, server: &str) -> Option<News> {
    let mut parts = payload.split(' ');
    let (told_by, whose, change) = (parts.next()?, parts.next()?, parts.next()?);
    if told_by == server {
        return None;
    }
    let whose = if whose == "*" { None } else { Some(whose.parse::<OrganizationId>().ok()?) };
    let change =
        [Change::Accounts, Change::Links, Change::Members].into_iter().find(|known| known.event() == change)?;
    Some(News { whose, change })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timestamp::Timestamp;

    #[test]
    fn another_server_s_news_are_read_and_our_own_are_not() {
        let organization = OrganizationId::generate(Timestamp::from_micros(1_700_000_000_000_000), &Randomness);
        for news in [
            News { whose: Some(organization), change: Change::Links },
            News { whose: Some(organization), change: Change::Members },
            News { whose: None, change: Change::Accounts },
        ] {
            let text = payload("here", &news);
            assert_eq!(parse(&text, "there"), Some(news));
            assert_eq!(parse(&text, "here"), None);
        }
        for wrong in ["", "a b", "a b c", "a * weather"] {
            assert_eq!(parse(wrong, "here"), None, "{wrong}");
        }
    }
}
