//! What happened to how a person signs in, so that somebody else's doing does not go unnoticed.

use super::super::{Action, Message, message::one_line};
use crate::queue::Notice;
use url::Url;

/// What there is to say.
#[derive(Clone, Copy)]
pub struct SignInNotice<'a> {
    /// What happened.
    pub about: Notice,
    /// To whom.
    pub email: &'a str,
    /// The person's own page.
    pub you_url: &'a Url,
    /// Whom to ask.
    pub support: Option<&'a str>,
}

/// Puts it in words.
pub fn sign_in_notice(facts: &SignInNotice<'_>) -> Message {
    let email = one_line(facts.email, 254);
    let (heading, what) = match facts.about {
        Notice::PasswordChanged => (
            "Your password was changed",
            "The password of your account has been changed, and every other session has ended.",
        ),
        Notice::EmailChangeAsked => (
            "A new email address was asked for",
            "Somebody who knows your password wants your account to have another email address. That happens as soon as \
             the new address is confirmed.",
        ),
        Notice::EmailChanged => (
            "Your email address was changed",
            "Your account has another email address now, and this one no longer signs in. The new one was confirmed from \
             its own mailbox, in a browser that was signed in to your account.",
        ),
        Notice::TwoFactorOn => (
            "Two-factor sign-in is on",
            "Signing in now asks for a code of your authenticator app, after the password.",
        ),
        Notice::TwoFactorOff => (
            "Two-factor sign-in is off",
            "Signing in no longer asks for a code. Your password alone opens your account.",
        ),
        Notice::RecoveryCodeUsed => (
            "A recovery code was used",
            "Somebody signed in with one of your recovery codes instead of a code of your app. It cannot be used again.",
        ),
        Notice::RecoveryCodesRenewed => (
            "You have new recovery codes",
            "New recovery codes were made for your account. The old ones no longer work.",
        ),
        Notice::WrongCodes => (
            "Somebody entered your password and wrong codes",
            "Somebody gave your password, and then wrong codes, five or more by now. None of those let them in.",
        ),
    };
    let (what_now, action) = if facts.about == Notice::EmailChanged {
        // Nothing that is sent to this address opens the account any more.
        let ask = "If that was you, there is nothing to do. If it was not, write to whoever runs Grantlink for you at once: \
                   they can help you back into your account.";
        (ask, None)
    } else {
        let mend = "If that was you, there is nothing to do. If it was not, set a new password now and end all other \
                    sessions: both are on the page of your account. If you cannot sign in, choose \"Forgot your \
                    password?\".";
        (mend, Some(Action { label: "Open your account".to_owned(), url: facts.you_url.clone() }))
    };
    Message {
        subject: format!("{heading}: your Grantlink account"),
        heading: heading.to_owned(),
        paragraphs: vec![what.to_owned(), what_now.to_owned()],
        action,
        closing: super::personal_closing(&email, facts.support),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_thing_that_happened_has_words_of_its_own_and_says_what_to_do() {
        let you_url = Url::parse("https://connect.example/you").unwrap();
        let mut subjects = std::collections::BTreeSet::new();
        for about in [
            Notice::PasswordChanged,
            Notice::EmailChangeAsked,
            Notice::EmailChanged,
            Notice::TwoFactorOn,
            Notice::TwoFactorOff,
            Notice::RecoveryCodeUsed,
            Notice::RecoveryCodesRenewed,
            Notice::WrongCodes,
        ] {
            let facts = SignInNotice { about, email: "ann@agency.example", you_url: &you_url, support: None };
            let message = sign_in_notice(&facts);
            assert!(subjects.insert(message.subject.clone()), "{about:?}");
            let text = message.text(None);
            assert!(text.contains("ann@agency.example"), "{text}");
            // The old address opens nothing: it leads to a person.
            let (words, leads_on) = match about {
                Notice::EmailChanged => ("write to whoever runs", false),
                _ => ("set a new password", true),
            };
            assert!(message.paragraphs[1].contains(words), "{about:?}");
            assert_eq!(text.contains("https://connect.example/you"), leads_on, "{text}");
        }
    }
}
