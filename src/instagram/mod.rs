//! Instagram as the product needs it: the [`Provider`] trait, what comes back, and how it goes wrong.
//! `http` speaks to the real one over HTTPS, `wire` reads its JSON, `signed_request` what it posts to us by itself, and
//! `sandbox` stands in for it on a machine without an app. Only services may call a provider; nothing here knows
//! organizations, links or rows. Source for every fact: Meta's pages on "Instagram API with Instagram Login".

pub mod http;
pub mod sandbox;
pub mod signed_request;
pub mod wire;

use crate::{secret::SecretString, timestamp::Timestamp, token_death::TokenDeath};
use futures::future::BoxFuture;
use std::time::Duration;
use url::Url;

/// The least a connection needs, and all that is asked for (T14).
pub const SCOPE: &str = "instagram_business_basic";

/// An Instagram that accounts are connected with.
pub trait Provider: Send + Sync {
    /// The address to send the client's browser to. `state` comes back with the answer (RFC 6749 section 4.1.1).
    fn authorize_url(&self, state: &str) -> Url;

    /// Exchanges the code of the callback for a short-lived token. Codes are good for one use: when this fails
    /// as [`ProviderError::Ambiguous`] the code may be spent, so it must never be sent again.
    fn exchange_code<'a>(&'a self, code: &'a SecretString) -> BoxFuture<'a, Result<ShortLivedToken, ProviderError>>;

    /// Exchanges a short-lived token (one hour) for a long-lived one (60 days).
    fn long_lived_token<'a>(
        &'a self,
        token: &'a ShortLivedToken,
    ) -> BoxFuture<'a, Result<LongLivedToken, ProviderError>>;

    /// Whose token this is. Also the proof that it works (S06).
    fn profile<'a>(&'a self, token: &'a SecretString) -> BoxFuture<'a, Result<Profile, ProviderError>>;

    /// Renews a long-lived token for another 60 days. It has to be at least 24 hours old and not expired. What comes
    /// back may be a new token, and nobody promises that the old one goes on working: store it before anything else.
    fn refresh<'a>(&'a self, token: &'a SecretString) -> BoxFuture<'a, Result<LongLivedToken, ProviderError>>;

    /// One page of the account's posts, newest first: the first one, or the one after a [`MediaPage::after`].
    fn media<'a>(
        &'a self,
        token: &'a SecretString,
        after: Option<&'a str>,
    ) -> BoxFuture<'a, Result<MediaPage, ProviderError>>;

    /// Fetches a picture of a profile or a post, of at most 10 MB. Only Instagram's own hosts are asked, without any
    /// token. The bytes are whatever came: that they are a picture is for the caller to see.
    fn picture<'a>(&'a self, url: &'a Url) -> BoxFuture<'a, Result<Vec<u8>, ProviderError>>;
}

/// The answer to a code.
#[derive(Clone, Debug)]
pub struct ShortLivedToken {
    /// Good for one hour.
    pub token: SecretString,
    /// What the person granted; `None` when Instagram did not say.
    pub permissions: Option<Vec<String>>,
}

impl ShortLivedToken {
    /// Whether the person granted what was asked for. Silence counts as yes: the profile call decides then.
    pub fn grants(&self, scope: &str) -> bool {
        self.permissions.as_ref().is_none_or(|granted| granted.iter().any(|p| p == scope))
    }
}

/// A token that lives for about 60 days and can be renewed.
#[derive(Clone, Debug)]
pub struct LongLivedToken {
    /// The token itself.
    pub token: SecretString,
    /// How long it is good for, from the moment it was received.
    pub expires_in: Duration,
}

/// An Instagram account as it describes itself.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Profile {
    /// The id of the professional account (`user_id` of `/me`): what an account is known by.
    pub instagram_id: String,
    /// The id of the same account towards this app alone (`id` of `/me`).
    pub app_scoped_id: String,
    /// The handle, without "@".
    pub username: String,
    /// The name beside the handle, when there is one.
    pub name: Option<String>,
    /// What kind of account it is.
    pub account_type: AccountType,
    /// Where its picture is for the next few days; `None` when it has none. Copy it, never link to it.
    pub picture_url: Option<Url>,
}

/// Instagram's kinds of accounts. Compared without regard to case; an unknown kind is kept as it came.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum AccountType {
    /// A business account.
    Business,
    /// A creator account.
    Creator,
    /// A personal account; the API does not serve it.
    Personal,
    /// A kind this program does not know; treated as professional.
    Other(String),
}

