//! What a subscription allows. No I/O.

use crate::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

/// Who decides whether an organization has paid (the setting `BILLING`).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum BillingMode {
    /// Nobody: every organization is entitled.
    None,
    /// The operator, with `grantlink subscription set`.
    Manual,
}

/// The state of a subscription as it is stored.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub enum SubscriptionState {
    /// Never paid.
    Free,
    /// Paid.
    Active,
    /// Paid once, not any more.
    Lapsed,
}

impl SubscriptionState {
    /// The word it is stored under, and that the operator types.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Active => "active",
            Self::Lapsed => "lapsed",
        }
    }

    /// Back from what was stored or typed.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Free, Self::Active, Self::Lapsed].into_iter().find(|state| state.as_str() == text)
    }
}

/// A subscription.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Subscription {
    /// As stored; ask [`Subscription::state_at`] what holds.
    pub state: SubscriptionState,
    /// The first instant at which an active subscription no longer holds.
    pub ends_at: Option<Timestamp>,
}

impl Subscription {
    /// What an organization without a row has.
    pub const FREE: Self = Self { state: SubscriptionState::Free, ends_at: None };

    /// Back from what was stored; `None` when the word for the state is not one this program knows.
    pub fn from_stored(state: &str, ends_at: Option<Timestamp>) -> Option<Self> {
        SubscriptionState::parse(state).map(|state| Self { state, ends_at })
    }

    /// The state at this instant: an active one that ran out has lapsed without anybody writing so.
    pub fn state_at(&self, now: Timestamp) -> SubscriptionState {
        match (self.state, self.ends_at) {
            (SubscriptionState::Active, Some(ends_at)) if now >= ends_at => SubscriptionState::Lapsed,
            (state, _) => state,
        }
    }

    /// Whether connect-links may be made, opened and redeemed at this instant (S25, S27, S31).
    pub fn allows_links(&self, mode: BillingMode, now: Timestamp) -> bool {
        match mode {
            BillingMode::None => true,
            BillingMode::Manual => self.state_at(now) == SubscriptionState::Active,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::from_micros(1_000_000);

    #[test]
    fn s25_s31_links_are_allowed_exactly_while_a_subscription_is_active() {
        let with = |state, ends_at| Subscription { state, ends_at }.allows_links(BillingMode::Manual, NOON);
        assert!(with(SubscriptionState::Active, None));
        assert!(with(SubscriptionState::Active, Some(Timestamp::from_micros(1_000_001))));
        assert!(!with(SubscriptionState::Active, Some(NOON)));
        assert!(!with(SubscriptionState::Lapsed, None));
        assert!(!with(SubscriptionState::Free, None));
        assert!(Subscription::FREE.allows_links(BillingMode::None, NOON));
    }
}
