//! Who can do something, what can be done, and an organization's entries as its members read them. No I/O.

use crate::{
    error::AppError,
    ids::{EventId, UserId},
    timestamp::Moment,
};
use serde::{Deserialize, Serialize};

/// Who did it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Actor {
    /// A signed-in person.
    Member(UserId),
    /// Somebody with a link.
    Client,
    /// The operator, at the command line.
    Operator,
    /// Instagram, by an answer or a callback.
    Instagram,
    /// Stripe, by what it says of a subscription.
    Stripe,
    /// Grantlink itself, tidying up.
    Grantlink,
}

impl Actor {
    /// Those who are no persons of the organization, each with its own word.
    pub const OTHERS: [Self; 5] = [Self::Client, Self::Instagram, Self::Stripe, Self::Operator, Self::Grantlink];

    /// What an entry by a signed-in person begins with.
    pub const MEMBER: &str = "member:";

    /// How it is stored.
    pub fn to_stored(self) -> String {
        match self {
            Self::Member(id) => format!("{}{id}", Self::MEMBER),
            Self::Client => "client".into(),
            Self::Operator => "operator".into(),
            Self::Instagram => "instagram".into(),
            Self::Stripe => "stripe".into(),
            Self::Grantlink => "grantlink".into(),
        }
    }

    /// Back from what was stored, or from a page's address; `None` for anything else.
    pub fn from_stored(text: &str) -> Option<Self> {
        match text.strip_prefix(Self::MEMBER) {
            Some(id) => id.parse().ok().map(Self::Member),
            None => Self::OTHERS.into_iter().find(|actor| actor.to_stored() == text),
        }
    }
}

/// One row an action: its name, the word it is stored under, and what people read of it. A word that was stored once
/// is never given to anything else.
macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $label:literal;)+) => {
        /// What was done.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub enum Action {
            $($(#[$doc])* $name,)+
        }

        impl Action {
            /// Every action there is, in the order in which people choose from them.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The word it is stored under.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)+
                }
            }

            /// What people read.
            pub const fn label(self) -> &'static str {
                match self {
                    $(Self::$name => $label,)+
                }
            }
        }
    };
}

