//! What a job says of itself: its kind, and the ids it needs. Everything else is looked up when it is done, so that
//! what changed meanwhile counts; no secret and no address of a person is ever in it (A75).

use crate::{
    failure::Failure,
    ids::{AccountId, InvitationId, OrganizationId, UserId},
};
use serde::{Deserialize, Serialize};

/// One kind of work, with what it is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(tag = "job", rename_all = "snake_case")]
pub enum Job {
    /// Renew the access to an account before it ends.
    RenewAccess {
        /// Which.
        account: AccountId,
    },
    /// Collect what is new at an account.
    CollectPosts {
        /// Which.
        account: AccountId,
    },
    /// Copy the profile picture of an account while Instagram still shows it.
    CopyProfilePicture {
        /// Of which account.
        account: AccountId,
    },
    /// Copy the pictures of collected posts while Instagram still shows them.
    CopyPictures {
        /// Of which account.
        account: AccountId,
    },
    /// Delete everything collected from an account, which may be gone itself; of one that is on its list, only the
    /// pictures of posts that are gone.
    ForgetPosts {
        /// Which it was.
        account: AccountId,
    },
    /// Delete the logos of an organization that are shown no more: all of them, once it is gone.
    ForgetLogos {
        /// Which it is or was.
        organization: OrganizationId,
    },
    /// Send an invitation to the address it is for.
    MailInvitation {
        /// Which.
        invitation: InvitationId,
    },
    /// Tell a member that an account is connected and collecting (T18).
    MailCollecting {
        /// Which.
        account: AccountId,
        /// Whom.
        to: UserId,
    },
    /// Tell a member that an account has to be connected again (T25).
    MailNeedsReconnection {
        /// Which.
        account: AccountId,
        /// Whom.
        to: UserId,
    },
    /// Tell a member that the access to an account ends soon, because renewing it fails.
    MailEndsSoon {
        /// Which.
        account: AccountId,
        /// Whom.
        to: UserId,
        /// In how many days.
        days: i32,
    },
    /// Give a person a one-time link that sets a new password.
    MailResetPassword {
        /// Whom.
        to: UserId,
    },
    /// Give a person a link that shows that their address, or the one they want instead, is theirs.
    MailConfirmEmail {
        /// Whom.
        to: UserId,
    },
    /// Tell a person what happened to how they sign in.
    MailSignInNotice {
        /// Whom.
        to: UserId,
        /// What.
        about: Notice,
    },
}

/// What a person is told about how they sign in, so that somebody else's doing does not go unnoticed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// The password was changed.
    PasswordChanged,
    /// Another address was asked for.
    EmailChangeAsked,
    /// Another address has taken the place of the one that is told.
    EmailChanged,
    /// Signing in asks for a code from now on.
    TwoFactorOn,
    /// Signing in asks for no code any more.
    TwoFactorOff,
    /// Somebody signed in with a recovery code.
    RecoveryCodeUsed,
    /// There are new recovery codes.
    RecoveryCodesRenewed,
    /// Somebody knew the password and gave wrong codes.
    WrongCodes,
}

impl Notice {
    /// The word that tells two jobs apart, and under which the addresses of those it goes to are kept.
    pub const fn word(self) -> &'static str {
        match self {
            Self::PasswordChanged => "password_changed",
            Self::EmailChangeAsked => "email_change_asked",
            Self::EmailChanged => "email_changed",
            Self::TwoFactorOn => "two_factor_on",
            Self::TwoFactorOff => "two_factor_off",
            Self::RecoveryCodeUsed => "recovery_code_used",
            Self::RecoveryCodesRenewed => "recovery_codes_renewed",
            Self::WrongCodes => "wrong_codes",
        }
    }
}

