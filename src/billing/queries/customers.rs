//! Who is whom at Stripe, and which webhooks were acted on. What is subscribed to stands in the table of subscriptions,
//! beside this file.

use crate::{
    db::{
        Conn, run,
        schema::{stripe_customers, stripe_events},
    },
    failure::Failure,
    ids::OrganizationId,
    timestamp::Timestamp,
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// Stripe's name for an organization.
pub async fn find(conn: &mut Conn, organization: OrganizationId) -> Result<Option<String>, Failure> {
    Ok(run!(conn, |c| stripe_customers::table
        .filter(stripe_customers::organization_id.eq(Some(organization)))
        .select(stripe_customers::customer_id)
        .first(c))
    .optional()?)
}

/// The organization of one of our customers: `Some(None)` once it was deleted, `None` for a customer that is not ours.
pub async fn find_organization(conn: &mut Conn, customer: &str) -> Result<Option<Option<OrganizationId>>, Failure> {
    Ok(run!(conn, |c| stripe_customers::table
        .filter(stripe_customers::customer_id.eq(customer))
        .select(stripe_customers::organization_id)
        .first(c))
    .optional()?)
}

/// Writes down who an organization is at Stripe, unless somebody was quicker.
pub async fn insert(
    conn: &mut Conn,
    customer: &str,
    organization: OrganizationId,
    now: Timestamp,
) -> Result<(), Failure> {
    run!(conn, |c| diesel::insert_into(stripe_customers::table)
        .values((
            stripe_customers::customer_id.eq(customer),
            stripe_customers::organization_id.eq(Some(organization)),
            stripe_customers::created_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(())
}

/// Forgets a customer.
pub async fn delete(conn: &mut Conn, customer: &str) -> Result<(), Failure> {
    run!(conn, |c| diesel::delete(stripe_customers::table.filter(stripe_customers::customer_id.eq(customer)))
        .execute(c))?;
    Ok(())
}

/// Says that Stripe is about to be asked about a customer, and gets a number for it; `None` when there is no such
/// customer.
pub async fn begin_look(conn: &mut Conn, customer: &str) -> Result<Option<i64>, Failure> {
    Ok(run!(conn, |c| diesel::update(stripe_customers::table.filter(stripe_customers::customer_id.eq(customer)))
        .set(stripe_customers::looks.eq(stripe_customers::looks + 1_i64))
        .returning(stripe_customers::looks)
        .get_result(c))
    .optional()?)
}

/// Writes down what came of asking, and returns the newest number that was given out; `None` when the customer went.
pub async fn end_look(
    conn: &mut Conn,
    customer: &str,
    subscription: Option<&str>,
    look_again_at: Timestamp,
) -> Result<Option<i64>, Failure> {
    Ok(run!(conn, |c| diesel::update(stripe_customers::table.filter(stripe_customers::customer_id.eq(customer)))
        .set((
            stripe_customers::subscription_id.eq(subscription),
            stripe_customers::look_again_at.eq(Some(look_again_at)),
        ))
        .returning(stripe_customers::looks)
        .get_result(c))
    .optional()?)
}

/// Has a customer wait longer.
pub async fn postpone(conn: &mut Conn, customer: &str, until: Timestamp) -> Result<(), Failure> {
    run!(conn, |c| diesel::update(stripe_customers::table.filter(stripe_customers::customer_id.eq(customer)))
        .set(stripe_customers::look_again_at.eq(Some(until)))
        .execute(c))?;
    Ok(())
}

/// Customers about whom Stripe should be asked by now, those of deleted organizations among them.
pub async fn due(conn: &mut Conn, now: Timestamp, at_most: i64) -> Result<Vec<String>, Failure> {
    Ok(run!(conn, |c| stripe_customers::table
        .filter(stripe_customers::organization_id.is_null().or(stripe_customers::look_again_at.le(Some(now))))
        .order(stripe_customers::look_again_at)
        .limit(at_most)
        .select(stripe_customers::customer_id)
        .load(c))?)
}

/// Whether this webhook was acted on.
pub async fn is_event_known(conn: &mut Conn, id: &str) -> Result<bool, Failure> {
    let found = run!(conn, |c| stripe_events::table
        .filter(stripe_events::id.eq(id))
        .select(stripe_events::id)
        .first::<String>(c))
    .optional()?;
    Ok(found.is_some())
}

/// Remembers that this webhook was acted on.
pub async fn insert_event(conn: &mut Conn, id: &str, now: Timestamp) -> Result<(), Failure> {
    run!(conn, |c| diesel::insert_into(stripe_events::table)
        .values((stripe_events::id.eq(id), stripe_events::received_at.eq(now)))
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(())
}

/// Forgets webhooks that came before this time.
pub async fn delete_old_events(conn: &mut Conn, before: Timestamp) -> Result<(), Failure> {
    run!(conn, |c| diesel::delete(stripe_events::table.filter(stripe_events::received_at.lt(before))).execute(c))?;
    Ok(())
}
