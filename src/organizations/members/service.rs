//! The rules of members: who may invite, change, remove and leave; what an invitation opens; which organization a
//! session works for. Each action is one transaction that holds the organization's people still first, so that a role
//! read in it stays true until the commit. Mail is enqueued, never sent here.

use super::{
    model::{InvitationView, InvitePage, InviteStanding, MemberView, MembersView},
    queries::{self, By, FoundInvitation, ListedInvitation, ListedMember, NewInvitation, Renewed},
};
use crate::{
    audit,
    billing::{self, model::LimitKind},
    db::{Conn, Transaction},
    email::Recipient,
    error::AppError,
    failure::Failure,
    identity::{
        self,
        model::{Email, Member},
        service::{SignedIn, Visitor},
    },
    ids::{EventId, InvitationId, OrganizationId, UserId},
    links,
    live::Change,
    organizations::model::{OrganizationChoice, Permission, Role},
    queue::{self, Job},
    secret::{ExposeSecret, Place, Purpose, Sealed, SecretString, Token},
    timestamp::Timestamp,
    work::{ClientWork, MemberWork, Tools, Work},
};
use std::time::Duration;

/// How long an invitation can be accepted.
pub const INVITATION_LIFE: Duration = Duration::from_secs(7 * 86_400);

/// How long an invitation that came to its end is remembered.
const REMEMBERED_FOR: Duration = Duration::from_secs(90 * 86_400);

/// Calls `with` with the place of an invitation's token: its organization and its row.
fn with_place<T>(organization: OrganizationId, id: InvitationId, with: impl FnOnce(Place<'_>) -> T) -> T {
    let (organization, id) = (organization.to_string(), id.to_string());
    with(Place { column: "invitations.token", organization: organization.as_bytes(), row: id.as_bytes() })
}

fn event<'a, A>(
    work: &Work<A>,
    organization_id: OrganizationId,
    by: UserId,
    action: audit::Action,
    subject: String,
    detail: &'a str,
) -> audit::Event<'a> {
    let at = work.now();
    audit::Event {
        id: EventId::generate(at, &work.randomness),
        organization_id,
        at,
        actor: audit::Actor::Member(by),
        action,
        subject,
        detail,
        from: work.from,
    }
}

/// An entry about what a member did in their own organization.
async fn record(
    work: &MemberWork,
    conn: &mut Conn,
    action: audit::Action,
    subject: String,
    detail: &str,
) -> Result<(), Failure> {
    let Member { organization_id, user_id, .. } = work.actor;
    audit::record(conn, event(work, organization_id, user_id, action, subject, detail)).await
}

/// Holds the people of the member's organization still, and says what the member is among them now: the door asked
/// before, and they may have been changed or removed since.
async fn lock(work: &MemberWork, conn: &mut Conn) -> Result<Role, Failure> {
    let organization = work.actor.organization_id;
    if !queries::lock(conn, organization).await? {
        return Err(AppError::SignInNeeded.into());
    }
    let role = queries::find_role(conn, organization, work.actor.user_id).await?;
    role.ok_or_else(|| AppError::SignInNeeded.into())
}

/// The members of the organization, and the open invitations for whoever may manage them.
///
/// # Errors
/// When the database does not answer.
pub async fn list(work: &MemberWork) -> Result<MembersView, Failure> {
    let (now, organization, you) = (work.now(), work.actor.organization_id, work.actor.user_id);
    let mut conn = work.db.read().await?;
    let mut listed = queries::list_members(&mut conn, organization).await?;
    let invitations = if work.actor.role.may(Permission::ManageMembers) {
        queries::list_open(&mut conn, organization).await?
    } else {
        Vec::new()
    };
    listed.sort_by_key(|member| member.role != Role::Owner);
    let owners = listed.iter().filter(|member| member.role == Role::Owner).count();
    let member_view = |member: ListedMember| MemberView {
        user_id: member.user_id,
        email: member.email,
        role: member.role,
        joined_at: member.created_at.moment(now),
        is_you: member.user_id == you,
        is_last_owner: member.role == Role::Owner && owners == 1,
    };
    Ok(MembersView {
        member: work.actor.clone(),
        members: listed.into_iter().map(member_view).collect(),
        invitations: invitations.into_iter().map(|listed| invitation_view(listed, now)).collect(),
    })
}

