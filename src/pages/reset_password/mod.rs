//! Sets a new password through a one-time link.

pub mod page;
