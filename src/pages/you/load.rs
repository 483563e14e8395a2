//! What the page of a person's own account shows.

use crate::{error::AppError, identity::model::YouView};
use leptos::prelude::*;

/// Loads how a person signs in. Every role may: it is their own. Without a session the visitor is sent to sign in.
///
/// # Errors
/// Without a session.
#[server(endpoint = "load_you")]
pub async fn load_you() -> Result<YouView, AppError> {
    use crate::{identity::service, server::door};
    door::unharmed(async {
        let work = door::member_page().await?;
        Ok(service::view_own(&work, &work.actor, &door::session()?).await?)
    })
    .await
}
