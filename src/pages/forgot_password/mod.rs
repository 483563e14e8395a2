//! Asks for a mail with a link that sets a new password. A plain form: it works before, and without, JavaScript.

pub mod page;
