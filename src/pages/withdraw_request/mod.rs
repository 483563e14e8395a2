//! Asks before a request for an account is taken back. It lies over the dashboard.

pub mod page;
