//! The doors to accounts.

use crate::{error::AppError, ids::AccountId};
use leptos::prelude::*;

/// Disconnects an account: its token is erased at once.
///
/// # Errors
/// Without a session, without the role, or when the organization has no such account.
#[server(endpoint = "disconnect_account")]
pub async fn disconnect_account(
    /// Which account.
    id: AccountId,
) -> Result<(), AppError> {
    use super::service;
    use crate::{paths, server::door};
    let work = door::sharer().await?;
    service::disconnect(&work, id).await?;
    door::send_plain_form_to(&paths::account_disconnected());
    Ok(())
}