impl Job {
    /// The kinds that delete what nobody may see any more. They outlive the organization they were made for.
    pub const CLEANING_UP: [&'static str; 2] = ["forget_posts", "forget_logos"];

    /// The word it is listed under.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::RenewAccess { .. } => "renew_access",
            Self::CollectPosts { .. } => "collect_posts",
            Self::CopyProfilePicture { .. } => "copy_profile_picture",
            Self::CopyPictures { .. } => "copy_pictures",
            Self::ForgetPosts { .. } => "forget_posts",
            Self::ForgetLogos { .. } => "forget_logos",
            Self::MailInvitation { .. } => "mail_invitation",
            Self::MailCollecting { .. } => "mail_collecting",
            Self::MailNeedsReconnection { .. } => "mail_needs_reconnection",
            Self::MailEndsSoon { .. } => "mail_ends_soon",
            Self::MailResetPassword { .. } => "mail_reset_password",
            Self::MailConfirmEmail { .. } => "mail_confirm_email",
            Self::MailSignInNotice { .. } => "mail_sign_in_notice",
        }
    }

    /// The account with which it goes away; the job that cleans up after one stays.
    pub const fn ends_with_account(self) -> Option<AccountId> {
        match self {
            Self::ForgetPosts { .. }
            | Self::ForgetLogos { .. }
            | Self::MailInvitation { .. }
            | Self::MailResetPassword { .. }
            | Self::MailConfirmEmail { .. }
            | Self::MailSignInNotice { .. } => None,
            Self::RenewAccess { account }
            | Self::CollectPosts { account }
            | Self::CopyProfilePicture { account }
            | Self::CopyPictures { account }
            | Self::MailCollecting { account, .. }
            | Self::MailNeedsReconnection { account, .. }
            | Self::MailEndsSoon { account, .. } => Some(account),
        }
    }

    /// What two jobs have in common of which only one has to be done.
    pub fn dedup_key(self) -> String {
        let kind = self.kind();
        match self {
            Self::RenewAccess { account }
            | Self::CollectPosts { account }
            | Self::CopyProfilePicture { account }
            | Self::CopyPictures { account }
            | Self::ForgetPosts { account } => format!("{kind} {account}"),
            Self::ForgetLogos { organization } => format!("{kind} {organization}"),
            Self::MailInvitation { invitation } => format!("{kind} {invitation}"),
            Self::MailCollecting { account, to } | Self::MailNeedsReconnection { account, to } => {
                format!("{kind} {account} {to}")
            }
            Self::MailEndsSoon { account, to, days } => format!("{kind} {account} {to} {days}"),
            Self::MailResetPassword { to } | Self::MailConfirmEmail { to } => format!("{kind} {to}"),
            Self::MailSignInNotice { to, about } => format!("{kind} {to} {}", about.word()),
        }
    }

    pub(super) fn to_json(self) -> Result<String, Failure> {
        serde_json::to_string(&self).map_err(|error| Failure::Internal(Box::new(error)))
    }

    pub(super) fn from_json(text: &str) -> Result<Self, Failure> {
        serde_json::from_str(text).map_err(|error| Failure::Internal(Box::new(error)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_comes_back_from_its_row_as_it_went_in() {
        let account = "0198f000000070008000000000000001".parse().unwrap();
        let to = "0198f000000070008000000000000002".parse().unwrap();
        let organization = "0198f000000070008000000000000003".parse().unwrap();
        let invitation = "0198f000000070008000000000000004".parse().unwrap();
        for job in [
            Job::MailInvitation { invitation },
            Job::RenewAccess { account },
            Job::CollectPosts { account },
            Job::CopyProfilePicture { account },
            Job::CopyPictures { account },
            Job::ForgetPosts { account },
            Job::ForgetLogos { organization },
            Job::MailCollecting { account, to },
            Job::MailNeedsReconnection { account, to },
            Job::MailEndsSoon { account, to, days: 7 },
            Job::MailResetPassword { to },
            Job::MailConfirmEmail { to },
            Job::MailSignInNotice { to, about: Notice::PasswordChanged },
        ] {
            let text = job.to_json().unwrap();
            assert!(text.contains(job.kind()), "{text}");
            assert_eq!(Job::from_json(&text).unwrap(), job);
            assert!(job.dedup_key().starts_with(job.kind()));
            let outlives = matches!(job, Job::ForgetPosts { .. } | Job::ForgetLogos { .. });
            assert_eq!(Job::CLEANING_UP.contains(&job.kind()), outlives, "{job:?}");
        }
    }
}
