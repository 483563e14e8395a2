//! The server around the product: settings, doors, routes, limits on the wire, and the life of the process.

pub mod checks;
pub mod cli;
pub mod config;
pub mod cookies;
pub mod door;
pub mod forms;
pub mod front_end;
pub mod listener;
pub mod pages;
pub mod plain_forms;
pub mod router;
pub mod security;
pub mod start;
pub mod telemetry;
