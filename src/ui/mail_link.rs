//! An email address that opens a message when pressed.

use leptos::prelude::*;

/// An address to write to.
#[component]
pub fn MailLink(
    /// The address.
    #[prop(into)]
    email: String,
) -> impl IntoView {
    let href = format!("mailto:{email}");
    view! { <a href=href>{email}</a> }
}
