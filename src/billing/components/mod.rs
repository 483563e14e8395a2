//! What people see of billing.

mod plan_list;
mod plan_standing;
mod upgrade_prompt;

pub use plan_list::PlanList;
pub use plan_standing::PlanStanding;
pub use upgrade_prompt::UpgradePrompt;
