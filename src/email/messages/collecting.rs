//! "@handle is connected and collecting": to the member who asked for an account, once it is connected and its first
//! posts are collected (T18, T19).

use super::{super::Message, at, closing, name, one_line, open_account};
use url::Url;

/// What there is to say.
#[derive(Clone, Copy)]
pub struct Collecting<'a> {
    /// The account, with or without "@".
    pub handle: &'a str,
    /// Whose account it is now.
    pub organization: &'a str,
    /// The address of the member who asked for it, where somebody did.
    pub requested_by: Option<&'a str>,
    /// How many posts the first collection found.
    pub posts_collected: u64,
    /// The account's page.
    pub account_url: &'a Url,
    /// Whom to ask.
    pub support: Option<&'a str>,
}

/// Puts it in words.
pub fn collecting(facts: &Collecting<'_>) -> Message {
    let (handle, organization) = (at(facts.handle), name(facts.organization));
    let connected = match facts.requested_by {
        Some(member) => format!(
            "{} asked for access to the Instagram account {handle}, and it was given: the account is now connected to \
             {organization}.",
            one_line(member, 254),
        ),
        None => format!("The Instagram account {handle} is now connected to {organization}."),
    };
    let collected = match facts.posts_collected {
        0 => "It has no posts yet".to_owned(),
        1 => "1 post has been collected so far".into(),
        n => format!("{n} posts have been collected so far"),
    };
    Message {
        subject: format!("{handle} is connected and collecting for {organization}"),
        heading: format!("{handle} is connected and collecting"),
        paragraphs: vec![
            connected,
            format!("{collected}. New ones are collected as they appear; there is nothing you need to do."),
        ],
        action: Some(open_account(&handle, facts.account_url)),
        closing: closing(&organization, facts.support),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t18_it_says_who_asked_and_what_is_collected() {
        let account_url = Url::parse("https://connect.example/accounts/0198").unwrap();
        let facts = Collecting {
            handle: "bakery_huber",
            organization: "Bright & Bold",
            requested_by: Some("ann@agency.example"),
            posts_collected: 12,
            account_url: &account_url,
            support: None,
        };
        let message = collecting(&facts);
        assert_eq!(message.subject, "@bakery_huber is connected and collecting for Bright & Bold");
        let text = message.paragraphs.join(" ");
        assert!(
            text.starts_with("ann@agency.example asked for access to the Instagram account @bakery_huber"),
            "{text}"
        );
        assert!(text.contains("12 posts have been collected"), "{text}");
        let said =
            |posts_collected| collecting(&Collecting { posts_collected, requested_by: None, ..facts }).paragraphs;
        assert_eq!(said(1)[0], "The Instagram account @bakery_huber is now connected to Bright & Bold.");
        assert!(said(1)[1].starts_with("1 post has been collected"), "{:?}", said(1));
        assert!(said(0)[1].starts_with("It has no posts yet"), "{:?}", said(0));
    }
}
