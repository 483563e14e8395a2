//! Organizations and what their people may do. No I/O.

use crate::{error::AppError, ids::OrganizationId};
use serde::{Deserialize, Serialize};

/// An agency.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Organization {
    /// Names the row.
    pub id: OrganizationId,
    /// ASCII, unique, stable: what an operator calls it.
    pub slug: String,
    /// What people call it.
    pub name: String,
}

/// Whether a member gets the reminders of an organization, for the page that a reminder leads to. It does not say who
/// the member is: mails are passed on.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct RemindersView {
    /// Name of the organization.
    pub organization: String,
    /// Whether they are sent.
    pub on: bool,
}

/// The name of an organization, as its clients will read it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OrganizationName(String);

impl OrganizationName {
    /// Characters a name may have.
    pub const MAX_CHARS: usize = 80;

    /// Trims, folds white space and checks.
    ///
    /// # Errors
    /// When nothing readable is left or it is too long.
    pub fn parse(text: &str) -> Result<Self, AppError> {
        let folded = text
            .split(|c: char| c.is_whitespace() || c.is_control())
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()
            .join(" ");
        if !folded.chars().any(char::is_alphanumeric) {
            return Err(AppError::field("organization", "Enter the name your clients know you by."));
        }
        if folded.chars().count() > Self::MAX_CHARS {
            return Err(AppError::field(
                "organization",
                format!("Use at most {} characters for the name.", Self::MAX_CHARS),
            ));
        }
        Ok(Self(folded))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The slug this name asks for: ASCII letters and digits with single dashes, never empty.
    pub fn slug(&self) -> String {
        let mut slug = String::new();
        for c in self.0.chars().flat_map(char::to_lowercase) {
            if c.is_ascii_alphanumeric() {
                slug.push(c);
            } else if !slug.is_empty() && !slug.ends_with('-') {
                slug.push('-');
            }
        }
        let slug: String = slug.trim_end_matches('-').chars().take(48).collect();
        if slug.is_empty() { "organization".into() } else { slug.trim_end_matches('-').into() }
    }
}

/// What a person is in an organization.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub enum Role {
    /// May do everything.
    Owner,
    /// May do everything but end the organization.
    Admin,
    /// Makes links and looks after accounts.
    Member,
    /// Sees accounts and states, no URLs.
    Viewer,
}

impl Role {
    /// The word it is stored under.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Member => "member",
            Self::Viewer => "viewer",
        }
    }

    /// Back from what was stored.
    pub fn from_stored(text: &str) -> Option<Self> {
        [Self::Owner, Self::Admin, Self::Member, Self::Viewer].into_iter().find(|role| role.as_str() == text)
    }

    /// Whether links may be made, seen, copied and deleted, and accounts disconnected (A15).
    pub const fn may_share(self) -> bool {
        !matches!(self, Self::Viewer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_ascii_and_never_empty() {
        let slug = |name: &str| OrganizationName::parse(name).unwrap().slug();
        assert_eq!(slug("Bright & Bold GmbH"), "bright-bold-gmbh");
        assert_eq!(slug("  Ünïcode  "), "n-code");
        assert_eq!(slug("株式会社"), "organization");
        assert_eq!(slug(&"x".repeat(80)).len(), 48);
    }

    #[test]
    fn a_name_needs_something_readable() {
        assert!(OrganizationName::parse(" \u{0} - ").is_err());
        assert!(OrganizationName::parse(&"x".repeat(81)).is_err());
        assert_eq!(OrganizationName::parse(" A\n B ").unwrap().as_str(), "A B");
    }

    #[test]
    fn every_role_is_read_back_as_it_was_stored() {
        for role in [Role::Owner, Role::Admin, Role::Member, Role::Viewer] {
            assert_eq!(Role::from_stored(role.as_str()), Some(role));
        }
        assert_eq!(Role::from_stored("root"), None);
    }
}
