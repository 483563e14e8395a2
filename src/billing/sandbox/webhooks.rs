//! What Stripe tells of its own accord. A webhook says what was true when it happened, and may arrive when that is long
//! over: so it can be held back here, turned round, and sent again. Nothing is ever sent anywhere but to the one
//! address of the configuration.

use super::{StripeSandbox, api, seconds};
use crate::{billing::stripe::signature, http_client};
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;
use std::time::Duration;

/// How long the app may take to answer. Stripe itself waits longer.
const TIMEOUT: Duration = Duration::from_secs(15);

/// `GET /sandbox/last-webhook`: the last one as it would be sent now, for whoever checks signatures.
pub(super) async fn last(State(sandbox): State<StripeSandbox>) -> Response {
    let last = sandbox.state().last.clone();
    match last {
        Some((webhook, _)) => ([(signature::HEADER, sandbox.sign(&webhook))], webhook.body).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A webhook, to be signed when it is sent.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Webhook {
    /// The body, to the byte.
    pub body: String,
}

impl StripeSandbox {
    /// The webhooks that wait, the oldest first: for a test, which delivers them as it likes.
    pub fn take_webhooks(&self) -> Vec<Webhook> {
        std::mem::take(&mut self.state().waiting)
    }

    /// The header for a webhook that is sent now.
    pub fn sign(&self, webhook: &Webhook) -> String {
        let account = &self.config.account;
        signature::sign(webhook.body.as_bytes(), self.config.clock.now(), &account.webhook_secret)
    }

    /// Something happened: a webhook about it waits to be sent.
    pub(super) fn queue(&self, kind: &str, customer: &str, subscription: Option<&str>) {
        let id = self.id("evt");
        let created = seconds(self.config.clock.now());
        let mut state = self.state();
        let sold = state
            .customers
            .get(customer)
            .and_then(|one| one.subscriptions.iter().find(|sold| Some(sold.id.as_str()) == subscription));
        let object = match sold {
            Some(sold) if kind.starts_with("customer.subscription.") => api::written(sold, customer),
            Some(sold) => json!({"object": "invoice", "customer": customer, "subscription": sold.id}),
            None => json!({"object": "checkout.session", "customer": customer}),
        };
        let event = json!({
            "id": id, "object": "event", "type": kind, "created": created, "livemode": false,
            "data": {"object": object},
        });
        state.waiting.push(Webhook { body: event.to_string() });
    }

    /// Sends what waits, unless it is held back.
    pub(super) async fn deliver(&self) {
        if self.config.webhook_url.is_none() || self.state().holds {
            return;
        }
        for webhook in self.take_webhooks() {
            let answer = self.send(&webhook).await;
            self.state().last = Some((webhook, answer));
        }
    }

    /// Sends the last one again, with another signature, as Stripe does.
    pub(super) async fn deliver_again(&self) {
        let last = self.state().last.clone();
        if let Some((webhook, _)) = last {
            let answer = self.send(&webhook).await;
            self.state().last = Some((webhook, answer));
        }
    }

    /// Whether those that wait go on waiting. Those that waited are sent in the other order.
    pub(super) fn hold(&self, holds: bool) {
        let mut state = self.state();
        state.holds = holds;
        if !holds {
            state.waiting.reverse();
        }
    }

    /// What the app answered, in our own words.
    async fn send(&self, webhook: &Webhook) -> String {
        let Some(url) = self.config.webhook_url.clone() else { return "no address is set".into() };
        let Ok(client) = http_client::builder(&[&url], TIMEOUT).build() else {
            return "no HTTP client could be made".into();
        };
        let request = client
            .post(url)
            .header("content-type", "application/json; charset=utf-8")
            .header(signature::HEADER, self.sign(webhook))
            .body(webhook.body.clone());
        match request.send().await {
            Ok(response) => format!("answered with status {}", response.status().as_u16()),
            Err(error) if error.is_timeout() => "took too long".into(),
            Err(error) if error.is_connect() => "does not listen".into(),
            Err(_) => "broke the connection".into(),
        }
    }
}
