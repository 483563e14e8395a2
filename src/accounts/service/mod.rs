//! The rules of accounts: list, find, show the picture, disconnect; in the files beside this one: store a connection,
//! wait for one, keep its token alive, note its death, and do what Instagram's callbacks ask. Of links it knows
//! only how those for one account end with what becomes of that, and of posts nothing.

mod callbacks;
mod death;
mod pending;
mod renew;
mod store;
pub mod trouble;

pub use callbacks::{deauthorize, delete_data, find_deletion};
pub use death::{mark_dead, take_back, verdict};
pub use pending::{
    Awaited, add_pending, find_awaited, find_superseded, forget_pending, note_mistake, withdraw_pending,
};
pub use renew::renew;
pub use store::{Claimed, Connection, Stored, store, store_bound};

use super::{
    model::{AccessView, AccountState, AccountView},
    queries::{self, ListedAccount, token::LiveAccess},
};
use crate::{
    audit,
    error::AppError,
    failure::Failure,
    ids::{AccountId, EventId, OrganizationId},
    instagram::{AccountType, Profile},
    links,
    live::Change,
    paths,
    queue::{self, Job},
    secret::{Place, SecretString},
    timestamp::Timestamp,
    token_death::TokenDeath,
    work::{MemberWork, Tools},
};
use std::time::Duration;

/// A renewal that is overdue by so much has lost its job.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(6 * 3_600);

/// Calls `with` with the place of an account's token. An account is known by organization and Instagram id, so
/// its seal can be made before anybody knows whether the row exists.
fn with_place<T>(organization: OrganizationId, instagram_id: &str, with: impl FnOnce(Place<'_>) -> T) -> T {
    let organization = organization.to_string();
    with(Place { column: "accounts.token", organization: organization.as_bytes(), row: instagram_id.as_bytes() })
}

/// A living account with its token, for calls to Instagram; `None` when it is pending, dead or disconnected (T22, T27).
///
/// # Errors
/// When the database does not answer; an internal failure when no key opens the token.
pub async fn find_access(tools: &Tools, id: AccountId) -> Result<Option<(LiveAccess, SecretString)>, Failure> {
    let Some(access) = queries::token::find(&mut tools.db.read().await?, id).await? else { return Ok(None) };
    let token = open_token(tools, &access)?;
    Ok(Some((access, token)))
}

fn open_token(tools: &Tools, access: &LiveAccess) -> Result<SecretString, Failure> {
    with_place(access.organization_id, &access.instagram_id, |place| tools.keys.open(place, &access.token_sealed))
        .ok_or_else(|| Failure::internal("an account's token does not open under any key of the ring"))
}

/// The accounts of the member's organization, connected and pending, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(work: &MemberWork) -> Result<Vec<AccountView>, Failure> {
    let rows = queries::list(&mut work.db.read().await?, work.actor.organization_id).await?;
    let now = work.now();
    Ok(rows.into_iter().map(|row| view(row, now)).collect())
}

/// One account of the member's organization.
///
/// # Errors
/// [`AppError::NotFound`] when the organization has no such account on its list.
pub async fn find(work: &MemberWork, id: AccountId) -> Result<AccountView, Failure> {
    let row = queries::find(&mut work.db.read().await?, id, work.actor.organization_id).await?;
    Ok(view(row.ok_or(AppError::NotFound)?, work.now()))
}

/// Brings what an account calls itself up to date; it is known by Instagram's id, whatever that is (A24). Another
/// profile picture is copied soon after, and one that Instagram shows no more is deleted.
///
/// # Errors
/// When the database refuses.
pub async fn note_profile(tools: &Tools, access: &LiveAccess, profile: &Profile) -> Result<(), Failure> {
    if profile.instagram_id != access.instagram_id {
        return Ok(());
    }
    let mut tx = tools.db.begin().await?;
    queries::note_profile(&mut tx, access.id, profile).await?;
    if queries::picture::note(&mut tx, access, profile.picture_url.as_ref()).await? {
        let (job, now) = (Job::CopyProfilePicture { account: access.id }, tools.now());
        queue::enqueue(&mut tx, &tools.randomness, access.organization_id, &job, now, now).await?;
    }
    tx.commit().await
}

/// The profile picture of an account of the member's organization, a JPEG, and when it was copied; without the picture
/// where `is_held` says of that time that the browser has it.
///
/// # Errors
/// [`AppError::NotFound`] when there is no such picture here.
pub async fn picture(
    work: &MemberWork,
    id: AccountId,
    is_held: impl FnOnce(Timestamp) -> bool,
) -> Result<(Timestamp, Option<Vec<u8>>), Failure> {
    let found = queries::picture::find(&mut work.db.read().await?, id, work.actor.organization_id).await?;
    let copied_at = found.ok_or(AppError::NotFound)?;
    if is_held(copied_at) {
        return Ok((copied_at, None));
    }
    if let Some(jpeg) = work.media.get_profile(id, copied_at).await? {
        return Ok((copied_at, Some(jpeg)));
    }
    // Nobody asked for a change; but as long as the row says that it is here, it never comes back.
    tracing::warn!(account = %id, "the store has lost a profile picture; the next look at a living account brings it");
    queries::picture::note_lost(&mut work.db.write().await?, id, copied_at).await?;
    Err(AppError::NotFound.into())
}

