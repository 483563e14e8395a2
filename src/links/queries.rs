//! Links in the database. A link is looked up by the hash of its token, and by nothing else (A04).

use super::model::{Description, Purpose};
use crate::{
    billing::model::{Stored, Subscription},
    db::{
        Conn, run,
        schema::{accounts, links, memberships, organizations, subscriptions, users},
    },
    failure::Failure,
    ids::{AccountId, LinkId, OrganizationId, UserId},
    organizations::settings::model::Brand,
    secret::{Sealed, TokenHash},
    timestamp::Timestamp,
};
use diesel::{dsl::sql, prelude::*, sql_types::Bool};
use diesel_async::RunQueryDsl;

/// A link to be stored.
#[derive(Debug)]
pub struct NewLink<'a> {
    /// Names the row.
    pub id: LinkId,
    /// Where accounts will go.
    pub organization_id: OrganizationId,
    /// Who makes it.
    pub created_by: UserId,
    /// What it is for.
    pub purpose: Purpose,
    /// The one account it is for, where there is one.
    pub account_id: Option<AccountId>,
    /// For recognizing it.
    pub description: &'a Description,
    /// For looking it up.
    pub token_hash: TokenHash,
    /// For copying it again.
    pub token_sealed: &'a Sealed,
    /// Now.
    pub created_at: Timestamp,
}

/// A live link as its organization lists it.
#[derive(Debug, Queryable)]
pub struct ListedLink {
    /// Names the row.
    pub id: LinkId,
    /// For recognizing it.
    pub description: String,
    /// For copying it again.
    pub token_sealed: Sealed,
    /// When it was made.
    pub created_at: Timestamp,
    /// Email of who made it.
    pub created_by: String,
    /// Accounts connected through it.
    pub uses: i32,
    /// When one last was.
    pub last_used_at: Option<Timestamp>,
}

/// A link as the client's side needs it, dead or alive.
#[derive(Debug)]
pub struct FoundLink {
    /// Names the row.
    pub id: LinkId,
    /// What it is for.
    pub purpose: Purpose,
    /// The handle that is asked for, where there is one and its account is still on the list.
    pub requested: Option<String>,
    /// Set when it was deleted.
    pub revoked_at: Option<Timestamp>,
    /// Set when the one connection it was for was made.
    pub fulfilled_at: Option<Timestamp>,
    /// Where accounts go.
    pub organization_id: OrganizationId,
    /// Who made the link.
    pub created_by: UserId,
    /// Name of the organization.
    pub organization: String,
    /// What else clients see of it.
    pub brand: Brand,
    /// What the organization may do.
    pub subscription: Subscription,
    /// Email of who made the link.
    pub creator_email: String,
    /// Set once that address was verified.
    pub creator_verified_at: Option<Timestamp>,
    /// Whether they belong to the organization no longer.
    pub creator_left: bool,
}

/// Adds a link.
pub async fn insert(conn: &mut Conn, link: &NewLink<'_>) -> Result<(), Failure> {
    run!(conn, |c| diesel::insert_into(links::table)
        .values((
            links::id.eq(link.id),
            links::organization_id.eq(link.organization_id),
            links::created_by.eq(link.created_by),
            links::description.eq(link.description.as_str()),
            links::token_hash.eq(link.token_hash),
            links::token_sealed.eq(link.token_sealed),
            links::purpose.eq(link.purpose.as_str()),
            links::account_id.eq(link.account_id),
            links::uses.eq(0),
            links::created_at.eq(link.created_at),
        ))
        .execute(c))?;
    Ok(())
}

/// The live connect-links of an organization, newest first.
pub async fn list(conn: &mut Conn, organization: OrganizationId) -> Result<Vec<ListedLink>, Failure> {
    Ok(run!(conn, |c| links::table
        .inner_join(users::table.on(users::id.eq(links::created_by)))
        .filter(links::organization_id.eq(organization))
        .filter(links::purpose.eq(Purpose::Connect.as_str()))
        .filter(links::revoked_at.is_null())
        .order((links::created_at.desc(), links::id.desc()))
        .select((
            links::id,
            links::description,
            links::token_sealed,
            links::created_at,
            users::email,
            links::uses,
            links::last_used_at,
        ))
        .load::<ListedLink>(c))?)
}

