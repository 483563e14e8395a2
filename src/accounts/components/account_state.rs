//! The state of an account in one word.

use crate::{
    accounts::model::AccountState,
    ui::{Badge, Tone},
};
use leptos::prelude::*;

/// The state, in words and colour.
#[component]
#[expect(clippy::needless_pass_by_value, reason = "a component's properties are its own")]
pub fn AccountBadge(
    /// The state.
    state: AccountState,
) -> impl IntoView {
    let (tone, word) = match state {
        AccountState::Pending { .. } => (Tone::Neutral, "Pending"),
        AccountState::Active { .. } => (Tone::Success, "Active"),
        AccountState::NeedsReconnection => (Tone::Danger, "Needs reconnection"),
    };
    view! { <Badge tone>{word}</Badge> }
}
