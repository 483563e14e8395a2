//! The link that was just made: its URL, large, ready to be copied, and what it is good for (S11, U22).

use crate::{
    links::model::LinkView,
    ui::{Banner, CopyField, Tone},
};
use leptos::prelude::*;

/// The fresh link; nothing while there is none.
#[component]
pub fn MadeLink(
    /// The link.
    #[prop(into)]
    link: Signal<Option<LinkView>>,
    /// Where whoever holds it connects an account to.
    organization: String,
) -> impl IntoView {
    view! {
        // A new link is a new field, so that its "Copy" takes the focus.
        <For
            each=move || link.get()
            key=|link| link.id
            children=move |link| view! { <Fresh url=link.url organization=organization.clone() /> }
        />
    }
}

/// One fresh link.
#[component]
fn Fresh(
    /// Its URL.
    url: String,
    /// Where it leads.
    organization: String,
) -> impl IntoView {
    let warning =
        format!("Anyone with this link can connect an Instagram account to {organization}. It cannot see your data.");
    view! {
        <div class="made-link stack">
            <CopyField label="Connect-link URL" value=Signal::stored(url) autofocus=true />
            <Banner tone=Tone::Warning>{warning}</Banner>
        </div>
    }
}
