//! What the sandboxes of Instagram and of Stripe have in common: what a form says, and pages of plain HTML with one
//! small stylesheet, no script and a look of their own, so that nobody takes them for anybody else's. For the two
//! sandboxes alone; knows neither, and decides nothing.

use axum::{
    http::{
        StatusCode,
        header::{
            CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
            X_FRAME_OPTIONS,
        },
    },
    response::{IntoResponse, Response},
};

/// Name and value pairs of a query or a form. The first of a name counts; a missing one is empty.
#[derive(Clone, Debug, Default)]
pub struct Params(pub Vec<(String, String)>);

impl Params {
    /// Reads an urlencoded query or body.
    pub fn parse(encoded: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(encoded).into_owned().collect())
    }

    /// The first value of this name.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value)
    }
}

/// What stands on every page of a sandbox.
pub struct Letterhead {
    /// Whom it stands in for.
    pub of: &'static str,
    /// What to mind here.
    pub notice: &'static str,
}

impl Letterhead {
    /// A whole page. The title and `main` are taken as they are. There is no `form-action` in its policy: Chrome applies
    /// that to redirects, and some of its buttons lead back to the app.
    pub fn page(&self, status: StatusCode, title: &str, main: &str) -> Response {
        let Self { of, notice } = self;
        let html = format!(
            "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title} – Sandbox, not {of}</title>\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <meta name=\"robots\" content=\"noindex\"><link rel=\"stylesheet\" href=\"/sandbox.css\"></head>\
             <body><header><p>This is the sandbox, not {of}: {notice}</p></header>\
             <main><h1>{title}</h1>{main}</main></body></html>"
        );
        let headers = [
            (CONTENT_TYPE, "text/html; charset=utf-8"),
            (
                CONTENT_SECURITY_POLICY,
                "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'",
            ),
            (CACHE_CONTROL, "no-store"),
            (REFERRER_POLICY, "same-origin"),
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (X_FRAME_OPTIONS, "DENY"),
        ];
        (status, headers, html).into_response()
    }
}

/// `GET /sandbox.css`
pub async fn stylesheet() -> Response {
    let headers = [(CONTENT_TYPE, "text/css; charset=utf-8"), (X_CONTENT_TYPE_OPTIONS, "nosniff")];
    (headers, include_str!("sandbox.css")).into_response()
}

/// `GET /favicon.ico`: there is none.
pub async fn no_icon() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// Sends a browser elsewhere after a form.
pub fn see_other(location: &str) -> Response {
    (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response()
}

/// Text made safe for the inside of elements and of quoted attributes.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}
