//! Instagram accounts in the database.

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
    /// Instagram's word for its kind.
    pub account_type: String,
    /// When its token ends.
    pub token_expires_at: Option<Timestamp>,
    /// When it was connected last.
    pub connected_at: Timestamp,
    /// Description of the link it came through.
    pub through: Option<String>,
}

/// Stores a connection. An account the organization already has is renewed in place: one row, history kept (A25).
pub async fn upsert(conn: &mut Conn, new: &NewConnection<'_>) -> Result<AccountId, Failure> {
    let fresh = (
        accounts::app_scoped_id.eq(&new.profile.app_scoped_id),
        accounts::username.eq(&new.profile.username),
        accounts::display_name.eq(&new.profile.name),
        accounts::account_type.eq(new.profile.account_type.as_str()),
        accounts::token_sealed.eq(Some(new.token_sealed)),
        accounts::token_issued_at.eq(Some(new.now)),
        accounts::token_expires_at.eq(Some(new.token_expires_at)),
        accounts::connected_at.eq(new.now),
        accounts::connected_through.eq(Some(new.link)),
        accounts::disconnected_at.eq(None::<Timestamp>),
    );
    Ok(run!(conn, |c| diesel::insert_into(accounts::table)
        .values((
            accounts::id.eq(new.id),
            accounts::organization_id.eq(new.organization_id),
            accounts::instagram_id.eq(&new.profile.instagram_id),
            accounts::created_at.eq(new.now),
            fresh,
        ))
        .on_conflict((accounts::organization_id, accounts::instagram_id))
        .do_update()
        .set(fresh)
        .returning(accounts::id)
        .get_result(c))?)
}

/// The connected accounts of an organization, newest first. Connecting again moves nothing: a row that jumps would take
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
        .first::<(OrganizationId, String, Option<Sealed>)>(c))
    .optional()?;
    Ok(row.and_then(|(organization, instagram_id, sealed)| Some((organization, instagram_id, sealed?))))
}
