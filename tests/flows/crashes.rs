//! Redemption on a server that is killed, fails or panics at any step, and beside another that wants the same rows:
//! nothing is lost or doubled, and the client reads the truth.

use super::redemption::nothing_was_stored;
use crate::support::{
    Browser, Installation, Kind,
    instagram::{Decision, walk},
    journey::path_of,
    on_each_database,
};
#[cfg(feature = "failpoints")]
use crate::support::{Page, child::Server};
use diesel_async::SimpleAsyncConnection;
#[cfg(feature = "failpoints")]
use futures::StreamExt;
#[cfg(feature = "failpoints")]
use grantlink::links::model::LinkView;
use grantlink::{
    connect,
    db::Conn,
    failure::Failure,
    instagram::sandbox::{Endpoint, Fault, FaultKind},
};
#[cfg(feature = "failpoints")]
use std::time::Instant;
use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

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

/// The steps of "Continue to Instagram".
#[cfg(feature = "failpoints")]
const STARTING: [&str; 2] = ["start::before_insert", "start::after_insert"];

/// Sign-up, link and the way to Instagram and back, on a server that does something at a step.
#[cfg(feature = "failpoints")]
async fn at_step(kind: Kind, failpoint: String) -> (Server, LinkView, Browser, String) {
    let server = Server::start(kind, &failpoint).await;
    let (_, link) = server.member_with_link().await;
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
    if step == "redeem::after_commit" {
        assert!(client.come_back(&callback).await.says("is connected"), "what was committed stays");
    } else {
        assert_eq!(server.database.connections().await, [0, 0, 0], "{step}");
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
    }
    assert_eq!(server.database.connections().await, [1, 1, 1], "{step}");
    server.database.check_invariants().await;
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

/// The client presses "Continue to Instagram", and the server dies or fails at a step.
#[cfg(feature = "failpoints")]
async fn disturbed_at_start(kind: Kind, step: &'static str, instruction: &'static str) {
    let mut server = Server::start(kind, &format!("{step}={instruction}")).await;
    let (_, link) = server.member_with_link().await;
    let mut client = server.browser();
    let page = client.post(&path_of(&link), &[]).await;
    if instruction == "return(kill)" {
        assert_eq!(page.status, 502, "{step}: the server died under the request");
        server.wait_for_death().await;
        server.restart().await;
        server.adopt(&mut client);
    } else {
        assert_eq!(page.status, 500, "{step}: {}", page.text());
        assert!(page.body.contains(">Try again<"), "{step}: {}", page.text());
    }
    assert!(client.cookies.is_empty(), "{step}: {:?}", client.cookies.keys());
    let written = i64::from(step == "start::after_insert");
    assert_eq!(server.database.count("attempts").await, written, "{step}");
    assert_eq!(server.database.connections().await, [0, 0, 0], "{step}");
    let page = client.get(&path_of(&link)).await;
    assert!(page.status == 200 && page.says("Continue to Instagram"), "{step}: {}", page.text());
    assert!(client.connect(&link, "studio.nora").await.says("is connected"), "{step}");
    assert_eq!(server.database.connections().await, [1, 1, 1], "{step}");
    server.database.check_invariants().await;
}

#[cfg(feature = "failpoints")]
#[tokio::test(flavor = "multi_thread")]
async fn f01_a_server_that_dies_or_fails_under_continue_to_instagram_leaves_a_link_that_works() {
    on_each_database(async |kind| {
        let disturbed = STARTING.into_iter().flat_map(|step| {
            ["return(kill)", "1*return"].map(|instruction| disturbed_at_start(kind, step, instruction))
        });
        futures::future::join_all(disturbed).await;
    })
    .await;
}

/// The client comes back, and so much later the server is killed, whatever it is doing. What the client read.
#[cfg(feature = "failpoints")]
async fn killed_after(delay: Duration, server: &mut Server, client: &mut Browser, callback: &str) -> Page {
    let killing = async {
        tokio::time::sleep(delay).await;
        server.kill();
    };
    tokio::join!(client.come_back(callback), killing).0
}

/// The server is started again, and the client goes on.
#[cfg(feature = "failpoints")]
async fn recovers(delay: Duration, read: Page, doomed: (Server, LinkView, Browser, String)) {
    let (mut server, link, mut client, callback) = doomed;
    server.restart().await;
    server.adopt(&mut client);
    let accounts = server.database.count("accounts").await;
    assert!(accounts <= 1, "{delay:?}: {accounts} accounts");
    assert!(accounts == 1 || !read.says("is connected"), "{delay:?}: what the client read is not true");
    server.database.check_invariants().await;
    let page = client.come_back(&callback).await;
    assert_eq!(page.says("is connected"), accounts == 1, "{delay:?}: {}", page.text());
    assert!(client.connect(&link, "studio.nora").await.says("is connected"), "{delay:?}: the link works on");
    assert_eq!(server.database.count("accounts").await, 1, "{delay:?}");
    server.database.check_invariants().await;
}

#[cfg(feature = "failpoints")]
#[tokio::test(flavor = "multi_thread")]
async fn f04_killed_at_any_millisecond_of_a_redemption_the_client_has_read_the_truth_and_the_link_works_on() {
    on_each_database(async |kind| {
        let delays = (0..=60).step_by(6).map(Duration::from_millis);
        // They start together and recover together. Each dies alone: a busy machine would blur the instants.
        let mut doomed = futures::future::join_all(delays.clone().map(|_| at_step(kind, String::new()))).await;
        let mut read = Vec::new();
        for (delay, (server, _, client, callback)) in delays.clone().zip(&mut doomed) {
            read.push(killed_after(delay, server, client, callback).await);
        }
        let each = delays.zip(read).zip(doomed).map(|((delay, read), doomed)| recovers(delay, read, doomed));
        futures::future::join_all(each).await;
    })
    .await;
}

#[cfg(feature = "failpoints")]
async fn failed_at(kind: Kind, step: &'static str) {
    let (server, link, mut client, callback) = at_step(kind, format!("{step}=1*return")).await;
    let page = client.come_back(&callback).await;
    if step == "redeem::after_commit" {
        assert!(page.says("is connected"), "what was committed stays: {}", page.text());
    } else {
        assert!(page.body.contains(">Try again<") && !page.says("is connected"), "{step}: {}", page.text());
        // What the client can quote is what stands in the log beside the cause.
        let reference = page.reference();
        assert_eq!(reference.len(), 8, "{step}: {}", page.text());
        let log = server.log();
        assert!(log.lines().any(|line| line.contains(&reference) && line.contains(step)), "{step}: {reference}\n{log}");
        assert_eq!(server.database.connections().await, [0, 0, 0], "{step}");
        server.database.check_invariants().await;
        if step == "redeem::before_claim" {
            // Nothing was begun, so the very same callback goes through.
            assert_eq!(page.status, 500, "{}", page.text());
            assert!(client.come_back(&callback).await.says("is connected"), "{step}");
        } else {
            assert!(page.body.contains(&format!("<code>{reference}<")), "{step}: {}", page.body);
            let kept = format!("outcome = 'internal' AND detail = '{reference}'");
            let kept = server.database.number(&format!("SELECT COUNT(*) AS n FROM attempts WHERE {kept}")).await;
            assert_eq!(kept, 1, "{step}: the page says the same tomorrow");
            assert!(client.connect(&link, "studio.nora").await.says("is connected"), "{step}");
        }
    }
    assert_eq!(server.database.connections().await, [1, 1, 1], "{step}");
    server.database.check_invariants().await;
}

#[cfg(feature = "failpoints")]
#[tokio::test(flavor = "multi_thread")]
async fn f08_failed_at_every_step_the_attempt_ends_in_words_and_nothing_is_stored() {
    on_each_database(async |kind| {
        let steps = BEFORE_COMMIT.iter().copied().chain(["redeem::after_commit"]);
        // Nobody has to be waited for here, so a few servers at a time are enough.
        futures::stream::iter(steps).for_each_concurrent(3, |step| failed_at(kind, step)).await;
    })
    .await;
}

#[cfg(feature = "failpoints")]
#[tokio::test(flavor = "multi_thread")]
async fn f07_a_connection_that_is_stored_twice_is_one_connection() {
    const STEP: &str = "redeem::store_twice";
    assert!(include_str!("../../src/connect/service/redeem.rs").contains(STEP), "the step is there");
    on_each_database(async |kind| {
        let (server, _, mut client, callback) = at_step(kind, format!("{STEP}=return")).await;
        for _ in 0..2 {
            let page = client.come_back(&callback).await;
            assert!(page.says("is connected"), "{}", page.text());
        }
        assert_eq!(server.database.connections().await, [1, 1, 1]);
        server.database.check_invariants().await;
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
        app.finish_tasks().await;
        nothing_was_stored(&app).await;
        assert!(client.connect(&link, "studio.nora").await.says("is connected"));
        app.check_invariants().await;
    })
    .await;
}

/// What a visitor reads when our code panicked: a reference that stands in the log, and nothing from inside.
#[cfg(feature = "failpoints")]
fn reads_of_a_panic(page: &Page, server: &Server) {
    assert_eq!(page.status, 500);
    page.assert_dressed("a panic");
    assert!(page.says("Something went wrong on our side"), "{}", page.text());
    assert!(page.body.contains(">Try again<"), "{}", page.text());
    for inside in ["panic", "secret cause", "redeem", "start::", ".rs", "backtrace"] {
        assert!(!page.body.contains(inside), "{inside}: {}", page.body);
    }
    let (reference, log) = (page.reference(), server.log());
    assert_eq!(reference.len(), 8, "{}", page.text());
    assert!(log.lines().any(|line| line.contains(&reference) && line.contains("panicked")), "{reference}\n{log}");
    assert!(log.contains(page.header("x-request-id").unwrap()), "{log}");
}

#[cfg(feature = "failpoints")]
#[tokio::test(flavor = "multi_thread")]
async fn a80_a_panic_in_a_handler_is_answered_with_a_reference_and_the_server_lives_on() {
    on_each_database(async |kind| {
        // While a page is rendered. Nothing was begun, so the very same callback goes through.
        let failpoint = "redeem::before_claim=1*panic(the secret cause)".to_owned();
        let (server, _, mut client, callback) = at_step(kind, failpoint).await;
        reads_of_a_panic(&client.get(&callback).await, &server);
        assert!(client.come_back(&callback).await.says("is connected"));
        // In a plain handler.
        let server = Server::start(kind, "start::before_insert=1*panic(the secret cause)").await;
        let (_, link) = server.member_with_link().await;
        let mut client = server.browser();
        reads_of_a_panic(&client.post(&path_of(&link), &[]).await, &server);
        assert!(client.connect(&link, "studio.nora").await.says("is connected"));
    })
    .await;
}

/// Locks the row of an organization.
async fn lock(conn: &mut Conn, organization: &str) -> Result<(), Failure> {
    let statement = format!("UPDATE organizations SET slug = slug WHERE name = '{organization}'");
    match conn {
        Conn::Sqlite(c) => c.batch_execute(&statement).await?,
        Conn::Postgres(c) => c.batch_execute(&statement).await?,
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_transactions_that_wait_for_each_others_rows_both_go_through() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        app.member("Bright & Bold", "ann@agency.example").await;
        app.member("Other Agency", "bob@other.example").await;
        let (db, tries) = (&app.tools.db, AtomicUsize::new(0));
        let both = async |first: &str, second: &str| {
            let transaction = || async {
                tries.fetch_add(1, Ordering::Relaxed);
                let mut tx = db.begin().await?;
                lock(&mut tx, first).await?;
                tokio::time::sleep(Duration::from_millis(300)).await;
                lock(&mut tx, second).await?;
                tx.commit().await
            };
            db.transact(transaction).await
        };
        let (one, two) = tokio::join!(both("Bright & Bold", "Other Agency"), both("Other Agency", "Bright & Bold"));
        assert!(one.is_ok() && two.is_ok(), "{one:?} {two:?}");
        // On SQLite the second one waits from its very beginning.
        let expected = if kind == Kind::Postgres { 3 } else { 2 };
        assert_eq!(tries.into_inner(), expected);
    })
    .await;
}

/// Both links are held before either goes on to the account.
#[cfg(feature = "failpoints")]
#[tokio::test(flavor = "multi_thread")]
async fn f11_a_connect_link_and_a_request_that_are_redeemed_for_one_account_at_once_do_not_end_each_other() {
    on_each_database(async |kind| {
        let server = Server::start(kind, "redeem::link_checked=sleep(500)").await;
        let (mut member, link) = server.member_with_link().await;
        let asked = member.request_access("studio.nora").await;
        let path = asked.url.strip_prefix(crate::support::BASE_URL).unwrap();
        let (mut one, mut two) = (server.browser(), server.browser());
        let first = walk(&one.start(&link).await, "studio.nora", Decision::Allow).await;
        let started = two.post(path, &[]).await;
        let second = walk(&started.location.unwrap(), "studio.nora", Decision::Allow).await;
        let (first, second) = tokio::join!(one.come_back(&first), two.come_back(&second));
        assert!(first.says("is connected"), "{}", first.text());
        let is_told = second.says("is connected") || second.says("This request is done already");
        assert!(is_told, "{}", second.text());
        assert_eq!(server.database.count("accounts").await, 1);
        assert!(member.accounts().await.requests.is_empty());
        server.database.check_invariants().await;
    })
    .await;
}
