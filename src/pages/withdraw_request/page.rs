//! The question's screen: which account, what ends, "Withdraw request" or "Cancel".

use crate::{
    accounts::model::AccountView,
    ids::AccountId,
    links::{components::WithdrawRequestForm, server_fns::WithdrawRequest},
    pages::accounts::{
        board::{AccountsBoard, REQUEST_WITHDRAWN},
        page::ACCOUNTS_HEADING,
    },
    paths,
    ui::Question,
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// The question, over the dashboard.
#[component]
pub fn WithdrawRequestScreen() -> impl IntoView {
    let board = expect_context::<AccountsBoard>();
    let id: Option<AccountId> = use_params_map().with_untracked(|params| params.get_str("id")?.parse().ok());
    let action = ServerAction::<WithdrawRequest>::new();
    board.news.set(None);
    view! {
        <Question
            heading="Withdraw this request?"
            close_path=paths::ACCOUNTS
            find=move || async move { Ok(board.find(id).await?.filter(AccountView::is_pending)) }
            gone=gone
            ask=move |account| view! { <WithdrawRequestForm account action /> }
            done=Signal::derive(move || matches!(action.value().get(), Some(Ok(()))))
            on_done=move |()| id.into_iter().for_each(|id| board.removed(id, REQUEST_WITHDRAWN))
            focus_after=ACCOUNTS_HEADING
        />
    }
}

/// There is no such request (any more).
fn gone() -> &'static str {
    #[cfg(feature = "ssr")]
    crate::server::door::status(http::StatusCode::NOT_FOUND);
    "There is no such request any more. Nothing is left to do."
}
