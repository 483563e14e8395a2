//! A person's own account: address, password, second step, sessions.

pub mod load;
pub mod page;
