//! What people see of accounts.

mod account_row;
mod account_state;
mod disconnect_form;
pub mod news;
mod no_accounts;
mod sidebar_accounts;

pub use account_row::AccountRows;
pub use account_state::AccountBadge;
pub use disconnect_form::DisconnectForm;
pub use no_accounts::NoAccounts;
pub use sidebar_accounts::SidebarAccounts;

/// The id of an account's row, for links that lead to it.
fn row_id(id: crate::ids::AccountId) -> String {
    format!("account-{id}")
}
