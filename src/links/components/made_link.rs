//! The link that was just made: its URL, large, ready to be copied, and what it is good for (S11, U22).

use crate::{
    links::model::LinkView,
    ui::{Banner, CopyField, Tone},
};
use leptos::{html, prelude::*, wasm_bindgen::JsCast, web_sys};

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
    let node = NodeRef::<html::Div>::new();
    // The browser heeds `autofocus` only while a page loads.
    Effect::new(move |_| {
        let button = node.get().and_then(|node| node.query_selector("button").ok().flatten());
        if let Some(button) = button.and_then(|button| button.dyn_into::<web_sys::HtmlElement>().ok()) {
            let _ = button.focus();
        }
    });
    let warning =
        format!("Anyone with this link can connect an Instagram account to {organization}. It cannot see your data.");
    view! {
        <div class="made-link stack" node_ref=node>
            <CopyField label="Connect-link URL" value=Signal::stored(url) autofocus=true />
            <Banner tone=Tone::Warning>{warning}</Banner>
        </div>
    }
}
