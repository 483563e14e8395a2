//! How a plain route answers with a page: it asks the component tree for one, so that every page, the failed ones
//! too, is the product's own. The router puts the [`Renderer`] into each request; nothing here knows a screen.

use crate::{error::AppError, failure::Failure, paths};
use axum::{body::Body, response::Response};
use futures::future::BoxFuture;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri, header, request::Parts};
use std::sync::Arc;

/// Renders the page at a request's address.
#[derive(Clone)]
pub struct Renderer(pub Arc<dyn Fn(Request<Body>) -> BoxFuture<'static, Response> + Send + Sync>);

/// What went wrong, for the page that says so, and where a client may try again. It travels in the request's extensions.
#[derive(Clone, Debug)]
pub struct Trouble {
    /// What went wrong.
    pub error: AppError,
    /// The client's page that was asked for.
    pub retry_path: Option<String>,
}

/// A page that stands in for another one: the address in the browser is not its own, so no browser can take it over.
#[derive(Clone, Copy, Debug)]
pub struct StandsIn;

/// An answer without a page yet; the router dresses it before it leaves (see `server::router`).
pub fn undressed(error: AppError) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = error.http_status();
    say_when_to_retry(&mut response, &error);
    response.extensions_mut().insert(Trouble { error, retry_path: None });
    response
}

/// The page at `path`, as if it had been asked for with GET, with `context` for the screen to pick up.
/// A status other than 200 is put over the page's own.
pub async fn render_at<C: Clone + Send + Sync + 'static>(
    path: &str,
    mut parts: Parts,
    status: StatusCode,
    context: C,
) -> Response {
    let (Some(renderer), Ok(uri)) = (parts.extensions.get::<Renderer>().cloned(), path.parse::<Uri>()) else {
        return undressed(AppError::NotFound);
    };
    if parts.uri.path() != uri.path() {
        parts.extensions.insert(StandsIn);
    }
    parts.method = Method::GET;
    parts.uri = uri;
    // Whatever the form said it accepts, it is answered with a page.
    parts.headers.insert(header::ACCEPT, HeaderValue::from_static("text/html"));
    for name in [header::CONTENT_LENGTH, header::CONTENT_TYPE, header::TRANSFER_ENCODING] {
        parts.headers.remove(name);
    }
    parts.extensions.insert(context);
    let mut response = (renderer.0)(Request::from_parts(parts, Body::empty())).await;
    if status != StatusCode::OK {
        *response.status_mut() = status;
    }
    response
}

/// The page that says what went wrong.
pub async fn trouble(error: AppError, parts: Parts) -> Response {
    let status = error.http_status();
    // Clients have no dashboard to go back to, and who reads a mail may not be signed in.
    let client_side =
        [paths::CONNECT, paths::INSTAGRAM_CALLBACK, paths::DELETION, paths::REMINDERS, paths::INVITATIONS]
            .iter()
            .any(|path| paths::is_below(parts.uri.path(), path));
    let retry_path = parts.uri.path_and_query().filter(|_| client_side).map(ToString::to_string);
    let trouble = Trouble { error: error.clone(), retry_path };
    let mut response = render_at(paths::TROUBLE, parts, status, trouble).await;
    say_when_to_retry(&mut response, &error);
    response
}

/// Says when to try again, where the refusal knows (RFC 9110 section 10.2.3).
pub fn say_when_to_retry(response: &mut Response, error: &AppError) {
    if let Some(seconds) = error.retry_after() {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
}

/// The page that says what went wrong, and the log entry of the cause.
pub async fn failed(failure: Failure, parts: Parts) -> Response {
    trouble(failure.into(), parts).await
}

/// Whether a browser asks, for a page; a program takes JSON.
pub fn wants_page(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|accept| accept.contains("text/html"))
}

/// 303 See Other (RFC 9110 section 15.4.4): what follows is a GET, and a form's data is not sent along.
pub fn see_other(location: &str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}
