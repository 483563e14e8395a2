//! How the code is laid out: layers, names kept in two places, settings kept in two files.

mod configuration;
mod layers;
