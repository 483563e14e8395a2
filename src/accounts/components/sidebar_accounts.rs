//! The accounts in the sidebar: handle and state, each a link to its page.

use super::AccountBadge;
use crate::{accounts::model::AccountView, ids::AccountId, paths, ui::Avatar};
use leptos::prelude::*;

/// The accounts as links.
#[component]
pub fn SidebarAccounts(
    /// The accounts, newest first.
    accounts: Signal<Vec<AccountView>>,
    /// The one whose page is open.
    #[prop(into)]
    open: Signal<Option<AccountId>>,
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
                                <a
                                    class="sidebar-link"
                                    class:sidebar-pending=move || account.with(AccountView::is_pending)
                                    href=paths::account(id)
                                    aria-current=move || (open.get() == Some(id)).then_some("page")
                                >
                                    {move || {
                                        let AccountView { username, picture, state, .. } = account.get();
                                        view! {
                                            <Avatar name=username.clone() picture />
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
