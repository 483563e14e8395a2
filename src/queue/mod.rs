//! Work to be done outside a request: rows that are enqueued in the transaction which makes the work necessary, taken
//! on a lease, and deleted in the transaction which does it. Who takes a job gets a number with it, and without the
//! newest number nothing can be finished: a server that was thought dead does no harm when it comes back (F27, F34).
//! Services enqueue, and finish what they were handed; `jobs` takes. Nothing here knows what a job does.

mod payload;

pub use payload::{Job, Notice};

use crate::{
    clock::Randomness,
    db::{Conn, run, schema::jobs},
    failure::Failure,
    ids::{AccountId, JobId, OrganizationId},
    timestamp::Timestamp,
};
use diesel::{prelude::*, sql_types};
use diesel_async::RunQueryDsl;
use std::time::Duration;

/// How long a taken job is left to whoever took it. Everything a job waits for has a shorter end.
pub const LEASE: Duration = Duration::from_secs(120);

/// A job that failed as often is given up: with the pauses in between, after about three days.
pub const MAX_FAILURES: i32 = 22;

/// Failures that are nobody's fault, such as Instagram's being down, count up to here and no further.
const HARMLESS_FAILURES: i32 = 8;

/// A job that was taken.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Names the row.
    pub id: JobId,
    /// What is to be done.
    pub job: Job,
    /// For which organization; `None` for what cleans up after one, and for what is no organization's.
    pub organization: Option<OrganizationId>,
    /// Whether it is the second time, which [`repeat`] asked for.
    pub is_repeat: bool,
    /// How often it was taken since it last went well, this time included.
    pub failures: i32,
    /// When it was enqueued.
    pub created_at: Timestamp,
    attempt: i32,
}

/// Why a job was not done.
#[derive(Debug)]
pub enum Trouble {
    /// Not now, and that is nobody's fault: once more after this time, however often.
    Later(Duration, String),
    /// It failed: once more after a pause that grows, and given up in the end.
    Again(String),
    /// It can never be done.
    Never(String),
    /// It failed for a reason that only the log may know; treated as [`Trouble::Again`].
    Fault(Failure),
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Fault(failure)
    }
}

/// A job that was given up.
#[derive(Debug, Queryable)]
pub struct DeadJob {
    /// Names the row.
    pub id: JobId,
    /// What kind of job it is.
    pub kind: String,
    /// Why it was given up.
    pub last_error: Option<String>,
    /// When.
    pub dead_at: Option<Timestamp>,
}

/// Adds a job inside the caller's transaction. Where one with the same key waits already, that one stands for both. A
/// job of an organization goes when that is deleted; one of nobody stays.
///
/// # Errors
/// When the database refuses.
pub async fn enqueue(
    conn: &mut Conn,
    randomness: &Randomness,
    organization: impl Into<Option<OrganizationId>>,
    job: &Job,
    due_at: Timestamp,
    now: Timestamp,
) -> Result<(), Failure> {
    insert(conn, randomness, organization.into(), job, &job.dedup_key(), (due_at, now)).await
}

/// Has a job that is being done done once more at this time, by a row of its own. Where one waits for that already, it
/// waits until then.
///
/// # Errors
/// When the database refuses.
pub async fn repeat(
    conn: &mut Conn,
    randomness: &Randomness,
    claim: &Claim,
    due_at: Timestamp,
    now: Timestamp,
) -> Result<(), Failure> {
    let key = format!("{} again", claim.job.dedup_key());
    insert(conn, randomness, claim.organization, &claim.job, &key, (due_at, now)).await?;
    begin_anew(conn, &key, due_at).await
}

