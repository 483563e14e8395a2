//! Which addresses out of an answer are believed. They end up in links on our pages and in requests of this server's
//! own, so neither scheme nor host is left to the answer. Used by the readers of answers, and by `http` once more
//! before it fetches.

use url::{Host, Url};

/// Where pictures are fetched from: hosts below Instagram's two delivery networks, and nowhere else but the origin of
/// the graph itself (that is where the sandbox has them). Without this list, an answer could have this server call
/// whatever it can reach inside its own network.
const PICTURE_HOSTS: [&str; 2] = [".cdninstagram.com", ".fbcdn.net"];
/// Where posts are looked at.
const POST_HOSTS: [&str; 2] = ["www.instagram.com", "instagram.com"];
/// Where a post leads whose own address is not believed.
const FRONT_PAGE: &str = "https://www.instagram.com/";
/// The longest address that is believed. Signed ones of the delivery networks have several hundred characters.
const LENGTH: usize = 4_096;

/// The address of a picture, as far as it can be kept: over TLS, or of the graph's own origin.
pub fn picture(text: &str, graph: &Url) -> Option<Url> {
    web(text).filter(|url| url.scheme() == "https" || url.origin() == graph.origin())
}

/// Whether this server may fetch a picture from there.
pub fn may_be_fetched(url: &Url, graph: &Url) -> bool {
    let of_network = match url.host() {
        Some(Host::Domain(host)) => PICTURE_HOSTS.iter().any(|end| host.ends_with(*end)),
        _ => false,
    };
    is_plain(url) && (url.origin() == graph.origin() || (of_network && url.scheme() == "https" && url.port().is_none()))
}

/// The address of a post for people to open: Instagram's own, or of the graph's origin, where the sandbox has them;
/// Instagram's front page instead of any other.
pub fn permalink(text: &str, graph: &Url) -> String {
    let believed = |url: &Url| {
        let of_instagram = url.scheme() == "https"
            && url.port().is_none()
            && url.host_str().is_some_and(|host| POST_HOSTS.contains(&host));
        of_instagram || url.origin() == graph.origin()
    };
    web(text).filter(believed).map_or_else(|| FRONT_PAGE.to_owned(), String::from)
}

/// An address of the web, and one that shows where it leads.
fn web(text: &str) -> Option<Url> {
    let text = text.trim();
    (text.len() <= LENGTH).then(|| Url::parse(text).ok())?.filter(is_plain)
}

/// The scheme is checked before any origin is compared: a `blob:` address has the origin of what stands inside it.
fn is_plain(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none()
}
