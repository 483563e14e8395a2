//! What Stripe's subscriptions of one customer mean here: a pure function, given what was fetched. Whether the result
//! lets clients connect is for `billing::model` to say.

use super::{Fetched, Prices, StripeError};
use crate::{
    billing::model::{GRACE, Plan, Subscription, SubscriptionState},
    timestamp::Timestamp,
};

/// How it stands with a customer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Standing {
    /// What holds.
    pub subscription: Subscription,
    /// Stripe's name for the subscription that decides.
    pub subscription_id: String,
    /// When the next payment is due.
    pub period_end: Option<Timestamp>,
    /// Whether it goes on by itself: who has such a one changes it rather than buying another.
    pub is_alive: bool,
}

/// What the subscriptions of a customer come to. The best one counts: somebody who paid twice has paid. `None` when
/// nobody ever got through a checkout; whatever is stored stays then. `stored` is what was known until now: a grace
/// that began goes on, however often Stripe repeats that the payment failed.
///
/// # Errors
/// When one that is alive is for a price that is no plan's, or in a state this program does not know. Nothing is
/// changed then, because either way of guessing would be somebody's loss.
pub fn standing(
    fetched: &[Fetched],
    prices: &Prices,
    stored: &Subscription,
    now: Timestamp,
) -> Result<Option<Standing>, StripeError> {
    let mut best: Option<(u8, Plan, Standing)> = None;
    for one in fetched {
        let Some(state) = state(&one.status)? else { continue };
        let is_alive = state != SubscriptionState::Canceled;
        let plan = one.prices.iter().filter_map(|price| prices.plan_of(price)).max_by_key(|plan| rank(*plan));
        let plan = match plan {
            None if is_alive => {
                return Err(StripeError::Misconfigured(format!(
                    "the subscription {} is for a price that STRIPE_PRICES does not name",
                    one.id
                )));
            }
            plan => plan,
        };
        let standing = Standing {
            subscription: Subscription {
                state,
                plan,
                ends_at: one.cancel_at.filter(|_| is_alive),
                grace_until: (state == SubscriptionState::PastDue).then(|| grace(stored, now)),
            },
            subscription_id: one.id.clone(),
            period_end: one.period_end,
            is_alive,
        };
        let place = (weight(&standing.subscription, now), plan.unwrap_or(Plan::Free));
        // Stripe lists the newest first: of equals that one stays.
        if best.as_ref().is_none_or(|(weight, plan, _)| (place.0, rank(place.1)) > (*weight, rank(*plan))) {
            best = Some((place.0, place.1, standing));
        }
    }
    Ok(best.map(|(_, _, standing)| standing))
}

/// Our word for Stripe's; `None` for one that never began.
fn state(status: &str) -> Result<Option<SubscriptionState>, StripeError> {
    Ok(Some(match status {
        "incomplete" | "incomplete_expired" => return Ok(None),
        // A trial that ended without a card waits for one.
        "paused" => SubscriptionState::Unpaid,
        "trialing" => SubscriptionState::Trialing,
        "active" => SubscriptionState::Active,
        "past_due" => SubscriptionState::PastDue,
        "unpaid" => SubscriptionState::Unpaid,
        "canceled" => SubscriptionState::Canceled,
        _ => return Err(StripeError::Malformed("a subscription is in a state this version does not know".into())),
    }))
}

/// When the grace ends: as it was first said, or counted from now.
fn grace(stored: &Subscription, now: Timestamp) -> Timestamp {
    let began = stored.grace_until.filter(|_| stored.state == SubscriptionState::PastDue);
    began.unwrap_or_else(|| now.plus(GRACE))
}

fn weight(subscription: &Subscription, now: Timestamp) -> u8 {
    match subscription.state_at(now) {
        SubscriptionState::Active | SubscriptionState::Trialing => 4,
        SubscriptionState::PastDue => 3,
        SubscriptionState::Unpaid => 2,
        SubscriptionState::Lapsed => 1,
        SubscriptionState::Canceled | SubscriptionState::Free => 0,
    }
}

