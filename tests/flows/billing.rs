//! Being paid by Stripe, against its stand-in: checkout, portal, webhooks that come late, twice, in another order or
//! from somebody else, and what all of it means for a link that was shared (S25 to S31, A36, A54).

use crate::support::{
    Browser, Installation, Kind,
    instagram::{Decision, walk},
    journey::path_of,
    on_each_database,
    stripe::WEBHOOK_SECRET,
};
use axum::body::Body;
use grantlink::{
    billing::{
        model::{BillingMode, GRACE, Plan, Subscription, SubscriptionState},
        queries,
        sandbox::Happening,
        service::paying,
        stripe::signature,
    },
    paths,
    secret::SecretString,
};
use http::{Method, header};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(86_400);

/// An installation that is paid through Stripe, and the owner of its only organization.
async fn sold_online(kind: Kind) -> (Installation, Browser) {
    let app = Installation::with_billing(kind, BillingMode::Sandbox).await;
    let owner = app.member("Bright & Bold", "ann@agency.example").await;
    (app, owner)
}

/// What is stored of the only customer.
async fn subscription(app: &Installation) -> Subscription {
    let mut conn = app.tools.db.read().await.unwrap();
    let organization = queries::customers::find_organization(&mut conn, &app.customer()).await.unwrap().unwrap();
    queries::find(&mut conn, organization.unwrap()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn s25_s26_an_owner_pays_and_shares_links_even_before_a_webhook_came() {
    on_each_database(async |kind| {
        let (app, mut owner) = sold_online(kind).await;
        assert_eq!(owner.call("generate_link", &[("description", "")]).await.status, 402);
        owner.pay(&app, "studio").await;
        assert_eq!(subscription(&app).await.state, SubscriptionState::Active);
        assert_eq!(subscription(&app).await.plan, Some(Plan::Studio));
        let link = owner.generate_link("").await;
        app.deliver_all().await;
        assert!(app.browser().connect(&link, "studio.nora").await.says("is connected"));
        assert!(owner.get(paths::PLAN).await.says("Studio"));
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s25_a_webhook_alone_is_enough_when_the_owner_never_comes_back() {
    on_each_database(async |kind| {
        let (app, mut owner) = sold_online(kind).await;
        let checkout = owner.choose_plan("agency").await;
        app.payments().pay(&checkout, true).unwrap();
        app.deliver_all().await;
        let found = subscription(&app).await;
        assert_eq!((found.state, found.plan), (SubscriptionState::Trialing, Some(Plan::Agency)));
        owner.generate_link("").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s27_s28_s29_a_payment_fails_has_its_grace_lapses_and_the_same_link_lives_again_once_it_is_paid() {
    on_each_database(async |kind| {
        let (app, mut owner) = sold_online(kind).await;
        owner.pay(&app, "studio").await;
        app.deliver_all().await;
        let link = owner.generate_link("").await;
        let mut client = app.browser();
        let status = async |client: &mut Browser| client.get(&path_of(&link)).await.status;

        app.happens(Happening::PaymentFails).await;
        assert_eq!(subscription(&app).await.state, SubscriptionState::PastDue);
        assert_eq!(status(&mut client).await, 200, "the grace");
        app.tools.clock.advance(GRACE - DAY);
        // It is tried again and fails again: the grace is the same one.
        app.happens(Happening::PaymentFails).await;
        assert_eq!(status(&mut client).await, 200);
        app.tools.clock.advance(DAY + Duration::from_secs(1));
        assert_eq!(status(&mut client).await, 410, "without another word of Stripe's");
        app.happens(Happening::GivesUp).await;
        assert_eq!(subscription(&app).await.state, SubscriptionState::Unpaid);
        assert_eq!(owner.call("generate_link", &[("description", "")]).await.status, 402);
        let started = client.post(&path_of(&link), &[]).await;
        assert_eq!(started.status, 410);

        app.happens(Happening::Pays).await;
        assert!(client.connect(&link, "studio.nora").await.says("is connected"));
        app.happens(Happening::Ends).await;
        assert_eq!(subscription(&app).await.state, SubscriptionState::Canceled);
        assert_eq!(status(&mut client).await, 410);
        assert_eq!(app.database.connections().await[0], 1, "what is connected stays");
        // Ended for good: it takes another checkout, and the link is the same again.
        owner.pay(&app, "studio").await;
        assert_eq!(status(&mut client).await, 200);
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s29_a22_a54_a_subscription_that_ends_while_the_client_is_at_instagram_stores_nothing() {
    on_each_database(async |kind| {
        let (app, mut owner) = sold_online(kind).await;
        owner.pay(&app, "studio").await;
        let link = owner.generate_link("").await;
        let mut client = app.browser();
        let callback = walk(&client.start(&link).await, "studio.nora", Decision::Allow).await;
        app.payments().take_webhooks();
        app.happens(Happening::Ends).await;
        let page = client.come_back(&callback).await;
        assert!(page.says("This link is not active right now"), "{}", page.text());
        assert_eq!(app.database.connections().await, [0, 0, 0]);
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a54_a_subscription_cancelled_for_a_day_holds_until_it_and_not_a_second_longer() {
    on_each_database(async |kind| {
        let (app, mut owner) = sold_online(kind).await;
        owner.pay(&app, "studio").await;
        let link = owner.generate_link("").await;
        app.happens(Happening::EndsLater).await;
        assert_eq!(app.browser().get(&path_of(&link)).await.status, 200);
        let ends_at = subscription(&app).await.ends_at.expect("it has an end");
        let left = u64::try_from(ends_at.as_micros() - app.tools.now().as_micros()).unwrap();
        app.tools.clock.advance(Duration::from_micros(left));
        assert_eq!(app.browser().get(&path_of(&link)).await.status, 410);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a36_webhooks_in_any_order_and_any_number_of_times_come_to_what_stripe_says_now() {
    on_each_database(async |kind| {
        let (app, mut owner) = sold_online(kind).await;
        owner.pay(&app, "studio").await;
        let customer = app.customer();
        for happening in [Happening::PaymentFails, Happening::Pays, Happening::ChangesTo(Plan::Agency)] {
            assert!(app.payments().happen(&customer, happening));
        }
        let webhooks = app.payments().take_webhooks();
        assert_eq!(webhooks.len(), 5);
        let mut expected = Subscription::of(SubscriptionState::Active, None);
        expected.plan = Some(Plan::Agency);
        let events = app.count("audit_events").await;
        for webhook in webhooks.iter().rev().chain(&webhooks) {
            assert_eq!(app.deliver(webhook).await.status, 200);
            assert_eq!(subscription(&app).await, expected, "{}", webhook.body);
        }
        assert_eq!(app.count("audit_events").await, events + 1, "it changed once, to another plan");
        assert_eq!(app.count("stripe_events").await, 5);
        // A known one asks nobody anything.
        let calls = app.payments().calls();
        assert_eq!(app.deliver(&webhooks[0]).await.status, 200);
        assert_eq!(app.payments().calls(), calls);
        // All of them at once, as new ones.
        app.database.execute("DELETE FROM stripe_events").await.unwrap();
        let answers = futures::future::join_all(webhooks.iter().map(|webhook| app.deliver(webhook))).await;
        // One that found too much going on is sent again by Stripe.
        assert!(answers.iter().all(|page| matches!(page.status, 200 | 500 | 503)), "{answers:?}");
        assert!(answers.iter().any(|page| page.status == 200));
        assert_eq!(subscription(&app).await, expected);
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a36_a_webhook_that_stripe_did_not_sign_just_now_changes_nothing() {
    on_each_database(async |kind| {
        let (app, mut owner) = sold_online(kind).await;
        owner.pay(&app, "studio").await;
        app.deliver_all().await;
        assert!(app.payments().happen(&app.customer(), Happening::Ends));
        let webhook = app.payments().take_webhooks().remove(0);
        let (now, secret) = (app.tools.now(), SecretString::from(WEBHOOK_SECRET));
        let sign = |at, secret: &SecretString| signature::sign(webhook.body.as_bytes(), at, secret);
        let before = app.database.contents().await;
        let calls = app.payments().calls();
        for header in [
            String::new(),
            "t=1,v1=00".into(),
            sign(now, &SecretString::from("whsec_somebody_else_s")),
            sign(now.minus(signature::TOLERANCE + Duration::from_secs(2)), &secret),
            sign(now.plus(signature::TOLERANCE + Duration::from_secs(2)), &secret),
        ] {
            let page = app.deliver_signed(&webhook.body, &header).await;
            assert_eq!(page.status, 400, "{header}");
        }
        let good = sign(now, &secret);
        assert_eq!(app.deliver_signed(&webhook.body.replace('{', "{ "), &good).await.status, 400, "not to the byte");
        assert_eq!(app.deliver_signed("{}", &signature::sign(b"{}", now, &secret)).await.status, 400, "no event");
        assert_eq!(app.database.contents().await, before);
        assert_eq!(app.payments().calls(), calls, "Stripe was not asked");
        assert_eq!(app.deliver_signed(&webhook.body, &good).await.status, 200);
        assert_eq!(subscription(&app).await.state, SubscriptionState::Canceled);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a36_what_a_webhook_says_is_not_believed_and_nobody_else_s_customer_is_touched() {
    let (app, mut owner) = sold_online(Kind::Sqlite).await;
    owner.pay(&app, "studio").await;
    app.deliver_all().await;
    let (now, secret) = (app.tools.now(), SecretString::from(WEBHOOK_SECRET));
    for (customer, status) in [(app.customer(), "canceled"), ("cus_of_another_program".into(), "active")] {
        let body = serde_json::json!({
            "id": format!("evt_{status}"), "object": "event", "type": "customer.subscription.updated",
            "data": {"object": {"object": "subscription", "id": "sub_1", "customer": customer, "status": status}},
        })
        .to_string();
        let page = app.deliver_signed(&body, &signature::sign(body.as_bytes(), now, &secret)).await;
        assert_eq!(page.status, 200, "{}", page.body);
    }
    assert_eq!(subscription(&app).await.state, SubscriptionState::Active);
    assert_eq!(app.count("subscriptions").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_comes_while_stripe_is_down_is_acted_on_when_it_comes_again() {
    on_each_database(async |kind| {
        let (app, mut owner) = sold_online(kind).await;
        owner.pay(&app, "studio").await;
        app.deliver_all().await;
        assert!(app.payments().happen(&app.customer(), Happening::Ends));
        let webhook = app.payments().take_webhooks().remove(0);
        app.payments().fail(1);
        assert_eq!(app.deliver(&webhook).await.status, 503);
        assert_eq!(subscription(&app).await.state, SubscriptionState::Active, "nothing is guessed");
        assert_eq!(app.deliver(&webhook).await.status, 200);
        assert_eq!(subscription(&app).await.state, SubscriptionState::Canceled);
        // And an owner who presses a button meanwhile reads that it is busy.
        app.payments().fail(1);
        let page = owner.post(paths::CHECKOUT, &[("plan", "studio")]).await;
        assert_eq!(page.status, 503, "{}", page.text());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_that_never_came_are_made_up_for_within_a_day() {
    on_each_database(async |kind| {
        let (app, mut owner) = sold_online(kind).await;
        owner.pay(&app, "studio").await;
        assert!(app.payments().happen(&app.customer(), Happening::Ends));
        app.payments().take_webhooks();
        let calls = app.payments().calls();
        paying::keep_up(&app.tools).await.unwrap();
        assert_eq!(app.payments().calls(), calls, "nobody is due");
        app.tools.clock.advance(DAY + Duration::from_secs(60));
        paying::keep_up(&app.tools).await.unwrap();
        assert_eq!(subscription(&app).await.state, SubscriptionState::Canceled);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_goes_on_paying_for_an_organization_that_was_deleted() {
    on_each_database(async |kind| {
        let (app, mut owner) = sold_online(kind).await;
        let left_open = owner.choose_plan("agency").await;
        owner.pay(&app, "studio").await;
        app.deliver_all().await;
        let customer = app.customer();
        app.database.execute("DELETE FROM organizations").await.unwrap();
        assert_eq!(app.count("stripe_customers").await, 1);
        paying::keep_up(&app.tools).await.unwrap();
        assert_eq!(app.count("stripe_customers").await, 0);
        assert!(!app.payments().happen(&customer, Happening::Pays), "it was ended at Stripe");
        assert_eq!(app.payments().pay(&left_open, false), None, "and is not begun anew");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_a_subscription_is_led_to_it_and_never_pays_for_two() {
    on_each_database(async |kind| {
        let (app, mut owner) = sold_online(kind).await;
        assert_eq!(owner.post(paths::BILLING_PORTAL, &[]).await.location.as_deref(), Some(paths::PLAN), "nothing yet");
        let (first, second) = (owner.choose_plan("studio").await, owner.choose_plan("studio").await);
        assert!(first.contains("/pay/") && second.contains("/pay/") && first != second, "{first} {second}");
        assert_eq!(app.payments().customers().len(), 1, "one customer for an organization");
        app.payments().pay(&first, false).unwrap();
        assert!(owner.choose_plan("agency").await.contains("/portal/"), "even before the webhook");
        let portal = owner.post(paths::BILLING_PORTAL, &[]).await;
        assert!(portal.location.unwrap().contains("/portal/"));
        app.deliver_all().await;
        app.happens(Happening::PaymentFails).await;
        app.happens(Happening::GivesUp).await;
        assert!(owner.choose_plan("studio").await.contains("/portal/"), "what is owed is paid there");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_that_was_deleted_at_stripe_is_made_anew() {
    on_each_database(async |kind| {
        let (app, mut owner) = sold_online(kind).await;
        owner.choose_plan("studio").await;
        let old = app.customer();
        app.payments().forget_customers();
        assert_eq!(owner.post(paths::BILLING_PORTAL, &[]).await.location.as_deref(), Some(paths::PLAN));
        owner.pay(&app, "studio").await;
        assert_ne!(app.customer(), old);
        assert_eq!(subscription(&app).await.state, SubscriptionState::Active);
        assert_eq!(app.count("stripe_customers").await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a52_a_plan_that_is_not_sold_leads_nowhere_and_without_stripe_there_is_nothing_to_pay() {
    let (app, mut owner) = sold_online(Kind::Sqlite).await;
    for plan in ["", "free", "gold", "price_agency"] {
        let page = owner.post(paths::CHECKOUT, &[("plan", plan)]).await;
        assert_eq!(page.status, 422, "{plan}: {}", page.text());
    }
    assert!(app.payments().customers().is_empty());
    let manual = Installation::with_billing(Kind::Sqlite, BillingMode::Manual).await;
    let mut owner = manual.member("Bright & Bold", "ann@agency.example").await;
    let page = owner.post(paths::CHECKOUT, &[("plan", "studio")]).await;
    assert_eq!((page.status, page.location.as_deref()), (303, Some(paths::PLAN)));
    let page = manual.deliver_signed("{}", "t=1,v1=00").await;
    assert_eq!(page.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a75_the_keys_of_stripe_are_in_no_row_and_no_page() {
    on_each_database(async |kind| {
        let (app, mut owner) = sold_online(kind).await;
        owner.pay(&app, "studio").await;
        app.deliver_all().await;
        let dump = String::from_utf8_lossy(&app.database.dump().await).into_owned();
        let page = owner.get(paths::PLAN).await.body;
        for secret in [WEBHOOK_SECRET, "sk_test_of_these_tests"] {
            assert!(!dump.contains(secret) && !page.contains(secret), "{secret}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a09_forms_of_our_pages_lead_to_where_is_paid_and_a_large_webhook_is_read_whole() {
    let (app, mut owner) = sold_online(Kind::Sqlite).await;
    let checkout = owner.choose_plan("studio").await;
    let origin = checkout.split("/pay/").next().unwrap().to_owned();
    let page = owner.get(paths::PLAN).await;
    let policy = page.header("content-security-policy").unwrap();
    let targets = policy.split(';').find(|part| part.trim().starts_with("form-action")).unwrap();
    assert!(targets.contains(&origin), "{targets}");

    let body = serde_json::json!({"id": "evt_large", "data": {"object": {"note": "x".repeat(300_000)}}}).to_string();
    let header = signature::sign(body.as_bytes(), app.tools.now(), &SecretString::from(WEBHOOK_SECRET));
    assert_eq!(app.deliver_signed(&body, &header).await.status, 200);
    let request = app.browser().request(Method::POST, paths::STRIPE_WEBHOOK).header(header::CONTENT_LENGTH, 2_000_000);
    let page = app.browser().send(request, Body::from(vec![b'x'; 2_000_000])).await;
    assert_eq!(page.status, 413, "{}", page.text());
}
