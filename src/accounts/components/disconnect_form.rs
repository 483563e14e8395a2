//! Asks before an account is disconnected: what ends at once, and what the client has to do at Instagram.

use crate::{
    accounts::server_fns::DisconnectAccount,
    ids::AccountId,
    paths,
    ui::{CancelButton, ErrorView},
};
use leptos::prelude::*;

/// The question and its two answers.
#[component]
#[expect(clippy::needless_pass_by_value, reason = "a component's properties are its own")]
pub fn DisconnectForm(
    /// Which account.
    id: AccountId,
    /// Its handle, without "@".
    username: String,
    /// Disconnects it.
    action: ServerAction<DisconnectAccount>,
) -> impl IntoView {
    let error = move || action.value().get().and_then(Result::err);
    let handle = format!("@{username}");
    view! {
        <p>
            "Your organization loses its access to " <strong>{handle}</strong>
            " at once. To use the account again, it has to be connected again."
        </p>
        <p>
            "Instagram goes on listing the app until the client removes it there, under Settings → Apps and websites."
        </p>
        {move || error().map(|error| view! { <ErrorView error /> })}
        <div class="dialog-actions">
            <CancelButton close_path=paths::ACCOUNTS />
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
        </div>
    }
}
