//! Whole journeys, from the browser to the row and back.

mod access_requests;
mod audit;
mod callbacks;
mod collection;
mod connect_links;
mod crashes;
mod forgotten_passwords;
mod identity;
mod keeping_alive;
mod mail;
mod members;
mod own_account;
mod posts;
mod profile_pictures;
mod queue;
mod redemption;
mod reminders;
mod renewal;
mod settings;
mod subscription;
mod two_factor;
mod upgrade;
