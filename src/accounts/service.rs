//! The rules of accounts: store a connection, list, disconnect.

use super::{
    model::{AccountState, AccountView, Handle},
    queries::{self, ListedAccount, NewConnection},
};
use crate::{
    audit,
    db::Conn,
    error::AppError,
    failure::Failure,
    ids::{AccountId, EventId, LinkId, OrganizationId},
    instagram::{AccountType, LongLivedToken, Profile},
    live::Change,
    secret::{Place, SecretString},
    timestamp::Timestamp,
    work::{MemberWork, Tools},
};

/// Calls `with` with the place of an account's token. An account is known by organization and Instagram id, so
/// its seal can be made before anybody knows whether the row exists.
fn with_place<T>(organization: OrganizationId, instagram_id: &str, with: impl FnOnce(Place<'_>) -> T) -> T {
    let organization = organization.to_string();
    with(Place { column: "accounts.token", organization: organization.as_bytes(), row: instagram_id.as_bytes() })
}

/// Stores a fresh connection inside the caller's transaction.
///
/// # Errors
/// When the database refuses.
pub async fn store(
    tools: &Tools,
    conn: &mut Conn,
    organization: OrganizationId,
    link: LinkId,
    profile: &Profile,
    token: &LongLivedToken,
) -> Result<AccountId, Failure> {
    let now = tools.now();
    let sealed = with_place(organization, &profile.instagram_id, |place| {
        tools.keys.seal(place, &token.token, &tools.randomness)
    });
    let connection = NewConnection {
        id: AccountId::generate(now, &tools.randomness),
        organization_id: organization,
        profile,
        token_sealed: &sealed,
        token_expires_at: now.plus(token.expires_in),
        link,
        now,
    };
    queries::upsert(conn, &connection).await
}

/// How storing a connection for a pending account ended.
#[derive(Debug)]
pub enum Claimed {
    /// Stored, in the pending row or in the one that the organization had of the same account before.
    Stored(AccountId),
    /// It was not the account that was asked for; nothing was stored (A23).
    OtherAccount {
        /// The handle that was asked for, without "@".
        expected: String,
    },
    /// The account is pending no more.
    Gone,
}

/// Stores a fresh connection for a pending account inside the caller's transaction, if it is the right one: by its
/// handle, since no more is known of it yet (A23).
///
/// # Errors
/// When the database refuses.
pub async fn store_pending(
    tools: &Tools,
    conn: &mut Conn,
    organization: OrganizationId,
    pending: AccountId,
    link: LinkId,
    profile: &Profile,
    token: &LongLivedToken,
) -> Result<Claimed, Failure> {
    let Some(expected) = queries::find_pending(conn, pending, organization).await? else { return Ok(Claimed::Gone) };
    if !expected.eq_ignore_ascii_case(&profile.username) {
        return Ok(Claimed::OtherAccount { expected });
    }
    // An account that the organization knows is renewed in place: one row, history kept (A25).
    if queries::find_by_instagram_id(conn, organization, &profile.instagram_id).await?.is_some() {
        let account = store(tools, conn, organization, link, profile, token).await?;
        return Ok(Claimed::Stored(account));
    }
    let now = tools.now();
    let sealed = with_place(organization, &profile.instagram_id, |place| {
        tools.keys.seal(place, &token.token, &tools.randomness)
    });
    let connection = NewConnection {
        id: pending,
        organization_id: organization,
        profile,
        token_sealed: &sealed,
        token_expires_at: now.plus(token.expires_in),
        link,
        now,
    };
    let stored = queries::connect_pending(conn, &connection).await?;
    Ok(if stored { Claimed::Stored(pending) } else { Claimed::Gone })
}

/// Forgets a pending account inside the caller's transaction, whose links were given to the account it turned out to be.
///
/// # Errors
/// When the database refuses.
pub async fn forget_pending(conn: &mut Conn, pending: AccountId) -> Result<(), Failure> {
    queries::delete_pending(conn, pending).await
}

/// Whether the account is one of this organization and still pending; it stays so until the transaction ends.
///
/// # Errors
/// When the database does not answer.
pub async fn is_pending(conn: &mut Conn, id: AccountId, organization: OrganizationId) -> Result<bool, Failure> {
    Ok(queries::find_pending(conn, id, organization).await?.is_some())
}

/// Takes a pending account off the list inside the caller's transaction.
///
/// # Errors
/// When the database refuses.
pub async fn withdraw_pending(tools: &Tools, conn: &mut Conn, id: AccountId) -> Result<(), Failure> {
    queries::withdraw_pending(conn, id, tools.now()).await
}

/// Tells the members that somebody tried to connect another account than the one that was asked for (U07).
///
/// # Errors
/// When the database refuses.
pub async fn note_mistake(
    tools: &Tools,
    organization: OrganizationId,
    id: AccountId,
    username: &str,
) -> Result<(), Failure> {
    queries::note_mistake(&mut tools.db.write().await?, id, username).await?;
    tools.live.tell(organization, Change::Accounts);
    Ok(())
}

/// Adds a pending account inside the caller's transaction (T20).
///
/// # Errors
/// When the organization has the account already, or waits for it.
pub async fn add_pending(
    tools: &Tools,
    conn: &mut Conn,
    organization: OrganizationId,
    handle: &Handle,
) -> Result<AccountId, Failure> {
    let refuse = |why: String| Err(AppError::field("username", why).into());
    let name = handle.as_str();
    if queries::has_connected(conn, organization, handle).await? {
        return refuse(format!("@{name} is connected already. You find it in the list."));
    }
    let now = tools.now();
    let id = AccountId::generate(now, &tools.randomness);
    if queries::insert_pending(conn, id, organization, handle, now).await? {
        Ok(id)
    } else {
        refuse(format!("You already asked for @{name}. Find it in the list, and regenerate its request link there."))
    }
}

/// The token of an account, for a call to Instagram.
///
/// # Errors
/// [`AppError::NotFound`] without a live token; an internal failure when no key opens it.
pub async fn token(tools: &Tools, id: AccountId) -> Result<SecretString, Failure> {
    let row = queries::find_token(&mut tools.db.read().await?, id).await?;
    let (organization, instagram_id, sealed) = row.ok_or(AppError::NotFound)?;
    with_place(organization, &instagram_id, |place| tools.keys.open(place, &sealed))
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

fn view(row: ListedAccount, now: Timestamp) -> AccountView {
    let state = match (row.connected_at, row.token_expires_at) {
        (None, _) => AccountState::Pending { mistaken_for: row.mistaken_for },
        (Some(_), Some(at)) if at > now => AccountState::Active { token_expires_at: at.moment(now) },
        (Some(_), _) => AccountState::NeedsReconnection,
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
        account_type,
        state,
        since: row.connected_at.unwrap_or(row.created_at).moment(now),
        through: row.through.filter(|description| !description.is_empty()),
    }
}

/// Disconnects an account: its token is erased at once, the row stays for a later reconnection.
///
/// # Errors
/// [`AppError::NotFound`] when the organization has no such connected account.
pub async fn disconnect(work: &MemberWork, id: AccountId) -> Result<(), Failure> {
    let now = work.now();
    let organization = work.actor.organization_id;
    let mut tx = work.db.begin().await?;
    let Some(username) = queries::disconnect(&mut tx, id, organization, now).await? else {
        tx.rollback().await?;
        return Err(AppError::NotFound.into());
    };
    let event = audit::Event {
        id: EventId::generate(now, &work.randomness),
        organization_id: organization,
        at: now,
        actor: audit::Actor::Member(work.actor.user_id),
        action: audit::Action::AccountDisconnected,
        subject: id.to_string(),
        detail: &username,
    };
    audit::record(&mut tx, event).await?;
    tx.commit().await?;
    work.live.tell(organization, Change::Accounts);
    Ok(())
}
