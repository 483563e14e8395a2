//! For a browser that lives inside another app: such browsers often forget what they need between Instagram
//! and here (U12).

use crate::ui::{Banner, CopyField, Tone};
use leptos::prelude::*;

/// Asks the person to open this page in a browser of its own.
#[component]
pub fn InAppNotice(
    /// The app around this browser.
    app: String,
    /// This page's full address.
    page_url: String,
) -> impl IntoView {
    view! {
        <Banner tone=Tone::Warning>
            <p>
                <strong>"Open this page in Safari or Chrome."</strong>
                {format!(" You are in {app}'s own browser, where signing in often gets lost. Copy the link:")}
            </p>
            <CopyField label="Link to this page" value=page_url />
        </Banner>
    }
}
