//! The client's page: who asks, for what, and one button to Instagram.

pub mod load;
pub mod page;
