//! Whole journeys, from the browser to the row and back.

mod access_requests;
mod audit;
mod backup;
mod billing;
mod by_invitation;
mod callbacks;
mod collection;
mod connect_links;
mod crashes;
mod doctor;
mod forgotten_passwords;
mod identity;
mod keeping_alive;
mod key_rotation;
mod mail;
mod members;
mod operator;
mod own_account;
mod plans;
mod posts;
mod profile_pictures;
mod queue;
mod redemption;
mod reminders;
mod renewal;
mod settings;
#[cfg(feature = "failpoints")]
mod standalone;
mod subscription;
mod taking_back;
mod two_factor;
mod upgrade;
