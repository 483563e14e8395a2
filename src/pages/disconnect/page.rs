//! The question's screen: which account, what ends, "Disconnect" or "Cancel".

use crate::{
    accounts::{components::DisconnectForm, server_fns::DisconnectAccount},
    ids::AccountId,
    pages::accounts::{board::AccountsBoard, page::ACCOUNTS_HEADING},
    paths,
    ui::Question,
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// The question, over the dashboard.
#[component]
pub fn DisconnectScreen() -> impl IntoView {
    let board = expect_context::<AccountsBoard>();
    let id: Option<AccountId> = use_params_map().with_untracked(|params| params.get_str("id")?.parse().ok());
    let action = ServerAction::<DisconnectAccount>::new();
    board.news.set(None);
    view! {
        <Question
            heading="Disconnect this account?"
            close_path=paths::ACCOUNTS
            find=move || board.find(id)
            gone=gone
            ask=move |account| view! { <DisconnectForm account action /> }
            done=Signal::derive(move || matches!(action.value().get(), Some(Ok(()))))
            on_done=move |()| id.into_iter().for_each(|id| board.disconnected(id))
            focus_after=ACCOUNTS_HEADING
        />
    }
}

/// There is no such account (any more).
fn gone() -> &'static str {
    #[cfg(feature = "ssr")]
    crate::server::door::status(http::StatusCode::NOT_FOUND);
    "This account is not connected to your organization. Nothing is left to do."
}
