//! What an organization may do with its subscription: the one place that answers it, and the one that writes what the
//! operator or Stripe says of it. Others ask inside the transaction that writes; nothing is remembered between two
//! requests.

pub mod paying;

use super::{
    model::{BillingMode, GRACE, LimitKind, Limits, Plan, PlanView, Subscription, SubscriptionState},
    queries,
};
use crate::{
    audit,
    db::Conn,
    error::AppError,
    failure::Failure,
    ids::{EventId, OrganizationId},
    live::Change,
    organizations::{self, model::Permission},
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

/// What the organization's plan allows, inside a transaction and true until its end (S29): a lapse waits for it, or was
/// first. Asked for before anything is recorded in the audit trail, whose end nobody may hold while waiting.
///
/// # Errors
/// When the database does not answer.
pub async fn limits_until_commit(
    tools: &Tools,
    conn: &mut Conn,
    organization: OrganizationId,
) -> Result<Limits, Failure> {
    if tools.billing == BillingMode::None {
        return Ok(Limits::NONE);
    }
    let subscription = queries::find_locked(conn, organization).await?;
    Ok(subscription.limits(tools.billing, tools.now()))
}

/// Whether these limits allow what there is now, asked inside the transaction that has just added to it. Who adds the
/// same at that moment has to wait for the caller, so that what is counted is all there is: people are held still by
/// the row of their organization, accounts by the end of the audit trail, in which each that is added is recorded
/// first.
///
/// # Errors
/// [`AppError::PlanLimit`].
pub async fn check(
    conn: &mut Conn,
    organization: OrganizationId,
    limits: Limits,
    limit: LimitKind,
) -> Result<(), Failure> {
    check_with(conn, organization, limits, limit, 0).await
}

/// Whether the plan allows one more, for those who would rather say so before than after. A moment later it may not.
///
/// # Errors
/// [`AppError::PlanLimit`].
pub async fn check_room(work: &MemberWork, limit: LimitKind) -> Result<(), Failure> {
    if work.billing == BillingMode::None {
        return Ok(());
    }
    let organization = work.actor.organization_id;
    let mut conn = work.db.read().await?;
    let limits = queries::find(&mut conn, organization).await?.limits(work.billing, work.now());
    check_with(&mut conn, organization, limits, limit, 1).await
}

async fn check_with(
    conn: &mut Conn,
    organization: OrganizationId,
    limits: Limits,
    limit: LimitKind,
    more: u32,
) -> Result<(), Failure> {
    // What is not limited need not be counted.
    if limits.allow(limit, u32::MAX) {
        return Ok(());
    }
    let count = count(conn, organization, limit).await?.saturating_add(more);
    Ok(limits.check(limit, count)?)
}

/// How many there are of what a plan limits. Of connect-links it is whether there are any at all that matters.
async fn count(conn: &mut Conn, organization: OrganizationId, limit: LimitKind) -> Result<u32, Failure> {
    let count = match limit {
        LimitKind::ConnectLinks => 1,
        LimitKind::Members => {
            let (members, invited) = queries::count_people(conn, organization).await?;
            members + invited
        }
        LimitKind::Accounts => queries::count_accounts(conn, organization).await?,
    };
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// What the page of the plan shows the member.
///
/// # Errors
/// When the database does not answer.
pub async fn view(work: &MemberWork) -> Result<PlanView, Failure> {
    let (now, organization) = (work.now(), work.actor.organization_id);
    let mut conn = work.db.read().await?;
    let subscription = queries::find(&mut conn, organization).await?;
    let (members, invited) = queries::count_people(&mut conn, organization).await?;
    let accounts = queries::count_accounts(&mut conn, organization).await?;
    let state = subscription.state_at(now);
    let ends_at = match state {
        SubscriptionState::PastDue => subscription.ends_at.into_iter().chain(subscription.grace_until).min(),
        SubscriptionState::Active | SubscriptionState::Trialing => subscription.ends_at,
        SubscriptionState::Free
        | SubscriptionState::Unpaid
        | SubscriptionState::Canceled
        | SubscriptionState::Lapsed => None,
    };
    let stripe = work.stripe.as_ref().filter(|_| work.actor.role.may(Permission::OwnOrganization));
    let sold = |plan: &Plan| stripe.is_some_and(|stripe| stripe.prices().price_of(*plan).is_some());
    Ok(PlanView {
        organization: work.actor.organization.clone(),
        mode: work.billing,
        state,
        plan: subscription.plan_at(now),
        ends_at: ends_at.map(|at| at.moment(now)),
        people: u32::try_from(members + invited).unwrap_or(u32::MAX),
        accounts: u32::try_from(accounts).unwrap_or(u32::MAX),
        may_pay: stripe.is_some(),
        sold: Plan::ALL.into_iter().filter(sold).collect(),
    })
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
    let mut tx = tools.db.begin().await?;
    let Some(organization) = organizations::queries::find_by_slug(&mut tx, slug).await? else {
        tx.rollback().await?;
        return Err(AppError::NotFound.into());
    };
    write(tools, &mut tx, organization.id, Subscription::of(state, ends_at), audit::Actor::Operator).await?;
    tx.commit().await
}

/// Writes what Stripe says of an organization's subscription; the same once more changes nothing. A payment that failed
/// starts the grace, and one that fails again while it runs does not prolong it.
///
/// # Errors
/// When the database refuses.
pub async fn apply(tools: &Tools, organization: OrganizationId, subscription: Subscription) -> Result<(), Failure> {
    let mut tx = tools.db.begin().await?;
    let changed = apply_in(tools, &mut tx, organization, subscription).await?;
    tx.commit().await?;
    if changed {
        tell(tools, organization);
    }
    Ok(())
}

/// The same inside the caller's transaction, which tells ([`tell`]) after its commit when something changed.
///
/// # Errors
/// When the database refuses.
pub async fn apply_in(
    tools: &Tools,
    conn: &mut Conn,
    organization: OrganizationId,
    subscription: Subscription,
) -> Result<bool, Failure> {
    let before = queries::find_to_change(conn, organization).await?;
    let subscription = with_grace(subscription, &before, tools.now());
    if subscription == before {
        return Ok(false);
    }
    write(tools, conn, organization, subscription, audit::Actor::Stripe).await?;
    Ok(true)
}

/// A subscription that is past due with the end of its grace: the one it has already, else [`GRACE`] from now.
fn with_grace(subscription: Subscription, before: &Subscription, now: Timestamp) -> Subscription {
    let grace_until = match (subscription.state, before.state) {
        (SubscriptionState::PastDue, SubscriptionState::PastDue) => before.grace_until.or(subscription.grace_until),
        (SubscriptionState::PastDue, _) => subscription.grace_until,
        _ => return Subscription { grace_until: None, ..subscription },
    };
    Subscription { grace_until: Some(grace_until.unwrap_or_else(|| now.plus(GRACE))), ..subscription }
}

async fn write(
    tools: &Tools,
    conn: &mut Conn,
    organization: OrganizationId,
    subscription: Subscription,
    by: audit::Actor,
) -> Result<(), Failure> {
    let now = tools.now();
    queries::set(conn, organization, subscription, now).await?;
    let state = subscription.state.as_str();
    let detail = subscription.plan.map_or_else(|| state.to_owned(), |plan| format!("{state} {}", plan.as_str()));
    let event = audit::Event {
        id: EventId::generate(now, &tools.randomness),
        organization_id: organization,
        at: now,
        actor: by,
        action: audit::Action::SubscriptionSet,
        subject: organization.to_string(),
        detail: &detail,
        from: None,
    };
    audit::record(conn, event).await
}

/// Tells open pages that the organization may do other things now. After the commit.
pub fn tell(tools: &Tools, organization: OrganizationId) {
    for change in [Change::Links, Change::Accounts, Change::Members] {
        tools.live.tell(organization, change);
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grace_begins_with_the_first_failed_payment_and_ends_with_the_next_good_one() {
        let now = Timestamp::from_micros(1_000_000);
        let later = now.plus(GRACE / 2);
        let due = Subscription { plan: Some(Plan::Studio), ..Subscription::of(SubscriptionState::PastDue, None) };
        let active = Subscription { state: SubscriptionState::Active, ..due };
        let first = with_grace(due, &active, now);
        assert_eq!(first.grace_until, Some(now.plus(GRACE)));
        assert_eq!(with_grace(due, &first, later), first, "it is not prolonged");
        assert_eq!(with_grace(Subscription { grace_until: Some(later.plus(GRACE)), ..due }, &first, later), first);
        let paid = with_grace(active, &first, later);
        assert_eq!(paid, active);
        assert_eq!(with_grace(due, &paid, later).grace_until, Some(later.plus(GRACE)), "the next one begins anew");
    }
}