fn invitation_view(listed: ListedInvitation, now: Timestamp) -> InvitationView {
    InvitationView {
        id: listed.id,
        email: listed.email,
        role: listed.role,
        invited_by: listed.invited_by,
        created_at: listed.created_at.moment(now),
        expires_at: listed.expires_at.moment(now),
        is_expired: listed.expires_at <= now,
    }
}

/// The organizations of the member, for the switcher.
///
/// # Errors
/// When the database does not answer.
pub async fn choices(work: &MemberWork) -> Result<Vec<OrganizationChoice>, Failure> {
    let current = work.actor.organization_id;
    let rows = queries::list_organizations(&mut work.db.read().await?, work.actor.user_id).await?;
    Ok(rows.into_iter().map(|(id, name)| OrganizationChoice { id, name, is_current: id == current }).collect())
}

/// What a member typed once more to make somebody an owner, and in which browser.
pub struct Again {
    /// The password; empty where none was asked for.
    pub password: SecretString,
    /// The browser.
    pub visitor: Visitor,
}

/// Asks for the member's password before an organization gets another owner, or none at all: a borrowed session must
/// not hand over what its person could not take back (A50).
///
/// # Errors
/// The field, or [`AppError::TooMany`] after too many wrong passwords.
pub async fn ask_again(work: &MemberWork, again: Again) -> Result<(), Failure> {
    let Again { password, visitor } = again;
    if password.expose_secret().is_empty() {
        return Err(AppError::field("password", "Enter your own password to confirm this.").into());
    }
    identity::service::ask_again(work, &work.actor, password, "password", &visitor).await?;
    Ok(())
}

/// The same where a member gives a role: only for owners, and from nobody who could make none anyway.
async fn ask_again_for(work: &MemberWork, role: Role, again: Again) -> Result<(), Failure> {
    if role == Role::Owner && work.actor.role.may_give(role) { ask_again(work, again).await } else { Ok(()) }
}

/// Invites somebody by mail. The token leaves this function only under its seal: the mail is the one way to it.
///
/// # Errors
/// The field to mend, [`AppError::Forbidden`] for a role the member may not give, [`AppError::PlanLimit`], or
/// [`AppError::TooMany`] after too many mails of the organization, of this peer or to this address (A62).
pub async fn invite(work: &MemberWork, email: &Email, role: Role, again: Again) -> Result<InvitationView, Failure> {
    if Recipient::parse(email.as_str()).is_err() {
        return Err(AppError::field("email", "No mail can be sent to this address. Enter another one.").into());
    }
    ask_again_for(work, role, again).await?;
    let mut tx = work.db.begin().await?;
    let done = invite_in(work, &mut tx, email, role).await;
    let view = tx.settle(done).await?;
    work.live.tell(work.actor.organization_id, Change::Members);
    Ok(view)
}

