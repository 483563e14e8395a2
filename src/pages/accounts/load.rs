//! What the dashboard shows.

use crate::{
    accounts::model::AccountView, error::AppError, identity::model::Member, links::model::RequestView,
    organizations::model::OrganizationChoice,
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// The dashboard's content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountsView {
    /// Who looks.
    pub member: Member,
    /// The organizations they belong to, for the switch from one to another.
    pub organizations: Vec<OrganizationChoice>,
    /// The accounts, newest first.
    pub accounts: Vec<AccountView>,
    /// The live requests for pending and dead ones. Empty for a viewer (A15).
    pub requests: Vec<RequestView>,
    /// Whether the organization's plan includes connect-links now (S25).
    pub links_included: bool,
    /// Whether who looks runs this installation, and others can reach it: they are led to what has to be set up (U35).
    pub sets_up: bool,
}

/// Loads the dashboard. Without a session the visitor is sent to sign in.
///
/// # Errors
/// Without a session.
#[server(endpoint = "load_accounts")]
pub async fn load_accounts() -> Result<AccountsView, AppError> {
    use crate::{
        accounts, billing, links,
        organizations::{members, model::Permission, service},
        server::door,
    };
    door::unharmed(async {
        let work = door::member_page().await?;
        let accounts = accounts::service::list(&work).await?;
        let organizations = members::service::choices(&work).await?;
        let may_share = work.actor.role.may(Permission::ShareLinks);
        let requests = if may_share { links::service::list_requests(&work).await? } else { Vec::new() };
        let links_included = billing::service::links_included(&work).await?;
        let sets_up = door::config()?.web.is_production() && service::runs_this(&work).await?;
        Ok(AccountsView { member: work.actor.clone(), organizations, accounts, requests, links_included, sets_up })
    })
    .await
}
