//! Redemption: who may finish an attempt and until when, and what people read when it does not succeed. What survives a
//! server that dies is in `crashes`.

use crate::support::{
    Browser, Installation, Kind, Page,
    instagram::{Decision, walk},
    journey::path_of,
    on_each_database,
};
use grantlink::{
    connect::model::{AttemptState, FailedAttempt},
    instagram::{
        http::InstagramApp,
        sandbox::{Endpoint, Fault, FaultKind, Permissions, Shape, UserId},
    },
    secret::{ExposeSecret, Token},
};
use std::time::{Duration, Instant};

/// How long a client may take at Instagram.
const ATTEMPT_LIFE: Duration = Duration::from_secs(30 * 60);

/// No account, no use of a link, no event of a connection.
pub async fn nothing_was_stored(app: &Installation) {
    assert_eq!(app.database.connections().await, [0, 0, 0]);
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
        let counts = async || {
            let rows = [app.count("accounts").await, app.count("audit_events").await, app.count("attempts").await];
            (app.sandbox.calls().token, rows)
        };
        let (before, held) = (counts().await, app.database.contents().await);
        assert!(client.come_back(&callback).await.says("@studio.nora is connected"));
        assert_eq!(app.browser().get(&callback).await.status, 400);
        assert_eq!(counts().await, before);
        assert_eq!(app.database.contents().await, held, "nothing at all was written");
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
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (_, link) = app.member_with_link().await;
        let mut client = app.browser();
        client.headers.insert("x-forwarded-host", "evil.example".parse().unwrap());
        let (one, two) = (client.start(&link).await, client.start(&link).await);
        let token = link.url.rsplit('/').next().unwrap();
        let mut secrets = std::collections::BTreeSet::from([token.to_owned()]);
        for authorize in [&one, &two] {
            assert!(!authorize.contains(token) && !authorize.contains("evil"), "{authorize}");
            let url = url::Url::parse(authorize).unwrap();
            let query: std::collections::BTreeMap<_, _> = url.query_pairs().into_owned().collect();
            assert_eq!(query["scope"], "instagram_business_basic");
            assert_eq!(query["force_reauth"], "true");
            assert_eq!(query["response_type"], "code");
            assert_eq!(query["redirect_uri"], "http://127.0.0.1:3000/oauth/instagram/callback");
            assert_eq!(query["state"].len(), 43);
            assert!(secrets.insert(query["state"].clone()), "the state is no other secret");
        }
        assert_ne!(one, two);
        // What ties an attempt to the browser: one secret each, which never leaves for Instagram.
        assert_eq!(client.cookies.len(), 2, "{:?}", client.cookies.keys());
        for (name, value) in &client.cookies {
            assert!(name.starts_with("__Host-attempt-") && Token::parse(value).is_some(), "{name}");
            assert!(!one.contains(value) && !two.contains(value), "{name}");
            assert!(secrets.insert(value.clone()), "{name} is no other secret");
        }
        let page = app.browser().post(&path_of(&link), &[]).await;
        let cookies = page.set_cookies();
        assert!(cookies.len() == 1 && cookies[0].contains("; Max-Age=86400"), "{cookies:?}");
        assert!(!cookies[0].contains(token) && !cookies[0].contains("Domain"), "{cookies:?}");
    })
    .await;
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
        app.tools.clock.advance(ATTEMPT_LIFE);
        let page = client.come_back(&callback).await;
        assert!(page.says("This took too long") && page.says("within thirty minutes"), "{}", page.text());
        assert!(page.says("Nothing was stored, and your link still works"), "{}", page.text());
        assert!(page.says("Try again") && !page.says("is connected"), "{}", page.text());
        assert_eq!(app.sandbox.calls().token, 0);
        nothing_was_stored(&app).await;
        // The twin comes back after twenty-nine minutes and fifty-nine seconds, the way to Instagram included.
        let began = Instant::now();
        let callback = walk(&client.start(&link).await, "studio.nora", Decision::Allow).await;
        app.tools.clock.advance((ATTEMPT_LIFE - Duration::from_secs(1)).saturating_sub(began.elapsed()));
        assert!(client.come_back(&callback).await.says("is connected"));
        assert!(client.connect(&link, "studio.nora").await.says("is connected"));
        app.check_invariants().await;
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
        assert!(page.says("This link is not active right now") && page.says("Try again"), "{}", page.text());
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
        let before = app.token(first.id).await.unwrap();
        app.tools.clock.advance(Duration::from_secs(86_400));
        app.browser().connect(&link, "studio.nora").await;
        let accounts = member.accounts().await.accounts;
        assert_eq!((accounts.len(), accounts[0].id), (1, first.id));
        assert_ne!(accounts[0].state, first.state, "the token was renewed");
        let after = app.token(first.id).await.unwrap();
        assert_ne!(before.expose_secret(), after.expose_secret());
        assert_eq!(app.tools.instagram.profile(&after).await.unwrap().username, "studio.nora");
        assert_eq!(app.database.connections().await, [1, 2, 2], "both connections are counted and recorded");
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
        let (mut anns, mut bobs) = (ann.accounts().await.accounts, bob.accounts().await.accounts);
        assert_eq!((anns.len(), bobs.len()), (1, 1), "each organization sees its own row");
        let (anns, bobs) = (anns.remove(0), bobs.remove(0));
        assert_ne!(anns.id, bobs.id);
        let tokens = [app.token(anns.id).await.unwrap(), app.token(bobs.id).await.unwrap()];
        assert_ne!(tokens[0].expose_secret(), tokens[1].expose_secret());
        assert_eq!(bob.call("disconnect_account", &[("id", &bobs.id.to_string())]).await.status, 200);
        assert!(bob.accounts().await.accounts.is_empty());
        assert_eq!(ann.accounts().await.accounts.len(), 1);
        assert!(app.token(anns.id).await.is_some());
        app.check_invariants().await;
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
async fn a28_u06_cancelling_without_a_state_leads_back_to_the_link_of_this_browser_and_changes_nothing() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (_, link) = app.member_with_link().await;
        app.sandbox.set_shape(Shape { state_on_cancel: false, ..Shape::default() });
        let mut client = app.browser();
        let back = walk(&client.start(&link).await, "studio.nora", Decision::Cancel).await;
        assert!(back.contains("error=access_denied") && !back.contains("state="), "{back}");
        let before = app.database.contents().await;
        let page = client.come_back(&back).await;
        assert_eq!(page.status, 400);
        assert!(page.says("Nothing was shared") && page.says("Try again"), "{}", page.text());
        assert!(page.body.contains(&format!("href=\"{}\"", path_of(&link))), "the way back is offered");
        // A browser that started nothing reads the same, and learns of no link.
        let elsewhere = app.browser().get(&back).await;
        assert!(elsewhere.status == 400 && elsewhere.says("Nothing was shared"), "{}", elsewhere.text());
        assert!(!elsewhere.body.contains(&path_of(&link)));
        assert_eq!(app.database.contents().await, before, "nobody knows which attempt was meant");
        assert!(client.connect(&link, "studio.nora").await.says("is connected"));
        app.check_invariants().await;
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
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
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
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u08_a_personal_account_is_told_how_to_switch_and_nothing_is_stored() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (_, link) = app.member_with_link().await;
        let page = app.browser().connect(&link, "mia_personal").await;
        assert!(page.says("mia_personal") && page.says("professional") && page.says("Try again"), "{}", page.text());
        nothing_was_stored(&app).await;
        app.check_invariants().await;
    })
    .await;
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
    app.finish_tasks().await;
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
    let faults = [
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
    ];
    on_each_database(async |kind| {
        let each = faults.iter().map(|(on, fault, expected)| fault_ends_in(kind, *on, fault.clone(), expected));
        futures::future::join_all(each).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f13_an_instagram_that_cannot_be_reached_ends_in_words_within_ten_seconds_and_the_link_stays() {
    // Nobody listens there; no such name; a server that speaks no TLS.
    let refused = |app: &mut InstagramApp| app.token_url = "http://127.0.0.1:9/".parse().unwrap();
    let nameless = |app: &mut InstagramApp| app.token_url = "http://instagram.invalid/".parse().unwrap();
    let bare = |app: &mut InstagramApp| app.token_url.set_scheme("https").unwrap();
    let troubles: [&(dyn Fn(&mut InstagramApp) + Sync); 3] = [&refused, &nameless, &bare];
    on_each_database(async |kind| {
        futures::future::join_all(troubles.iter().map(|trouble| unreachable_ends_in_words(kind, trouble))).await;
    })
    .await;
}

async fn unreachable_ends_in_words(kind: Kind, trouble: &(dyn Fn(&mut InstagramApp) + Sync)) {
    let app = Installation::with_instagram(kind, trouble).await;
    let (_, link) = app.member_with_link().await;
    let mut client = app.browser();
    let callback = walk(&client.start(&link).await, "studio.nora", Decision::Allow).await;
    let began = Instant::now();
    let place = client.get(&callback).await.location.unwrap();
    app.finish_tasks().await;
    assert!(began.elapsed() < Duration::from_secs(11), "{:?}", began.elapsed());
    assert_eq!(client.attempt_state(&place).await, AttemptState::Failed(FailedAttempt::InstagramUnavailable));
    let page = client.get(&place).await;
    assert!(page.says("Instagram did not answer") && page.says("Try again"), "{}", page.text());
    nothing_was_stored(&app).await;
    assert!(client.get(&path_of(&link)).await.says("Continue to Instagram"), "the link stays usable");
    app.check_invariants().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f11_two_clients_at_once_both_win_and_both_lose_on_a_link_that_is_deleted_meanwhile() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut member, link) = app.member_with_link().await;
        let both = async |member: Option<&mut Browser>| {
            let (mut one, mut two) = (app.browser(), app.browser());
            let first = walk(&one.start(&link).await, "studio.nora", Decision::Allow).await;
            let second = walk(&two.start(&link).await, "cafe_lumen", Decision::Allow).await;
            let slow = Fault::once(Endpoint::Me, FaultKind::Slow { ms: 1_000 });
            app.sandbox.script(Fault { times: 2, ..slow });
            let deleting = async {
                tokio::time::sleep(Duration::from_millis(400)).await;
                if let Some(member) = member {
                    assert_eq!(member.revoke_link(&link).await.status, 200);
                }
            };
            let (first, second, ()) = tokio::join!(one.come_back(&first), two.come_back(&second), deleting);
            [first, second]
        };
        for page in both(None).await {
            assert!(page.says("is connected"), "{}", page.text());
        }
        app.check_invariants().await;
        assert_eq!(member.links().await.links[0].uses, 2);
        let before = (app.count("accounts").await, app.count("audit_events").await);
        for page in both(Some(&mut member)).await {
            assert!(
                page.says("This link is not active right now") && page.says("Nothing was stored"),
                "{}",
                page.text()
            );
        }
        // The link was deleted, and one was refused: what is the same from one address is written down once in an hour,
        // going to Instagram, as those before did, and the second refusal.
        assert_eq!((app.count("accounts").await, app.count("audit_events").await), (before.0, before.1 + 2));
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u12_who_comes_back_in_another_browser_is_led_to_the_link_while_the_attempt_is_open() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (_, link) = app.member_with_link().await;
        let mut client = app.browser();
        let callback = walk(&client.start(&link).await, "studio.nora", Decision::Allow).await;
        let leads_back = |page: &Page| page.body.contains(&path_of(&link));
        let page = app.browser().get(&callback).await;
        assert!(page.status == 400 && page.says("Safari or Chrome") && page.says("Try again"), "{}", page.text());
        assert!(leads_back(&page));
        // Whoever has a state that was never given out, or one that has been used, learns nothing.
        let made_up = "/oauth/instagram/callback?code=x&state=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        assert!(!leads_back(&app.browser().get(made_up).await));
        assert!(client.come_back(&callback).await.says("is connected"));
        assert!(!leads_back(&app.browser().get(&callback).await));
    })
    .await;
}
