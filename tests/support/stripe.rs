//! The stand-in for Stripe on a port of its own, and what owners do there. Its webhooks wait here until a test delivers
//! them: as they are, late, twice, or in another order.

use super::{BASE_URL, Browser, Installation, Page};
use axum::body::Body;
use grantlink::{
    billing::{
        sandbox::{self, Happening, StripeSandbox, StripeSandboxConfig, Webhook},
        stripe::{Prices, Stripe, StripeAccount, signature},
    },
    clock::{Clock, Randomness},
    paths,
    secret::SecretString,
};
use http::{Method, Request, header};
use std::sync::Arc;
use url::Url;

/// What webhooks are signed with here.
pub const WEBHOOK_SECRET: &str = "whsec_of_these_tests";

/// Serves a stand-in until the test ends.
pub async fn serve(clock: &Clock) -> (Option<StripeSandbox>, Option<Arc<Stripe>>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let public_url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let account = StripeAccount {
        secret_key: SecretString::from("sk_test_of_these_tests"),
        webhook_secret: SecretString::from(WEBHOOK_SECRET),
        api_url: public_url.clone(),
        prices: Prices::parse("studio=price_studio,agency=price_agency").unwrap(),
    };
    let stripe = Stripe::new(account.clone()).unwrap();
    let sandbox = StripeSandbox::new(StripeSandboxConfig {
        account,
        public_url,
        webhook_url: None,
        clock: clock.clone(),
        randomness: Randomness,
    });
    let router = sandbox::router(sandbox.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (Some(sandbox), Some(Arc::new(stripe)))
}

impl Installation {
    /// Where owners pay.
    pub fn payments(&self) -> &StripeSandbox {
        self.payments.as_ref().expect("this installation is paid online")
    }

    /// The only customer there is.
    pub fn customer(&self) -> String {
        let customers = self.payments().customers();
        assert_eq!(customers.len(), 1, "{customers:?}");
        customers[0].clone()
    }

    /// Posts as Stripe's servers do.
    pub async fn deliver_signed(&self, body: &str, signature: &str) -> Page {
        let request = Request::builder()
            .method(Method::POST)
            .uri(paths::STRIPE_WEBHOOK)
            .header(header::HOST, "127.0.0.1:3000")
            .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
            .header(signature::HEADER, signature);
        self.browser().send(request, Body::from(body.to_owned())).await
    }

    /// Delivers a webhook, signed now.
    pub async fn deliver(&self, webhook: &Webhook) -> Page {
        self.deliver_signed(&webhook.body, &self.payments().sign(webhook)).await
    }

    /// Delivers all that wait, in their order.
    pub async fn deliver_all(&self) {
        for webhook in self.payments().take_webhooks() {
            let page = self.deliver(&webhook).await;
            assert_eq!(page.status, 200, "{}", page.body);
        }
    }

    /// Something happens to the only customer, and Stripe tells.
    pub async fn happens(&self, happening: Happening) {
        assert!(self.payments().happen(&self.customer(), happening), "{happening:?}");
        self.deliver_all().await;
    }
}

impl Browser {
    /// Presses the button of a plan; returns where that leads.
    pub async fn choose_plan(&mut self, plan: &str) -> String {
        let page = self.post(paths::CHECKOUT, &[("plan", plan)]).await;
        assert_eq!(page.status, 303, "{}", page.text());
        page.location.unwrap()
    }

    /// Chooses a plan and pays; back from there, Stripe's webhooks have not come yet.
    pub async fn pay(&mut self, app: &Installation, plan: &str) {
        let checkout = self.choose_plan(plan).await;
        let back = app.payments().pay(&checkout, false).expect("it is a checkout");
        let back = back.strip_prefix(BASE_URL).expect("it leads to us").to_owned();
        let page = self.get(&back).await;
        assert_eq!((page.status, page.location.as_deref()), (303, Some(paths::PLAN)), "{}", page.text());
    }
}
