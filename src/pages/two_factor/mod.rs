//! The second step of signing in. A plain form: it works before, and without, JavaScript.

pub mod page;
