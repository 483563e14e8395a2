//! "@handle needs to be reconnected": to the members, once, when Instagram no longer lets us read it (T25, F19).

use super::{super::Message, at, closing, name, open_account};
use url::Url;

/// What there is to say.
#[derive(Clone, Copy)]
pub struct NeedsReconnection<'a> {
    /// The account, with or without "@".
    pub handle: &'a str,
    /// Whose account it is.
    pub organization: &'a str,
    /// Why, as one whole sentence.
    pub reason: &'a str,
    /// The account's page.
    pub account_url: &'a Url,
    /// Whom to ask.
    pub support: Option<&'a str>,
}

/// Puts it in words.
pub fn needs_reconnection(facts: &NeedsReconnection<'_>) -> Message {
    let (handle, organization) = (at(facts.handle), name(facts.organization));
    Message {
        subject: format!("{handle} needs to be reconnected to {organization}"),
        heading: format!("{handle} needs to be reconnected"),
        paragraphs: vec![
            format!(
                "Instagram no longer lets {organization} read the Instagram account {handle}. {}",
                facts.reason.trim()
            ),
            "Nothing is collected from it until it is reconnected. Everything collected so far is kept.".to_owned(),
            "Open the account and choose \"Log in again\" if you can sign in to it yourself, or \"Ask the client to \
             reconnect\" to get a link for the person who can."
                .to_owned(),
        ],
        action: Some(open_account(&handle, facts.account_url)),
        closing: closing(&organization, facts.support),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t25_t27_it_says_what_happened_that_nothing_is_collected_and_what_to_do() {
        let account_url = Url::parse("https://connect.example/accounts/0198").unwrap();
        let message = needs_reconnection(&NeedsReconnection {
            handle: "@bakery_huber",
            organization: "Bright & Bold",
            reason: "Its password was changed.",
            account_url: &account_url,
            support: None,
        });
        assert_eq!(message.subject, "@bakery_huber needs to be reconnected to Bright & Bold");
        let text = message.paragraphs.join(" ");
        for words in [
            "no longer lets Bright & Bold read the Instagram account @bakery_huber. Its password was changed.",
            "Nothing is collected",
            "\"Log in again\"",
            "\"Ask the client to reconnect\"",
        ] {
            assert!(text.contains(words), "{words}: {text}");
        }
        assert_eq!(message.closing.len(), 1, "nobody to ask, so nobody is named");
    }
}
