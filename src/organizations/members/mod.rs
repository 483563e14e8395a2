//! Who belongs to an organization: invitations, roles, leaving, and the organization a session works for.

pub mod model;
#[cfg(feature = "ssr")]
pub mod queries;
#[cfg(feature = "ssr")]
pub mod routes;
pub mod server_fns;
#[cfg(feature = "ssr")]
pub mod service;
