//! The members of the organization, who is invited, and the questions that lie over them.

pub mod board;
pub mod page;
