//! Accounts that somebody is asked to connect, in the database: the pending ones (T20), and dead ones that are asked for
//! again. A pending account has no number of Instagram's yet; it gets one by being connected.

use super::{super::model::Handle, NewConnection};
use crate::{
    db::{Conn, run, schema::accounts},
    failure::Failure,
    ids::{AccountId, OrganizationId},
    timestamp::Timestamp,
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use url::Url;

/// An account that somebody is asked to connect.
#[derive(Debug, Queryable)]
pub struct AwaitedAccount {
    /// The handle, without "@".
    pub username: String,
    /// What Instagram knows it by, once it was connected.
    pub instagram_id: Option<String>,
}

/// Adds a pending account (T20). `false` when the organization already waits for this handle.
pub async fn insert(
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

/// A pending or dead account of this organization, locked until the transaction ends; `None` when there is no such
/// account, or it waits for nobody any more. One whose token has ended is dead, whether that was noticed yet or not.
pub async fn find_awaited(
    conn: &mut Conn,
    id: AccountId,
    organization: OrganizationId,
    now: Timestamp,
) -> Result<Option<AwaitedAccount>, Failure> {
    // An update that changes nothing locks the row on both databases alike.
    Ok(run!(conn, |c| diesel::update(
        accounts::table
            .filter(accounts::id.eq(id))
            .filter(accounts::organization_id.eq(organization))
            .filter(accounts::token_sealed.is_null().or(accounts::token_expires_at.le(Some(now))))
            .filter(accounts::disconnected_at.is_null()),
    )
    .set(accounts::disconnected_at.eq(None::<Timestamp>))
    .returning((accounts::username, accounts::instagram_id))
    .get_result::<AwaitedAccount>(c))
    .optional()?)
}

/// Makes a pending account the connected one; `false` when it is pending no more.
pub async fn connect(conn: &mut Conn, new: &NewConnection<'_>) -> Result<bool, Failure> {
    let rows = run!(conn, |c| diesel::update(
        accounts::table
            .filter(accounts::id.eq(new.id))
            .filter(accounts::instagram_id.is_null())
            .filter(accounts::disconnected_at.is_null()),
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
        accounts::renewal_due_at.eq(Some(new.renewal_due_at)),
        accounts::picture_url.eq(new.profile.picture_url.as_ref().map(Url::as_str)),
    ))
    .execute(c))?;
    Ok(rows == 1)
}

/// The pending account of an organization that goes by this handle, in whatever case.
pub async fn find_by_handle(
    conn: &mut Conn,
    organization: OrganizationId,
    username: &str,
) -> Result<Option<AccountId>, Failure> {
    let handle = username.to_lowercase();
    Ok(run!(conn, |c| accounts::table
        .filter(accounts::organization_id.eq(organization))
        .filter(accounts::username.eq(&handle))
        .filter(accounts::instagram_id.is_null())
        .filter(accounts::disconnected_at.is_null())
        .select(accounts::id)
        .first(c))
    .optional()?)
}

/// Forgets a pending account. Its links go with it, unless they were given to another account before.
pub async fn delete(conn: &mut Conn, id: AccountId) -> Result<(), Failure> {
    run!(conn, |c| diesel::delete(
        accounts::table.filter(accounts::id.eq(id)).filter(accounts::instagram_id.is_null())
    )
    .execute(c))?;
    Ok(())
}

/// Takes a pending account off the list; its row stays for the page of its dead link.
pub async fn withdraw(conn: &mut Conn, id: AccountId, now: Timestamp) -> Result<(), Failure> {
    run!(conn, |c| diesel::update(
        accounts::table.filter(accounts::id.eq(id)).filter(accounts::instagram_id.is_null()),
    )
    .set(accounts::disconnected_at.eq(Some(now)))
    .execute(c))?;
    Ok(())
}

/// Notes that somebody tried to connect another account than the one that is asked for (U07).
pub async fn note_mistake(conn: &mut Conn, id: AccountId, username: &str, now: Timestamp) -> Result<(), Failure> {
    run!(conn, |c| diesel::update(
        accounts::table
            .filter(accounts::id.eq(id))
            .filter(accounts::token_sealed.is_null().or(accounts::token_expires_at.le(Some(now)))),
    )
    .set(accounts::mistaken_for.eq(Some(username)))
    .execute(c))?;
    Ok(())
}
