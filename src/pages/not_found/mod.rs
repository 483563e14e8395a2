//! There is nothing at this address.

pub mod page;