impl AccountType {
    /// From Instagram's word for it.
    pub fn parse(text: &str) -> Self {
        match text.to_ascii_uppercase().as_str() {
            "BUSINESS" => Self::Business,
            "MEDIA_CREATOR" | "CREATOR" => Self::Creator,
            "PERSONAL" => Self::Personal,
            _ => Self::Other(text.to_owned()),
        }
    }

    /// Instagram's word for it, as it is stored.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Business => "BUSINESS",
            Self::Creator => "MEDIA_CREATOR",
            Self::Personal => "PERSONAL",
            Self::Other(text) => text,
        }
    }

    /// Whether the account can be connected at all.
    pub fn is_professional(&self) -> bool {
        *self != Self::Personal
    }
}

/// A page of posts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MediaPage {
    /// In Instagram's order, newest first; none comes twice. Those that could not be read are missing.
    pub posts: Vec<Media>,
    /// How many could not be read.
    pub skipped: usize,
    /// The cursor of the next page; `None` on the last one. Nothing keeps Instagram from giving one a second time.
    pub after: Option<String>,
    /// How much of the allowance is used up, in percent; `None` when Instagram did not say.
    pub usage: Option<u32>,
    /// How long Instagram wants to be left alone; `None` when nothing is blocked.
    pub pause: Option<Duration>,
}

/// A post.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Media {
    /// What a post is known by.
    pub instagram_id: String,
    /// What kind of post it is.
    pub kind: MediaKind,
    /// The text below it, of at most 5,000 characters. Line breaks are its only control characters.
    pub caption: Option<String>,
    /// Where people look at it: an address of Instagram's (or of the sandbox), never of any other scheme or host.
    /// Instagram's front page when the post has no such address.
    pub permalink: String,
    /// Where its picture is for the next few days: the image itself, or a video's thumbnail.
    pub picture_url: Option<Url>,
    /// When it was posted.
    pub posted_at: Timestamp,
}

/// Instagram's kinds of posts. Compared without regard to case; an unknown kind is kept as it came.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum MediaKind {
    /// One image.
    Image,
    /// A video; reels are videos, too.
    Video,
    /// Several images or videos.
    Carousel,
    /// A kind this program does not know.
    Other(String),
}

impl MediaKind {
    /// From Instagram's word for it.
    pub fn parse(text: &str) -> Self {
        match text.to_ascii_uppercase().as_str() {
            "IMAGE" => Self::Image,
            "VIDEO" => Self::Video,
            "CAROUSEL_ALBUM" => Self::Carousel,
            _ => Self::Other(text.to_owned()),
        }
    }

    /// Instagram's word for it, as it is stored.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Image => "IMAGE",
            Self::Video => "VIDEO",
            Self::Carousel => "CAROUSEL_ALBUM",
            Self::Other(text) => text,
        }
    }
}

/// How a call to Instagram failed. None of these carries a token, a URL or Instagram's text in plain.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ProviderError {
    /// The code was refused: unknown, spent, expired or meant for another redirect URI. The client starts again.
    CodeRefused,
    /// Our app's id, secret or redirect URI is wrong. Only the operator can mend this.
    Misconfigured(String),
    /// The app has no Advanced Access and this account is no accepted tester.
    NotAllowedForAccount,
    /// A permission that is needed was not granted.
    PermissionMissing,
    /// The token is dead.
    TokenDead(TokenDeath),
    /// Too many calls. Seconds to wait, a day at most, when Instagram said so.
    RateLimited(Option<u64>),
    /// Instagram could not be reached or answered that it is in trouble; nothing was consumed.
    Unavailable(String),
    /// The request went out and no usable answer came back: a code may be spent.
    Ambiguous(String),
    /// The answer was not what the protocol says. A short description without content.
    Malformed(String),
}

impl std::fmt::Display for ProviderError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::CodeRefused => f.write_str("Instagram refused the code"),
            Self::Misconfigured(what) => write!(f, "the Instagram app is not set up correctly: {what}"),
            Self::NotAllowedForAccount => {
                f.write_str("the Instagram app may not serve this account (no tester, no Advanced Access)")
            }
            Self::PermissionMissing => f.write_str("a needed permission is missing"),
            Self::TokenDead(why) => write!(f, "the token is dead: {why}"),
            Self::RateLimited(_) => f.write_str("Instagram limits the rate of calls"),
            Self::Unavailable(what) => write!(f, "Instagram is not available: {what}"),
            Self::Ambiguous(what) => write!(f, "no usable answer from Instagram: {what}"),
            Self::Malformed(what) => write!(f, "Instagram's answer could not be read: {what}"),
        }
    }
}

impl std::error::Error for ProviderError {}
