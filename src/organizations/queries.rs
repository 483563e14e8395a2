//! Organizations and memberships in the database.

use super::model::{Organization, Role};
use crate::{
    db::{
        Conn, run,
        schema::{memberships, organizations},
    },
    failure::Failure,
    ids::{OrganizationId, UserId},
    timestamp::Timestamp,
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// Adds an organization; `false` when the slug is taken.
pub async fn insert(conn: &mut Conn, organization: &Organization, now: Timestamp) -> Result<bool, Failure> {
    let rows = run!(conn, |c| diesel::insert_into(organizations::table)
        .values((
            organizations::id.eq(organization.id),
            organizations::slug.eq(&organization.slug),
            organizations::name.eq(&organization.name),
            organizations::created_at.eq(now),
        ))
        .on_conflict(organizations::slug)
        .do_nothing()
        .execute(c))?;
    Ok(rows == 1)
}

/// Makes a person a member.
pub async fn insert_membership(
    conn: &mut Conn,
    organization: OrganizationId,
    user: UserId,
    role: Role,
    now: Timestamp,
) -> Result<(), Failure> {
    run!(conn, |c| diesel::insert_into(memberships::table)
        .values((
            memberships::organization_id.eq(organization),
            memberships::user_id.eq(user),
            memberships::role.eq(role.as_str()),
            memberships::created_at.eq(now),
        ))
        .execute(c))?;
    Ok(())
}

/// The first organization a person belongs to.
pub async fn first_of(conn: &mut Conn, user: UserId) -> Result<Option<OrganizationId>, Failure> {
    Ok(run!(conn, |c| memberships::table
        .filter(memberships::user_id.eq(user))
        .order(memberships::created_at)
        .select(memberships::organization_id)
        .first(c))
    .optional()?)
}

/// The organization with this slug.
pub async fn find_by_slug(conn: &mut Conn, slug: &str) -> Result<Option<Organization>, Failure> {
    let row = run!(conn, |c| organizations::table
        .filter(organizations::slug.eq(slug))
        .select((organizations::id, organizations::slug, organizations::name))
        .first::<(OrganizationId, String, String)>(c))
    .optional()?;
    Ok(row.map(|(id, slug, name)| Organization { id, slug, name }))
}
