//! What joining, leaving and changing organizations writes to people and their sessions. The service of members calls
//! this, inside its own transactions.

use crate::{
    db::{
        Conn, run,
        schema::{memberships, sessions, users},
    },
    failure::Failure,
    identity::model::Email,
    ids::{OrganizationId, UserId},
    secret::TokenHash,
    timestamp::Timestamp,
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// Notes that mail to this address of a person arrives, unless that was known, or they have another address by now.
pub async fn verify_email(conn: &mut Conn, user: UserId, email: &Email, now: Timestamp) -> Result<(), Failure> {
    run!(conn, |c| diesel::update(
        users::table
            .filter(users::id.eq(user))
            .filter(users::email_lower.eq(email.lower()))
            .filter(users::email_verified_at.is_null()),
    )
    .set(users::email_verified_at.eq(Some(now)))
    .execute(c))?;
    Ok(())
}

/// Ends all sessions of a person that work for this organization (A44).
pub async fn delete_sessions_in(conn: &mut Conn, organization: OrganizationId, user: UserId) -> Result<(), Failure> {
    run!(conn, |c| diesel::delete(
        sessions::table.filter(sessions::organization_id.eq(organization)).filter(sessions::user_id.eq(user))
    )
    .execute(c))?;
    Ok(())
}

/// Has a living session of a member work for this organization, under another token (A42); `false` when it has ended, or
/// its person is no member there. All else that is known of the session stays.
pub async fn move_session(
    conn: &mut Conn,
    old: TokenHash,
    new: TokenHash,
    organization: OrganizationId,
    now: Timestamp,
) -> Result<bool, Failure> {
    let rows = run!(conn, |c| diesel::update(
        sessions::table.filter(sessions::token_hash.eq(old)).filter(sessions::expires_at.gt(now)).filter(
            sessions::user_id.eq_any(
                memberships::table.filter(memberships::organization_id.eq(organization)).select(memberships::user_id),
            ),
        ),
    )
    .set((sessions::token_hash.eq(new), sessions::organization_id.eq(organization)))
    .execute(c))?;
    Ok(rows == 1)
}
