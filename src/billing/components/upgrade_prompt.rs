//! Stands where links are made, for an organization whose plan does not include them (S26).

use crate::ui::{MailLink, site::use_site};
use leptos::{either::Either, prelude::*};

/// Says what is missing, what goes on working, and whom to ask.
#[component]
pub fn UpgradePrompt() -> impl IntoView {
    let whom = match use_site().support_email {
        Some(email) => Either::Left(view! {
            <p>
                "To upgrade, write to " <MailLink email /> "."
            </p>
        }),
        None => Either::Right(view! { <p>"To upgrade, ask whoever runs this installation."</p> }),
    };
    view! {
        <section class="upgrade stack">
            <h3>"Upgrade to share connect-links"</h3>
            <p>
                "Connect-links are part of the paid plans. With one, a client connects an Instagram account to your organization without sharing a password."
            </p>
            <p>
                "Accounts that are already connected stay connected. Links you shared earlier work again, unchanged, as soon as your plan includes them."
            </p>
            {whom}
        </section>
    }
}
