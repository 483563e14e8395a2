//! The addresses of all pages, read from the component tree itself: a new page is covered without being listed.

use grantlink::app::App;
use leptos_axum::generate_route_list;

/// Every page. `named` says where the routes with parameters lead, like `("/connect/{token}", "/connect/abc")`.
/// Ask for it once there is an [`super::Installation`].
pub fn pages(named: &[(&str, &str)]) -> Vec<String> {
    let mut pages: Vec<String> = generate_route_list(App)
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
