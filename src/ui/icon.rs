//! One drawing of the sprite `public/icons.svg`. Icons only repeat what words beside them say, so they are
//! hidden from screen readers.

use leptos::prelude::*;

/// A small drawing in the colour of the text around it.
#[component]
pub fn Icon(
    /// The drawing's name: accounts, activity, album, check, chevron, clock, close, copy, exclamation, external, image,
    /// info, link, lock, members, person, plus, refresh, settings, sign-out, video, warning.
    name: &'static str,
) -> impl IntoView {
    view! {
        <svg class="icon" aria-hidden="true" width="20" height="20">
            <use_ href=format!("/icons.svg#{name}") />
        </svg>
    }
}
