//! The plain doors to Instagram: the POST of "Continue to Instagram", and the member's own. They need no JavaScript.

use super::service::{self, Started};
use crate::{
    error::AppError,
    failure::Failure,
    ids::AttemptId,
    links, paths,
    secret::Token,
    server::{cookies, door, pages},
};
use axum::{
    extract::{Form, FromRequest, Path, Request},
    response::Response,
};
use http::{StatusCode, header, request::Parts};
use serde::Deserialize;
use url::Url;

/// `POST /connect/{token}`: 303 to Instagram, or the link's page when there is nothing to start.
pub async fn start(Path(token): Path<String>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let started = async {
        let work = door::client_of(&parts)?;
        Ok((service::start(&work, &token).await?, work.actor.bindings))
    };
    match started.await {
        Ok((Started::Leaving { attempt, binding, location }, known)) => leave(attempt, &binding, &location, &known),
        // The same address, read: it sets 404 or 410 and says what to do.
        Ok((Started::Dead, _)) => pages::render_at(&paths::connect(&token), parts, StatusCode::OK, ()).await,
        Err(failure) => pages::failed(failure, parts).await,
    }
}

/// The form of [`log_in`].
#[derive(Debug, Default, Deserialize)]
struct LogIn {
    /// The account that has to be connected again, where it is about one.
    account: Option<String>,
}

/// `POST /accounts/log-in`: a member connects an account whose password they have (T05), or connects one again (T26).
/// 303 to Instagram.
pub async fn log_in(request: Request) -> Response {
    let (parts, form) = match read(request).await {
        Ok(read) => read,
        Err(parts) => return pages::trouble(AppError::Unreadable, *parts).await,
    };
    let started = async {
        let account = form.account.as_deref().map(str::parse).transpose().map_err(|_| AppError::NotFound)?;
        let member = door::member_of(&parts).await?;
        if !member.actor.role.may_share() {
            return Err(AppError::Forbidden.into());
        }
        let token = links::service::log_in(&member, account).await?;
        let client = door::client_of(&parts)?;
        Ok((service::start(&client, token.expose()).await?, client.actor.bindings))
    };
    match started.await {
        Ok((Started::Leaving { attempt, binding, location }, known)) => leave(attempt, &binding, &location, &known),
        Ok((Started::Dead, _)) => pages::failed(Failure::internal("a fresh link is dead"), parts).await,
        Err(Failure::Refused(AppError::SignInNeeded)) => pages::see_other(paths::SIGN_IN),
        Err(failure) => pages::failed(failure, parts).await,
    }
}

/// Reads the form of [`log_in`]. One without a field may come without saying what it is.
async fn read(request: Request) -> Result<(Parts, LogIn), Box<Parts>> {
    let (parts, body) = request.into_parts();
    if !parts.headers.contains_key(header::CONTENT_TYPE) {
        return Ok((parts, LogIn::default()));
    }
    match Form::from_request(Request::from_parts(parts.clone(), body), &()).await {
        Ok(Form(form)) => Ok((parts, form)),
        Err(_) => Err(Box::new(parts)),
    }
}

/// Sends the browser to Instagram, with the cookie that lets it come back.
fn leave(attempt: AttemptId, binding: &Token, location: &Url, known: &[(AttemptId, Token)]) -> Response {
    let mut response = pages::see_other(location.as_str());
    for cookie in cookies::set_binding(known, attempt, binding) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
