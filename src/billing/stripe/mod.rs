//! Stripe over HTTPS, or its stand-in: the handful of calls that are needed to be paid. Made once at start, used by
//! `billing::service::paying`, and by `doctor`. Card numbers never come near this program: Stripe's own pages take
//! them. The secret key travels in a header, and no error repeats it or anything that Stripe wrote (A75).

pub mod signature;
pub mod standing;
pub mod wire;

pub use wire::{Event, Fetched};

use crate::{
    billing::model::Plan,
    failure::Failure,
    http_client::{self, Unread},
    secret::{ExposeSecret, SecretString},
};
use serde_json::Value;
use std::{error::Error, fmt, time::Duration};
use url::Url;

/// The version of Stripe's API that this was written for. Another one is never asked for by the account's setting.
const VERSION: &str = "2025-06-30.basil";
/// How long one call may take.
const CALL_TIMEOUT: Duration = Duration::from_secs(8);
/// The most that is read of an answer.
const BODY_CAP: usize = 1_000_000;

/// What each plan costs, by Stripe's names for prices (the setting `STRIPE_PRICES`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Prices(Vec<(Plan, String)>);

impl Prices {
    /// Reads `studio=price_…,agency=price_…`. A plan may have several prices, say one a month and one a year: all of
    /// them are known, and the first is sold.
    ///
    /// # Errors
    /// What is wrong with it, for the operator.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut prices: Vec<(Plan, String)> = Vec::new();
        for entry in text.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
            let (plan, price) = entry.split_once('=').unwrap_or((entry, ""));
            let plan = Plan::parse(plan.trim()).filter(|plan| *plan != Plan::Free);
            let price = price.trim();
            let fits = price.len() <= 255 && price.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            let (Some(plan), true, true) = (plan, fits, price.starts_with("price_")) else {
                return Err(format!("holds '{entry}'; write studio=price_…,agency=price_… with the ids of the prices"));
            };
            if prices.iter().any(|(_, known)| known == price) {
                return Err(format!("names {price} twice"));
            }
            prices.push((plan, price.to_owned()));
        }
        if prices.is_empty() { Err("names no price".into()) } else { Ok(Self(prices)) }
    }

    /// The price a plan is sold for; `None` when it is not sold.
    pub fn price_of(&self, plan: Plan) -> Option<&str> {
        self.0.iter().find(|(one, _)| *one == plan).map(|(_, price)| price.as_str())
    }

    /// The plan of a price.
    pub fn plan_of(&self, price: &str) -> Option<Plan> {
        self.0.iter().find(|(_, one)| one == price).map(|(plan, _)| *plan)
    }
}

/// An account at Stripe, and where its Stripe is.
#[derive(Clone, Debug)]
pub struct StripeAccount {
    /// `STRIPE_SECRET_KEY`.
    pub secret_key: SecretString,
    /// `STRIPE_WEBHOOK_SECRET`: what webhooks are signed with.
    pub webhook_secret: SecretString,
    /// `STRIPE_API_URL`: the origin of the API.
    pub api_url: Url,
    /// `STRIPE_PRICES`.
    pub prices: Prices,
}

impl StripeAccount {
    /// Stripe's own origin.
    pub const API_URL: &str = "https://api.stripe.com/";
}

/// How a call to Stripe failed. None of these carries a key, a URL or a sentence of Stripe's.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum StripeError {
    /// A setting is wrong; only the operator can mend this.
    Misconfigured(String),
    /// There is no such object; which parameter named it, when Stripe said so.
    Missing(String),
    /// Stripe does not do that.
    Refused(String),
    /// Stripe could not be reached, is in trouble, or wants fewer calls. Worth trying again.
    Unavailable(String),
    /// An answer or an event could not be read.
    Malformed(String),
}

impl fmt::Display for StripeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Misconfigured(what) => write!(f, "Stripe is not set up correctly: {what}"),
            Self::Missing(what) => write!(f, "Stripe knows no such object ({what})"),
            Self::Refused(what) => write!(f, "Stripe refused: {what}"),
            Self::Unavailable(what) => write!(f, "Stripe is not available: {what}"),
            Self::Malformed(what) => write!(f, "Stripe's answer could not be read: {what}"),
        }
    }
}

