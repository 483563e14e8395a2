//! The Instagram accounts of an organization: how they are stored, listed and disconnected.

pub mod components;
pub mod model;
#[cfg(feature = "ssr")]
pub mod queries;
#[cfg(feature = "ssr")]
pub mod routes;
pub mod server_fns;
#[cfg(feature = "ssr")]
pub mod service;
