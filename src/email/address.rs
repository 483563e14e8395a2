//! Addresses, taken strictly: one address, in ASCII, or a reason. What gets through here can stand in a header and in
//! an SMTP command as it is. Internationalized host names are written the way DNS knows them.

use super::{MailError, message::one_line};
use lettre::{
    Address,
    message::{Mailbox, Mailboxes},
};
use std::fmt;
use url::Host;

/// Bytes of an address (RFC 5321 section 4.5.3.1, less the two brackets).
const MAX_ADDRESS: usize = 254;
/// Bytes before the "@".
const MAX_LOCAL: usize = 64;
/// Bytes of one label of a host name.
const MAX_LABEL: usize = 63;
/// Characters of a name beside an address.
const MAX_NAME: usize = 80;

/// Whom a mail is for, or who gets the answer: exactly one address (A62), maybe with a name.
#[derive(Clone, Eq, PartialEq)]
pub struct Recipient(Mailbox);

impl Recipient {
    /// Takes one bare address.
    ///
    /// # Errors
    /// [`MailError::Refused`] when nobody can have this address, or only with an extension that most servers lack
    /// (SMTPUTF8).
    pub fn parse(text: &str) -> Result<Self, MailError> {
        let address = address(text).map_err(|why| MailError::Refused(format!("the address {why}")))?;
        Ok(Self(address.into()))
    }

    /// With the name that mail programs show; made harmless, and left out when nothing remains.
    #[must_use]
    pub fn with_name(self, name: &str) -> Self {
        Self(Mailbox::new(harmless_name(name), self.0.email))
    }

    pub(super) fn mailbox(&self) -> Mailbox {
        self.0.clone()
    }

    pub(super) fn address(&self) -> Address {
        self.0.email.clone()
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Recipient([redacted])")
    }
}

/// Whom a mail is from: the setting `MAIL_FROM`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Sender(Mailbox);

impl Sender {
    /// Good enough while mails stay on this machine.
    pub const DEFAULT: &'static str = "Grantlink <grantlink@localhost>";

    /// Takes `Name <address>` or a bare address.
    ///
    /// # Errors
    /// What is wrong with it, to follow "MAIL_FROM".
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (name, bare) = match text.strip_suffix('>').and_then(|rest| rest.split_once('<')) {
            Some((name, bare)) => (harmless_name(name.trim().trim_matches('"')), bare),
            None => (None, text),
        };
        let address = address(bare).map_err(|why| format!("cannot be used: the address {why}"))?;
        let mailbox = Mailbox::new(name, address);
        // The message builder reads its own header back, and would refuse every mail over a name it cannot read.
        if Mailboxes::from(mailbox.clone()).to_string().parse::<Mailboxes>().is_err() {
            return Err("has a name that cannot stand in a mail; choose a simpler one".into());
        }
        Ok(Self(mailbox))
    }

    /// What follows the "@".
    pub fn domain(&self) -> &str {
        self.0.email.domain()
    }

    pub(super) fn mailbox(&self) -> Mailbox {
        self.0.clone()
    }

    pub(super) fn address(&self) -> Address {
        self.0.email.clone()
    }
}

fn harmless_name(name: &str) -> Option<String> {
    Some(one_line(name, MAX_NAME)).filter(|name| !name.is_empty())
}

/// One address that every mail server can take, or what is wrong with it.
fn address(text: &str) -> Result<Address, &'static str> {
    let Some((local, domain)) = text.split_once('@') else { return Err("has no @") };
    if !local.is_ascii() {
        return Err("has letters before the @ that most mail servers cannot take");
    }
    let local_fits = local.len() <= MAX_LOCAL
        && local.split('.').all(|atom| {
            !atom.is_empty() && atom.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b))
        });
    if !local_fits {
        return Err("is not one plain address before the @");
    }
    let domain = host_name(domain).ok_or("is not one plain address after the @")?;
    if local.len() + 1 + domain.len() > MAX_ADDRESS {
        return Err("is too long");
    }
    Address::new(local, domain).map_err(|_| "cannot be used")
}

