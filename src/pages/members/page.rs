//! The page of the members: who belongs to the organization, inviting, the open invitations, and the questions before
//! somebody is removed, leaves, or hands the organization over.

use super::board::{Asked, MembersBoard, removed, transferred};
use crate::{
    ids::{InvitationId, UserId},
    organizations::{
        components::{
            INVITATIONS_HEADING, InvitationList, InviteForm, LeaveForm, MemberList, RemoveMemberForm, Roles,
            TransferForm, may_remove, may_transfer_to,
        },
        members::{
            model::InvitationView,
            server_fns::{
                ChangeRole, InviteMember, LeaveOrganization, RemoveMember, ResendInvitation, RevokeInvitation,
                TransferOwnership,
            },
        },
        model::{Permission, Role},
    },
    pages::{
        accounts::board::AccountsBoard,
        dashboard::page::{PageNews, PageTrouble},
    },
    paths,
    ui::{FormReply, Icon, Question, SiteFooter, focus_soon, use_form_reply},
};
use leptos::{either::Either, prelude::*};
use leptos_meta::Title;
use leptos_router::{
    components::Outlet,
    hooks::{use_params_map, use_query_map},
    params::ParamsMap,
};

/// What the page is called, here and in the sidebar.
pub const HEADING: &str = "Members";
/// The id of the heading, which takes the focus when the row that had it is gone.
const MEMBERS_HEADING: &str = "members-heading";
/// The id of the heading above the form that invites.
const INVITE_HEADING: &str = "invite-heading";

/// The members, with the question that may lie over them.
#[component]
pub fn MembersScreen() -> impl IntoView {
    let board = MembersBoard::load();
    provide_context(board);
    let reply = StoredValue::new(use_form_reply());
    view! {
        <Title text=HEADING />
        <main class="page" id="main">
            <Suspense fallback=Loading>
                {move || Suspend::new(async move {
                    match board.loaded().await {
                        Ok(_) => Either::Left(view! { <Members board reply /> }),
                        Err(error) => Either::Right(view! { <PageTrouble heading=HEADING error /> }),
                    }
                })}
            </Suspense>
        </main>
        <Outlet />
    }
}

/// The page once it is loaded.
#[component]
fn Members(
    /// What it shares with the questions.
    board: MembersBoard,
    /// The form of this page that was refused, if one was.
    reply: StoredValue<FormReply>,
) -> impl IntoView {
    let frame = expect_context::<AccountsBoard>();
    let role = board.looking();
    let looking = Memo::new(move |_| role.get());
    let manages = Memo::new(move |_| looking.get().may(Permission::ManageMembers));
    let changing = RwSignal::new(reply.with_value(|reply| reply.typed("user").parse::<UserId>().ok()));
    let change = ServerAction::<ChangeRole>::new();
    Effect::new(move |_| {
        if let Some(Ok(())) = change.value().get() {
            let who = changing.get_untracked().and_then(|id| board.email_of(id));
            board.tell(role_changed(who.as_deref()));
        }
    });
    let query = use_query_map();
    let news = Signal::derive(move || board.news.get().unwrap_or_else(|| query.with(told)));
    view! {
        <div class="page-head">
            <h1 id=MEMBERS_HEADING tabindex="-1">
                {HEADING}
            </h1>
            <Show when=move || manages.get()>
                <div class="page-actions">
                    // Within the page, to where typing starts: the browser does it, with or without a script.
                    <a class="button button-primary" href="#field-email" rel="external">
                        <Icon name="plus" />
                        <span>"Invite somebody"</span>
                    </a>
                </div>
            </Show>
        </div>
        <PageNews board=frame news />
        <MemberList members=board.members() looking change changing reply />
        <Roles />
        <Show when=move || manages.get()>
            <Inviting board looking reply />
        </Show>
        <SiteFooter />
    }
}

/// The form that invites, and the open invitations.
#[component]
fn Inviting(
    /// What knows them.
    board: MembersBoard,
    /// The role of who looks.
    looking: Memo<Role>,
    /// The form of this page that was refused, if one was.
    reply: StoredValue<FormReply>,
) -> impl IntoView {
    let acting = RwSignal::new(reply.with_value(|reply| reply.typed("id").parse::<InvitationId>().ok()));
    let invite = ServerAction::<InviteMember>::new();
    let resend = ServerAction::<ResendInvitation>::new();
    let revoke = ServerAction::<RevokeInvitation>::new();
    Effect::new(move |_| {
        if let Some(Ok(invitation)) = invite.value().get() {
            board.tell(invited(&invitation));
        }
    });
    Effect::new(move |_| {
        if let Some(Ok(())) = resend.value().get() {
            board.tell(INVITATION_RESENT.to_owned());
        }
    });
    // The row that had the focus goes.
    Effect::new(move |_| {
        if let Some(Ok(())) = revoke.value().get() {
            board.tell(INVITATION_REVOKED.to_owned());
            focus_soon(INVITATIONS_HEADING.to_owned());
        }
    });
    view! {
        <section class="choice" aria-labelledby=INVITE_HEADING>
            <h2 id=INVITE_HEADING>"Invite somebody"</h2>
            {move || view! { <InviteForm action=invite looking=looking.get() reply /> }}
        </section>
        <InvitationList invitations=board.invitations() looking resend revoke acting />
    }
}