async fn invite_in(work: &MemberWork, conn: &mut Conn, email: &Email, role: Role) -> Result<InvitationView, Failure> {
    let (now, organization) = (work.now(), work.actor.organization_id);
    if !lock(work, conn).await?.may_give(role) {
        return Err(AppError::Forbidden.into());
    }
    check_address(work, conn).await?;
    if queries::has_member(conn, organization, email).await? {
        return Err(AppError::field("email", "This person is a member already. You find them in the list.").into());
    }
    let id = InvitationId::generate(now, &work.randomness);
    let (token, sealed) = fresh_token(work, organization, id);
    let new = NewInvitation {
        id,
        organization_id: organization,
        email,
        role,
        invited_by: work.actor.user_id,
        token_hash: token.hash(Purpose::Invitation),
        token_sealed: &sealed,
        created_at: now,
        expires_at: now.plus(INVITATION_LIFE),
    };
    if !queries::insert_invitation(conn, &new).await? {
        let why = "This address is invited already. Find it in the list, and send the invitation again there.";
        return Err(AppError::field("email", why).into());
    }
    check_plan(work, conn).await?;
    work.limits.invitation_mail(organization, email.lower(), work.from)?;
    queue::enqueue(conn, &work.randomness, organization, &Job::MailInvitation { invitation: id }, now, now).await?;
    record(work, conn, audit::Action::MemberInvited, id.to_string(), role.as_str()).await?;
    let listed = ListedInvitation {
        id,
        email: email.as_str().to_owned(),
        role,
        invited_by: Some(work.actor.email.clone()),
        created_at: now,
        expires_at: new.expires_at,
    };
    Ok(invitation_view(listed, now))
}

/// Whether the plan allows as many people as there are now, invited ones included.
async fn check_plan(work: &MemberWork, conn: &mut Conn) -> Result<(), Failure> {
    let organization = work.actor.organization_id;
    let limits = billing::service::limits_until_commit(work, conn, organization).await?;
    billing::service::check(conn, organization, limits, LimitKind::Members).await
}

/// Mails that name a member go out only once it is known that the address in them is theirs: else anybody could have us
/// write to strangers in somebody else's name (A62).
async fn check_address(work: &MemberWork, conn: &mut Conn) -> Result<(), Failure> {
    let person = identity::queries::email::find(conn, work.actor.user_id).await?;
    if person.is_some_and(|person| person.verified_at.is_some()) {
        return Ok(());
    }
    let why = "Confirm your own address first: the mail names it. Press the button in the mail we sent you, or have \
               that mail sent again on the page of your own account.";
    Err(AppError::field("email", why).into())
}

fn fresh_token(tools: &Tools, organization: OrganizationId, id: InvitationId) -> (Token, Sealed) {
    let token = Token::generate(&tools.randomness);
    let secret: SecretString = token.expose().to_owned().into();
    let sealed = with_place(organization, id, |place| tools.keys.seal(place, &secret, &tools.randomness));
    (token, sealed)
}

/// An invitation's token out of its seal, for the mail.
///
/// # Errors
/// When no key of the ring opens it.
pub fn open_token(tools: &Tools, invitation: &FoundInvitation) -> Result<Option<Token>, Failure> {
    let Some(sealed) = &invitation.token_sealed else { return Ok(None) };
    with_place(invitation.organization_id, invitation.id, |place| tools.keys.open(place, sealed))
        .and_then(|text| Token::parse(text.expose_secret()))
        .map(Some)
        .ok_or_else(|| Failure::internal("an invitation's token does not open under any key of the ring"))
}

/// Sends an open invitation again, under a new token and for a new term; the old URL is dead at once.
///
/// # Errors
/// [`AppError::NotFound`] when the organization has no such open invitation of a role that the member gives, a sentence
/// before they have confirmed their own address, [`AppError::PlanLimit`] where the plan would not allow it any more, or
/// [`AppError::TooMany`] after too many mails of the organization, of this peer or to this address (A62).
pub async fn resend(work: &MemberWork, id: InvitationId) -> Result<(), Failure> {
    let mut tx = work.db.begin().await?;
    let done = resend_in(work, &mut tx, id).await;
    tx.settle(done).await?;
    work.live.tell(work.actor.organization_id, Change::Members);
    Ok(())
}

