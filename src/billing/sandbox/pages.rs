//! The part that a browser sees: a checkout, a portal, and the first page with what can happen to whoever pays. Plain
//! forms, no script, and nothing to type: no card number is ever asked for. What happened is told to the app before the
//! browser goes on, so that a page there shows it.

use super::{Customer, Happening, Session, Sold, StripeSandbox, seconds};
use crate::{
    billing::model::Plan,
    sandbox_pages::{Letterhead, Params, escaped, see_other},
};
use axum::{
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use std::fmt::Write;

const LETTERHEAD: Letterhead = Letterhead { of: "Stripe", notice: "nobody pays, and no card is needed." };

/// `GET /pay/{session}`: what is to be paid.
pub(super) async fn checkout(State(sandbox): State<StripeSandbox>, Path(id): Path<String>) -> Response {
    let Some((session, customer)) = sandbox.session(&id) else { return gone() };
    let Some(price) = &session.price else { return gone() };
    let main = format!(
        "<p>{name} ({email}) subscribes to <strong>{plan}</strong>, by the month.</p>\
         <form method=\"post\">{pay}{trial}{fails}{cancel}</form>\
         <p>In the sandbox a press of a button is a card. Nothing is paid.</p>",
        name = escaped(&customer.name),
        email = escaped(&customer.email),
        plan = sandbox.title(price),
        pay = button("pay", "Pay and subscribe", true),
        trial = button("trial", "Start a trial", false),
        fails = button("declined", "Pay with a card that is declined", false),
        cancel = button("cancel", "Back without paying", false),
    );
    page(StatusCode::OK, "Subscribe", &main)
}

/// `POST /pay/{session}`: a decision.
pub(super) async fn pay(State(sandbox): State<StripeSandbox>, Path(id): Path<String>, body: Bytes) -> Response {
    let form = Params::parse(&body);
    let Some((session, _)) = sandbox.session(&id).filter(|(session, _)| session.price.is_some()) else { return gone() };
    let tries_out = match form.get("action") {
        "pay" => false,
        "trial" => true,
        "declined" => {
            let main = format!(
                "<p class=\"problem\" role=\"alert\">The card was declined. Nothing was paid.</p>\
                 <p><a href=\"/pay/{}\">Try another one</a></p>",
                escaped(&id)
            );
            return page(StatusCode::PAYMENT_REQUIRED, "Not paid", &main);
        }
        _ => return see_other(&session.cancel_url),
    };
    let Some(done_url) = sandbox.pay(&id, tries_out) else { return gone() };
    sandbox.deliver().await;
    see_other(&done_url)
}

/// `GET /portal/{session}`: how it stands, and what a customer can do about it.
pub(super) async fn portal(State(sandbox): State<StripeSandbox>, Path(id): Path<String>) -> Response {
    let Some((session, customer)) = sandbox.session(&id).filter(|(session, _)| session.price.is_none()) else {
        return gone();
    };
    let actions = match customer.subscriptions.first() {
        Some(sold) if sold.is_alive() => {
            let mut actions = String::new();
            if matches!(sold.status, "past_due" | "unpaid") {
                actions.push_str(&button("pays", "Pay with another card", true));
            }
            for plan in [Plan::Studio, Plan::Agency] {
                let price = sandbox.config.account.prices.price_of(plan);
                if price.is_some_and(|price| price != sold.price) {
                    actions.push_str(&button(plan.as_str(), &format!("Change to {}", plan.title()), false));
                }
            }
            actions.push_str(&if sold.cancels_at_end {
                button("goes_on", "Do not cancel", false)
            } else {
                button("ends_later", "Cancel at the end of the month", false)
            });
            actions.push_str(&button("ends", "Cancel now", false));
            format!("<form method=\"post\">{actions}</form>")
        }
        _ => String::new(),
    };
    let main = format!(
        "<p>{name} ({email})</p>{standing}{actions}<p><a href=\"{back}\">Back to the app</a></p>",
        name = escaped(&customer.name),
        email = escaped(&customer.email),
        standing = sandbox.standing(&customer),
        back = escaped(&session.done_url),
    );
    page(StatusCode::OK, "Your subscription", &main)
}

/// `POST /portal/{session}`: a customer does something.
pub(super) async fn manage(State(sandbox): State<StripeSandbox>, Path(id): Path<String>, body: Bytes) -> Response {
    let form = Params::parse(&body);
    let Some((session, _)) = sandbox.session(&id).filter(|(session, _)| session.price.is_none()) else {
        return gone();
    };
    let happening = match form.get("action") {
        action @ ("pays" | "ends" | "ends_later" | "goes_on" | "studio" | "agency") => happening(action),
        _ => None,
    };
    if let Some(happening) = happening {
        sandbox.happen(&session.customer, happening);
        sandbox.deliver().await;
    }
    see_other(&format!("/portal/{id}"))
}

/// The first page: everybody who came to pay, and what can happen to them.
pub(super) async fn index(State(sandbox): State<StripeSandbox>) -> Response {
    let (customers, waiting, holds, last) = {
        let state = sandbox.state();
        let last = state.last.as_ref().map(|(_, answer)| answer.clone());
        (state.customers.clone(), state.waiting.len(), state.holds, last)
    };
    let mut items = String::new();
    for (id, customer) in &customers {
        let _ = write!(
            items,
            "<li id=\"{id}\"><p><strong>{name}</strong> ({email})</p>{standing}\
             <form method=\"post\" action=\"/sandbox/control\"><input type=\"hidden\" name=\"customer\" value=\"{id}\">\
             {fails}{gives_up}{pays}{ends}</form></li>",
            id = escaped(id),
            name = escaped(&customer.name),
            email = escaped(&customer.email),
            standing = sandbox.standing(customer),
            fails = button("fails", "A payment fails", false),
            gives_up = button("gives_up", "All tries fail", false),
            pays = button("pays", "A payment goes through", false),
            ends = button("ends", "End the subscription", false),
        );
    }
    if items.is_empty() {
        items.push_str("<li>Nobody yet. A checkout starts in the app, not here.</li>");
    }
    let hold = if holds {
        button("release", "Send them now, the newest first", false)
    } else {
        button("hold", "Hold webhooks back", false)
    };
    let main = format!(
        "<p>A stand-in for Stripe, for trying things out on one machine.</p>\
         <h2>Who pays</h2><ul class=\"roll\">{items}</ul><h2 id=\"webhooks\">Webhooks</h2>\
         <p>{waiting} waiting. {last}</p>\
         <form method=\"post\" action=\"/sandbox/control\">{hold}{again}</form>",
        last =
            last.map_or_else(|| "None was sent yet.".to_owned(), |answer| format!("To the last one the app {answer}.")),
        again = button("again", "Send the last one again", false),
    );
    page(StatusCode::OK, "Sandbox", &main)
}

/// `POST /sandbox/control`: a button of the first page was pressed.
pub(super) async fn control(State(sandbox): State<StripeSandbox>, body: Bytes) -> Response {
    let form = Params::parse(&body);
    let customer = form.get("customer");
    match form.get("action") {
        "hold" => sandbox.hold(true),
        "release" => {
            sandbox.hold(false);
            sandbox.deliver().await;
        }
        "again" => sandbox.deliver_again().await,
        action => {
            let Some(happening) = happening(action) else { return gone() };
            if !sandbox.happen(customer, happening) {
                return gone();
            }
            sandbox.deliver().await;
        }
    }
    see_other(&format!("/#{}", if customer.is_empty() { "webhooks" } else { customer }))
}

fn happening(action: &str) -> Option<Happening> {
    Some(match action {
        "pays" => Happening::Pays,
        "fails" => Happening::PaymentFails,
        "gives_up" => Happening::GivesUp,
        "ends" => Happening::Ends,
        "ends_later" => Happening::EndsLater,
        "goes_on" => Happening::GoesOn,
        plan => Happening::ChangesTo(Plan::parse(plan).filter(|plan| *plan != Plan::Free)?),
    })
}

impl StripeSandbox {
    /// A session that is not over, and whose it is.
    fn session(&self, id: &str) -> Option<(Session, Customer)> {
        let state = self.state();
        let session = state.sessions.get(id).filter(|session| !session.is_over)?.clone();
        let customer = state.customers.get(&session.customer)?.clone();
        Some((session, customer))
    }

    fn title(&self, price: &str) -> &'static str {
        self.config.account.prices.plan_of(price).map_or("an unknown plan", Plan::title)
    }

    /// How it stands with a customer.
    fn standing(&self, customer: &Customer) -> String {
        let Some(sold) = customer.subscriptions.first() else { return "<p>No subscription.</p>".into() };
        let ends = if sold.cancels_at_end { "Ends" } else { "Next payment" };
        format!(
            "<dl><dt>Plan</dt><dd>{}</dd><dt>State</dt><dd><code>{}</code></dd><dt>{ends}</dt><dd>{}</dd></dl>",
            self.title(&sold.price),
            sold.status,
            self.when(sold),
        )
    }

    fn when(&self, sold: &Sold) -> String {
        let days = (seconds(sold.period_end) - seconds(self.config.clock.now())).div_euclid(86_400);
        if sold.is_alive() { format!("in {days} days") } else { "never".into() }
    }
}

fn button(action: &str, label: &str, is_first: bool) -> String {
    let class = if is_first { "" } else { " class=\"second\"" };
    format!("<button type=\"submit\" name=\"action\" value=\"{action}\"{class}>{label}</button>")
}

fn gone() -> Response {
    let main = "<p class=\"problem\" role=\"alert\">This page is over, or the sandbox was started anew. \
                Go back to the app and start again from there.</p><p><a href=\"/\">The first page</a></p>";
    page(StatusCode::GONE, "Start again", main)
}

/// A whole page. The title and `main` are taken as they are.
fn page(status: StatusCode, title: &str, main: &str) -> Response {
    LETTERHEAD.page(status, title, main)
}
