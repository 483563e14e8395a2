//! The client's plain door: the POST of "Continue to Instagram". It needs no JavaScript and no wasm.

use super::service::{self, Started};
use crate::{
    paths,
    server::{cookies, door, pages},
};
use axum::{
    extract::{Path, Request},
    response::Response,
};
use http::{StatusCode, header};

/// `POST /connect/{token}`: 303 to Instagram, or the link's page when there is nothing to start.
pub async fn start(Path(token): Path<String>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let started = async {
        let work = door::client_of(&parts)?;
        Ok((service::start(&work, &token).await?, work.actor.bindings))
    };
    match started.await {
        Ok((Started::Leaving { attempt, binding, location }, known)) => {
            let mut response = pages::see_other(location.as_str());
            for cookie in cookies::set_binding(&known, attempt, &binding) {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            response
        }
        // The same address, read: it sets 404 or 410 and says what to do.
        Ok((Started::Dead, _)) => pages::render_at(&paths::connect(&token), parts, StatusCode::OK, ()).await,
        Err(failure) => pages::failed(failure, parts).await,
    }
}
