//! One account: how it stands, how its access is kept alive, and the posts collected from it.

pub mod load;
pub mod page;
