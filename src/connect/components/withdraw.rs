//! How a client takes access back, without asking anyone.

use crate::ui::MailLink;
use leptos::prelude::*;

/// The way through Instagram's settings.
#[component]
pub fn Withdraw(
    /// Who loses the access.
    organization: String,
    /// Whom to write to there.
    contact: String,
) -> impl IntoView {
    view! {
        <p>
            "In Instagram, open Settings → Apps and websites, choose this connection and press Remove. "
            <bdi>{organization}</bdi> " loses the access at once. You can also ask them to disconnect the account: "
            <MailLink email=contact />
        </p>
    }
}
