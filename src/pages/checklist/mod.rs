//! What has to be set up for this installation, for the owners of the first organization: they run it.

pub mod load;
pub mod page;
#[cfg(feature = "ssr")]
pub mod routes;
