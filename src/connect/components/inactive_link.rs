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

/// The one connection the link was for has been made, in another browser than this one.
#[component]
pub fn FulfilledLink() -> impl IntoView {
    view! {
        <Outcome heading="This request is done already" icon="check">
            <p>"The account has been connected, and nothing more is needed. If that was not you, ask the person who sent you the link."</p>
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
