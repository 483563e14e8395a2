//! What the page of the activity shows.

use crate::{audit::model::ActivityView, error::AppError};
use leptos::prelude::*;

/// Loads a page of what happened. Without a session the visitor is sent to sign in. What cannot be asked for is part of
/// the answer: the form says what to mend.
///
/// # Errors
/// Without a session, or without the role.
#[server(endpoint = "load_audit")]
pub async fn load_audit(
    /// By whom, as stored; everybody where it is empty or missing.
    who: Option<String>,
    /// What was done, as stored; everything where it is empty or missing.
    what: Option<String>,
    /// The first day, like 2026-11-26.
    from: Option<String>,
    /// The last day.
    to: Option<String>,
    /// The place after which the entries begin; the newest where there is none, or where it cannot be read.
    before: Option<String>,
) -> Result<ActivityView, AppError> {
    use crate::{
        audit::{model::Asked, service},
        organizations::model::Permission,
        server::door,
    };
    door::unharmed(async {
        let work = door::member_page().await?;
        if !work.actor.role.may(Permission::ReadAudit) {
            return Err(AppError::Forbidden);
        }
        let asked = Asked {
            who: who.unwrap_or_default(),
            what: what.unwrap_or_default(),
            from: from.unwrap_or_default(),
            to: to.unwrap_or_default(),
        };
        let view = service::page(&work, asked, before.and_then(|place| place.parse().ok())).await?;
        if view.refused.is_some() {
            door::page_status(http::StatusCode::UNPROCESSABLE_ENTITY);
        }
        Ok(view)
    })
    .await
}
