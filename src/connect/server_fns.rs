//! The client's doors. A link's token opens its page; the cookie of the browser that started opens an attempt.

use super::model::{AttemptPage, CallbackParams};
use crate::{error::AppError, ids::AttemptId};
use leptos::prelude::*;

/// Redeems what Instagram sent the browser back with: stores the account, or says why not.
/// A known attempt of this browser is sent on to its own clean page; the answer here is for the others.
///
/// # Errors
/// Only for faults of ours; every refusal is an [`AttemptPage`].
#[server(endpoint = "redeem_connection")]
pub async fn redeem_connection(
    /// What the redirect carried.
    params: CallbackParams,
) -> Result<AttemptPage, AppError> {
    use super::service;
    use crate::{paths, server::door};
    door::unharmed(async {
        let work = door::client().await?;
        match service::redeem(&work, params).await? {
            service::Redeemed::Attempt(id, page) => {
                door::see_other(&paths::attempt(id));
                Ok(page)
            }
            service::Redeemed::Refused(page) => {
                door::status(http::StatusCode::BAD_REQUEST);
                Ok(page)
            }
        }
    })
    .await
}

/// How an attempt stands: for the browser that started it, and for members of the link's organization.
/// Holding the link is not enough.
///
/// # Errors
/// [`AppError::NotFound`] to everybody else.
#[server(endpoint = "pending_status")]
pub async fn pending_status(
    /// Which attempt.
    id: AttemptId,
) -> Result<AttemptPage, AppError> {
    use super::service;
    use crate::{paths, server::door};
    door::unharmed(async {
        let work = door::client().await?;
        let member = door::member().await.ok();
        let page = service::status(&work, id, member.map(|m| m.actor.organization_id)).await?;
        if page.state == super::model::AttemptState::Connecting {
            door::refresh_at(&paths::attempt(id));
        }
        Ok(page)
    })
    .await
}