async fn insert(
    conn: &mut Conn,
    randomness: &Randomness,
    organization: Option<OrganizationId>,
    job: &Job,
    dedup_key: &str,
    (due_at, now): (Timestamp, Timestamp),
) -> Result<(), Failure> {
    let payload = job.to_json()?;
    run!(conn, |c| diesel::insert_into(jobs::table)
        .values((
            jobs::id.eq(JobId::generate(now, randomness)),
            jobs::organization_id.eq(organization),
            jobs::account_id.eq(job.ends_with_account()),
            jobs::kind.eq(job.kind()),
            jobs::payload.eq(&payload),
            jobs::dedup_key.eq(dedup_key),
            jobs::due_at.eq(due_at),
            jobs::created_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(())
}

/// Has a waiting job begin anew at this time, for what it was enqueued for has changed. Whoever works on it meanwhile can
/// finish it no more.
///
/// # Errors
/// When the database refuses.
pub async fn reset(conn: &mut Conn, job: &Job, due_at: Timestamp) -> Result<(), Failure> {
    begin_anew(conn, &job.dedup_key(), due_at).await
}

async fn begin_anew(conn: &mut Conn, dedup_key: &str, due_at: Timestamp) -> Result<(), Failure> {
    run!(conn, |c| diesel::update(jobs::table.filter(jobs::dedup_key.eq(dedup_key)).filter(jobs::dead_at.is_null()))
        .set((jobs::due_at.eq(due_at), jobs::failures.eq(0), jobs::attempt.eq(jobs::attempt + 1)))
        .execute(c))?;
    Ok(())
}

/// Drops what waits to be done for an organization that is being deleted, mails among it, inside the transaction that
/// does so. What cleans up stays, and is nobody's from now on.
///
/// # Errors
/// When the database refuses.
pub async fn release(conn: &mut Conn, organization: OrganizationId) -> Result<(), Failure> {
    run!(conn, |c| diesel::update(
        jobs::table.filter(jobs::organization_id.eq(Some(organization))).filter(jobs::kind.eq_any(Job::CLEANING_UP)),
    )
    .set(jobs::organization_id.eq(None::<OrganizationId>))
    .execute(c))?;
    run!(conn, |c| diesel::delete(jobs::table.filter(jobs::organization_id.eq(Some(organization)))).execute(c))?;
    Ok(())
}

/// The kinds of jobs that are in no hurry, and that wait for servers which may hang.
const COPIES: &str = "copy_%";

/// Which jobs are taken side by side, so that none of the one lane waits for one of the other.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Lane {
    /// Those that copy pictures.
    Copies,
    /// All others.
    Others,
}

/// Whether there is something to take. It only reads: an idle server leaves SQLite's only writer alone.
///
/// # Errors
/// When the database does not answer.
pub async fn is_any_due(conn: &mut Conn, lane: Lane, now: Timestamp) -> Result<bool, Failure> {
    macro_rules! due {
        () => {
            jobs::table.filter(jobs::dead_at.is_null()).filter(jobs::due_at.le(now)).select(jobs::id)
        };
    }
    let found = match lane {
        Lane::Copies => run!(conn, |c| due!().filter(jobs::kind.like(COPIES)).first::<JobId>(c)),
        Lane::Others => run!(conn, |c| due!().filter(jobs::kind.not_like(COPIES)).first::<JobId>(c)),
    };
    Ok(found.optional()?.is_some())
}

#[derive(QueryableByName)]
struct Taken {
    #[diesel(sql_type = sql_types::Binary)]
    id: JobId,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Binary>)]
    organization_id: Option<OrganizationId>,
    #[diesel(sql_type = sql_types::Text)]
    dedup_key: String,
    #[diesel(sql_type = sql_types::Text)]
    payload: String,
    #[diesel(sql_type = sql_types::Integer)]
    attempt: i32,
    #[diesel(sql_type = sql_types::Integer)]
    failures: i32,
    #[diesel(sql_type = sql_types::BigInt)]
    created_at: Timestamp,
}

/// Takes at most so many jobs that are due, the longest due first. A job that is taken is due again when its lease ends:
/// that is how the work of a server that died is taken over.
///
/// # Errors
/// When the database refuses.
pub async fn claim(conn: &mut Conn, now: Timestamp, limit: i32) -> Result<Vec<Claim>, Failure> {
    take(conn, "", now, limit).await
}

/// The same for the jobs of one lane.
///
/// # Errors
/// When the database refuses.
pub async fn claim_in(conn: &mut Conn, lane: Lane, now: Timestamp, limit: i32) -> Result<Vec<Claim>, Failure> {
    let of_lane = match lane {
        Lane::Copies => format!("AND kind LIKE '{COPIES}'"),
        Lane::Others => format!("AND kind NOT LIKE '{COPIES}'"),
    };
    take(conn, &of_lane, now, limit).await
}

