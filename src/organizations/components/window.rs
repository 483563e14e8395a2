//! Which organization a window is about. A switch in one window of a browser is a switch in all of them; so every form
//! with which a member changes something says for which organization its page was made, and the door compares.

use crate::ids::OrganizationId;
use leptos::prelude::*;

/// The organization that the pages of this window are about; `None` until that is known. The frame around the pages
/// provides it.
#[derive(Clone, Copy)]
pub struct WindowOf(pub Signal<Option<OrganizationId>>);

/// The hidden field that says so. Every form of a member that changes something holds it.
#[component]
pub fn WindowField() -> impl IntoView {
    let window = use_context::<WindowOf>();
    let id = move || {
        let id = window.and_then(|WindowOf(id)| id.get());
        id.map(|id| id.to_string()).unwrap_or_default()
    };
    view! { <input type="hidden" name="organization_id" value=id /> }
}
