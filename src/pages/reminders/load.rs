//! What the page of a reminder's address shows. Reading it changes nothing: scanners open the links in a mail before
//! people do.

use crate::{error::AppError, organizations::model::RemindersView};
use leptos::prelude::*;

/// Loads how it stands with the reminders that a token is about; `None` when there is no such member. Whoever has the
/// token may ask.
///
/// # Errors
/// When the database does not answer.
#[server(endpoint = "load_reminders")]
pub async fn load_reminders(
    /// The token in the reminder.
    token: String,
) -> Result<Option<RemindersView>, AppError> {
    use crate::{organizations::service, server::door};
    door::unharmed(async {
        let work = door::client().await?;
        Ok(service::find_reminders(&work, &token).await?)
    })
    .await
}
