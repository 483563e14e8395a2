//! What people see of billing.

mod upgrade_prompt;

pub use upgrade_prompt::UpgradePrompt;
