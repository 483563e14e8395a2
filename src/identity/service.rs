//! Signing up, in and out. What a person does about their own password, address, second step and sessions stands in the
//! files beside. Every password and every code goes past a limit first, and known and unknown addresses are answered
//! with the same words in the same time. Nothing here sends mail: it is enqueued.

mod devices;
mod email;
mod invited;
mod operated;
mod own_sessions;
mod password;
mod two_factor;

pub use devices::known_device;
pub use email::{
    Confirmation, FoundConfirmation, ask_for_confirmation, change_email, confirm_email, find_confirmation, keep_email,
    prepare_confirmation,
};
pub use invited::{check_password, choose_password, enter};
pub use operated::{Founded, ListedPerson, found, list_people};
pub use own_sessions::{end_other_sessions, end_session, view_own};
pub use password::{
    answer_reset_requests, ask_for_reset, change_password, prepare_reset, request_reset, reset_is_live, reset_password,
};
pub use two_factor::{
    SECOND_STEP_LIFE, confirm_two_factor, finish_sign_in, forget_two_factor_setup, renew_recovery_codes,
    second_step_is_live, start_two_factor, turn_off_for, turn_two_factor_off,
};

use super::{
    common_passwords,
    model::{Email, Member, SignUpMode, password_rules},
    passwords, queries,
};
use crate::{
    audit,
    db::Transaction,
    error::AppError,
    failure::Failure,
    ids::{EventId, OrganizationId, UserId},
    organizations::{
        self,
        model::{Organization, OrganizationName, Role},
    },
    queue::{self, Job, Notice},
    secret::{ExposeSecret, Purpose, SecretString, Token},
    timestamp::Timestamp,
    work::Tools,
};
use std::{net::IpAddr, time::Duration};

/// How long a session lasts.
pub const SESSION_LIFE: Duration = Duration::from_secs(30 * 86_400);

/// How long the address of a mail is kept that was given up. Whoever runs the server may have it tried again until then.
const NOTICE_LIFE: Duration = Duration::from_secs(30 * 86_400);

/// Characters of a user agent that are kept.
const MAX_USER_AGENT: usize = 400;

/// What the browser brings along that somebody signs in with.
#[derive(Clone)]
pub struct Visitor {
    /// Where the request comes from.
    pub peer: IpAddr,
    /// The browser, in its own words.
    pub user_agent: String,
    /// What shows that somebody has signed in with it before.
    pub device: Option<String>,
}

/// How far somebody came who gave the right password.
#[derive(Debug)]
pub enum SignedIn {
    /// All the way: the session's token.
    Session(Token),
    /// A code is asked for: what the browser shows together with it.
    SecondStep(Token),
}

/// Makes an organization and its owner, and signs the owner in.
///
/// That an address has an account is told here, in words: an account is made and entered at once, without a mail in
/// between, so there is no way not to. What remains of it is measured: a peer is told of five addresses, then of one a
/// minute, and past that every sign-up from there is refused before anybody looks.
///
/// # Errors
/// Every field that has to be corrected, all at once; a taken address is one of them. [`AppError::TooMany`] as said.
/// [`AppError::InvitationNeeded`] where nobody may come by themselves; nothing of the form is looked at then.
pub async fn sign_up(
    tools: &Tools,
    organization: &str,
    email: &str,
    password: SecretString,
    visitor: &Visitor,
) -> Result<Token, Failure> {
    if tools.sign_up == SignUpMode::Invite {
        return Err(AppError::InvitationNeeded.into());
    }
    let name = OrganizationName::parse(organization);
    let address = Email::parse(email);
    let rules = check_new_password(&password, email);
    let (name, address) = match (name, address, rules) {
        (Ok(name), Ok(address), Ok(())) => (name, address),
        (name, address, rules) => {
            let errors = [name.err(), address.err(), rules.err()];
            return Err(AppError::together(errors.into_iter().flatten()).into());
        }
    };
    tools.limits.may_hear_of_taken(visitor.peer)?;
    let password_hash = passwords::hash(password, tools.randomness.clone()).await?;
    let now = tools.now();
    let user = UserId::generate(now, &tools.randomness);
    let mut tx = tools.db.begin().await?;
    if !queries::insert_user(&mut tx, user, &address, &password_hash, now).await? {
        tx.rollback().await?;
        tools.limits.tell_of_taken(visitor.peer)?;
        return Err(AppError::field("email", "This address already has an account. Sign in instead.").into());
    }
    let organization = insert_with_free_slug(tools, &mut tx, &name).await?.id;
    organizations::queries::insert_membership(&mut tx, organization, user, Role::Owner, now).await?;
    let event = audit::Event {
        id: EventId::generate(now, &tools.randomness),
        organization_id: organization,
        at: now,
        actor: audit::Actor::Member(user),
        action: audit::Action::OrganizationCreated,
        subject: organization.to_string(),
        detail: name.as_str(),
        from: Some(visitor.peer),
    };
    let session = start_session(tools, &mut tx, user, organization, visitor).await?;
    mail_soon(tools, &mut tx, Job::MailConfirmEmail { to: user }).await?;
    audit::record(&mut tx, event).await?;
    tx.commit().await?;
    Ok(session)
}

