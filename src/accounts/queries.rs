//! Instagram accounts in the database.

use super::model::Handle;
use crate::{
    db::{
        Conn, run,
        schema::{accounts, links},
    },
    failure::Failure,
    ids::{AccountId, LinkId, OrganizationId},
    instagram::Profile,
    secret::Sealed,
    timestamp::Timestamp,
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// A connection to be stored.
#[derive(Debug)]
pub struct NewConnection<'a> {
    /// The row's name, if the account is new to the organization.
    pub id: AccountId,
    /// Whose it becomes.
    pub organization_id: OrganizationId,
    /// What Instagram says of it.
    pub profile: &'a Profile,
    /// Its token.
    pub token_sealed: &'a Sealed,
    /// When the token ends.
    pub token_expires_at: Timestamp,
    /// Through which link it came.
    pub link: LinkId,
    /// Now.
    pub now: Timestamp,
}

/// An account as its organization lists it.
#[derive(Debug, Queryable)]
pub struct ListedAccount {
    /// Names the row.
    pub id: AccountId,
    /// The handle.
    pub username: String,
    /// The name beside it.
    pub display_name: Option<String>,
    /// Instagram's word for its kind; `None` while it is pending.
    pub account_type: Option<String>,
    /// When its token ends.
    pub token_expires_at: Option<Timestamp>,
    /// When it was connected last; `None` while it is pending.
    pub connected_at: Option<Timestamp>,
    /// When the organization first had it, or asked for it.
    pub created_at: Timestamp,
    /// Another account that somebody tried to connect instead.
    pub mistaken_for: Option<String>,
    /// Description of the link it came through.
    pub through: Option<String>,
}

/// Stores a connection. An account the organization already has is renewed in place: one row, history kept (A25).
pub async fn upsert(conn: &mut Conn, new: &NewConnection<'_>) -> Result<AccountId, Failure> {
    let fresh = (
        accounts::app_scoped_id.eq(Some(&new.profile.app_scoped_id)),
        accounts::username.eq(&new.profile.username),
        accounts::display_name.eq(&new.profile.name),
        accounts::account_type.eq(Some(new.profile.account_type.as_str())),
        accounts::token_sealed.eq(Some(new.token_sealed)),
        accounts::token_issued_at.eq(Some(new.now)),
        accounts::token_expires_at.eq(Some(new.token_expires_at)),
        accounts::connected_at.eq(Some(new.now)),
        accounts::connected_through.eq(Some(new.link)),
        accounts::disconnected_at.eq(None::<Timestamp>),
    );
    Ok(run!(conn, |c| diesel::insert_into(accounts::table)
        .values((
            accounts::id.eq(new.id),
            accounts::organization_id.eq(new.organization_id),
            accounts::instagram_id.eq(Some(&new.profile.instagram_id)),
            accounts::created_at.eq(new.now),
            fresh,
        ))
        .on_conflict((accounts::organization_id, accounts::instagram_id))
        .do_update()
        .set(fresh)
        .returning(accounts::id)
        .get_result(c))?)
}

/// The accounts of an organization, connected and pending, newest first. Connecting again moves nothing: a row that jumps would take
/// the focus of whoever works on it along (U26).
pub async fn list(conn: &mut Conn, organization: OrganizationId) -> Result<Vec<ListedAccount>, Failure> {
    Ok(run!(conn, |c| accounts::table
        .left_join(links::table.on(accounts::connected_through.eq(links::id.nullable())))
        .filter(accounts::organization_id.eq(organization))
        .filter(accounts::disconnected_at.is_null())
        .order((accounts::created_at.desc(), accounts::id.desc()))
        .select((
            accounts::id,
            accounts::username,
            accounts::display_name,
            accounts::account_type,
            accounts::token_expires_at,
            accounts::connected_at,
            accounts::created_at,
            accounts::mistaken_for,
            links::description.nullable(),
        ))
        .load::<ListedAccount>(c))?)
}

/// Disconnects a connected account of this organization and erases its token; its handle, or `None` when there is
/// no such account.
pub async fn disconnect(
    conn: &mut Conn,
    id: AccountId,
    organization: OrganizationId,
    now: Timestamp,
) -> Result<Option<String>, Failure> {
    Ok(run!(conn, |c| diesel::update(
        accounts::table
            .filter(accounts::id.eq(id))
            .filter(accounts::organization_id.eq(organization))
            .filter(accounts::instagram_id.is_not_null())
            .filter(accounts::disconnected_at.is_null()),
    )
    .set((
        accounts::disconnected_at.eq(Some(now)),
        accounts::token_sealed.eq(None::<Sealed>),
        accounts::token_issued_at.eq(None::<Timestamp>),
        accounts::token_expires_at.eq(None::<Timestamp>),
    ))
    .returning(accounts::username)
    .get_result(c))
    .optional()?)
}

