//! The rules of accounts: store a connection, list, disconnect.

use super::{
    model::{AccountState, AccountView},
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

/// The connected accounts of the member's organization, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(work: &MemberWork) -> Result<Vec<AccountView>, Failure> {
    let rows = queries::list(&mut work.db.read().await?, work.actor.organization_id).await?;
    let now = work.now();
    Ok(rows.into_iter().map(|row| view(row, now)).collect())
}

fn view(row: ListedAccount, now: Timestamp) -> AccountView {
    let state = match row.token_expires_at {
        Some(at) if at > now => AccountState::Active { token_expires_at: at.moment(now) },
        _ => AccountState::NeedsReconnection,
    };
    let account_type = match AccountType::parse(&row.account_type) {
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
        connected_at: row.connected_at.moment(now),
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
