//! The plain forms of signing up, in and out, and of links that come by mail: ordinary posts, so that they work before
//! and without JavaScript, and password managers understand them. A refused form comes back with everything typed but
//! the password. Those of a person's own account stand in `you`.

pub mod you;

use super::service::{self, SignedIn};
use crate::{
    error::AppError,
    failure::Failure,
    ids::UserId,
    paths,
    secret::{SecretString, Token},
    server::{
        cookies, door,
        forms::{read, refused},
        pages,
    },
    ui::FormReply,
};
use axum::{
    extract::{Path, Request},
    response::Response,
};
use http::{StatusCode, header, request::Parts};
use serde::Deserialize;

#[derive(Deserialize)]
struct SignUp {
    organization: String,
    email: String,
    password: SecretString,
}

#[derive(Deserialize)]
struct SignIn {
    email: String,
    password: SecretString,
}

#[derive(Deserialize)]
struct Code {
    code: String,
}

#[derive(Deserialize)]
struct Forgotten {
    email: String,
}

#[derive(Deserialize)]
struct NewPassword {
    password: SecretString,
}

/// `POST /sign-up`
pub async fn sign_up(request: Request) -> Response {
    let (parts, form) = match read::<SignUp>(request).await {
        Ok(read) => read,
        Err(parts) => return refused(paths::SIGN_UP, *parts, Vec::new(), AppError::Unreadable.into()).await,
    };
    let signed_up = async {
        let tools = door::tools_of(&parts)?;
        tools.limits.sign_up(door::peer_of(&parts))?;
        service::sign_up(&tools, &form.organization, &form.email, form.password, &door::visitor_of(&parts)).await
    };
    match signed_up.await {
        Ok(token) => signed_in(&parts, &token).await,
        Err(failure) => {
            let typed = vec![("organization".into(), form.organization), ("email".into(), form.email)];
            refused(paths::SIGN_UP, parts, typed, failure).await
        }
    }
}

/// `POST /sign-in`
pub async fn sign_in(request: Request) -> Response {
    let (parts, form) = match read::<SignIn>(request).await {
        Ok(read) => read,
        Err(parts) => return refused(paths::SIGN_IN, *parts, Vec::new(), AppError::Unreadable.into()).await,
    };
    let result = async {
        let tools = door::tools_of(&parts)?;
        service::sign_in(&tools, &form.email, form.password, &door::visitor_of(&parts)).await
    };
    match result.await {
        Ok(SignedIn::Session(token)) => signed_in(&parts, &token).await,
        Ok(SignedIn::SecondStep(token)) => {
            let mut response = pages::see_other(paths::SECOND_STEP);
            response.headers_mut().append(header::SET_COOKIE, cookies::set_second_step(&token));
            response
        }
        Err(failure) => refused(paths::SIGN_IN, parts, vec![("email".into(), form.email)], failure).await,
    }
}

/// `GET /sign-in/two-factor`: the form for the code, while one is waited for.
pub async fn show_second_step(request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let live = async {
        match cookies::second_step(&parts.headers) {
            Some(token) => service::second_step_is_live(&*door::tools_of(&parts)?, &token).await,
            None => Ok(false),
        }
    };
    match live.await {
        Ok(true) => pages::render_at(paths::SECOND_STEP, parts, StatusCode::OK, FormReply::default()).await,
        Ok(false) => pages::see_other(paths::SIGN_IN),
        Err(failure) => pages::failed(failure, parts).await,
    }
}

/// `POST /sign-in/two-factor`
pub async fn second_step(request: Request) -> Response {
    let (parts, form) = match read::<Code>(request).await {
        Ok(read) => read,
        Err(parts) => return refused(paths::SECOND_STEP, *parts, Vec::new(), AppError::Unreadable.into()).await,
    };
    let finished = async {
        let tools = door::tools_of(&parts)?;
        let token = cookies::second_step(&parts.headers).ok_or(AppError::SignInAgain)?;
        service::finish_sign_in(&tools, &token, &form.code, &door::visitor_of(&parts)).await
    };
    match finished.await {
        Ok(token) => {
            let mut response = signed_in(&parts, &token).await;
            response.headers_mut().append(header::SET_COOKIE, cookies::clear_second_step());
            response
        }
        Err(Failure::Refused(AppError::SignInAgain)) => {
            let mut response = refused(paths::SIGN_IN, parts, Vec::new(), AppError::SignInAgain.into()).await;
            response.headers_mut().append(header::SET_COOKIE, cookies::clear_second_step());
            response
        }
        Err(failure) => refused(paths::SECOND_STEP, parts, Vec::new(), failure).await,
    }
}

/// `POST /sign-out`
pub async fn sign_out(request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let ended = async {
        if let Some(token) = cookies::session(&parts.headers) {
            service::sign_out(&*door::tools_of(&parts)?, &token).await?;
        }
        Ok(())
    };
    match ended.await {
        Ok(()) => {
            let mut response = pages::see_other(paths::SIGN_IN);
            response.headers_mut().append(header::SET_COOKIE, cookies::clear_session());
            response
        }
        Err(failure) => pages::failed(failure, parts).await,
    }
}

/// `POST /forgot-password`: the same answer, after the same work, whether anybody has the address or not (A46).
pub async fn forgot_password(request: Request) -> Response {
    let (parts, form) = match read::<Forgotten>(request).await {
        Ok(read) => read,
        Err(parts) => return refused(paths::FORGOT_PASSWORD, *parts, Vec::new(), AppError::Unreadable.into()).await,
    };
    let asked = async {
        let tools = door::tools_of(&parts)?;
        service::ask_for_reset(&tools, &form.email, door::peer_of(&parts)).await
    };
    match asked.await {
        Ok(()) => pages::see_other(&paths::reset_asked()),
        Err(failure) => refused(paths::FORGOT_PASSWORD, parts, vec![("email".into(), form.email)], failure).await,
    }
}