async fn insert_with_free_slug(
    tools: &Tools,
    tx: &mut Transaction,
    name: &OrganizationName,
) -> Result<Organization, Failure> {
    let now = tools.now();
    let wanted = name.slug();
    for number in 1..100 {
        let slug = if number == 1 { wanted.clone() } else { format!("{wanted}-{number}") };
        let id = OrganizationId::generate(now, &tools.randomness);
        let organization = Organization { id, slug, name: name.as_str().to_owned() };
        if organizations::queries::insert(tx, &organization, now).await? {
            return Ok(organization);
        }
    }
    // A hundred organizations of one name: the next ones are told apart by chance.
    let id = OrganizationId::generate(now, &tools.randomness);
    let organization = Organization { id, slug: format!("{wanted}-{id}"), name: name.as_str().to_owned() };
    organizations::queries::insert(tx, &organization, now).await?;
    Ok(organization)
}

/// Signs a person in. The same words and the same time whether the address is known or not.
///
/// # Errors
/// [`AppError::WrongCredentials`], or [`AppError::TooMany`] after too many of those (A46). A browser in which this person
/// signed in before has its own measure: strangers who guess cannot keep the owner out. [`AppError::NoOrganization`] for
/// somebody whose last one is gone.
pub async fn sign_in(
    tools: &Tools,
    email: &str,
    password: SecretString,
    visitor: &Visitor,
) -> Result<SignedIn, Failure> {
    let peer = visitor.peer;
    let address = Email::parse(email).map_err(|_| AppError::WrongCredentials)?;
    let device = devices::find_known(tools, &address, visitor).await?;
    tools
        .limits
        .sign_in(address.lower(), peer, device)
        .inspect_err(|_| tracing::warn!(%peer, "sign-in slowed down"))?;
    let credentials = queries::find_credentials(&mut tools.db.read().await?, &address).await?;
    let fits = passwords::verify(password, credentials.as_ref().map(|(_, hash)| hash.clone())).await?;
    let Some((user, hash)) = credentials.filter(|_| fits) else {
        tracing::info!(%peer, "sign-in refused");
        return Err(AppError::WrongCredentials.into());
    };
    let mut tx = tools.db.begin().await?;
    let Some(organization) = organizations::queries::first_of(&mut tx, user).await? else {
        tx.rollback().await?;
        // Said to nobody but who knows the password.
        return Err(AppError::NoOrganization.into());
    };
    let entered = enter(tools, &mut tx, user, &hash, organization, visitor).await;
    tx.settle(entered).await
}

/// The rules for a new password, and that it is none of those everybody tries first.
fn check_new_password(password: &SecretString, email: &str) -> Result<(), AppError> {
    password_rules::check(password.expose_secret(), email)?;
    if common_passwords::is_common(password.expose_secret()) {
        return Err(AppError::field(
            "password",
            "Choose a password that fewer people use: this one is among the first that are tried.",
        ));
    }
    Ok(())
}

/// Asks a signed-in person for their password once more, before something that a borrowed session must not do (A50). The
/// hash it fits, so that what follows can be guarded by it.
///
/// # Errors
/// The field, for a wrong password; or [`AppError::TooMany`] after too many of those.
pub async fn ask_again(
    tools: &Tools,
    member: &Member,
    password: SecretString,
    field: &str,
    visitor: &Visitor,
) -> Result<String, Failure> {
    let address = Email::parse(&member.email)?;
    let device = devices::find_known(tools, &address, visitor).await?;
    tools
        .limits
        .sign_in(address.lower(), visitor.peer, device)
        .inspect_err(|_| tracing::warn!(peer = %visitor.peer, "asking for a password again was slowed down"))?;
    let lock = queries::find_lock(&mut tools.db.read().await?, member.user_id).await?;
    let (hash, _) = lock.ok_or(AppError::SignInNeeded)?;
    if !passwords::verify(password, Some(hash.clone())).await? {
        return Err(AppError::field(field, "This is not your password. Enter the one you sign in with.").into());
    }
    Ok(hash)
}

/// Whether the password that was checked is still the person's. It stays theirs until the transaction ends: a change that
/// comes meanwhile waits, and then ends what this one began.
async fn still_fits(tx: &mut Transaction, user: UserId, hash: &str) -> Result<bool, Failure> {
    Ok(queries::hold_hash(tx, user).await?.is_some_and(|now| now == hash))
}

/// The same for somebody who is signed in and was asked again: their session has ended with the old password.
async fn must_still_fit(tx: &mut Transaction, user: UserId, hash: &str) -> Result<(), Failure> {
    if still_fits(tx, user, hash).await? { Ok(()) } else { Err(AppError::SignInNeeded.into()) }
}

/// Where somebody does something about how they sign in: from which address, and for which organization they work there.
/// Only that one is told the address; the others of the same person learn no more than that it was done.
#[derive(Clone, Copy, Debug)]
struct At {
    organization: OrganizationId,
    peer: IpAddr,
}

