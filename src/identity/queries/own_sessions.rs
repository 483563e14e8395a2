//! A person's own sessions, for the list in which they end them.

use crate::{
    db::{
        Conn, run,
        schema::{sessions, two_factors, users},
    },
    failure::Failure,
    ids::UserId,
    secret::TokenHash,
    timestamp::Timestamp,
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// A living session.
#[derive(Debug, Queryable)]
pub struct FoundSession {
    /// What it is known by.
    pub token: TokenHash,
    /// When it began.
    pub created_at: Timestamp,
    /// In which browser, in that browser's own words.
    pub user_agent: Option<String>,
    /// From which address.
    pub peer: Option<String>,
}

/// The living sessions of a person, newest first.
pub async fn list(conn: &mut Conn, user: UserId, now: Timestamp) -> Result<Vec<FoundSession>, Failure> {
    Ok(run!(conn, |c| sessions::table
        .filter(sessions::user_id.eq(user))
        .filter(sessions::expires_at.gt(now))
        .order((sessions::created_at.desc(), sessions::token_hash))
        .select((sessions::token_hash, sessions::created_at, sessions::user_agent, sessions::peer))
        .load(c))?)
}

/// The person of a living session: address, hash of the password, and since when a code is asked for. One statement: a
/// session that is alive was started with this password.
pub async fn find_epoch(
    conn: &mut Conn,
    token: TokenHash,
    now: Timestamp,
) -> Result<Option<(String, String, Option<Timestamp>)>, Failure> {
    Ok(run!(conn, |c| sessions::table
        .inner_join(users::table.on(users::id.eq(sessions::user_id)))
        .left_join(two_factors::table.on(two_factors::user_id.eq(sessions::user_id)))
        .filter(sessions::token_hash.eq(token))
        .filter(sessions::expires_at.gt(now))
        .select((users::email, users::password_hash, two_factors::confirmed_at.nullable()))
        .first::<(String, String, Option<Timestamp>)>(c))
    .optional()?)
}

/// Ends one session of a person; `false` when they have none of this kind.
pub async fn delete_own(conn: &mut Conn, user: UserId, token: TokenHash) -> Result<bool, Failure> {
    let rows = run!(conn, |c| diesel::delete(
        sessions::table.filter(sessions::user_id.eq(user)).filter(sessions::token_hash.eq(token))
    )
    .execute(c))?;
    Ok(rows == 1)
}

/// Ends all sessions of a person but one. Says how many.
pub async fn delete_others(conn: &mut Conn, user: UserId, but: TokenHash) -> Result<usize, Failure> {
    Ok(run!(conn, |c| diesel::delete(
        sessions::table.filter(sessions::user_id.eq(user)).filter(sessions::token_hash.ne(but))
    )
    .execute(c))?)
}
