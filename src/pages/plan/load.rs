//! What the page of the plan shows.

use crate::{billing::model::PlanView, error::AppError};
use leptos::prelude::*;

/// Loads the plan of the member's organization. Every role may see it: each of them meets its limits. Without a session
/// the visitor is sent to sign in.
///
/// # Errors
/// Without a session.
#[server(endpoint = "load_plan")]
pub async fn load_plan() -> Result<PlanView, AppError> {
    use crate::{billing::service, server::door};
    door::unharmed(async {
        let work = door::member_page().await?;
        Ok(service::view(&work).await?)
    })
    .await
}