/// Deletes a live connect-link of this organization; `false` when there is none.
pub async fn revoke(
    conn: &mut Conn,
    id: LinkId,
    organization: OrganizationId,
    by: UserId,
    now: Timestamp,
) -> Result<bool, Failure> {
    let rows = run!(conn, |c| diesel::update(
        links::table
            .filter(links::id.eq(id))
            .filter(links::organization_id.eq(organization))
            .filter(links::purpose.eq(Purpose::Connect.as_str()))
            .filter(links::revoked_at.is_null()),
    )
    .set((links::revoked_at.eq(now), links::revoked_by.eq(by)))
    .execute(c))?;
    Ok(rows == 1)
}

/// A macro and not a function: the type of this query has no name that a person could read.
macro_rules! with_token {
    ($token:expr) => {
        links::table
            .inner_join(organizations::table.on(organizations::id.eq(links::organization_id)))
            .inner_join(users::table.on(users::id.eq(links::created_by)))
            .left_join(subscriptions::table.on(subscriptions::organization_id.eq(links::organization_id)))
            .left_join(
                accounts::table
                    .on(links::account_id.eq(accounts::id.nullable()).and(accounts::disconnected_at.is_null())),
            )
            .left_join(memberships::table.on(
                memberships::organization_id.eq(links::organization_id).and(memberships::user_id.eq(links::created_by)),
            ))
            .filter(links::token_hash.eq($token))
            .select((
                (
                    links::id,
                    links::purpose,
                    links::revoked_at,
                    links::fulfilled_at,
                    links::organization_id,
                    links::created_by,
                ),
                accounts::username.nullable(),
                organizations::name,
                (organizations::logo_key, organizations::logo_width, organizations::accent, organizations::support),
                (subscriptions::state, subscriptions::plan, subscriptions::ends_at, subscriptions::grace_until)
                    .nullable(),
                users::email,
                users::email_verified_at,
                memberships::user_id.nullable(),
            ))
    };
}

/// The link with this token, with all its page says: one read.
pub async fn find_by_token(conn: &mut Conn, token: TokenHash) -> Result<Option<FoundLink>, Failure> {
    type Row = (
        (LinkId, String, Option<Timestamp>, Option<Timestamp>, OrganizationId, UserId),
        Option<String>,
        String,
        (Option<String>, Option<i32>, Option<String>, Option<String>),
        Option<Stored>,
        String,
        Option<Timestamp>,
        Option<UserId>,
    );
    let row = run!(conn, |c| with_token!(token).first::<Row>(c)).optional()?;
    let Some((link, requested, organization, brand, subscription, creator_email, creator_verified_at, member)) = row
    else {
        return Ok(None);
    };
    let (id, purpose, revoked_at, fulfilled_at, organization_id, created_by) = link;
    let purpose =
        Purpose::from_stored(&purpose).ok_or_else(|| Failure::internal("links.purpose holds an unknown word"))?;
    let subscription = match subscription {
        None => Subscription::FREE,
        Some(stored) => Subscription::from_stored(stored)
            .ok_or_else(|| Failure::internal("a subscription's row holds an unknown word"))?,
    };
    Ok(Some(FoundLink {
        id,
        purpose,
        requested,
        revoked_at,
        fulfilled_at,
        organization_id,
        created_by,
        organization,
        brand: Brand::from_stored(brand),
        subscription,
        creator_email,
        creator_verified_at,
        creator_left: member.is_none(),
    }))
}

/// Deletes every link of an organization that is being deleted, and the attempts that began with one.
pub async fn delete_all(conn: &mut Conn, organization: OrganizationId) -> Result<(), Failure> {
    run!(conn, |c| diesel::delete(links::table.filter(links::organization_id.eq(organization))).execute(c))?;
    Ok(())
}

/// Whose a used link is.
#[derive(Debug, Queryable)]
pub struct UsedLink {
    /// Where the account goes.
    pub organization_id: OrganizationId,
    /// The one account it is for, where there is one.
    pub account_id: Option<AccountId>,
    /// Who made it.
    pub created_by: UserId,
}

