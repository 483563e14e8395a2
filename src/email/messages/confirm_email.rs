//! "Confirm your email address": to the address somebody signed up with, or wants instead of theirs.

use super::super::{Action, Message, message::one_line};
use url::Url;

/// What there is to say.
#[derive(Clone, Copy)]
pub struct ConfirmEmail<'a> {
    /// The address the mail goes to.
    pub email: &'a str,
    /// Whether it is to replace another one.
    pub is_change: bool,
    /// Where it is confirmed. A secret.
    pub url: &'a Url,
    /// Whom to ask.
    pub support: Option<&'a str>,
}

/// Puts it in words.
pub fn confirm_email(facts: &ConfirmEmail<'_>) -> Message {
    let email = one_line(facts.email, 254);
    let (what, why) = if facts.is_change {
        (
            format!("Somebody wants to sign in to Grantlink with {email} from now on, instead of another address."),
            "If that was you, open the page behind this button in a browser in which you are signed in, and confirm. \
             Until then the old address stays.",
        )
    } else {
        (
            format!("Somebody signed up for Grantlink with {email}."),
            "If that was you, open the page behind this button in a browser in which you are signed in, and confirm. Your \
             clients see your address beside your requests, and read that it is not verified until you do.",
        )
    };
    Message {
        subject: "Confirm your email address for Grantlink".to_owned(),
        heading: "Confirm your email address".to_owned(),
        paragraphs: vec![
            what,
            why.to_owned(),
            "If it was not you, there is nothing to do: without your confirmation nothing happens.".to_owned(),
        ],
        action: Some(Action { label: "Confirm this address".to_owned(), url: facts.url.clone() }),
        closing: super::personal_closing(&email, facts.support),
    }
}
