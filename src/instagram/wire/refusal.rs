//! What Instagram's errors mean. They come in three envelopes and with codes that are at times too broad; the verdict
//! is made of our own words alone. Only the reader of answers above may ask.

use super::{Object, ProviderError, malformed};
use crate::token_death::TokenDeath;
use serde_json::Value;

/// What the three envelopes have in common.
#[derive(Default)]
pub struct Refusal {
    code: Option<i64>,
    subcode: Option<i64>,
    transient: bool,
    /// The error's name by RFC 6749 section 5.2, when that is the envelope.
    name: Option<String>,
    /// Instagram's text in lower case. For comparing, never for showing.
    words: String,
}

impl Refusal {
    /// Finds the error in an answer, whatever its envelope; `None` when the answer is no refusal.
    pub fn read(object: &Object) -> Option<Self> {
        match object.get("error") {
            Some(Value::Object(error)) => Some(Self {
                code: integer(error.get("code")),
                subcode: integer(error.get("error_subcode")),
                transient: error.get("is_transient") == Some(&Value::Bool(true)),
                words: lower_case(error.get("message")),
                name: None,
            }),
            _ if object.contains_key("error_type") || object.contains_key("error_message") => Some(Self {
                code: integer(object.get("code")),
                words: lower_case(object.get("error_message")),
                ..Self::default()
            }),
            Some(Value::String(name)) => Some(Self {
                name: Some(name.clone()),
                words: lower_case(object.get("error_description")),
                ..Self::default()
            }),
            None | Some(Value::Null | Value::Bool(false)) => None,
            Some(_) => Some(Self::default()),
        }
    }

    /// What an answer with this status and this refusal means. Words come first where the numbers are too broad.
    /// `wait` is how many seconds Instagram wants to be left alone, where it said so.
    pub fn verdict(&self, status: u16, wait: Option<u64>) -> ProviderError {
        if let Some(error) = self.by_words() {
            return error;
        }
        match self.code {
            Some(102 | 190) => ProviderError::TokenDead(death(self.subcode)),
            Some(4 | 17 | 32 | 613 | 80_002) => ProviderError::RateLimited(wait),
            Some(10 | 200..=299) => ProviderError::PermissionMissing,
            Some(101) => ProviderError::Misconfigured("Instagram does not know the app (INSTAGRAM_APP_ID)".into()),
            Some(368) => ProviderError::Unavailable("Instagram blocks this for the time being (code 368)".into()),
            Some(code @ (1 | 2)) => ProviderError::Unavailable(format!("Instagram is in trouble (code {code})")),
            _ if status == 429 => ProviderError::RateLimited(wait),
            _ if self.transient || status >= 500 => {
                ProviderError::Unavailable(format!("Instagram is in trouble (HTTP status {status})"))
            }
            Some(code) => malformed(&format!("an unknown error (HTTP status {status}, code {code})")),
            None => malformed(&format!("an unknown error (HTTP status {status})")),
        }
    }

    fn by_words(&self) -> Option<ProviderError> {
        let says = |part: &str| self.words.contains(part);
        if says("unsupported request - method type") {
            return Some(ProviderError::NotAllowedForAccount);
        }
        if says("invalid platform app") || says("invalid client_id") {
            return Some(ProviderError::Misconfigured(
                "Instagram does not know the app (INSTAGRAM_APP_ID, INSTAGRAM_APP_SECRET)".into(),
            ));
        }
        if says("client secret") || says("client_secret") {
            return Some(ProviderError::Misconfigured(
                "Instagram does not accept the app secret (INSTAGRAM_APP_SECRET)".into(),
            ));
        }
        if says("redirect_uri") || says("redirect uri") {
            return Some(ProviderError::Misconfigured("the redirect URI is not the registered one (BASE_URL)".into()));
        }
        if says("matching code") || says("authorization code") || says("verification code") {
            return Some(ProviderError::CodeRefused);
        }
        match self.name.as_deref()? {
            "invalid_grant" => Some(ProviderError::CodeRefused),
            "access_denied" | "invalid_scope" | "insufficient_scope" => Some(ProviderError::PermissionMissing),
            "invalid_token" => Some(ProviderError::TokenDead(death(None))),
            "server_error" | "temporarily_unavailable" => {
                Some(ProviderError::Unavailable("Instagram is in trouble".into()))
            }
            "invalid_client" | "unauthorized_client" => Some(ProviderError::Misconfigured(
                "Instagram does not accept the app (INSTAGRAM_APP_ID, INSTAGRAM_APP_SECRET)".into(),
            )),
            "invalid_request" | "unsupported_grant_type" | "unsupported_response_type" => {
                Some(ProviderError::Misconfigured("Instagram does not accept the request".into()))
            }
            _ => None,
        }
    }
}

/// Why a token died. Which subcodes this kind of token carries is not documented; they only refine the code 190.
const fn death(subcode: Option<i64>) -> TokenDeath {
    match subcode {
        Some(458) => TokenDeath::AppRemoved,
        Some(459 | 464) => TokenDeath::AccountBlocked,
        Some(460) => TokenDeath::PasswordChanged,
        Some(463) => TokenDeath::Expired,
        _ => TokenDeath::Invalid,
    }
}

fn integer(value: Option<&Value>) -> Option<i64> {
    match value? {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn lower_case(value: Option<&Value>) -> String {
    value.and_then(Value::as_str).unwrap_or_default().to_lowercase()
}
