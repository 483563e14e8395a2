//! What the connect-link dialog shows.

use crate::{error::AppError, links::model::LinkView};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// The dialog's content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectLinksView {
    /// The organization the links lead to, for the warning (U22).
    pub organization: String,
    /// Whether the plan includes connect-links now; without it the upgrade prompt stands here (S26).
    pub included: bool,
    /// Whether the member's role may make links, and see their URLs (A15).
    pub may_share: bool,
    /// The live links, newest first (S18). For a viewer without their URLs.
    pub links: Vec<LinkView>,
}

/// Loads the dialog.
///
/// # Errors
/// Without a session.
#[server(endpoint = "load_connect_links")]
pub async fn load_connect_links() -> Result<ConnectLinksView, AppError> {
    use crate::{billing, links, organizations::model::Permission, server::door};
    door::unharmed(async {
        let work = door::member_page().await?;
        let may_share = work.actor.role.may(Permission::ShareLinks);
        let mut links = links::service::list(&work).await?;
        if !may_share {
            links.iter_mut().for_each(|link| link.url.clear());
        }
        Ok(ConnectLinksView {
            organization: work.actor.organization.clone(),
            included: billing::service::links_included(&work).await?,
            may_share,
            links,
        })
    })
    .await
}
