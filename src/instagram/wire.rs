//! Reading Instagram's JSON. Its replies come flat or wrapped in `data`, its ids as numbers beyond 2^53 or as text,
//! its permissions as a list, as text or not at all, and its errors in three envelopes, at times with status 200.
//! Everything that can be understood is; what cannot becomes a [`ProviderError`] made of our own words and numbers
//! only: no token, no URL and no text of Instagram's gets into one (A75, A76).

pub(super) mod address;
mod media;
mod refusal;
mod usage;

pub use self::usage::Usage;

use self::refusal::Refusal;
use super::{AccountType, LongLivedToken, MediaPage, Profile, ProviderError, ShortLivedToken};
use crate::secret::SecretString;
use serde_json::{Map, Value};
use std::{fmt, time::Duration};
use url::Url;

/// The longest token that is believed. Instagram's have about 200 characters.
const TOKEN_LENGTH: usize = 4_096;
/// The longest name beside a handle that is kept, in characters. Instagram allows 64.
const NAME_LENGTH: usize = 200;
/// The longest wait that is believed, in seconds: Instagram counts calls over 24 hours at most.
const LONGEST_WAIT: u64 = 86_400;

pub(super) type Object = Map<String, Value>;

/// An answer over HTTP, read to its end.
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Seconds to wait, where the header `Retry-After` gave a number.
    pub retry_after: Option<u64>,
    /// What the headers say of the app's allowance.
    pub usage: Usage,
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

    /// Reads the answer to a short-lived token, or to one that was to be renewed.
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

    /// Reads the answer to `/me`. `graph` is where it came from.
    ///
    /// # Errors
    /// What Instagram said against it, or [`ProviderError::Malformed`].
    pub fn profile(&self, graph: &Url) -> Result<Profile, ProviderError> {
        let fields = self.fields("user_id")?;
        Ok(Profile {
            instagram_id: id(&fields, "user_id")?,
            app_scoped_id: id(&fields, "id")?,
            username: username(&fields)?,
            name: name(&fields),
            account_type: AccountType::parse(word(&fields, "account_type")),
            picture_url: fields
                .get("profile_picture_url")
                .and_then(Value::as_str)
                .and_then(|url| address::picture(url, graph)),
        })
    }

    /// Reads the answer to `/me/media`. `graph` is where it came from.
    ///
    /// # Errors
    /// What Instagram said against it, or [`ProviderError::Malformed`].
    pub fn media(&self, graph: &Url) -> Result<MediaPage, ProviderError> {
        let page = media::page(&self.fields("data")?, graph)?;
        Ok(MediaPage { usage: self.usage.percent, pause: self.usage.pause, ..page })
    }

    /// Takes a picture out of its answer. Whether it is one is for the caller to see.
    ///
    /// # Errors
    /// When there is none. Addresses of pictures are good for some days only.
    pub fn picture(self) -> Result<Vec<u8>, ProviderError> {
        match self.status {
            200 if !self.body.is_empty() => Ok(self.body),
            403 | 404 | 410 => Err(malformed("the picture is no longer where it was")),
            429 => Err(ProviderError::RateLimited(self.wait())),
            500..=599 => Err(ProviderError::Unavailable(format!("HTTP status {}", self.status))),
            status => Err(malformed(&format!("HTTP status {status} and no picture"))),
        }
    }

    /// The fields of a successful answer, taken out of their wrapper unless `key` stands outside of one.
    fn fields(&self, key: &str) -> Result<Object, ProviderError> {
        let Ok(Value::Object(mut object)) = serde_json::from_slice(&self.body) else {
            return Err(self.without_words());
        };
        if let Some(refusal) = Refusal::read(&object) {
            return Err(refusal.verdict(self.status, self.wait()));
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

    /// How many seconds Instagram wants to be left alone: the longer of what two headers say.
    fn wait(&self) -> Option<u64> {
        let pause = self.usage.pause.map(|pause| pause.as_secs());
        self.retry_after.max(pause).map(|seconds| seconds.min(LONGEST_WAIT))
    }

    /// The verdict on an answer that says nothing we can read.
    fn without_words(&self) -> ProviderError {
        match self.status {
            429 => ProviderError::RateLimited(self.wait()),
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
pub(super) fn id(fields: &Object, key: &str) -> Result<String, ProviderError> {
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

/// Instagram's word for a kind of something. An unknown one stays as it came; silence, and what cannot be such a word
/// at all, is "UNKNOWN".
fn word<'a>(fields: &'a Object, key: &str) -> &'a str {
    let text = fields.get(key).and_then(Value::as_str).unwrap_or_default().trim();
    let fits =
        (1..=32).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    if fits { text } else { "UNKNOWN" }
}

#[cfg(test)]
mod tests;
