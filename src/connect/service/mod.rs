//! The rules of the client's journey. `open` shows a link, `start` sends a browser to Instagram, `redeem` takes it
//! back and stores the account, `status` says how an attempt stands, `take_back` ends the access it gave.
//! Whoever reads it as an attacker: a link grants `open` and `start`; everything after belongs to one browser.

mod open;
mod redeem;
mod start;
mod status;
mod take_back;

pub use open::open;
pub use redeem::{Redeemed, finish_orphans, forget_old, redeem};
pub use start::{Started, start};
pub use status::status;
pub use take_back::take_back;
