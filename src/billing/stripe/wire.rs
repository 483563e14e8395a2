//! What Stripe answers and tells, as far as it is used here: customers, sessions, subscriptions, events, errors. Read
//! loosely, because accounts differ in the version of the API they were made with; what is needed and missing is an
//! error, never a guess.

use super::StripeError;
use crate::timestamp::Timestamp;
use serde_json::Value;
use url::Url;

/// A subscription as Stripe has it now.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fetched {
    /// Stripe's name for it.
    pub id: String,
    /// Stripe's word for its state.
    pub status: String,
    /// What is subscribed to.
    pub prices: Vec<String>,
    /// When what is paid ends, and the next payment is due.
    pub period_end: Option<Timestamp>,
    /// When it ends for good, where somebody cancelled it for then.
    pub cancel_at: Option<Timestamp>,
}

/// What a webhook says that matters here: which one it is, and whose subscriptions to look at.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Event {
    /// Stripe's name for it; each of its tries to deliver it has the same.
    pub id: String,
    /// What happened, for the log.
    pub kind: String,
    /// Whom it is about; `None` when it is about no customer.
    pub customer: Option<String>,
}

impl Event {
    /// Reads the body of a webhook whose signature was checked.
    ///
    /// # Errors
    /// When it is no event.
    pub fn read(body: &[u8]) -> Result<Self, StripeError> {
        let event: Value = serde_json::from_slice(body).map_err(|_| malformed("an event that is no JSON"))?;
        let object = &event["data"]["object"];
        let customer = if object["object"] == "customer" { name(&object["id"]) } else { name(&object["customer"]) };
        Ok(Self { id: required(&event["id"], "an event without id")?, kind: kind(&event["type"]), customer })
    }
}

/// The `id` of what was made.
pub(super) fn id(answer: &Value) -> Result<String, StripeError> {
    required(&answer["id"], "an answer without id")
}

/// The page to send a browser to.
pub(super) fn page(answer: &Value) -> Result<Url, StripeError> {
    answer["url"]
        .as_str()
        .and_then(|url| Url::parse(url).ok())
        .filter(|url| matches!(url.scheme(), "http" | "https"))
        .ok_or_else(|| malformed("a session without the address of its page"))
}

/// All subscriptions of a list.
pub(super) fn subscriptions(answer: &Value) -> Result<Vec<Fetched>, StripeError> {
    let list = answer["data"].as_array().ok_or_else(|| malformed("a list without data"))?;
    list.iter().map(subscription).collect()
}

fn subscription(value: &Value) -> Result<Fetched, StripeError> {
    let items = value["items"]["data"].as_array().ok_or_else(|| malformed("a subscription without items"))?;
    // Since the version of March 2025 the period is the item's.
    let ends = items.iter().filter_map(|item| seconds(&item["current_period_end"]));
    let period_end = ends.max().or_else(|| seconds(&value["current_period_end"]));
    let at_the_end = value["cancel_at_period_end"] == true;
    Ok(Fetched {
        id: required(&value["id"], "a subscription without id")?,
        status: required(&value["status"], "a subscription without status")?,
        prices: items.iter().filter_map(|item| name(&item["price"])).collect(),
        period_end,
        cancel_at: seconds(&value["cancel_at"]).or(period_end.filter(|_| at_the_end)),
    })
}

/// What a refusal means. Of Stripe's own words only its code is kept, which is one of a list.
pub(super) fn refusal(status: u16, body: &[u8]) -> StripeError {
    let answer: Value = serde_json::from_slice(body).unwrap_or_default();
    let code = kind(&answer["error"]["code"]);
    match status {
        401 | 403 => StripeError::Misconfigured("Stripe does not take STRIPE_SECRET_KEY".into()),
        _ if code == "resource_missing" => StripeError::Missing(kind(&answer["error"]["param"])),
        404 => StripeError::Missing(String::new()),
        409 | 429 => StripeError::Unavailable("too many calls at once".into()),
        500.. => StripeError::Unavailable(format!("status {status}")),
        _ => StripeError::Refused(format!("status {status}, {code}")),
    }
}

