//! Attempts in the database: each step of one is a guarded write, so that it happens once or not at all.

use crate::{
    db::{
        Conn, run,
        schema::{accounts, attempts, links, organizations, users},
    },
    failure::Failure,
    ids::{AccountId, AttemptId, LinkId, OrganizationId, UserId},
    links::model::Purpose,
    organizations::settings::model::Brand,
    secret::{Sealed, TokenHash},
    timestamp::Timestamp,
};
use diesel::{dsl::sql, prelude::*, sql_types::Text};
use diesel_async::RunQueryDsl;

/// The word a successful attempt is stored under.
pub const CONNECTED: &str = "connected";

/// An attempt to be stored.
#[derive(Debug)]
pub struct NewAttempt {
    /// Names the row.
    pub id: AttemptId,
    /// Through which link.
    pub link_id: LinkId,
    /// For recognizing the callback.
    pub state_hash: TokenHash,
    /// For recognizing the browser.
    pub binding_hash: TokenHash,
    /// Now.
    pub created_at: Timestamp,
    /// The last instant at which a callback is taken.
    pub expires_at: Timestamp,
}

/// An attempt, with all that its page says.
#[derive(Debug)]
pub struct FoundAttempt {
    /// Names the row.
    pub id: AttemptId,
    /// For recognizing the browser.
    pub binding_hash: TokenHash,
    /// The last instant at which a callback is taken.
    pub expires_at: Timestamp,
    /// Set once a callback was taken.
    pub claimed_at: Option<Timestamp>,
    /// Set with the outcome.
    pub finished_at: Option<Timestamp>,
    /// How it ended.
    pub outcome: Option<String>,
    /// What the outcome is about.
    pub detail: Option<String>,
    /// Through which link.
    pub link_id: LinkId,
    /// That link's token.
    pub link_token: Sealed,
    /// What that link is for.
    pub link_purpose: Purpose,
    /// Where the account goes.
    pub organization_id: OrganizationId,
    /// Its name.
    pub organization: String,
    /// What else clients see of it.
    pub brand: Brand,
    /// Who made the link.
    pub created_by: UserId,
    /// Email of who made the link; of an owner, once they have left.
    pub creator_email: String,
    /// The account that was connected.
    pub account: Option<ConnectedAccount>,
}

/// The account of a successful attempt, as it is now.
#[derive(Debug, Queryable)]
pub struct ConnectedAccount {
    /// Names the row.
    pub id: AccountId,
    /// When it was connected last.
    pub connected_at: Option<Timestamp>,
    /// When its token was given out; `None` when there is no access any more.
    pub token_issued_at: Option<Timestamp>,
    /// The handle.
    pub username: String,
    /// The name beside it.
    pub display_name: Option<String>,
    /// Instagram's id.
    pub instagram_id: String,
}

/// Which attempt to find.
#[derive(Clone, Copy, Debug)]
pub enum By {
    /// The one a callback answers.
    State(TokenHash),
    /// The one a page is about.
    Id(AttemptId),
}

/// Adds an attempt.
pub async fn insert(conn: &mut Conn, attempt: &NewAttempt) -> Result<(), Failure> {
    run!(conn, |c| diesel::insert_into(attempts::table)
        .values((
            attempts::id.eq(attempt.id),
            attempts::link_id.eq(attempt.link_id),
            attempts::state_hash.eq(attempt.state_hash),
            attempts::binding_hash.eq(attempt.binding_hash),
            attempts::created_at.eq(attempt.created_at),
            attempts::expires_at.eq(attempt.expires_at),
        ))
        .execute(c))?;
    Ok(())
}

/// Who made the link, while they belong to its organization; an owner after that.
const WHO_SPEAKS: &str = "CASE WHEN EXISTS (SELECT 1 FROM memberships m WHERE m.organization_id = links.organization_id \
     AND m.user_id = links.created_by) THEN users.email ELSE COALESCE((SELECT o.email FROM memberships m JOIN users o \
     ON o.id = m.user_id WHERE m.organization_id = links.organization_id AND m.role = 'owner' \
     ORDER BY m.created_at, m.user_id LIMIT 1), users.email) END";

