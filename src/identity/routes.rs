//! The plain forms of signing up, in and out: ordinary posts, so that they work before and without JavaScript, and
//! password managers understand them. A refused form comes back with everything typed but the password.

use super::service;
use crate::{
    error::AppError,
    failure::Failure,
    paths,
    secret::{SecretString, Token},
    server::{cookies, door, pages},
    ui::FormReply,
};
use axum::{Form, extract::FromRequest, extract::Path, extract::Request, response::Response};
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
        service::sign_up(&tools, &form.organization, &form.email, form.password).await
    };
    match signed_up.await {
        Ok(token) => signed_in(&parts, &form.email, &token).await,
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
        let device = cookies::device(&parts.headers);
        service::sign_in(&tools, &form.email, form.password, door::peer_of(&parts), device.as_deref()).await
    };
    match result.await {
        Ok(token) => signed_in(&parts, &form.email, &token).await,
        Err(failure) => refused(paths::SIGN_IN, parts, vec![("email".into(), form.email)], failure).await,
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

/// `GET /reset-password/{token}`: the form, or the sentence that the link is dead.
pub async fn show_reset_password(Path(token): Path<String>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let live = async {
        match Token::parse(&token) {
            Some(token) => service::reset_is_live(&*door::tools_of(&parts)?, &token).await,
            None => Ok(false),
        }
    };
    match live.await {
        Ok(true) => pages::render_at(&paths::reset_password(&token), parts, StatusCode::OK, FormReply::default()).await,
        Ok(false) => refused(&paths::reset_password(&token), parts, Vec::new(), AppError::NotFound.into()).await,
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
        Ok(()) => pages::see_other(paths::SIGN_IN),
        Err(failure) => refused(&path, parts, Vec::new(), failure).await,
    }
}

/// Parts and form of a request; the parts alone when the body is not that form.
async fn read<T: for<'de> Deserialize<'de>>(request: Request) -> Result<(Parts, T), Box<Parts>> {
    let (parts, body) = request.into_parts();
    match Form::<T>::from_request(Request::from_parts(parts.clone(), body), &()).await {
        Ok(Form(form)) => Ok((parts, form)),
        Err(_) => Err(Box::new(parts)),
    }
}

/// Gives the browser its new session, and ends the one it brought: whoever knew that one knows nothing now (A42).
async fn signed_in(parts: &Parts, email: &str, token: &Token) -> Response {
    let mut response = pages::see_other(paths::ACCOUNTS);
    response.headers_mut().append(header::SET_COOKIE, cookies::set_session(token));
    let Ok(tools) = door::tools_of(parts) else { return response };
    if let Some(device) = service::known_device(&tools, email) {
        response.headers_mut().append(header::SET_COOKIE, cookies::set_device(&device));
    }
    if let Some(old) = cookies::session(&parts.headers)
        && let Err(failure) = service::sign_out(&tools, &old).await
    {
        failure.log("the session a browser brought to signing in was not ended");
    }
    response
}

/// The same page again, with what was typed and what to mend.
async fn refused(path: &str, parts: Parts, typed: Vec<(String, String)>, failure: Failure) -> Response {
    let error = AppError::from(failure);
    let reply = FormReply::refused(typed, error.clone());
    let mut response = pages::render_at(path, parts, error.http_status(), reply).await;
    pages::say_when_to_retry(&mut response, &error);
    response
}