async fn resend_in(work: &MemberWork, conn: &mut Conn, id: InvitationId) -> Result<(), Failure> {
    let (now, organization) = (work.now(), work.actor.organization_id);
    let role = lock(work, conn).await?;
    let (token, sealed) = fresh_token(work, organization, id);
    let renewed = Renewed {
        token_hash: token.hash(Purpose::Invitation),
        token_sealed: &sealed,
        by: work.actor.user_id,
        role,
        expires_at: now.plus(INVITATION_LIFE),
    };
    let address = queries::renew_invitation(conn, id, organization, &renewed).await?.ok_or(AppError::NotFound)?;
    check_address(work, conn).await?;
    // It counts already, so this is about plans that ended since: else one paid for a month would invite for ever.
    check_plan(work, conn).await?;
    work.limits.invitation_mail(organization, &address, work.from)?;
    let job = Job::MailInvitation { invitation: id };
    queue::enqueue(conn, &work.randomness, organization, &job, now, now).await?;
    // A mail that is on its way out with the old token must not count as the one with the new.
    queue::reset(conn, &job, now).await?;
    record(work, conn, audit::Action::InvitationResent, id.to_string(), "").await
}

/// Takes an open invitation back: its URL is dead from the next request on, and a mail that has not gone out never
/// does.
///
/// # Errors
/// [`AppError::NotFound`] when the organization has no such open invitation of a role that the member gives.
pub async fn revoke(work: &MemberWork, id: InvitationId) -> Result<(), Failure> {
    let mut tx = work.db.begin().await?;
    let done = revoke_in(work, &mut tx, id).await;
    tx.settle(done).await?;
    work.live.tell(work.actor.organization_id, Change::Members);
    Ok(())
}

async fn revoke_in(work: &MemberWork, conn: &mut Conn, id: InvitationId) -> Result<(), Failure> {
    let role = lock(work, conn).await?;
    if !queries::revoke_invitation(conn, id, work.actor.organization_id, role, work.now()).await? {
        return Err(AppError::NotFound.into());
    }
    record(work, conn, audit::Action::InvitationRevoked, id.to_string(), "").await
}

/// Gives a member another role. Done twice, it is done once.
///
/// # Errors
/// [`AppError::NotFound`] when nobody of that id is a member, [`AppError::Forbidden`] for a role the member may not
/// take or give, [`AppError::LastOwner`]; the field for a wrong password, which making an owner asks for.
pub async fn change_role(work: &MemberWork, user: UserId, role: Role, again: Again) -> Result<(), Failure> {
    ask_again_for(work, role, again).await?;
    let mut tx = work.db.begin().await?;
    let done = change_role_in(work, &mut tx, user, role).await;
    tx.settle(done).await?;
    work.live.tell(work.actor.organization_id, Change::Members);
    Ok(())
}

async fn change_role_in(work: &MemberWork, conn: &mut Conn, user: UserId, role: Role) -> Result<(), Failure> {
    let organization = work.actor.organization_id;
    let mine = lock(work, conn).await?;
    let theirs = queries::find_role(conn, organization, user).await?.ok_or(AppError::NotFound)?;
    if !mine.may_give(theirs) || !mine.may_give(role) {
        return Err(AppError::Forbidden.into());
    }
    if theirs == role {
        return Ok(());
    }
    if !queries::set_role(conn, organization, user, role, mine).await? {
        return Err(AppError::LastOwner.into());
    }
    let outlived = queries::revoke_outlived(conn, organization, user, Some(role), work.now()).await?;
    if !role.may(Permission::ShareLinks) {
        // Whoever is on the way to Instagram with an account of their own comes back for nothing.
        links::queries::revoke_log_ins_of(conn, organization, user, work.actor.user_id, work.now()).await?;
    }
    let detail = format!("{} to {}", theirs.as_str(), role.as_str());
    record(work, conn, audit::Action::RoleChanged, user.to_string(), &detail).await?;
    record_outlived(work, conn, outlived).await
}

/// What ended because whoever had sent it may send it no more: else a removed admin comes back by another address.
async fn record_outlived(work: &MemberWork, conn: &mut Conn, outlived: Vec<InvitationId>) -> Result<(), Failure> {
    for id in outlived {
        record(work, conn, audit::Action::InvitationRevoked, id.to_string(), "").await?;
    }
    Ok(())
}

