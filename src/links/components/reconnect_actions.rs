//! What can be done about a dead account: connect it again oneself, or ask the client to (T25, T26).

use super::request_url::{MakeRequestUrl, RequestUrl};
use crate::{
    ids::AccountId, links::server_fns::RegenerateRequest, organizations::components::WindowField, paths, ui::Icon,
};
use leptos::prelude::*;

/// "Log in again" and "Ask the client to reconnect". The URL for the client appears here and is copied at once.
#[component]
pub fn ReconnectActions(
    /// The dead account.
    account: AccountId,
    /// Whether the client was asked already, so that asking again kills the URL they have.
    #[prop(into)]
    asked: Signal<bool>,
    /// Its request's URL, where the page was opened to show it.
    #[prop(into)]
    shown: Signal<Option<String>>,
    /// The id of the element that names the account.
    named_by: String,
    /// What else can be done.
    children: Children,
) -> impl IntoView {
    let action = ServerAction::<RegenerateRequest>::new();
    let asked_now = move || action.value().with(|answer| matches!(answer, Some(Ok(_))));
    let words = Signal::derive(move || {
        if asked.get() || asked_now() { "Regenerate request link" } else { "Ask the client to reconnect" }
    });
    view! {
        <div class="row-actions">
            // The red exclamation of TINT's, with words beside it.
            <form class="go log-in-again" method="post" action=paths::LOG_IN_TO_ACCOUNT>
                <WindowField />
                <input type="hidden" name="account" value=account.to_string() />
                <button class="button button-secondary" type="submit" aria-describedby=named_by.clone()>
                    <Icon name="exclamation" />
                    <span>"Log in again"</span>
                </button>
            </form>
            <MakeRequestUrl account action icon="link" words named_by />
            {children()}
        </div>
        <RequestUrl action shown />
    }
}
