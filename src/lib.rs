//! Grantlink: an agency asks a client for access to an Instagram account, and never sees a password.
//!
//! The layers and why stand in `ARCHITECTURE.md`; a file imports only from a lower one, which `tests/rules` enforces.
//! Below they are in order, lowest first.

// The type of a page is the type of everything on it: the compiler's usual depth is not enough.
#![recursion_limit = "256"]

pub mod error;
pub mod ids;
pub mod paths;
pub mod plan;
pub mod timestamp;
pub mod token_death;
pub mod ui;

#[cfg(feature = "ssr")]
pub mod clock;
#[cfg(feature = "ssr")]
pub mod failure;
#[cfg(feature = "ssr")]
pub mod http_client;
#[cfg(feature = "ssr")]
pub mod limits;
#[cfg(feature = "ssr")]
pub mod sandbox_pages;
#[cfg(feature = "ssr")]
pub mod secret;

#[cfg(feature = "ssr")]
pub mod db;
#[cfg(feature = "ssr")]
pub mod email;
#[cfg(feature = "ssr")]
pub mod instagram;
#[cfg(feature = "ssr")]
pub mod live;
#[cfg(feature = "ssr")]
pub mod media;
#[cfg(feature = "ssr")]
pub mod queue;
#[cfg(feature = "ssr")]
pub mod work;

pub mod accounts;
pub mod audit;
pub mod billing;
pub mod collection;
pub mod connect;
pub mod identity;
pub mod links;
pub mod organizations;

pub mod app;
#[cfg(feature = "ssr")]
pub mod jobs;
pub mod pages;

#[cfg(feature = "ssr")]
pub mod server;
