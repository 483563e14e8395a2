//! Asks before a link is deleted. It lies over the connect-link dialog.

pub mod page;
