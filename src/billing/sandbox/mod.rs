//! A stand-in for Stripe: the calls that `billing::stripe` makes, a checkout, a portal, and webhooks signed as Stripe
//! signs them, everything in memory. Customers fail to pay, give up and pay again at the press of a button, and
//! webhooks can be held back, turned round and sent again. It never imitates Stripe's looks, takes no card, and every
//! page says so. Like the sandbox Instagram it is open to whoever reaches it, and reaches nothing but one webhook
//! address.

mod api;
mod pages;
mod webhooks;

pub use webhooks::Webhook;

use super::{model::Plan, stripe::StripeAccount};
use crate::{
    clock::{Clock, Randomness},
    sandbox_pages,
    timestamp::Timestamp,
};
use axum::{
    Router,
    routing::{delete, get, post},
};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use url::Url;

/// What is paid for at a time.
const MONTH: Duration = Duration::from_secs(30 * 86_400);

/// What a stand-in is made of.
#[derive(Clone, Debug)]
pub struct StripeSandboxConfig {
    /// The only account it knows.
    pub account: StripeAccount,
    /// Where it is reached.
    pub public_url: Url,
    /// Where it tells what happens; `None` when whoever owns it fetches that by [`StripeSandbox::take_webhooks`].
    pub webhook_url: Option<Url>,
    /// Periods end and signatures are made by it.
    pub clock: Clock,
    /// Ids are drawn from it.
    pub randomness: Randomness,
}

/// A running stand-in. Clones share everything.
#[derive(Clone)]
pub struct StripeSandbox {
    config: Arc<StripeSandboxConfig>,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    customers: BTreeMap<String, Customer>,
    /// By idempotency key.
    made: HashMap<String, String>,
    sessions: HashMap<String, Session>,
    /// Those that wait to be sent, the oldest first.
    waiting: Vec<Webhook>,
    /// The last one that was sent, and what the app said.
    last: Option<(Webhook, String)>,
    holds: bool,
    calls: u32,
    failures: u32,
}

#[derive(Clone, Debug)]
struct Customer {
    name: String,
    email: String,
    /// The newest first, as Stripe lists them.
    subscriptions: Vec<Sold>,
}

/// A subscription.
#[derive(Clone, Debug)]
struct Sold {
    id: String,
    price: String,
    status: &'static str,
    period_end: Timestamp,
    cancels_at_end: bool,
}

impl Sold {
    fn is_alive(&self) -> bool {
        self.status != "canceled"
    }
}

#[derive(Clone, Debug)]
struct Session {
    customer: String,
    /// Where the browser goes when it is done, and when it is not.
    done_url: String,
    cancel_url: String,
    /// What is paid for; `None` for the portal.
    price: Option<String>,
    is_over: bool,
}

/// What happens to a customer's subscription, at the press of a button or by a test.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Happening {
    /// A period ends and is paid; after a failure the failed payment is made good.
    Pays,
    /// A payment fails, and is tried again.
    PaymentFails,
    /// All tries failed: nothing is tried any more.
    GivesUp,
    /// It ends now.
    Ends,
    /// It ends when what is paid is used up.
    EndsLater,
    /// It goes on after all.
    GoesOn,
    /// It is of this plan from now on.
    ChangesTo(Plan),
}

impl StripeSandbox {
    /// A stand-in in which nobody has paid yet.
    pub fn new(config: StripeSandboxConfig) -> Self {
        Self { config: Arc::new(config), state: Arc::default() }
    }

