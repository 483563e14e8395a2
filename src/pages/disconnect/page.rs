//! The question's screen: which account, what ends, "Disconnect" or "Cancel".

use crate::{
    accounts::{components::DisconnectForm, server_fns::DisconnectAccount},
    error::AppError,
    ids::AccountId,
    pages::accounts::{board::AccountsBoard, page::ACCOUNTS_HEADING},
    paths,
    ui::{CancelButton, Dialog, ErrorView, focus_soon},
};
use leptos::{either::EitherOf3, prelude::*};
use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_params_map},
};

const HEADING: &str = "Disconnect this account?";

/// The question, over the dashboard.
#[component]
pub fn DisconnectScreen() -> impl IntoView {
    let board = expect_context::<AccountsBoard>();
    let id: Option<AccountId> = use_params_map().with_untracked(|params| params.get_str("id")?.parse().ok());
    let action = ServerAction::<DisconnectAccount>::new();
    let navigate = use_navigate();
    let leave = move |()| {
        navigate(paths::ACCOUNTS, NavigateOptions { scroll: false, replace: true, ..NavigateOptions::default() });
    };
    board.news.set(None);

    Effect::new({
        let leave = leave.clone();
        move |_| {
            if let (Some(Ok(())), Some(id)) = (action.value().get(), id) {
                board.disconnected(id);
                leave(());
                focus_soon(ACCOUNTS_HEADING);
            }
        }
    });

    view! {
        <Title text=HEADING />
        <Dialog
            heading=HEADING
            open=Signal::stored(true)
            on_close=Callback::new(leave)
            alert=true
            close_path=paths::ACCOUNTS
        >
            <Suspense fallback=|| view! { <p role="status">"Loading…"</p> }>
                {move || Suspend::new(async move {
                    let account = match id {
                        Some(id) => board.find(id).await,
                        None => Ok(None),
                    };
                    match account {
                        Ok(Some(account)) => {
                            EitherOf3::A(view! { <DisconnectForm id=account.id username=account.username action /> })
                        }
                        Ok(None) => EitherOf3::B(view! { <Gone /> }),
                        Err(error) => EitherOf3::C(view! { <Failed error /> }),
                    }
                })}
            </Suspense>
        </Dialog>
    }
}

/// There is no such account (any more).
#[component]
fn Gone() -> impl IntoView {
    view! {
        <p>"This account is not connected to your organization. Nothing is left to do."</p>
        <CancelButton close_path=paths::ACCOUNTS />
    }
}

/// The account could not be looked up.
#[component]
fn Failed(
    /// Why.
    error: AppError,
) -> impl IntoView {
    view! {
        <ErrorView error />
        <CancelButton close_path=paths::ACCOUNTS />
    }
}
