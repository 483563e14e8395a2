//! Being paid by Stripe, or by its stand-in: sending an owner to pay, hearing that something changed, and asking how it
//! stands. What a webhook says is never believed: it is only a reason to ask. So it does not matter whether webhooks
//! come twice, late, or in another order. No transaction is open while Stripe is asked.

use crate::{
    billing::{
        model::Plan,
        queries::{self, customers},
        stripe::{
            Checkout, Event, Stripe, StripeError,
            signature::{self, Refused},
            standing::standing,
        },
    },
    error::AppError,
    failure::Failure,
    paths,
    timestamp::Timestamp,
    work::{MemberWork, Tools},
};
use std::time::Duration;
use url::Url;

/// Without a word of Stripe's it is asked this often how it stands with a customer.
const LOOK_EVERY: Duration = Duration::from_secs(86_400);
/// Stripe takes a payment about an hour after a period ended.
const AFTER_PERIOD: Duration = Duration::from_secs(2 * 3_600);
/// Before a customer about whom asking failed is asked about again, where nobody waits for it.
const AFTER_FAILURE: Duration = Duration::from_secs(6 * 3_600);
/// Customers that one round of housekeeping asks about.
const AT_ONCE: i64 = 100;
/// How often asking begins anew because somebody else began after it.
const ROUNDS: u32 = 5;
/// Stripe sends a webhook again for three days at most.
const REMEMBERED: Duration = Duration::from_secs(30 * 86_400);

/// What becomes of a webhook.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Heard {
    /// It is not from Stripe, or not for us to read.
    Refused,
    /// It was acted on, now or before, or there is nothing to do about it.
    Done,
}

/// Where an owner pays for a plan. Who has a subscription already is led to where it is changed: a second one would be
/// paid for beside it. `None` where nobody pays online.
///
/// # Errors
/// [`AppError::Unreadable`] for a plan that is not sold; when Stripe or the database does not answer.
pub async fn checkout(work: &MemberWork, plan: &str) -> Result<Option<Url>, Failure> {
    let Some(stripe) = &work.stripe else { return Ok(None) };
    work.limits.payment_page(work.actor.organization_id)?;
    let price = Plan::parse(plan).and_then(|plan| stripe.prices().price_of(plan)).ok_or(AppError::Unreadable)?;
    let known = customers::find(&mut work.db.read().await?, work.actor.organization_id).await?;
    let customer = match known {
        Some(customer) => customer,
        None => make_customer(work, stripe, None).await?,
    };
    match open_checkout(work, stripe, &customer, price).await {
        // Not so for a price that is missing: that is the operator's mistake, and the customer stays who it is.
        Err(Trouble::Stripe(StripeError::Missing(what))) if what == "customer" => {
            // Somebody deleted the customer at Stripe, and its subscriptions with it.
            let customer = make_customer(work, stripe, Some(&customer)).await?;
            Ok(Some(open_checkout(work, stripe, &customer, price).await?))
        }
        opened => Ok(Some(opened?)),
    }
}

