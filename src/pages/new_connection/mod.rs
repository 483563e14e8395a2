//! The dialog that adds an account: which kind, log in or ask somebody, and whom to ask for. Three addresses, so that each
//! step works without JavaScript; they lie over the dashboard.

pub mod page;
