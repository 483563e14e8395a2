//! Agencies and what their people may do.

pub mod model;
#[cfg(feature = "ssr")]
pub mod queries;
