//! The audit trail in the database. Entries are added and never changed; the row in `audit_heads` says where an
//! organization's chain ends, and holding it is what makes those who write at the same time take turns.

use super::{
    chain::{ChainHash, Entry},
    model::{Actor, EntryCursor},
};
use crate::{
    db::{
        Conn, run,
        schema::{accounts, audit_events, audit_heads, invitations, links, memberships, organizations, users},
    },
    failure::Failure,
    ids::{AccountId, EventId, InvitationId, LinkId, OrganizationId, UserId},
    timestamp::Timestamp,
};
use diesel::{pg::Pg, prelude::*, sqlite::Sqlite};
use diesel_async::RunQueryDsl;
use std::collections::HashMap;

/// Where a chain ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Head {
    /// The number of its last entry; 0 while there is none.
    pub sequence: i64,
    /// The hash of its last entry.
    pub hash: ChainHash,
}

/// An entry with its place in the chain, where it has one.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The entry.
    pub entry: Entry,
    /// Its number.
    pub sequence: Option<i64>,
    /// Its hash.
    pub hash: Option<ChainHash>,
}

type Row = (
    (EventId, OrganizationId, Timestamp, String, String, String, String, Option<String>),
    (Option<i64>, Option<ChainHash>),
);

fn from_row((entry, (sequence, hash)): Row) -> Listed {
    let (id, organization_id, at, actor, action, subject, detail, peer) = entry;
    Listed { entry: Entry { id, organization_id, at, actor, action, subject, detail, peer }, sequence, hash }
}

/// The columns of [`Row`]. A macro and not a function: the type has no name that a person could read.
macro_rules! row {
    () => {
        (
            (
                audit_events::id,
                audit_events::organization_id,
                audit_events::at,
                audit_events::actor,
                audit_events::action,
                audit_events::subject,
                audit_events::detail,
                audit_events::peer,
            ),
            (audit_events::sequence, audit_events::hash),
        )
    };
}

/// Where an organization's chain ends, held inside a transaction until its end: whoever adds an entry meanwhile waits.
/// SQLite's writing transactions exclude each other anyway.
pub async fn hold_head(conn: &mut Conn, organization: OrganizationId) -> Result<Option<Head>, Failure> {
    let query = audit_heads::table
        .filter(audit_heads::organization_id.eq(organization))
        .select((audit_heads::sequence, audit_heads::hash));
    let row = match conn {
        Conn::Sqlite(c) => query.first::<(i64, ChainHash)>(&mut **c).await,
        Conn::Postgres(c) => query.for_update().first::<(i64, ChainHash)>(&mut **c).await,
    };
    Ok(row.optional()?.map(|(sequence, hash)| Head { sequence, hash }))
}

/// Where an organization's chain ends at this instant.
pub async fn find_head(conn: &mut Conn, organization: OrganizationId) -> Result<Option<Head>, Failure> {
    let row = run!(conn, |c| audit_heads::table
        .filter(audit_heads::organization_id.eq(organization))
        .select((audit_heads::sequence, audit_heads::hash))
        .first::<(i64, ChainHash)>(c))
    .optional()?;
    Ok(row.map(|(sequence, hash)| Head { sequence, hash }))
}

