//! Addresses in the database: which one a person has, which one they want, the links that show whose one is, and to
//! which one a mail goes about what happened to a sign-in.

use super::super::model::Email;
use crate::{
    db::{
        Conn, run,
        schema::{email_confirmations, reset_requests, sign_in_notices, users},
    },
    failure::Failure,
    ids::UserId,
    secret::TokenHash,
    timestamp::Timestamp,
};
use diesel::{
    prelude::*,
    result::{DatabaseErrorKind, Error},
};
use diesel_async::RunQueryDsl;

/// A person, as far as it concerns their address.
#[derive(Debug, Queryable)]
pub struct Person {
    /// The address, as it was typed.
    pub email: String,
    /// The same, as it is compared.
    pub email_lower: String,
    /// Since when it is known that mail arrives there.
    pub verified_at: Option<Timestamp>,
    /// The address they want instead.
    pub pending_email: Option<String>,
}

/// The person of this id.
pub async fn find(conn: &mut Conn, user: UserId) -> Result<Option<Person>, Failure> {
    Ok(run!(conn, |c| users::table
        .filter(users::id.eq(user))
        .select((users::email, users::email_lower, users::email_verified_at, users::pending_email))
        .first(c))
    .optional()?)
}

/// Notes the address that a person wants, or that they want none any more.
pub async fn set_pending(conn: &mut Conn, user: UserId, email: Option<&Email>) -> Result<(), Failure> {
    run!(conn, |c| diesel::update(users::table.filter(users::id.eq(user)))
        .set(users::pending_email.eq(email.map(Email::as_str)))
        .execute(c))?;
    Ok(())
}

