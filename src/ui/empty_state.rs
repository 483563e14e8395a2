//! Where a list would be: what belongs here and how it gets here.

use leptos::prelude::*;

/// An empty list that teaches.
#[component]
pub fn EmptyState(
    /// What there is none of.
    #[prop(into)]
    heading: String,
    /// What to do, usually a sentence and a button.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="empty-state">
            <h2 class="empty-state-heading">{heading}</h2>
            {children()}
        </div>
    }
}
