//! Whole journeys, from the browser to the row and back.

mod access_requests;
mod connect_links;
mod identity;
mod redemption;
mod subscription;
