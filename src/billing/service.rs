//! May this organization use connect-links now? The one place that answers it.

use super::{
    model::{Subscription, SubscriptionState},
    queries,
};
use crate::{
    audit,
    db::Conn,
    error::AppError,
    failure::Failure,
    ids::{EventId, OrganizationId},
    organizations,
    timestamp::Timestamp,
    work::{MemberWork, Tools},
};

/// Whether the member's organization may use connect-links now (S25, S26).
///
/// # Errors
/// When the database does not answer.
pub async fn links_included(work: &MemberWork) -> Result<bool, Failure> {
    let subscription = queries::find(&mut work.db.read().await?, work.actor.organization_id).await?;
    Ok(subscription.allows_links(work.billing, work.now()))
}

/// The same inside a transaction, and true until its end (S29).
///
/// # Errors
/// When the database does not answer.
pub async fn links_included_until_commit(
    tools: &Tools,
    conn: &mut Conn,
    organization: OrganizationId,
) -> Result<bool, Failure> {
    let subscription = queries::find_locked(conn, organization).await?;
    Ok(subscription.allows_links(tools.billing, tools.now()))
}

/// The operator's lever: sets the subscription of the organization with this slug.
///
/// # Errors
/// [`AppError::NotFound`] when there is no such organization.
pub async fn set(
    tools: &Tools,
    slug: &str,
    state: SubscriptionState,
    ends_at: Option<Timestamp>,
) -> Result<(), Failure> {
    let now = tools.now();
    let mut tx = tools.db.begin().await?;
    let Some(organization) = organizations::queries::find_by_slug(&mut tx, slug).await? else {
        tx.rollback().await?;
        return Err(AppError::NotFound.into());
    };
    queries::set(&mut tx, organization.id, Subscription { state, ends_at }, now).await?;
    let event = audit::Event {
        id: EventId::generate(now, &tools.randomness),
        organization_id: organization.id,
        at: now,
        actor: audit::Actor::Operator,
        action: audit::Action::SubscriptionSet,
        subject: organization.id.to_string(),
        detail: state.as_str(),
        from: None,
    };
    audit::record(&mut tx, event).await?;
    tx.commit().await
}

/// One line an organization: slug, name and the state that holds now.
///
/// # Errors
/// When the database does not answer.
pub async fn list(tools: &Tools) -> Result<Vec<(String, String, SubscriptionState)>, Failure> {
    let now = tools.now();
    let rows = queries::list(&mut tools.db.read().await?).await?;
    Ok(rows.into_iter().map(|(slug, name, subscription)| (slug, name, subscription.state_at(now))).collect())
}
