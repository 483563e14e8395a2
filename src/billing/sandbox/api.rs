//! The part that a program calls: as much of Stripe's API as is used here, with Stripe's shapes and refusals.

use super::{Customer, Session, Sold, StripeSandbox, seconds};
use crate::{sandbox_pages::Params, secret::ExposeSecret};
use axum::{
    Json,
    body::Bytes,
    extract::{Path, RawQuery, State},
    http::{HeaderMap, StatusCode, header::AUTHORIZATION},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use subtle::ConstantTimeEq;

/// `POST /v1/customers`.
pub(super) async fn create_customer(State(sandbox): State<StripeSandbox>, headers: HeaderMap, body: Bytes) -> Response {
    if let Some(refusal) = sandbox.refuses(&headers) {
        return refusal;
    }
    let form = Params::parse(&body);
    let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok()).map(str::to_owned);
    let fresh = sandbox.id("cus");
    let mut state = sandbox.state();
    let known = key.as_ref().and_then(|key| state.made.get(key).cloned());
    let id = known.unwrap_or_else(|| {
        let customer = Customer {
            name: form.get("name").to_owned(),
            email: form.get("email").to_owned(),
            subscriptions: Vec::new(),
        };
        state.customers.insert(fresh.clone(), customer);
        state.made.extend(key.map(|key| (key, fresh.clone())));
        fresh
    });
    Json(json!({"id": id, "object": "customer"})).into_response()
}

/// `POST /v1/checkout/sessions`.
pub(super) async fn create_checkout(State(sandbox): State<StripeSandbox>, headers: HeaderMap, body: Bytes) -> Response {
    if let Some(refusal) = sandbox.refuses(&headers) {
        return refusal;
    }
    let form = Params::parse(&body);
    if form.get("mode") != "subscription" || form.get("line_items[0][quantity]") != "1" {
        return invalid("parameter_missing", "line_items");
    }
    let price = form.get("line_items[0][price]");
    if sandbox.config.account.prices.plan_of(price).is_none() {
        return invalid("resource_missing", "line_items[0][price]");
    }
    let session = Session {
        customer: form.get("customer").to_owned(),
        done_url: form.get("success_url").to_owned(),
        cancel_url: form.get("cancel_url").to_owned(),
        price: Some(price.to_owned()),
        is_over: false,
    };
    sandbox.open("cs_test", "/pay", "checkout.session", session)
}

/// `POST /v1/billing_portal/sessions`.
pub(super) async fn create_portal(State(sandbox): State<StripeSandbox>, headers: HeaderMap, body: Bytes) -> Response {
    if let Some(refusal) = sandbox.refuses(&headers) {
        return refusal;
    }
    let form = Params::parse(&body);
    let session = Session {
        customer: form.get("customer").to_owned(),
        done_url: form.get("return_url").to_owned(),
        cancel_url: form.get("return_url").to_owned(),
        price: None,
        is_over: false,
    };
    sandbox.open("bps", "/portal", "billing_portal.session", session)
}

/// `GET /v1/subscriptions?customer=…&status=all`.
pub(super) async fn list_subscriptions(
    State(sandbox): State<StripeSandbox>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    if let Some(refusal) = sandbox.refuses(&headers) {
        return refusal;
    }
    let query = Params::parse(query.unwrap_or_default().as_bytes());
    let customer = query.get("customer");
    let state = sandbox.state();
    let Some(found) = state.customers.get(customer) else { return invalid("resource_missing", "customer") };
    let all = query.get("status") == "all";
    let data: Vec<Value> =
        found.subscriptions.iter().filter(|sold| all || sold.is_alive()).map(|sold| written(sold, customer)).collect();
    Json(json!({"object": "list", "has_more": false, "data": data})).into_response()
}

/// `DELETE /v1/customers/{id}`.
pub(super) async fn delete_customer(
    State(sandbox): State<StripeSandbox>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    if let Some(refusal) = sandbox.refuses(&headers) {
        return refusal;
    }
    match sandbox.state().customers.remove(&id) {
        Some(_) => Json(json!({"id": id, "object": "customer", "deleted": true})).into_response(),
        None => invalid("resource_missing", "id"),
    }
}

/// `GET /v1/prices/{id}`.
pub(super) async fn price(
    State(sandbox): State<StripeSandbox>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    if let Some(refusal) = sandbox.refuses(&headers) {
        return refusal;
    }
    match sandbox.config.account.prices.plan_of(&id) {
        Some(_) => Json(json!({"id": id, "object": "price", "active": true})).into_response(),
        None => invalid("resource_missing", "price"),
    }
}

/// Anything else.
pub(super) async fn unknown() -> Response {
    (StatusCode::NOT_FOUND, Json(json!({"error": {"type": "invalid_request_error"}}))).into_response()
}

/// A subscription in Stripe's shape.
pub(super) fn written(sold: &Sold, customer: &str) -> Value {
    let period_end = seconds(sold.period_end);
    json!({
        "id": sold.id,
        "object": "subscription",
        "customer": customer,
        "status": sold.status,
        "cancel_at": sold.cancels_at_end.then_some(period_end),
        "cancel_at_period_end": sold.cancels_at_end,
        "items": {"object": "list", "data": [{
            "object": "subscription_item",
            "current_period_end": period_end,
            "price": {"id": sold.price, "object": "price"},
        }]},
    })
}

impl StripeSandbox {
    /// Counts the call, and refuses it when it comes without the key or was told to fail.
    fn refuses(&self, headers: &HeaderMap) -> Option<Response> {
        let mut state = self.state();
        state.calls += 1;
        if state.failures > 0 {
            state.failures -= 1;
            let error = Json(json!({"error": {"type": "api_error"}}));
            return Some((StatusCode::SERVICE_UNAVAILABLE, error).into_response());
        }
        let given = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let wanted = format!("Bearer {}", self.config.account.secret_key.expose_secret());
        if bool::from(given.as_bytes().ct_eq(wanted.as_bytes())) {
            return None;
        }
        let error = Json(json!({"error": {"type": "invalid_request_error"}}));
        Some((StatusCode::UNAUTHORIZED, error).into_response())
    }

    fn open(&self, kind: &str, path: &str, object: &str, session: Session) -> Response {
        let id = self.id(kind);
        let url = self.at(&format!("{path}/{id}"));
        let mut state = self.state();
        if !state.customers.contains_key(&session.customer) {
            return invalid("resource_missing", "customer");
        }
        state.sessions.insert(id.clone(), session);
        Json(json!({"id": id, "object": object, "url": url})).into_response()
    }
}

fn invalid(code: &str, param: &str) -> Response {
    let error = json!({"error": {"type": "invalid_request_error", "code": code, "param": param, "message": "No."}});
    (StatusCode::BAD_REQUEST, Json(error)).into_response()
}
