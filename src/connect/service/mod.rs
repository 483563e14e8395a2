//! The rules of the client's journey. `open` shows a link, `start` sends a browser to Instagram, `redeem` takes it
//! back and stores the account, `status` says how an attempt stands.
//! Whoever reads it as an attacker: a link grants `open` and `start`; everything after belongs to one browser.

mod open;
mod redeem;
mod start;
mod status;

use crate::failure::Failure;

pub use open::open;
pub use redeem::{Redeemed, finish_orphans, forget_old, redeem};
pub use start::{Started, start};
pub use status::status;

/// A place where a test can stop, fail or kill the server. Without the feature `failpoints` it is nothing.
fn step(name: &'static str) -> Result<(), Failure> {
    fail::fail_point!(name, |instruction| {
        if instruction.as_deref() == Some("kill") {
            std::process::abort();
        }
        Err(Failure::internal(format!("injected at {name}")))
    });
    let _ = name;
    Ok(())
}
