//! Who signs in: email addresses, passwords as typed, and what a person sees of how they sign in. No I/O.

use crate::{
    error::AppError,
    ids::{OrganizationId, UserId},
    organizations::model::Role,
    timestamp::Moment,
};
use serde::{Deserialize, Serialize};

/// A signed-in member, in the organization they are working for.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// The person.
    pub user_id: UserId,
    /// Their address.
    pub email: String,
    /// The organization.
    pub organization_id: OrganizationId,
    /// Its name.
    pub organization: String,
    /// What they may do there.
    pub role: Role,
}

/// Who may make an account and an organization of their own (the setting `SIGNUP`).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum SignUpMode {
    /// Anybody.
    #[default]
    Open,
    /// Who is invited into an organization, and whom the operator makes one for.
    Invite,
}

/// How a person signs in, for their own page.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct YouView {
    /// Their address.
    pub email: String,
    /// Whether they have shown that it is theirs (A18).
    pub is_verified: bool,
    /// The address they want instead, until its mailbox has answered.
    pub pending_email: Option<String>,
    /// How it stands with the second step.
    pub two_factor: TwoFactorView,
    /// Their living sessions, this one first.
    pub sessions: Vec<SessionView>,
}

/// How it stands with a person's second step.
#[derive(Clone, Eq, PartialEq, Serialize, Deserialize)]
pub enum TwoFactorView {
    /// A password is all that is asked for.
    Off,
    /// The app has to show that it has the secret.
    SettingUp {
        /// The secret in groups, for typing it.
        secret: String,
        /// The same, with all that an app wants to know.
        qr: QrDrawing,
    },
    /// A code is asked for.
    On {
        /// Since when.
        since: Moment,
        /// Recovery codes that were not used.
        codes_left: u32,
    },
}

impl std::fmt::Debug for TwoFactorView {
    /// The secret is in the drawing, too.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Off => "Off",
            Self::SettingUp { .. } => "SettingUp([redacted])",
            Self::On { .. } => "On",
        })
    }
}

/// A QR code as one path of an SVG.
#[derive(Clone, Eq, PartialEq, Serialize, Deserialize)]
pub struct QrDrawing {
    /// Squares on each side, the empty ones around it among them.
    pub size: u32,
    /// The path of the dark squares.
    pub path: String,
}

/// One session of a person.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct SessionView {
    /// Names it in a form. It opens nothing.
    pub name: String,
    /// The browser in words.
    pub browser: String,
    /// The address it was started from; unknown for old ones.
    pub from: Option<String>,
    /// When it was started.
    pub started_at: Moment,
    /// Whether it is the one that asks.
    pub is_this: bool,
}

/// An email address: as it was typed, and as it is compared.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Email {
    shown: String,
    lower: String,
}

impl Email {
    /// Checks the form only: whether mail arrives is shown by verification.
    ///
    /// # Errors
    /// When it cannot be one address.
    pub fn parse(text: &str) -> Result<Self, AppError> {
        let shown = text.trim();
        let fits = shown.len() <= 254
            && shown.chars().all(|c| !c.is_whitespace() && !c.is_control() && !"<>,;:\"()[]\\".contains(c))
            && shown.split_once('@').is_some_and(|(local, domain)| {
                !local.is_empty()
                    && local.len() <= 64
                    && !domain.contains('@')
                    && domain.len() >= 3
                    && domain.contains('.')
                    && domain.split('.').all(|label| !label.is_empty() && !label.starts_with('-'))
            });
        if !fits {
            return Err(AppError::field("email", "Enter an email address like name@example.com."));
        }
        Ok(Self { shown: shown.to_owned(), lower: shown.to_lowercase() })
    }

    /// As it was typed.
    pub fn as_str(&self) -> &str {
        &self.shown
    }

    /// As it is compared: one person, one account, whatever the case.
    pub fn lower(&self) -> &str {
        &self.lower
    }
}

/// The rules for a new password: length, and not the address itself (NIST SP 800-63B section 3.1.1). That it is none of
/// the common ones is for `common_passwords` to say, on the server.
pub mod password_rules {
    use crate::error::AppError;

    /// Characters at least.
    pub const MIN_CHARS: usize = 10;
    /// Bytes at most, so that nobody can keep the server busy hashing.
    pub const MAX_BYTES: usize = 1024;
    /// The rule in words, under the field.
    pub const HINT: &str = "At least 10 characters. A few words are easier to keep than symbols.";

    /// Checks a new password.
    ///
    /// # Errors
    /// When it is too short, too long, or the same as the email address.
    pub fn check(password: &str, email: &str) -> Result<(), AppError> {
        let refuse = |message: &str| Err(AppError::field("password", message));
        if password.chars().count() < MIN_CHARS {
            return refuse("Use at least 10 characters for the password.");
        }
        if password.len() > MAX_BYTES {
            return refuse("Use at most 1,000 characters for the password.");
        }
        if password.eq_ignore_ascii_case(email.trim()) {
            return refuse("Choose a password that is not your email address.");
        }
        let mut characters = password.chars();
        let first = characters.next();
        if characters.all(|c| Some(c) == first) {
            return refuse("Choose a password that is not one character repeated.");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_is_taken_whatever_its_case() {
        let email = Email::parse("  Ann@Agency.Example ").unwrap();
        assert_eq!((email.as_str(), email.lower()), ("Ann@Agency.Example", "ann@agency.example"));
    }

    #[test]
    fn a62_what_cannot_be_one_address_is_refused() {
        for wrong in [
            "",
            "ann",
            "@x.example",
            "ann@",
            "a@x.example, b@x.example",
            "\"<x>\"@y.example",
            "a b@x.example",
            "a@x..example",
            "a@x",
        ] {
            assert!(Email::parse(wrong).is_err(), "{wrong}");
        }
        assert!(Email::parse(&format!("{}@x.example", "a".repeat(65))).is_err());
    }

    #[test]
    fn password_rules_are_answered_in_words() {
        let check = |password: &str| password_rules::check(password, "ann@agency.example");
        assert!(check("three small words").is_ok());
        assert!(check("äöüäöüäöüä").is_ok());
        for wrong in ["short", "ann@agency.example", "aaaaaaaaaaaaaa", &"x y".repeat(400)] {
            let error = check(wrong).unwrap_err();
            assert!(error.for_field("password").is_some(), "{wrong}");
        }
    }

    #[test]
    fn a77_debug_prints_no_secret_of_a_second_step() {
        let qr = QrDrawing { size: 21, path: "sentinel".into() };
        let view = TwoFactorView::SettingUp { secret: "sentinel".into(), qr };
        assert!(!format!("{view:?}").contains("sentinel"));
    }
}