/// Counts a connection through a live link of this purpose and says whose it is; `None` when the link is dead. One that
/// was made for one connection is done with it. Inside a transaction this is the check and the lock at once: whoever
/// deletes the link waits, or was first.
pub async fn count_use(
    conn: &mut Conn,
    id: LinkId,
    purpose: Purpose,
    now: Timestamp,
) -> Result<Option<UsedLink>, Failure> {
    let once = purpose != Purpose::Connect;
    Ok(run!(conn, |c| diesel::update(
        links::table
            .filter(links::id.eq(id))
            .filter(links::purpose.eq(purpose.as_str()))
            .filter(links::revoked_at.is_null())
            .filter(links::fulfilled_at.is_null())
            // A request whose account was deleted must not become a link for any other.
            .filter(links::purpose.ne(Purpose::Request.as_str()).or(links::account_id.is_not_null())),
    )
    .set((
        links::uses.eq(links::uses + 1),
        links::last_used_at.eq(Some(now)),
        once.then(|| links::fulfilled_at.eq(Some(now))),
    ))
    .returning((links::organization_id, links::account_id, links::created_by))
    .get_result::<UsedLink>(c))
    .optional()?)
}

/// Ends the live requests for an account of Instagram's that is being connected, by whatever way: those for the row that
/// the organization has of it, and those for the pending one that goes by its handle. Says who had made one.
pub async fn fulfil_requests(
    conn: &mut Conn,
    organization: OrganizationId,
    instagram_id: &str,
    username: &str,
    now: Timestamp,
) -> Result<Option<UserId>, Failure> {
    let handle = username.to_lowercase();
    let made_by: Vec<UserId> = run!(conn, |c| diesel::update(
        links::table
            .filter(
                links::account_id.eq_any(
                    accounts::table
                        .filter(accounts::organization_id.eq(organization))
                        .filter(accounts::instagram_id.eq(Some(instagram_id)))
                        .select(accounts::id.nullable())
                        .union_all(
                            accounts::table
                                .filter(accounts::organization_id.eq(organization))
                                .filter(accounts::username.eq(&handle))
                                .filter(accounts::instagram_id.is_null())
                                .filter(accounts::disconnected_at.is_null())
                                .select(accounts::id.nullable()),
                        ),
                ),
            )
            // In the words of the index on live requests: SQLite uses it for nothing less. Connect-links have no account.
            .filter(sql::<Bool>("links.purpose <> 'login'"))
            .filter(links::revoked_at.is_null())
            .filter(links::fulfilled_at.is_null()),
    )
    .set(links::fulfilled_at.eq(Some(now)))
    .returning(links::created_by)
    .load(c))?;
    Ok(made_by.into_iter().next())
}

/// Ends the live request for one account, which the transaction has locked: nobody can make another one meanwhile. Says
/// who had made it.
pub async fn fulfil_request_for(
    conn: &mut Conn,
    account: AccountId,
    now: Timestamp,
) -> Result<Option<UserId>, Failure> {
    Ok(run!(conn, |c| diesel::update(
        links::table
            .filter(links::account_id.eq(Some(account)))
            // In the words of the index, as above: by it there is no more than one.
            .filter(sql::<Bool>("links.purpose <> 'login'"))
            .filter(links::revoked_at.is_null())
            .filter(links::fulfilled_at.is_null()),
    )
    .set(links::fulfilled_at.eq(Some(now)))
    .returning(links::created_by)
    .get_result::<UserId>(c))
    .optional()?)
}

/// Whether the one connection a link was for was made.
pub async fn is_fulfilled(conn: &mut Conn, id: LinkId) -> Result<bool, Failure> {
    let at: Option<Option<Timestamp>> =
        run!(conn, |c| links::table.filter(links::id.eq(id)).select(links::fulfilled_at).first(c)).optional()?;
    Ok(at.flatten().is_some())
}

/// Ends the live links for an account, requests and log-ins: their URLs are dead.
pub async fn revoke_requests(
    conn: &mut Conn,
    account: AccountId,
    organization: OrganizationId,
    by: UserId,
    now: Timestamp,
) -> Result<(), Failure> {
    run!(conn, |c| diesel::update(
        links::table
            .filter(links::account_id.eq(Some(account)))
            .filter(links::organization_id.eq(organization))
            .filter(links::revoked_at.is_null())
            .filter(links::fulfilled_at.is_null()),
    )
    .set((links::revoked_at.eq(now), links::revoked_by.eq(by)))
    .execute(c))?;
    Ok(())
}