actions! {
    /// A client pressed "Continue to Instagram", or a member went there with an account of their own. Never the mere
    /// opening of a link's page: mail scanners and chat previews do that.
    ClientStarted = "client.started", "Continued to Instagram";
    /// They came back, and there was nothing to connect: they said no, or something failed on the way.
    ClientReturned = "client.returned", "Came back without a connection";
    /// What they came back with was refused by us: another account, a personal one, a permission missing.
    ClientRefused = "client.refused", "Connection refused";
    /// A client connected an account.
    AccountConnected = "account.connected", "Account connected";
    /// The owner of an account took the access back, at Instagram or with us.
    ClientRevoked = "client.revoked", "Access taken back by the client";
    /// An account's token is dead.
    AccessLost = "access.lost", "Access lost";
    /// A member disconnected an account.
    AccountDisconnected = "account.disconnected", "Account disconnected";
    /// Everything about an account was deleted because its owner asked Instagram for it.
    AccountDeleted = "account.deleted", "Account deleted at its owner's request";
    /// A link was made.
    LinkGenerated = "link.generated", "Connect-link generated";
    /// A link was deleted.
    LinkRevoked = "link.revoked", "Connect-link deleted";
    /// Access to an account was asked for.
    AccessRequested = "access.requested", "Access requested";
    /// The URL of a request was replaced by a new one.
    RequestRegenerated = "access.regenerated", "Request link regenerated";
    /// A request was taken back.
    RequestWithdrawn = "access.withdrawn", "Request withdrawn";
    /// A person set a new password while signed in.
    PasswordChanged = "password.changed", "Password changed";
    /// A person set a new password through a link.
    PasswordReset = "password.reset", "Password set through a link";
    /// A person showed that their address is theirs.
    EmailConfirmed = "email.confirmed", "Email address confirmed";
    /// A person took another address.
    EmailChanged = "email.changed", "Email address changed";
    /// Signing in asks a person for a code from now on.
    TwoFactorOn = "two-factor.on", "Two-factor sign-in turned on";
    /// Signing in asks a person for no code any more.
    TwoFactorOff = "two-factor.off", "Two-factor sign-in turned off";
    /// A person signed in with a code made for a lost phone.
    RecoveryCodeUsed = "recovery-code.used", "Signed in with a recovery code";
    /// A person got new codes for a lost phone.
    RecoveryCodesRenewed = "recovery-codes.renewed", "Recovery codes renewed";
    /// Somebody gave a person's password and wrong codes.
    CodesRefused = "codes.refused", "Right password given with wrong codes";
    /// A person ended sessions of their own.
    SessionsEnded = "sessions.ended", "Sessions ended";
    /// Somebody with the address in a reminder stopped a member's reminders.
    RemindersStopped = "reminders.stopped", "Reminders stopped";
    /// Somebody with the address in a reminder turned a member's reminders on again.
    RemindersResumed = "reminders.resumed", "Reminders turned on again";
    /// Somebody was invited.
    MemberInvited = "member.invited", "Person invited";
    /// An invitation was sent again, under a new URL.
    InvitationResent = "invitation.resent", "Invitation sent again";
    /// An invitation was taken back, or ended with the right of whoever had sent it.
    InvitationRevoked = "invitation.revoked", "Invitation taken back";
    /// An invited person became a member.
    MemberJoined = "member.joined", "Member joined";
    /// A member was given another role.
    RoleChanged = "role.changed", "Role changed";
    /// A member was removed by another one.
    MemberRemoved = "member.removed", "Member removed";
    /// A member left.
    MemberLeft = "member.left", "Member left";
    /// An owner handed the organization over.
    OwnershipTransferred = "ownership.transferred", "Ownership transferred";
    /// An organization and its owner signed up.
    OrganizationCreated = "organization.created", "Organization created";
    /// A member changed what clients see of the organization.
    SettingsChanged = "settings.changed", "Settings changed";
    /// The operator or Stripe changed a subscription.
    SubscriptionSet = "subscription.set", "Subscription changed";
}

impl Action {
    /// Whether anybody with a link can have it written down, as often as they like.
    pub const fn is_of_strangers(self) -> bool {
        matches!(self, Self::ClientStarted | Self::ClientReturned | Self::ClientRefused)
    }

    /// Whether the entry is about a person: its subject is their id.
    pub const fn is_about_a_person(self) -> bool {
        matches!(
            self,
            Self::MemberJoined
                | Self::RoleChanged
                | Self::MemberRemoved
                | Self::MemberLeft
                | Self::OwnershipTransferred
                | Self::PasswordChanged
                | Self::PasswordReset
                | Self::EmailConfirmed
                | Self::EmailChanged
                | Self::TwoFactorOn
                | Self::TwoFactorOff
                | Self::RecoveryCodeUsed
                | Self::RecoveryCodesRenewed
                | Self::CodesRefused
                | Self::SessionsEnded
                | Self::RemindersStopped
                | Self::RemindersResumed
        )
    }

    /// Back from what was stored, or from a page's address; `None` for a word this version does not know.
    pub fn from_stored(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.as_str() == word)
    }
}

/// What somebody asks to see, as it stands in the address of the page and of the export. Empty means everything.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    /// Who did it, as stored.
    #[serde(default)]
    pub who: String,
    /// What was done, as stored.
    #[serde(default)]
    pub what: String,
    /// The first day, like 2026-11-26.
    #[serde(default)]
    pub from: String,
    /// The last day.
    #[serde(default)]
    pub to: String,
}

impl Asked {
    /// Whether anything is left out.
    pub fn is_filtered(&self) -> bool {
        *self != Self::default()
    }

