//! How one attempt stands, for the browser that started it: connecting, connected, or why not.

pub mod page;
