//! How much of its allowance an app has used up, as two headers tell it. They come only "once enough calls have been
//! made", in percent, as JSON, and with other keys on this host than the documentation has: whatever can be understood
//! counts, and nothing here is ever an error.

use super::{LONGEST_WAIT, Object};
use serde_json::Value;
use std::time::Duration;

/// The shares that are told, by the documentation and as they were seen on Instagram's host.
const SHARES: [&str; 5] = ["call_count", "total_time", "total_cputime", "call_volume", "cpu_time"];

/// What the headers of an answer say.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Usage {
    /// The highest share, in percent; `None` when there is none.
    pub percent: Option<u32>,
    /// How long to stay away, a day at most; `None` when nothing is blocked.
    pub pause: Option<Duration>,
}

impl Usage {
    /// Reads `X-App-Usage` and `X-Business-Use-Case-Usage`.
    pub fn read(app: Option<&str>, business: Option<&str>) -> Self {
        let mut usage = Self::default();
        if let Some(fields) = app.and_then(object) {
            usage.count(&fields);
        }
        let accounts = business.and_then(object).unwrap_or_default();
        for fields in accounts.values().filter_map(Value::as_array).flatten().filter_map(Value::as_object) {
            usage.count(fields);
            let minutes = whole(fields.get("estimated_time_to_regain_access")).filter(|minutes| *minutes > 0);
            let pause = minutes.map(|minutes| Duration::from_secs((u64::from(minutes) * 60).min(LONGEST_WAIT)));
            usage.pause = usage.pause.max(pause);
        }
        usage
    }

    fn count(&mut self, fields: &Object) {
        self.percent = SHARES.iter().map(|share| whole(fields.get(*share))).fold(self.percent, Ord::max);
    }
}

fn object(text: &str) -> Option<Object> {
    serde_json::from_str(text).ok()
}

/// A number without its fraction, also from text.
fn whole(value: Option<&Value>) -> Option<u32> {
    let text = match value? {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_owned(),
        _ => return None,
    };
    text.split('.').next()?.parse().ok()
}
