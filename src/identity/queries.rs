//! People, sessions and one-time password links in the database.

use super::model::{Email, Member};
use crate::{
    db::{
        Conn, run,
        schema::{memberships, organizations, password_resets, sessions, users},
    },
    failure::Failure,
    ids::{OrganizationId, UserId},
    organizations::model::Role,
    secret::TokenHash,
    timestamp::Timestamp,
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// Adds a person; `false` when the address is taken.
pub async fn insert_user(
    conn: &mut Conn,
    id: UserId,
    email: &Email,
    password_hash: &str,
    now: Timestamp,
) -> Result<bool, Failure> {
    let rows = run!(conn, |c| diesel::insert_into(users::table)
        .values((
            users::id.eq(id),
            users::email.eq(email.as_str()),
            users::email_lower.eq(email.lower()),
            users::password_hash.eq(password_hash),
            users::created_at.eq(now),
        ))
        .on_conflict(users::email_lower)
        .do_nothing()
        .execute(c))?;
    Ok(rows == 1)
}

/// Id and password hash of the person with this address.
pub async fn find_credentials(conn: &mut Conn, email: &Email) -> Result<Option<(UserId, String)>, Failure> {
    Ok(run!(conn, |c| users::table
        .filter(users::email_lower.eq(email.lower()))
        .select((users::id, users::password_hash))
        .first(c))
    .optional()?)
}

/// Replaces a password.
pub async fn set_password(conn: &mut Conn, user: UserId, password_hash: &str) -> Result<(), Failure> {
    run!(conn, |c| diesel::update(users::table.filter(users::id.eq(user)))
        .set(users::password_hash.eq(password_hash))
        .execute(c))?;
    Ok(())
}

/// Starts a session.
pub async fn insert_session(
    conn: &mut Conn,
    token: TokenHash,
    user: UserId,
    organization: OrganizationId,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), Failure> {
    run!(conn, |c| diesel::insert_into(sessions::table)
        .values((
            sessions::token_hash.eq(token),
            sessions::user_id.eq(user),
            sessions::organization_id.eq(organization),
            sessions::created_at.eq(now),
            sessions::last_seen_at.eq(now),
            sessions::expires_at.eq(expires_at),
        ))
        .execute(c))?;
    Ok(())
}

/// The member behind a live session. The role is read afresh each time: a lost membership ends it at once (A44).
pub async fn find_member(conn: &mut Conn, token: TokenHash, now: Timestamp) -> Result<Option<Member>, Failure> {
    let row = run!(conn, |c| sessions::table
        .inner_join(users::table.on(users::id.eq(sessions::user_id)))
        .inner_join(organizations::table.on(organizations::id.eq(sessions::organization_id)))
        .inner_join(memberships::table.on(
            memberships::user_id.eq(sessions::user_id).and(memberships::organization_id.eq(sessions::organization_id))
        ),)
        .filter(sessions::token_hash.eq(token))
        .filter(sessions::expires_at.gt(now))
        .select((users::id, users::email, organizations::id, organizations::name, memberships::role))
        .first::<(UserId, String, OrganizationId, String, String)>(c))
    .optional()?;
    let Some((user_id, email, organization_id, organization, role)) = row else { return Ok(None) };
    let role = Role::from_stored(&role).ok_or_else(|| Failure::internal("memberships.role holds an unknown word"))?;
    Ok(Some(Member { user_id, email, organization_id, organization, role }))
}

/// Ends a session.
pub async fn delete_session(conn: &mut Conn, token: TokenHash) -> Result<(), Failure> {
    run!(conn, |c| diesel::delete(sessions::table.filter(sessions::token_hash.eq(token))).execute(c))?;
    Ok(())
}

/// Ends all sessions of a person.
pub async fn delete_sessions_of(conn: &mut Conn, user: UserId) -> Result<(), Failure> {
    run!(conn, |c| diesel::delete(sessions::table.filter(sessions::user_id.eq(user))).execute(c))?;
    Ok(())
}

/// Ends the one-time links of a person that were never used.
pub async fn delete_resets_of(conn: &mut Conn, user: UserId) -> Result<(), Failure> {
    run!(conn, |c| diesel::delete(
        password_resets::table.filter(password_resets::user_id.eq(user)).filter(password_resets::used_at.is_null())
    )
    .execute(c))?;
    Ok(())
}

/// Removes sessions and password links that ran out.
pub async fn delete_expired(conn: &mut Conn, now: Timestamp) -> Result<(), Failure> {
    run!(conn, |c| diesel::delete(sessions::table.filter(sessions::expires_at.le(now))).execute(c))?;
    run!(conn, |c| diesel::delete(password_resets::table.filter(password_resets::expires_at.le(now))).execute(c))?;
    Ok(())
}

/// Adds a one-time link that sets a new password.
pub async fn insert_reset(
    conn: &mut Conn,
    token: TokenHash,
    user: UserId,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), Failure> {
    run!(conn, |c| diesel::insert_into(password_resets::table)
        .values((
            password_resets::token_hash.eq(token),
            password_resets::user_id.eq(user),
            password_resets::created_at.eq(now),
            password_resets::expires_at.eq(expires_at),
        ))
        .execute(c))?;
    Ok(())
}

/// Whether a one-time link would still be accepted.
pub async fn reset_is_live(conn: &mut Conn, token: TokenHash, now: Timestamp) -> Result<bool, Failure> {
    Ok(run!(conn, |c| password_resets::table
        .filter(password_resets::token_hash.eq(token))
        .filter(password_resets::used_at.is_null())
        .filter(password_resets::expires_at.gt(now))
        .select(password_resets::user_id)
        .first::<UserId>(c))
    .optional()?
    .is_some())
}

/// Uses up a one-time link and says whose it is; `None` when it was used, ran out or never was.
pub async fn use_reset(conn: &mut Conn, token: TokenHash, now: Timestamp) -> Result<Option<(UserId, String)>, Failure> {
    let user: Option<UserId> = run!(conn, |c| diesel::update(
        password_resets::table
            .filter(password_resets::token_hash.eq(token))
            .filter(password_resets::used_at.is_null())
            .filter(password_resets::expires_at.gt(now)),
    )
    .set(password_resets::used_at.eq(now))
    .returning(password_resets::user_id)
    .get_result(c))
    .optional()?;
    let Some(user) = user else { return Ok(None) };
    let email = run!(conn, |c| users::table.filter(users::id.eq(user)).select(users::email).first::<String>(c))?;
    Ok(Some((user, email)))
}