/// Gives a person the address they wanted, which has just been shown to be theirs; `false` when somebody else has it. The
/// transaction must not go on then.
pub async fn take(conn: &mut Conn, user: UserId, email: &Email, now: Timestamp) -> Result<bool, Failure> {
    let taken = run!(conn, |c| diesel::update(
        users::table.filter(users::id.eq(user)).filter(users::pending_email.eq(Some(email.as_str())))
    )
    .set((
        users::email.eq(email.as_str()),
        users::email_lower.eq(email.lower()),
        users::email_verified_at.eq(Some(now)),
        users::pending_email.eq(None::<String>),
    ))
    .execute(c));
    match taken {
        Ok(rows) => Ok(rows == 1),
        Err(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Adds a link for a mail to this address.
pub async fn insert_confirmation(
    conn: &mut Conn,
    token: TokenHash,
    user: UserId,
    email: &Email,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), Failure> {
    run!(conn, |c| diesel::insert_into(email_confirmations::table)
        .values((
            email_confirmations::token_hash.eq(token),
            email_confirmations::user_id.eq(user),
            email_confirmations::email_lower.eq(email.lower()),
            email_confirmations::created_at.eq(now),
            email_confirmations::expires_at.eq(expires_at),
        ))
        .execute(c))?;
    Ok(())
}

/// Whose link this is, and for which address, while it would still be taken.
pub async fn find_confirmation(
    conn: &mut Conn,
    token: TokenHash,
    now: Timestamp,
) -> Result<Option<(UserId, String)>, Failure> {
    Ok(run!(conn, |c| email_confirmations::table
        .filter(email_confirmations::token_hash.eq(token))
        .filter(email_confirmations::used_at.is_null())
        .filter(email_confirmations::expires_at.gt(now))
        .select((email_confirmations::user_id, email_confirmations::email_lower))
        .first(c))
    .optional()?)
}

/// Uses up a link; `false` when it was used, ran out or never was.
pub async fn use_confirmation(conn: &mut Conn, token: TokenHash, now: Timestamp) -> Result<bool, Failure> {
    let rows = run!(conn, |c| diesel::update(
        email_confirmations::table
            .filter(email_confirmations::token_hash.eq(token))
            .filter(email_confirmations::used_at.is_null())
            .filter(email_confirmations::expires_at.gt(now)),
    )
    .set(email_confirmations::used_at.eq(Some(now)))
    .execute(c))?;
    Ok(rows == 1)
}

/// Ends the links of a person that were never used.
pub async fn delete_confirmations_of(conn: &mut Conn, user: UserId) -> Result<(), Failure> {
    run!(conn, |c| diesel::delete(
        email_confirmations::table
            .filter(email_confirmations::user_id.eq(user))
            .filter(email_confirmations::used_at.is_null()),
    )
    .execute(c))?;
    Ok(())
}

/// Notes to which address it is told what happened, this word for it; where that waits already, it stands for both.
pub async fn insert_notice(
    conn: &mut Conn,
    user: UserId,
    about: &str,
    email: &str,
    now: Timestamp,
) -> Result<(), Failure> {
    run!(conn, |c| diesel::insert_into(sign_in_notices::table)
        .values((
            sign_in_notices::user_id.eq(user),
            sign_in_notices::about.eq(about),
            sign_in_notices::email.eq(email),
            sign_in_notices::created_at.eq(now),
        ))
        .on_conflict((sign_in_notices::user_id, sign_in_notices::about, sign_in_notices::email))
        .do_update()
        .set(sign_in_notices::created_at.eq(now))
        .execute(c))?;
    Ok(())
}

/// To which addresses it has to be told what happened, and since when; the longest waiting first.
pub async fn list_notices(conn: &mut Conn, user: UserId, about: &str) -> Result<Vec<(String, Timestamp)>, Failure> {
    Ok(run!(conn, |c| sign_in_notices::table
        .filter(sign_in_notices::user_id.eq(user))
        .filter(sign_in_notices::about.eq(about))
        .order((sign_in_notices::created_at, sign_in_notices::email))
        .select((sign_in_notices::email, sign_in_notices::created_at))
        .load(c))?)
}

/// Takes an address that was told off the list, unless it happened again since.
pub async fn delete_notice(
    conn: &mut Conn,
    user: UserId,
    about: &str,
    email: &str,
    told: Timestamp,
) -> Result<(), Failure> {
    run!(conn, |c| diesel::delete(
        sign_in_notices::table
            .filter(sign_in_notices::user_id.eq(user))
            .filter(sign_in_notices::about.eq(about))
            .filter(sign_in_notices::email.eq(email))
            .filter(sign_in_notices::created_at.eq(told)),
    )
    .execute(c))?;
    Ok(())
}

/// Removes the addresses whose mails were given up before this time.
pub async fn delete_old_notices(conn: &mut Conn, before: Timestamp) -> Result<(), Failure> {
    run!(conn, |c| diesel::delete(sign_in_notices::table.filter(sign_in_notices::created_at.le(before))).execute(c))?;
    Ok(())
}

/// Removes links that ran out.
pub async fn delete_expired(conn: &mut Conn, now: Timestamp) -> Result<(), Failure> {
    run!(conn, |c| diesel::delete(email_confirmations::table.filter(email_confirmations::expires_at.le(now)))
        .execute(c))?;
    Ok(())
}

/// Notes that somebody asks for a new password for this address, whoever has it.
pub async fn insert_reset_request(conn: &mut Conn, email: &Email, now: Timestamp) -> Result<(), Failure> {
    run!(conn, |c| diesel::insert_into(reset_requests::table)
        .values((reset_requests::email_lower.eq(email.lower()), reset_requests::created_at.eq(now)))
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(())
}

/// Some addresses for which that was asked, the longest waiting first.
pub async fn list_reset_requests(conn: &mut Conn, limit: i64) -> Result<Vec<String>, Failure> {
    Ok(run!(conn, |c| reset_requests::table
        .order(reset_requests::created_at)
        .limit(limit)
        .select(reset_requests::email_lower)
        .load(c))?)
}

/// Takes a request off the list; `false` when somebody else did.
pub async fn delete_reset_request(conn: &mut Conn, email_lower: &str) -> Result<bool, Failure> {
    let rows =
        run!(conn, |c| diesel::delete(reset_requests::table.filter(reset_requests::email_lower.eq(email_lower)))
            .execute(c))?;
    Ok(rows == 1)
}

/// The person with this address, as it is compared.
pub async fn find_user(conn: &mut Conn, email_lower: &str) -> Result<Option<UserId>, Failure> {
    Ok(run!(conn, |c| users::table.filter(users::email_lower.eq(email_lower)).select(users::id).first(c)).optional()?)
}