async fn take(conn: &mut Conn, condition: &str, now: Timestamp, limit: i32) -> Result<Vec<Claim>, Failure> {
    let lease_ends = now.plus(LEASE);
    let taken: Vec<Taken> = match conn {
        Conn::Sqlite(c) => {
            diesel::sql_query(format!(
                "UPDATE jobs SET due_at = ?, attempt = attempt + 1, failures = failures + 1 WHERE id IN (\
                 SELECT id FROM jobs WHERE dead_at IS NULL AND due_at <= ? {condition} ORDER BY due_at LIMIT ?) \
                 RETURNING id, organization_id, dedup_key, payload, attempt, failures, created_at",
            ))
            .bind::<sql_types::BigInt, _>(lease_ends)
            .bind::<sql_types::BigInt, _>(now)
            .bind::<sql_types::Integer, _>(limit)
            .load(&mut **c)
            .await?
        }
        Conn::Postgres(c) => {
            diesel::sql_query(format!(
                "UPDATE jobs SET due_at = $1, attempt = attempt + 1, failures = failures + 1 WHERE id IN (\
                 SELECT id FROM jobs WHERE dead_at IS NULL AND due_at <= $2 {condition} ORDER BY due_at LIMIT $3 \
                 FOR UPDATE SKIP LOCKED) \
                 RETURNING id, organization_id, dedup_key, payload, attempt, failures, created_at",
            ))
            .bind::<sql_types::BigInt, _>(lease_ends)
            .bind::<sql_types::BigInt, _>(now)
            .bind::<sql_types::Integer, _>(limit)
            .load(&mut **c)
            .await?
        }
    };
    let known = |taken: Taken| match Job::from_json(&taken.payload) {
        Ok(job) => Some(Claim {
            id: taken.id,
            job,
            organization: taken.organization_id,
            is_repeat: taken.dedup_key != job.dedup_key(),
            failures: taken.failures,
            created_at: taken.created_at,
            attempt: taken.attempt,
        }),
        // Of a newer version, perhaps. One such row must not hold up the others.
        Err(failure) => {
            failure.log("a job that this program does not know was left alone");
            None
        }
    };
    Ok(taken.into_iter().filter_map(known).collect())
}

/// The row of a claim, as long as nobody took it since.
macro_rules! held {
    ($claim:expr) => {
        jobs::table
            .filter(jobs::id.eq($claim.id))
            .filter(jobs::attempt.eq($claim.attempt))
            .filter(jobs::dead_at.is_null())
    };
}

/// Ends a job, inside the transaction that does it. `false` when somebody else took it meanwhile: then that transaction
/// must not commit.
///
/// # Errors
/// When the database refuses.
pub async fn finish(conn: &mut Conn, claim: &Claim) -> Result<bool, Failure> {
    Ok(run!(conn, |c| diesel::delete(held!(claim)).execute(c))? == 1)
}

/// Renews the lease of a job that takes long. `false` when somebody else took it meanwhile.
///
/// # Errors
/// When the database refuses.
pub async fn hold(conn: &mut Conn, claim: &Claim, now: Timestamp) -> Result<bool, Failure> {
    let rows = run!(conn, |c| diesel::update(held!(claim)).set(jobs::due_at.eq(now.plus(LEASE))).execute(c))?;
    Ok(rows == 1)
}

/// Ends this round of a job that has to be done again and again. `false` when somebody else took it meanwhile.
///
/// # Errors
/// When the database refuses.
pub async fn restart(conn: &mut Conn, claim: &Claim, due_at: Timestamp) -> Result<bool, Failure> {
    let rows = run!(conn, |c| diesel::update(held!(claim))
        .set((jobs::due_at.eq(due_at), jobs::failures.eq(0), jobs::last_error.eq(None::<String>)))
        .execute(c))?;
    Ok(rows == 1)
}

/// Puts a job off after trouble, or gives it up. Says whether it was given up.
///
/// # Errors
/// When the database refuses.
pub async fn put_off(
    conn: &mut Conn,
    randomness: &Randomness,
    claim: &Claim,
    trouble: Trouble,
    now: Timestamp,
) -> Result<bool, Failure> {
    let (pause, why, failures) = match trouble {
        Trouble::Later(pause, why) => (Some(pause), why, claim.failures.min(HARMLESS_FAILURES)),
        Trouble::Never(why) => (None, why, claim.failures),
        Trouble::Again(why) => (pause_after(claim.failures), why, claim.failures),
        Trouble::Fault(failure) => {
            failure.log("a job failed");
            (pause_after(claim.failures), "an internal failure; the log says which".to_owned(), claim.failures)
        }
    };
    let set_back = (jobs::failures.eq(failures), jobs::last_error.eq(Some(why)));
    match pause {
        Some(pause) => {
            let due_at = now.plus(jittered(randomness, pause));
            run!(conn, |c| diesel::update(held!(claim)).set((set_back, jobs::due_at.eq(due_at))).execute(c))?;
            Ok(false)
        }
        None => {
            let given_up = (set_back, jobs::dead_at.eq(Some(now)));
            Ok(run!(conn, |c| diesel::update(held!(claim)).set(given_up).execute(c))? == 1)
        }
    }
}

