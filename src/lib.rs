//! Grantlink: an agency asks a client for access to an Instagram account, and never sees a password.
//!
//! The layers, lowest first; a file imports only from a lower one (`tests/rules` enforces it):
//!
//! 0. [`error`], [`ids`], [`paths`], [`timestamp`], `clock`, `secret`, `failure`, `limits`, [`ui`]: words, names, secrets, plain widgets
//! 1. `db`, `instagram`, `live`, `audit`, each feature's `model`, `work`: types and machinery without rules
//! 2. each feature's `queries`: the SQL for its own tables
//! 3. each feature's `service`: the rules, one transaction an action
//! 4. `server::door`, then each feature's `server_fns`, `routes` and `components`: how people and programs reach the rules
//! 5. [`pages`], then [`app`]: whole screens and the route table
//! 6. `server::router` and `main`: the wiring

pub mod error;
pub mod ids;
pub mod paths;
pub mod timestamp;
pub mod ui;

#[cfg(feature = "ssr")]
pub mod clock;
#[cfg(feature = "ssr")]
pub mod failure;
#[cfg(feature = "ssr")]
pub mod limits;
#[cfg(feature = "ssr")]
pub mod secret;

#[cfg(feature = "ssr")]
pub mod audit;
#[cfg(feature = "ssr")]
pub mod db;
#[cfg(feature = "ssr")]
pub mod instagram;
#[cfg(feature = "ssr")]
pub mod live;
#[cfg(feature = "ssr")]
pub mod work;

pub mod accounts;
pub mod billing;
pub mod connect;
pub mod identity;
pub mod links;
pub mod organizations;

pub mod app;
pub mod pages;

#[cfg(feature = "ssr")]
pub mod server;

/// Takes over the page that the server rendered. Called by the loader script in the browser.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(app::App);
}