/// Begins an organization's chain, over nothing; where it has begun, it stays as it is.
pub async fn begin(conn: &mut Conn, organization: OrganizationId) -> Result<(), Failure> {
    run!(conn, |c| diesel::insert_into(audit_heads::table)
        .values((
            audit_heads::organization_id.eq(organization),
            audit_heads::sequence.eq(0_i64),
            audit_heads::hash.eq(ChainHash::START),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(())
}

/// Notes that a chain ends elsewhere now.
pub async fn advance(conn: &mut Conn, organization: OrganizationId, head: Head) -> Result<(), Failure> {
    run!(conn, |c| diesel::update(audit_heads::table.filter(audit_heads::organization_id.eq(organization)))
        .set((audit_heads::sequence.eq(head.sequence), audit_heads::hash.eq(head.hash)))
        .execute(c))?;
    Ok(())
}

/// Adds an entry in its place.
pub async fn insert(conn: &mut Conn, entry: &Entry, place: Head) -> Result<(), Failure> {
    run!(conn, |c| diesel::insert_into(audit_events::table)
        .values((
            audit_events::id.eq(entry.id),
            audit_events::organization_id.eq(entry.organization_id),
            audit_events::at.eq(entry.at),
            audit_events::actor.eq(&entry.actor),
            audit_events::action.eq(&entry.action),
            audit_events::subject.eq(&entry.subject),
            audit_events::detail.eq(&entry.detail),
            audit_events::peer.eq(entry.peer.as_deref()),
            audit_events::sequence.eq(Some(place.sequence)),
            audit_events::hash.eq(Some(place.hash)),
        ))
        .execute(c))?;
    Ok(())
}

/// An organization that has entries outside its chain, if there is one.
pub async fn find_unchained(conn: &mut Conn) -> Result<Option<OrganizationId>, Failure> {
    Ok(run!(conn, |c| audit_events::table
        .filter(audit_events::sequence.is_null())
        .select(audit_events::organization_id)
        .first(c))
    .optional()?)
}

/// Entries outside the chain, oldest first.
pub async fn list_unchained(conn: &mut Conn, organization: OrganizationId, limit: i64) -> Result<Vec<Listed>, Failure> {
    let rows: Vec<Row> = run!(conn, |c| audit_events::table
        .filter(audit_events::organization_id.eq(organization))
        .filter(audit_events::sequence.is_null())
        .order((audit_events::at, audit_events::id))
        .select(row!())
        .limit(limit)
        .load(c))?;
    Ok(rows.into_iter().map(from_row).collect())
}

/// Takes an entry into the chain, as it is.
pub async fn place(conn: &mut Conn, id: EventId, place: Head) -> Result<(), Failure> {
    run!(conn, |c| diesel::update(
        audit_events::table.filter(audit_events::id.eq(id)).filter(audit_events::sequence.is_null())
    )
    .set((audit_events::sequence.eq(Some(place.sequence)), audit_events::hash.eq(Some(place.hash))))
    .execute(c))?;
    Ok(())
}

/// How many entries an organization has outside its chain.
pub async fn count_unchained(conn: &mut Conn, organization: OrganizationId) -> Result<i64, Failure> {
    Ok(run!(conn, |c| audit_events::table
        .filter(audit_events::organization_id.eq(organization))
        .filter(audit_events::sequence.is_null())
        .count()
        .get_result(c))?)
}

/// Entries of the chain after this number, in its order.
pub async fn list_chained(
    conn: &mut Conn,
    organization: OrganizationId,
    after: i64,
    limit: i64,
) -> Result<Vec<Listed>, Failure> {
    let rows: Vec<Row> = run!(conn, |c| audit_events::table
        .filter(audit_events::organization_id.eq(organization))
        .filter(audit_events::sequence.gt(after))
        .order(audit_events::sequence)
        .select(row!())
        .limit(limit)
        .load(c))?;
    Ok(rows.into_iter().map(from_row).collect())
}

/// Every organization, by slug; or the one with this slug.
pub async fn list_organizations(conn: &mut Conn, slug: Option<&str>) -> Result<Vec<(OrganizationId, String)>, Failure> {
    let all = || organizations::table.order(organizations::slug).select((organizations::id, organizations::slug));
    Ok(match slug {
        None => run!(conn, |c| all().load(c))?,
        Some(slug) => run!(conn, |c| all().filter(organizations::slug.eq(slug)).load(c))?,
    })
}

/// What is left out of a list of entries.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Filter {
    /// Only by them, as stored.
    pub actor: Option<String>,
    /// Only this, as stored.
    pub action: Option<&'static str>,
    /// Nothing before this instant.
    pub from: Option<Timestamp>,
    /// Nothing from this instant on.
    pub until: Option<Timestamp>,
}

/// A boxed query: which of its conditions there are is known only when it is asked.
macro_rules! filtered {
    ($backend:ty, $organization:expr, $filter:expr, $before:expr, $limit:expr) => {{
        let mut query = audit_events::table
            .filter(audit_events::organization_id.eq($organization))
            .order((audit_events::at.desc(), audit_events::id.desc()))
            .select(row!())
            .limit($limit)
            .into_boxed::<$backend>();
        if let Some(actor) = &$filter.actor {
            query = query.filter(audit_events::actor.eq(actor.as_str()));
        }
        if let Some(action) = $filter.action {
            query = query.filter(audit_events::action.eq(action));
        }
        if let Some(from) = $filter.from {
            query = query.filter(audit_events::at.ge(from));
        }
        if let Some(until) = $filter.until {
            query = query.filter(audit_events::at.lt(until));
        }
        if let Some(EntryCursor { at, id }) = $before {
            let at = Timestamp::from_micros(at);
            query = query.filter(audit_events::at.le(at)).filter(audit_events::at.lt(at).or(audit_events::id.lt(id)));
        }
        query
    }};
}

/// Entries of an organization, newest first: those after a place, or the newest.
pub async fn list(
    conn: &mut Conn,
    organization: OrganizationId,
    filter: &Filter,
    before: Option<EntryCursor>,
    limit: i64,
) -> Result<Vec<Listed>, Failure> {
    let rows: Vec<Row> = match conn {
        Conn::Sqlite(c) => filtered!(Sqlite, organization, filter, before, limit).load(&mut **c).await?,
        Conn::Postgres(c) => filtered!(Pg, organization, filter, before, limit).load(&mut **c).await?,
    };
    Ok(rows.into_iter().map(from_row).collect())
}

/// The people who ever did something in an organization, those included who have left. One step along the index for each:
/// how much they did makes no difference.
pub async fn list_people(conn: &mut Conn, organization: OrganizationId, most: usize) -> Result<Vec<UserId>, Failure> {
    let mut people = Vec::new();
    let mut last = Actor::MEMBER.to_owned();
    while people.len() < most {
        let next: Option<String> = run!(conn, |c| audit_events::table
            .filter(audit_events::organization_id.eq(organization))
            .filter(audit_events::actor.gt(&last))
            .order(audit_events::actor)
            .select(audit_events::actor)
            .first(c))
        .optional()?;
        let Some(Actor::Member(id)) = next.as_deref().and_then(Actor::from_stored) else { break };
        people.push(id);
        last = next.unwrap_or_default();
    }
    Ok(people)
}

/// The addresses of those of these people who are members now. What became of the others is nothing that the
/// organization has a right to know: they may have another address by now, or none.
pub async fn find_emails(
    conn: &mut Conn,
    organization: OrganizationId,
    ids: &[UserId],
) -> Result<HashMap<UserId, String>, Failure> {
    let rows: Vec<(UserId, String)> = run!(conn, |c| memberships::table
        .inner_join(users::table.on(users::id.eq(memberships::user_id)))
        .filter(memberships::organization_id.eq(organization))
        .filter(memberships::user_id.eq_any(ids))
        .select((users::id, users::email))
        .load(c))?;
    Ok(rows.into_iter().collect())
}

/// Of the newest entries like this one, by whomever, in the time before it: what each says, and from where. At most so
/// many.
pub async fn list_alike(
    conn: &mut Conn,
    entry: &Entry,
    since: Timestamp,
    most: i64,
) -> Result<Vec<(String, Option<String>)>, Failure> {
    Ok(run!(conn, |c| audit_events::table
        .filter(audit_events::organization_id.eq(entry.organization_id))
        .filter(audit_events::action.eq(&entry.action))
        .filter(audit_events::subject.eq(&entry.subject))
        .filter(audit_events::at.gt(since))
        .order((audit_events::at.desc(), audit_events::id.desc()))
        .select((audit_events::detail, audit_events::peer))
        .limit(most)
        .load(c))?)
}

/// What people call the rows of an organization that entries are about: descriptions of links, handles of accounts,
/// addresses of members and of those who are invited. What is gone has no name any more.
pub async fn find_names(
    conn: &mut Conn,
    organization: OrganizationId,
    subjects: &[&str],
) -> Result<HashMap<String, String>, Failure> {
    let mut names = HashMap::new();
    let ids: Vec<AccountId> = subjects.iter().filter_map(|subject| subject.parse().ok()).collect();
    let rows: Vec<(AccountId, String)> = run!(conn, |c| accounts::table
        .filter(accounts::organization_id.eq(organization))
        .filter(accounts::id.eq_any(&ids))
        .select((accounts::id, accounts::username))
        .load(c))?;
    names.extend(rows.into_iter().map(|(id, username)| (id.to_string(), format!("@{username}"))));
    let ids: Vec<LinkId> = subjects.iter().filter_map(|subject| subject.parse().ok()).collect();
    let rows: Vec<(LinkId, String, Option<String>)> = run!(conn, |c| links::table
        .left_join(accounts::table.on(links::account_id.eq(accounts::id.nullable())))
        .filter(links::organization_id.eq(organization))
        .filter(links::id.eq_any(&ids))
        .select((links::id, links::description, accounts::username.nullable()))
        .load(c))?;
    names.extend(rows.into_iter().filter_map(|(id, description, username)| {
        let described = (!description.is_empty()).then(|| format!("“{description}”"));
        Some((id.to_string(), username.map(|username| format!("@{username}")).or(described)?))
    }));
    let ids: Vec<InvitationId> = subjects.iter().filter_map(|subject| subject.parse().ok()).collect();
    let rows: Vec<(InvitationId, String)> = run!(conn, |c| invitations::table
        .filter(invitations::organization_id.eq(organization))
        .filter(invitations::id.eq_any(&ids))
        .select((invitations::id, invitations::email))
        .load(c))?;
    names.extend(rows.into_iter().map(|(id, email)| (id.to_string(), email)));
    let ids: Vec<UserId> = subjects.iter().filter_map(|subject| subject.parse().ok()).collect();
    names.extend(find_emails(conn, organization, &ids).await?.into_iter().map(|(id, email)| (id.to_string(), email)));
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{DatabaseUrl, Db, migrate::migrate};
    use diesel::debug_query;

    #[derive(QueryableByName)]
    struct Step {
        #[diesel(sql_type = diesel::sql_types::Text)]
        detail: String,
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_page_of_entries_is_read_along_an_index_however_it_is_filtered() {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(&DatabaseUrl::Sqlite(folder.path().join("plan.db"))).await.unwrap();
        tokio::spawn({
            let db = db.clone();
            async move { migrate(&db).await.unwrap() }
        })
        .await
        .unwrap();
        let Conn::Sqlite(mut conn) = db.read().await.unwrap() else { unreachable!() };
        let organization: OrganizationId = "0198f000000070008000000000000000".parse().unwrap();
        let place = Some(EntryCursor { at: 5, id: "0198f000000070008000000000000001".parse().unwrap() });
        let by = Filter { actor: Some("client".into()), ..Filter::default() };
        let what = Filter { action: Some("link.revoked"), ..Filter::default() };
        let days = Filter {
            from: Some(Timestamp::from_micros(1)),
            until: place.map(|_| Timestamp::from_micros(9)),
            ..by.clone()
        };
        for (filter, index) in [
            (&Filter::default(), "audit_events_newest"),
            (&by, "audit_events_by_actor"),
            (&what, "audit_events_by_action"),
            (&days, "audit_events_"),
        ] {
            for before in [None, place] {
                let debug = debug_query::<Sqlite, _>(&filtered!(Sqlite, organization, filter, before, 50)).to_string();
                let (statement, _) = debug.split_once(" -- binds").unwrap();
                let binds = statement.matches('?').count();
                let explained =
                    (0..binds).fold(format!("EXPLAIN QUERY PLAN {statement}"), |text, _| text.replacen('?', "1", 1));
                let plan: Vec<Step> = diesel::sql_query(explained).load(&mut *conn).await.unwrap();
                let steps: Vec<&str> = plan.iter().map(|step| step.detail.as_str()).collect();
                assert!(steps.len() == 1 && steps[0].contains(index), "{filter:?} {before:?}: {steps:?}");
            }
        }
    }
}
