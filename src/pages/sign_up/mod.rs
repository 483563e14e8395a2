//! Makes an organization and its owner. A plain form: it works before, and without, JavaScript.

pub mod page;
