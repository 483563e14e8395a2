//! What clients see of an organization, in the database, and the end of its row.

use super::model::Brand;
use crate::{
    db::{
        Conn, run,
        schema::{accounts, links, memberships, organizations},
    },
    failure::Failure,
    ids::OrganizationId,
    timestamp::Timestamp,
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// The settings of an organization as they are stored.
#[derive(Clone, Debug, Eq, PartialEq, Queryable)]
pub struct StoredSettings {
    /// What people call it.
    pub name: String,
    /// The name of its logo in the logo's address.
    pub logo_key: Option<String>,
    /// The logo's width in pixels.
    pub logo_width: Option<i32>,
    /// When the logo was set or removed last.
    pub logo_set_at: Option<Timestamp>,
    /// Its accent colour.
    pub accent: Option<String>,
    /// Where its clients turn.
    pub support: Option<String>,
}

impl StoredSettings {
    /// What clients see of it.
    pub fn brand(&self) -> Brand {
        Brand::from_stored((self.logo_key.clone(), self.logo_width, self.accent.clone(), self.support.clone()))
    }
}

/// The settings of an organization.
pub async fn find(conn: &mut Conn, organization: OrganizationId) -> Result<Option<StoredSettings>, Failure> {
    Ok(run!(conn, |c| organizations::table
        .filter(organizations::id.eq(organization))
        .select((
            organizations::name,
            organizations::logo_key,
            organizations::logo_width,
            organizations::logo_set_at,
            organizations::accent,
            organizations::support,
        ))
        .first(c))
    .optional()?)
}

/// Replaces the settings of an organization; `false` when it is gone.
pub async fn update(conn: &mut Conn, organization: OrganizationId, settings: &StoredSettings) -> Result<bool, Failure> {
    let rows = run!(conn, |c| diesel::update(organizations::table.filter(organizations::id.eq(organization)))
        .set((
            organizations::name.eq(&settings.name),
            organizations::logo_key.eq(&settings.logo_key),
            organizations::logo_width.eq(settings.logo_width),
            organizations::logo_set_at.eq(settings.logo_set_at),
            organizations::accent.eq(&settings.accent),
            organizations::support.eq(&settings.support),
        ))
        .execute(c))?;
    Ok(rows == 1)
}

/// Whose logo this is, and when it was set.
pub async fn find_logo(conn: &mut Conn, key: &str) -> Result<Option<(OrganizationId, Timestamp)>, Failure> {
    Ok(run!(conn, |c| organizations::table
        .filter(organizations::logo_key.eq(Some(key)))
        .filter(organizations::logo_set_at.is_not_null())
        .select((organizations::id, organizations::logo_set_at.assume_not_null()))
        .first(c))
    .optional()?)
}

/// The accounts on the list of an organization, the URLs it gave to clients that still work, and its members.
pub async fn count(conn: &mut Conn, organization: OrganizationId) -> Result<(i64, i64, i64), Failure> {
    let accounts = run!(conn, |c| accounts::table
        .filter(accounts::organization_id.eq(organization))
        .filter(accounts::disconnected_at.is_null())
        .count()
        .get_result(c))?;
    let links = run!(conn, |c| links::table
        .filter(links::organization_id.eq(organization))
        .filter(links::revoked_at.is_null())
        .filter(links::fulfilled_at.is_null())
        .filter(links::purpose.ne("login"))
        .count()
        .get_result(c))?;
    let members =
        run!(conn, |c| memberships::table.filter(memberships::organization_id.eq(organization)).count().get_result(c))?;
    Ok((accounts, links, members))
}

/// Deletes an organization with everything that still hangs on it: people's memberships and sessions in it,
/// invitations, the subscription, what happened. The one way by which entries of the audit trail ever go.
pub async fn delete(conn: &mut Conn, organization: OrganizationId) -> Result<(), Failure> {
    run!(conn, |c| diesel::delete(organizations::table.filter(organizations::id.eq(organization))).execute(c))?;
    Ok(())
}
