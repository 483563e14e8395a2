//! The plain forms that give a browser another session: accepting an invitation, and working for another organization.
//! Ordinary posts, so that they work before and without JavaScript.

use super::service::{self, Acceptance};
use crate::{
    error::AppError,
    failure::Failure,
    identity::{self, service::SignedIn},
    paths,
    secret::SecretString,
    server::{cookies, door, forms, pages},
    ui::FormReply,
};
use axum::{
    extract::{Path, Request},
    response::Response,
};
use http::{StatusCode, header, request::Parts};
use serde::Deserialize;

/// The form of [`accept`].
#[derive(Deserialize)]
struct Accept {
    /// What is typed where nobody is signed in.
    #[serde(default)]
    password: SecretString,
}

/// The form of [`switch`].
#[derive(Debug, Deserialize)]
struct Switch {
    /// The id of the organization to work for.
    organization: String,
}

/// `POST /invitations/{token}`: makes the invited person a member and signs them in. A GET never does.
pub async fn accept(Path(token): Path<String>, request: Request) -> Response {
    let path = paths::invitation(&token);
    let (parts, form) = match forms::read::<Accept>(request).await {
        Ok(read) => read,
        Err(parts) => return refused(&path, *parts, AppError::Unreadable.into()).await,
    };
    let accepted = async {
        let work = door::client_of(&parts)?;
        let signed_in = match door::member_of(&parts).await {
            Ok(member) => cookies::session(&parts.headers).map(|session| (member.actor, session)),
            Err(Failure::Refused(AppError::SignInNeeded)) => None,
            Err(failure) => return Err(failure),
        };
        let acceptance = Acceptance {
            signed_in: signed_in.as_ref().map(|(member, session)| (member, session)),
            password: form.password,
        };
        service::accept(&work, &token, acceptance, &door::visitor_of(&parts)).await
    };
    match accepted.await {
        Ok(signed_in) => let_in(&parts, &signed_in).await,
        Err(failure) => refused(&path, parts, failure).await,
    }
}

/// `POST /organizations/switch`: works on for another organization of the same person.
pub async fn switch(request: Request) -> Response {
    let (parts, form) = match forms::read::<Switch>(request).await {
        Ok(read) => read,
        Err(parts) => return pages::trouble(AppError::Unreadable, *parts).await,
    };
    let switched = async {
        let work = door::member_of(&parts).await?;
        let session = cookies::session(&parts.headers).ok_or(AppError::SignInNeeded)?;
        let organization = form.organization.parse().map_err(|_| AppError::NotFound)?;
        service::switch(&work, &session, organization).await
    };
    match switched.await {
        Ok(session) => {
            let mut response = pages::see_other(paths::ACCOUNTS);
            response.headers_mut().append(header::SET_COOKIE, cookies::set_session(&session));
            response
        }
        Err(Failure::Refused(AppError::SignInNeeded)) => pages::see_other(paths::SIGN_IN),
        Err(failure) => pages::failed(failure, parts).await,
    }
}

/// Gives the browser its new session, and ends the one it brought (A42). An account that asks for a code asks now.
async fn let_in(parts: &Parts, signed_in: &SignedIn) -> Response {
    let (mut response, token) = match signed_in {
        SignedIn::Session(token) => (pages::see_other(paths::ACCOUNTS), cookies::set_session(token)),
        SignedIn::SecondStep(token) => (pages::see_other(paths::SECOND_STEP), cookies::set_second_step(token)),
    };
    response.headers_mut().append(header::SET_COOKIE, token);
    let Ok(tools) = door::tools_of(parts) else { return response };
    if let SignedIn::Session(session) = signed_in
        && let Some(device) = identity::service::known_device(&tools, session).await
    {
        response.headers_mut().append(header::SET_COOKIE, cookies::set_device(&device));
    }
    // One that was moved is known under this token no more.
    if let Some(old) = cookies::session(&parts.headers)
        && let Err(failure) = identity::service::sign_out(&tools, &old).await
    {
        failure.log("the session a browser brought to an invitation was not ended");
    }
    response
}

/// The same page again, with what to mend. That of a dead invitation says so itself, and with its own status.
async fn refused(path: &str, parts: Parts, failure: Failure) -> Response {
    match failure {
        Failure::Refused(AppError::SignInNeeded) => pages::see_other(path),
        Failure::Refused(error @ AppError::NotFound) => {
            pages::render_at(path, parts, StatusCode::OK, FormReply::refused(Vec::new(), error)).await
        }
        failure => forms::refused(path, parts, Vec::new(), failure).await,
    }
}
