//! The plain doors to Instagram: the POST of "Continue to Instagram", and the member's own; and the one back, for a client
//! who wants the access ended. They need no JavaScript.

use super::{
    model::consent_shown,
    service::{self, Started},
};
use crate::{
    error::AppError,
    failure::Failure,
    ids::AttemptId,
    links,
    organizations::model::Permission,
    paths,
    secret::Token,
    server::{cookies, door, forms, pages},
};
use axum::{
    extract::{Path, Request},
    response::Response,
};
use http::{StatusCode, header, request::Parts};
use serde::Deserialize;
use url::Url;

/// `POST /connect/{token}`: 303 to Instagram, or the link's page when there is nothing to start.
pub async fn start(Path(token): Path<String>, request: Request) -> Response {
    // Whatever a browser makes of the form: it is the press that counts.
    let (parts, form) = match forms::read::<Start>(request).await {
        Ok(read) => read,
        Err(parts) => (*parts, Start::default()),
    };
    let shown = form.consent.as_deref().and_then(consent_shown);
    let started = async {
        let work = door::client_of(&parts)?;
        Ok((service::start(&work, &token, shown).await?, work.actor.bindings))
    };
    match started.await {
        Ok((Started::Leaving { attempt, binding, location }, known)) => leave(attempt, &binding, &location, &known),
        // The same address, read: it sets 404 or 410 and says what to do.
        Ok((Started::Dead, _)) => pages::render_at(&paths::connect(&token), parts, StatusCode::OK, ()).await,
        Err(failure) => pages::failed(failure, parts).await,
    }
}

/// The form of [`start`].
#[derive(Debug, Default, Deserialize)]
struct Start {
    /// Which consent text stood above the button.
    consent: Option<String>,
}

/// The form of [`log_in`].
#[derive(Debug, Default, Deserialize)]
struct LogIn {
    /// The account that has to be connected again, where it is about one.
    account: Option<String>,
    /// The organization that the page was about.
    #[serde(default)]
    organization_id: String,
}

/// `POST /accounts/log-in`: a member connects an account whose password they have (T05), or connects one again (T26).
/// 303 to Instagram.
pub async fn log_in(request: Request) -> Response {
    let (parts, form) = match forms::read::<LogIn>(request).await {
        Ok(read) => read,
        Err(parts) => return pages::trouble(AppError::Unreadable, *parts).await,
    };
    let started = async {
        let account = form.account.as_deref().map(str::parse).transpose().map_err(|_| AppError::NotFound)?;
        let member = door::permitted_of(&parts, Permission::ShareLinks).await?;
        door::check_window(&member, &form.organization_id)?;
        let token = links::service::log_in(&member, account).await?;
        let client = door::client_of(&parts)?;
        Ok((service::start(&client, token.expose(), None).await?, client.actor.bindings))
    };
    match started.await {
        Ok((Started::Leaving { attempt, binding, location }, known)) => leave(attempt, &binding, &location, &known),
        Ok((Started::Dead, _)) => pages::failed(Failure::internal("a fresh link is dead"), parts).await,
        Err(Failure::Refused(AppError::SignInNeeded)) => pages::see_other(paths::SIGN_IN),
        Err(failure) => pages::failed(failure, parts).await,
    }
}

/// `POST /connect/attempt/{id}`: the client takes the access back (U05). 303 to the same page, which says how it stands.
pub async fn take_back(Path(id): Path<String>, parts: Parts) -> Response {
    let taken = async {
        let id = id.parse().map_err(|_| AppError::NotFound)?;
        service::take_back(&door::client_of(&parts)?, id).await?;
        Ok(id)
    };
    match taken.await {
        Ok(id) => pages::see_other(&paths::attempt(id)),
        // The same address, read: it says who can see it.
        Err(Failure::Refused(AppError::NotFound)) => {
            let path = parts.uri.path().to_owned();
            pages::render_at(&path, parts, StatusCode::NOT_FOUND, ()).await
        }
        Err(failure) => pages::failed(failure, parts).await,
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
