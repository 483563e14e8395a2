//! Posts collected from connected accounts: how they are fetched, kept as they are at Instagram, and shown.

pub mod components;
pub mod model;
#[cfg(feature = "ssr")]
pub mod queries;
#[cfg(feature = "ssr")]
pub mod routes;
pub mod server_fns;
#[cfg(feature = "ssr")]
pub mod service;
