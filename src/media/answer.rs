//! How the two doors for members hand out a picture, or say that the browser has it. A browser may keep one, and has to
//! ask each time whether it still may show it: on a shared computer a picture must not outlive the session it was shown
//! in. Nothing here looks at sessions; whoever calls has done that. Logos, which clients see, have a door of their own.

use crate::timestamp::Timestamp;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};

/// Whether the browser that asks has the picture that was copied at this time (RFC 9110 section 13.1.2).
pub fn is_held(asked: &HeaderMap, copied_at: Timestamp) -> bool {
    let tag = tag(copied_at);
    let held = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    held.flat_map(|value| value.split(',')).map(str::trim).any(|held| held.strip_prefix("W/").unwrap_or(held) == tag)
}

/// The answer with this picture, a JPEG; without one, that the browser has it.
pub fn answer(copied_at: Timestamp, jpeg: Option<Vec<u8>>) -> Response {
    let tag = tag(copied_at);
    let headers = [
        (header::CONTENT_TYPE, "image/jpeg"),
        (header::CACHE_CONTROL, "private, no-cache"),
        (header::ETAG, tag.as_str()),
        // Should it ever be opened by itself, it is a picture and nothing else (A67).
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox; frame-ancestors 'none'"),
    ];
    match jpeg {
        Some(jpeg) => (headers, jpeg).into_response(),
        None => (StatusCode::NOT_MODIFIED, headers).into_response(),
    }
}

/// What is copied at another time is another picture.
fn tag(copied_at: Timestamp) -> String {
    format!("\"{}\"", copied_at.as_micros())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn a_browser_has_a_picture_when_it_names_its_tag() {
        let copied_at = Timestamp::from_micros(17);
        for (asked, held) in [
            ("\"17\"", true),
            ("W/\"17\"", true),
            ("\"16\", \"17\"", true),
            ("\"16\"", false),
            ("17", false),
            ("\"1\"", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_NONE_MATCH, HeaderValue::from_static(asked));
            assert_eq!(is_held(&headers, copied_at), held, "{asked}");
        }
        assert!(!is_held(&HeaderMap::new(), copied_at));
        assert_eq!(answer(copied_at, None).headers()[header::ETAG], "\"17\"");
    }
}
