//! Plain forms, for the routes of features: reading one, and giving a refused one back. They work before and without
//! JavaScript. What a form means, and who may send it, is for its route to say.

use super::pages;
use crate::{error::AppError, failure::Failure, ui::FormReply};
use axum::{
    extract::{Form, FromRequest, Request},
    response::Response,
};
use http::{HeaderValue, header, request::Parts};
use serde::de::DeserializeOwned;

/// Parts and form of a request; the parts alone when the body is not that form. One without a field may come without
/// saying what it is.
///
/// # Errors
/// The parts, as said.
pub async fn read<T: DeserializeOwned>(request: Request) -> Result<(Parts, T), Box<Parts>> {
    let (mut parts, body) = request.into_parts();
    let plain = HeaderValue::from_static("application/x-www-form-urlencoded");
    parts.headers.entry(header::CONTENT_TYPE).or_insert(plain);
    match Form::<T>::from_request(Request::from_parts(parts.clone(), body), &()).await {
        Ok(Form(form)) => Ok((parts, form)),
        Err(_) => Err(Box::new(parts)),
    }
}

/// The page at `path` again, with what was typed, what to mend, and the status of the refusal.
pub async fn refused(path: &str, parts: Parts, typed: Vec<(String, String)>, failure: Failure) -> Response {
    let error = AppError::from(failure);
    let reply = FormReply::refused(typed, error.clone());
    let mut response = pages::render_at(path, parts, error.http_status(), reply).await;
    pages::say_when_to_retry(&mut response, &error);
    response
}
