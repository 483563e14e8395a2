//! Everybody who signs in, for the operator's list.

use crate::{
    db::{
        Conn, run,
        schema::{memberships, organizations, two_factors, users},
    },
    failure::Failure,
    ids::UserId,
    timestamp::Timestamp,
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// Somebody who signs in.
#[derive(Debug, Queryable)]
pub struct StoredPerson {
    /// Who.
    pub id: UserId,
    /// Their address.
    pub email: String,
    /// When that was shown to be theirs.
    pub verified_at: Option<Timestamp>,
    /// Since when a code is asked for.
    pub second_step_since: Option<Timestamp>,
}

/// Everybody, by address.
pub async fn list_people(conn: &mut Conn) -> Result<Vec<StoredPerson>, Failure> {
    Ok(run!(conn, |c| users::table
        .left_join(two_factors::table.on(two_factors::user_id.eq(users::id)))
        .order(users::email_lower)
        .select((users::id, users::email, users::email_verified_at, two_factors::confirmed_at.nullable()))
        .load::<StoredPerson>(c))?)
}

/// Who is what and where, by the slug of the organization: the person, the slug, the stored word for their role.
pub async fn list_memberships(conn: &mut Conn) -> Result<Vec<(UserId, String, String)>, Failure> {
    Ok(run!(conn, |c| memberships::table
        .inner_join(organizations::table.on(organizations::id.eq(memberships::organization_id)))
        .order(organizations::slug)
        .select((memberships::user_id, organizations::slug, memberships::role))
        .load::<(UserId, String, String)>(c))?)
}
