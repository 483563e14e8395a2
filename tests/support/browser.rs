//! A browser without JavaScript: it keeps cookies, follows nothing by itself, and sends what browsers send.

use super::BASE_URL;
use axum::{
    body::{Body, to_bytes},
    response::Response,
};
use http::{HeaderMap, Method, Request, header, response::Parts};
use std::collections::BTreeMap;
use tower::ServiceExt;

/// What every answer carries, whatever it is (A86).
const EVERYWHERE: [&str; 9] = [
    "content-security-policy",
    "referrer-policy",
    "x-content-type-options",
    "x-frame-options",
    "permissions-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "cache-control",
    "x-request-id",
];

/// The hidden field that says for which organization a page was made.
pub const WINDOW: &str = "organization_id";

/// Whether the form of this door says for which organization its page was made: with all of them a member changes
/// something.
pub fn says_its_organization(path: &str) -> bool {
    let Some(function) = path.strip_prefix("/api/") else {
        return ["/accounts/log-in", "/settings/delete", "/billing/checkout", "/billing/portal"].contains(&path);
    };
    let reads = function.starts_with("load_") || function == "list_posts";
    !reads && !["deletion_status", "pending_status", "redeem_connection"].contains(&function)
}

/// Cookies and the server.
#[derive(Clone)]
pub struct Browser {
    pub router: axum::Router,
    pub cookies: BTreeMap<String, String>,
    /// Sent with each request, in place of the usual ones.
    pub headers: HeaderMap,
}

/// An answer.
#[derive(Debug)]
pub struct Page {
    pub status: u16,
    pub location: Option<String>,
    pub headers: HeaderMap,
    pub body: String,
}

impl Page {
    /// The text of the page without its tags, white space folded.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let mut rest = self.body.as_str();
        while let Some(open) = rest.find('<') {
            text.push_str(&rest[..open]);
            text.push(' ');
            let tag = &rest[open..];
            let end = if tag.starts_with("<script") {
                tag.find("</script>").map(|at| at + "</script>".len())
            } else if tag.starts_with("<!--") {
                tag.find("-->").map(|at| at + 3)
            } else {
                tag.find('>').map(|at| at + 1)
            };
            rest = end.map_or("", |end| &tag[end..]);
        }
        text.push_str(rest);
        let text = text.replace("&amp;", "&").replace("&#x27;", "'").replace("&quot;", "\"").replace("&lt;", "<");
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    pub fn says(&self, words: &str) -> bool {
        self.text().contains(words)
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// What the answer puts into the browser, as it is written.
    pub fn set_cookies(&self) -> Vec<&str> {
        self.headers.get_all(header::SET_COOKIE).iter().map(|cookie| cookie.to_str().unwrap()).collect()
    }

    /// The reference that people are told to quote.
    #[cfg(feature = "failpoints")]
    pub fn reference(&self) -> String {
        let text = self.text();
        let (_, rest) = text.split_once("eference: ").unwrap_or_else(|| panic!("no reference: {text}"));
        rest.chars().take_while(char::is_ascii_hexdigit).collect()
    }

    /// Fails when a header is missing that every answer carries (A09, A35, A86).
    #[track_caller]
    pub fn assert_dressed(&self, what: &str) {
        for name in EVERYWHERE {
            assert!(self.header(name).is_some(), "{what} ({}) lacks {name}", self.status);
        }
        assert_eq!(self.header("referrer-policy"), Some("same-origin"), "{what} ({})", self.status);
        assert!(self.header("content-security-policy").unwrap().contains("frame-ancestors 'none'"), "{what}");
        assert!(self.header("server").is_none(), "{what}");
    }

    pub fn json<T: serde::de::DeserializeOwned>(&self) -> T {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.body))
    }
}

impl Browser {
    pub fn new(router: axum::Router) -> Self {
        Self { router, cookies: BTreeMap::new(), headers: HeaderMap::new() }
    }

    pub async fn get(&mut self, path: &str) -> Page {
        self.send(self.request(Method::GET, path).header("sec-fetch-site", "none"), Body::empty()).await
    }

    /// The organization that a page says which this browser opens now; one that nobody has where it gets no such page.
    pub async fn organization_id(&mut self) -> String {
        let page = self.invoke("load_accounts", String::new()).await;
        let view: Option<serde_json::Value> = serde_json::from_str(&page.body).ok();
        let id = view.and_then(|view| Some(view.get("member")?.get("organization_id")?.as_str()?.to_owned()));
        id.unwrap_or_else(|| "0".repeat(32))
    }

    /// The form with the hidden field that a fresh page has in it, unless a test fills that in itself.
    async fn complete(&mut self, path: &str, form: &[(&str, &str)]) -> String {
        let has_it = form.iter().any(|(name, _)| *name == WINDOW);
        if has_it || !says_its_organization(path) {
            return serde_urlencoded(form);
        }
        let organization = self.organization_id().await;
        let mut form = form.to_vec();
        form.push((WINDOW, organization.as_str()));
        serde_urlencoded(&form)
    }

    /// Submits a form of our own page.
    pub async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Page {
        let body = self.complete(path, form).await;
        let request = self
            .request(Method::POST, path)
            .header("sec-fetch-site", "same-origin")
            .header(header::ORIGIN, BASE_URL)
            .header(header::REFERER, format!("{BASE_URL}/"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, Body::from(body)).await
    }

    /// Calls a server function as our own JavaScript does.
    pub async fn call(&mut self, function: &str, arguments: &[(&str, &str)]) -> Page {
        let body = self.complete(&format!("/api/{function}"), arguments).await;
        self.invoke(function, body).await
    }

    async fn invoke(&mut self, function: &str, body: String) -> Page {
        let request = Request::builder()
            .method(Method::POST)
            .uri(format!("/api/{function}"))
            .header(header::HOST, "127.0.0.1:3000")
            .header(header::ACCEPT, "application/json")
            .header("sec-fetch-site", "same-origin")
            .header(header::ORIGIN, BASE_URL)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, Body::from(body)).await
    }

    pub fn request(&self, method: Method, path: &str) -> http::request::Builder {
        Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "127.0.0.1:3000")
            .header(header::ACCEPT, "text/html,application/xhtml+xml")
    }

    /// Reads the head of an answer and goes away: an event stream never ends.
    pub async fn glance(&mut self, path: &str) -> Page {
        let request = self.request(Method::GET, path).header("sec-fetch-site", "same-origin");
        let (parts, _) = self.answer(request, Body::empty()).await.into_parts();
        page(parts, String::new())
    }

    pub async fn send(&mut self, request: http::request::Builder, body: Body) -> Page {
        let (parts, body) = self.answer(request, body).await.into_parts();
        let body = to_bytes(body, 10_000_000).await.unwrap();
        page(parts, String::from_utf8_lossy(&body).into_owned())
    }

    async fn answer(&mut self, mut request: http::request::Builder, body: Body) -> Response {
        if !self.cookies.is_empty() {
            let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        let mut request = request.body(body).unwrap();
        for (name, value) in &self.headers {
            request.headers_mut().insert(name, value.clone());
        }
        let response = self.router.clone().oneshot(request).await.unwrap();
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let (name, rest) = cookie.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        response
    }
}

fn page(parts: Parts, body: String) -> Page {
    Page {
        status: parts.status.as_u16(),
        location: parts.headers.get(header::LOCATION).map(|value| value.to_str().unwrap().to_owned()),
        headers: parts.headers,
        body,
    }
}

fn serde_urlencoded(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}
