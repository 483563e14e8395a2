//! Whole journeys, from the browser to the row and back.

mod access_requests;
mod callbacks;
mod collection;
mod connect_links;
mod identity;
mod keeping_alive;
mod mail;
mod posts;
mod queue;
mod redemption;
mod renewal;
mod subscription;
mod upgrade;
