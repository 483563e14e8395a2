//! The accounts in the sidebar: handle and state, each a link to its row.

use super::{AccountBadge, row_id};
use crate::{accounts::model::AccountView, paths, ui::Avatar};
use leptos::prelude::*;

/// The accounts as links.
#[component]
pub fn SidebarAccounts(
    /// The accounts, newest first.
    accounts: Signal<Vec<AccountView>>,
) -> impl IntoView {
    let some = Memo::new(move |_| accounts.with(|accounts| !accounts.is_empty()));
    view! {
        <Show when=move || some.get()>
            <ul class="sidebar-accounts" role="list">
                <For
                    each=move || accounts.get()
                    key=|account| account.id
                    children=move |first| {
                        let id = first.id;
                        let account = Memo::new(move |_| {
                            accounts
                                .with(|all| all.iter().find(|account| account.id == id).cloned())
                                .unwrap_or_else(|| first.clone())
                        });
                        view! {
                            <li>
                                <a class="sidebar-link" class:sidebar-pending=move || account.with(AccountView::is_pending) href=format!("{}#{}", paths::ACCOUNTS, row_id(id))>
                                    {move || {
                                        let AccountView { username, state, .. } = account.get();
                                        view! {
                                            <Avatar name=username.clone() />
                                            <span class="sidebar-handle">{format!("@{username}")}</span>
                                            <AccountBadge state />
                                        }
                                    }}
                                </a>
                            </li>
                        }
                    }
                />
            </ul>
        </Show>
    }
}
