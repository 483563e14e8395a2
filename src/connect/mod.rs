//! The client's journey: open a link, go to Instagram, come back, and have the account stored.
//! It is the only feature that works without a session.

pub mod components;
pub mod model;
#[cfg(feature = "ssr")]
pub mod queries;
#[cfg(feature = "ssr")]
pub mod routes;
pub mod server_fns;
#[cfg(feature = "ssr")]
pub mod service;
