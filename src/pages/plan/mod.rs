//! What the organization's plan allows, how much of it is in use, and how to get another one.

pub mod load;
pub mod page;
