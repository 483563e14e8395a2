//! Puts a mail into the bytes that travel and the envelope around them. Nothing here is left to chance or to the clock:
//! one mail always becomes the same bytes. lettre encodes headers and bodies; what it would let through is mended
//! before.

use super::{
    Mail, MailError, Sender,
    message::{MAX_LINE, one_line},
};
use crate::timestamp::Timestamp;
use lettre::{
    address::Envelope,
    message::{
        MultiPart, SinglePart,
        header::{HeaderName, HeaderValue},
    },
};
use sha2::{Digest, Sha256};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Characters of the part of a Message-ID before the "@".
const MAX_ID: usize = 64;
/// The last second that a mail's date can name.
const LAST_SECOND: u64 = 253_402_300_799;

/// A mail on paper.
pub(super) struct Composed {
    /// Who sends it to whom; what SMTP goes by.
    pub(super) envelope: Envelope,
    /// Headers and body, ASCII, every line ended by CRLF.
    pub(super) bytes: Vec<u8>,
    /// What a file with it is called: sorts by date, and is the same whenever the mail is.
    pub(super) file_name: String,
}

/// Puts a mail on paper.
///
/// # Errors
/// [`MailError::Refused`] when the mail was made wrongly; nobody else can cause that.
pub(super) fn compose(mail: &Mail, from: &Sender) -> Result<Composed, MailError> {
    let refused = |what: &str| MailError::Refused(format!("the mail cannot be written: {what}"));
    if !is_id(&mail.id) {
        return Err(refused("its id cannot stand in a Message-ID"));
    }
    let mut links = mail.message.action.iter().map(|action| &action.url).chain(&mail.unsubscribe);
    if links.any(|url| !matches!(url.scheme(), "http" | "https")) {
        return Err(refused("a link in it leads to no website"));
    }
    let envelope =
        Envelope::new(Some(from.address()), vec![mail.to.address()]).map_err(|_| refused("it has no recipient"))?;
    let mut builder = lettre::Message::builder()
        .envelope(envelope.clone())
        .date(date(mail.sent_at))
        .from(from.mailbox())
        .to(mail.to.mailbox())
        .subject(without_encoded_words(&one_line(&mail.message.subject, MAX_LINE)))
        .message_id(Some(format!("<{}@{}>", mail.id, from.domain())))
        // RFC 3834 section 5: no out-of-office note answers this.
        .raw_header(header("Auto-Submitted", "auto-generated".into()));
    if let Some(reply_to) = &mail.reply_to {
        builder = builder.reply_to(reply_to.mailbox());
    }
    if let Some(url) = &mail.unsubscribe {
        builder = builder
            .raw_header(header("List-Unsubscribe", format!("<{url}>")))
            .raw_header(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".into()));
    }
    let text = mail.message.text(mail.unsubscribe.as_ref());
    let html = mail.message.html(mail.unsubscribe.as_ref());
    let parts = MultiPart::alternative()
        .boundary(boundary(&mail.id, &text, &html))
        .singlepart(SinglePart::plain(text))
        .singlepart(SinglePart::html(html));
    let message = builder.multipart(parts).map_err(|_| refused("its headers do not fit together"))?;
    Ok(Composed { envelope, bytes: message.formatted(), file_name: file_name(mail.sent_at, &mail.id) })
}

/// Letters, digits, "-" and "_", with single dots between them (RFC 5322 section 3.2.3, and less); fit for a file name.
fn is_id(id: &str) -> bool {
    let is_atom =
        |atom: &str| !atom.is_empty() && atom.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    id.len() <= MAX_ID && id.split('.').all(is_atom)
}

fn header(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value)
}

/// Text that a mail program would decode (RFC 2047) is broken up, so that it is shown as it was written: the encoder
/// takes ASCII for harmless and would pass it on.
fn without_encoded_words(text: &str) -> String {
    text.replace("=?", "=\u{200b}?")
}

/// A line that separates the parts: told by what they say, so that it is always the same and stands in neither.
fn boundary(id: &str, text: &str, html: &str) -> String {
    let mut hasher = Sha256::new();
    for part in [id, text, html] {
        hasher.update(part);
        hasher.update([0]);
    }
    hasher.finalize().iter().take(16).fold("grantlink-".to_owned(), |line, byte| format!("{line}{byte:02x}"))
}

fn date(sent_at: Timestamp) -> SystemTime {
    let seconds = u64::try_from(sent_at.as_micros() / 1_000_000).unwrap_or(0);
    UNIX_EPOCH + Duration::from_secs(seconds.min(LAST_SECOND))
}

fn file_name(sent_at: Timestamp, id: &str) -> String {
    let time = jiff::Timestamp::from_microsecond(sent_at.as_micros()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let micros = sent_at.as_micros().rem_euclid(1_000_000);
    format!("{}.{micros:06}Z-{id}.eml", time.strftime("%Y%m%dT%H%M%S"))
}
