//! Members and invitations, as people see them. No I/O.

use crate::{
    identity::model::Member,
    ids::{InvitationId, UserId},
    organizations::model::Role,
    timestamp::Moment,
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What the page of the members shows.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct MembersView {
    /// Who looks.
    pub member: Member,
    /// The members: owners first, then by address.
    pub members: Vec<MemberView>,
    /// The open invitations, newest first. Empty for whoever may not manage members.
    pub invitations: Vec<InvitationView>,
}

/// One member.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct MemberView {
    /// The person.
    pub user_id: UserId,
    /// Their address.
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// When they became a member.
    pub joined_at: Moment,
    /// Whether this is who looks.
    pub is_you: bool,
    /// Whether the organization would be without an owner when they left; so they cannot.
    pub is_last_owner: bool,
}

/// An invitation that was neither accepted nor taken back. One that ran out stays on the list, to be sent again.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct InvitationView {
    /// Names the row.
    pub id: InvitationId,
    /// Who is invited.
    pub email: String,
    /// As what.
    pub role: Role,
    /// Address of who sent it; `None` when that account is gone.
    pub invited_by: Option<String>,
    /// When it was made.
    pub created_at: Moment,
    /// When it runs out or ran out.
    pub expires_at: Moment,
    /// Whether it has.
    pub is_expired: bool,
}

/// The password of a signed-in person, typed once more before something that a borrowed session must not do (A50).
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PasswordAgain(String);

impl fmt::Debug for PasswordAgain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(feature = "ssr")]
impl PasswordAgain {
    /// The password.
    pub fn into_secret(self) -> crate::secret::SecretString {
        self.0.into()
    }
}

/// What the page of a live invitation shows, to whoever has its token.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct InvitePage {
    /// Name of the organization.
    pub organization: String,
    /// Address of who sent it; `None` when that account is gone.
    pub invited_by: Option<String>,
    /// Who is invited.
    pub email: String,
    /// As what.
    pub role: Role,
    /// How the browser stands towards it.
    pub standing: InviteStanding,
}

/// What has to be done to accept an invitation.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub enum InviteStanding {
    /// Choose a password: the address has no account yet.
    NewPerson,
    /// Enter the password: the address has an account, and nobody is signed in here.
    KnownPerson,
    /// Nothing more than accepting: the invited person is signed in here.
    SignedIn,
    /// Nothing until that person has signed out: the invitation is for somebody else.
    SignedInAsOther {
        /// Who is signed in here.
        email: String,
    },
}
