//! "Set a new password": to whoever has an address for which somebody said that the password is forgotten.

use super::super::{Action, Message, message::one_line};
use url::Url;

/// What there is to say.
#[derive(Clone, Copy)]
pub struct ResetPassword<'a> {
    /// Whose password it is.
    pub email: &'a str,
    /// Where a new one is set. A secret.
    pub url: &'a Url,
    /// Whom to ask.
    pub support: Option<&'a str>,
}

/// Puts it in words.
pub fn reset_password(facts: &ResetPassword<'_>) -> Message {
    let email = one_line(facts.email, 254);
    Message {
        subject: "Set a new password for Grantlink".to_owned(),
        heading: "Set a new password".to_owned(),
        paragraphs: vec![
            format!("Somebody asked for a new password for {email} on Grantlink."),
            "If that was you, choose one on the page behind this button. It works once, for one hour, and signs you out \
             everywhere."
                .to_owned(),
            "If it was not you, there is nothing to do: your password stays as it is. Do not pass this email on."
                .to_owned(),
        ],
        action: Some(Action { label: "Set a new password".to_owned(), url: facts.url.clone() }),
        closing: super::personal_closing(&email, facts.support),
    }
}