/// Ends the ways to Instagram that a member of this organization began for themselves, when they are one no longer.
pub async fn revoke_log_ins_of(
    conn: &mut Conn,
    organization: OrganizationId,
    user: UserId,
    by: UserId,
    now: Timestamp,
) -> Result<(), Failure> {
    run!(conn, |c| diesel::update(
        links::table
            .filter(links::organization_id.eq(organization))
            .filter(links::created_by.eq(user))
            .filter(links::purpose.eq(Purpose::LogIn.as_str()))
            .filter(links::revoked_at.is_null())
            .filter(links::fulfilled_at.is_null()),
    )
    .set((links::revoked_at.eq(now), links::revoked_by.eq(by)))
    .execute(c))?;
    Ok(())
}

/// Ends the live links for the accounts that Instagram's callback names, in every organization.
pub async fn revoke_by_app_scoped_id(conn: &mut Conn, app_scoped_id: &str, now: Timestamp) -> Result<(), Failure> {
    run!(conn, |c| diesel::update(
        links::table
            .filter(links::account_id.eq_any(
                accounts::table.filter(accounts::app_scoped_id.eq(Some(app_scoped_id))).select(accounts::id.nullable()),
            ),)
            .filter(links::revoked_at.is_null())
            .filter(links::fulfilled_at.is_null()),
    )
    .set(links::revoked_at.eq(Some(now)))
    .execute(c))?;
    Ok(())
}

/// The live requests of an organization: which account, which link, its token, and who asks.
pub async fn list_requests(
    conn: &mut Conn,
    organization: OrganizationId,
) -> Result<Vec<(Option<AccountId>, LinkId, Sealed, String)>, Failure> {
    Ok(run!(conn, |c| links::table
        .inner_join(users::table.on(users::id.eq(links::created_by)))
        .filter(links::organization_id.eq(organization))
        .filter(links::purpose.eq(Purpose::Request.as_str()))
        .filter(links::revoked_at.is_null())
        .filter(links::fulfilled_at.is_null())
        .select((links::account_id, links::id, links::token_sealed, users::email))
        .load(c))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        clock::Randomness,
        db::{DatabaseUrl, Db, migrate::migrate},
        secret::{self, Token},
    };
    use diesel::{debug_query, pg::Pg, sqlite::Sqlite};

    #[derive(QueryableByName)]
    struct Step {
        #[diesel(sql_type = diesel::sql_types::Text)]
        detail: String,
    }

    /// The statement alone, without the values that diesel writes behind it.
    fn statement(debug: &str) -> &str {
        debug.split(" -- binds").next().unwrap()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a04_a_link_is_looked_up_by_the_index_of_its_hash_and_by_nothing_else() {
        let token = Token::generate(&Randomness);
        let sqlite = debug_query::<Sqlite, _>(&with_token!(token.hash(secret::Purpose::Link))).to_string();
        let postgres = debug_query::<Pg, _>(&with_token!(token.hash(secret::Purpose::Link))).to_string();
        for debug in [&sqlite, &postgres] {
            let (_, condition) = statement(debug).split_once(" WHERE ").unwrap();
            assert!(condition.contains("token_hash"), "{condition}");
            assert!(!["AND", "OR", "LIKE"].iter().any(|word| condition.contains(word)), "{condition}");
            assert!(!debug.contains(token.expose()), "the token itself is no part of it");
        }
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(&DatabaseUrl::Sqlite(folder.path().join("plan.db"))).await.unwrap();
        migrate(&db).await.unwrap();
        let Conn::Sqlite(mut conn) = db.read().await.unwrap() else { unreachable!() };
        let plan: Vec<Step> = diesel::sql_query(format!("EXPLAIN QUERY PLAN {}", statement(&sqlite)))
            .bind::<diesel::sql_types::Binary, _>(vec![0_u8; 32])
            .load(&mut *conn)
            .await
            .unwrap();
        let steps: Vec<&str> = plan.iter().map(|step| step.detail.as_str()).collect();
        assert!(steps[0].contains("links USING INDEX") && steps[0].contains("token_hash=?"), "{steps:?}");
        assert!(!steps.iter().any(|step| step.starts_with("SCAN")), "{steps:?}");
    }
}
