//! Making a new URL for the request of one account, and showing it: what pending and dead accounts have in common.

use crate::{
    ids::AccountId,
    links::server_fns::RegenerateRequest,
    organizations::components::WindowField,
    ui::{CopyField, ErrorView, Icon},
};
use leptos::{ev::MouseEvent, prelude::*};

/// The button that makes a new URL; a URL that was made before is dead then.
#[component]
pub fn MakeRequestUrl(
    /// Which account.
    account: AccountId,
    /// Makes it.
    action: ServerAction<RegenerateRequest>,
    /// The button's icon.
    icon: &'static str,
    /// What the button says.
    #[prop(into)]
    words: Signal<&'static str>,
    /// The id of the element that names the account.
    named_by: String,
) -> impl IntoView {
    let pending = action.pending();
    // A second press would kill the URL of the first. The button keeps the focus, which a disabled one would lose.
    let once = move |event: MouseEvent| {
        if pending.get_untracked() {
            event.prevent_default();
        }
    };
    view! {
        <ActionForm action>
            <WindowField />
            <input type="hidden" name="account" value=account.to_string() />
            <button
                class="button button-quiet"
                type="submit"
                aria-busy=move || pending.get().then_some("true")
                aria-describedby=named_by
                on:click=once
            >
                <Icon name=icon />
                <span>{move || words.get()}</span>
            </button>
        </ActionForm>
    }
}

/// The URL that was just made, copied at once, or why there is none; else the one the page was opened to show.
#[component]
pub fn RequestUrl(
    /// What made it.
    action: ServerAction<RegenerateRequest>,
    /// The URL of the live request, where the page was opened to show it.
    shown: Signal<Option<String>>,
) -> impl IntoView {
    let fresh = move || action.value().get().and_then(Result::ok).map(|request| request.url);
    let error = move || action.value().get().and_then(Result::err);
    view! {
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
