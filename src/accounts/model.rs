//! What an Instagram account of an organization is to people. No I/O.

use crate::{error::AppError, ids::AccountId, timestamp::Moment, token_death::TokenDeath};
use serde::{Deserialize, Serialize};

/// The state of an account, with what belongs to it.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub enum AccountState {
    /// Asked for, and not connected yet (T20, T21).
    Pending {
        /// The handle of another account that somebody tried to connect instead, without "@" (U07).
        mistaken_for: Option<String>,
    },
    /// Its token works, until this moment unless it is renewed.
    Active {
        /// When the token ends.
        token_expires_at: Moment,
    },
    /// Its token does not work any more, so nothing is collected (T27).
    NeedsReconnection {
        /// Why.
        reason: TokenDeath,
        /// The handle of another account that somebody tried to connect instead, without "@" (U07).
        mistaken_for: Option<String>,
    },
}

/// How the access to an account is kept alive, for its page.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct AccessView {
    /// When it ends unless it is renewed.
    pub expires_at: Moment,
    /// When it was last renewed; `None` when it never was.
    pub renewed_at: Option<Moment>,
    /// When it will be renewed next.
    pub renewal_due_at: Option<Moment>,
    /// Why the last renewal failed, in words for the member; `None` when none did.
    pub trouble: Option<String>,
}

/// An account as its organization's members see it.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct AccountView {
    /// Names the row.
    pub id: AccountId,
    /// The handle, without "@".
    pub username: String,
    /// The name beside the handle, when Instagram has one.
    pub display_name: Option<String>,
    /// Where its profile picture is, here with us; `None` when there is none.
    pub picture: Option<String>,
    /// "Business" or "Creator", in words; Instagram's own word when it is neither.
    pub account_type: String,
    /// What it can do now.
    pub state: AccountState,
    /// When it was connected last; while it is pending, when it was asked for.
    pub since: Moment,
    /// The description of the link it came through; `None` when that had none.
    pub through: Option<String>,
}

impl AccountView {
    /// Whether it was asked for and is not connected yet.
    pub const fn is_pending(&self) -> bool {
        matches!(self.state, AccountState::Pending { .. })
    }

    /// Whether it has to be connected again.
    pub const fn is_dead(&self) -> bool {
        matches!(self.state, AccountState::NeedsReconnection { .. })
    }
}

/// What became of a person's request, through Instagram, to have everything about their account deleted.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct DeletionView {
    /// When it came.
    pub requested_at: Moment,
    /// When it was done.
    pub completed_at: Moment,
}

/// An Instagram handle as it is stored and compared: without "@", in lower case (T07).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Handle(String);

impl Handle {
    /// The longest that Instagram gives.
    pub const MAX_CHARS: usize = 30;

    /// Takes a name with or without "@", in any case, with spaces around it.
    ///
    /// # Errors
    /// What Instagram would never allow as a name, with the reason.
    pub fn parse(text: &str) -> Result<Self, AppError> {
        let name = text.trim();
        let name = name.strip_prefix('@').unwrap_or(name).to_lowercase();
        let refuse = |why: &str| Err(AppError::field("username", why));
        if name.is_empty() {
            return refuse("Enter the account's name, for example @bakery_huber.");
        }
        if !name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_')) {
            return refuse("Use only letters, digits, dots and underscores, as in the account's own name.");
        }
        if name.chars().count() > Self::MAX_CHARS {
            return refuse("Instagram names have at most 30 characters. Check the name.");
        }
        if name.starts_with('.') || name.ends_with('.') || name.contains("..") {
            return refuse("Instagram names neither begin nor end with a dot, nor have two in a row. Check the name.");
        }
        Ok(Self(name))
    }

    /// The handle, without "@".
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t07_a_handle_is_taken_in_any_form_and_stored_in_one() {
        for written in ["bakery_huber", "@bakery_huber", "  @Bakery_Huber ", "BAKERY_HUBER"] {
            assert_eq!(Handle::parse(written).unwrap().as_str(), "bakery_huber", "{written}");
        }
        assert!(Handle::parse(&"a".repeat(30)).is_ok());
        for wrong in ["", "@", "two words", "bäckerei", "a@b", "@@a", ".a", "a.", "a..b", "a/b", &"a".repeat(31)] {
            assert!(Handle::parse(wrong).unwrap_err().for_field("username").is_some(), "{wrong}");
        }
    }
}
