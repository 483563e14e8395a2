//! Organizations and memberships in the database.

pub mod operated;

use super::model::{Organization, Role};
use crate::{
    db::{
        Conn, run,
        schema::{accounts, memberships, organizations, users},
    },
    failure::Failure,
    ids::{AccountId, OrganizationId, UserId},
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

/// The organization that was here first: ids sort by time.
pub async fn find_first(conn: &mut Conn) -> Result<Option<OrganizationId>, Failure> {
    Ok(run!(conn, |c| organizations::table.order(organizations::id).select(organizations::id).first(c)).optional()?)
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

/// Address of the owner who speaks for an organization, and when it was verified: of several the first.
pub async fn find_owner(
    conn: &mut Conn,
    organization: OrganizationId,
) -> Result<Option<(String, Option<Timestamp>)>, Failure> {
    Ok(run!(conn, |c| memberships::table
        .inner_join(users::table.on(users::id.eq(memberships::user_id)))
        .filter(memberships::organization_id.eq(organization))
        .filter(memberships::role.eq(Role::Owner.as_str()))
        .order((memberships::created_at, memberships::user_id))
        .select((users::email, users::email_verified_at))
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

/// The organization of an account, when this person is a member of it and has not stopped its reminders (U29).
pub async fn find_reminded(
    conn: &mut Conn,
    account: AccountId,
    user: UserId,
) -> Result<Option<OrganizationId>, Failure> {
    Ok(run!(conn, |c| memberships::table
        .inner_join(accounts::table.on(accounts::organization_id.eq(memberships::organization_id)))
        .filter(accounts::id.eq(account))
        .filter(memberships::user_id.eq(user))
        .filter(memberships::reminders_stopped_at.is_null())
        .select(memberships::organization_id)
        .first(c))
    .optional()?)
}

/// The members of an account's organization who have not stopped its reminders, in the order in which they joined.
pub async fn list_reminded(conn: &mut Conn, account: AccountId) -> Result<Vec<(UserId, Role)>, Failure> {
    let rows: Vec<(UserId, String)> = run!(conn, |c| memberships::table
        .inner_join(accounts::table.on(accounts::organization_id.eq(memberships::organization_id)))
        .filter(accounts::id.eq(account))
        .filter(memberships::reminders_stopped_at.is_null())
        .order((memberships::created_at, memberships::user_id))
        .select((memberships::user_id, memberships::role))
        .load(c))?;
    let role =
        |word: &str| Role::from_stored(word).ok_or_else(|| Failure::internal("memberships.role holds an unknown word"));
    rows.into_iter().map(|(user, word)| Ok((user, role(&word)?))).collect()
}

/// Name of the organization, and whether this member of it gets reminders; `None` when they are no member (any more).
pub async fn find_reminders(
    conn: &mut Conn,
    organization: OrganizationId,
    user: UserId,
) -> Result<Option<(String, bool)>, Failure> {
    Ok(run!(conn, |c| memberships::table
        .inner_join(organizations::table.on(organizations::id.eq(memberships::organization_id)))
        .filter(memberships::organization_id.eq(organization))
        .filter(memberships::user_id.eq(user))
        .select((organizations::name, memberships::reminders_stopped_at.is_null()))
        .first(c))
    .optional()?)
}

/// Notes when a member stopped the reminders of an organization, or that they come again; `false` when it was so
/// before, or they are no member (any more).
pub async fn set_reminders(
    conn: &mut Conn,
    organization: OrganizationId,
    user: UserId,
    stopped_at: Option<Timestamp>,
) -> Result<bool, Failure> {
    let member =
        memberships::table.filter(memberships::organization_id.eq(organization)).filter(memberships::user_id.eq(user));
    let rows = if stopped_at.is_some() {
        run!(conn, |c| diesel::update(member.filter(memberships::reminders_stopped_at.is_null()))
            .set(memberships::reminders_stopped_at.eq(stopped_at))
            .execute(c))?
    } else {
        run!(conn, |c| diesel::update(member.filter(memberships::reminders_stopped_at.is_not_null()))
            .set(memberships::reminders_stopped_at.eq(stopped_at))
            .execute(c))?
    };
    Ok(rows == 1)
}
