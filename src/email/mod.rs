//! Mail to people: what it says (`messages`), how that becomes text and HTML (`message`, `html`) and bytes (`compose`),
//! and how it leaves (`mailer`: through `relay`, into a `folder`, or into memory for tests). Jobs send; requests never
//! do. Nothing here knows rows, nor of the queue more than the names of its notices, and no error repeats an address, a
//! password or what a mail says (A75).

mod address;
mod compose;
mod folder;
mod html;
mod mailer;
mod message;
pub mod messages;
mod relay;
#[cfg(test)]
mod tests;

pub use address::{Recipient, Sender};
pub use mailer::{MailSettings, Mailer};
pub use message::{Action, Message};
pub use relay::Relay;

use crate::timestamp::Timestamp;
use std::fmt;
use url::Url;

/// One mail to one person. The same mail always becomes the same bytes, so that a repetition is known for one (F06).
#[derive(Clone)]
pub struct Mail {
    /// To whom.
    pub to: Recipient,
    /// What it says.
    pub message: Message,
    /// The part of the Message-ID before the "@": the same whenever this mail is sent again. At most 64 letters,
    /// digits, "-" and "_", with single dots between them.
    pub id: String,
    /// Where an answer goes, when not to the sender.
    pub reply_to: Option<Recipient>,
    /// When it was first meant to go out: its date, also when it is sent again.
    pub sent_at: Timestamp,
    /// Where the person stops mails of this kind with one press (RFC 8058); for reminders (U27).
    pub unsubscribe: Option<Url>,
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Why a mail did not leave. The texts are for the operator: our own words and the mail server's number, nothing else.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum MailError {
    /// Trying again later may help. A server that broke off may have taken the mail all the same: its Message-ID stays.
    Temporary(String),
    /// This mail can never be delivered: the recipient or the message is refused for good.
    Refused(String),
}

impl fmt::Display for MailError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Temporary(what) | Self::Refused(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for MailError {}
