//! What happened in an organization: who did what, when and from where. Services record it in the transaction that
//! makes it happen, as the last thing before the commit, and it is never changed after; each entry carries the hash of
//! the one before. A new action is a row of the table in `model`. Nothing here decides, and no secret belongs into an
//! entry.

#[cfg(feature = "ssr")]
pub mod chain;
pub mod components;
#[cfg(feature = "ssr")]
pub mod csv;
pub mod model;
#[cfg(feature = "ssr")]
pub mod queries;
#[cfg(feature = "ssr")]
pub mod routes;
#[cfg(feature = "ssr")]
pub mod service;
pub mod words;

pub use model::{Action, Actor};
#[cfg(feature = "ssr")]
pub use service::{Event, record, record_all};
