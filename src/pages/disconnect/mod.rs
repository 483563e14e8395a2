//! Asks before an account is disconnected. It lies over the dashboard.

pub mod page;
