//! Subscriptions: which states there are, and what each of them means at an instant. The table of the plans stands in
//! `plan`, for an error names one. The services of links, members and accounts ask `billing::service`; nobody compares
//! states elsewhere. No I/O.

pub use crate::plan::{LimitKind, Limits, Plan};

use crate::timestamp::{Moment, Timestamp};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long a subscription goes on after a payment failed: Stripe tries again meanwhile.
pub const GRACE: Duration = Duration::from_secs(7 * 86_400);

/// Who decides whether an organization has paid (the setting `BILLING`).
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub enum BillingMode {
    /// Nobody: every organization is entitled, and nothing is limited.
    None,
    /// The operator, with `grantlink subscription set`.
    Manual,
    /// Stripe.
    Stripe,
    /// The stand-in for Stripe.
    Sandbox,
}

impl BillingMode {
    /// Whether an owner pays by themselves, by Stripe or its stand-in.
    pub const fn is_online(self) -> bool {
        matches!(self, Self::Stripe | Self::Sandbox)
    }
}

/// The state of a subscription as it is stored. The words but `free` and `lapsed` are Stripe's.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub enum SubscriptionState {
    /// Never paid.
    Free,
    /// Tried out; paid for later.
    Trialing,
    /// Paid.
    Active,
    /// A payment failed, and is tried again.
    PastDue,
    /// Payments failed, and are tried no more.
    Unpaid,
    /// Ended for good.
    Canceled,
    /// Paid once, not any more.
    Lapsed,
}

impl SubscriptionState {
    const ALL: [Self; 7] =
        [Self::Free, Self::Trialing, Self::Active, Self::PastDue, Self::Unpaid, Self::Canceled, Self::Lapsed];

    /// The word it is stored under, and that the operator types.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Trialing => "trialing",
            Self::Active => "active",
            Self::PastDue => "past_due",
            Self::Unpaid => "unpaid",
            Self::Canceled => "canceled",
            Self::Lapsed => "lapsed",
        }
    }

    /// Back from what was stored, or what Stripe says.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Back from what the operator typed: the rest is Stripe's to say.
    pub fn parse_typed(text: &str) -> Option<Self> {
        Self::parse(text).filter(|state| matches!(state, Self::Free | Self::Active | Self::Lapsed))
    }
}

/// The columns of a subscription: the word for its state, the one for its plan, its end, and that of the grace.
pub type Stored = (String, Option<String>, Option<Timestamp>, Option<Timestamp>);

/// A subscription.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Subscription {
    /// As stored; ask [`Subscription::state_at`] what holds.
    pub state: SubscriptionState,
    /// What is paid for. Without a plan, one that holds includes everything.
    pub plan: Option<Plan>,
    /// The first instant at which it no longer holds, whatever else.
    pub ends_at: Option<Timestamp>,
    /// After a failed payment: the first instant at which it no longer holds. [`GRACE`] after the failure.
    pub grace_until: Option<Timestamp>,
}

impl Subscription {
    /// What an organization without a row has.
    pub const FREE: Self = Self::of(SubscriptionState::Free, None);

    /// One of no plan in particular, as the operator sets it.
    pub const fn of(state: SubscriptionState, ends_at: Option<Timestamp>) -> Self {
        Self { state, plan: None, ends_at, grace_until: None }
    }

    /// Back from what was stored: the words for state and plan, the end and that of the grace. `None` when a word is
    /// not one this program knows.
    pub fn from_stored((state, plan, ends_at, grace_until): Stored) -> Option<Self> {
        let state = SubscriptionState::parse(&state)?;
        let plan = plan.map(|plan| Plan::parse(&plan).ok_or(())).transpose().ok()?;
        Some(Self { state, plan, ends_at, grace_until })
    }

    /// The state at this instant: one that ran out, or whose grace is over, has lapsed without anybody writing so.
    pub fn state_at(&self, now: Timestamp) -> SubscriptionState {
        let has_ended = |at: Option<Timestamp>| at.is_some_and(|at| now >= at);
        match self.state {
            SubscriptionState::Trialing | SubscriptionState::Active if has_ended(self.ends_at) => {
                SubscriptionState::Lapsed
            }
            // Without an instant nobody said how long: it is over.
            SubscriptionState::PastDue
                if has_ended(self.ends_at) || self.grace_until.is_none() || has_ended(self.grace_until) =>
            {
                SubscriptionState::Lapsed
            }
            state => state,
        }
    }

    /// The plan that holds at this instant.
    pub fn plan_at(&self, now: Timestamp) -> Plan {
        match self.state_at(now) {
            SubscriptionState::Trialing | SubscriptionState::Active | SubscriptionState::PastDue => {
                self.plan.unwrap_or(Plan::Agency)
            }
            SubscriptionState::Free
            | SubscriptionState::Unpaid
            | SubscriptionState::Canceled
            | SubscriptionState::Lapsed => Plan::Free,
        }
    }

    /// What is allowed at this instant.
    pub fn limits(&self, mode: BillingMode, now: Timestamp) -> Limits {
        match mode {
            BillingMode::None => Limits::NONE,
            BillingMode::Manual | BillingMode::Stripe | BillingMode::Sandbox => self.plan_at(now).limits(),
        }
    }

