//! What can be done about a pending account: a new URL for its request, or none any more (T23, T24).

use crate::{
    ids::AccountId,
    links::server_fns::RegenerateRequest,
    paths,
    ui::{CopyField, ErrorView, Go, Icon},
};
use leptos::prelude::*;

/// "Regenerate request link" and "Withdraw request". The new URL appears here and is copied at once.
#[component]
pub fn RequestActions(
    /// The pending account.
    account: AccountId,
    /// Its request's URL, where the page was opened to show it.
    #[prop(into)]
    shown: Signal<Option<String>>,
    /// The id of the element that names the account.
    named_by: String,
) -> impl IntoView {
    let action = ServerAction::<RegenerateRequest>::new();
    let pending = action.pending();
    let fresh = move || action.value().get().and_then(Result::ok).map(|request| request.url);
    let error = move || action.value().get().and_then(Result::err);
    let describes = named_by.clone();
    view! {
        <div class="row-actions">
            <ActionForm action>
                <input type="hidden" name="account" value=account.to_string() />
                <button
                    class="button button-quiet"
                    type="submit"
                    aria-busy=move || pending.get().then_some("true")
                    aria-describedby=describes
                >
                    <Icon name="refresh" />
                    <span>"Regenerate request link"</span>
                </button>
            </ActionForm>
            <Go path=paths::withdraw_request(account) class="button button-quiet button-danger" described_by=named_by>
                "Withdraw request"
            </Go>
        </div>
        {move || error().map(|error| view! { <ErrorView error /> })}
        // A new URL is a new field, so that it is copied anew.
        <For
            each=fresh
            key=Clone::clone
            children=|url| view! { <CopyField label="Request link URL" value=Signal::stored(url) at_once=true /> }
        />
        <Show when=move || fresh().is_none() && shown.with(Option::is_some)>
            <CopyField label="Request link URL" value=Signal::derive(move || shown.get().unwrap_or_default()) />
        </Show>
    }
}
