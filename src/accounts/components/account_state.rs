//! The state of an account in words: one or two for the badge, a sentence for why it is dead, and what went wrong.

use crate::{
    accounts::model::{AccountState, AccountView},
    token_death::TokenDeath,
    ui::{Badge, Banner, Tone},
};
use leptos::prelude::*;

/// How an account stands, without what changes by the minute: what can be done about it depends on nothing else.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Standing {
    /// Asked for, and not connected yet.
    Pending,
    /// Connected.
    Active,
    /// To be connected again.
    Dead,
}

impl Standing {
    /// How this account stands.
    pub const fn of(account: &AccountView) -> Self {
        match account.state {
            AccountState::Pending { .. } => Self::Pending,
            AccountState::Active { .. } => Self::Active,
            AccountState::NeedsReconnection { .. } => Self::Dead,
        }
    }
}

/// The state, in words and colour.
#[component]
#[expect(clippy::needless_pass_by_value, reason = "a component's properties are its own")]
pub fn AccountBadge(
    /// The state.
    state: AccountState,
) -> impl IntoView {
    let (tone, icon, words) = match state {
        AccountState::Pending { .. } => (Tone::Neutral, None, "Pending"),
        AccountState::Active { .. } => (Tone::Success, None, "Active"),
        AccountState::NeedsReconnection { reason: TokenDeath::AppRemoved | TokenDeath::TakenBack, .. } => {
            (Tone::Danger, Some("exclamation"), "Disconnected by the client")
        }
        AccountState::NeedsReconnection { .. } => (Tone::Danger, Some("exclamation"), "Needs reconnection"),
    };
    view! {
        <Badge tone icon>
            {words}
        </Badge>
    }
}

/// What keeps an account from being collected, and what went wrong on the way to it; nothing while all is well.
#[component]
pub fn AccountNotice(
    /// The account.
    account: AccountView,
) -> impl IntoView {
    let mistake = mistake(&account).map(|mistake| view! { <p>{mistake}</p> });
    let AccountView { state, .. } = account;
    match state {
        AccountState::NeedsReconnection { reason, .. } => view! {
            <Banner tone=Tone::Danger>
                <p>{why_dead(reason)}</p>
                {mistake}
            </Banner>
        }
        .into_any(),
        AccountState::Pending { mistaken_for: Some(_) } => {
            view! { <Banner tone=Tone::Warning>{mistake}</Banner> }.into_any()
        }
        AccountState::Pending { mistaken_for: None } | AccountState::Active { .. } => ().into_any(),
    }
}

/// Why a dead account died, in a sentence for the member. All these words stand here alone.
pub const fn why_dead(reason: TokenDeath) -> &'static str {
    match reason {
        TokenDeath::Expired => "Instagram's permission ran out before it could be renewed.",
        TokenDeath::PasswordChanged => {
            "The client changed the password at Instagram. (Instagram says the same when it ends all sign-ins for safety.)"
        }
        TokenDeath::AppRemoved => "The client removed the connection at Instagram.",
        TokenDeath::TakenBack => "The client took the access back, on the page that had confirmed the connection.",
        TokenDeath::AccountBlocked => {
            "Instagram has locked the account. The client has to sign in there first, and clear that up."
        }
        TokenDeath::PermissionMissing => "The client took back a permission without which the posts cannot be seen.",
        TokenDeath::Invalid => "Instagram no longer lets us in, and does not say why.",
    }
}

/// What is said when somebody tried to connect another account than the one that was asked for (U07).
pub(super) fn mistake(account: &AccountView) -> Option<String> {
    let (AccountState::Pending { mistaken_for } | AccountState::NeedsReconnection { mistaken_for, .. }) =
        &account.state
    else {
        return None;
    };
    let tried = mistaken_for.as_ref()?;
    Some(format!("Wrong account: @{tried} tried. The client was asked for @{}.", account.username))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn u25_every_death_has_its_own_plain_sentence() {
        let mut sentences = std::collections::BTreeSet::new();
        for reason in TokenDeath::ALL {
            let sentence = why_dead(reason);
            for word in ["token", "OAuth", "nvalid", "expired", "session"] {
                assert!(!sentence.contains(word), "{sentence}");
            }
            assert!(sentences.insert(sentence));
        }
    }
}
