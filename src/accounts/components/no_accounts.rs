//! The dashboard before the first account: what this is, what to press, and what the client will see.

use crate::ui::{Avatar, EmptyState};
use leptos::prelude::*;

/// The empty dashboard.
#[component]
pub fn NoAccounts(
    /// The organization the client will read.
    organization: String,
    /// The member's address, which the client will read.
    email: String,
    /// Whether this member may make links.
    may_share: bool,
) -> impl IntoView {
    let what_to_do = if may_share {
        "Press “Share a connect-link”, generate a link and send it to your client, in any way you like. The account appears here the moment they have connected it."
    } else {
        "Once a colleague has shared a connect-link and the client has used it, the account appears here."
    };
    view! {
        <EmptyState heading="No Instagram accounts yet">
            <p>"Your clients connect their accounts themselves, and nobody shares a password."</p>
            <p>{what_to_do}</p>
            <ClientPreview organization email />
        </EmptyState>
    }
}

/// The client's page, small. A picture: nothing in it can be pressed.
#[component]
fn ClientPreview(
    /// Who asks.
    organization: String,
    /// Which person of it.
    email: String,
) -> impl IntoView {
    view! {
        <figure class="preview">
            <figcaption class="preview-caption">"What your client will see"</figcaption>
            <div class="preview-page">
                <p class="preview-from">
                    <Avatar name=organization.clone() />
                    <strong>{organization.clone()}</strong>
                </p>
                <p>{format!("{email} asks you to connect an Instagram account to {organization}.")}</p>
                <p class="preview-button">"Continue to Instagram"</p>
            </div>
        </figure>
    }
}
