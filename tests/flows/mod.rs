//! Whole journeys, from the browser to the row and back.

mod access_requests;
mod callbacks;
mod collection;
mod connect_links;
mod crashes;
mod identity;
mod keeping_alive;
mod mail;
mod posts;
mod profile_pictures;
mod queue;
mod redemption;
mod reminders;
mod renewal;
mod subscription;
mod upgrade;
