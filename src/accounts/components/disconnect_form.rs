//! Disconnecting an account: the button, the question with what ends at once and what the client has to do at
//! Instagram, and what is said when it is done.

use crate::{
    accounts::{
        model::{AccountState, AccountView},
        server_fns::DisconnectAccount,
    },
    ids::AccountId,
    organizations::components::WindowField,
    paths,
    token_death::TokenDeath,
    ui::{Answers, Go},
};
use leptos::prelude::*;

/// Where Instagram lists the app, and who can end that.
const STILL_LISTED: &str = "Instagram goes on listing the app until the client removes it there, under Settings → \
                            Website permissions → Apps and websites.";

/// Opens the question.
#[component]
pub fn DisconnectButton(
    /// Which account.
    account: AccountId,
    /// The id of the element that names the account.
    named_by: String,
) -> impl IntoView {
    view! {
        <Go path=paths::disconnect_account(account) class="button button-quiet button-danger" described_by=named_by>
            "Disconnect"
        </Go>
    }
}

/// The question and its two answers.
#[component]
pub fn DisconnectForm(
    /// Which account.
    account: AccountView,
    /// Disconnects it.
    action: ServerAction<DisconnectAccount>,
) -> impl IntoView {
    let error = Signal::derive(move || action.value().get().and_then(Result::err));
    let listed = is_listed(&account).then(|| view! { <p>{STILL_LISTED}</p> });
    let AccountView { id, username, .. } = account;
    let handle = format!("@{username}");
    view! {
        <p>
            "Your organization loses its access to " <strong>{handle}</strong>
            " at once, and the posts and pictures collected from it are deleted. To use the account again, it has to be connected again."
        </p>
        {listed}
        <Answers close_path=paths::ACCOUNTS error>
            <ActionForm action>
                <WindowField />
                <input type="hidden" name="id" value=id.to_string() />
                <button
                    class="button button-danger"
                    type="submit"
                    aria-busy=move || action.pending().get().then_some("true")
                >
                    "Disconnect"
                </button>
            </ActionForm>
        </Answers>
    }
}

/// What is said after an account was disconnected; without one, where the page does not know which it was.
pub fn disconnected(account: Option<&AccountView>) -> String {
    let who = account.map_or_else(|| "The account".to_owned(), |account| format!("@{}", account.username));
    let done = format!("{who} is disconnected, and the posts collected from it are deleted.");
    if account.is_none_or(is_listed) { format!("{done} {STILL_LISTED}") } else { done }
}

/// Whether Instagram lists the app for this account, as far as we know.
const fn is_listed(account: &AccountView) -> bool {
    !matches!(account.state, AccountState::NeedsReconnection { reason: TokenDeath::AppRemoved, .. })
}
