//! People, sessions and one-time password links in the database.

pub mod email;
pub mod members;
pub mod operated;
pub mod own_sessions;
pub mod two_factor;

use super::model::{Email, Member};
use crate::{
    db::{
        Conn, run,
        schema::{memberships, organizations, password_resets, sessions, two_factors, users},
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

/// What this person signs in with right now: the hash of the password, and since when a code is asked for.
pub async fn find_epoch(conn: &mut Conn, email: &Email) -> Result<Option<(String, Option<Timestamp>)>, Failure> {
    Ok(run!(conn, |c| users::table
        .left_join(two_factors::table.on(two_factors::user_id.eq(users::id)))
        .filter(users::email_lower.eq(email.lower()))
        .select((users::password_hash, two_factors::confirmed_at.nullable()))
        .first::<(String, Option<Timestamp>)>(c))
    .optional()?)
}

/// The hash of a person's password, held against change until the transaction ends: a change that comes meanwhile waits,
/// and one that was made before is seen. SQLite's writing transactions exclude each other anyway.
pub async fn hold_hash(conn: &mut Conn, user: UserId) -> Result<Option<String>, Failure> {
    let query = users::table.filter(users::id.eq(user)).select(users::password_hash);
    let found = match conn {
        Conn::Sqlite(c) => query.first::<String>(&mut **c).await,
        Conn::Postgres(c) => query.for_share().first::<String>(&mut **c).await,
    };
    Ok(found.optional()?)
}

/// Holds a person for this transaction alone, until it ends. Whatever changes how somebody signs in holds them first, and
/// takes everything else of theirs after: so nobody waits in a circle.
pub async fn hold(conn: &mut Conn, user: UserId) -> Result<(), Failure> {
    if let Conn::Postgres(c) = conn {
        let query = users::table.filter(users::id.eq(user)).select(users::id);
        query.for_no_key_update().first::<UserId>(&mut **c).await.optional()?;
    }
    Ok(())
}

/// Password hash of this person, and whether signing in asks for a code.
pub async fn find_lock(conn: &mut Conn, user: UserId) -> Result<Option<(String, bool)>, Failure> {
    let row: Option<(String, Option<Timestamp>)> = run!(conn, |c| users::table
        .left_join(two_factors::table.on(two_factors::user_id.eq(users::id)))
        .filter(users::id.eq(user))
        .select((users::password_hash, two_factors::confirmed_at.nullable()))
        .first(c))
    .optional()?;
    Ok(row.map(|(hash, confirmed_at)| (hash, confirmed_at.is_some())))
}

/// Every organization a person belongs to, in an order that is the same for everybody.
pub async fn list_organizations(conn: &mut Conn, user: UserId) -> Result<Vec<OrganizationId>, Failure> {
    Ok(run!(conn, |c| memberships::table
        .filter(memberships::user_id.eq(user))
        .order(memberships::organization_id)
        .select(memberships::organization_id)
        .load(c))?)
}

/// Replaces a password that is still this one; `false` when it was replaced meanwhile.
pub async fn replace_password(conn: &mut Conn, user: UserId, old_hash: &str, new_hash: &str) -> Result<bool, Failure> {
    let rows = run!(conn, |c| diesel::update(
        users::table.filter(users::id.eq(user)).filter(users::password_hash.eq(old_hash))
    )
    .set(users::password_hash.eq(new_hash))
    .execute(c))?;
    Ok(rows == 1)
}

/// Replaces a password.
pub async fn set_password(conn: &mut Conn, user: UserId, password_hash: &str) -> Result<(), Failure> {
    run!(conn, |c| diesel::update(users::table.filter(users::id.eq(user)))
        .set(users::password_hash.eq(password_hash))
        .execute(c))?;
    Ok(())
}

/// A session to be stored.
#[derive(Debug)]
pub struct NewSession<'a> {
    /// What it is known by.
    pub token: TokenHash,
    /// Whose it is.
    pub user: UserId,
    /// For which organization they work in it.
    pub organization: OrganizationId,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// In which browser, in that browser's own words.
    pub user_agent: &'a str,
    /// From which address.
    pub peer: &'a str,
}

/// Starts a session.
pub async fn insert_session(conn: &mut Conn, session: &NewSession<'_>, now: Timestamp) -> Result<(), Failure> {
    run!(conn, |c| diesel::insert_into(sessions::table)
        .values((
            sessions::token_hash.eq(session.token),
            sessions::user_id.eq(session.user),
            sessions::organization_id.eq(session.organization),
            sessions::created_at.eq(now),
            sessions::last_seen_at.eq(now),
            sessions::expires_at.eq(session.expires_at),
            sessions::user_agent.eq(Some(session.user_agent)),
            sessions::peer.eq(Some(session.peer)),
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

/// Adds a one-time link that sets a new password. `mailed_to`: the address it goes to, as it is compared; `None` when an
/// operator passes it on.
pub async fn insert_reset(
    conn: &mut Conn,
    token: TokenHash,
    user: UserId,
    mailed_to: Option<&str>,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), Failure> {
    run!(conn, |c| diesel::insert_into(password_resets::table)
        .values((
            password_resets::token_hash.eq(token),
            password_resets::user_id.eq(user),
            password_resets::created_at.eq(now),
            password_resets::expires_at.eq(expires_at),
            password_resets::mailed_to.eq(mailed_to),
        ))
        .execute(c))?;
    Ok(())
}

/// Whose one-time link this is, and their address, while it would still be accepted.
pub async fn find_reset(
    conn: &mut Conn,
    token: TokenHash,
    now: Timestamp,
) -> Result<Option<(UserId, String)>, Failure> {
    Ok(run!(conn, |c| password_resets::table
        .inner_join(users::table.on(users::id.eq(password_resets::user_id)))
        .filter(password_resets::token_hash.eq(token))
        .filter(password_resets::used_at.is_null())
        .filter(password_resets::expires_at.gt(now))
        .select((users::id, users::email))
        .first::<(UserId, String)>(c))
    .optional()?)
}

/// A one-time link that was just used up.
#[derive(Debug)]
pub struct UsedReset {
    /// The address it was mailed to, as it is compared; `None` when an operator passed it on.
    pub mailed_to: Option<String>,
}

/// Uses up a one-time link; `None` when it was used, ran out or never was.
pub async fn use_reset(conn: &mut Conn, token: TokenHash, now: Timestamp) -> Result<Option<UsedReset>, Failure> {
    let used = run!(conn, |c| diesel::update(
        password_resets::table
            .filter(password_resets::token_hash.eq(token))
            .filter(password_resets::used_at.is_null())
            .filter(password_resets::expires_at.gt(now)),
    )
    .set(password_resets::used_at.eq(Some(now)))
    .returning(password_resets::mailed_to)
    .get_result::<Option<String>>(c))
    .optional()?;
    Ok(used.map(|mailed_to| UsedReset { mailed_to }))
}
