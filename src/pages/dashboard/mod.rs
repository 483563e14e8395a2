//! What the pages for members share: the frame with its sidebar, the news, and what can be done about an account.

pub mod page;