fn rank(plan: Plan) -> usize {
    Plan::ALL.iter().position(|one| *one == plan).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::billing::model::BillingMode;
    use std::time::Duration;

    const NOW: Timestamp = Timestamp::from_micros(1_000_000_000_000);

    fn prices() -> Prices {
        Prices::parse("studio=price_s, studio=price_s_year, agency=price_a").unwrap()
    }

    fn one(status: &str, price: &str) -> Fetched {
        Fetched {
            id: format!("sub_{status}_{price}"),
            status: status.into(),
            prices: vec![price.into()],
            period_end: Some(NOW.plus(Duration::from_secs(1_000))),
            cancel_at: None,
        }
    }

    fn stands(fetched: &[Fetched], stored: &Subscription) -> Option<Standing> {
        standing(fetched, &prices(), stored, NOW).unwrap()
    }

    #[test]
    fn s25_s27_each_word_of_stripe_s_is_ours_and_says_whether_clients_may_connect() {
        for (word, expected, may_connect) in [
            ("trialing", SubscriptionState::Trialing, true),
            ("active", SubscriptionState::Active, true),
            ("past_due", SubscriptionState::PastDue, true),
            ("unpaid", SubscriptionState::Unpaid, false),
            ("paused", SubscriptionState::Unpaid, false),
            ("canceled", SubscriptionState::Canceled, false),
        ] {
            let found = stands(&[one(word, "price_s")], &Subscription::FREE).unwrap().subscription;
            assert_eq!((found.state, found.plan), (expected, Some(Plan::Studio)), "{word}");
            assert_eq!(found.may_connect(BillingMode::Stripe, NOW), may_connect, "{word}");
        }
        for word in ["incomplete", "incomplete_expired"] {
            assert_eq!(stands(&[one(word, "price_s")], &Subscription::FREE), None, "{word}");
        }
        assert_eq!(stands(&[], &Subscription::FREE), None);
        assert!(standing(&[one("dormant", "price_s")], &prices(), &Subscription::FREE, NOW).is_err());
    }

    #[test]
    fn s27_a_grace_begins_once_and_ends_however_often_stripe_repeats_itself() {
        let first = stands(&[one("past_due", "price_s")], &Subscription::of(SubscriptionState::Active, None)).unwrap();
        assert_eq!(first.subscription.grace_until, Some(NOW.plus(GRACE)));
        let later = NOW.plus(Duration::from_secs(86_400));
        let again = standing(&[one("past_due", "price_s")], &prices(), &first.subscription, later).unwrap().unwrap();
        assert_eq!(again.subscription, first.subscription);
        assert!(!again.subscription.may_connect(BillingMode::Stripe, NOW.plus(GRACE)));
        // Paid in between, and failed anew: another grace.
        let paid = standing(&[one("active", "price_s")], &prices(), &first.subscription, later).unwrap().unwrap();
        assert_eq!(paid.subscription.grace_until, None);
        let anew = standing(&[one("past_due", "price_s")], &prices(), &paid.subscription, later).unwrap().unwrap();
        assert_eq!(anew.subscription.grace_until, Some(later.plus(GRACE)));
    }

    #[test]
    fn a54_one_that_was_cancelled_for_a_day_ends_on_it_without_another_word() {
        let end = NOW.plus(Duration::from_secs(500));
        let cancelled = Fetched { cancel_at: Some(end), ..one("active", "price_s") };
        let found = stands(&[cancelled], &Subscription::FREE).unwrap().subscription;
        assert!(found.may_connect(BillingMode::Stripe, NOW) && !found.may_connect(BillingMode::Stripe, end));
    }

    #[test]
    fn who_paid_has_paid_whatever_else_there_is() {
        for others in [["canceled", "active"], ["active", "unpaid"], ["past_due", "active"], ["active", "canceled"]] {
            let fetched = others.map(|status| one(status, "price_s"));
            assert_eq!(
                stands(&fetched, &Subscription::FREE).unwrap().subscription_id,
                "sub_active_price_s",
                "{others:?}"
            );
        }
        let both = [one("active", "price_s_year"), one("active", "price_a")];
        assert_eq!(stands(&both, &Subscription::FREE).unwrap().subscription.plan, Some(Plan::Agency));
    }

    #[test]
    fn a_price_that_is_no_plan_s_changes_nothing_unless_it_is_over() {
        let error = standing(&[one("active", "price_x")], &prices(), &Subscription::FREE, NOW).unwrap_err();
        assert!(error.to_string().contains("STRIPE_PRICES"), "{error}");
        let over = stands(&[one("canceled", "price_x")], &Subscription::FREE).unwrap();
        assert_eq!((over.subscription.plan, over.is_alive), (None, false));
    }
}
