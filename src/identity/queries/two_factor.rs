//! Second steps in the database: secrets, recovery codes, and sign-ins that wait for a code. Each code is taken once,
//! whoever tries it twice at the same moment: the conditions stand in the statements.

use crate::{
    db::{
        Conn, run,
        schema::{recovery_codes, second_steps, two_factors},
    },
    failure::Failure,
    ids::{OrganizationId, UserId},
    secret::{Sealed, TokenHash},
    timestamp::Timestamp,
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// How it stands with a person's second step.
#[derive(Debug, Queryable)]
pub struct FoundTwoFactor {
    /// The secret.
    pub secret: Sealed,
    /// When its set-up began.
    pub created_at: Timestamp,
    /// Since when it is asked for; `None` while it is being set up.
    pub confirmed_at: Option<Timestamp>,
}

/// The second step of a person, on or being set up.
pub async fn find(conn: &mut Conn, user: UserId) -> Result<Option<FoundTwoFactor>, Failure> {
    Ok(run!(conn, |c| two_factors::table
        .filter(two_factors::user_id.eq(user))
        .select((two_factors::secret_sealed, two_factors::created_at, two_factors::confirmed_at))
        .first(c))
    .optional()?)
}

/// Begins a set-up, in place of one that was not finished; `false` when the second step is on.
pub async fn start(conn: &mut Conn, user: UserId, secret: &Sealed, now: Timestamp) -> Result<bool, Failure> {
    forget_setup(conn, user).await?;
    let rows = run!(conn, |c| diesel::insert_into(two_factors::table)
        .values(
            (two_factors::user_id.eq(user), two_factors::secret_sealed.eq(secret), two_factors::created_at.eq(now),)
        )
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(rows == 1)
}

/// Forgets a set-up that was not finished.
pub async fn forget_setup(conn: &mut Conn, user: UserId) -> Result<(), Failure> {
    run!(conn, |c| diesel::delete(
        two_factors::table.filter(two_factors::user_id.eq(user)).filter(two_factors::confirmed_at.is_null())
    )
    .execute(c))?;
    Ok(())
}

/// Turns the second step on with the code of this step of time; `false` when it is on already, or the set-up was begun
/// anew meanwhile. A set-up is known by when it began: its secret may be sealed anew in between.
pub async fn confirm(
    conn: &mut Conn,
    user: UserId,
    begun_at: Timestamp,
    step: i64,
    now: Timestamp,
) -> Result<bool, Failure> {
    let rows = run!(conn, |c| diesel::update(
        two_factors::table
            .filter(two_factors::user_id.eq(user))
            .filter(two_factors::created_at.eq(begun_at))
            .filter(two_factors::confirmed_at.is_null()),
    )
    .set((two_factors::confirmed_at.eq(Some(now)), two_factors::last_step.eq(Some(step))))
    .execute(c))?;
    Ok(rows == 1)
}

/// Takes the code of this step of time; `false` when that code, or a later one, was taken before.
pub async fn use_step(conn: &mut Conn, user: UserId, step: i64) -> Result<bool, Failure> {
    let rows = run!(conn, |c| diesel::update(
        two_factors::table
            .filter(two_factors::user_id.eq(user))
            .filter(two_factors::confirmed_at.is_not_null())
            .filter(two_factors::last_step.is_null().or(two_factors::last_step.lt(step))),
    )
    .set(two_factors::last_step.eq(Some(step)))
    .execute(c))?;
    Ok(rows == 1)
}

/// Turns the second step off; `false` when it was not on.
pub async fn delete(conn: &mut Conn, user: UserId) -> Result<bool, Failure> {
    let rows = run!(conn, |c| diesel::delete(
        two_factors::table.filter(two_factors::user_id.eq(user)).filter(two_factors::confirmed_at.is_not_null())
    )
    .execute(c))?;
    Ok(rows == 1)
}

/// Adds a recovery code.
pub async fn insert_recovery_code(
    conn: &mut Conn,
    code: TokenHash,
    user: UserId,
    now: Timestamp,
) -> Result<(), Failure> {
    run!(conn, |c| diesel::insert_into(recovery_codes::table)
        .values((
            recovery_codes::code_hash.eq(code),
            recovery_codes::user_id.eq(user),
            recovery_codes::created_at.eq(now),
        ))
        .execute(c))?;
    Ok(())
}

/// Takes a recovery code; `false` when it was taken before, or is none of this person's.
pub async fn use_recovery_code(
    conn: &mut Conn,
    code: TokenHash,
    user: UserId,
    now: Timestamp,
) -> Result<bool, Failure> {
    let rows = run!(conn, |c| diesel::update(
        recovery_codes::table
            .filter(recovery_codes::code_hash.eq(code))
            .filter(recovery_codes::user_id.eq(user))
            .filter(recovery_codes::used_at.is_null()),
    )
    .set(recovery_codes::used_at.eq(Some(now)))
    .execute(c))?;
    Ok(rows == 1)
}

/// How many recovery codes a person has left.
pub async fn count_recovery_codes(conn: &mut Conn, user: UserId) -> Result<i64, Failure> {
    Ok(run!(conn, |c| recovery_codes::table
        .filter(recovery_codes::user_id.eq(user))
        .filter(recovery_codes::used_at.is_null())
        .count()
        .get_result(c))?)
}

/// Forgets all recovery codes of a person.
pub async fn delete_recovery_codes(conn: &mut Conn, user: UserId) -> Result<(), Failure> {
    run!(conn, |c| diesel::delete(recovery_codes::table.filter(recovery_codes::user_id.eq(user))).execute(c))?;
    Ok(())
}

/// A sign-in that waits for its code.
#[derive(Debug)]
pub struct NewSecondStep {
    /// What it is known by.
    pub token: TokenHash,
    /// Who signs in.
    pub user: UserId,
    /// For which organization they will work.
    pub organization: OrganizationId,
    /// When it ends by itself.
    pub expires_at: Timestamp,
}

/// Begins to wait for somebody's code.
pub async fn insert_second_step(conn: &mut Conn, step: &NewSecondStep, now: Timestamp) -> Result<(), Failure> {
    run!(conn, |c| diesel::insert_into(second_steps::table)
        .values((
            second_steps::token_hash.eq(step.token),
            second_steps::user_id.eq(step.user),
            second_steps::organization_id.eq(step.organization),
            second_steps::created_at.eq(now),
            second_steps::expires_at.eq(step.expires_at),
        ))
        .execute(c))?;
    Ok(())
}

/// Whose code is waited for; `None` when it took too long, or was tried too often.
pub async fn find_second_step(
    conn: &mut Conn,
    token: TokenHash,
    max_tries: i32,
    now: Timestamp,
) -> Result<Option<UserId>, Failure> {
    Ok(run!(conn, |c| second_steps::table
        .filter(second_steps::token_hash.eq(token))
        .filter(second_steps::expires_at.gt(now))
        .filter(second_steps::tries.lt(max_tries))
        .select(second_steps::user_id)
        .first(c))
    .optional()?)
}

/// Counts a try before it is made, so that tries at one moment are counted, too: how many these were.
pub async fn count_try(
    conn: &mut Conn,
    token: TokenHash,
    max_tries: i32,
    now: Timestamp,
) -> Result<Option<i32>, Failure> {
    Ok(run!(conn, |c| diesel::update(
        second_steps::table
            .filter(second_steps::token_hash.eq(token))
            .filter(second_steps::expires_at.gt(now))
            .filter(second_steps::tries.lt(max_tries)),
    )
    .set(second_steps::tries.eq(second_steps::tries + 1))
    .returning(second_steps::tries)
    .get_result(c))
    .optional()?)
}

/// How many codes were tried for a person who has not signed in with them, over all sign-ins that are not forgotten yet.
/// `None` when they were told already.
pub async fn count_untold_tries(conn: &mut Conn, user: UserId) -> Result<Option<i64>, Failure> {
    let rows = run!(conn, |c| second_steps::table
        .filter(second_steps::user_id.eq(user))
        .filter(second_steps::tries.gt(0))
        .select((second_steps::tries, second_steps::told_at))
        .load::<(i32, Option<Timestamp>)>(c))?;
    let untold = rows.iter().all(|(_, told_at)| told_at.is_none());
    Ok(untold.then(|| rows.iter().map(|(tries, _)| i64::from(*tries)).sum()))
}

/// Notes that a person was told about the codes that were tried for them.
pub async fn set_told(conn: &mut Conn, user: UserId, now: Timestamp) -> Result<(), Failure> {
    run!(conn, |c| diesel::update(
        second_steps::table.filter(second_steps::user_id.eq(user)).filter(second_steps::tries.gt(0))
    )
    .set(second_steps::told_at.eq(Some(now)))
    .execute(c))?;
    Ok(())
}

/// Waits for this code no more, and says for which organization it was; `None` when nobody waited.
pub async fn delete_second_step(conn: &mut Conn, token: TokenHash) -> Result<Option<OrganizationId>, Failure> {
    Ok(run!(conn, |c| diesel::delete(second_steps::table.filter(second_steps::token_hash.eq(token)))
        .returning(second_steps::organization_id)
        .get_result(c))
    .optional()?)
}

/// Waits for no code of this person any more.
pub async fn delete_second_steps_of(conn: &mut Conn, user: UserId) -> Result<(), Failure> {
    run!(conn, |c| diesel::delete(second_steps::table.filter(second_steps::user_id.eq(user))).execute(c))?;
    Ok(())
}

/// Removes what waited too long.
pub async fn delete_expired(conn: &mut Conn, now: Timestamp) -> Result<(), Failure> {
    run!(conn, |c| diesel::delete(second_steps::table.filter(second_steps::expires_at.le(now))).execute(c))?;
    Ok(())
}