    /// Somebody goes through the checkout at this address and pays, or begins to try out. Returns where the browser is
    /// sent; `None` when there is no such checkout, or it is over.
    pub fn pay(&self, address: &str, tries_out: bool) -> Option<String> {
        let id = address.rsplit('/').next()?;
        let status = if tries_out { "trialing" } else { "active" };
        let now = self.config.clock.now();
        let subscription = self.id("sub");
        let (customer, done_url) = {
            let mut state = self.state();
            let session = state.sessions.get_mut(id).filter(|session| !session.is_over)?;
            let price = session.price.clone()?;
            session.is_over = true;
            let (customer, done_url) = (session.customer.clone(), session.done_url.clone());
            let sold =
                Sold { id: subscription.clone(), price, status, period_end: now.plus(MONTH), cancels_at_end: false };
            state.customers.get_mut(&customer)?.subscriptions.insert(0, sold);
            (customer, done_url)
        };
        // In an order that is as good as any: Stripe promises none.
        self.queue("customer.subscription.created", &customer, Some(&subscription));
        self.queue("checkout.session.completed", &customer, None);
        Some(done_url)
    }

    /// Something happens to the newest subscription of a customer; `false` when there is none.
    pub fn happen(&self, customer: &str, happening: Happening) -> bool {
        let now = self.config.clock.now();
        let (id, kind) = {
            let mut state = self.state();
            let Some(sold) = state.customers.get_mut(customer).and_then(|one| one.subscriptions.first_mut()) else {
                return false;
            };
            let price = match happening {
                Happening::ChangesTo(plan) => self.config.account.prices.price_of(plan).map(str::to_owned),
                _ => None,
            };
            let mut kind = "customer.subscription.updated";
            match happening {
                // What is over for good is over: whoever comes back pays anew.
                _ if !sold.is_alive() => return false,
                Happening::Pays => {
                    (sold.status, sold.period_end) = ("active", now.plus(MONTH));
                    kind = "invoice.paid";
                }
                Happening::PaymentFails => {
                    sold.status = "past_due";
                    kind = "invoice.payment_failed";
                }
                Happening::GivesUp => sold.status = "unpaid",
                Happening::Ends => {
                    sold.status = "canceled";
                    kind = "customer.subscription.deleted";
                }
                Happening::EndsLater => sold.cancels_at_end = true,
                Happening::GoesOn => sold.cancels_at_end = false,
                Happening::ChangesTo(_) => sold.price = price.unwrap_or_else(|| sold.price.clone()),
            }
            (sold.id.clone(), kind)
        };
        self.queue(kind, customer, Some(&id));
        true
    }

    /// The customers it knows.
    pub fn customers(&self) -> Vec<String> {
        self.state().customers.keys().cloned().collect()
    }

    /// Forgets everybody, as somebody who deletes customers in the dashboard does.
    pub fn forget_customers(&self) {
        self.state().customers.clear();
    }

    /// Has the next so many calls of the API fail.
    pub fn fail(&self, calls: u32) {
        self.state().failures = calls;
    }

    /// How many calls of the API there were.
    pub fn calls(&self) -> u32 {
        self.state().calls
    }

    /// Never hold this over an `await`.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn id(&self, kind: &str) -> String {
        format!("{kind}_{}", self.config.randomness.hex::<12>())
    }

    /// One of its own addresses.
    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.config.public_url.as_str().trim_end_matches('/'))
    }
}

/// The stand-in as a web application, for the root of an origin.
pub fn router(sandbox: StripeSandbox) -> Router {
    Router::new()
        .route("/", get(pages::index))
        .route("/sandbox.css", get(sandbox_pages::stylesheet))
        .route("/favicon.ico", get(sandbox_pages::no_icon))
        .route("/pay/{session}", get(pages::checkout).post(pages::pay))
        .route("/portal/{session}", get(pages::portal).post(pages::manage))
        .route("/sandbox/control", post(pages::control))
        .route("/sandbox/last-webhook", get(webhooks::last))
        .route("/v1/customers", post(api::create_customer))
        .route("/v1/customers/{id}", delete(api::delete_customer))
        .route("/v1/checkout/sessions", post(api::create_checkout))
        .route("/v1/billing_portal/sessions", post(api::create_portal))
        .route("/v1/subscriptions", get(api::list_subscriptions))
        .route("/v1/prices/{id}", get(api::price))
        .fallback(api::unknown)
        .with_state(sandbox)
}

fn seconds(at: Timestamp) -> i64 {
    at.as_micros().div_euclid(1_000_000)
}
