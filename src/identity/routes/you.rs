//! The forms of a person's own account. All post to its page, which says which one it was; whatever opens more than the
//! page itself asks for the password once more (A50).

use super::{remember_browser, service};
use crate::{
    error::AppError,
    failure::Failure,
    paths,
    secret::{SecretString, Token},
    server::{
        cookies, door,
        forms::{read, refused},
        pages,
    },
    ui::FormReply,
};
use axum::{extract::Request, response::Response};
use http::{StatusCode, header, request::Parts};
use serde::Deserialize;

/// Which form it is, and the fields of all of them.
#[derive(Deserialize)]
struct OwnForm {
    form: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    email_password: SecretString,
    #[serde(default)]
    old_password: SecretString,
    #[serde(default)]
    password: SecretString,
    #[serde(default)]
    two_factor_password: SecretString,
    #[serde(default)]
    codes_password: SecretString,
    #[serde(default)]
    code: String,
    #[serde(default)]
    session: String,
}

/// What came of a form.
enum Done {
    /// The page says so.
    Said(&'static str),
    /// The page says so, and the person, who has just given their password, signs in by something else from now on.
    Otherwise(&'static str),
    /// The page says so, and the session has another token.
    Renewed(&'static str, Token),
    /// The page shows something this one time.
    Once(Vec<String>),
}

/// `POST /you`. A browser stays known to its person when they sign in by something else from now on; never for a form
/// that asked for no password, or a borrowed session could make itself known.
pub async fn change(request: Request) -> Response {
    let (parts, form) = match read::<OwnForm>(request).await {
        Ok(read) => read,
        Err(parts) => return refused(paths::YOU, *parts, Vec::new(), AppError::Unreadable.into()).await,
    };
    let typed = vec![("email".to_owned(), form.email.clone())];
    let session = cookies::session(&parts.headers);
    let known = parts.clone();
    match perform(&parts, form).await {
        Ok(Done::Said(what)) => pages::see_other(&paths::you_did(what)),
        Ok(Done::Otherwise(what)) => {
            let mut response = pages::see_other(&paths::you_did(what));
            remember_browser(&known, session.as_ref(), &mut response).await;
            response
        }
        Ok(Done::Renewed(what, token)) => {
            let mut response = pages::see_other(&paths::you_did(what));
            response.headers_mut().append(header::SET_COOKIE, cookies::set_session(&token));
            remember_browser(&known, Some(&token), &mut response).await;
            response
        }
        Ok(Done::Once(shown)) => {
            let mut response =
                pages::render_at(paths::YOU, parts, StatusCode::OK, FormReply::showing_once(shown)).await;
            remember_browser(&known, session.as_ref(), &mut response).await;
            response
        }
        Err(Failure::Refused(AppError::SignInNeeded)) => pages::see_other(paths::SIGN_IN),
        Err(failure) => refused(paths::YOU, parts, typed, failure).await,
    }
}

async fn perform(parts: &Parts, form: OwnForm) -> Result<Done, Failure> {
    let work = door::member_of(parts).await?;
    let (tools, member) = (&*work.tools, &work.actor);
    let visitor = door::visitor_of(parts);
    let session = cookies::session(&parts.headers).ok_or(AppError::SignInNeeded)?;
    match form.form.as_str() {
        "email" => {
            service::change_email(tools, member, &form.email, form.email_password, &visitor).await?;
            Ok(Done::Said("email"))
        }
        "send_confirmation" => {
            service::ask_for_confirmation(tools, member).await?;
            Ok(Done::Said("sent"))
        }
        "keep_email" => {
            service::keep_email(tools, member).await?;
            Ok(Done::Said("kept"))
        }
        "password" => {
            let token = service::change_password(tools, member, form.old_password, form.password, &visitor).await?;
            Ok(Done::Renewed("password", token))
        }
        "start_two_factor" => {
            service::start_two_factor(tools, member, form.two_factor_password, &visitor).await?;
            Ok(Done::Said("two_factor_started"))
        }
        "forget_two_factor" => {
            service::forget_two_factor_setup(tools, member).await?;
            Ok(Done::Said("two_factor_forgotten"))
        }
        "confirm_two_factor" => Ok(Done::Once(service::confirm_two_factor(tools, member, &form.code, &visitor).await?)),
        "renew_codes" => {
            Ok(Done::Once(service::renew_recovery_codes(tools, member, form.codes_password, &visitor).await?))
        }
        "two_factor_off" => {
            service::turn_two_factor_off(tools, member, form.two_factor_password, &visitor).await?;
            Ok(Done::Otherwise("two_factor_off"))
        }
        "end_session" => {
            service::end_session(tools, member, &form.session, visitor.peer).await?;
            Ok(Done::Said("ended"))
        }
        "end_other_sessions" => {
            service::end_other_sessions(tools, member, &session, visitor.peer).await?;
            Ok(Done::Said("ended_others"))
        }
        _ => Err(AppError::Unreadable.into()),
    }
}