/// Where an owner sees bills, changes card and plan, and cancels; `None` where there is nothing of that yet.
///
/// # Errors
/// When Stripe or the database does not answer.
pub async fn portal(work: &MemberWork) -> Result<Option<Url>, Failure> {
    let Some(stripe) = &work.stripe else { return Ok(None) };
    work.limits.payment_page(work.actor.organization_id)?;
    let Some(customer) = customers::find(&mut work.db.read().await?, work.actor.organization_id).await? else {
        return Ok(None);
    };
    match stripe.portal(&customer, &work.absolute(paths::BILLING_RETURN)).await {
        Ok(url) => Ok(Some(url)),
        Err(StripeError::Missing(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// An owner is back from one of Stripe's pages, maybe before its webhook: asks how it stands.
///
/// # Errors
/// When Stripe or the database does not answer.
pub async fn returned(work: &MemberWork) -> Result<(), Failure> {
    let Some(stripe) = &work.stripe else { return Ok(()) };
    work.limits.payment_page(work.actor.organization_id)?;
    let known = customers::find(&mut work.db.read().await?, work.actor.organization_id).await?;
    match known {
        Some(customer) => look(work, stripe, &customer).await,
        None => Ok(()),
    }
}

/// A webhook came: `header` is its signature, `body` what was signed, to the byte.
///
/// # Errors
/// When Stripe or the database does not answer: it has to come again.
pub async fn hear(tools: &Tools, header: &str, body: &[u8]) -> Result<Heard, Failure> {
    let Some(stripe) = &tools.stripe else { return Ok(Heard::Refused) };
    if let Err(why) = signature::verify(header, body, stripe.webhook_secret(), tools.now()) {
        refuse(why);
        return Ok(Heard::Refused);
    }
    let Ok(event) = Event::read(body) else {
        tracing::warn!("a webhook with Stripe's signature could not be read");
        return Ok(Heard::Refused);
    };
    let Some(customer) = event.customer else { return Ok(Heard::Done) };
    if customers::is_event_known(&mut tools.db.read().await?, &event.id).await? {
        return Ok(Heard::Done);
    }
    // The same account at Stripe may serve other programs.
    if customers::find_organization(&mut tools.db.read().await?, &customer).await?.is_none() {
        tracing::debug!(kind = event.kind, "a webhook about somebody else's customer");
        return Ok(Heard::Done);
    }
    look(tools, stripe, &customer).await?;
    // Only now: one that failed comes again, and has to be acted on then.
    customers::insert_event(&mut tools.db.write().await?, &event.id, tools.now()).await?;
    tracing::info!(kind = event.kind, "a webhook of Stripe's was acted on");
    Ok(Heard::Done)
}

/// Asks about those of whom nothing was heard for long, ends what is paid for deleted organizations, and forgets old
/// webhooks.
///
/// # Errors
/// When the database does not answer.
pub async fn keep_up(tools: &Tools) -> Result<(), Failure> {
    let Some(stripe) = &tools.stripe else { return Ok(()) };
    let now = tools.now();
    customers::delete_old_events(&mut tools.db.write().await?, now.minus(REMEMBERED)).await?;
    let due = customers::due(&mut tools.db.read().await?, now, AT_ONCE).await?;
    for customer in due {
        if let Err(failure) = look(tools, stripe, &customer).await {
            failure.log("Stripe could not be asked how a subscription stands");
            customers::postpone(&mut tools.db.write().await?, &customer, now.plus(AFTER_FAILURE)).await?;
        }
    }
    Ok(())
}

/// Asks Stripe how it stands with a customer, and makes that true here. Two who ask at the same time may write in the
/// order in which they did not ask. So each takes a number first, and whoever finds before writing that somebody else
/// began later asks again: what stands in the end was asked for after the last change.
async fn look(tools: &Tools, stripe: &Stripe, customer: &str) -> Result<(), Failure> {
    for _ in 0..ROUNDS {
        let number = customers::begin_look(&mut tools.db.write().await?, customer).await?;
        let Some(number) = number else { return Ok(()) };
        let organization = customers::find_organization(&mut tools.db.read().await?, customer).await?;
        let Some(organization) = organization else { return Ok(()) };
        let Some(organization) = organization else { return end_all(tools, stripe, customer).await };
        let fetched = stripe.subscriptions(customer).await?;
        let stored = queries::find(&mut tools.db.read().await?, organization).await?;
        let now = tools.now();
        let stands = standing(&fetched, stripe.prices(), &stored, now)?;
        let period_end = stands.as_ref().and_then(|stands| stands.period_end);
        let subscription_id = stands.as_ref().map(|stands| stands.subscription_id.as_str());
        let mut tx = tools.db.begin().await?;
        let written = async {
            let again = again_at(period_end, now);
            let newest = customers::end_look(&mut tx, customer, subscription_id, again).await?;
            // What happened is recorded last: that lock is everybody's of the organization.
            let changed = match &stands {
                // Somebody began later: what they wrote may be newer than what was heard here.
                _ if newest != Some(number) => false,
                Some(stands) => super::apply_in(tools, &mut tx, organization, stands.subscription).await?,
                None => false,
            };
            Ok::<_, Failure>((newest, changed))
        }
        .await;
        let (newest, changed) = tx.settle(written).await?;
        if changed {
            super::tell(tools, organization);
        }
        if newest.is_none_or(|newest| newest == number) {
            return Ok(());
        }
    }
    Err(Failure::Busy("too much changes at once about one customer of Stripe's".into()))
}

/// Nobody goes on paying for an organization that was deleted, or begins to in a window that was left open.
async fn end_all(tools: &Tools, stripe: &Stripe, customer: &str) -> Result<(), Failure> {
    stripe.delete_customer(customer).await?;
    tracing::info!("the customer of a deleted organization was deleted at Stripe");
    customers::delete(&mut tools.db.write().await?, customer).await
}

/// When to ask next: soon after the next payment is due, or tomorrow.
fn again_at(period_end: Option<Timestamp>, now: Timestamp) -> Timestamp {
    let tomorrow = now.plus(LOOK_EVERY);
    period_end.map(|end| end.plus(AFTER_PERIOD)).filter(|at| *at > now && *at < tomorrow).unwrap_or(tomorrow)
}

/// Why a checkout was not opened.
enum Trouble {
    Stripe(StripeError),
    Ours(Failure),
}

impl From<StripeError> for Trouble {
    fn from(error: StripeError) -> Self {
        Self::Stripe(error)
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Stripe(error) => error.into(),
            Trouble::Ours(failure) => failure,
        }
    }
}

async fn open_checkout(work: &MemberWork, stripe: &Stripe, customer: &str, price: &str) -> Result<Url, Trouble> {
    let organization = work.actor.organization_id;
    let fetched = stripe.subscriptions(customer).await?;
    let stored = async { queries::find(&mut work.db.read().await?, organization).await };
    let stored = stored.await.map_err(Trouble::Ours)?;
    let return_url = work.absolute(paths::BILLING_RETURN);
    if standing(&fetched, stripe.prices(), &stored, work.now())?.is_some_and(|standing| standing.is_alive) {
        return Ok(stripe.portal(customer, &return_url).await?);
    }
    let checkout = Checkout {
        customer,
        price,
        organization: &organization.to_string(),
        success_url: &return_url,
        cancel_url: &work.absolute(paths::PLAN),
    };
    Ok(stripe.checkout(checkout).await?)
}

/// Makes an organization known to Stripe, in place of a customer that is not there any more, if there was one.
async fn make_customer(work: &MemberWork, stripe: &Stripe, instead_of: Option<&str>) -> Result<String, Failure> {
    let organization = work.actor.organization_id;
    // Two who press at the same time make one customer. Stripe wants the same words under the same key.
    let key = format!("customer-{organization}-{}-{}", work.actor.user_id, instead_of.unwrap_or("first"));
    let (name, email) = (&work.actor.organization, &work.actor.email);
    let customer = stripe.create_customer(name, email, &organization.to_string(), &key).await?;
    let mut tx = work.db.begin().await?;
    let written = async {
        if let Some(old) = instead_of {
            customers::delete(&mut tx, old).await?;
        }
        customers::insert(&mut tx, &customer, organization, work.now()).await?;
        customers::find(&mut tx, organization).await
    }
    .await;
    let found = tx.settle(written).await?;
    Ok(found.unwrap_or(customer))
}

fn refuse(why: Refused) {
    tracing::warn!(%why, "a webhook was refused");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stripe_is_asked_soon_after_a_payment_is_due_and_once_a_day_in_between() {
        let now = Timestamp::from_micros(1_000_000_000_000);
        let hours = |hours: u64| Duration::from_secs(hours * 3_600);
        assert_eq!(again_at(None, now), now.plus(LOOK_EVERY));
        assert_eq!(again_at(Some(now.plus(hours(3))), now), now.plus(hours(5)));
        assert_eq!(again_at(Some(now.plus(hours(200))), now), now.plus(LOOK_EVERY));
        assert_eq!(again_at(Some(now.minus(hours(200))), now), now.plus(LOOK_EVERY));
    }
}
