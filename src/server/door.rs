//! Who stands at the door. Every server function and every plain route begins here: it turns a request into
//! [`Work`], or refuses. During server rendering a server function runs in process, past every layer of the
//! router, so whatever has to be checked is checked here.

use super::{config::Config, cookies};
use crate::{
    error::AppError,
    failure::Failure,
    identity,
    ids::OrganizationId,
    organizations::model::Permission,
    paths,
    secret::Token,
    work::{Client, ClientWork, MemberWork, Tools, Work},
};
use futures::FutureExt;
use http::{HeaderName, HeaderValue, StatusCode, header, request::Parts};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use std::{
    net::{IpAddr, Ipv4Addr},
    panic::AssertUnwindSafe,
    sync::Arc,
};

/// Where a request comes from, behind trusted proxies or not. The router puts it into each request.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

/// The client's side of the door: no session asked for.
///
/// # Errors
/// Only outside a request.
pub async fn client() -> Result<ClientWork, AppError> {
    Ok(client_of(&parts()?)?)
}

/// A signed-in member.
///
/// # Errors
/// [`AppError::SignInNeeded`] without a live session.
pub async fn member() -> Result<MemberWork, AppError> {
    Ok(member_of(&parts()?).await?)
}

/// A signed-in member on a page; without a session the visitor is sent to sign in.
///
/// # Errors
/// [`AppError::SignInNeeded`], together with the redirect.
pub async fn member_page() -> Result<MemberWork, AppError> {
    let member = member().await;
    if member.as_ref().is_err_and(|error| *error == AppError::SignInNeeded) {
        see_other(paths::SIGN_IN);
    }
    member
}

/// A signed-in member who changes something, in a window of the organization they work for (see [`check_window`]).
///
/// # Errors
/// [`AppError::SignInNeeded`], or those of [`check_window`].
pub async fn member_in(organization_id: &str) -> Result<MemberWork, AppError> {
    let work = member().await?;
    check_window(&work, organization_id)?;
    Ok(work)
}

/// A signed-in member whose role allows this (A15, A52), in a window of the organization they work for.
///
/// # Errors
/// [`AppError::SignInNeeded`], those of [`check_window`], or [`AppError::Forbidden`].
pub async fn permitted(organization_id: &str, permission: Permission) -> Result<MemberWork, AppError> {
    let work = member_in(organization_id).await?;
    if work.actor.role.may(permission) { Ok(work) } else { Err(AppError::Forbidden) }
}

/// Refuses the form of a window that was opened for another organization (A51). A switch in one window is a switch in
/// all of them, and what was meant for one organization must not happen to another. Every form with which a member
/// changes something carries the id of the organization that its page was about.
///
/// # Errors
/// [`AppError::OtherOrganization`], or [`AppError::Unreadable`] for a form that names none.
pub fn check_window(work: &MemberWork, organization_id: &str) -> Result<(), AppError> {
    let meant: OrganizationId = organization_id.parse().map_err(|_| AppError::Unreadable)?;
    if meant == work.actor.organization_id {
        return Ok(());
    }
    Err(AppError::OtherOrganization { current: work.actor.organization.clone() })
}

/// The client's side of the door, for a plain route.
///
/// # Errors
/// When the router lost its tools.
pub fn client_of(parts: &Parts) -> Result<ClientWork, Failure> {
    let user_agent = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let actor =
        Client { peer: peer_of(parts), bindings: cookies::bindings(&parts.headers), user_agent: user_agent.to_owned() };
    Ok(Work { actor, tools: tools_of(parts)?, from: Some(peer_of(parts)) })
}

/// A signed-in member, for a plain route.
///
/// # Errors
/// [`AppError::SignInNeeded`] without a live session.
pub async fn member_of(parts: &Parts) -> Result<MemberWork, Failure> {
    let tools = tools_of(parts)?;
    let token = cookies::session(&parts.headers).ok_or(AppError::SignInNeeded)?;
    let actor = identity::service::find_member(&tools, &token).await?.ok_or(AppError::SignInNeeded)?;
    Ok(Work { actor, tools, from: Some(peer_of(parts)) })
}

/// A signed-in member whose role allows this, for a plain route (A15, A52).
///
/// # Errors
/// [`AppError::SignInNeeded`] or [`AppError::Forbidden`].
pub async fn permitted_of(parts: &Parts, permission: Permission) -> Result<MemberWork, Failure> {
    let work = member_of(parts).await?;
    if work.actor.role.may(permission) { Ok(work) } else { Err(AppError::Forbidden.into()) }
}

/// The server's tools, which the router puts into each request.
///
/// # Errors
/// When it did not.
pub fn tools_of(parts: &Parts) -> Result<Arc<Tools>, Failure> {
    tools_of_extensions(&parts.extensions)
}