/// The question before a member is removed, over the page.
#[component]
pub fn RemoveMemberScreen() -> impl IntoView {
    let board = expect_context::<MembersBoard>();
    let id = asked_about();
    let action = ServerAction::<RemoveMember>::new();
    board.news.set(None);
    view! {
        <Question
            heading="Remove this member?"
            close_path=paths::MEMBERS
            find=move || board.find(id, may_remove)
            gone=gone
            ask=move |Asked { member, organization }| view! { <RemoveMemberForm member organization action /> }
            done=Signal::derive(move || matches!(action.value().get(), Some(Ok(()))))
            on_done=move |()| id.into_iter().for_each(|id| board.removed(id))
            focus_after=MEMBERS_HEADING
        />
    }
}

/// The question before an organization is handed over, over the page.
#[component]
pub fn TransferScreen() -> impl IntoView {
    let board = expect_context::<MembersBoard>();
    let frame = expect_context::<AccountsBoard>();
    let id = asked_about();
    let action = ServerAction::<TransferOwnership>::new();
    board.news.set(None);
    view! {
        <Question
            heading="Transfer ownership?"
            close_path=paths::MEMBERS
            find=move || board.find(id, may_transfer_to)
            gone=gone
            ask=move |Asked { member, organization }| view! { <TransferForm member organization action /> }
            done=Signal::derive(move || matches!(action.value().get(), Some(Ok(()))))
            on_done=move |()| {
                board.tell(transferred(id.and_then(|id| board.email_of(id)).as_deref()));
                frame.refresh();
            }
            focus_after=MEMBERS_HEADING
        />
    }
}

/// The question before somebody leaves, over the page. When they have left, the answer sends them to sign in.
#[component]
pub fn LeaveScreen() -> impl IntoView {
    let board = expect_context::<MembersBoard>();
    let action = ServerAction::<LeaveOrganization>::new();
    board.news.set(None);
    view! {
        <Question
            heading="Leave this organization?"
            close_path=paths::MEMBERS
            find=move || board.find_you()
            gone=gone
            ask=move |Asked { organization, .. }| view! { <LeaveForm organization action /> }
            done=Signal::stored(false)
            on_done=|()| {}
            focus_after=MEMBERS_HEADING
        />
    }
}

/// The member whom the address names.
fn asked_about() -> Option<UserId> {
    use_params_map().with_untracked(|params| params.get_str("user")?.parse().ok())
}

/// There is no such member (any more).
fn gone() -> &'static str {
    #[cfg(feature = "ssr")]
    crate::server::door::status(http::StatusCode::NOT_FOUND);
    "There is no such member of your organization. Nothing is left to do."
}

/// The news that a plain form came back with in the address.
fn told(query: &ParamsMap) -> String {
    let said = |name: &str| query.get_str(name).is_some();
    if said("invited") {
        "The invitation is on its way.".to_owned()
    } else if said("resent") {
        INVITATION_RESENT.to_owned()
    } else if said("revoked") {
        INVITATION_REVOKED.to_owned()
    } else if said("changed") {
        role_changed(None)
    } else if said("removed") {
        removed(None)
    } else if said("transferred") {
        transferred(None)
    } else {
        String::new()
    }
}

/// What is said after somebody was invited.
fn invited(invitation: &InvitationView) -> String {
    let InvitationView { email, expires_at, .. } = invitation;
    format!("The invitation to {email} is on its way. It is good until {}.", expires_at.date)
}

/// What is said after a role was changed; without the address, where the page does not know whose it was.
fn role_changed(email: Option<&str>) -> String {
    email.map_or_else(|| "The role is changed.".to_owned(), |email| format!("The role of {email} is changed."))
}

const INVITATION_RESENT: &str = "The invitation is on its way again, with a new link. The old one is dead.";
const INVITATION_REVOKED: &str = "The invitation is revoked, and its link is dead.";

/// The shape of the page while it loads; only ever seen after a change of page in the browser.
#[component]
fn Loading() -> impl IntoView {
    view! {
        <h1>{HEADING}</h1>
        <p role="status">"Loading the members…"</p>
        <div class="skeleton" aria-hidden="true"></div>
    }
}
