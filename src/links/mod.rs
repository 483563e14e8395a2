//! Links: a private URL that lets its holder connect an Instagram account to one organization, and nothing else.

pub mod components;
pub mod model;
#[cfg(feature = "ssr")]
pub mod queries;
pub mod server_fns;
#[cfg(feature = "ssr")]
pub mod service;
