//! Redemption: who may finish an attempt, what happens when anything fails, and that nothing is lost or doubled.

#[cfg(feature = "failpoints")]
use crate::support::child::Server;
use crate::support::{
    Browser, Installation, Kind,
    instagram::{Decision, walk},
    journey::path_of,
    on_each_database,
};
use grantlink::{
    connect::{
        self,
        model::{AttemptState, FailedAttempt},
    },
    instagram::sandbox::{Endpoint, Fault, FaultKind, Permissions, Shape, UserId},
    links::model::LinkView,
};
use std::time::{Duration, Instant};

/// One account is stored, by the attempt that says so.
async fn nothing_was_stored(app: &Installation) {
    assert_eq!(app.count("accounts").await, 0);
    assert_eq!(app.database.number("SELECT COUNT(*) AS n FROM links WHERE uses > 0").await, 0);
    assert_eq!(
        app.database.number("SELECT COUNT(*) AS n FROM audit_events WHERE action = 'account.connected'").await,
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a17_a19_a33_another_browser_cannot_finish_an_attempt_and_instagram_is_not_asked() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (_, link) = app.member_with_link().await;
        let mut attacker = app.browser();
        let authorize = attacker.start(&link).await;
        let callback = walk(&authorize, "studio.nora", Decision::Allow).await;
        // The victim approves in a browser without our cookie, and in one that has another attempt's cookie.
        let mut victim = app.browser();
        let mut busy = app.browser();
        busy.start(&link).await;
        for browser in [&mut victim, &mut busy] {
            let page = browser.get(&callback).await;
            assert_eq!(page.status, 400, "{}", page.text());
            assert!(page.location.is_none() && !page.says("is connected"));
        }
        assert_eq!(app.sandbox.calls().token, 0);
        nothing_was_stored(&app).await;
        // The twin: the browser that started may finish.
        assert!(attacker.come_back(&callback).await.says("is connected"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a20_a_replayed_callback_shows_the_first_outcome_and_does_nothing() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (_, link) = app.member_with_link().await;
        let mut client = app.browser();
        let callback = walk(&client.start(&link).await, "studio.nora", Decision::Allow).await;
        assert!(client.come_back(&callback).await.says("@studio.nora is connected"));
        let before = (app.sandbox.calls().token, app.count("accounts").await, app.count("audit_events").await);
        assert!(client.come_back(&callback).await.says("@studio.nora is connected"));
        assert_eq!(before, (app.sandbox.calls().token, app.count("accounts").await, app.count("audit_events").await));
        assert_eq!(app.browser().get(&callback).await.status, 400);
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a20_two_callbacks_at_once_make_one_connection() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (_, link) = app.member_with_link().await;
        let mut client = app.browser();
        let callback = walk(&client.start(&link).await, "studio.nora", Decision::Allow).await;
        let (mut one, mut two) = (client.clone(), client.clone());
        let (first, second) = tokio::join!(one.get(&callback), two.get(&callback));
        assert_eq!((first.status, second.status), (303, 303));
        app.tools.tasks.close();
        app.tools.tasks.wait().await;
        assert_eq!((app.sandbox.calls().token, app.count("accounts").await), (1, 1));
        let place = first.location.unwrap();
        assert!(client.get(&place).await.says("is connected"));
        app.tools.tasks.reopen();
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a14_a30_the_way_to_instagram_carries_a_fresh_state_the_least_scope_and_no_link() {
    let app = Installation::new(Kind::Sqlite).await;
    let (_, link) = app.member_with_link().await;
    let mut client = app.browser();
    client.headers.insert("x-forwarded-host", "evil.example".parse().unwrap());
    let (one, two) = (client.start(&link).await, client.start(&link).await);
    let token = link.url.rsplit('/').next().unwrap();
    for authorize in [&one, &two] {
        assert!(!authorize.contains(token) && !authorize.contains("evil"), "{authorize}");
        let url = url::Url::parse(authorize).unwrap();
        let query: std::collections::BTreeMap<_, _> = url.query_pairs().into_owned().collect();
        assert_eq!(query["scope"], "instagram_business_basic");
        assert_eq!(query["force_reauth"], "true");
        assert_eq!(query["response_type"], "code");
        assert_eq!(query["redirect_uri"], "http://127.0.0.1:3000/oauth/instagram/callback");
        assert_eq!(query["state"].len(), 43);
    }
    assert_ne!(one, two);
}

#[tokio::test(flavor = "multi_thread")]
async fn a31_two_tabs_on_two_links_both_succeed_in_either_order() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut member, bakery) = app.member_with_link().await;
        let florist = member.generate_link("Florist").await;
        let mut client = app.browser();
        let first = walk(&client.start(&bakery).await, "bakery_huber", Decision::Allow).await;
        let second = walk(&client.start(&florist).await, "studio.nora", Decision::Allow).await;
        assert!(client.come_back(&second).await.says("@studio.nora is connected"));
        assert!(client.come_back(&first).await.says("@bakery_huber is connected"));
        let through: Vec<_> = member
            .accounts()
            .await
            .accounts
            .into_iter()
            .map(|account| (account.username, account.through.unwrap_or_default()))
            .collect();
        assert!(through.contains(&("bakery_huber".into(), "Bakery".into())), "{through:?}");
        assert!(through.contains(&("studio.nora".into(), "Florist".into())), "{through:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a32_an_attempt_older_than_thirty_minutes_is_too_late_and_the_link_still_works() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (_, link) = app.member_with_link().await;
        let mut client = app.browser();
        let callback = walk(&client.start(&link).await, "studio.nora", Decision::Allow).await;
        app.tools.clock.advance(Duration::from_secs(30 * 60));
        let page = client.come_back(&callback).await;
        assert!(page.says("Try again") && !page.says("is connected"), "{}", page.text());
        assert_eq!(app.sandbox.calls().token, 0);
        assert!(client.connect(&link, "studio.nora").await.says("is connected"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a22_a_link_deleted_at_any_instant_before_the_commit_stores_nothing() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut member, link) = app.member_with_link().await;
        let mut client = app.browser();
        let callback = walk(&client.start(&link).await, "studio.nora", Decision::Allow).await;
        // While Instagram is asked, so after every check that is not the transaction's own.
        app.sandbox.script(Fault::once(Endpoint::Me, FaultKind::Slow { ms: 1_000 }));
        let mut deleting = async || {
            tokio::time::sleep(Duration::from_millis(400)).await;
            assert_eq!(member.revoke_link(&link).await.status, 200);
        };
        let (page, ()) = tokio::join!(client.come_back(&callback), deleting());
        assert!(!page.says("is connected"), "{}", page.text());
        assert!(page.says("Try again"));
        nothing_was_stored(&app).await;
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a25_connecting_again_renews_the_one_row() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut member, link) = app.member_with_link().await;
        app.browser().connect(&link, "studio.nora").await;
        let first = member.accounts().await.accounts.remove(0);
        app.tools.clock.advance(Duration::from_secs(86_400));
        app.browser().connect(&link, "studio.nora").await;
        let accounts = member.accounts().await.accounts;
        assert_eq!((accounts.len(), accounts[0].id), (1, first.id));
        assert_ne!(accounts[0].state, first.state, "the token was renewed");
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a26_one_account_in_two_organizations_is_two_rows_with_two_tokens() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut ann, link) = app.member_with_link().await;
        let mut bob = app.member("Other Agency", "bob@other.example").await;
        let other = bob.generate_link("").await;
        app.browser().connect(&link, "studio.nora").await;
        app.browser().connect(&other, "studio.nora").await;
        assert_eq!(app.count("accounts").await, 2);
        let id = bob.accounts().await.accounts[0].id.to_string();
        assert_eq!(bob.call("disconnect_account", &[("id", &id)]).await.status, 200);
        let anns = ann.accounts().await.accounts.remove(0);
        assert!(grantlink::accounts::service::token(&app.tools, anns.id).await.is_ok());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a28_u06_cancelling_is_no_error_and_echoes_nothing() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (_, link) = app.member_with_link().await;
        let mut client = app.browser();
        let back = walk(&client.start(&link).await, "studio.nora", Decision::Cancel).await;
        let page = client.come_back(&back).await;
        assert!(page.says("Nothing was shared") && page.says("Try again"), "{}", page.text());
        assert!(page.body.contains(&path_of(&link)), "the way back is offered");
        let forged = "/oauth/instagram/callback?error=access_denied&error_description=%3Cscript%3Eboo";
        let page = app.browser().get(forged).await;
        assert_eq!(page.status, 400);
        assert!(!page.body.contains("boo"));
        nothing_was_stored(&app).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a29_ids_beyond_2_to_the_53_are_stored_exactly_in_every_shape() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (_, link) = app.member_with_link().await;
        for (flat, user_id) in [(true, UserId::Number), (true, UserId::String), (false, UserId::Number)] {
            app.sandbox.set_shape(Shape { flat, user_id, ..Shape::default() });
            let page = app.browser().connect(&link, "bakery_huber").await;
            assert!(page.says("17841405822304914"), "{}", page.text());
        }
        let exact = "SELECT COUNT(*) AS n FROM accounts WHERE instagram_id = '17841405822304914' AND app_scoped_id = '27640875392278831'";
        assert_eq!((app.count("accounts").await, app.database.number(exact).await), (1, 1));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a27_a_missing_permission_is_named_and_nothing_is_stored() {
    let app = Installation::new(Kind::Sqlite).await;
    let (_, link) = app.member_with_link().await;
    let person = grantlink::instagram::sandbox::people()
        .iter()
        .find(|person| person.manner == grantlink::instagram::sandbox::people::Manner::GrantsNothing)
        .unwrap();
    let mut client = app.browser();
    let page = client.connect(&link, person.username).await;
    assert!(page.says("permission") && page.says("Try again"), "{}", page.text());
    nothing_was_stored(&app).await;
    // An answer that does not list permissions is no refusal.
    app.sandbox.set_shape(Shape { permissions: Permissions::Absent, ..Shape::default() });
    assert!(client.connect(&link, "studio.nora").await.says("is connected"));
}

#[tokio::test(flavor = "multi_thread")]
async fn u08_a_personal_account_is_told_how_to_switch_and_nothing_is_stored() {
    let app = Installation::new(Kind::Sqlite).await;
    let (_, link) = app.member_with_link().await;
    let page = app.browser().connect(&link, "mia_personal").await;
    assert!(page.says("mia_personal") && page.says("professional") && page.says("Try again"), "{}", page.text());
    nothing_was_stored(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_the_app_may_not_serve_is_told_so() {
    let app = Installation::new(Kind::Sqlite).await;
    let (_, link) = app.member_with_link().await;
    let page = app.browser().connect(&link, "acme_outsider").await;
    assert!(!page.says("is connected") && page.says("Try again"), "{}", page.text());
    nothing_was_stored(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f10_a_browser_that_goes_away_cancels_nothing() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut member, link) = app.member_with_link().await;
        let mut client = app.browser();
        let callback = walk(&client.start(&link).await, "studio.nora", Decision::Allow).await;
        app.sandbox.script(Fault::once(Endpoint::Token, FaultKind::Slow { ms: 800 }));
        let mut leaving = client.clone();
        let gone = tokio::time::timeout(Duration::from_millis(200), leaving.get(&callback)).await;
        assert!(gone.is_err(), "the browser left before the answer");
        app.check_invariants().await;
        assert_eq!(member.accounts().await.accounts.len(), 1);
        assert!(client.come_back(&callback).await.says("is connected"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u11_a_slow_instagram_shows_connecting_within_four_seconds_and_then_the_outcome() {
    let app = Installation::new(Kind::Sqlite).await;
    let (_, link) = app.member_with_link().await;
    let mut client = app.browser();
    let callback = walk(&client.start(&link).await, "studio.nora", Decision::Allow).await;
    app.sandbox.script(Fault::once(Endpoint::Token, FaultKind::Slow { ms: 4_500 }));
    let began = Instant::now();
    let page = client.get(&callback).await;
    assert!(began.elapsed() < Duration::from_secs(4));
    let place = page.location.unwrap();
    let waiting = client.get(&place).await;
    assert!(waiting.says("Connecting…"), "{}", waiting.text());
    let refresh = waiting.header("refresh").expect("it refreshes itself without JavaScript");
    assert_eq!(refresh, format!("2; url={place}"));
    app.check_invariants().await;
    assert!(client.get(&place).await.says("is connected"));
}

/// What a fault leads to, within which time.
async fn fault_ends_in(kind: Kind, on: Endpoint, fault: FaultKind, expected: &FailedAttempt) {
    let app = Installation::new(kind).await;
    let (_, link) = app.member_with_link().await;
    let mut client = app.browser();
    let callback = walk(&client.start(&link).await, "studio.nora", Decision::Allow).await;
    app.sandbox.script(Fault { times: 10, ..Fault::once(on, fault.clone()) });
    let began = Instant::now();
    let place = client.get(&callback).await.location.unwrap();
    app.tools.tasks.close();
    app.tools.tasks.wait().await;
    app.tools.tasks.reopen();
    assert!(began.elapsed() < Duration::from_secs(12), "{on:?} {fault:?} took {:?}", began.elapsed());
    let state = client.attempt_state(&place).await;
    assert_eq!(state, AttemptState::Failed(expected.clone()), "{on:?} {fault:?}");
    let page = client.get(&place).await;
    assert!(page.says("Try again"), "{}", page.text());
    nothing_was_stored(&app).await;
    if on == Endpoint::Token {
        assert_eq!(app.sandbox.calls().token, 1, "a code is never sent twice");
    }
    app.sandbox.behave();
    assert!(client.connect(&link, "studio.nora").await.says("is connected"), "the link works on");
    app.check_invariants().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f13_f14_f16_f17_every_fault_of_instagram_ends_in_a_named_state_and_the_link_works_on() {
    use FailedAttempt::{InstagramUnavailable, NotCompleted, RateLimited};
    let limited = FaultKind::Status { code: 429, retry_after: Some(30) };
    for (on, fault, expected) in [
        (Endpoint::Token, FaultKind::Html502, InstagramUnavailable),
        (Endpoint::Token, FaultKind::DropAfterConsuming, InstagramUnavailable),
        (Endpoint::Token, FaultKind::Status { code: 503, retry_after: None }, InstagramUnavailable),
        (Endpoint::Token, limited.clone(), RateLimited),
        (Endpoint::LongLived, FaultKind::Html502, InstagramUnavailable),
        (Endpoint::LongLived, FaultKind::Truncated, NotCompleted),
        (Endpoint::Me, FaultKind::Status { code: 500, retry_after: None }, InstagramUnavailable),
        (Endpoint::Me, FaultKind::Empty, NotCompleted),
        (Endpoint::Me, FaultKind::InvalidUtf8, NotCompleted),
        (Endpoint::Me, FaultKind::WrongTypes, NotCompleted),
        (Endpoint::Me, FaultKind::Huge, NotCompleted),
        (Endpoint::Me, limited, RateLimited),
    ] {
        fault_ends_in(Kind::Sqlite, on, fault, &expected).await;
    }
}

/// The steps of a redemption up to the instant at which it becomes true.
#[cfg(feature = "failpoints")]
const BEFORE_COMMIT: [&str; 8] = [
    "redeem::before_claim",
    "redeem::before_exchange",
    "redeem::after_exchange",
    "redeem::after_long_lived_token",
    "redeem::after_profile",
    "redeem::link_checked",
    "redeem::account_stored",
    "redeem::before_commit",
];

/// Sign-up, link and the way to Instagram and back, on a server that does something at a step.
#[cfg(feature = "failpoints")]
async fn at_step(kind: Kind, failpoint: String) -> (Server, LinkView, Browser, String) {
    let server = Server::start(kind, &failpoint).await;
    let mut member = server.browser();
    let form = [("organization", "Bright & Bold"), ("email", "ann@agency.example"), ("password", "three small words")];
    assert_eq!(member.post("/sign-up", &form).await.status, 303);
    let link = member.generate_link("Bakery").await;
    let mut client = server.browser();
    let callback = walk(&client.start(&link).await, "studio.nora", Decision::Allow).await;
    (server, link, client, callback)
}

#[cfg(feature = "failpoints")]
async fn killed_at(kind: Kind, step: &'static str) {
    let (mut server, link, mut client, callback) = at_step(kind, format!("{step}=return(kill)")).await;
    assert_eq!(client.get(&callback).await.status, 502, "{step}: the server died under the request");
    server.wait_for_death().await;
    server.restart().await;
    server.adopt(&mut client);
    let connected = "SELECT COUNT(*) AS n FROM accounts";
    if step == "redeem::after_commit" {
        assert!(client.come_back(&callback).await.says("is connected"), "what was committed stays");
        assert_eq!(server.database.number(connected).await, 1);
        return;
    }
    assert_eq!(server.database.number(connected).await, 0, "{step}");
    // An attempt that was claimed is ended within a minute; one that was not can simply go on.
    let deadline = Instant::now() + Duration::from_secs(60);
    let settled = loop {
        let page = client.come_back(&callback).await;
        if !page.says("Connecting…") {
            break page;
        }
        assert!(Instant::now() < deadline, "{step}: nobody ended the attempt");
        tokio::time::sleep(Duration::from_millis(500)).await;
    };
    assert!(settled.says("Try again"), "{step}: {}", settled.text());
    assert!(client.connect(&link, "studio.nora").await.says("is connected"), "{step}");
    assert_eq!(server.database.number(connected).await, 1, "{step}");
    server.database.check_integrity().await;
}

#[cfg(feature = "failpoints")]
#[tokio::test(flavor = "multi_thread")]
async fn f01_f02_f03_f04_f05_killed_at_every_step_nothing_is_lost_or_doubled() {
    on_each_database(async |kind| {
        let steps = BEFORE_COMMIT.iter().copied().chain(["redeem::after_commit"]);
        futures::future::join_all(steps.map(|step| killed_at(kind, step))).await;
    })
    .await;
}

#[cfg(feature = "failpoints")]
#[tokio::test(flavor = "multi_thread")]
async fn f08_failed_at_every_step_the_attempt_ends_in_words_and_nothing_is_stored() {
    on_each_database(async |kind| {
        for step in BEFORE_COMMIT.into_iter().skip(1) {
            let (server, link, mut client, callback) = at_step(kind, format!("{step}=1*return")).await;
            let page = client.come_back(&callback).await;
            assert!(page.says("Try again") && !page.says("is connected"), "{step}: {}", page.text());
            assert_eq!(server.database.number("SELECT COUNT(*) AS n FROM accounts").await, 0, "{step}");
            assert!(client.connect(&link, "studio.nora").await.says("is connected"), "{step}");
            assert_eq!(server.database.number("SELECT COUNT(*) AS n FROM accounts").await, 1, "{step}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f07_every_step_done_twice_ends_as_if_done_once() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut member, link) = app.member_with_link().await;
        let mut client = app.browser();
        for _ in 0..2 {
            client.get(&path_of(&link)).await;
        }
        let authorize = client.start(&link).await;
        let _abandoned = client.start(&link).await;
        let callback = walk(&authorize, "studio.nora", Decision::Allow).await;
        for _ in 0..2 {
            assert!(client.come_back(&callback).await.says("is connected"));
        }
        for _ in 0..2 {
            connect::service::finish_orphans(&app.tools).await.unwrap();
        }
        assert_eq!((member.accounts().await.accounts.len(), app.count("accounts").await), (1, 1));
        assert_eq!(member.links().await.links[0].uses, 1);
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f02_an_attempt_whose_server_died_is_ended_and_a_late_commit_is_refused() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (_, link) = app.member_with_link().await;
        let mut client = app.browser();
        let callback = walk(&client.start(&link).await, "studio.nora", Decision::Allow).await;
        app.sandbox.script(Fault::once(Endpoint::Me, FaultKind::Slow { ms: 1_500 }));
        let orphaning = async {
            tokio::time::sleep(Duration::from_millis(700)).await;
            app.tools.clock.advance(Duration::from_secs(31));
            assert_eq!(connect::service::finish_orphans(&app.tools).await.unwrap(), 1);
        };
        let mut browser: Browser = client.clone();
        let (page, ()) = tokio::join!(browser.come_back(&callback), orphaning);
        assert!(!page.says("is connected"), "{}", page.text());
        app.tools.tasks.close();
        app.tools.tasks.wait().await;
        app.tools.tasks.reopen();
        nothing_was_stored(&app).await;
        assert!(client.connect(&link, "studio.nora").await.says("is connected"));
        app.check_invariants().await;
    })
    .await;
}
