//! The accounts as rows: what each is, how it stands, and the one thing to do about it (U25).

use super::{
    AccountBadge,
    account_state::{Standing, mistake, why_dead},
    row_id, title_id,
};
use crate::{
    accounts::model::{AccountState, AccountView},
    ids::AccountId,
    paths,
    ui::{Avatar, When},
};
use leptos::{either::Either, prelude::*};

/// The list of accounts. A row stays the same element while its account is in the list, and its buttons while the
/// account stands as it did: news moves nobody's focus, and takes away no URL that was just made.
#[component]
pub fn AccountRows(
    /// The accounts, newest first.
    accounts: Signal<Vec<AccountView>>,
    /// Whether this member may do something about them now.
    #[prop(into)]
    may_act: Signal<bool>,
    /// What can be done about one that stands so.
    actions: Callback<(AccountId, Standing), AnyView>,
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
                    let standing = Memo::new(move |_| account.with(Standing::of));
                    view! {
                        <li class="row" id=row_id(id)>
                            {move || view! { <AccountRow account=account.get() /> }}
                            {move || may_act.get().then(|| actions.run((id, standing.get())))}
                        </li>
                    }
                }
            />
        </ul>
    }
}

/// What stands in a row, before the buttons.
#[component]
fn AccountRow(
    /// The account.
    account: AccountView,
) -> impl IntoView {
    if account.is_pending() {
        return Either::Left(view! { <PendingRow account /> });
    }
    let mistake = mistake(&account);
    let AccountView { id, username, display_name, picture, account_type, state, since, through } = account;
    let more = match state.clone() {
        AccountState::Active { token_expires_at } => {
            Some(Either::Left(view! { <span>"Access ends " <When moment=token_expires_at /></span> }))
        }
        AccountState::NeedsReconnection { reason, .. } => Some(Either::Right(view! {
            <span class="row-reason">{why_dead(reason)}</span>
            <span>"Nothing is collected until it is connected again."</span>
            <Mistake mistake />
        })),
        AccountState::Pending { .. } => None,
    };
    let through = through.map_or_else(
        || "Through a link without a description".to_owned(),
        |description| format!("Through “{description}”"),
    );
    Either::Right(view! {
        <Avatar name=username.clone() picture />
        <div class="row-main">
            <p class="row-title" id=title_id(id)>
                <Handle id username />
                {display_name.map(|name| view! { <span class="row-name">{name}</span> })}
                <AccountBadge state />
            </p>
            <p class="row-meta">
                <span>{account_type}</span>
                <span>{through}</span>
            </p>
            <p class="row-meta">
                <span>"Connected " <When moment=since /></span>
                {more}
            </p>
        </div>
    })
}

/// An account that was asked for: greyed out until its owner connects it (T20, T21).
#[component]
fn PendingRow(
    /// The account.
    account: AccountView,
) -> impl IntoView {
    let mistake = mistake(&account);
    let AccountView { id, username, state, since, .. } = account;
    view! {
        <div class="row-pending">
            <Avatar name=username.clone() />
            <div class="row-main">
                <p class="row-title" id=title_id(id)>
                    <Handle id username />
                    <AccountBadge state />
                </p>
                <p class="row-meta">
                    <span>"Access requested " <When moment=since /></span>
                    <Mistake mistake />
                </p>
            </div>
        </div>
    }
}

/// The name, which leads to the account's page.
#[component]
fn Handle(
    /// The account.
    id: AccountId,
    /// Its handle, without "@".
    username: String,
) -> impl IntoView {
    view! {
        <a class="row-handle" href=paths::account(id)>
            <strong>{format!("@{username}")}</strong>
        </a>
    }
}

/// That somebody tried to connect another account.
#[component]
fn Mistake(
    /// The sentence; `None` when nobody did.
    mistake: Option<String>,
) -> impl IntoView {
    mistake.map(|mistake| view! { <span class="row-reason">{mistake}</span> })
}
