//! The doors to accounts.

use super::model::DeletionView;
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
    /// The organization that the window is about.
    #[server(default)]
    organization_id: String,
) -> Result<(), AppError> {
    use super::service;
    use crate::{organizations::model::Permission, paths, server::door};
    let work = door::permitted(&organization_id, Permission::ShareLinks).await?;
    service::disconnect(&work, id).await?;
    door::send_plain_form_to(&paths::account_disconnected());
    Ok(())
}

/// What became of a request to delete everything about an account, made through Instagram. Whoever has the code may ask.
///
/// # Errors
/// When the database does not answer.
#[server(endpoint = "deletion_status")]
pub async fn deletion_status(
    /// The code that Instagram was given.
    code: String,
) -> Result<Option<DeletionView>, AppError> {
    use super::service;
    use crate::server::door;
    door::unharmed(async {
        let work = door::client().await?;
        Ok(service::find_deletion(&work, &code).await?)
    })
    .await
}