impl Error for StripeError {}

impl From<StripeError> for Failure {
    fn from(error: StripeError) -> Self {
        match error {
            StripeError::Unavailable(_) => Self::Busy(Box::new(error)),
            error => Self::Internal(Box::new(error)),
        }
    }
}

/// A checkout to be opened.
#[derive(Clone, Copy, Debug)]
pub struct Checkout<'a> {
    /// Who pays.
    pub customer: &'a str,
    /// What for.
    pub price: &'a str,
    /// Ours, for whoever looks at Stripe's dashboard.
    pub organization: &'a str,
    /// Where the browser comes back to when it is paid.
    pub success_url: &'a str,
    /// And where when it is not.
    pub cancel_url: &'a str,
}

/// Stripe over HTTP.
pub struct Stripe {
    client: reqwest::Client,
    account: StripeAccount,
}

impl Stripe {
    /// Makes the client. Nothing is sent yet.
    ///
    /// # Errors
    /// When no certificate authorities are installed on the machine.
    pub fn new(account: StripeAccount) -> Result<Self, StripeError> {
        let client = http_client::builder(&[&account.api_url], CALL_TIMEOUT)
            .build()
            .map_err(|error| StripeError::Misconfigured(http_client::cause(error)))?;
        Ok(Self { client, account })
    }

    /// What each plan costs.
    pub fn prices(&self) -> &Prices {
        &self.account.prices
    }

    /// What webhooks are signed with.
    pub fn webhook_secret(&self) -> &SecretString {
        &self.account.webhook_secret
    }

    /// The origins of the pages that browsers are sent to: Stripe's own, by whatever way its API is reached, and the
    /// stand-in's.
    pub fn page_origins(&self) -> Vec<String> {
        let mut origins = vec!["https://checkout.stripe.com".to_owned(), "https://billing.stripe.com".to_owned()];
        if self.account.api_url.as_str() != StripeAccount::API_URL {
            origins.push(self.account.api_url.origin().ascii_serialization());
        }
        origins
    }

    /// Makes a customer. Calls with the same key within a day are one.
    ///
    /// # Errors
    /// As [`StripeError`] says.
    pub async fn create_customer(
        &self,
        name: &str,
        email: &str,
        organization: &str,
        key: &str,
    ) -> Result<String, StripeError> {
        let form = [("name", name), ("email", email), ("metadata[organization_id]", organization)];
        wire::id(&self.post("v1/customers", &form, Some(key)).await?)
    }

    /// The page on which somebody pays. It is good for a day.
    ///
    /// # Errors
    /// [`StripeError::Missing`] with "customer" when that one was deleted at Stripe.
    pub async fn checkout(&self, checkout: Checkout<'_>) -> Result<Url, StripeError> {
        let form = [
            ("mode", "subscription"),
            ("customer", checkout.customer),
            ("client_reference_id", checkout.organization),
            ("line_items[0][price]", checkout.price),
            ("line_items[0][quantity]", "1"),
            ("subscription_data[metadata][organization_id]", checkout.organization),
            ("success_url", checkout.success_url),
            ("cancel_url", checkout.cancel_url),
        ];
        wire::page(&self.post("v1/checkout/sessions", &form, None).await?)
    }

    /// The page on which somebody sees their bills, changes card and plan, and cancels.
    ///
    /// # Errors
    /// As [`Stripe::checkout`].
    pub async fn portal(&self, customer: &str, return_url: &str) -> Result<Url, StripeError> {
        let form = [("customer", customer), ("return_url", return_url)];
        wire::page(&self.post("v1/billing_portal/sessions", &form, None).await?)
    }

    /// Every subscription a customer has or had, the newest first. Nobody has a hundred.
    ///
    /// # Errors
    /// As [`Stripe::checkout`].
    pub async fn subscriptions(&self, customer: &str) -> Result<Vec<Fetched>, StripeError> {
        let mut url = self.at("v1/subscriptions")?;
        url.query_pairs_mut()
            .append_pair("customer", customer)
            .append_pair("status", "all")
            .append_pair("limit", "100");
        wire::subscriptions(&self.send(|| self.client.get(url.clone())).await?)
    }

