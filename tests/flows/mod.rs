//! Whole journeys, from the browser to the row and back.

mod connect_links;
mod identity;
mod redemption;
mod subscription;
