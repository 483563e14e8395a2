//! Facts, each under its name: `<dt>` and `<dd>` in turn. Two columns where there is room, else one.

use leptos::prelude::*;

/// A list of names and what they stand for.
#[component]
pub fn Facts(
    /// `<dt>` and `<dd>` in turn.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="facts-place">
            <dl class="facts">{children()}</dl>
        </div>
    }
}
