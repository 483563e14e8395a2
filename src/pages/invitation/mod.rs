//! An invitation into an organization, for whoever has the link in the mail.

pub mod page;
