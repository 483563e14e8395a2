//! Asks before a request is taken back: its link dies, and the client is not told.

use crate::{
    accounts::model::AccountView, links::server_fns::WithdrawRequest, organizations::components::WindowField, paths,
    ui::Answers,
};
use leptos::prelude::*;

/// The question and its two answers.
#[component]
pub fn WithdrawRequestForm(
    /// The pending account.
    account: AccountView,
    /// Takes the request back.
    action: ServerAction<WithdrawRequest>,
) -> impl IntoView {
    let error = Signal::derive(move || action.value().get().and_then(Result::err));
    let AccountView { id, username, .. } = account;
    view! {
        <p>
            "The link you sent for " <strong>{format!("@{username}")}</strong>
            " stops working at once, and the account leaves your list. You can ask for it again at any time."
        </p>
        <Answers close_path=paths::ACCOUNTS error>
            <ActionForm action>
                <WindowField />
                <input type="hidden" name="id" value=id.to_string() />
                <button
                    class="button button-danger"
                    type="submit"
                    aria-busy=move || action.pending().get().then_some("true")
                >
                    "Withdraw request"
                </button>
            </ActionForm>
        </Answers>
    }
}