/// The same, where there is a request and no parts.
///
/// # Errors
/// When the router lost them.
pub fn tools_of_extensions(extensions: &http::Extensions) -> Result<Arc<Tools>, Failure> {
    extensions.get::<Arc<Tools>>().cloned().ok_or_else(|| Failure::internal("a request without tools"))
}

/// The settings that this server was started with, for the page that shows what has to be mended in them.
///
/// # Errors
/// Only outside a request.
pub fn config() -> Result<Arc<Config>, AppError> {
    Ok(config_of(&parts()?)?)
}

/// The same, for a plain route.
///
/// # Errors
/// When they were not put into the request.
pub fn config_of(parts: &Parts) -> Result<Arc<Config>, Failure> {
    parts.extensions.get::<Arc<Config>>().cloned().ok_or_else(|| Failure::internal("a request without settings"))
}

/// Where a request comes from.
pub fn peer_of(parts: &Parts) -> IpAddr {
    parts.extensions.get::<Peer>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0)
}

/// What the browser of this request brings along, for asking a signed-in person for their password again.
///
/// # Errors
/// Only outside a request.
pub fn visitor() -> Result<identity::service::Visitor, AppError> {
    Ok(visitor_of(&parts()?))
}

/// What the browser of a request brings along, for signing in and for the list of a person's sessions.
pub fn visitor_of(parts: &Parts) -> identity::service::Visitor {
    let user_agent = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    identity::service::Visitor {
        peer: peer_of(parts),
        user_agent: user_agent.to_owned(),
        device: cookies::device(&parts.headers),
    }
}

/// The token of the session that a request carries, for what a person does about their own sessions.
///
/// # Errors
/// [`AppError::SignInNeeded`] without one.
pub fn session() -> Result<Token, AppError> {
    cookies::session(&parts()?.headers).ok_or(AppError::SignInNeeded)
}

fn parts() -> Result<Parts, AppError> {
    use_context::<Parts>().ok_or_else(|| Failure::internal("a server function outside a request").into())
}

/// Runs what fills a page. A panic in it ends the task that renders, past every layer of the router, and the visitor would
/// wait for nothing: here it becomes a failure like any other (A80).
///
/// # Errors
/// Those of the work; [`AppError::Internal`] for a panic.
pub async fn unharmed<T>(work: impl Future<Output = Result<T, AppError>>) -> Result<T, AppError> {
    let panicked = |_| Err(Failure::internal("a server function panicked").into());
    AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(panicked)
}

/// Answers with 303 See Other, whatever the request accepts.
pub fn see_other(path: &str) {
    let (Some(options), Ok(location)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(path)) else {
        return;
    };
    options.insert_header(header::LOCATION, location);
    if !asked_by_our_script() {
        options.set_status(StatusCode::SEE_OTHER);
    } else {
        // Asked by our own page: it goes there itself and keeps the answer.
        options.insert_header(HeaderName::from_static("serverfnredirect"), HeaderValue::from_static(""));
    }
}

/// Sends a form that was submitted without JavaScript to its result; our own page needs no sending.
pub fn send_plain_form_to(path: &str) {
    if !asked_by_our_script() {
        see_other(path);
    }
}

/// Lets the browser look again in two seconds, with JavaScript or without. The address is written out: Instagram leaves
/// `#_` on the one the browser shows, and a refresh without an address would only jump to that.
pub fn refresh_at(path: &str) {
    if let (Some(options), Ok(value)) =
        (use_context::<ResponseOptions>(), HeaderValue::from_str(&format!("2; url={path}")))
    {
        options.insert_header(header::REFRESH, value);
    }
}

/// Sets the status of the response.
pub fn status(status: StatusCode) {
    if let Some(options) = use_context::<ResponseOptions>() {
        options.set_status(status);
    }
}

/// Sets the status of a page. Our own script is told in the answer itself what it is about, and would take a status like
/// 410 for a failure.
pub fn page_status(code: StatusCode) {
    if !asked_by_our_script() {
        status(code);
    }
}

/// Gives the response the status of a refusal, and says when to try again where that helps.
pub fn refuse(error: &AppError) {
    status(error.http_status());
    if let (Some(seconds), Some(options)) = (error.retry_after(), use_context::<ResponseOptions>()) {
        options.insert_header(header::RETRY_AFTER, seconds.into());
    }
}

/// Our own page's script asks for JSON; a browser that submits a form or opens a page never does.
fn asked_by_our_script() -> bool {
    use_context::<Parts>()
        .and_then(|parts| Some(parts.headers.get(header::ACCEPT)?.to_str().ok()?.contains("application/json")))
        .unwrap_or(false)
}
