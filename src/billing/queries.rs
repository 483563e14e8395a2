//! Subscriptions in the database, and how many there are of what a plan limits.

pub mod customers;

use super::model::{Plan, Stored, Subscription};
use crate::{
    db::{
        Conn, run,
        schema::{accounts, invitations, memberships, organizations, subscriptions},
    },
    failure::Failure,
    ids::OrganizationId,
    timestamp::Timestamp,
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

fn from_row(stored: Stored) -> Result<Subscription, Failure> {
    Subscription::from_stored(stored).ok_or_else(|| Failure::internal("a subscription's row holds an unknown word"))
}

/// An organization's subscription, as it is stored.
macro_rules! stored {
    ($organization:expr) => {
        subscriptions::table.filter(subscriptions::organization_id.eq($organization)).select((
            subscriptions::state,
            subscriptions::plan,
            subscriptions::ends_at,
            subscriptions::grace_until,
        ))
    };
}

/// An organization's subscription; none means free.
pub async fn find(conn: &mut Conn, organization: OrganizationId) -> Result<Subscription, Failure> {
    let row = run!(conn, |c| stored!(organization).first::<Stored>(c)).optional()?;
    row.map_or(Ok(Subscription::FREE), from_row)
}

/// The same inside a transaction, held against change until its end: a lapse that is written meanwhile waits, and
/// one that was written before is seen. SQLite's writing transactions exclude each other anyway.
pub async fn find_locked(conn: &mut Conn, organization: OrganizationId) -> Result<Subscription, Failure> {
    let query = stored!(organization);
    let row = match conn {
        Conn::Sqlite(c) => query.first::<Stored>(&mut **c).await,
        Conn::Postgres(c) => query.for_share().first::<Stored>(&mut **c).await,
    };
    row.optional()?.map_or(Ok(Subscription::FREE), from_row)
}

/// The same for whoever is about to change it.
pub async fn find_to_change(conn: &mut Conn, organization: OrganizationId) -> Result<Subscription, Failure> {
    let query = stored!(organization);
    let row = match conn {
        Conn::Sqlite(c) => query.first::<Stored>(&mut **c).await,
        Conn::Postgres(c) => query.for_no_key_update().first::<Stored>(&mut **c).await,
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
        subscriptions::plan.eq(subscription.plan.map(Plan::as_str)),
        subscriptions::ends_at.eq(subscription.ends_at),
        subscriptions::grace_until.eq(subscription.grace_until),
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
        .select((
            organizations::slug,
            organizations::name,
            (subscriptions::state, subscriptions::plan, subscriptions::ends_at, subscriptions::grace_until).nullable(),
        ))
        .load::<(String, String, Option<Stored>)>(c))?;
    rows.into_iter().map(|(slug, name, row)| Ok((slug, name, row.map_or(Ok(Subscription::FREE), from_row)?))).collect()
}

/// How many accounts an organization has on its list, pending and dead ones included.
pub async fn count_accounts(conn: &mut Conn, organization: OrganizationId) -> Result<i64, Failure> {
    Ok(run!(conn, |c| accounts::table
        .filter(accounts::organization_id.eq(organization))
        .filter(accounts::disconnected_at.is_null())
        .count()
        .get_result(c))?)
}

/// How many people belong to an organization, and how many invitations to it stand on its list.
pub async fn count_people(conn: &mut Conn, organization: OrganizationId) -> Result<(i64, i64), Failure> {
    let members: i64 =
        run!(conn, |c| memberships::table.filter(memberships::organization_id.eq(organization)).count().get_result(c))?;
    let invited: i64 = run!(conn, |c| invitations::table
        .filter(invitations::organization_id.eq(organization))
        .filter(invitations::accepted_at.is_null())
        .filter(invitations::revoked_at.is_null())
        .count()
        .get_result(c))?;
    Ok((members, invited))
}
