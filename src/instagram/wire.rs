//! Reading Instagram's JSON. Its replies come flat or wrapped in `data`, its ids as numbers beyond 2^53 or as text,
//! its permissions as a list, as text or not at all, and its errors in three envelopes, at times with status 200.
//! Everything that can be understood is; what cannot becomes a [`ProviderError`] made of our own words and numbers
//! only: no token, no URL and no text of Instagram's gets into one (A75, A76).

mod refusal;

use self::refusal::Refusal;
use super::{AccountType, LongLivedToken, Profile, ProviderError, ShortLivedToken};
use crate::secret::SecretString;
use serde_json::{Map, Value};
use std::{fmt, time::Duration};

/// The longest token that is believed. Instagram's have about 200 characters.
const TOKEN_LENGTH: usize = 4_096;
/// The longest name beside a handle that is kept, in characters. Instagram allows 64.
const NAME_LENGTH: usize = 200;

type Object = Map<String, Value>;

/// An answer over HTTP, read to its end.
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Seconds to wait, where the header `Retry-After` gave a number.
    pub retry_after: Option<u64>,
    /// The body, whatever it is.
    pub body: Vec<u8>,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answer({}, {} bytes)", self.status, self.body.len())
    }
}

impl Answer {
    /// Reads the answer to a code.
    ///
    /// # Errors
    /// What Instagram said against it, or [`ProviderError::Malformed`].
    pub fn short_lived_token(&self) -> Result<ShortLivedToken, ProviderError> {
        let fields = self.fields("access_token")?;
        Ok(ShortLivedToken { token: token(&fields)?, permissions: permissions(fields.get("permissions")) })
    }

    /// Reads the answer to a short-lived token.
    ///
    /// # Errors
    /// What Instagram said against it, or [`ProviderError::Malformed`].
    pub fn long_lived_token(&self) -> Result<LongLivedToken, ProviderError> {
        let fields = self.fields("access_token")?;
        let seconds = match fields.get("expires_in") {
            Some(Value::Number(number)) => number.as_u64(),
            Some(Value::String(text)) => text.trim().parse().ok(),
            _ => None,
        };
        match seconds {
            Some(seconds @ 1..) => {
                Ok(LongLivedToken { token: token(&fields)?, expires_in: Duration::from_secs(seconds) })
            }
            _ => Err(malformed("expires_in is missing or no number of seconds")),
        }
    }

    /// Reads the answer to `/me`.
    ///
    /// # Errors
    /// What Instagram said against it, or [`ProviderError::Malformed`].
    pub fn profile(&self) -> Result<Profile, ProviderError> {
        let fields = self.fields("user_id")?;
        Ok(Profile {
            instagram_id: id(&fields, "user_id")?,
            app_scoped_id: id(&fields, "id")?,
            username: username(&fields)?,
            name: name(&fields),
            account_type: account_type(&fields),
        })
    }

    /// The fields of a successful answer, taken out of their wrapper unless `key` stands outside of one.
    fn fields(&self, key: &str) -> Result<Object, ProviderError> {
        let Ok(Value::Object(mut object)) = serde_json::from_slice(&self.body) else {
            return Err(self.without_words());
        };
        if let Some(refusal) = Refusal::read(&object) {
            return Err(refusal.verdict(self.status, self.retry_after));
        }
        if !(200..300).contains(&self.status) {
            return Err(self.without_words());
        }
        if object.contains_key(key) {
            return Ok(object);
        }
        match object.remove("data") {
            Some(Value::Object(fields)) => Ok(fields),
            Some(Value::Array(mut items)) if items.len() == 1 => match items.pop() {
                Some(Value::Object(fields)) => Ok(fields),
                _ => Err(malformed("data holds no object")),
            },
            Some(_) => Err(malformed("data does not hold exactly one object")),
            None => Ok(object),
        }
    }

    /// The verdict on an answer that says nothing we can read.
    fn without_words(&self) -> ProviderError {
        match self.status {
            429 => ProviderError::RateLimited(self.retry_after),
            500..=599 => ProviderError::Unavailable(format!("HTTP status {}", self.status)),
            _ if self.body.is_empty() => malformed(&format!("HTTP status {} with an empty body", self.status)),
            _ => malformed(&format!("HTTP status {} with a body that is not the expected JSON", self.status)),
        }
    }
}

fn malformed(what: &str) -> ProviderError {
    ProviderError::Malformed(what.to_owned())
}

/// A token is opaque, but it must fit into a header.
fn token(fields: &Object) -> Result<SecretString, ProviderError> {
    match fields.get("access_token").and_then(Value::as_str) {
        Some(text) if !text.is_empty() && text.len() <= TOKEN_LENGTH && text.bytes().all(|b| b.is_ascii_graphic()) => {
            Ok(text.to_owned().into())
        }
        Some(_) => Err(malformed("access_token is not a usable token")),
        None => Err(malformed("access_token is missing or no text")),
    }
}

fn permissions(value: Option<&Value>) -> Option<Vec<String>> {
    let tidy = |text: &str| Some(text.trim().to_owned()).filter(|t| !t.is_empty());
    match value? {
        Value::Array(items) => Some(items.iter().filter_map(Value::as_str).filter_map(tidy).collect()),
        Value::String(text) => Some(text.split([',', ' ']).filter_map(tidy).collect()),
        _ => None,
    }
}

/// An id as text, to the last digit: a float would already have lost some (A29).
fn id(fields: &Object, key: &str) -> Result<String, ProviderError> {
    let text = match fields.get(key) {
        Some(Value::Number(number)) => number.as_u64().map(|n| n.to_string()),
        Some(Value::String(text)) => Some(text.trim().to_owned()),
        _ => None,
    };
    text.filter(|t| (1..=32).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_digit()))
        .ok_or_else(|| malformed(&format!("{key} is missing or no id")))
}

fn username(fields: &Object) -> Result<String, ProviderError> {
    let text = fields.get("username").and_then(Value::as_str).unwrap_or_default().trim();
    let fits =
        (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_'));
    if fits { Ok(text.to_owned()) } else { Err(malformed("username is missing or no username")) }
}

fn name(fields: &Object) -> Option<String> {
    let text = fields.get("name")?.as_str()?;
    let kept: String = text.chars().filter(|c| !c.is_control()).take(NAME_LENGTH).collect();
    Some(kept.trim().to_owned()).filter(|t| !t.is_empty())
}

/// An unknown kind stays as it came; silence, and what cannot be a kind at all, is "UNKNOWN".
fn account_type(fields: &Object) -> AccountType {
    let text = fields.get("account_type").and_then(Value::as_str).unwrap_or_default().trim();
    let fits =
        (1..=32).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    AccountType::parse(if fits { text } else { "UNKNOWN" })
}

#[cfg(test)]
mod tests;
