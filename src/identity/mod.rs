//! People who sign in: their addresses, passwords, second steps and sessions.

#[cfg(feature = "ssr")]
pub mod browsers;
#[cfg(feature = "ssr")]
pub mod common_passwords;
pub mod components;
pub mod model;
#[cfg(feature = "ssr")]
pub mod passwords;
#[cfg(feature = "ssr")]
pub mod qr;
#[cfg(feature = "ssr")]
pub mod queries;
#[cfg(feature = "ssr")]
pub mod routes;
#[cfg(feature = "ssr")]
pub mod service;
#[cfg(feature = "ssr")]
pub mod totp;
