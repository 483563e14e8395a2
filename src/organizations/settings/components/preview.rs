//! A small picture of the client's page, beside the form of the settings: it follows what somebody types. Nothing in it
//! can be pressed.

use super::{
    brand::{AccentStyle, BrandMark},
    questions::shown,
};
use crate::organizations::settings::model::{Accent, Logo, Support};
use leptos::{html, prelude::*, web_sys};

/// What clients will see.
#[component]
pub fn BrandPreview(
    /// The organization's name.
    name: Signal<String>,
    /// Its logo.
    logo: Signal<Option<Logo>>,
    /// Its colour.
    accent: Signal<Option<Accent>>,
    /// Its support address; empty for none.
    support: Signal<String>,
    /// The member's own address.
    email: String,
) -> impl IntoView {
    let page = NodeRef::<html::Div>::new();
    // Style that a script sets is no style in the page: the policy allows it. Before there is a script, the stylesheet
    // of the colour that the page came with says the same.
    Effect::new(move |_| {
        let (Some(page), Some(accent)) = (page.get(), accent.get()) else { return };
        let style = web_sys::HtmlElement::style(&page);
        for (name, value) in accent.properties() {
            let _ = style.set_property(name, &value);
        }
    });
    view! {
        <figure class="preview">
            <figcaption class="preview-caption">"What your clients will see"</figcaption>
            <AccentStyle accent=accent.get_untracked() />
            <div
                node_ref=page
                class=move || if accent.get().is_some() { "preview-page brand" } else { "preview-page" }
            >
                {move || view! { <BrandMark name=name.get() logo=logo.get() /> }}
                <p>{email} " asks you to connect an Instagram account"</p>
                <p class="preview-button">"Continue to Instagram"</p>
                {move || {
                    let support = support.get();
                    (!support.is_empty())
                        .then(|| {
                            view! {
                                <p class="small">
                                    "Questions? Ask " <bdi>{move || name.get()}</bdi> ": "
                                    {shown(&Support::from_stored(&support))}
                                </p>
                            }
                        })
                }}
            </div>
        </figure>
    }
}