/// A reference to an object: its id, or the object itself where it was expanded.
fn name(value: &Value) -> Option<String> {
    let text = value.as_str().or_else(|| value["id"].as_str())?;
    (!text.is_empty() && text.len() <= 255).then(|| text.to_owned())
}

fn required(value: &Value, what: &str) -> Result<String, StripeError> {
    name(value).ok_or_else(|| malformed(what))
}

/// A word of Stripe's own vocabulary, fit for the log.
fn kind(value: &Value) -> String {
    let fits = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '[' | ']');
    value.as_str().unwrap_or_default().chars().take(80).filter(fits).collect()
}

fn seconds(value: &Value) -> Option<Timestamp> {
    let seconds = value.as_i64().filter(|seconds| *seconds > 0)?;
    Some(Timestamp::from_micros(seconds.saturating_mul(1_000_000)))
}

fn malformed(what: &str) -> StripeError {
    StripeError::Malformed(what.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn at(seconds: i64) -> Option<Timestamp> {
        Some(Timestamp::from_micros(seconds * 1_000_000))
    }

    #[test]
    fn a_subscription_is_read_in_the_shape_of_old_and_of_new_versions() {
        let item = |more: Value| {
            let mut item = json!({"price": {"id": "price_1", "object": "price"}});
            item.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            json!({"data": [item]})
        };
        let new = json!({"data": [{"id": "sub_1", "status": "active", "cancel_at": null, "cancel_at_period_end": false,
            "items": item(json!({"current_period_end": 200}))}]});
        let old = json!({"data": [{"id": "sub_1", "status": "active", "current_period_end": 200,
            "items": item(json!({}))}]});
        let expected = Fetched {
            id: "sub_1".into(),
            status: "active".into(),
            prices: vec!["price_1".into()],
            period_end: at(200),
            cancel_at: None,
        };
        assert_eq!(subscriptions(&new).unwrap(), std::slice::from_ref(&expected));
        assert_eq!(subscriptions(&old).unwrap(), [expected]);
        let ending = json!({"data": [{"id": "sub_1", "status": "active", "cancel_at_period_end": true,
            "items": item(json!({"current_period_end": 200}))}]});
        assert_eq!(subscriptions(&ending).unwrap()[0].cancel_at, at(200));
        assert!(subscriptions(&json!({"data": [{"id": "sub_1"}]})).is_err());
        assert!(subscriptions(&json!([])).is_err());
    }

    #[test]
    fn an_event_names_the_customer_it_is_about() {
        for (object, customer) in [
            (json!({"object": "subscription", "customer": "cus_1"}), Some("cus_1")),
            (json!({"object": "invoice", "customer": {"id": "cus_1", "object": "customer"}}), Some("cus_1")),
            (json!({"object": "customer", "id": "cus_1"}), Some("cus_1")),
            (json!({"object": "balance"}), None),
            (Value::Null, None),
        ] {
            let body = json!({"id": "evt_1", "type": "x.y", "data": {"object": object}}).to_string();
            let event = Event::read(body.as_bytes()).unwrap();
            assert_eq!((event.id.as_str(), event.customer.as_deref()), ("evt_1", customer), "{body}");
        }
        assert!(Event::read(b"{}").is_err() && Event::read(b"not json").is_err() && Event::read(b"[]").is_err());
    }

    #[test]
    fn a75_a_refusal_keeps_stripe_s_code_and_none_of_its_sentences() {
        let body = br#"{"error":{"code":"price_inactive","message":"sk_live_hunter2 <b>"}}"#;
        let error = refusal(400, body);
        assert_eq!(error, StripeError::Refused("status 400, price_inactive".into()));
        let missing = br#"{"error":{"code":"resource_missing","param":"customer"}}"#;
        assert_eq!(refusal(400, missing), StripeError::Missing("customer".into()));
        assert!(matches!(refusal(401, b""), StripeError::Misconfigured(_)));
        assert!(matches!(refusal(429, b""), StripeError::Unavailable(_)));
        assert!(matches!(refusal(503, b"<html>"), StripeError::Unavailable(_)));
    }
}
