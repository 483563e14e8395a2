//! How the code is laid out: layers, names kept in two places, settings kept in two files, what operators are handed.

mod configuration;
mod deployment;
mod layers;
