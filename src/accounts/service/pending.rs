//! Accounts that somebody is asked to connect: pending ones, known by their handle alone (T20), and dead ones. Links to
//! them are the business of `links`, which calls this inside its own transactions.

use crate::{
    accounts::{model::Handle, queries},
    db::Conn,
    error::AppError,
    failure::Failure,
    ids::{AccountId, OrganizationId},
    live::Change,
    timestamp::Timestamp,
    work::Tools,
};

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
    if queries::pending::insert(conn, id, organization, handle, now).await? {
        Ok(id)
    } else {
        refuse(format!("You already asked for @{name}. Find it in the list, and regenerate its request link there."))
    }
}

/// What a link for an account can be for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Awaited {
    /// Its first connection.
    Pending,
    /// To be connected again: its token is dead, or has ended unnoticed.
    Dead,
}

/// Whether the organization waits for this account to be connected; it does until the transaction ends.
///
/// # Errors
/// When the database does not answer.
pub async fn find_awaited(
    conn: &mut Conn,
    id: AccountId,
    organization: OrganizationId,
    now: Timestamp,
) -> Result<Option<Awaited>, Failure> {
    let found = queries::pending::find_awaited(conn, id, organization, now).await?;
    Ok(found.map(|account| if account.instagram_id.is_none() { Awaited::Pending } else { Awaited::Dead }))
}

/// The pending account that goes by the handle of the one that is being connected: nobody has to wait for it any longer.
///
/// # Errors
/// When the database does not answer.
pub async fn find_superseded(
    conn: &mut Conn,
    organization: OrganizationId,
    username: &str,
) -> Result<Option<AccountId>, Failure> {
    queries::pending::find_by_handle(conn, organization, username).await
}

/// Takes a pending account off the list inside the caller's transaction.
///
/// # Errors
/// When the database refuses.
pub async fn withdraw_pending(tools: &Tools, conn: &mut Conn, id: AccountId) -> Result<(), Failure> {
    queries::pending::withdraw(conn, id, tools.now()).await
}

/// Forgets a pending account inside the caller's transaction, which has ended the links to it: without their account
/// they would be links for any.
///
/// # Errors
/// When the database refuses.
pub async fn forget_pending(conn: &mut Conn, pending: AccountId) -> Result<(), Failure> {
    queries::pending::delete(conn, pending).await
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
    queries::pending::note_mistake(&mut tools.db.write().await?, id, username, tools.now()).await?;
    tools.live.tell(organization, Change::Accounts);
    Ok(())
}