    /// Whether connect-links may be made, opened and redeemed at this instant (S25, S27, S31): what every state means.
    pub fn may_connect(&self, mode: BillingMode, now: Timestamp) -> bool {
        self.limits(mode, now).connect_links
    }

    /// The same, under the name that links know it by.
    pub fn allows_links(&self, mode: BillingMode, now: Timestamp) -> bool {
        self.may_connect(mode, now)
    }
}

/// What the page of the plan shows.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct PlanView {
    /// Name of the organization.
    pub organization: String,
    /// Who decides whether the organization has paid.
    pub mode: BillingMode,
    /// The state that holds now.
    pub state: SubscriptionState,
    /// The plan that holds now. Nothing at all is limited under [`BillingMode::None`].
    pub plan: Plan,
    /// When a subscription that holds comes to its end, its grace included; `None` for no end in sight.
    pub ends_at: Option<Moment>,
    /// How many people there are, with those who are invited.
    pub people: u32,
    /// How many accounts there are, with pending ones.
    pub accounts: u32,
    /// Whether the member is an owner who can pay here.
    pub may_pay: bool,
    /// What they can pay for.
    pub sold: Vec<Plan>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::from_micros(1_000_000);
    const LATER: Timestamp = Timestamp::from_micros(1_000_001);
    const PAID_MODES: [BillingMode; 3] = [BillingMode::Manual, BillingMode::Stripe, BillingMode::Sandbox];

    #[test]
    fn s25_s31_links_are_allowed_exactly_while_a_subscription_is_active() {
        let with = |state, ends_at| Subscription::of(state, ends_at).allows_links(BillingMode::Manual, NOON);
        assert!(with(SubscriptionState::Active, None));
        assert!(with(SubscriptionState::Active, Some(LATER)));
        assert!(!with(SubscriptionState::Active, Some(NOON)));
        assert!(!with(SubscriptionState::Lapsed, None));
        assert!(!with(SubscriptionState::Free, None));
        assert!(Subscription::FREE.allows_links(BillingMode::None, NOON));
    }

    #[test]
    fn s27_a54_each_state_of_stripe_says_whether_clients_may_connect() {
        use SubscriptionState::{Active, Canceled, Free, Lapsed, PastDue, Trialing, Unpaid};
        for (state, ends_at, grace_until, expected) in [
            (Free, None, None, false),
            (Trialing, None, None, true),
            (Trialing, Some(LATER), None, true),
            (Trialing, Some(NOON), None, false),
            (Active, None, None, true),
            (Active, Some(LATER), None, true),
            (Active, Some(NOON), None, false),
            // A grace of before says nothing about one that is paid.
            (Active, None, Some(NOON), true),
            (PastDue, None, Some(LATER), true),
            (PastDue, None, Some(NOON), false),
            (PastDue, None, None, false),
            (PastDue, Some(NOON), Some(LATER), false),
            (Unpaid, None, Some(LATER), false),
            (Canceled, Some(LATER), None, false),
            (Lapsed, Some(LATER), Some(LATER), false),
        ] {
            for plan in [None, Some(Plan::Studio), Some(Plan::Agency)] {
                let subscription = Subscription { state, plan, ends_at, grace_until };
                for mode in PAID_MODES {
                    assert_eq!(subscription.may_connect(mode, NOON), expected, "{subscription:?} {mode:?}");
                }
                assert!(subscription.may_connect(BillingMode::None, NOON));
            }
        }
    }

    #[test]
    fn s25_a_subscription_without_a_plan_includes_everything_and_one_that_ended_what_is_free() {
        let limits = |state, plan| {
            let subscription = Subscription { plan, ..Subscription::of(state, None) };
            subscription.limits(BillingMode::Manual, NOON)
        };
        assert_eq!(limits(SubscriptionState::Active, None), Plan::Agency.limits());
        assert_eq!(limits(SubscriptionState::Active, Some(Plan::Studio)), Plan::Studio.limits());
        assert_eq!(limits(SubscriptionState::Canceled, Some(Plan::Agency)), Plan::Free.limits());
        assert_eq!(Subscription::FREE.limits(BillingMode::None, NOON), Limits::NONE);
    }

    #[test]
    fn every_state_is_read_back_as_it_was_stored_and_the_operator_types_three() {
        for state in SubscriptionState::ALL {
            assert_eq!(SubscriptionState::parse(state.as_str()), Some(state));
        }
        let typed = SubscriptionState::ALL.into_iter().filter(|state| {
            let typed = SubscriptionState::parse_typed(state.as_str());
            typed == Some(*state)
        });
        let expected = [SubscriptionState::Free, SubscriptionState::Active, SubscriptionState::Lapsed];
        assert_eq!(typed.collect::<Vec<_>>(), expected);
        assert_eq!(SubscriptionState::parse("paid"), None);
        let stored = |state: &str, plan: Option<&str>| {
            Subscription::from_stored((state.to_owned(), plan.map(str::to_owned), Some(NOON), None))
        };
        let active = Subscription::of(SubscriptionState::Active, Some(NOON));
        assert_eq!(stored("active", None), Some(active));
        assert_eq!(stored("active", Some("studio")), Some(Subscription { plan: Some(Plan::Studio), ..active }));
        assert_eq!((stored("paid", None), stored("active", Some("gold"))), (None, None));
    }
}
