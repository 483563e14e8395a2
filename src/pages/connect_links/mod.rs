//! The connect-link dialog: make a link, see and delete the existing ones.
//! It lies over the dashboard; without JavaScript it is a plain page under the same address.

pub mod board;
pub mod load;
pub mod page;
