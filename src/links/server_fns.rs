//! The doors to links. Each asks who it is, parses, calls the service and answers with a view.

use super::model::LinkView;
use crate::{error::AppError, ids::LinkId};
use leptos::prelude::*;

/// Makes a connect-link (S01, S11). A plain form is sent on to the page that shows it.
///
/// # Errors
/// Without a session, without the role, without a subscription (S25), or with too long a description.
#[server(endpoint = "generate_link")]
pub async fn generate_link(
    /// How the member will recognize the link; may be empty.
    description: String,
) -> Result<LinkView, AppError> {
    use super::{model::Description, service};
    use crate::{paths, server::door};
    let work = door::sharer().await?;
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
) -> Result<(), AppError> {
    use super::service;
    use crate::{paths, server::door};
    let work = door::sharer().await?;
    service::revoke(&work, id).await?;
    door::send_plain_form_to(&paths::link_deleted());
    Ok(())
}
