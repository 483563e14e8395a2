//! What stands in place of a page that could not be given: why, and what to do.

pub mod page;
