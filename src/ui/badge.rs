//! A state in one or two words, with its icon and colour.

use super::{Icon, Tone};
use leptos::prelude::*;

/// A state in words.
#[component]
pub fn Badge(
    /// What the state means.
    tone: Tone,
    /// Its icon, where another one than the tone's says more.
    #[prop(optional_no_strip)]
    icon: Option<&'static str>,
    /// The words.
    children: Children,
) -> impl IntoView {
    view! {
        <span class=format!("badge {}", tone.class())>
            <Icon name=icon.unwrap_or(tone.icon()) />
            <span>{children()}</span>
        </span>
    }
}