/// `GET /verify-email/{token}`: which address it is about, which one it replaces, and the button; that somebody has to
/// sign in first; or that the link is dead. It changes nothing: scanners open the links in a mail before people do.
pub async fn show_verify_email(Path(token): Path<String>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let path = paths::verify_email(&token);
    if path == paths::EMAIL_VERIFIED {
        return pages::render_at(&path, parts, StatusCode::OK, FormReply::default()).await;
    }
    let found = async {
        let found = match Token::parse(&token) {
            Some(token) => service::find_confirmation(&*door::tools_of(&parts)?, &token).await?,
            None => None,
        };
        let Some(found) = found else { return Err(AppError::NotFound.into()) };
        Ok::<_, Failure>((is_signed_in_as(&parts, found.user).await?, found))
    };
    match found.await {
        Ok((is_theirs, found)) => {
            let mut shown = vec![("email".to_owned(), found.email)];
            // Which address a person has is theirs to know, whoever got the mail.
            if is_theirs {
                shown.extend(found.replaces.map(|replaced| ("replaces".to_owned(), replaced)));
            }
            let reply = if is_theirs {
                FormReply::of_server_function(shown)
            } else {
                FormReply::refused(shown, AppError::SignInNeeded)
            };
            pages::render_at(&path, parts, StatusCode::OK, reply).await
        }
        Err(Failure::Refused(error)) => refused(&path, parts, Vec::new(), error.into()).await,
        Err(failure) => pages::failed(failure, parts).await,
    }
}

/// Whether the browser is signed in as this person.
async fn is_signed_in_as(parts: &Parts, user: UserId) -> Result<bool, Failure> {
    match door::member_of(parts).await {
        Ok(member) => Ok(member.actor.user_id == user),
        Err(Failure::Refused(_)) => Ok(false),
        Err(failure) => Err(failure),
    }
}

/// `POST /verify-email/{token}`
pub async fn verify_email(Path(token): Path<String>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let path = paths::verify_email(&token);
    let confirmed = async {
        let tools = door::tools_of(&parts)?;
        let peer = door::peer_of(&parts);
        tools.limits.reset_password(peer)?;
        let token = Token::parse(&token).ok_or(AppError::NotFound)?;
        let member = match door::member_of(&parts).await {
            Ok(work) => Some(work.actor),
            Err(Failure::Refused(_)) => None,
            Err(failure) => return Err(failure),
        };
        service::confirm_email(&tools, &token, member.as_ref(), peer).await
    };
    match confirmed.await {
        Ok(()) => {
            let mut response = pages::see_other(paths::EMAIL_VERIFIED);
            // The browser is known under the new address, too.
            remember_browser(&parts, cookies::session(&parts.headers).as_ref(), &mut response).await;
            response
        }
        Err(failure) => refused(&path, parts, Vec::new(), failure).await,
    }
}

/// `GET /reset-password/{token}`: the form, or the sentence that the link is dead.
pub async fn show_reset_password(Path(token): Path<String>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let live = async {
        match Token::parse(&token) {
            Some(token) => service::reset_is_live(&*door::tools_of(&parts)?, &token).await,
            None => Ok(None),
        }
    };
    match live.await {
        Ok(Some(_)) => {
            pages::render_at(&paths::reset_password(&token), parts, StatusCode::OK, FormReply::default()).await
        }
        Ok(None) => refused(&paths::reset_password(&token), parts, Vec::new(), AppError::NotFound.into()).await,
        Err(failure) => pages::failed(failure, parts).await,
    }
}

/// `POST /reset-password/{token}`
pub async fn reset_password(Path(token): Path<String>, request: Request) -> Response {
    let path = paths::reset_password(&token);
    let (parts, form) = match read::<NewPassword>(request).await {
        Ok(read) => read,
        Err(parts) => return refused(&path, *parts, Vec::new(), AppError::Unreadable.into()).await,
    };
    let set = async {
        let tools = door::tools_of(&parts)?;
        tools.limits.reset_password(door::peer_of(&parts))?;
        let token = Token::parse(&token).ok_or(AppError::NotFound)?;
        service::reset_password(&tools, &token, form.password).await
    };
    match set.await {
        Ok(device) => {
            let mut response = pages::see_other(paths::SIGN_IN);
            // Whoever guesses at the account meanwhile does not keep this browser out (A46).
            if let Some(device) = device {
                response.headers_mut().append(header::SET_COOKIE, cookies::set_device(&device));
            }
            response
        }
        Err(failure) => refused(&path, parts, Vec::new(), failure).await,
    }
}

/// Gives the browser its new session, and ends the one it brought: whoever knew that one knows nothing now (A42).
async fn signed_in(parts: &Parts, token: &Token) -> Response {
    let mut response = pages::see_other(paths::ACCOUNTS);
    response.headers_mut().append(header::SET_COOKIE, cookies::set_session(token));
    remember_browser(parts, Some(token), &mut response).await;
    if let Some(old) = cookies::session(&parts.headers)
        && let Ok(tools) = door::tools_of(parts)
        && let Err(failure) = service::sign_out(&tools, &old).await
    {
        failure.log("the session a browser brought to signing in was not ended");
    }
    response
}

/// Makes the browser of this session known to its person, as they sign in from now on (A46).
async fn remember_browser(parts: &Parts, session: Option<&Token>, response: &mut Response) {
    if let Some(session) = session
        && let Ok(tools) = door::tools_of(parts)
        && let Some(device) = service::known_device(&tools, session).await
    {
        response.headers_mut().append(header::SET_COOKIE, cookies::set_device(&device));
    }
}