/// How the access to an account of the member's organization is kept alive; `None` when there is none.
///
/// # Errors
/// When the database does not answer.
pub async fn access(work: &MemberWork, id: AccountId) -> Result<Option<AccessView>, Failure> {
    let now = work.now();
    let access = queries::token::find(&mut work.db.read().await?, id).await?;
    Ok(access.filter(|access| access.organization_id == work.actor.organization_id).map(|access| AccessView {
        expires_at: access.expires_at.moment(now),
        renewed_at: access.renewed_at.map(|at| at.moment(now)),
        renewal_due_at: access.renewal_due_at.map(|at| at.moment(now)),
        trouble: access.renewal_trouble.as_deref().map(trouble::words),
    }))
}

/// What became of a mail about an account of the member's organization that could not be delivered, in words.
///
/// # Errors
/// [`AppError::NotFound`] when the organization has no such account on its list.
pub async fn mail_trouble(work: &MemberWork, id: AccountId) -> Result<Option<String>, Failure> {
    let mut conn = work.db.read().await?;
    queries::find(&mut conn, id, work.actor.organization_id).await?.ok_or(AppError::NotFound)?;
    let dead = queue::find_dead_mail(&mut conn, id).await?;
    Ok(dead.map(|why| format!("A mail about this account could not be delivered: {why}")))
}

fn view(row: ListedAccount, now: Timestamp) -> AccountView {
    let dead = |reason| AccountState::NeedsReconnection { reason, mistaken_for: row.mistaken_for.clone() };
    let state = match (row.connected_at, row.death.as_deref(), row.token_expires_at) {
        (None, _, _) => AccountState::Pending { mistaken_for: row.mistaken_for.clone() },
        (Some(_), Some(word), _) => dead(TokenDeath::parse(word).unwrap_or(TokenDeath::Invalid)),
        (Some(_), None, Some(at)) if at > now => AccountState::Active { token_expires_at: at.moment(now) },
        // Its end is not written down yet; nobody is told that it works.
        (Some(_), None, _) => dead(TokenDeath::Expired),
    };
    let account_type = match AccountType::parse(row.account_type.as_deref().unwrap_or_default()) {
        AccountType::Business => "Business".to_owned(),
        AccountType::Creator => "Creator".to_owned(),
        other => other.as_str().to_owned(),
    };
    AccountView {
        id: row.id,
        username: row.username,
        display_name: row.display_name,
        picture: row.picture_copied_at.map(|at| paths::profile_picture(row.id, at.as_micros())),
        account_type,
        state,
        since: row.connected_at.unwrap_or(row.created_at).moment(now),
        through: row.through.filter(|description| !description.is_empty()),
    }
}

/// Disconnects an account, dead or alive: its token is erased at once, what was collected from it soon after; the row
/// stays for a later reconnection. Links for it alone are dead.
///
/// # Errors
/// [`AppError::NotFound`] when the organization has no such connected account.
pub async fn disconnect(work: &MemberWork, id: AccountId) -> Result<(), Failure> {
    work.db.transact(|| take_off(work, id)).await?;
    work.live.tell(work.actor.organization_id, Change::Accounts);
    Ok(())
}

async fn take_off(work: &MemberWork, id: AccountId) -> Result<(), Failure> {
    let now = work.now();
    let organization = work.actor.organization_id;
    let mut tx = work.db.begin().await?;
    // The links before the account, as everywhere.
    links::queries::revoke_requests(&mut tx, id, organization, work.actor.user_id, now).await?;
    let Some(username) = queries::disconnect(&mut tx, id, organization, now).await? else {
        tx.rollback().await?;
        return Err(AppError::NotFound.into());
    };
    let actor = audit::Actor::Member(work.actor.user_id);
    let disconnected = event(work, organization, actor, audit::Action::AccountDisconnected, id, &username);
    queue::enqueue(&mut tx, &work.randomness, organization, &Job::ForgetPosts { account: id }, now, now).await?;
    audit::record(&mut tx, audit::Event { from: work.from, ..disconnected }).await?;
    tx.commit().await
}

/// Enqueues the renewals whose jobs were lost or given up, so that no account ends silently (F21).
///
/// # Errors
/// When the database refuses.
pub async fn remember_forgotten(tools: &Tools) -> Result<(), Failure> {
    let now = tools.now();
    let forgotten = queries::token::list_forgotten(&mut tools.db.read().await?, now.minus(FORGOTTEN_AFTER)).await?;
    for (account, organization) in forgotten {
        let mut conn = tools.db.write().await?;
        let job = Job::RenewAccess { account };
        queue::enqueue(&mut conn, &tools.randomness, organization, &job, now, now).await?;
    }
    Ok(())
}

/// An entry about an account, from nowhere that could be told.
fn event<'a>(
    tools: &Tools,
    organization_id: OrganizationId,
    actor: audit::Actor,
    action: audit::Action,
    account: AccountId,
    detail: &'a str,
) -> audit::Event<'a> {
    let now = tools.now();
    let id = EventId::generate(now, &tools.randomness);
    audit::Event { id, organization_id, at: now, actor, action, subject: account.to_string(), detail, from: None }
}
