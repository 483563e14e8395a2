//! Subscriptions in the database.

use super::model::Subscription;
use crate::{
    db::{
        Conn, run,
        schema::{organizations, subscriptions},
    },
    failure::Failure,
    ids::OrganizationId,
    timestamp::Timestamp,
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

type Row = (String, Option<Timestamp>);

fn from_row((state, ends_at): Row) -> Result<Subscription, Failure> {
    Subscription::from_stored(&state, ends_at)
        .ok_or_else(|| Failure::internal("subscriptions.state holds an unknown word"))
}

/// An organization's subscription; none means free.
pub async fn find(conn: &mut Conn, organization: OrganizationId) -> Result<Subscription, Failure> {
    let row = run!(conn, |c| subscriptions::table
        .filter(subscriptions::organization_id.eq(organization))
        .select((subscriptions::state, subscriptions::ends_at))
        .first::<Row>(c))
    .optional()?;
    row.map_or(Ok(Subscription::FREE), from_row)
}

/// The same inside a transaction, held against change until its end: a lapse that is written meanwhile waits, and
/// one that was written before is seen. SQLite's writing transactions exclude each other anyway.
pub async fn find_locked(conn: &mut Conn, organization: OrganizationId) -> Result<Subscription, Failure> {
    let query = subscriptions::table
        .filter(subscriptions::organization_id.eq(organization))
        .select((subscriptions::state, subscriptions::ends_at));
    let row = match conn {
        Conn::Sqlite(c) => query.first::<Row>(&mut **c).await,
        Conn::Postgres(c) => query.for_share().first::<Row>(&mut **c).await,
    };
    row.optional()?.map_or(Ok(Subscription::FREE), from_row)
}

/// Sets a subscription, whatever it was.
pub async fn set(
    conn: &mut Conn,
    organization: OrganizationId,
    subscription: Subscription,
    now: Timestamp,
) -> Result<(), Failure> {
    let values = (
        subscriptions::state.eq(subscription.state.as_str()),
        subscriptions::ends_at.eq(subscription.ends_at),
        subscriptions::updated_at.eq(now),
    );
    run!(conn, |c| diesel::insert_into(subscriptions::table)
        .values((subscriptions::organization_id.eq(organization), values))
        .on_conflict(subscriptions::organization_id)
        .do_update()
        .set(values)
        .execute(c))?;
    Ok(())
}

/// Every organization with its subscription, by slug.
pub async fn list(conn: &mut Conn) -> Result<Vec<(String, String, Subscription)>, Failure> {
    let rows = run!(conn, |c| organizations::table
        .left_join(subscriptions::table.on(subscriptions::organization_id.eq(organizations::id)))
        .order(organizations::slug)
        .select((organizations::slug, organizations::name, (subscriptions::state, subscriptions::ends_at).nullable(),))
        .load::<(String, String, Option<Row>)>(c))?;
    rows.into_iter().map(|(slug, name, row)| Ok((slug, name, row.map_or(Ok(Subscription::FREE), from_row)?))).collect()
}