    /// The address at `path` that asks for the same.
    pub fn at(&self, path: &str) -> String {
        let mut address = path.to_owned();
        let fields = [("who", &self.who), ("what", &self.what), ("from", &self.from), ("to", &self.to)];
        for (name, value) in fields.into_iter().filter(|(_, value)| !value.is_empty()) {
            address.push(if address.contains('?') { '&' } else { '?' });
            address.push_str(name);
            address.push('=');
            push_encoded(&mut address, value);
        }
        address
    }
}

/// Whatever was typed becomes part of an address, and nothing but a part of it.
fn push_encoded(address: &mut String, value: &str) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            address.push(char::from(byte));
        } else {
            address.push_str(&format!("%{byte:02X}"));
        }
    }
}

/// One entry, in words.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct EntryView {
    /// Names the entry.
    pub id: EventId,
    /// Its number in the organization's chain; `None` for a moment after an update of Grantlink.
    pub number: Option<i64>,
    /// When.
    pub at: Moment,
    /// Who: an address, or "A client".
    pub who: String,
    /// What was done.
    pub what: String,
    /// On what: "@studio.nora", a link's description, an address. Words of strangers among them.
    pub about: Option<String>,
    /// A sentence more.
    pub note: Option<String>,
    /// The address it came from.
    pub from: Option<String>,
}

/// A choice in a list: what is sent, and what people read.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// As it is sent.
    pub value: String,
    /// As it reads.
    pub label: String,
}

/// A place between two entries: what a page's address carries. Opaque to people.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct EntryCursor {
    /// When the last entry before the place was written, in microseconds since 1970.
    pub at: i64,
    /// Which entry that was.
    pub id: EventId,
}

impl std::fmt::Display for EntryCursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.at, self.id)
    }
}

impl std::str::FromStr for EntryCursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (at, id) = text.rsplit_once('-').ok_or(())?;
        Ok(Self { at: at.parse().map_err(|_| ())?, id: id.parse().map_err(|_| ())? })
    }
}

/// A page of entries, newest first, with the form that chooses among them.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct ActivityView {
    /// The entries.
    pub entries: Vec<EntryView>,
    /// Where the older ones begin; `None` when there are none.
    pub next: Option<EntryCursor>,
    /// Whether newer ones stand on an earlier page.
    pub is_later_page: bool,
    /// What was asked for, as it was typed.
    pub asked: Asked,
    /// What of that cannot be; nothing is shown then.
    pub refused: Option<AppError>,
    /// Who can be chosen.
    pub people: Vec<Choice>,
    /// What can be chosen.
    pub actions: Vec<Choice>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_action_is_read_back_as_it_was_stored_and_has_words_of_its_own() {
        let mut labels = BTreeSet::new();
        for action in Action::ALL {
            assert_eq!(Action::from_stored(action.as_str()), Some(*action));
            assert!(labels.insert(action.label()), "{action:?} reads like another");
        }
        assert_eq!(Action::from_stored(""), None);
    }

    #[test]
    fn everybody_is_read_back_as_they_were_stored() {
        let member = Actor::Member("0198f000000070008000000000000000".parse().unwrap());
        for actor in Actor::OTHERS.into_iter().chain([member]) {
            assert_eq!(Actor::from_stored(&actor.to_stored()), Some(actor));
        }
        for wrong in ["", "member:", "member:x", "somebody", "Client"] {
            assert_eq!(Actor::from_stored(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_place_between_entries_survives_the_address_of_a_page() {
        let place = EntryCursor { at: -5, id: "0198f000000070008000000000000000".parse().unwrap() };
        assert_eq!(place.to_string().parse(), Ok(place));
        for wrong in ["", "-", "5", "x-0198f000000070008000000000000000", "5-x"] {
            assert!(wrong.parse::<EntryCursor>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a65_what_was_asked_for_stays_one_value_in_an_address() {
        assert_eq!(Asked::default().at("/audit"), "/audit");
        let asked = Asked { who: "member:1&to=x".into(), from: "2026-11-26".into(), ..Asked::default() };
        assert_eq!(asked.at("/audit.csv"), "/audit.csv?who=member%3A1%26to%3Dx&from=2026-11-26");
        assert!(asked.is_filtered() && !Asked::default().is_filtered());
    }
}
