//! The doors to collected posts.

use super::model::PostsPage;
use crate::{error::AppError, ids::AccountId};
use leptos::prelude::*;

/// The posts of an account that follow a place, newest first. Any role may read them.
///
/// # Errors
/// Without a session, or when the organization has no such account.
#[server(endpoint = "list_posts")]
pub async fn list_posts(
    /// Whose posts.
    account: AccountId,
    /// The place, as a page named it; the newest posts where it cannot be read.
    before: String,
) -> Result<PostsPage, AppError> {
    use super::service;
    use crate::server::door;
    let work = door::member().await?;
    Ok(service::posts(&work, account, before.parse().ok()).await?)
}
