//! "You are invited to work with ... ": to somebody who may have no account here, because a member asked for it. Nothing a
//! member can write freely stands in it but the name of their organization (A62).

use super::{
    super::{Action, Message, message::one_line},
    name,
};
use url::Url;

/// What there is to say.
#[derive(Clone, Copy)]
pub struct Invitation<'a> {
    /// Into which organization.
    pub organization: &'a str,
    /// Address of who sends it; `None` when that account is gone.
    pub invited_by: Option<&'a str>,
    /// As what, in words like "an admin".
    pub role: &'a str,
    /// Where it is accepted. A secret.
    pub url: &'a Url,
    /// Until when, like "22 Nov 2026, 14:05 UTC".
    pub until: &'a str,
    /// Whom to ask.
    pub support: Option<&'a str>,
}

/// Puts it in words.
pub fn invitation(facts: &Invitation<'_>) -> Message {
    let organization = name(facts.organization);
    let inviter = facts.invited_by.map_or_else(|| "Somebody".to_owned(), |email| one_line(email, 254));
    let mut closing = vec![format!(
        "You get this email because {inviter} entered your address on Grantlink. If you do not expect it, leave it: \
         nothing happens unless you accept.",
    )];
    closing.extend(facts.support.map(|support| format!("Questions? Write to {}.", one_line(support, 254))));
    Message {
        subject: format!("{inviter} invites you to {organization} on Grantlink"),
        heading: format!("Work with {organization} on Grantlink"),
        paragraphs: vec![
            format!("{inviter} invites you to join {organization} as {}.", one_line(facts.role, 40)),
            format!(
                "The invitation is for you alone and can be accepted once, until {}. Do not pass this email on.",
                one_line(facts.until, 60)
            ),
        ],
        action: Some(Action { label: "See the invitation".to_owned(), url: facts.url.clone() }),
        closing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(organization: &str, invited_by: Option<&str>) -> Message {
        let url = Url::parse("https://connect.example/invitations/abc").unwrap();
        invitation(&Invitation {
            organization,
            invited_by,
            role: "an admin",
            url: &url,
            until: "22 Nov 2026, 14:05 UTC",
            support: Some("help@connect.example"),
        })
    }

    #[test]
    fn it_says_who_invites_where_to_as_what_and_until_when() {
        let message = message("Bright & Bold", Some("ann@agency.example"));
        assert_eq!(message.subject, "ann@agency.example invites you to Bright & Bold on Grantlink");
        let text = message.text(None);
        for words in [
            "join Bright & Bold as an admin.",
            "until 22 Nov 2026, 14:05 UTC.",
            "https://connect.example/invitations/abc",
            "nothing happens unless you accept",
            "help@connect.example",
        ] {
            assert!(text.replace('\n', " ").contains(words), "{words}: {text}");
        }
        let lower = text.to_lowercase();
        for word in ["token", "oauth", "redirect", "invalid", "credential", "error", "sorry", "@@", "!"] {
            assert!(!lower.contains(word), "{word}: {text}");
        }
        let nobody = invitation(&Invitation {
            organization: "Bright & Bold",
            invited_by: None,
            role: "a viewer",
            url: &Url::parse("https://connect.example/invitations/abc").unwrap(),
            until: "22 Nov 2026, 14:05 UTC",
            support: None,
        });
        assert!(nobody.text(None).contains("Somebody invites you to join"), "{}", nobody.text(None));
        assert_eq!(nobody.closing.len(), 1);
    }

    #[test]
    fn a61_a62_what_a_member_named_their_organization_stays_one_short_line() {
        let message = message(&"Win\r\nBcc: b@x.example ".repeat(500), Some(&format!("{}@x.example", "a".repeat(300))));
        assert!(message.subject.chars().count() <= 400 && !message.subject.contains('\n'), "{}", message.subject);
        assert!(message.text(None).len() < 2_500, "{}", message.text(None));
    }
}
