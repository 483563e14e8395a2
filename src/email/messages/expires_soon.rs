//! "@handle will stop collecting in n days": to the members, when renewing the access to an account keeps failing and
//! the time left runs out (F22).

use super::{super::Message, at, closing, name, open_account};
use url::Url;

/// What there is to say.
#[derive(Clone, Copy)]
pub struct ExpiresSoon<'a> {
    /// The account, with or without "@".
    pub handle: &'a str,
    /// Whose account it is.
    pub organization: &'a str,
    /// Whole days left.
    pub days: u32,
    /// What renewing met last, as one whole sentence.
    pub last_error: Option<&'a str>,
    /// The account's page.
    pub account_url: &'a Url,
    /// Whom to ask.
    pub support: Option<&'a str>,
}

/// Puts it in words.
pub fn expires_soon(facts: &ExpiresSoon<'_>) -> Message {
    let (handle, organization) = (at(facts.handle), name(facts.organization));
    let when = match facts.days {
        0 => "today".to_owned(),
        1 => "in 1 day".into(),
        n => format!("in {n} days"),
    };
    let mut happened = format!(
        "The access of {organization} to the Instagram account {handle} ends {when}. Renewing it has not worked so far."
    );
    if let Some(why) = facts.last_error.map(str::trim).filter(|why| !why.is_empty()) {
        happened.push(' ');
        happened.push_str(why);
    }
    Message {
        subject: format!("{handle} will stop collecting for {organization} {when}"),
        heading: format!("{handle} will stop collecting {when}"),
        paragraphs: vec![
            happened,
            "Until then collecting goes on, and Grantlink keeps trying to renew the access.".to_owned(),
            "To be on the safe side, open the account and connect it again now. Everything collected so far is kept."
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
    fn f22_it_says_how_long_and_what_to_do() {
        let account_url = Url::parse("https://connect.example/accounts/0198").unwrap();
        let facts = ExpiresSoon {
            handle: "bakery_huber",
            organization: "Bright & Bold",
            days: 5,
            last_error: Some("Instagram did not answer."),
            account_url: &account_url,
            support: None,
        };
        let message = expires_soon(&facts);
        assert_eq!(message.subject, "@bakery_huber will stop collecting for Bright & Bold in 5 days");
        assert!(message.paragraphs[0].ends_with("so far. Instagram did not answer."), "{}", message.paragraphs[0]);
        let heading = |days| expires_soon(&ExpiresSoon { days, last_error: None, ..facts }).heading;
        assert_eq!(heading(1), "@bakery_huber will stop collecting in 1 day");
        assert_eq!(heading(0), "@bakery_huber will stop collecting today");
    }
}