/// A host name as DNS has it; `None` for anything else, an IP address included.
fn host_name(text: &str) -> Option<String> {
    // A URL would take "%61" for "a"; an address does not.
    if text.contains('%') {
        return None;
    }
    let Ok(Host::Domain(name)) = Host::parse(text) else { return None };
    let is_label = |label: &str| {
        (1..=MAX_LABEL).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.split('.').all(is_label).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> String {
        Recipient::parse(text).unwrap().address().to_string()
    }

    #[test]
    fn one_plain_address_is_taken_as_it_is() {
        for plain in
            ["ann@agency.example", "Ann.O'Neil+news@agency.example", "a@b.co", "root@localhost", "x-1_y@a-b.example"]
        {
            assert_eq!(written(plain), plain);
        }
        assert_eq!(written("ann@Agency.EXAMPLE"), "ann@agency.example");
    }

    #[test]
    fn a62_what_is_not_exactly_one_address_is_refused() {
        let long_local = format!("{}@x.example", "a".repeat(65));
        let long_label = format!("a@{}.example", "b".repeat(64));
        let label = "b".repeat(60);
        let long = format!("{}@{}.example", "a".repeat(60), [label.as_str(); 4].join("."));
        for wrong in [
            "",
            "ann",
            "@x.example",
            "ann@",
            "a@x.example, b@x.example",
            "a@x.example,b@x.example",
            "a@x.example;b@x.example",
            "a@x.example b@x.example",
            "\"<x>\"@y.example",
            "\"a b\"@y.example",
            "Ann <ann@x.example>",
            "<ann@x.example>",
            "a@b@x.example",
            " a@x.example",
            "a@x.example ",
            "a b@x.example",
            "a@x.example\r\nBcc: b@x.example",
            "a\r\n@x.example",
            "a@x.example\0",
            "a..b@x.example",
            ".a@x.example",
            "a.@x.example",
            "a@x..example",
            "a@x.example.",
            "a@-x.example",
            "a@x_y.example",
            "a@ex%61mple.example",
            "a@127.0.0.1",
            "a@[127.0.0.1]",
            "a@[::1]",
            "a@0x7f.1",
            "a(comment)@x.example",
            "a\u{202e}@x.example",
            &"a".repeat(400),
            &long_local,
            &long_label,
            &long,
        ] {
            assert!(matches!(Recipient::parse(wrong), Err(MailError::Refused(_))), "{wrong:?}");
        }
    }

    #[test]
    fn a62_an_internationalized_host_is_written_as_dns_has_it_and_letters_before_the_at_are_refused() {
        assert_eq!(written("ann@bücher.example"), "ann@xn--bcher-kva.example");
        assert_eq!(written("ann@BÜCHER.example"), "ann@xn--bcher-kva.example");
        let MailError::Refused(why) = Recipient::parse("jörg@agency.example").unwrap_err() else { panic!("refused") };
        assert!(why.contains("letters before the @"), "{why}");
        assert!(Recipient::parse("ann@a＠b.example").is_err(), "a full-width at sign");
    }

    #[test]
    fn no_refusal_and_no_debug_repeats_the_address() {
        let recipient = Recipient::parse("ann@agency.example").unwrap().with_name("Ann");
        assert!(!format!("{recipient:?}").contains("nn"), "{recipient:?}");
        assert!(!format!("{:?}", Recipient::parse("ann secret@x").unwrap_err()).contains("secret"));
    }

    #[test]
    fn a_sender_has_a_name_or_none() {
        let shown = |text: &str| Sender::parse(text).unwrap().mailbox().to_string();
        assert_eq!(shown(Sender::DEFAULT), Sender::DEFAULT);
        assert_eq!(shown("mail@agency.example"), "mail@agency.example");
        assert_eq!(shown("<mail@agency.example>"), "mail@agency.example");
        assert_eq!(shown("\"Bright, Bold\" <mail@agency.example>"), "\"Bright, Bold\" <mail@agency.example>");
        for name in
            ["Bright & Bold", "Bright, Bold", "Büro für alles", "a@b.example", "Ann \"A\" O'Neil", "9", "日本", "=?x?="]
        {
            assert!(Sender::parse(&format!("{name} <mail@agency.example>")).is_ok(), "{name}");
        }
        for wrong in
            ["", "Grantlink", "Grantlink <>", "a@x.example, b@x.example", "A <a@x.example> B", "A <a@b@x.example>"]
        {
            assert!(Sender::parse(wrong).is_err(), "{wrong}");
        }
        assert_eq!(Sender::parse("Ann <ann@agency.example>").unwrap().domain(), "agency.example");
    }
}
