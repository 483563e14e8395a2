//! The screens, one folder each: `page.rs` is the screen, `load.rs` the one server function that fills it.
//! A page may combine features; no feature knows a page. Where dialogs lie over a page, `board.rs` holds what they share.

pub mod account;
pub mod accounts;
pub mod attempt;
pub mod audit;
pub mod callback;
pub mod checklist;
pub mod connect;
pub mod connect_links;
pub mod dashboard;
pub mod delete_link;
pub mod deletion;
#[cfg(feature = "ssr")]
pub mod dev_components;
pub mod disconnect;
pub mod forgot_password;
pub mod invitation;
pub mod members;
pub mod new_connection;
pub mod not_found;
pub mod plan;
pub mod reminders;
pub mod reset_password;
pub mod settings;
pub mod sign_in;
pub mod sign_up;
pub mod trouble;
pub mod two_factor;
pub mod verify_email;
pub mod withdraw_request;
pub mod you;
