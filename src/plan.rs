//! The plans: the one table of what each of them allows, and what a refusal names. Below everything else, because an
//! error names a plan; features know it as part of `billing::model`. No I/O.

use crate::error::AppError;
use serde::{Deserialize, Serialize};

/// What an organization can subscribe to.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Plan {
    /// Costs nothing: what everybody has who does not pay (any more).
    Free,
    /// For a few people with their clients.
    Studio,
    /// Without limits.
    Agency,
}

/// What a plan allows at most. `None` is as many as one likes.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    /// Whether connect-links may be made, opened and redeemed.
    pub connect_links: bool,
    /// How many people: members, and those who are invited and have not answered.
    pub members: Option<u32>,
    /// How many Instagram accounts: those in the list, pending ones included.
    pub accounts: Option<u32>,
}

impl Limits {
    /// Nothing is limited (`BILLING=none`).
    pub const NONE: Self = Self { connect_links: true, members: None, accounts: None };

    /// How many of these there may be; `None` is as many as one likes.
    const fn most(self, limit: LimitKind) -> Option<u32> {
        match limit {
            LimitKind::ConnectLinks if self.connect_links => None,
            LimitKind::ConnectLinks => Some(0),
            LimitKind::Members => self.members,
            LimitKind::Accounts => self.accounts,
        }
    }

    /// Whether there may be this many.
    pub const fn allow(self, limit: LimitKind, count: u32) -> bool {
        match self.most(limit) {
            Some(most) => count <= most,
            None => true,
        }
    }

    /// Whether there may be this many.
    ///
    /// # Errors
    /// [`AppError::PlanLimit`], which names the plan that lifts the limit.
    pub const fn check(self, limit: LimitKind, count: u32) -> Result<(), AppError> {
        if self.allow(limit, count) {
            return Ok(());
        }
        Err(AppError::PlanLimit { limit, plan: Plan::lifting(limit, count) })
    }
}

/// What a plan can limit.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub enum LimitKind {
    /// Sharing connect-links at all.
    ConnectLinks,
    /// The number of people.
    Members,
    /// The number of accounts.
    Accounts,
}

impl LimitKind {
    /// Each of them, in the order of the documented table.
    pub const ALL: [Self; 3] = [Self::ConnectLinks, Self::Members, Self::Accounts];

    /// What it counts, in words.
    pub const fn title(self) -> &'static str {
        match self {
            Self::ConnectLinks => "Connect-links",
            Self::Members => "Members",
            Self::Accounts => "Instagram accounts",
        }
    }

    /// The heading of the prompt that stands where the limit was met.
    pub const fn heading(self) -> &'static str {
        match self {
            Self::ConnectLinks => "Upgrade to share connect-links",
            Self::Members => "Upgrade to invite more members",
            Self::Accounts => "Upgrade to add more accounts",
        }
    }

    /// What the limit is about, one sentence.
    pub const fn words(self) -> &'static str {
        match self {
            Self::ConnectLinks => "Connect-links are part of the paid plans.",
            Self::Members => "Your plan includes no more members. People who are invited count, too.",
            Self::Accounts => "Your plan includes no more Instagram accounts. Pending ones count, too.",
        }
    }
}

impl Plan {
    /// Every plan, the smallest first.
    pub const ALL: [Self; 3] = [Self::Free, Self::Studio, Self::Agency];

    /// What it allows: the one table of the plans. `docs/plans.md` and the page `/plan` are made from it.
    pub const fn limits(self) -> Limits {
        match self {
            Self::Free => Limits { connect_links: false, members: Some(3), accounts: Some(5) },
            Self::Studio => Limits { connect_links: true, members: Some(10), accounts: Some(50) },
            Self::Agency => Limits { connect_links: true, members: None, accounts: None },
        }
    }

    /// The word it is stored under.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Studio => "studio",
            Self::Agency => "agency",
        }
    }

    /// Back from what was stored or typed.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|plan| plan.as_str() == text)
    }

    /// The word people read.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Free => "Free",
            Self::Studio => "Studio",
            Self::Agency => "Agency",
        }
    }

    /// What it allows of that, as people read it.
    pub fn allowance(self, limit: LimitKind) -> String {
        match (limit, self.limits().most(limit)) {
            (LimitKind::ConnectLinks, Some(_)) => "not included".into(),
            (LimitKind::ConnectLinks, None) => "included".into(),
            (_, Some(most)) => format!("up to {most}"),
            (_, None) => "unlimited".into(),
        }
    }

    /// The smallest plan that allows this many; `None` when none does.
    pub const fn lifting(limit: LimitKind, count: u32) -> Option<Self> {
        let mut index = 0;
        while index < Self::ALL.len() {
            if Self::ALL[index].limits().allow(limit, count) {
                return Some(Self::ALL[index]);
            }
            index += 1;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_larger_plan_allows_all_that_a_smaller_one_does() {
        for pair in Plan::ALL.windows(2) {
            for limit in LimitKind::ALL {
                for count in [1, 3, 4, 5, 6, 10, 11, 50, 51, u32::MAX] {
                    let [small, large] = [pair[0], pair[1]].map(|plan| plan.limits().allow(limit, count));
                    assert!(large || !small, "{pair:?} {limit:?} {count}");
                }
            }
        }
    }

    #[test]
    fn s26_a_refusal_names_the_smallest_plan_that_lifts_the_limit() {
        for (limit, count, expected) in [
            (LimitKind::ConnectLinks, 1, Some(Plan::Studio)),
            (LimitKind::Members, 4, Some(Plan::Studio)),
            (LimitKind::Members, 11, Some(Plan::Agency)),
            (LimitKind::Accounts, 6, Some(Plan::Studio)),
            (LimitKind::Accounts, 51, Some(Plan::Agency)),
        ] {
            assert_eq!(Plan::lifting(limit, count), expected, "{limit:?} {count}");
            let refusal = Plan::Free.limits().check(limit, count).unwrap_err();
            assert_eq!(refusal, AppError::PlanLimit { limit, plan: expected });
            assert!(refusal.message().contains(expected.unwrap().title()), "{refusal}");
        }
        assert_eq!(Plan::Free.limits().check(LimitKind::Members, 3), Ok(()));
    }

    #[test]
    fn every_plan_is_read_back_as_it_was_stored() {
        for plan in Plan::ALL {
            assert_eq!(Plan::parse(plan.as_str()), Some(plan));
        }
        assert_eq!(Plan::parse("gold"), None);
    }

    /// `docs/plans.md` is what this makes of the table.
    #[test]
    fn the_documented_table_is_the_one_that_holds() {
        use std::fmt::Write;
        let mut table = String::from("| |");
        for plan in Plan::ALL {
            write!(table, " {} |", plan.title()).unwrap();
        }
        table.push_str("\n|---|---|---|---|\n");
        for limit in LimitKind::ALL {
            write!(table, "| {} |", limit.title()).unwrap();
            for plan in Plan::ALL {
                write!(table, " {} |", plan.allowance(limit)).unwrap();
            }
            table.push('\n');
        }
        let documented = include_str!("../docs/plans.md");
        assert!(documented.contains(&table), "docs/plans.md should hold\n{table}");
    }
}
