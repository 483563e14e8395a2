//! What the client's page shows. Reading it changes nothing: scanners and previews open links before people do (A07).

use crate::{connect::model::LinkPage, error::AppError};
use leptos::prelude::*;

/// Loads the page of a link, and sets the status of the response: 200, 404 or 410.
///
/// # Errors
/// When one peer asks for too many unknown links (A05), or on a fault of ours.
#[server(endpoint = "load_connect")]
pub async fn load_connect(
    /// The private part of the link.
    token: String,
) -> Result<LinkPage, AppError> {
    use crate::{connect::service, server::door};
    door::unharmed(async {
        let work = door::client().await?;
        let page = service::open(&work, &token).await?;
        match page {
            LinkPage::Open(_) | LinkPage::Fulfilled(Some(_)) => {}
            LinkPage::Unknown => door::page_status(http::StatusCode::NOT_FOUND),
            LinkPage::Inactive | LinkPage::Fulfilled(None) => door::page_status(http::StatusCode::GONE),
        }
        Ok(page)
    })
    .await
}
