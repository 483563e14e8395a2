//! Whether a member gets reminders for an organization. For whoever has the address that stands in each of them.

pub mod load;
pub mod page;
