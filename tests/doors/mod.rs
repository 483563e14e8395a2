//! One request at a time: what each door answers, to whom, with which headers.

mod client_page;
mod cross_site;
mod headers;
mod hosts;
mod pages;
mod roles;
mod secrets;
