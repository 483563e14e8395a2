//! Why a token of Instagram's is of no use any more, and the words for it. Both sides know it: the server stores the
//! reason beside the account, the pages say what to do about it. It never carries text of Instagram's.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Why a token is of no use any more. Only a new connection by the account's owner mends any of these.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenDeath {
    /// It lived its 60 days and was not renewed.
    Expired,
    /// The password was changed, or Instagram ended all sessions for safety.
    PasswordChanged,
    /// The owner removed the app from the account.
    AppRemoved,
    /// The client took the access back with us, on the page that confirmed it.
    TakenBack,
    /// The owner has to clear something up at Instagram first.
    AccountBlocked,
    /// The token works, but a permission that is needed was taken away.
    PermissionMissing,
    /// Instagram does not say why.
    Invalid,
}

impl TokenDeath {
    /// Every reason there is.
    pub const ALL: [Self; 7] = [
        Self::Expired,
        Self::PasswordChanged,
        Self::AppRemoved,
        Self::TakenBack,
        Self::AccountBlocked,
        Self::PermissionMissing,
        Self::Invalid,
    ];

    /// The word it is stored under.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::PasswordChanged => "password_changed",
            Self::AppRemoved => "app_removed",
            Self::TakenBack => "taken_back",
            Self::AccountBlocked => "account_blocked",
            Self::PermissionMissing => "permission_missing",
            Self::Invalid => "invalid",
        }
    }

    /// What a person reads of it.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Expired => "Instagram's permission ran out before it could be renewed.",
            Self::PasswordChanged => "The password of the account was changed at Instagram.",
            Self::AppRemoved => "The owner of the account took back the permission at Instagram.",
            Self::TakenBack => "The client took the access back on the page that had confirmed the connection.",
            Self::AccountBlocked => "Instagram wants the owner of the account to clear something up there first.",
            Self::PermissionMissing => "A permission that is needed was taken away at Instagram.",
            Self::Invalid => "Instagram no longer lets us in, and does not say why.",
        }
    }

    /// Back from what was stored; `None` for a word this version does not know.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|death| death.as_str() == word)
    }
}

impl fmt::Display for TokenDeath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Expired => "it has expired",
            Self::PasswordChanged => "the password was changed",
            Self::AppRemoved => "the app was removed from the account",
            Self::TakenBack => "the client took the access back",
            Self::AccountBlocked => "the account needs attention at Instagram first",
            Self::PermissionMissing => "a needed permission was taken away",
            Self::Invalid => "Instagram calls it invalid",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f19_every_reason_survives_being_stored_and_has_words_of_its_own() {
        let mut words: Vec<String> = TokenDeath::ALL.iter().map(ToString::to_string).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), TokenDeath::ALL.len());
        for death in TokenDeath::ALL {
            assert_eq!(TokenDeath::parse(death.as_str()), Some(death));
        }
        assert_eq!(TokenDeath::parse("Expired"), None);
        assert_eq!(TokenDeath::parse(""), None);
    }
}