    /// Deletes a customer. Stripe ends what they subscribed to at once, lets nobody pay at a checkout that is still open,
    /// and keeps the bills. One that is gone already is fine.
    ///
    /// # Errors
    /// As [`StripeError`] says.
    pub async fn delete_customer(&self, customer: &str) -> Result<(), StripeError> {
        let url = self.at(&format!("v1/customers/{customer}"))?;
        match self.send(|| self.client.delete(url.clone())).await {
            Ok(_) | Err(StripeError::Missing(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Whether Stripe takes the key and knows the prices. For `doctor`.
    ///
    /// # Errors
    /// What is wrong, with its remedy.
    pub async fn check(&self) -> Result<(), StripeError> {
        for (_, price) in &self.account.prices.0 {
            let url = self.at(&format!("v1/prices/{price}"))?;
            match self.send(|| self.client.get(url.clone())).await {
                Ok(answer) if answer["active"] == false => {
                    return Err(StripeError::Misconfigured(format!("{price} in STRIPE_PRICES is archived")));
                }
                Err(StripeError::Missing(_)) => {
                    return Err(StripeError::Misconfigured(format!(
                        "Stripe has no {price}; copy the ids of prices into STRIPE_PRICES, and mind test and live mode"
                    )));
                }
                Ok(_) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn at(&self, path: &str) -> Result<Url, StripeError> {
        let wrong = |_| StripeError::Misconfigured("STRIPE_API_URL cannot be used".into());
        self.account.api_url.join(path).map_err(wrong)
    }

    async fn post(&self, path: &str, form: &[(&str, &str)], key: Option<&str>) -> Result<Value, StripeError> {
        let url = self.at(path)?;
        self.send(|| {
            let request = self.client.post(url.clone()).form(form);
            match key {
                Some(key) => request.header("idempotency-key", key),
                None => request,
            }
        })
        .await
    }

    /// Sends a request, and once more when the first one did not leave this machine.
    async fn send(&self, request: impl Fn() -> reqwest::RequestBuilder) -> Result<Value, StripeError> {
        let prepared =
            || request().bearer_auth(self.account.secret_key.expose_secret()).header("stripe-version", VERSION).send();
        let sent = match prepared().await {
            Err(error) if error.is_connect() => prepared().await,
            sent => sent,
        };
        let response = sent.map_err(|error| StripeError::Unavailable(http_client::cause(error)))?;
        let status = response.status();
        let body = http_client::read(response, BODY_CAP).await.map_err(|unread| match unread {
            Unread::Lost(why) => StripeError::Unavailable(why),
            Unread::TooLong => StripeError::Malformed(http_client::too_long(BODY_CAP)),
        })?;
        if !status.is_success() {
            return Err(wire::refusal(status.as_u16(), &body));
        }
        serde_json::from_slice(&body).map_err(|_| StripeError::Malformed("an answer that is no JSON".into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_read_and_the_first_of_a_plan_is_sold() {
        let prices = Prices::parse("studio=price_1, studio=price_2,agency=price_3").unwrap();
        assert_eq!(prices.price_of(Plan::Studio), Some("price_1"));
        assert_eq!((prices.plan_of("price_2"), prices.plan_of("price_3")), (Some(Plan::Studio), Some(Plan::Agency)));
        assert_eq!((prices.price_of(Plan::Free), prices.plan_of("price_4")), (None, None));
        for wrong in ["", "studio", "studio=", "free=price_1", "gold=price_1", "studio=prod_1", "studio=price_1;x"] {
            assert!(Prices::parse(wrong).is_err(), "{wrong}");
        }
        assert!(Prices::parse("studio=price_1,agency=price_1").unwrap_err().contains("twice"));
    }

    #[test]
    fn a75_a_key_is_in_no_debug() {
        let account = StripeAccount {
            secret_key: "sk_test_hunter2".to_owned().into(),
            webhook_secret: "whsec_hunter2".to_owned().into(),
            api_url: Url::parse(StripeAccount::API_URL).unwrap(),
            prices: Prices::parse("studio=price_1").unwrap(),
        };
        assert!(!format!("{account:?}").contains("hunter2"));
    }
}
