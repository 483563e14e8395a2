//! Every organization, for the operator's list.

use crate::{
    db::{
        Conn, run,
        schema::{accounts, memberships, organizations, users},
    },
    failure::Failure,
    ids::OrganizationId,
    organizations::model::Role,
    timestamp::Timestamp,
};
use diesel::{dsl::count_star, prelude::*};
use diesel_async::RunQueryDsl;
use std::collections::HashMap;

/// An organization as the operator's list shows it.
#[derive(Debug)]
pub struct ListedOrganization {
    /// What the operator calls it.
    pub slug: String,
    /// What people call it.
    pub name: String,
    /// The address of the owner who speaks for it: of several the first.
    pub owner: Option<String>,
    /// Its members.
    pub members: i64,
    /// The accounts on its list, pending ones included.
    pub accounts: i64,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Every organization, by slug.
pub async fn list(conn: &mut Conn) -> Result<Vec<ListedOrganization>, Failure> {
    let rows = run!(conn, |c| organizations::table
        .order(organizations::slug)
        .select((organizations::id, organizations::slug, organizations::name, organizations::created_at))
        .load::<(OrganizationId, String, String, Timestamp)>(c))?;
    let owners = run!(conn, |c| memberships::table
        .inner_join(users::table.on(users::id.eq(memberships::user_id)))
        .filter(memberships::role.eq(Role::Owner.as_str()))
        // The first of each comes last, and stays.
        .order((memberships::created_at.desc(), memberships::user_id.desc()))
        .select((memberships::organization_id, users::email))
        .load::<(OrganizationId, String)>(c))?;
    let members = run!(conn, |c| memberships::table
        .group_by(memberships::organization_id)
        .select((memberships::organization_id, count_star()))
        .load::<(OrganizationId, i64)>(c))?;
    let accounts = run!(conn, |c| accounts::table
        .filter(accounts::disconnected_at.is_null())
        .group_by(accounts::organization_id)
        .select((accounts::organization_id, count_star()))
        .load::<(OrganizationId, i64)>(c))?;
    let mut owners: HashMap<_, _> = owners.into_iter().collect();
    let members: HashMap<_, _> = members.into_iter().collect();
    let accounts: HashMap<_, _> = accounts.into_iter().collect();
    let listed = rows.into_iter().map(|(id, slug, name, created_at)| ListedOrganization {
        slug,
        name,
        owner: owners.remove(&id),
        members: members.get(&id).copied().unwrap_or(0),
        accounts: accounts.get(&id).copied().unwrap_or(0),
        created_at,
    });
    Ok(listed.collect())
}
