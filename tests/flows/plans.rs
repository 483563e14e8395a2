//! Plans: what each limit refuses and whom it leaves alone (S25, S26); and a subscription that ends between any two
//! steps of a redemption (A22, A54, S27 to S29).

#[cfg(feature = "failpoints")]
use crate::support::child::Server;
use crate::support::{
    Browser, Installation, Kind, Page,
    instagram::{Decision, walk},
    journey::path_of,
    on_each_database,
    signing_in::PASSWORD,
};
use futures::future::join;
use grantlink::{
    billing::{
        model::{BillingMode, GRACE, LimitKind, Plan, Subscription, SubscriptionState},
        service::apply,
    },
    error::AppError,
    ids::OrganizationId,
    instagram::sandbox::{Endpoint, Fault, FaultKind},
    organizations::model::Role,
};
use std::time::Duration;

const SLUG: &str = "bright-bold";

/// What no client may read (U10).
const OF_BILLING: [&str; 5] = ["subscription", "billing", "paid", "plan", "upgrade"];

async fn owner(app: &Installation) -> Browser {
    let ann = app.member("Bright & Bold", "ann@agency.example").await;
    app.confirm_address("ann@agency.example").await;
    ann
}

async fn invite(member: &mut Browser, email: &str) -> Page {
    member.call("invite_member", &[("email", email), ("role", Role::Member.as_str()), ("password", PASSWORD)]).await
}

async fn request(member: &mut Browser, username: &str) -> Page {
    member.call("request_access", &[("username", username)]).await
}

/// What Stripe would say: paid for this plan.
async fn pay_for(app: &Installation, member: &mut Browser, plan: Plan) {
    let paid = Subscription { plan: Some(plan), ..Subscription::of(SubscriptionState::Active, None) };
    apply(&app.tools, organization_of(member).await, paid).await.unwrap();
}

async fn organization_of(member: &mut Browser) -> OrganizationId {
    member.organization_id().await.parse().unwrap()
}

/// Accounts that the organization waits for.
async fn add_pending(app: &Installation, kind: Kind, count: u32) {
    for n in 0..count {
        let id = match kind {
            Kind::Sqlite => format!("x'{:032x}'", 4_096 + n),
            Kind::Postgres => format!("'\\x{:032x}'", 4_096 + n),
        };
        let values = format!("SELECT {id}, id, 'waiting_{n}', 1 FROM organizations");
        let insert = format!("INSERT INTO accounts (id, organization_id, username, created_at) {values}");
        app.database.execute(&insert).await.unwrap();
    }
}

async fn connected(app: &Installation) -> i64 {
    app.database.number("SELECT COUNT(*) AS n FROM accounts WHERE token_sealed IS NOT NULL").await
}

#[track_caller]
fn assert_refused(page: &Page, limit: LimitKind, plan: Option<Plan>) {
    assert_eq!(page.status, 402, "{}", page.body);
    assert_eq!(page.json::<AppError>(), AppError::PlanLimit { limit, plan });
}

