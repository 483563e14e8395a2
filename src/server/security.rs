//! The headers that tell browsers what our pages may do (A09, A35, A60, A86).
//! A rendered page gets a policy with its own nonce; everything else gets one that allows nothing to run.

use http::{HeaderMap, HeaderName, HeaderValue, header};
use leptos::{nonce::use_nonce, prelude::use_context};
use leptos_axum::ResponseOptions;
use std::sync::Arc;
use url::Url;

/// What the policy has to know of the installation. The router puts it into each request.
#[derive(Clone, Debug)]
pub struct Policy {
    form_targets: Arc<str>,
    secure: bool,
}

impl Policy {
    /// Forms may lead to our own origin and to Instagram's: browsers apply `form-action` to the redirect, too.
    pub fn new(base_url: &Url, authorize_url: &Url) -> Self {
        Self {
            form_targets: format!("'self' {}", authorize_url.origin().ascii_serialization()).into(),
            secure: base_url.scheme() == "https",
        }
    }

    /// The same for an installation whose forms lead to these origins, too.
    #[must_use]
    pub fn leading_to(mut self, origins: &[String]) -> Self {
        for origin in origins {
            self.form_targets = format!("{} {origin}", self.form_targets).into();
        }
        self
    }

    /// `loads_wasm`: whether a script of ours takes the page over.
    fn for_page(&self, nonce: &str, loads_wasm: bool) -> String {
        let wasm = if loads_wasm { " 'wasm-unsafe-eval'" } else { "" };
        format!(
            "default-src 'none'; script-src 'self' 'nonce-{nonce}'{wasm}; style-src 'self'; \
             img-src 'self' data:; connect-src 'self'; manifest-src 'self'; form-action {}; base-uri 'none'; \
             object-src 'none'; frame-ancestors 'none'",
            self.form_targets
        )
    }

    /// Adds what is missing to a response: nothing that leaves the server lacks one of these.
    pub fn apply(&self, headers: &mut HeaderMap) {
        const ALWAYS: [(HeaderName, &str); 8] = [
            (
                header::CONTENT_SECURITY_POLICY,
                "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'none'; base-uri 'none'; \
                 object-src 'none'; frame-ancestors 'none'",
            ),
            // `no-referrer` would send `Origin: null` with our own forms and take away their way back.
            (header::REFERRER_POLICY, "same-origin"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::X_FRAME_OPTIONS, "DENY"),
            (
                HeaderName::from_static("permissions-policy"),
                "camera=(), microphone=(), geolocation=(), payment=(), usb=(), clipboard-write=(self)",
            ),
            (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
            (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
            // Private unless somebody said otherwise: pages carry names, links and sessions (A11, A43).
            (header::CACHE_CONTROL, "no-store"),
        ];
        for (name, value) in ALWAYS {
            headers.entry(name).or_insert(HeaderValue::from_static(value));
        }
        if self.secure {
            headers
                .entry(header::STRICT_TRANSPORT_SECURITY)
                .or_insert(HeaderValue::from_static("max-age=31536000; includeSubDomains"));
        }
    }
}

/// Gives the page that is being rendered the policy for its nonce. The shell calls it once a page.
pub fn set_policy(loads_wasm: bool) {
    let (Some(options), Some(parts)) = (use_context::<ResponseOptions>(), use_context::<http::request::Parts>()) else {
        return;
    };
    let (Some(policy), Some(nonce)) = (parts.extensions.get::<Policy>(), use_nonce()) else { return };
    if let Ok(value) = HeaderValue::from_str(&policy.for_page(&nonce, loads_wasm)) {
        options.insert_header(header::CONTENT_SECURITY_POLICY, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(base: &str) -> Policy {
        Policy::new(&base.parse().unwrap(), &"https://www.instagram.com/oauth/authorize".parse().unwrap())
    }

    #[test]
    fn a60_a_page_runs_only_its_own_scripts_and_sends_forms_only_home_and_to_instagram() {
        let text = policy("https://connect.agency.example").for_page("abc", true);
        assert!(text.contains("form-action 'self' https://www.instagram.com;"), "{text}");
        assert!(text.contains("script-src 'self' 'nonce-abc' 'wasm-unsafe-eval';"), "{text}");
        assert!(text.contains("object-src 'none'") && text.contains("base-uri 'none'"), "{text}");
        assert!(!text.contains("unsafe-inline") && !text.contains("'unsafe-eval'"), "{text}");
        let bare = policy("https://connect.agency.example").for_page("abc", false);
        assert!(!bare.contains("eval"), "a page that loads no wasm allows none: {bare}");
    }

    #[test]
    fn a86_every_response_has_every_header_and_hsts_only_on_https() {
        let mut headers = HeaderMap::new();
        policy("http://127.0.0.1:3000").apply(&mut headers);
        assert!(!headers.contains_key(header::STRICT_TRANSPORT_SECURITY));
        assert_eq!(headers.len(), 8);
        policy("https://connect.agency.example").apply(&mut headers);
        assert!(headers.contains_key(header::STRICT_TRANSPORT_SECURITY));
    }
}
