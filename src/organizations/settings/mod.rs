//! What an organization shows of itself to its clients, and its end: name, logo, accent colour and support address.
//! Members with the role for it change them; the pages of clients read them.

pub mod components;
pub mod model;
#[cfg(feature = "ssr")]
pub mod queries;
#[cfg(feature = "ssr")]
pub mod routes;
pub mod server_fns;
#[cfg(feature = "ssr")]
pub mod service;
