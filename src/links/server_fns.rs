//! The doors to links. Each asks who it is, parses, calls the service and answers with a view.

use super::model::{LinkView, RequestView};
use crate::{
    error::AppError,
    ids::{AccountId, LinkId},
};
use leptos::prelude::*;

/// Makes a connect-link (S01, S11). A plain form is sent on to the page that shows it.
///
/// # Errors
/// Without a session, without the role, without a subscription (S25), or with too long a description.
#[server(endpoint = "generate_link")]
pub async fn generate_link(
    /// How the member will recognize the link; may be empty.
    description: String,
    /// The organization that the window is about.
    #[server(default)]
    organization_id: String,
) -> Result<LinkView, AppError> {
    use super::{model::Description, service};
    use crate::{organizations::model::Permission, paths, server::door};
    let work = door::permitted(&organization_id, Permission::ShareLinks).await?;
    let link = service::generate(&work, Description::parse(&description)?).await?;
    door::send_plain_form_to(&paths::link_made(link.id));
    Ok(link)
}

/// Deletes a link: its URL is dead from the next request on (S23, S24).
///
/// # Errors
/// Without a session, without the role, or when the organization has no such live link.
#[server(endpoint = "revoke_link")]
pub async fn revoke_link(
    /// Which link.
    id: LinkId,
    /// The organization that the window is about.
    #[server(default)]
    organization_id: String,
) -> Result<(), AppError> {
    use super::service;
    use crate::{organizations::model::Permission, paths, server::door};
    let work = door::permitted(&organization_id, Permission::ShareLinks).await?;
    service::revoke(&work, id).await?;
    door::send_plain_form_to(&paths::link_deleted());
    Ok(())
}

/// Asks for access to the account with this name: a pending account and its request link (T06 to T08).
///
/// # Errors
/// Without a session, without the role, or when the name cannot be one or is known already.
#[server(endpoint = "request_access")]
pub async fn request_access(
    /// The account's name, with or without "@".
    username: String,
    /// The organization that the window is about.
    #[server(default)]
    organization_id: String,
) -> Result<RequestView, AppError> {
    use super::service;
    use crate::{accounts::model::Handle, organizations::model::Permission, paths, server::door};
    let work = door::permitted(&organization_id, Permission::ShareLinks).await?;
    let request = service::request_access(&work, &Handle::parse(&username)?).await?;
    door::send_plain_form_to(&paths::request_made(request.account_id));
    Ok(request)
}

/// Replaces the URL of a request; the old one is dead at once (T23, T24).
///
/// # Errors
/// Without a session, without the role, or when the organization has no such pending account.
#[server(endpoint = "regenerate_request")]
pub async fn regenerate_request(
    /// The pending account.
    account: AccountId,
    /// The organization that the window is about.
    #[server(default)]
    organization_id: String,
) -> Result<RequestView, AppError> {
    use super::service;
    use crate::{organizations::model::Permission, paths, server::door};
    let work = door::permitted(&organization_id, Permission::ShareLinks).await?;
    let request = service::regenerate_request(&work, account).await?;
    door::send_plain_form_to(&paths::request_shown(account));
    Ok(request)
}

/// Takes a request back: its URL is dead, and the pending account leaves the list.
///
/// # Errors
/// Without a session, without the role, or when the organization has no such pending account.
#[server(endpoint = "withdraw_request")]
pub async fn withdraw_request(
    /// The pending account.
    id: AccountId,
    /// The organization that the window is about.
    #[server(default)]
    organization_id: String,
) -> Result<(), AppError> {
    use super::service;
    use crate::{organizations::model::Permission, paths, server::door};
    let work = door::permitted(&organization_id, Permission::ShareLinks).await?;
    service::withdraw_request(&work, id).await?;
    door::send_plain_form_to(&paths::request_withdrawn());
    Ok(())
}