/// The sealed token of an account, with what its seal is bound to.
pub async fn find_token(conn: &mut Conn, id: AccountId) -> Result<Option<(OrganizationId, String, Sealed)>, Failure> {
    let row = run!(conn, |c| accounts::table
        .filter(accounts::id.eq(id))
        .select((accounts::organization_id, accounts::instagram_id, accounts::token_sealed))
        .first::<(OrganizationId, Option<String>, Option<Sealed>)>(c))
    .optional()?;
    Ok(row.and_then(|(organization, instagram_id, sealed)| Some((organization, instagram_id?, sealed?))))
}

/// Adds a pending account (T20). `false` when the organization already waits for this handle.
pub async fn insert_pending(
    conn: &mut Conn,
    id: AccountId,
    organization: OrganizationId,
    handle: &Handle,
    now: Timestamp,
) -> Result<bool, Failure> {
    let rows = run!(conn, |c| diesel::insert_into(accounts::table)
        .values((
            accounts::id.eq(id),
            accounts::organization_id.eq(organization),
            accounts::username.eq(handle.as_str()),
            accounts::created_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(rows == 1)
}

/// Whether the organization has a connected account that goes by this handle.
pub async fn has_connected(conn: &mut Conn, organization: OrganizationId, handle: &Handle) -> Result<bool, Failure> {
    let found = run!(conn, |c| accounts::table
        .filter(accounts::organization_id.eq(organization))
        .filter(accounts::instagram_id.is_not_null())
        .filter(accounts::disconnected_at.is_null())
        .filter(accounts::username.eq(handle.as_str()))
        .select(accounts::id)
        .first::<AccountId>(c))
    .optional()?;
    Ok(found.is_some())
}

/// The handle of a pending account of this organization, locked until the transaction ends; `None` when there is no such
/// account, or it is pending no more.
pub async fn find_pending(
    conn: &mut Conn,
    id: AccountId,
    organization: OrganizationId,
) -> Result<Option<String>, Failure> {
    // An update that changes nothing locks the row on both databases alike.
    Ok(run!(conn, |c| diesel::update(
        accounts::table
            .filter(accounts::id.eq(id))
            .filter(accounts::organization_id.eq(organization))
            .filter(accounts::instagram_id.is_null())
            .filter(accounts::disconnected_at.is_null()),
    )
    .set(accounts::disconnected_at.eq(None::<Timestamp>))
    .returning(accounts::username)
    .get_result(c))
    .optional()?)
}

/// Makes a pending account the connected one; `false` when it is pending no more.
pub async fn connect_pending(conn: &mut Conn, new: &NewConnection<'_>) -> Result<bool, Failure> {
    let rows = run!(conn, |c| diesel::update(
        accounts::table.filter(accounts::id.eq(new.id)).filter(accounts::instagram_id.is_null()),
    )
    .set((
        accounts::instagram_id.eq(Some(&new.profile.instagram_id)),
        accounts::app_scoped_id.eq(Some(&new.profile.app_scoped_id)),
        accounts::username.eq(&new.profile.username),
        accounts::display_name.eq(&new.profile.name),
        accounts::account_type.eq(Some(new.profile.account_type.as_str())),
        accounts::token_sealed.eq(Some(new.token_sealed)),
        accounts::token_issued_at.eq(Some(new.now)),
        accounts::token_expires_at.eq(Some(new.token_expires_at)),
        accounts::connected_at.eq(Some(new.now)),
        accounts::connected_through.eq(Some(new.link)),
        accounts::mistaken_for.eq(None::<String>),
    ))
    .execute(c))?;
    Ok(rows == 1)
}

/// The row of an account of Instagram's in an organization, connected now or earlier.
pub async fn find_by_instagram_id(
    conn: &mut Conn,
    organization: OrganizationId,
    instagram_id: &str,
) -> Result<Option<AccountId>, Failure> {
    Ok(run!(conn, |c| accounts::table
        .filter(accounts::organization_id.eq(organization))
        .filter(accounts::instagram_id.eq(Some(instagram_id)))
        .select(accounts::id)
        .first(c))
    .optional()?)
}

/// Forgets a pending account. Its links go with it, unless they were given to another account before.
pub async fn delete_pending(conn: &mut Conn, id: AccountId) -> Result<(), Failure> {
    run!(conn, |c| diesel::delete(
        accounts::table.filter(accounts::id.eq(id)).filter(accounts::instagram_id.is_null())
    )
    .execute(c))?;
    Ok(())
}

/// Takes a pending account off the list; its row stays for the page of its dead link.
pub async fn withdraw_pending(conn: &mut Conn, id: AccountId, now: Timestamp) -> Result<(), Failure> {
    run!(conn, |c| diesel::update(
        accounts::table.filter(accounts::id.eq(id)).filter(accounts::instagram_id.is_null()),
    )
    .set(accounts::disconnected_at.eq(Some(now)))
    .execute(c))?;
    Ok(())
}

/// Notes that somebody tried to connect another account than the pending one (U07).
pub async fn note_mistake(conn: &mut Conn, id: AccountId, username: &str) -> Result<(), Failure> {
    run!(conn, |c| diesel::update(
        accounts::table.filter(accounts::id.eq(id)).filter(accounts::instagram_id.is_null()),
    )
    .set(accounts::mistaken_for.eq(Some(username)))
    .execute(c))?;
    Ok(())
}
