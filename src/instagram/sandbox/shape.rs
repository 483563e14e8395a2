//! Which of the shapes that have been seen of Instagram its answers take, and where Meta leaves open what happens,
//! which of the two. Chosen by [`Sandbox::set_shape`], or by `POST /sandbox/faults` from a browser test.

use super::Sandbox;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Which of the shapes that have been seen of Instagram its answers take.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Shape {
    /// Flat, or wrapped in `data`. Lists are always in `data`.
    pub flat: bool,
    /// How the token reply writes the id.
    pub user_id: UserId,
    /// How the token reply writes the permissions.
    pub permissions: Permissions,
    /// Whether `state` comes back when the person cancels.
    pub state_on_cancel: bool,
    /// Whether somebody who is no tester is stopped by a page already.
    pub tester_page: bool,
    /// Whether a long-lived token is renewed before it is 24 hours old.
    pub early_refresh: bool,
    /// How the graph's answers name the app's allowance.
    pub usage_keys: UsageKeys,
    /// How much of that allowance is used up, in percent.
    pub usage_percent: u8,
}

impl Default for Shape {
    fn default() -> Self {
        Self {
            flat: true,
            user_id: UserId::Number,
            permissions: Permissions::Array,
            state_on_cancel: true,
            tester_page: false,
            early_refresh: false,
            usage_keys: UsageKeys::CallVolume,
            usage_percent: 0,
        }
    }
}

impl Shape {
    pub(super) fn wrap(&self, fields: Value) -> Value {
        if self.flat { fields } else { json!({"data": [fields]}) }
    }

    /// The header with the share of the app's allowance that is used up.
    pub(super) fn usage(&self) -> [(&'static str, String); 1] {
        self.usage_of(self.usage_percent)
    }

    /// The same for another share.
    pub(super) fn usage_of(&self, percent: u8) -> [(&'static str, String); 1] {
        let used_up = match self.usage_keys {
            UsageKeys::CallVolume => json!({"call_volume": percent, "cpu_time": percent}),
            UsageKeys::CallCount => json!({"call_count": percent, "total_time": percent, "total_cputime": percent}),
        };
        [("x-app-usage", used_up.to_string())]
    }
}

/// An id as a number or as text.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum UserId {
    /// A number beyond 2^53.
    Number,
    /// Text.
    String,
}

/// Permissions as a list, as text or not at all.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Permissions {
    /// A list.
    Array,
    /// Text with commas.
    String,
    /// Not at all.
    Absent,
}

/// The keys in the header about the app's allowance.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum UsageKeys {
    /// `call_volume` and `cpu_time`, as seen of this host.
    CallVolume,
    /// `call_count`, `total_time` and `total_cputime`, as Meta documents them.
    CallCount,
}

/// A part of [`Shape`]; what is missing stays as it is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ShapeChange {
    flat: Option<bool>,
    user_id: Option<UserId>,
    permissions: Option<Permissions>,
    state_on_cancel: Option<bool>,
    tester_page: Option<bool>,
    early_refresh: Option<bool>,
    usage_keys: Option<UsageKeys>,
    usage_percent: Option<u8>,
}

impl Sandbox {
    pub(super) fn change_shape(&self, change: &ShapeChange) {
        let mut state = self.state();
        let shape = &mut state.shape;
        shape.flat = change.flat.unwrap_or(shape.flat);
        shape.user_id = change.user_id.unwrap_or(shape.user_id);
        shape.permissions = change.permissions.unwrap_or(shape.permissions);
        shape.state_on_cancel = change.state_on_cancel.unwrap_or(shape.state_on_cancel);
        shape.tester_page = change.tester_page.unwrap_or(shape.tester_page);
        shape.early_refresh = change.early_refresh.unwrap_or(shape.early_refresh);
        shape.usage_keys = change.usage_keys.unwrap_or(shape.usage_keys);
        shape.usage_percent = change.usage_percent.unwrap_or(shape.usage_percent);
    }
}
