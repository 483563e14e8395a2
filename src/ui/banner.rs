//! A message that concerns the whole page or the whole dialog.

use super::{Icon, Tone};
use leptos::prelude::*;

/// A message in a box.
#[component]
pub fn Banner(
    /// What the message means.
    tone: Tone,
    /// "status" or "alert" where the message answers what the person just did.
    #[prop(optional)]
    role: Option<&'static str>,
    /// The message.
    children: Children,
) -> impl IntoView {
    view! {
        <div class=format!("banner {}", tone.class()) role=role>
            <Icon name=tone.icon() />
            <div class="banner-text">{children()}</div>
        </div>
    }
}
