//! What the pages of the dashboard share: the sidebar, the news, and what can be done about an account.

pub mod page;
