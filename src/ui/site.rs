//! What every page says of the installation it runs on. The server provides it; the browser reads it from the page.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// Facts of the installation that pages show.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// The sandbox stands in for Instagram; every page says so.
    pub sandbox: bool,
    /// Organizations have plans here, and something is limited.
    pub plans: bool,
    /// Nobody makes an account here without an invitation.
    pub by_invitation: bool,
    /// Whom to ask for help (S42).
    pub support_email: Option<String>,
    /// The reference of this request, which stands in the log beside it (U34).
    pub request_id: String,
}

/// The installation's facts, on either side.
pub fn use_site() -> Site {
    use_context::<Site>().unwrap_or_default()
}
