//! A quiet announcement: "Copied", "Link deleted". The region stands in the page from the start, because
//! screen readers announce only what changes inside one.

use leptos::prelude::*;

/// A place for short news; empty most of the time.
#[component]
pub fn Status(
    /// The news; empty for none.
    #[prop(into)]
    text: Signal<String>,
) -> impl IntoView {
    view! {
        <span class="status" role="status">
            {move || text.get()}
        </span>
    }
}
