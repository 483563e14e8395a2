//! What an Instagram account of an organization is to people. No I/O.

use crate::{ids::AccountId, timestamp::Moment};
use serde::{Deserialize, Serialize};

/// The state of an account, with what belongs to it.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub enum AccountState {
    /// Its token works, until this moment unless it is renewed.
    Active {
        /// When the token ends.
        token_expires_at: Moment,
    },
    /// Its token does not work any more.
    NeedsReconnection,
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
    /// "Business" or "Creator", in words; Instagram's own word when it is neither.
    pub account_type: String,
    /// What it can do now.
    pub state: AccountState,
    /// When it was connected last.
    pub connected_at: Moment,
    /// The description of the link it came through; `None` when that had none.
    pub through: Option<String>,
}
