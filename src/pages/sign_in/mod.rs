//! Starts a session. A plain form: it works before, and without, JavaScript.

pub mod page;
