//! How a plain route answers with a page: it asks the component tree for one, so that every page, the failed ones
//! too, is the product's own. The router puts the [`Renderer`] into each request; nothing here knows a screen.

use crate::{error::AppError, failure::Failure, paths};
use axum::{body::Body, response::Response};
use futures::future::BoxFuture;
use http::{HeaderValue, Method, Request, StatusCode, Uri, header, request::Parts};
use std::sync::Arc;

/// Renders the page at a request's address.
#[derive(Clone)]
pub struct Renderer(pub Arc<dyn Fn(Request<Body>) -> BoxFuture<'static, Response> + Send + Sync>);

/// What went wrong, for the page that says so. It travels in the request's extensions.
#[derive(Clone, Debug)]
pub struct Trouble(pub AppError);

/// An answer without a page yet; the router dresses it before it leaves (see `server::router`).
pub fn undressed(error: AppError) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = error.http_status();
    if let AppError::TooMany { retry_after } = error {
        response.headers_mut().insert(header::RETRY_AFTER, retry_after.into());
    }
    response.extensions_mut().insert(Trouble(error));
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
    let mut response = render_at(paths::TROUBLE, parts, status, Trouble(error.clone())).await;
    if let AppError::TooMany { retry_after } = error {
        response.headers_mut().insert(header::RETRY_AFTER, retry_after.into());
    }
    response
}

/// The page that says what went wrong, and the log entry of the cause.
pub async fn failed(failure: Failure, parts: Parts) -> Response {
    trouble(failure.into(), parts).await
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