/// Removes a member. Their sessions in this organization end in the same transaction (A44); links they made keep
/// working.
///
/// # Errors
/// [`AppError::NotFound`] when nobody of that id is a member, [`AppError::Forbidden`] for an owner when the member is
/// none, [`AppError::LastOwner`].
pub async fn remove(work: &MemberWork, user: UserId) -> Result<(), Failure> {
    if user == work.actor.user_id {
        return leave(work).await;
    }
    let mut tx = work.db.begin().await?;
    let done = part(work, &mut tx, user, audit::Action::MemberRemoved).await;
    tx.settle(done).await?;
    work.live.tell(work.actor.organization_id, Change::Members);
    Ok(())
}

/// Leaves the organization, whatever the member's role is.
///
/// # Errors
/// [`AppError::LastOwner`].
pub async fn leave(work: &MemberWork) -> Result<(), Failure> {
    let mut tx = work.db.begin().await?;
    let done = part(work, &mut tx, work.actor.user_id, audit::Action::MemberLeft).await;
    tx.settle(done).await?;
    work.live.tell(work.actor.organization_id, Change::Members);
    Ok(())
}

/// Ends a membership with all that hangs on it.
async fn part(work: &MemberWork, conn: &mut Conn, user: UserId, action: audit::Action) -> Result<(), Failure> {
    let (now, organization, actor) = (work.now(), work.actor.organization_id, work.actor.user_id);
    let mine = lock(work, conn).await?;
    let theirs = queries::find_role(conn, organization, user).await?.ok_or(AppError::NotFound)?;
    let by = (user != actor).then_some(mine);
    if by.is_some_and(|by| !by.may_give(theirs)) {
        return Err(AppError::Forbidden.into());
    }
    if !queries::delete_membership(conn, organization, user, by).await? {
        return Err(AppError::LastOwner.into());
    }
    let outlived = queries::revoke_outlived(conn, organization, user, None, now).await?;
    identity::queries::members::delete_sessions_in(conn, organization, user).await?;
    // Whoever is on the way to Instagram with an account of their own comes back for nothing.
    links::queries::revoke_log_ins_of(conn, organization, user, actor, now).await?;
    // Who they were is written down with it: what becomes of their address is nobody's business here any more.
    let email = identity::queries::email::find(conn, user).await?.map(|person| person.email).unwrap_or_default();
    record(work, conn, action, user.to_string(), &format!("{} {email}", theirs.as_str())).await?;
    record_outlived(work, conn, outlived).await
}

/// Makes another member an owner, and the owner who does so an admin.
///
/// # Errors
/// [`AppError::NotFound`] when nobody else of that id is a member, [`AppError::Forbidden`] for anybody but an owner,
/// the field for a wrong password.
pub async fn transfer(work: &MemberWork, user: UserId, again: Again) -> Result<(), Failure> {
    let (organization, actor) = (work.actor.organization_id, work.actor.user_id);
    // There has to be somebody to ask about.
    let theirs = queries::find_role(&mut work.db.read().await?, organization, user).await?;
    if user == actor || theirs.is_none() {
        return Err(AppError::NotFound.into());
    }
    ask_again(work, again).await?;
    let mut tx = work.db.begin().await?;
    let done = transfer_in(work, &mut tx, user).await;
    tx.settle(done).await?;
    work.live.tell(work.actor.organization_id, Change::Members);
    Ok(())
}

async fn transfer_in(work: &MemberWork, conn: &mut Conn, user: UserId) -> Result<(), Failure> {
    let (organization, actor) = (work.actor.organization_id, work.actor.user_id);
    let mine = lock(work, conn).await?;
    if !mine.may(Permission::OwnOrganization) {
        return Err(AppError::Forbidden.into());
    }
    let theirs = queries::find_role(conn, organization, user).await?;
    let theirs = theirs.filter(|_| user != actor).ok_or(AppError::NotFound)?;
    // The new owner first: there is one at every step.
    if theirs != Role::Owner {
        queries::set_role(conn, organization, user, Role::Owner, mine).await?;
    }
    if !queries::set_role(conn, organization, actor, Role::Admin, mine).await? {
        return Err(AppError::LastOwner.into());
    }
    let outlived = queries::revoke_outlived(conn, organization, actor, Some(Role::Admin), work.now()).await?;
    record(work, conn, audit::Action::OwnershipTransferred, user.to_string(), theirs.as_str()).await?;
    record_outlived(work, conn, outlived).await
}

