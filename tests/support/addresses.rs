//! The addresses of all pages, read from the component tree itself: a new page is covered without being listed.

use grantlink::server::router::page_routes;

/// Every page. `named` says where the routes with parameters lead, like `("/connect/{token}", "/connect/abc")`.
/// Ask for it once there is an [`super::Installation`].
pub fn pages(named: &[(&str, &str)]) -> Vec<String> {
    let mut pages: Vec<String> = page_routes()
        .iter()
        .map(|route| {
            let known = named.iter().find(|(name, _)| *name == route.path());
            let address = known.map_or(route.path(), |(_, address)| *address);
            assert!(!address.contains('{'), "say where {address} leads");
            address.to_owned()
        })
        .collect();
    pages.sort();
    pages.dedup();
    pages
}
