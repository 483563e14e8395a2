//! What the checklist shows.

use crate::error::AppError;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// A line of the checklist.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct CheckRow {
    /// What it is about.
    pub name: String,
    /// "ok", "warning" or "failed".
    pub outcome: String,
    /// What was found.
    pub found: String,
    /// How to mend it; empty where there is nothing to mend.
    pub remedy: String,
    /// The words on the button that tries it; empty where there is nothing to try.
    pub button: String,
}

/// Loads what can be said without asking anybody. Without a session the visitor is sent to sign in.
///
/// # Errors
/// Without a session, or for anybody but an owner of the first organization.
#[server(endpoint = "load_checklist")]
pub async fn load_checklist() -> Result<Vec<CheckRow>, AppError> {
    use crate::{
        organizations::service::must_run_this,
        server::{checks, door},
    };
    door::unharmed(async {
        let work = door::member_page().await?;
        must_run_this(&work).await?;
        let config = door::config()?;
        let row = |check: checks::Check| CheckRow {
            name: check.name.to_owned(),
            outcome: check.outcome.as_str().to_owned(),
            found: check.found,
            remedy: check.remedy.unwrap_or_default(),
            button: checks::button(&config, check.name).unwrap_or_default().to_owned(),
        };
        Ok(checks::at_hand(&config).into_iter().map(row).collect())
    })
    .await
}
