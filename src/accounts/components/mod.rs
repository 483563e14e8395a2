//! What people see of accounts.

mod account_facts;
mod account_row;
mod account_state;
mod disconnect_form;
pub mod news;
mod no_accounts;
mod sidebar_accounts;

pub use account_facts::AccountFacts;
pub use account_row::AccountRows;
pub use account_state::{AccountBadge, AccountNotice, Standing};
pub use disconnect_form::{DisconnectButton, DisconnectForm, disconnected};
pub use no_accounts::NoAccounts;
pub use sidebar_accounts::SidebarAccounts;

use crate::ids::AccountId;

/// The id of an account's row, for links that lead to it.
fn row_id(id: AccountId) -> String {
    format!("account-{id}")
}

/// The id of what names an account on a page, for the buttons that are about it.
pub fn title_id(id: AccountId) -> String {
    format!("account-{id}-title")
}