/// Has a session work for another organization of its member, under a new token (A42): the old one is worth nothing
/// from now on.
///
/// # Errors
/// [`AppError::NotFound`] when the member does not belong to that organization.
pub async fn switch(work: &MemberWork, session: &Token, organization: OrganizationId) -> Result<Token, Failure> {
    let mut tx = work.db.begin().await?;
    let done = move_session(work, &mut tx, session, organization).await;
    tx.settle(done).await?.ok_or_else(|| AppError::NotFound.into())
}

async fn move_session(
    tools: &Tools,
    conn: &mut Conn,
    session: &Token,
    organization: OrganizationId,
) -> Result<Option<Token>, Failure> {
    // Whoever removes the member meanwhile ends this session, too, or was first.
    if !queries::lock(conn, organization).await? {
        return Ok(None);
    }
    let token = Token::generate(&tools.randomness);
    let (old, new) = (session.hash(Purpose::Session), token.hash(Purpose::Session));
    let moved = identity::queries::members::move_session(conn, old, new, organization, tools.now()).await?;
    Ok(moved.then_some(token))
}

/// What stands at the URL of an invitation; `None` when nobody can accept it any more, or it never was.
///
/// # Errors
/// When this peer asked for too many unknown ones, or the database does not answer.
pub async fn find_invite(
    work: &ClientWork,
    token: &str,
    signed_in: Option<&Member>,
) -> Result<Option<InvitePage>, Failure> {
    let Some((_, invitation)) = find_open(work, token).await? else { return Ok(None) };
    let person = find_person(work, &Email::parse(&invitation.email)?).await?;
    let standing = match (signed_in, person) {
        (Some(member), Some(user)) if member.user_id == user => InviteStanding::SignedIn,
        (Some(member), _) => InviteStanding::SignedInAsOther { email: member.email.clone() },
        (None, Some(_)) => InviteStanding::KnownPerson,
        (None, None) => InviteStanding::NewPerson,
    };
    let FoundInvitation { organization, invited_by, email, role, .. } = invitation;
    Ok(Some(InvitePage { organization, invited_by, email, role, standing }))
}

async fn find_open(work: &ClientWork, token: &str) -> Result<Option<(Token, FoundInvitation)>, Failure> {
    let found = match Token::parse(token) {
        Some(token) => {
            let by = By::Token(token.hash(Purpose::Invitation));
            queries::find_invitation(&mut work.db.read().await?, by).await?.map(|invitation| (token, invitation))
        }
        None => None,
    };
    if found.is_none() {
        work.limits.unknown_link(work.actor.peer)?;
    }
    Ok(found.filter(|(_, invitation)| invitation.is_open(work.now())))
}

/// The invited person, where the address has an account.
async fn find_person(tools: &Tools, address: &Email) -> Result<Option<UserId>, Failure> {
    identity::queries::email::find_user(&mut tools.db.read().await?, address.lower()).await
}

/// What somebody accepts an invitation with.
#[derive(Debug)]
pub struct Acceptance<'a> {
    /// Who is signed in in that browser, and the token of that session.
    pub signed_in: Option<(&'a Member, &'a Token)>,
    /// What was typed, where it is needed.
    pub password: SecretString,
}

/// Who accepts, and how they showed it.
enum Person {
    /// Nobody yet: the hash of the password they chose.
    New(String),
    /// A known one, by the password: the hash it fitted, for when it is changed meanwhile.
    Known(UserId, String),
    /// The one who is signed in, by this session.
    SignedIn(UserId, Token),
}