/// The pause after so many failures: half a minute, twice as long each time, at most six hours; `None` when it is enough.
fn pause_after(failures: i32) -> Option<Duration> {
    const FIRST: u64 = 30;
    const LONGEST: u64 = 6 * 3_600;
    let doubled = u32::try_from(failures.saturating_sub(1)).unwrap_or(0).min(16);
    (failures < MAX_FAILURES).then(|| Duration::from_secs((FIRST << doubled).min(LONGEST)))
}

/// Spread over half of the time more, so that what failed together does not come back together.
pub fn jittered(randomness: &Randomness, pause: Duration) -> Duration {
    let chance = u32::from(u16::from_le_bytes(randomness.bytes()));
    pause + pause / 2 * chance / 65_536
}

/// The jobs that were given up, the newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list_dead(conn: &mut Conn) -> Result<Vec<DeadJob>, Failure> {
    Ok(run!(conn, |c| jobs::table
        .filter(jobs::dead_at.is_not_null())
        .order((jobs::dead_at.desc(), jobs::id.desc()))
        .select((jobs::id, jobs::kind, jobs::last_error, jobs::dead_at))
        .load::<DeadJob>(c))?)
}

/// Why a mail about this account was given up, if one was and none has gone out since.
///
/// # Errors
/// When the database does not answer.
pub async fn find_dead_mail(conn: &mut Conn, account: AccountId) -> Result<Option<String>, Failure> {
    let row: Option<Option<String>> = run!(conn, |c| jobs::table
        .filter(jobs::account_id.eq(Some(account)))
        .filter(jobs::dead_at.is_not_null())
        .filter(jobs::kind.like("mail_%"))
        .order(jobs::dead_at.desc())
        .select(jobs::last_error)
        .first(c))
    .optional()?;
    Ok(row.map(Option::unwrap_or_default))
}

/// Forgets the mails about this account that were given up: a later one has gone out.
///
/// # Errors
/// When the database refuses.
pub async fn forget_dead_mails(conn: &mut Conn, account: AccountId) -> Result<(), Failure> {
    run!(conn, |c| diesel::delete(
        jobs::table
            .filter(jobs::account_id.eq(Some(account)))
            .filter(jobs::dead_at.is_not_null())
            .filter(jobs::kind.like("mail_%")),
    )
    .execute(c))?;
    Ok(())
}

/// Has a job that was given up tried again from the start. `false` when there is no such job, or the same waits already.
///
/// # Errors
/// When the database refuses.
pub async fn retry(conn: &mut Conn, id: JobId, now: Timestamp) -> Result<bool, Failure> {
    let revived =
        run!(conn, |c| diesel::update(jobs::table.filter(jobs::id.eq(id)).filter(jobs::dead_at.is_not_null()))
            .set((jobs::dead_at.eq(None::<Timestamp>), jobs::failures.eq(0), jobs::due_at.eq(now)))
            .execute(c));
    match revived {
        Ok(rows) => Ok(rows == 1),
        Err(diesel::result::Error::DatabaseError(diesel::result::DatabaseErrorKind::UniqueViolation, _)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f23_pauses_grow_and_last_three_days_in_all() {
        let pauses: Vec<u64> = (1..).map_while(pause_after).map(|pause| pause.as_secs()).collect();
        assert!(pauses.is_sorted());
        assert_eq!((pauses[0], pauses[1], *pauses.last().unwrap()), (30, 60, 21_600));
        let days = pauses.iter().sum::<u64>() / 86_400;
        assert!((2..=4).contains(&days), "{days}");
    }

    #[test]
    fn a_pause_is_spread_over_half_of_it_more() {
        let pauses: Vec<u128> = (0..200).map(|_| jittered(&Randomness, Duration::from_secs(100)).as_millis()).collect();
        assert!(pauses.iter().all(|pause| (100_000..=150_000).contains(pause)));
        assert!(pauses.iter().max() > pauses.iter().min());
    }
}