#[tokio::test(flavor = "multi_thread")]
async fn s25_a_plan_limits_people_and_a_lapse_removes_none() {
    on_each_database(async |kind| {
        let app = Installation::with_billing(kind, BillingMode::Manual).await;
        let mut ann = owner(&app).await;
        for email in ["ben@agency.example", "cid@agency.example"] {
            assert_eq!(invite(&mut ann, email).await.status, 200);
        }
        assert_refused(&invite(&mut ann, "dan@agency.example").await, LimitKind::Members, Some(Plan::Studio));
        assert_eq!(app.count("invitations").await, 2);
        // One that is taken back makes room for another.
        let second = ann.members().await.invitations[0].id.to_string();
        assert_eq!(ann.call("revoke_invitation", &[("id", &second)]).await.status, 200);
        assert_eq!(invite(&mut ann, "dan@agency.example").await.status, 200);

        pay_for(&app, &mut ann, Plan::Studio).await;
        for n in 0..7 {
            assert_eq!(invite(&mut ann, &format!("studio{n}@agency.example")).await.status, 200, "{n}");
        }
        assert_refused(&invite(&mut ann, "eve@agency.example").await, LimitKind::Members, Some(Plan::Agency));

        app.set_subscription(SLUG, SubscriptionState::Lapsed).await;
        // Who was invited in time comes in, and who is in stays; nobody is invited any more, nor again.
        let open = ann.members().await.invitations;
        let path = app.invitation_path(open[0].id).await;
        let mut newcomer = app.browser();
        assert_eq!(newcomer.post(&path, &[("password", PASSWORD)]).await.status, 303);
        assert_eq!(newcomer.members().await.members.len(), 2);
        let again = ann.call("resend_invitation", &[("id", &open[1].id.to_string())]).await;
        assert_refused(&again, LimitKind::Members, Some(Plan::Studio));
        assert_refused(&invite(&mut ann, "eve@agency.example").await, LimitKind::Members, Some(Plan::Agency));
        assert_eq!(ann.members().await.invitations.len(), 8);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s25_a_plan_limits_accounts_and_those_there_are_are_never_cut_off() {
    on_each_database(async |kind| {
        let app = Installation::with_billing(kind, BillingMode::Manual).await;
        let mut ann = owner(&app).await;
        let nora = ann.request_access("studio.nora").await;
        for username in ["one", "two", "three", "four"] {
            assert_eq!(request(&mut ann, username).await.status, 200, "{username}");
        }
        assert_refused(&request(&mut ann, "five").await, LimitKind::Accounts, Some(Plan::Studio));
        assert_eq!(app.count("accounts").await, 5, "a refused one leaves nothing behind");
        let log_in = ann.post("/accounts/log-in", &[]).await;
        assert!(log_in.status == 402 && log_in.says("The plan Studio lifts this limit"), "{}", log_in.text());

        // A pending one is connected, and one that is there is asked for anew: neither is another one.
        let mut client = app.browser();
        let started = client.post(nora.url.strip_prefix(crate::support::BASE_URL).unwrap(), &[]).await;
        let callback = walk(&started.location.unwrap(), "studio.nora", Decision::Allow).await;
        assert!(client.come_back(&callback).await.says("is connected"));
        let one = ann.account("one").await.id.to_string();
        assert_eq!(ann.call("regenerate_request", &[("account", &one)]).await.status, 200);
        assert_refused(&request(&mut ann, "five").await, LimitKind::Accounts, Some(Plan::Studio));

        // The same without a script: the page that holds the form says it, and what was typed stays.
        let page = ann.post("/api/request_access", &[("username", "five")]).await;
        assert!(page.status == 402 && page.says("Upgrade to add more accounts"), "{} {}", page.status, page.text());
        assert!(page.says("The plan Studio lifts this limit"), "{}", page.text());
        assert!(page.body.contains(">See the plans<"), "{}", page.text());

        pay_for(&app, &mut ann, Plan::Studio).await;
        assert_eq!(request(&mut ann, "five").await.status, 200);
        app.set_subscription(SLUG, SubscriptionState::Lapsed).await;
        assert_eq!(ann.accounts().await.accounts.len(), 6, "more than the plan includes, and all of them there");
        assert_eq!(connected(&app).await, 1);
        let page = ann.get("/plan").await;
        assert!(page.says("You have more than this plan includes. All of it stays"), "{}", page.text());
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s25_u10_a_client_whose_account_finds_no_room_reads_nothing_of_plans_and_nothing_is_stored() {
    on_each_database(async |kind| {
        let app = Installation::with_billing(kind, BillingMode::Manual).await;
        let mut ann = owner(&app).await;
        pay_for(&app, &mut ann, Plan::Studio).await;
        let link = ann.generate_link("").await;
        add_pending(&app, kind, 50).await;
        let mut client = app.browser();
        let page = client.connect(&link, "studio.nora").await;
        assert!(page.says("Your account could not be added") && page.says("Try again"), "{}", page.text());
        for word in OF_BILLING {
            assert!(!page.text().to_lowercase().contains(word), "the client reads of {word}: {}", page.text());
        }
        assert_eq!(app.database.connections().await, [50, 0, 0]);
        let note = "SELECT COUNT(*) AS n FROM audit_events WHERE action = 'client.refused' AND detail = 'no_room'";
        assert_eq!(app.database.number(note).await, 1);

        app.database.execute("DELETE FROM accounts WHERE username = 'waiting_7'").await.unwrap();
        assert!(client.connect(&link, "studio.nora").await.says("is connected"), "the same link");
        // It is in the list: connected again, it is no further one.
        assert!(client.connect(&link, "studio.nora").await.says("is connected"));
        assert!(client.connect(&link, "bakery_huber").await.says("could not be added"));
        pay_for(&app, &mut ann, Plan::Agency).await;
        assert!(client.connect(&link, "bakery_huber").await.says("is connected"));
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s25_two_clients_at_one_moment_do_not_share_the_last_place() {
    on_each_database(async |kind| {
        let app = Installation::with_billing(kind, BillingMode::Manual).await;
        let mut ann = owner(&app).await;
        pay_for(&app, &mut ann, Plan::Studio).await;
        // Two links: one alone would make them wait for each other anyway.
        let links = [ann.generate_link("One").await, ann.generate_link("Other").await];
        add_pending(&app, kind, 49).await;
        let (mut one, mut other) = (app.browser(), app.browser());
        let first = walk(&one.start(&links[0]).await, "studio.nora", Decision::Allow).await;
        let second = walk(&other.start(&links[1]).await, "bakery_huber", Decision::Allow).await;
        let (first, second) = join(one.come_back(&first), other.come_back(&second)).await;
        let done = [&first, &second].map(|page| page.says("is connected"));
        assert_eq!(done.iter().filter(|done| **done).count(), 1, "{} / {}", first.text(), second.text());
        assert_eq!(connected(&app).await, 1);
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s26_the_prompt_and_the_page_name_the_plans_and_whom_to_ask() {
    let app = Installation::with_billing(Kind::Sqlite, BillingMode::Manual).await;
    let mut ann = owner(&app).await;
    let prompt = ann.get("/accounts/connect-links").await;
    assert!(prompt.says("Upgrade to share connect-links") && prompt.says("The plan Studio lifts this limit"));
    assert!(prompt.body.contains("href=\"/plan\""), "{}", prompt.text());
    let page = ann.get("/plan").await;
    assert_eq!(page.status, 200);
    for words in ["has the plan Free.", "1, up to 3", "Studio", "Agency", "ask whoever runs this installation"] {
        assert!(page.says(words), "{words}: {}", page.text());
    }
    assert!(!page.says("Manage billing") && !page.says("Choose Studio"), "nothing to press that does nothing");
    // It is about a member's own organization, for every role; who decides about it is led there.
    let mut viewer = app.colleague(&mut ann, "vic@agency.example", Role::Viewer).await;
    assert!(viewer.get("/plan").await.says("has the plan Free."));
    assert!(ann.get("/accounts").await.body.contains("href=\"/plan\""));
    assert!(!viewer.get("/accounts").await.body.contains("href=\"/plan\""));

    let unlimited = Installation::new(Kind::Sqlite).await;
    let mut ben = owner(&unlimited).await;
    assert!(ben.get("/plan").await.says("nothing is limited"));
    assert!(!ben.get("/accounts").await.body.contains("href=\"/plan\""));
    for n in 0..6 {
        assert_eq!(request(&mut ben, &format!("free_{n}")).await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn s27_s28_a54_a_failed_payment_has_seven_days_of_grace_and_the_same_link_lives_again_once_paid() {
    on_each_database(async |kind| {
        let app = Installation::with_billing(kind, BillingMode::Stripe).await;
        let mut ann = owner(&app).await;
        let organization = organization_of(&mut ann).await;
        let paid = Subscription { plan: Some(Plan::Studio), ..Subscription::of(SubscriptionState::Active, None) };
        let say = async |subscription| apply(&app.tools, organization, subscription).await.unwrap();
        say(paid).await;
        let link = ann.generate_link("").await;
        let status = async || app.browser().get(&path_of(&link)).await.status;
        let entries = async || {
            let query = "SELECT COUNT(*) AS n FROM audit_events WHERE action = 'subscription.set' AND actor = 'stripe'";
            app.database.number(query).await
        };

        let due = Subscription { state: SubscriptionState::PastDue, ..paid };
        say(due).await;
        assert_eq!((status().await, entries().await), (200, 2));
        let page = ann.get("/plan").await;
        assert!(page.says("A payment failed.") && page.says("has the plan Studio."), "{}", page.text());
        app.tools.clock.advance(GRACE - Duration::from_secs(60));
        // Stripe says the same again: the grace is not prolonged, and there is nothing to record.
        say(due).await;
        assert_eq!((status().await, entries().await), (200, 2));
        app.tools.clock.advance(Duration::from_secs(60));
        assert_eq!(status().await, 410);
        say(due).await;
        assert_eq!((status().await, entries().await), (410, 2));
        say(paid).await;
        assert_eq!(status().await, 200);
        for state in [SubscriptionState::Unpaid, SubscriptionState::Canceled] {
            say(Subscription { state, ..paid }).await;
            assert_eq!(status().await, 410, "{state:?}");
        }
        say(paid).await;
        assert!(app.browser().connect(&link, "studio.nora").await.says("is connected"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s27_s29_a22_a54_a_lapse_between_any_two_requests_of_a_client_stores_nothing() {
    on_each_database(async |kind| {
        let app = Installation::with_billing(kind, BillingMode::Manual).await;
        let mut ann = owner(&app).await;
        app.set_subscription(SLUG, SubscriptionState::Active).await;
        let link = ann.generate_link("").await;
        for lapse_before in ["opening", "starting", "approving", "coming back"] {
            let lapse = async |step: &str| {
                if step == lapse_before {
                    app.set_subscription(SLUG, SubscriptionState::Lapsed).await;
                }
            };
            let mut client = app.browser();
            lapse("opening").await;
            let expected = if lapse_before == "opening" { 410 } else { 200 };
            assert_eq!(client.get(&path_of(&link)).await.status, expected, "{lapse_before}");
            lapse("starting").await;
            let started = client.post(&path_of(&link), &[]).await;
            if ["opening", "starting"].contains(&lapse_before) {
                assert_eq!((started.status, app.count("attempts").await), (410, 0), "{lapse_before}");
            } else {
                lapse("approving").await;
                let callback = walk(&started.location.unwrap(), "studio.nora", Decision::Allow).await;
                lapse("coming back").await;
                let page = client.come_back(&callback).await;
                assert!(page.says("This link is not active right now"), "{lapse_before}: {}", page.text());
            }
            assert_eq!(app.database.connections().await, [0, 0, 0], "{lapse_before}");
            app.set_subscription(SLUG, SubscriptionState::Active).await;
        }
        assert!(app.browser().connect(&link, "studio.nora").await.says("is connected"), "the same link");
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s29_a22_a54_a_lapse_during_any_of_the_calls_to_instagram_stores_nothing() {
    on_each_database(async |kind| {
        let app = Installation::with_billing(kind, BillingMode::Manual).await;
        let mut ann = owner(&app).await;
        app.set_subscription(SLUG, SubscriptionState::Active).await;
        let link = ann.generate_link("").await;
        for endpoint in [Endpoint::Token, Endpoint::LongLived, Endpoint::Me] {
            let mut client = app.browser();
            let callback = walk(&client.start(&link).await, "studio.nora", Decision::Allow).await;
            app.sandbox.script(Fault::once(endpoint, FaultKind::Slow { ms: 1_000 }));
            let lapsing = async {
                tokio::time::sleep(Duration::from_millis(300)).await;
                app.set_subscription(SLUG, SubscriptionState::Lapsed).await;
            };
            let (page, ()) = join(client.come_back(&callback), lapsing).await;
            assert!(page.says("This link is not active right now"), "{endpoint:?}: {}", page.text());
            assert_eq!(app.database.connections().await, [0, 0, 0], "{endpoint:?}");
            app.set_subscription(SLUG, SubscriptionState::Active).await;
        }
        assert_eq!(app.sandbox.calls().me, 3, "each of them was asked to the end");
        assert!(app.browser().connect(&link, "studio.nora").await.says("is connected"), "the same link");
        app.check_invariants().await;
    })
    .await;
}

/// The steps of a redemption, and whether the lapse can come before the transaction that would store anything.
#[cfg(feature = "failpoints")]
const STEPS: [(&str, bool); 9] = [
    ("redeem::before_claim", true),
    ("redeem::before_exchange", true),
    ("redeem::after_exchange", true),
    ("redeem::after_long_lived_token", true),
    ("redeem::after_profile", true),
    ("redeem::link_checked", false),
    ("redeem::account_stored", false),
    ("redeem::before_commit", false),
    ("redeem::after_commit", false),
];

/// The subscription ends while the server stands still at a step. Inside the transaction one of the two has to wait for
/// the other: what is stored when the lapse has been written is all there ever is.
#[cfg(feature = "failpoints")]
async fn lapsed_at(kind: Kind, step: &'static str, is_before: bool) {
    let server = Server::start_with(kind, &format!("{step}=1*sleep(2500)"), &[("BILLING", "manual")]).await;
    let mut ann = server.browser();
    let form = [("organization", "Bright & Bold"), ("email", "ann@agency.example"), ("password", PASSWORD)];
    assert_eq!(ann.post("/sign-up", &form).await.status, 303);
    let values = "SELECT id, 'active', 1 FROM organizations";
    let activate = format!("INSERT INTO subscriptions (organization_id, state, updated_at) {values}");
    server.database.execute(&activate).await.unwrap();
    let link = ann.generate_link("").await;
    let mut client = server.browser();
    let callback = walk(&client.start(&link).await, "studio.nora", Decision::Allow).await;

    let lapsing = async {
        tokio::time::sleep(Duration::from_millis(600)).await;
        server.database.execute("UPDATE subscriptions SET state = 'lapsed'").await.unwrap();
        server.database.connections().await
    };
    let (mut page, at_the_lapse) = join(client.come_back(&callback), lapsing).await;
    let mut left = 60;
    while page.says("Connecting…") {
        assert!(left > 0, "{step}: nobody ended the attempt");
        left -= 1;
        tokio::time::sleep(Duration::from_millis(250)).await;
        page = client.come_back(&callback).await;
    }
    assert_eq!(server.database.connections().await, at_the_lapse, "{step}: something was stored after the lapse");
    let is_stored = at_the_lapse == [1, 1, 1];
    assert!(is_stored || at_the_lapse == [0, 0, 0], "{step}: {at_the_lapse:?}");
    assert!(!(is_stored && is_before), "{step}");
    assert_eq!(page.says("is connected"), is_stored, "{step}: {}", page.text());
    assert_eq!(server.browser().get(&path_of(&link)).await.status, 410, "{step}");

    server.database.execute("UPDATE subscriptions SET state = 'active'").await.unwrap();
    assert!(client.connect(&link, "studio.nora").await.says("is connected"), "{step}: the same link");
    server.database.check_invariants().await;
}

#[cfg(feature = "failpoints")]
#[tokio::test(flavor = "multi_thread")]
async fn s29_a22_a54_a_lapse_at_every_step_of_a_redemption_stores_nothing_afterwards() {
    on_each_database(async |kind| {
        futures::future::join_all(STEPS.map(|(step, is_before)| lapsed_at(kind, step, is_before))).await;
    })
    .await;
}
