//! Links that lead nowhere: never made, or not alive now. Neither page says anything about an organization (U09, U10).

use super::outcome::Outcome;
use crate::ui::{MailLink, site::use_site};
use leptos::prelude::*;

/// There never was such a link.
#[component]
pub fn UnknownLink() -> impl IntoView {
    view! {
        <Outcome heading="This link does not exist" icon="link">
            <p>
                "Part of the address may be missing. Copy the whole link from the message you received, or ask the person who sent it to you for a new one."
            </p>
            <AskSupport />
        </Outcome>
    }
}

/// The link is not alive. The client is not told why.
#[component]
pub fn InactiveLink() -> impl IntoView {
    view! {
        <Outcome heading="This link is not active right now" icon="link">
            <p>"Ask the person who sent it to you."</p>
            <AskSupport />
        </Outcome>
    }
}

/// Where else to turn, if the installation says.
#[component]
fn AskSupport() -> impl IntoView {
    use_site()
        .support_email
        .map(|email| view! { <p class="small">"Still stuck? Write to " <MailLink email=email /> "."</p> })
}
