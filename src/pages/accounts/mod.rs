//! The dashboard: the organization's Instagram accounts.

pub mod board;
pub mod load;
pub mod page;
