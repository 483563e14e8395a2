//! Asks before an account is disconnected: what ends at once, and what the client has to do at Instagram.

use crate::{
    accounts::{model::AccountView, server_fns::DisconnectAccount},
    paths,
    ui::Answers,
};
use leptos::prelude::*;

/// The question and its two answers.
#[component]
pub fn DisconnectForm(
    /// Which account.
    account: AccountView,
    /// Disconnects it.
    action: ServerAction<DisconnectAccount>,
) -> impl IntoView {
    let error = Signal::derive(move || action.value().get().and_then(Result::err));
    let AccountView { id, username, .. } = account;
    let handle = format!("@{username}");
    view! {
        <p>
            "Your organization loses its access to " <strong>{handle}</strong>
            " at once. To use the account again, it has to be connected again."
        </p>
        <p>
            "Instagram goes on listing the app until the client removes it there, under Settings → Apps and websites."
        </p>
        <Answers close_path=paths::ACCOUNTS error>
            <ActionForm action>
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
