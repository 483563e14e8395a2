//! The tokens of accounts in the database, sealed. Every write names the token it means by when that was given out: what
//! is decided about one changes nothing of the next (F19).

use crate::{
    db::{Conn, run, schema::accounts},
    failure::Failure,
    ids::{AccountId, OrganizationId},
    secret::Sealed,
    timestamp::Timestamp,
    token_death::TokenDeath,
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use std::time::Duration;

/// A connected account whose token works, as far as anybody knows.
#[derive(Debug, Queryable)]
pub struct LiveAccess {
    /// Names the row.
    pub id: AccountId,
    /// Whose it is.
    pub organization_id: OrganizationId,
    /// What Instagram knows it by.
    pub instagram_id: String,
    /// The handle, without "@".
    pub username: String,
    /// Its token.
    pub token_sealed: Sealed,
    /// When that was given out; a write with another one comes too late.
    pub issued_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was last renewed.
    pub renewed_at: Option<Timestamp>,
    /// When it is renewed next.
    pub renewal_due_at: Option<Timestamp>,
    /// Why renewing it failed last, in the stored word.
    pub renewal_trouble: Option<String>,
}

/// What a row says of its token once there is none any more.
pub(super) type WithoutToken = (
    diesel::dsl::Eq<accounts::token_sealed, Option<Sealed>>,
    diesel::dsl::Eq<accounts::token_issued_at, Option<Timestamp>>,
    diesel::dsl::Eq<accounts::token_expires_at, Option<Timestamp>>,
    diesel::dsl::Eq<accounts::renewal_due_at, Option<Timestamp>>,
    diesel::dsl::Eq<accounts::renewal_trouble, Option<String>>,
);

pub(super) fn without_token() -> WithoutToken {
    (
        accounts::token_sealed.eq(None::<Sealed>),
        accounts::token_issued_at.eq(None::<Timestamp>),
        accounts::token_expires_at.eq(None::<Timestamp>),
        accounts::renewal_due_at.eq(None::<Timestamp>),
        accounts::renewal_trouble.eq(None::<String>),
    )
}

/// An account's living token, with what its seal is bound to; `None` when there is none.
pub async fn find(conn: &mut Conn, id: AccountId) -> Result<Option<LiveAccess>, Failure> {
    Ok(run!(conn, |c| accounts::table
        .filter(accounts::id.eq(id))
        .filter(accounts::token_sealed.is_not_null())
        .select((
            accounts::id,
            accounts::organization_id,
            accounts::instagram_id.assume_not_null(),
            accounts::username,
            accounts::token_sealed.assume_not_null(),
            accounts::token_issued_at.assume_not_null(),
            accounts::token_expires_at.assume_not_null(),
            accounts::renewed_at,
            accounts::renewal_due_at,
            accounts::renewal_trouble,
        ))
        .first::<LiveAccess>(c))
    .optional()?)
}

/// The row of a token, as long as it is that token.
macro_rules! of_token {
    ($access:expr) => {
        accounts::table
            .filter(accounts::id.eq($access.id))
            .filter(accounts::token_issued_at.eq(Some($access.issued_at)))
            .filter(accounts::token_sealed.is_not_null())
    };
}
pub(super) use of_token;

/// Whether an account's token is still this one; it is until the transaction ends.
pub async fn is_current(conn: &mut Conn, access: &LiveAccess) -> Result<bool, Failure> {
    // An update that changes nothing locks the row on both databases alike.
    let rows = run!(conn, |c| diesel::update(of_token!(access))
        .set(accounts::token_issued_at.eq(Some(access.issued_at)))
        .execute(c))?;
    Ok(rows == 1)
}

/// Replaces a token by its renewal; `false` when it is another one already.
pub async fn renew(
    conn: &mut Conn,
    access: &LiveAccess,
    token_sealed: &Sealed,
    now: Timestamp,
    expires_at: Timestamp,
    next: Timestamp,
) -> Result<bool, Failure> {
    let rows = run!(conn, |c| diesel::update(of_token!(access))
        .set((
            accounts::token_sealed.eq(Some(token_sealed)),
            accounts::token_issued_at.eq(Some(now)),
            accounts::token_expires_at.eq(Some(expires_at)),
            accounts::renewed_at.eq(Some(now)),
            accounts::renewal_due_at.eq(Some(next)),
            accounts::renewal_trouble.eq(None::<String>),
            accounts::warned_days.eq(None::<i32>),
        ))
        .execute(c))?;
    Ok(rows == 1)
}

/// Notes why a token could not be renewed, and when that is tried again.
pub async fn note_trouble(conn: &mut Conn, access: &LiveAccess, trouble: &str, next: Timestamp) -> Result<(), Failure> {
    run!(conn, |c| diesel::update(of_token!(access))
        .set((accounts::renewal_trouble.eq(Some(trouble)), accounts::renewal_due_at.eq(Some(next))))
        .execute(c))?;
    Ok(())
}

/// Notes that a member was warned so many days before the end; `false` when that, or a later one, was noted before.
pub async fn note_warning(conn: &mut Conn, access: &LiveAccess, days: i32) -> Result<bool, Failure> {
    let rows = run!(conn, |c| diesel::update(
        of_token!(access).filter(accounts::warned_days.is_null().or(accounts::warned_days.gt(Some(days)))),
    )
    .set(accounts::warned_days.eq(Some(days)))
    .execute(c))?;
    Ok(rows == 1)
}

/// Erases a dead token and notes why it died; `false` when it is another one already.
pub async fn mark_dead(
    conn: &mut Conn,
    access: &LiveAccess,
    reason: TokenDeath,
    now: Timestamp,
) -> Result<bool, Failure> {
    let rows = run!(conn, |c| diesel::update(of_token!(access))
        .set((accounts::died_at.eq(Some(now)), accounts::death.eq(Some(reason.as_str())), without_token()))
        .execute(c))?;
    Ok(rows == 1)
}

/// Takes the living accounts that Instagram's callback names as removed by their owner, in every organization. What was
/// connected after the callback was issued is not meant by it: callbacks come late, and twice.
pub async fn mark_removed(
    conn: &mut Conn,
    app_scoped_id: &str,
    issued_at: Timestamp,
    now: Timestamp,
) -> Result<Vec<(AccountId, OrganizationId, String)>, Failure> {
    Ok(run!(conn, |c| diesel::update(
        accounts::table
            .filter(accounts::app_scoped_id.eq(Some(app_scoped_id)))
            .filter(accounts::token_sealed.is_not_null())
            // Callbacks know whole seconds only.
            .filter(accounts::connected_at.le(Some(issued_at.plus(Duration::from_secs(1))))),
    )
    .set((accounts::died_at.eq(Some(now)), accounts::death.eq(Some(TokenDeath::AppRemoved.as_str())), without_token(),))
    .returning((accounts::id, accounts::organization_id, accounts::username))
    .load(c))?)
}

/// Takes an account as disconnected by the client who connected it at this instant; `None` when it is not alive, or was
/// connected again since, by whomever.
pub async fn mark_taken_back(
    conn: &mut Conn,
    account: AccountId,
    connected_at: Timestamp,
    now: Timestamp,
) -> Result<Option<(OrganizationId, String)>, Failure> {
    Ok(run!(conn, |c| diesel::update(
        accounts::table
            .filter(accounts::id.eq(account))
            .filter(accounts::token_sealed.is_not_null())
            .filter(accounts::connected_at.eq(Some(connected_at))),
    )
    .set((accounts::died_at.eq(Some(now)), accounts::death.eq(Some(TokenDeath::TakenBack.as_str())), without_token()))
    .returning((accounts::organization_id, accounts::username))
    .get_result(c))
    .optional()?)
}

/// Living accounts whose renewal is so long overdue that its job must have been lost.
pub async fn list_forgotten(conn: &mut Conn, before: Timestamp) -> Result<Vec<(AccountId, OrganizationId)>, Failure> {
    Ok(run!(conn, |c| accounts::table
        .filter(accounts::token_sealed.is_not_null())
        .filter(accounts::renewal_due_at.lt(Some(before)))
        .select((accounts::id, accounts::organization_id))
        .limit(1_000)
        .load(c))?)
}
