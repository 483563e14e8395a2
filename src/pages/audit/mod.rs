//! What happened in the organization, for those whose role allows to read it.

pub mod load;
pub mod page;
