//! What is known of an account, as a list of terms and facts: its access and when it is renewed, since when it is
//! connected, and through what.

use crate::{
    accounts::model::{AccessView, AccountState, AccountView},
    timestamp::Moment,
    ui::{Facts, When},
};
use leptos::prelude::*;

/// The facts of an account.
#[component]
pub fn AccountFacts(
    /// The account.
    account: AccountView,
    /// How its access is kept alive; `None` when it has none.
    access: Option<AccessView>,
) -> impl IntoView {
    let AccountView { account_type, state, since, through, .. } = account;
    let pending = matches!(state, AccountState::Pending { .. });
    let access = match state {
        AccountState::Active { token_expires_at } => Some(view! { <AccessFacts ends_at=token_expires_at access /> }),
        AccountState::Pending { .. } | AccountState::NeedsReconnection { .. } => None,
    };
    // Of an account that was only asked for, nothing but its name is known.
    let origin = (!pending).then(|| {
        let through =
            through.map_or_else(|| "A link without a description".to_owned(), |description| format!("“{description}”"));
        view! {
            <dt>"Through"</dt>
            <dd>{through}</dd>
            <dt>"Kind"</dt>
            <dd>{format!("{account_type} account")}</dd>
        }
    });
    view! {
        <Facts>
            {access}
            <dt>{if pending { "Access requested" } else { "Connected" }}</dt>
            <dd>
                <When moment=since />
            </dd>
            {origin}
        </Facts>
    }
}

/// How long the access lasts, and how it is renewed.
#[component]
fn AccessFacts(
    /// When it ends.
    ends_at: Moment,
    /// What is known of its renewal.
    access: Option<AccessView>,
) -> impl IntoView {
    let renewal = access.map(|access| {
        let AccessView { renewed_at, renewal_due_at, trouble, .. } = access;
        let renewed = match renewed_at {
            Some(moment) => view! { <When moment /> }.into_any(),
            None => "Not yet".into_any(),
        };
        view! {
            <dt>"Renewed"</dt>
            <dd>{renewed}</dd>
            {renewal_due_at
                .map(|moment| {
                    view! {
                        <dt>"Next renewal"</dt>
                        <dd>
                            <When moment />
                        </dd>
                    }
                })}
            {trouble
                .map(|trouble| {
                    view! {
                        <dt>"Last renewal"</dt>
                        <dd class="row-reason">{trouble}</dd>
                    }
                })}
        }
    });
    view! {
        <dt>"Access ends"</dt>
        <dd>
            <When moment=ends_at />
        </dd>
        {renewal}
    }
}