/// Accepts an invitation: makes the person, or checks the password of a known one as signing in does, or takes the one
/// who is signed in. Whoever comes by the mail has shown that mail to the address arrives. The session is a new one in
/// any case (A42); somebody whose account asks for a code gives that first.
///
/// # Errors
/// [`AppError::NotFound`] when the invitation is dead (A53), [`AppError::InvitedOther`] when somebody else is signed in,
/// and what signing up or in refuses.
pub async fn accept(
    work: &ClientWork,
    token: &str,
    acceptance: Acceptance<'_>,
    visitor: &Visitor,
) -> Result<SignedIn, Failure> {
    let (token, invitation) = find_open(work, token).await?.ok_or(AppError::NotFound)?;
    let address = Email::parse(&invitation.email)?;
    let Acceptance { signed_in, password } = acceptance;
    let person = match (signed_in, find_person(work, &address).await?) {
        (Some((member, session)), Some(user)) if member.user_id == user => Person::SignedIn(user, session.clone()),
        (Some(_), _) => return Err(AppError::InvitedOther.into()),
        (None, Some(_)) => {
            let checked = identity::service::check_password(work, &address, password, visitor).await;
            let (user, password_hash) = checked.map_err(in_words_of_the_page)?;
            Person::Known(user, password_hash)
        }
        (None, None) => {
            work.limits.sign_up(visitor.peer)?;
            Person::New(identity::service::choose_password(work, &address, password).await?)
        }
    };
    let organization = invitation.organization_id;
    let mut tx = work.db.begin().await?;
    let done = join(work, &mut tx, &token, organization, &address, &person, visitor).await;
    let signed_in = tx.settle(done).await.map_err(in_words_of_the_page)?;
    work.live.tell(organization, Change::Members);
    Ok(signed_in)
}

/// The page asks for nothing but the password.
fn in_words_of_the_page(failure: Failure) -> Failure {
    match failure {
        Failure::Refused(AppError::WrongCredentials) => {
            AppError::field("password", "That is not the password of this address. Check it and try again.").into()
        }
        other => other,
    }
}

async fn join(
    work: &ClientWork,
    tx: &mut Transaction,
    token: &Token,
    organization: OrganizationId,
    address: &Email,
    person: &Person,
    visitor: &Visitor,
) -> Result<SignedIn, Failure> {
    let now = work.now();
    if !queries::lock(tx, organization).await? {
        return Err(AppError::NotFound.into());
    }
    let user = match person {
        Person::Known(user, _) | Person::SignedIn(user, _) => *user,
        Person::New(password_hash) => {
            let user = UserId::generate(now, &work.randomness);
            if !identity::queries::insert_user(tx, user, address, password_hash, now).await? {
                let why = "This address has an account by now. Enter its password.";
                return Err(AppError::field("password", why).into());
            }
            user
        }
    };
    let token = token.hash(Purpose::Invitation);
    let accepted = queries::accept_invitation(tx, token, organization, user, now).await?;
    let (_, role) = accepted.ok_or(AppError::NotFound)?;
    identity::queries::members::verify_email(tx, user, address, now).await?;
    let is_new = queries::join(tx, organization, user, role, now).await?;
    let signed_in = match person {
        Person::SignedIn(_, session) => {
            let moved = move_session(work, tx, session, organization).await?;
            SignedIn::Session(moved.ok_or(AppError::SignInNeeded)?)
        }
        Person::New(password_hash) | Person::Known(_, password_hash) => {
            identity::service::enter(work, tx, user, password_hash, organization, visitor).await?
        }
    };
    if is_new {
        let joined = event(work, organization, user, audit::Action::MemberJoined, user.to_string(), role.as_str());
        audit::record(tx, joined).await?;
    }
    Ok(signed_in)
}

/// Forgets invitations that came to their end long ago.
///
/// # Errors
/// When the database does not answer.
pub async fn forget_old(tools: &Tools) -> Result<(), Failure> {
    queries::delete_old(&mut tools.db.write().await?, tools.now().minus(REMEMBERED_FOR)).await
}
