//! Organizations and what their people may do. No I/O.

use crate::{error::AppError, ids::OrganizationId};
use serde::{Deserialize, Serialize};

/// An agency.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Organization {
    /// Names the row.
    pub id: OrganizationId,
    /// ASCII, unique, stable: what an operator calls it.
    pub slug: String,
    /// What people call it.
    pub name: String,
}

/// Whether a member gets the reminders of an organization, for the page that a reminder leads to. It does not say who
/// the member is: mails are passed on.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct RemindersView {
    /// Name of the organization.
    pub organization: String,
    /// Whether they are sent.
    pub on: bool,
}

/// The name of an organization, as its clients will read it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OrganizationName(String);

impl OrganizationName {
    /// Characters a name may have.
    pub const MAX_CHARS: usize = 80;

    /// Trims, folds white space and checks.
    ///
    /// # Errors
    /// When nothing readable is left or it is too long.
    pub fn parse(text: &str) -> Result<Self, AppError> {
        let folded = text
            .split(|c: char| c.is_whitespace() || c.is_control())
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()
            .join(" ");
        if !folded.chars().any(char::is_alphanumeric) {
            return Err(AppError::field("organization", "Enter the name your clients know you by."));
        }
        if folded.chars().count() > Self::MAX_CHARS {
            return Err(AppError::field(
                "organization",
                format!("Use at most {} characters for the name.", Self::MAX_CHARS),
            ));
        }
        Ok(Self(folded))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The slug this name asks for: ASCII letters and digits with single dashes, never empty.
    pub fn slug(&self) -> String {
        let mut slug = String::new();
        for c in self.0.chars().flat_map(char::to_lowercase) {
            if c.is_ascii_alphanumeric() {
                slug.push(c);
            } else if !slug.is_empty() && !slug.ends_with('-') {
                slug.push('-');
            }
        }
        let slug: String = slug.trim_end_matches('-').chars().take(48).collect();
        if slug.is_empty() { "organization".into() } else { slug.trim_end_matches('-').into() }
    }
}

/// One organization a person belongs to, for the switcher.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct OrganizationChoice {
    /// Names the row.
    pub id: OrganizationId,
    /// What people call it.
    pub name: String,
    /// Whether the session is working for it now.
    pub is_current: bool,
}

/// What a person is in an organization. What each may do stands in [`Role::may`].
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// May do everything.
    Owner,
    /// Looks after people and settings; cannot touch an owner.
    Admin,
    /// Makes links and looks after accounts.
    Member,
    /// Sees accounts and states, no URLs. The default, since it may do least.
    #[default]
    Viewer,
}

impl Role {
    /// The word it is stored under.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Member => "member",
            Self::Viewer => "viewer",
        }
    }

    /// Back from what was stored.
    pub fn from_stored(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    /// Every role, the one that may most first.
    pub const ALL: [Self; 4] = [Self::Owner, Self::Admin, Self::Member, Self::Viewer];

    /// The word people read.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Owner => "Owner",
            Self::Admin => "Admin",
            Self::Member => "Member",
            Self::Viewer => "Viewer",
        }
    }

    /// Whether this role allows that: the one table of who may do what (A15, A52). `docs/roles.md` is made from it.
    pub const fn may(self, permission: Permission) -> bool {
        match permission {
            Permission::SeeAccounts => true,
            Permission::ShareLinks => matches!(self, Self::Owner | Self::Admin | Self::Member),
            Permission::ManageMembers | Permission::ManageSettings | Permission::ReadAudit => {
                matches!(self, Self::Owner | Self::Admin)
            }
            Permission::OwnOrganization => matches!(self, Self::Owner),
        }
    }

    /// Whether a member of this role may give somebody that role, by inviting or changing, and take it away. Only an
    /// owner makes and unmakes owners.
    pub const fn may_give(self, role: Self) -> bool {
        match role {
            Self::Owner => self.may(Permission::OwnOrganization),
            Self::Admin | Self::Member | Self::Viewer => self.may(Permission::ManageMembers),
        }
    }
}

/// Something that not every role may do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Permission {
    /// See accounts with their posts, the labels and states of links, and who the members are.
    SeeAccounts,
    /// Make, see, copy and delete links; connect and disconnect accounts.
    ShareLinks,
    /// Invite, take invitations back, change roles below owner, remove members.
    ManageMembers,
    /// Change the organization's name, logo, accent colour and support address.
    ManageSettings,
    /// Read and export what happened.
    ReadAudit,
    /// Make and unmake owners, transfer the organization, delete it.
    OwnOrganization,
}

impl Permission {
    /// Every permission, in the order of the documented table.
    pub const ALL: [Self; 6] = [
        Self::SeeAccounts,
        Self::ShareLinks,
        Self::ManageMembers,
        Self::ManageSettings,
        Self::ReadAudit,
        Self::OwnOrganization,
    ];

    /// What it allows, in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::SeeAccounts => "see accounts and posts, labels and states of links, and who the members are",
            Self::ShareLinks => "make, see, copy and delete links; connect and disconnect accounts",
            Self::ManageMembers => "invite people, take invitations back, change roles below owner, remove members",
            Self::ManageSettings => "change name, logo, accent colour and support address",
            Self::ReadAudit => "read and export what happened",
            Self::OwnOrganization => "make and unmake owners, transfer the organization, delete it",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_ascii_and_never_empty() {
        let slug = |name: &str| OrganizationName::parse(name).unwrap().slug();
        assert_eq!(slug("Bright & Bold GmbH"), "bright-bold-gmbh");
        assert_eq!(slug("  Ünïcode  "), "n-code");
        assert_eq!(slug("株式会社"), "organization");
        assert_eq!(slug(&"x".repeat(80)).len(), 48);
    }

    #[test]
    fn a_name_needs_something_readable() {
        assert!(OrganizationName::parse(" \u{0} - ").is_err());
        assert!(OrganizationName::parse(&"x".repeat(81)).is_err());
        assert_eq!(OrganizationName::parse(" A\n B ").unwrap().as_str(), "A B");
    }

    #[test]
    fn every_role_is_read_back_as_it_was_stored() {
        for role in Role::ALL {
            assert_eq!(Role::from_stored(role.as_str()), Some(role));
        }
        assert_eq!(Role::from_stored("root"), None);
    }

    #[test]
    fn a52_a_higher_role_may_all_that_a_lower_one_may() {
        for pair in Role::ALL.windows(2) {
            for permission in Permission::ALL {
                assert!(pair[0].may(permission) || !pair[1].may(permission), "{pair:?} {permission:?}");
            }
        }
        assert!(Permission::ALL.iter().all(|permission| Role::Owner.may(*permission)));
    }

    #[test]
    fn a15_a_viewer_sees_and_does_nothing_else() {
        for permission in Permission::ALL {
            assert_eq!(Role::Viewer.may(permission), permission == Permission::SeeAccounts, "{permission:?}");
        }
    }

    #[test]
    fn a52_nobody_gives_a_role_above_their_own() {
        for (giver, roles) in [
            (Role::Owner, &Role::ALL[..]),
            (Role::Admin, &[Role::Admin, Role::Member, Role::Viewer]),
            (Role::Member, &[]),
            (Role::Viewer, &[]),
        ] {
            for role in Role::ALL {
                assert_eq!(giver.may_give(role), roles.contains(&role), "{giver:?} gives {role:?}");
            }
        }
    }
}
