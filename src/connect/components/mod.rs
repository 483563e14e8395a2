//! What people see of connect: the request that a link opens, and how an attempt stands.

mod attempt_card;
mod connected_card;
mod ended_card;
mod failed_card;
mod in_app_notice;
mod inactive_link;
mod outcome;
mod refused;
mod request_card;
mod withdraw;

pub use attempt_card::AttemptCard;
pub use connected_card::ConnectedCard;
pub use inactive_link::{FulfilledLink, InactiveLink, UnknownLink};
pub use outcome::TryAgain;
pub use refused::{NotForThisBrowser, Refused};
pub use request_card::RequestCard;
