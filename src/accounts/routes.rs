//! The plain doors to accounts. At two of them Instagram itself knocks: an owner took the app off the account, or wants
//! everything deleted. Meta's servers come without a session; the signature is what lets them in (A36). Behind the
//! third one are the profile pictures, for members of the organization whose account it is; nobody in between may keep
//! one.

use super::service;
use crate::{
    error::AppError,
    failure::Failure,
    ids::AccountId,
    instagram::signed_request::{self, SignedRequest},
    media, paths,
    secret::{Purpose, TokenHash},
    server::{door, pages},
    work::Tools,
};
use axum::{
    Form, Json,
    extract::Path,
    response::{IntoResponse, Response},
};
use http::{StatusCode, request::Parts};
use serde::Deserialize;
use serde_json::json;

/// What Meta sends.
#[derive(Deserialize)]
pub struct Callback {
    #[serde(default)]
    signed_request: String,
}

/// `POST /instagram/deauthorize`: the owner removed the app from the account.
pub async fn deauthorize(parts: Parts, Form(callback): Form<Callback>) -> Response {
    let done = async {
        let tools = door::tools_of(&parts)?;
        let Some(request) = read(&tools, &callback) else { return Ok(None) };
        service::deauthorize(&tools, &request.user_id, request.issued_at).await?;
        Ok(Some(()))
    };
    match done.await {
        Ok(Some(())) => StatusCode::OK.into_response(),
        other => refused(other.err()),
    }
}

/// `POST /instagram/data-deletion`: the owner wants everything deleted. The answer says where a person can read that it
/// is done, in the form Meta asks for.
pub async fn delete_data(parts: Parts, Form(callback): Form<Callback>) -> Response {
    let done = async {
        let tools = door::tools_of(&parts)?;
        let Some(request) = read(&tools, &callback) else { return Ok(None) };
        // Of what is signed, and not of its spelling: the same request may come padded once and bare once.
        let told = format!("{} {}", request.user_id, request.issued_at.as_micros());
        let hash = TokenHash::of(&told, Purpose::DeletionRequest);
        let code = service::delete_data(&tools, &request.user_id, hash).await?;
        Ok(Some(json!({ "url": tools.absolute(&paths::deletion(&code)), "confirmation_code": code })))
    };
    match done.await {
        Ok(Some(answer)) => Json(answer).into_response(),
        other => refused(other.err()),
    }
}

/// `GET /media/accounts/{id}.jpg`, whatever its version.
pub async fn picture(Path(file): Path<String>, parts: Parts) -> Response {
    let found = async {
        let id: AccountId = file.strip_suffix(".jpg").and_then(|id| id.parse().ok()).ok_or(AppError::NotFound)?;
        let work = door::member_of(&parts).await?;
        service::picture(&work, id, |copied_at| media::is_held(&parts.headers, copied_at)).await
    };
    match found.await {
        Ok((copied_at, jpeg)) => media::answer(copied_at, jpeg),
        Err(Failure::Refused(AppError::SignInNeeded)) => pages::undressed(AppError::NotFound),
        Err(failure) => pages::failed(failure, parts).await,
    }
}

fn read(tools: &Tools, callback: &Callback) -> Option<SignedRequest> {
    signed_request::verify(&callback.signed_request, &[&tools.callback_secret], tools.now())
        .inspect_err(|_| tracing::warn!("a callback without Instagram's signature was refused"))
        .ok()
}

/// Without the signature: 400, whoever it is about. With it, but in trouble: Meta tries again later.
fn refused(failure: Option<Failure>) -> Response {
    match failure {
        None => {
            (StatusCode::BAD_REQUEST, "signed_request is not signed by the app this server knows\n").into_response()
        }
        Some(failure) => pages::undressed(failure.into()),
    }
}
