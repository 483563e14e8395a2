//! The exchange of a code, and the tokens themselves. A code is good once, for an hour, for the app and the redirect
//! URI it was made for. A token carries its own facts, sealed with the app's secret: nothing needs to be remembered,
//! and what was connected yesterday still works after a restart.

use super::{
    Endpoint, HOUR, Permissions, Sandbox, UserId,
    people::{self, Manner, Person},
};
use crate::{sandbox_pages::Params, secret::ExposeSecret, timestamp::Timestamp};
use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use std::time::Duration;
use subtle::ConstantTimeEq;

const SHORT_LIFE: Duration = HOUR;
/// Just under 60 days, to the second what Instagram says.
pub(super) const LONG_LIFE: Duration = Duration::from_secs(5_183_944);
/// Bytes of the seal at the end of a token, and of a picture's address.
pub(super) const TAG: usize = 16;

/// A code that waits for its exchange, or had it.
pub(super) struct Code {
    pub(super) person: &'static Person,
    pub(super) redirect_uri: String,
    pub(super) scopes: Vec<String>,
    pub(super) issued_at: Timestamp,
    pub(super) used: bool,
}

/// What a token says of itself.
#[derive(Clone, Copy)]
pub(super) struct Claims {
    pub(super) person: &'static Person,
    pub(super) long: bool,
    pub(super) issued_at: Timestamp,
}

impl Claims {
    pub(super) fn expires_at(&self) -> Timestamp {
        self.issued_at.plus(if self.long { LONG_LIFE } else { SHORT_LIFE })
    }
}

/// `POST /oauth/access_token`.
pub(super) async fn exchange(
    State(sandbox): State<Sandbox>,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    sandbox.state().calls.token += 1;
    let (person, reply) = if method == Method::POST {
        sandbox.exchange(&form(&headers, &body))
    } else {
        (None, refused("Unsupported request method"))
    };
    sandbox.spoil(Endpoint::Token, person, reply).await
}

impl Sandbox {
    fn exchange(&self, form: &Params) -> (Option<&'static Person>, Response) {
        for field in ["client_id", "client_secret", "grant_type", "redirect_uri", "code"] {
            if form.get(field).is_empty() {
                return (None, refused(&format!("Missing required field {field}")));
            }
        }
        if form.get("client_id") != self.config.app_id {
            return (None, refused("Invalid platform app"));
        }
        if !self.is_secret(form.get("client_secret")) {
            return (None, refused("Error validating client secret."));
        }
        if form.get("grant_type") != "authorization_code" {
            return (None, refused("Invalid grant_type"));
        }
        let now = self.config.clock.now();
        let mut state = self.state();
        let shape = state.shape;
        let Some(code) = state.codes.get_mut(form.get("code")) else {
            return (None, refused("Matching code was not found or was already used"));
        };
        let person = code.person;
        if code.redirect_uri != form.get("redirect_uri") {
            return (
                Some(person),
                refused(
                    "Error validating verification code. Please make sure your redirect_uri is identical to the one \
                     you used in the OAuth dialog request",
                ),
            );
        }
        if code.used {
            return (Some(person), refused("This authorization code has been used"));
        }
        if code.issued_at.plus(HOUR) <= now {
            return (Some(person), refused("This authorization code has expired"));
        }
        code.used = true;
        let scopes = if person.manner == Manner::GrantsNothing { Vec::new() } else { code.scopes.clone() };
        drop(state);

        let mut fields = json!({
            "access_token": self.mint(person, false),
            "user_id": match shape.user_id {
                UserId::Number => Value::from(person.app_scoped_id),
                UserId::String => Value::from(person.app_scoped_id.to_string()),
            },
        });
        match shape.permissions {
            Permissions::Array => fields["permissions"] = scopes.into(),
            Permissions::String => fields["permissions"] = scopes.join(",").into(),
            Permissions::Absent => {}
        }
        (Some(person), Json(shape.wrap(fields)).into_response())
    }

    /// A new token for a person.
    pub(super) fn mint(&self, person: &Person, long: bool) -> String {
        let kind = if long { 'l' } else { 's' };
        let issued_at = self.config.clock.now().as_micros();
        let mut bytes = format!("{kind} {} {issued_at} {}", person.username, self.random_text::<6>()).into_bytes();
        let tag = self.seal(&bytes).finalize().into_bytes();
        bytes.extend_from_slice(&tag[..TAG]);
        format!("IGAA{}", URL_SAFE_NO_PAD.encode(bytes))
    }

    /// What a token says of itself; `None` when it is not one of ours.
    pub(super) fn read_token(&self, token: &str) -> Option<Claims> {
        let bytes = URL_SAFE_NO_PAD.decode(token.strip_prefix("IGAA")?).ok()?;
        let (claims, tag) = bytes.split_at_checked(bytes.len().checked_sub(TAG)?)?;
        self.seal(claims).verify_truncated_left(tag).ok()?;
        let mut words = std::str::from_utf8(claims).ok()?.split(' ');
        let long = words.next()? == "l";
        let person = people::find(words.next()?)?;
        let issued_at = Timestamp::from_micros(words.next()?.parse().ok()?);
        Some(Claims { person, long, issued_at })
    }

    pub(super) fn is_secret(&self, given: &str) -> bool {
        self.config.app_secret.expose_secret().as_bytes().ct_eq(given.as_bytes()).into()
    }

    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    pub(super) fn seal(&self, claims: &[u8]) -> Hmac<Sha256> {
        let key = self.config.app_secret.expose_secret().as_bytes();
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("HMAC takes any key");
        mac.update(claims);
        mac
    }
}

/// The envelope of this endpoint.
fn refused(message: &str) -> Response {
    let body = json!({"error_type": "OAuthException", "code": 400, "error_message": message});
    (StatusCode::BAD_REQUEST, Json(body)).into_response()
}

/// The fields of a body, urlencoded or multipart; nothing of any other kind.
fn form(headers: &HeaderMap, body: &[u8]) -> Params {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (kind, parameters) = content_type.split_once(';').unwrap_or((content_type, ""));
    match kind.trim().to_ascii_lowercase().as_str() {
        "application/x-www-form-urlencoded" => Params::parse(body),
        "multipart/form-data" => {
            let boundary = parameters.split(';').find_map(|p| p.trim().strip_prefix("boundary="));
            boundary.map(|b| multipart(&String::from_utf8_lossy(body), b.trim_matches('"'))).unwrap_or_default()
        }
        _ => Params::default(),
    }
}

/// Plain fields only (RFC 7578); no Instagram client sends files here.
fn multipart(body: &str, boundary: &str) -> Params {
    let delimiter = format!("--{boundary}");
    let fields = body.split(delimiter.as_str()).filter_map(|part| {
        let (head, value) = part.split_once("\r\n\r\n")?;
        let (_, rest) = head.split_once("name=\"")?;
        let (name, _) = rest.split_once('"')?;
        Some((name.to_owned(), value.strip_suffix("\r\n").unwrap_or(value).to_owned()))
    });
    Params(fields.collect())
}
