//! The accounts as rows: what each is, how it stands, and the one thing to do about it (U25).

use super::{AccountBadge, row_id};
use crate::{
    accounts::model::{AccountState, AccountView},
    ids::AccountId,
    paths,
    ui::{Avatar, Go, When},
};
use leptos::{either::Either, prelude::*};

const DEAD_REASON: &str =
    "Instagram no longer lets us in. Share a connect-link with the client: connecting again brings this account back.";

/// The list of accounts. A row stays the same element while its account is in the list, so that news moves
/// nobody's focus.
#[component]
pub fn AccountRows(
    /// The accounts, newest first.
    accounts: Signal<Vec<AccountView>>,
    /// Whether this member may disconnect them.
    may_disconnect: bool,
    /// What can be done about a pending one.
    pending_actions: Callback<AccountId, AnyView>,
) -> impl IntoView {
    view! {
        <ul class="rows" role="list">
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
                        <li class="row" id=row_id(id)>
                            {move || view! { <AccountRow account=account.get() may_disconnect pending_actions /> }}
                        </li>
                    }
                }
            />
        </ul>
    }
}

/// What stands in a row.
#[component]
fn AccountRow(
    /// The account.
    account: AccountView,
    /// Whether this member may disconnect it.
    may_disconnect: bool,
    /// What can be done about a pending one.
    pending_actions: Callback<AccountId, AnyView>,
) -> impl IntoView {
    if account.is_pending() {
        return Either::Left(view! { <PendingRow account may_act=may_disconnect pending_actions /> });
    }
    let AccountView { id, username, display_name, account_type, state, since, through } = account;
    let access = match state.clone() {
        AccountState::Active { token_expires_at } => {
            Either::Left(view! { <span>"Access ends " <When moment=token_expires_at /></span> })
        }
        AccountState::Pending { .. } | AccountState::NeedsReconnection => {
            Either::Right(view! { <span class="row-reason">{DEAD_REASON}</span> })
        }
    };
    let through = through.map_or_else(
        || "Through a link without a description".to_owned(),
        |description| format!("Through “{description}”"),
    );
    let title_id = format!("{}-title", row_id(id));
    Either::Right(view! {
        <Avatar name=username.clone() />
        <div class="row-main">
            <p class="row-title" id=title_id.clone()>
                <strong>{format!("@{username}")}</strong>
                {display_name.map(|name| view! { <span class="row-name">{name}</span> })}
                <AccountBadge state />
            </p>
            <p class="row-meta">
                <span>{account_type}</span>
                <span>{through}</span>
            </p>
            <p class="row-meta">
                <span>"Connected " <When moment=since /></span>
                {access}
            </p>
        </div>
        {may_disconnect
            .then(|| {
                view! {
                    <div class="row-actions">
                        <Go path=paths::disconnect_account(id) class="button button-quiet button-danger" described_by=title_id.clone()>
                            "Disconnect"
                        </Go>
                    </div>
                }
            })}
    })
}

/// An account that was asked for: greyed out until its owner connects it (T20, T21).
#[component]
fn PendingRow(
    /// The account.
    account: AccountView,
    /// Whether this member may do something about it.
    may_act: bool,
    /// What.
    pending_actions: Callback<AccountId, AnyView>,
) -> impl IntoView {
    let AccountView { id, username, state, since, .. } = account;
    let mistake = match state.clone() {
        AccountState::Pending { mistaken_for } => mistaken_for,
        AccountState::Active { .. } | AccountState::NeedsReconnection => None,
    };
    view! {
        <div class="row-pending">
            <Avatar name=username.clone() />
            <div class="row-main">
                <p class="row-title" id=format!("{}-title", row_id(id))>
                    <strong>{format!("@{username}")}</strong>
                    <AccountBadge state />
                </p>
                <p class="row-meta">
                    <span>"Access requested " <When moment=since /></span>
                    {mistake
                        .map(|tried| {
                            view! {
                                <span class="row-reason">
                                    {format!("Wrong account: @{tried} tried. The client was asked for @{username}.")}
                                </span>
                            }
                        })}
                </p>
            </div>
        </div>
        {may_act.then(|| pending_actions.run(id))}
    }
}
