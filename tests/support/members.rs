//! Colleagues: how they are invited, and what the members of an organization see of each other.

use super::{Browser, Installation, signing_in::PASSWORD};
use grantlink::{
    ids::{InvitationId, UserId},
    organizations::{
        members::{
            model::{InvitationView, MemberView, MembersView},
            queries::{By, find_invitation},
            service::open_token,
        },
        model::Role,
    },
    paths,
};

impl Installation {
    /// The path that the mail with an invitation leads to.
    pub async fn invitation_path(&self, id: InvitationId) -> String {
        let mut conn = self.tools.db.read().await.unwrap();
        let invitation = find_invitation(&mut conn, By::Id(id)).await.unwrap().unwrap();
        let token = open_token(&self.tools, &invitation).unwrap().expect("the invitation is open");
        paths::invitation(token.expose())
    }

    /// What pressing the button in the mail about their address does for a person (the mail itself is another test's).
    pub async fn confirm_address(&self, email: &str) {
        let confirm =
            "UPDATE users SET email_verified_at = created_at WHERE email_verified_at IS NULL AND email_lower =";
        self.database.execute(&format!("{confirm} '{email}'")).await.unwrap();
    }

    /// The same for whoever is signed in in this browser.
    pub async fn confirm_own_address(&self, browser: &mut Browser) {
        let email = browser.members().await.member.email.to_lowercase();
        self.confirm_address(&email).await;
    }

    /// Somebody new, invited by a member and signed in.
    pub async fn colleague(&self, of: &mut Browser, email: &str, role: Role) -> Browser {
        self.confirm_own_address(of).await;
        let invitation = of.invite(email, role).await;
        let mut browser = self.browser();
        let page = browser.post(&self.invitation_path(invitation.id).await, &[("password", PASSWORD)]).await;
        assert_eq!((page.status, page.location.as_deref()), (303, Some("/accounts")), "{}", page.text());
        browser
    }
}

impl Browser {
    /// The member, who has confirmed their own address, invites somebody.
    pub async fn invite(&mut self, email: &str, role: Role) -> InvitationView {
        let form = [("email", email), ("role", role.as_str()), ("password", PASSWORD)];
        let page = self.call("invite_member", &form).await;
        assert_eq!(page.status, 200, "{}", page.body);
        page.json()
    }

    /// What the page of the members holds.
    pub async fn members(&mut self) -> MembersView {
        self.call("load_members", &[]).await.json()
    }

    /// The member with this address, as the list shows them.
    pub async fn find_member(&mut self, email: &str) -> Option<MemberView> {
        self.members().await.members.into_iter().find(|member| member.email == email)
    }

    /// The id of the member with this address.
    pub async fn id_of(&mut self, email: &str) -> UserId {
        self.find_member(email).await.unwrap_or_else(|| panic!("{email} is no member")).user_id
    }

    /// The status with which a member is given a role.
    pub async fn change_role(&mut self, user: UserId, role: Role) -> u16 {
        let user = user.to_string();
        let form = [("user", user.as_str()), ("role", role.as_str()), ("password", PASSWORD)];
        self.call("change_role", &form).await.status
    }

    /// The status with which a member is removed.
    pub async fn remove_member(&mut self, user: UserId) -> u16 {
        self.call("remove_member", &[("user", &user.to_string())]).await.status
    }
}
