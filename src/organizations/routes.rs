//! The door that a reminder leads to: the form of its page, and the one press by which a mail program stops reminders
//! (RFC 8058). Nobody brings a session along; the token in the address is what lets them in. Mail providers send no
//! `Origin`, so they pass the check for forms of other websites, which holds here as everywhere.

use super::service;
use crate::{
    error::AppError,
    paths,
    server::{door, pages},
};
use axum::{
    body::Bytes,
    extract::Path,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header, request::Parts};
use url::form_urlencoded;

/// What somebody wants.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Wish {
    /// No more reminders, asked for by a mail program.
    OneClick,
    /// No more reminders, asked for on the page.
    Off,
    /// Reminders again, asked for on the page.
    On,
}

impl Wish {
    /// `None` when the form is neither the page's nor a mail program's. The latter may be of either kind (RFC 8058
    /// section 3.2).
    fn read(headers: &HeaderMap, body: &[u8]) -> Option<Self> {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if kind.to_ascii_lowercase().starts_with("multipart/form-data") {
            let text = String::from_utf8_lossy(body);
            let (_, part) = text.split_once("List-Unsubscribe")?;
            let (_, value) = part.split_once("\r\n\r\n")?;
            return (value.lines().next() == Some("One-Click")).then_some(Self::OneClick);
        }
        form_urlencoded::parse(body).find_map(|(name, value)| match (&*name, &*value) {
            ("List-Unsubscribe", "One-Click") => Some(Self::OneClick),
            ("reminders", "off") => Some(Self::Off),
            ("reminders", "on") => Some(Self::On),
            _ => None,
        })
    }
}

/// `POST /reminders/{token}`: stops reminders or turns them on again. A mail program reads 200 and follows no redirect;
/// a person is sent back to the page.
pub async fn set_reminders(Path(token): Path<String>, parts: Parts, body: Bytes) -> Response {
    let Some(wish) = Wish::read(&parts.headers, &body) else { return pages::undressed(AppError::Unreadable) };
    let set = async {
        let work = door::client_of(&parts)?;
        service::set_reminders(&work, &token, wish == Wish::On).await
    };
    match set.await {
        Ok(()) if wish == Wish::OneClick => (StatusCode::OK, "No more reminders are sent.\n").into_response(),
        Ok(()) => pages::see_other(&paths::reminders(&token)),
        Err(failure) => pages::undressed(failure.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    const URLENCODED: &str = "application/x-www-form-urlencoded";

    fn read(kind: &'static str, body: &str) -> Option<Wish> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        Wish::read(&headers, body.as_bytes())
    }

    #[test]
    fn u27_one_press_is_understood_as_a_form_of_either_kind() {
        assert_eq!(read(URLENCODED, "List-Unsubscribe=One-Click"), Some(Wish::OneClick));
        for kind in ["multipart/form-data; boundary=b", "Multipart/Form-Data; boundary=\"b\""] {
            let form = "Content-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click";
            assert_eq!(read(kind, &format!("--b\r\n{form}\r\n--b--\r\n")), Some(Wish::OneClick), "{kind}");
        }
    }

    #[test]
    fn u29_nothing_but_the_page_and_a_mail_program_is_understood() {
        assert_eq!(read(URLENCODED, "reminders=off"), Some(Wish::Off));
        assert_eq!(read(URLENCODED, "reminders=on"), Some(Wish::On));
        for wrong in ["", "reminders", "reminders=maybe", "List-Unsubscribe=", "one-click", "\0\u{ff}"] {
            assert_eq!(read(URLENCODED, wrong), None, "{wrong}");
        }
        for wrong in ["", "--b--", "List-Unsubscribe", "name=\"List-Unsubscribe\"\r\n\r\nnever\r\n--b--\r\n"] {
            assert_eq!(read("multipart/form-data; boundary=b", wrong), None, "{wrong}");
        }
    }
}