impl At {
    const fn of(member: &Member, peer: IpAddr) -> Self {
        Self { organization: member.organization_id, peer }
    }
}

/// Writes into the audit trail of every organization of a person what they did about how they sign in. The last thing
/// in a transaction.
async fn record_everywhere(
    tools: &Tools,
    tx: &mut Transaction,
    user: UserId,
    action: audit::Action,
    at: Option<At>,
) -> Result<(), Failure> {
    record_as(tools, tx, audit::Actor::Member(user), user, action, at).await
}

/// The same, done by somebody else.
async fn record_as(
    tools: &Tools,
    tx: &mut Transaction,
    actor: audit::Actor,
    user: UserId,
    action: audit::Action,
    at: Option<At>,
) -> Result<(), Failure> {
    let now = tools.now();
    let organizations = queries::list_organizations(tx, user).await?;
    let event = |organization_id| audit::Event {
        id: EventId::generate(now, &tools.randomness),
        organization_id,
        at: now,
        actor,
        action,
        subject: user.to_string(),
        detail: "",
        from: at.filter(|at| at.organization == organization_id).map(|at| at.peer),
    };
    audit::record_all(tx, organizations.into_iter().map(event).collect()).await
}

/// Has a mail to a person go out at once, also where the same one waits after trouble. It is about nobody's organization:
/// it goes out when theirs is deleted meanwhile, and to those who belong to none.
async fn mail_soon(tools: &Tools, tx: &mut Transaction, job: Job) -> Result<(), Failure> {
    let now = tools.now();
    queue::enqueue(tx, &tools.randomness, None::<OrganizationId>, &job, now, now).await?;
    queue::reset(tx, &job, now).await
}

/// Tells a person what happened to how they sign in, at the address they have now: who changes it later may be the one
/// they are warned of.
async fn tell(tools: &Tools, tx: &mut Transaction, user: UserId, about: Notice) -> Result<(), Failure> {
    let Some(person) = queries::email::find(tx, user).await? else { return Ok(()) };
    tell_at(tools, tx, user, about, &person.email).await
}

/// The same, at this address of theirs.
async fn tell_at(tools: &Tools, tx: &mut Transaction, user: UserId, about: Notice, email: &str) -> Result<(), Failure> {
    queries::email::insert_notice(tx, user, about.word(), email, tools.now()).await?;
    mail_soon(tools, tx, Job::MailSignInNotice { to: user, about }).await
}

/// To which addresses a person has to be told this, and since when.
///
/// # Errors
/// When the database does not answer.
pub async fn list_notices(tools: &Tools, user: UserId, about: Notice) -> Result<Vec<(String, Timestamp)>, Failure> {
    queries::email::list_notices(&mut tools.db.read().await?, user, about.word()).await
}

/// Notes that this address was told, unless it happened again since.
///
/// # Errors
/// When the database refuses.
pub async fn forget_notice(
    tools: &Tools,
    user: UserId,
    about: Notice,
    email: &str,
    since: Timestamp,
) -> Result<(), Failure> {
    queries::email::delete_notice(&mut tools.db.write().await?, user, about.word(), email, since).await
}

/// A fresh token each time: whatever a browser carried before is worth nothing after (A42).
///
/// # Errors
/// When the database refuses.
pub async fn start_session(
    tools: &Tools,
    tx: &mut Transaction,
    user: UserId,
    organization: OrganizationId,
    visitor: &Visitor,
) -> Result<Token, Failure> {
    let now = tools.now();
    let token = Token::generate(&tools.randomness);
    let session = queries::NewSession {
        token: token.hash(Purpose::Session),
        user,
        organization,
        expires_at: now.plus(SESSION_LIFE),
        user_agent: &visitor.user_agent.chars().take(MAX_USER_AGENT).collect::<String>(),
        peer: &visitor.peer.to_string(),
    };
    queries::insert_session(tx, &session, now).await?;
    Ok(token)
}

/// The member behind a session cookie, if it is still good.
///
/// # Errors
/// When the database does not answer.
pub async fn find_member(tools: &Tools, token: &Token) -> Result<Option<Member>, Failure> {
    queries::find_member(&mut tools.db.read().await?, token.hash(Purpose::Session), tools.now()).await
}

/// Ends a session for good: replaying its cookie finds nothing (A43).
///
/// # Errors
/// When the database does not answer.
pub async fn sign_out(tools: &Tools, token: &Token) -> Result<(), Failure> {
    queries::delete_session(&mut tools.db.write().await?, token.hash(Purpose::Session)).await
}

/// Forgets sessions and one-time links that ran out.
///
/// # Errors
/// When the database does not answer.
pub async fn forget_expired(tools: &Tools) -> Result<(), Failure> {
    let (mut conn, now) = (tools.db.write().await?, tools.now());
    queries::delete_expired(&mut conn, now).await?;
    queries::email::delete_expired(&mut conn, now).await?;
    queries::email::delete_old_notices(&mut conn, now.minus(NOTICE_LIFE)).await?;
    queries::two_factor::delete_expired(&mut conn, now).await
}
