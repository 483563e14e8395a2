//! What the organization shows of itself to its clients, and the page that asks before it is deleted.

pub mod page;
