//! What a link is to people: its description and its row in the list. No I/O.

use crate::{
    error::AppError,
    ids::{AccountId, LinkId},
    timestamp::Moment,
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How a member recognizes a link later (S09, S10). May be empty; never shown to the client.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Description(String);

impl Description {
    /// Characters a description may have.
    pub const MAX_CHARS: usize = 200;

    /// Trims and checks. Line breaks and other control characters become spaces.
    ///
    /// # Errors
    /// When it is longer than [`Description::MAX_CHARS`].
    pub fn parse(text: &str) -> Result<Self, AppError> {
        let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let text = text.trim();
        if text.chars().count() > Self::MAX_CHARS {
            return Err(AppError::field(
                "description",
                format!("Use at most {} characters for the description.", Self::MAX_CHARS),
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a link is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Purpose {
    /// Any account, any number of times, while the subscription includes it (S31, S37).
    Connect,
    /// The one account it is bound to, once (T15).
    Request,
    /// A member's own way to Instagram, once (T05). Nobody is ever given its URL.
    LogIn,
}

impl Purpose {
    /// The word it is stored under.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Request => "request",
            Self::LogIn => "login",
        }
    }

    /// Back from what was stored.
    pub fn from_stored(word: &str) -> Option<Self> {
        [Self::Connect, Self::Request, Self::LogIn].into_iter().find(|purpose| purpose.as_str() == word)
    }
}

/// The request for access to one account, as its organization's members see it.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct RequestView {
    /// The pending account.
    pub account_id: AccountId,
    /// The whole private URL; only ever sent to signed-in members.
    pub url: String,
    /// The email of who asks.
    pub created_by: String,
}

/// A link as its organization's members see it (S18 to S23).
#[derive(Clone, Eq, PartialEq, Serialize, Deserialize)]
pub struct LinkView {
    /// Names the row.
    pub id: LinkId,
    /// Empty when the member gave none.
    pub description: String,
    /// The whole private URL; only ever sent to signed-in members (S02).
    pub url: String,
    /// When it was made.
    pub created_at: Moment,
    /// The email of who made it.
    pub created_by: String,
    /// How many accounts were connected through it.
    pub uses: i32,
    /// When one last was.
    pub last_used_at: Option<Moment>,
}

impl fmt::Debug for LinkView {
    /// The URL is a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkView").field("id", &self.id).field("description", &self.description).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timestamp::Moment;

    #[test]
    fn a77_a_link_hides_its_url_in_debug() {
        let moment = Moment { iso: String::new(), date: String::new(), full: String::new(), relative: String::new() };
        let link = LinkView {
            id: "0198f000000070008000000000000000".parse().unwrap(),
            description: "Bakery".into(),
            url: "https://x/connect/sentinel".into(),
            created_at: moment,
            created_by: "ann@agency.example".into(),
            uses: 0,
            last_used_at: None,
        };
        assert!(!format!("{link:?}").contains("sentinel"));
    }

    #[test]
    fn s09_a_description_may_stay_empty() {
        assert_eq!(Description::parse("  ").unwrap().as_str(), "");
    }

    #[test]
    fn a_description_is_one_line_of_at_most_200_characters() {
        assert_eq!(Description::parse(" Bäckerei\r\nHuber ").unwrap().as_str(), "Bäckerei  Huber");
        assert!(Description::parse(&"ä".repeat(200)).is_ok());
        assert!(Description::parse(&"ä".repeat(201)).unwrap_err().for_field("description").is_some());
    }
}
