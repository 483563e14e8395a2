//! What the page of the members and the questions over it share: the members as last seen, and how to look again.

use crate::{
    error::AppError,
    ids::UserId,
    organizations::{
        members::{
            model::{InvitationView, MemberView, MembersView},
            server_fns::load_members,
        },
        model::Role,
    },
    pages::accounts::board::AccountsBoard,
    ui::Latest,
};
use leptos::prelude::*;

/// The page's state.
#[derive(Clone, Copy)]
pub struct MembersBoard {
    view: Latest<MembersView>,
    /// What happened last, for the status region.
    pub news: RwSignal<Option<String>>,
    /// What the frame around it knows.
    frame: AccountsBoard,
}

/// Somebody whom a question is about, and the organization it is asked in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Asked {
    /// The member.
    pub member: MemberView,
    /// Name of the organization.
    pub organization: String,
}

impl MembersBoard {
    /// Starts loading, and looks again whenever the frame around it hears of a change.
    pub fn load() -> Self {
        let frame = expect_context::<AccountsBoard>();
        let view = Latest::load(load_members);
        view.follow(frame.changes);
        Self { view, news: RwSignal::new(None), frame }
    }

    /// What the page comes with, once the frame knows which organization it is about.
    ///
    /// # Errors
    /// Those of loading it.
    pub async fn loaded(self) -> Result<MembersView, AppError> {
        self.frame.known().await;
        self.view.loaded().await
    }

    /// Asks the server again.
    pub fn refresh(self) {
        self.view.refresh();
    }

    /// The members, in their order.
    pub fn members(self) -> Signal<Vec<MemberView>> {
        self.view.part(|view| view.members.clone())
    }

    /// The open invitations, newest first.
    pub fn invitations(self) -> Signal<Vec<InvitationView>> {
        self.view.part(|view| view.invitations.clone())
    }

    /// The role of who looks; it may change while the page is open.
    pub fn looking(self) -> Signal<Role> {
        self.view.part(|view| view.member.role)
    }

    /// The address of a member, among those last seen.
    pub fn email_of(self, id: UserId) -> Option<String> {
        self.view.with_untracked(|view| {
            view.members.iter().find(|member| member.user_id == id).map(|member| member.email.clone())
        })
    }

    /// The member of this id, for a question that only some may ask about them.
    ///
    /// # Errors
    /// [`AppError::Forbidden`] when the role of who looks does not allow it.
    pub async fn find(
        self,
        id: Option<UserId>,
        may_ask: fn(Role, &MemberView) -> bool,
    ) -> Result<Option<Asked>, AppError> {
        let view = self.latest().await?;
        let Some(member) = id.and_then(|id| view.members.iter().find(|member| member.user_id == id)) else {
            return Ok(None);
        };
        if member.is_you || !may_ask(view.member.role, member) {
            return Err(AppError::Forbidden);
        }
        Ok(Some(Asked { member: member.clone(), organization: view.member.organization }))
    }

    /// Who looks, for the question whether they want to leave.
    ///
    /// # Errors
    /// [`AppError::LastOwner`] for the last owner.
    pub async fn find_you(self) -> Result<Option<Asked>, AppError> {
        let view = self.latest().await?;
        let Some(member) = view.members.iter().find(|member| member.is_you) else { return Ok(None) };
        if member.is_last_owner {
            return Err(AppError::LastOwner);
        }
        Ok(Some(Asked { member: member.clone(), organization: view.member.organization }))
    }

    /// Takes a member off the list at once, says so, and asks the server for the rest.
    pub fn removed(self, id: UserId) {
        let who = self.email_of(id);
        self.view.change(|view| view.members.retain(|member| member.user_id != id));
        self.tell(removed(who.as_deref()));
    }

    /// Says what happened, and asks the server for what it changed.
    pub fn tell(self, news: String) {
        self.news.set(Some(news));
        self.refresh();
    }

    /// What was seen last, or what the page came with.
    async fn latest(self) -> Result<MembersView, AppError> {
        self.frame.known().await;
        self.view.latest().await
    }
}

/// What is said after a member was removed; without their address, where the page does not know who it was.
pub fn removed(email: Option<&str>) -> String {
    format!("{} is no longer a member.", email.unwrap_or("That person"))
}

/// What is said after an organization was handed over.
pub fn transferred(email: Option<&str>) -> String {
    format!("{} is an owner now, and you are an admin.", email.unwrap_or("That person"))
}
