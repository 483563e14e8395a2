//! The subscription gates connect-links, at each step and inside the redeeming transaction (S25 to S31, A22, A54).

use crate::support::{
    Installation,
    instagram::{Decision, walk},
    journey::path_of,
    on_each_database,
};
use grantlink::{
    billing::model::{BillingMode, SubscriptionState},
    instagram::sandbox::{Endpoint, Fault, FaultKind},
};
use std::time::Duration;

const SLUG: &str = "bright-bold";

#[tokio::test(flavor = "multi_thread")]
async fn s25_s26_a_free_organization_makes_no_links_and_sees_the_upgrade_prompt() {
    on_each_database(async |kind| {
        let app = Installation::with_billing(kind, BillingMode::Manual).await;
        let mut member = app.member("Bright & Bold", "ann@agency.example").await;
        let refused = member.call("generate_link", &[("description", "")]).await;
        assert_eq!(refused.status, 402, "{}", refused.body);
        assert_eq!(app.count("links").await, 0);
        let page = member.get("/accounts/connect-links").await;
        assert!(page.says("Upgrade to share connect-links"), "{}", page.text());
        assert!(!page.says("Generate connect-link"));
        app.set_subscription(SLUG, SubscriptionState::Active).await;
        member.generate_link("").await;
        assert!(!member.get("/accounts/connect-links").await.says("Upgrade to share connect-links"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s27_s28_s31_s33_u10_a_lapse_stops_a_link_in_words_without_billing_and_renewal_revives_it() {
    on_each_database(async |kind| {
        let app = Installation::with_billing(kind, BillingMode::Manual).await;
        let mut member = app.member("Bright & Bold", "ann@agency.example").await;
        app.set_subscription(SLUG, SubscriptionState::Active).await;
        let (link, doomed) = (member.generate_link("").await, member.generate_link("").await);
        app.set_subscription(SLUG, SubscriptionState::Lapsed).await;
        // S33: a link can be deleted at any time, and renewal brings none back that was (U23).
        assert_eq!(member.revoke_link(&doomed).await.status, 200);
        let mut client = app.browser();
        for page in [client.get(&path_of(&link)).await, client.post(&path_of(&link), &[]).await] {
            assert_eq!(page.status, 410);
            let text = page.text().to_lowercase();
            assert!(text.contains("not active right now"), "{text}");
            for word in ["subscription", "billing", "paid", "plan", "bright"] {
                assert!(!text.contains(word), "the client reads of {word}: {text}");
            }
        }
        app.set_subscription(SLUG, SubscriptionState::Active).await;
        assert!(client.connect(&link, "studio.nora").await.says("is connected"));
        assert_eq!(client.get(&path_of(&doomed)).await.status, 410);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s29_a22_a54_a_lapse_between_opening_and_callback_stores_nothing() {
    on_each_database(async |kind| {
        let app = Installation::with_billing(kind, BillingMode::Manual).await;
        let mut member = app.member("Bright & Bold", "ann@agency.example").await;
        app.set_subscription(SLUG, SubscriptionState::Active).await;
        let link = member.generate_link("").await;
        let mut client = app.browser();
        let callback = walk(&client.start(&link).await, "studio.nora", Decision::Allow).await;
        app.set_subscription(SLUG, SubscriptionState::Lapsed).await;
        let page = client.come_back(&callback).await;
        assert!(!page.says("is connected"), "{}", page.text());
        assert!(page.says("This link is not active right now") && page.says("Try again"), "{}", page.text());
        assert_eq!(app.database.connections().await, [0, 0, 0]);
        assert_eq!(member.links().await.links[0].uses, 0);
        app.set_subscription(SLUG, SubscriptionState::Active).await;
        assert!(client.connect(&link, "studio.nora").await.says("is connected"));
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s29_a22_a54_a_lapse_while_instagram_is_asked_stores_nothing() {
    on_each_database(async |kind| {
        let app = Installation::with_billing(kind, BillingMode::Manual).await;
        let mut member = app.member("Bright & Bold", "ann@agency.example").await;
        app.set_subscription(SLUG, SubscriptionState::Active).await;
        let link = member.generate_link("").await;
        let mut client = app.browser();
        let callback = walk(&client.start(&link).await, "studio.nora", Decision::Allow).await;
        // So after every check that is not the transaction's own.
        app.sandbox.script(Fault::once(Endpoint::Me, FaultKind::Slow { ms: 1_000 }));
        let lapsing = async {
            tokio::time::sleep(Duration::from_millis(400)).await;
            app.set_subscription(SLUG, SubscriptionState::Lapsed).await;
        };
        let (page, ()) = tokio::join!(client.come_back(&callback), lapsing);
        assert!(!page.says("is connected"), "{}", page.text());
        assert!(page.says("This link is not active right now") && page.says("Try again"), "{}", page.text());
        for word in ["subscription", "billing", "paid", "plan"] {
            assert!(!page.text().to_lowercase().contains(word), "the client reads of {word}: {}", page.text());
        }
        assert_eq!(app.sandbox.calls().me, 1, "Instagram was asked");
        assert_eq!(app.database.connections().await, [0, 0, 0]);
        assert_eq!(member.links().await.links[0].uses, 0);
        app.set_subscription(SLUG, SubscriptionState::Active).await;
        assert!(client.connect(&link, "studio.nora").await.says("is connected"));
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a54_a_subscription_that_runs_out_by_itself_lapses_to_the_second() {
    on_each_database(async |kind| {
        let app = Installation::with_billing(kind, BillingMode::Manual).await;
        let mut member = app.member("Bright & Bold", "ann@agency.example").await;
        let ends_at = app.tools.now().plus(Duration::from_secs(60));
        grantlink::billing::service::set(&app.tools, SLUG, SubscriptionState::Active, Some(ends_at)).await.unwrap();
        let link = member.generate_link("").await;
        assert_eq!(app.browser().get(&path_of(&link)).await.status, 200);
        app.tools.clock.advance(Duration::from_secs(61));
        assert_eq!(app.browser().get(&path_of(&link)).await.status, 410);
        assert_eq!(member.call("generate_link", &[("description", "")]).await.status, 402);
        let states = grantlink::billing::service::list(&app.tools).await.unwrap();
        assert_eq!(states, vec![(SLUG.to_owned(), "Bright & Bold".to_owned(), SubscriptionState::Lapsed)]);
    })
    .await;
}