/// An attempt with its link, organization and account: one read.
pub async fn find(conn: &mut Conn, by: By) -> Result<Option<FoundAttempt>, Failure> {
    type Row = (
        (AttemptId, TokenHash, Timestamp, Option<Timestamp>, Option<Timestamp>, Option<String>, Option<String>),
        (LinkId, Sealed, String, OrganizationId, String, UserId, String),
        (Option<String>, Option<i32>, Option<String>, Option<String>),
        Option<ConnectedAccount>,
    );
    let all = attempts::table
        .inner_join(links::table.on(links::id.eq(attempts::link_id)))
        .inner_join(organizations::table.on(organizations::id.eq(links::organization_id)))
        .inner_join(users::table.on(users::id.eq(links::created_by)))
        .left_join(accounts::table.on(attempts::account_id.eq(accounts::id.nullable())))
        .select((
            (
                attempts::id,
                attempts::binding_hash,
                attempts::expires_at,
                attempts::claimed_at,
                attempts::finished_at,
                attempts::outcome,
                attempts::detail,
            ),
            (
                links::id,
                links::token_sealed,
                links::purpose,
                organizations::id,
                organizations::name,
                links::created_by,
                sql::<Text>(WHO_SPEAKS),
            ),
            (organizations::logo_key, organizations::logo_width, organizations::accent, organizations::support),
            (
                accounts::id,
                accounts::connected_at,
                accounts::token_issued_at,
                accounts::username,
                accounts::display_name,
                accounts::instagram_id.assume_not_null(),
            )
                .nullable(),
        ));
    let row: Option<Row> = match by {
        By::State(hash) => run!(conn, |c| all.filter(attempts::state_hash.eq(hash)).first(c)).optional()?,
        By::Id(id) => run!(conn, |c| all.filter(attempts::id.eq(id)).first(c)).optional()?,
    };
    Ok(row.map(|(attempt, link, brand, account)| {
        let (id, binding_hash, expires_at, claimed_at, finished_at, outcome, detail) = attempt;
        let (link_id, link_token, purpose, organization_id, organization, created_by, creator_email) = link;
        FoundAttempt {
            id,
            binding_hash,
            expires_at,
            claimed_at,
            finished_at,
            outcome,
            detail,
            link_id,
            link_token,
            link_purpose: Purpose::from_stored(&purpose).unwrap_or(Purpose::Connect),
            organization_id,
            organization,
            brand: Brand::from_stored(brand),
            created_by,
            creator_email,
            account,
        }
    }))
}

/// Takes an attempt for redemption; `false` when it was taken, finished or ran out before. One caller wins.
pub async fn claim(conn: &mut Conn, id: AttemptId, now: Timestamp) -> Result<bool, Failure> {
    let rows = run!(conn, |c| diesel::update(
        attempts::table
            .filter(attempts::id.eq(id))
            .filter(attempts::claimed_at.is_null())
            .filter(attempts::finished_at.is_null())
            .filter(attempts::expires_at.gt(now)),
    )
    .set(attempts::claimed_at.eq(now))
    .execute(c))?;
    Ok(rows == 1)
}

/// Ends an attempt with an outcome; `false` when it had one.
pub async fn finish(
    conn: &mut Conn,
    id: AttemptId,
    outcome: &str,
    detail: Option<&str>,
    account: Option<AccountId>,
    now: Timestamp,
) -> Result<bool, Failure> {
    let rows = run!(conn, |c| diesel::update(
        attempts::table.filter(attempts::id.eq(id)).filter(attempts::finished_at.is_null()),
    )
    .set((
        attempts::finished_at.eq(now),
        attempts::outcome.eq(outcome),
        attempts::detail.eq(detail),
        attempts::account_id.eq(account),
    ))
    .execute(c))?;
    Ok(rows == 1)
}

/// Ends what was claimed before this instant and never finished: its server died (F02, F03). Says which.
pub async fn finish_orphans(
    conn: &mut Conn,
    outcome: &str,
    claimed_before: Timestamp,
    now: Timestamp,
) -> Result<Vec<AttemptId>, Failure> {
    Ok(run!(conn, |c| diesel::update(
        attempts::table.filter(attempts::finished_at.is_null()).filter(attempts::claimed_at.lt(claimed_before)),
    )
    .set((attempts::finished_at.eq(now), attempts::outcome.eq(outcome)))
    .returning(attempts::id)
    .load(c))?)
}

/// Forgets attempts that nobody can ask about any more.
pub async fn delete_old(conn: &mut Conn, created_before: Timestamp) -> Result<usize, Failure> {
    Ok(run!(conn, |c| diesel::delete(attempts::table.filter(attempts::created_at.lt(created_before))).execute(c))?)
}
