//! Where Instagram sends the client back to. It redeems, and sends known attempts on to a clean address.

pub mod page;
