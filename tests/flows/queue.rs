//! The queue under jobs: each is done once whoever does it, none is lost, and what cannot be done is seen by somebody
//! (F06, F23, F34, F36, F48).

use crate::support::{
    Installation, Kind,
    keeping_alive::{DAY, HOUR, Mailed},
    on_each_database,
    stand_in::{Poison, StandIn},
};
#[cfg(feature = "failpoints")]
use crate::support::{child::Server, smtp::SmtpPeer};
use grantlink::{
    accounts,
    ids::{AccountId, OrganizationId},
    instagram::sandbox::Endpoint,
    jobs::runner::run_until_idle,
    queue::{self, Job, LEASE, MAX_FAILURES, Trouble},
    work::Tools,
};
use std::{collections::HashSet, process::Command, sync::Arc, time::Duration};

/// An installation, and a job in it that does no harm: to forget an account that never was.
async fn with_a_job(kind: Kind) -> (Installation, OrganizationId, Job) {
    let app = Installation::new(kind).await;
    let mut member = app.member("Bright & Bold", "ann@agency.example").await;
    let organization = member.accounts().await.member.organization_id;
    let account = AccountId::generate(app.tools.now(), &app.tools.randomness);
    (app, organization, Job::ForgetPosts { account })
}

/// So many accounts at the stand-in, whose first collections are due.
async fn with_collections(kind: Kind, count: usize) -> (Installation, Arc<StandIn>, Arc<Tools>) {
    let app = Installation::new(kind).await;
    let (mut member, link) = app.member_with_link().await;
    let who = member.accounts().await.member;
    app.connect_many(&who, link.id, count).await;
    let instagram = Arc::new(StandIn::default());
    let tools = app.tools_with(&instagram);
    (app, instagram, tools)
}

fn distinct(mails: &[Mailed]) -> usize {
    mails.iter().map(|mail| mail.id.as_str()).collect::<HashSet<_>>().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_jobs_with_one_purpose_only_one_waits_and_one_that_was_given_up_counts_for_nothing() {
    on_each_database(async |kind| {
        let (app, organization, job) = with_a_job(kind).await;
        let mut conn = app.tools.db.write().await.unwrap();
        let (now, randomness) = (app.tools.now(), &app.tools.randomness);
        for due_at in [now, now.plus(HOUR)] {
            queue::enqueue(&mut conn, randomness, organization, &job, due_at, now).await.unwrap();
        }
        assert_eq!(app.count("jobs").await, 1);
        let claim = queue::claim(&mut conn, now, 10).await.unwrap().remove(0);
        let never = Trouble::Never("nobody knows how".into());
        assert!(queue::put_off(&mut conn, randomness, &claim, never, now).await.unwrap());
        queue::enqueue(&mut conn, randomness, organization, &job, now, now).await.unwrap();
        assert_eq!(app.count("jobs").await, 2);
        let dead = queue::list_dead(&mut conn).await.unwrap();
        assert_eq!((dead.len(), dead[0].kind.as_str()), (1, "forget_posts"));
        assert_eq!(dead[0].last_error.as_deref(), Some("nobody knows how"));
        let id = dead[0].id;
        assert!(!queue::retry(&mut conn, id, now).await.unwrap(), "the same waits already");
        drop(conn);
        assert_eq!(app.run_jobs().await, 1);
        let mut conn = app.tools.db.write().await.unwrap();
        assert!(queue::retry(&mut conn, id, app.tools.now()).await.unwrap());
        assert!(!queue::retry(&mut conn, id, app.tools.now()).await.unwrap(), "it is given up no more");
        drop(conn);
        assert_eq!((app.run_jobs().await, app.count("jobs").await), (1, 1));
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f34_a_job_whose_lease_ended_is_taken_over_and_its_old_holder_can_do_nothing_with_it() {
    on_each_database(async |kind| {
        let (app, organization, job) = with_a_job(kind).await;
        let mut conn = app.tools.db.write().await.unwrap();
        let (now, randomness) = (app.tools.now(), &app.tools.randomness);
        queue::enqueue(&mut conn, randomness, organization, &job, now, now).await.unwrap();
        let old = queue::claim(&mut conn, now, 10).await.unwrap().remove(0);
        app.tools.clock.advance(LEASE - Duration::from_secs(30));
        assert!(queue::claim(&mut conn, app.tools.now(), 10).await.unwrap().is_empty(), "it is leased");
        // Whoever works longer says so.
        assert!(queue::hold(&mut conn, &old, app.tools.now()).await.unwrap());
        app.tools.clock.advance(LEASE - Duration::from_secs(30));
        assert!(queue::claim(&mut conn, app.tools.now(), 10).await.unwrap().is_empty(), "it is leased anew");
        app.tools.clock.advance(Duration::from_secs(31));
        let now = app.tools.now();
        let new = queue::claim(&mut conn, now, 10).await.unwrap().remove(0);
        assert_eq!((new.id, new.job, new.failures, old.failures), (old.id, old.job, 2, 1));
        let contents = app.database.contents().await;
        assert!(!queue::finish(&mut conn, &old).await.unwrap());
        assert!(!queue::hold(&mut conn, &old, now).await.unwrap());
        assert!(!queue::restart(&mut conn, &old, now).await.unwrap());
        for trouble in [Trouble::Again("too late".into()), Trouble::Never("too late".into())] {
            let _ = queue::put_off(&mut conn, randomness, &old, trouble, now).await.unwrap();
        }
        assert_eq!(app.database.contents().await, contents);
        assert!(queue::finish(&mut conn, &new).await.unwrap());
        assert!(!queue::finish(&mut conn, &new).await.unwrap());
        assert_eq!(app.count("jobs").await, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f34_two_servers_on_one_database_do_each_job_once() {
    const COUNT: usize = 40;
    on_each_database(async |kind| {
        let (app, instagram, tools) = with_collections(kind, COUNT).await;
        let other = app.another_on().await;
        let others = other.tools_with(&instagram);
        let (one, two) = tokio::join!(run_until_idle(&tools), run_until_idle(&others));
        assert_eq!(one.unwrap() + two.unwrap(), 3 * COUNT, "a collection, a mail and a look at the picture for each");
        assert_eq!(instagram.pages(), COUNT);
        let mut mails = app.mails();
        mails.extend(other.mails());
        assert_eq!((mails.len(), distinct(&mails)), (COUNT, COUNT));
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f48_a_job_that_panics_harms_no_other_is_given_up_in_the_end_and_can_be_tried_again() {
    on_each_database(async |kind| {
        let (app, instagram, tools) = with_collections(kind, 3).await;
        let collected = "SELECT COUNT(*) AS n FROM collections WHERE last_success_at IS NOT NULL";
        instagram.poison(&[Endpoint::Media], 1, &Poison::Panic);
        run_until_idle(&tools).await.unwrap();
        assert_eq!((app.database.number(collected).await, app.mails().len()), (2, 2));
        let panicked = "SELECT COUNT(*) AS n FROM jobs WHERE last_error LIKE 'it panicked%' AND failures = 1";
        assert_eq!(app.database.number(panicked).await, 1);
        let mut rounds = 1;
        let dead = loop {
            let mut dead = queue::list_dead(&mut tools.db.read().await.unwrap()).await.unwrap();
            if let Some(dead) = dead.pop() {
                break dead;
            }
            assert!(rounds < 2 * MAX_FAILURES, "it is never given up");
            rounds += 1;
            tools.clock.advance(10 * HOUR);
            run_until_idle(&tools).await.unwrap();
        };
        assert_eq!(rounds, MAX_FAILURES);
        assert_eq!((dead.kind.as_str(), dead.dead_at.is_some()), ("collect_posts", true));
        assert!(dead.last_error.as_deref().unwrap().starts_with("it panicked"), "{dead:?}");
        // The others went on all the while, and their renewals, too.
        assert_eq!(instagram.refreshes(), 3);
        app.check_invariants().await;
        tools.clock.advance(DAY);
        run_until_idle(&tools).await.unwrap();
        assert_eq!(app.database.number(collected).await, 2, "it is left alone now");
        instagram.cure();
        assert!(queue::retry(&mut tools.db.write().await.unwrap(), dead.id, tools.now()).await.unwrap());
        run_until_idle(&tools).await.unwrap();
        assert_eq!((app.database.number(collected).await, app.mails().len()), (3, 3));
        assert!(queue::list_dead(&mut tools.db.read().await.unwrap()).await.unwrap().is_empty());
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f48_a_job_under_which_its_server_dies_each_time_is_given_up() {
    on_each_database(async |kind| {
        let (app, organization, job) = with_a_job(kind).await;
        let mut conn = app.tools.db.write().await.unwrap();
        let now = app.tools.now();
        queue::enqueue(&mut conn, &app.tools.randomness, organization, &job, now, now).await.unwrap();
        for _ in 0..MAX_FAILURES {
            assert_eq!(queue::claim(&mut conn, app.tools.now(), 10).await.unwrap().len(), 1);
            app.tools.clock.advance(LEASE);
        }
        drop(conn);
        app.run_jobs().await;
        let dead = queue::list_dead(&mut app.tools.db.read().await.unwrap()).await.unwrap();
        assert_eq!(dead.len(), 1);
        assert_eq!(dead[0].last_error.as_deref(), Some("the server died each time it was done"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f23_a_mail_that_can_never_be_delivered_is_seen_at_its_account_and_can_be_sent_after_all() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut member, link) = app.member_with_link().await;
        app.sandbox.set_posts("studio.nora", 1);
        app.browser().connect(&link, "studio.nora").await;
        let id = member.account("studio.nora").await.id;
        let work = app.work_of(&mut member).await;
        app.database.execute("UPDATE users SET email = 'ann at agency.example'").await.unwrap();
        app.run_jobs().await;
        assert_eq!((app.mails().len(), app.count_posts("studio.nora").await), (0, 1));
        let dead = queue::list_dead(&mut app.tools.db.read().await.unwrap()).await.unwrap();
        assert_eq!((dead.len(), dead[0].kind.as_str()), (1, "mail_collecting"));
        let trouble = accounts::service::mail_trouble(&work, id).await.unwrap().unwrap();
        assert!(trouble.starts_with("A mail about this account could not be delivered: the address "), "{trouble}");
        assert!(!trouble.contains("agency"), "A75: {trouble}");
        let mut stranger = app.member("Other Agency", "bob@other.example").await;
        let strangers = app.work_of(&mut stranger).await;
        assert!(accounts::service::mail_trouble(&strangers, id).await.is_err());
        app.database.execute("UPDATE users SET email = 'ann@agency.example' WHERE email LIKE 'ann%'").await.unwrap();
        let now = app.tools.now();
        assert!(queue::retry(&mut app.tools.db.write().await.unwrap(), dead[0].id, now).await.unwrap());
        app.run_jobs().await;
        assert_eq!(app.mails().iter().map(|mail| mail.to.as_str()).collect::<Vec<_>>(), ["ann@agency.example"]);
        assert_eq!(accounts::service::mail_trouble(&work, id).await.unwrap(), None);
        app.check_invariants().await;
    })
    .await;
}

#[test]
fn f36_a_worker_beside_the_embedded_database_is_refused_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let said = Command::new(env!("CARGO_BIN_EXE_grantlink"))
        .arg("worker")
        .current_dir(folder.path())
        .env("DATA_DIR", folder.path().join("data"))
        .env_remove("DATABASE_URL")
        .output()
        .unwrap();
    let words = String::from_utf8(said.stderr).unwrap();
    assert_eq!((said.status.code(), said.stdout.len()), (Some(1), 0), "{words}");
    assert!(words.contains("grantlink: the embedded database is for one process"), "{words}");
    assert!(words.contains("`grantlink serve`") && words.contains("DATABASE_URL"), "what to do instead: {words}");
    assert!(!folder.path().join("data").exists(), "nothing was touched");
}

/// How a server's mail reaches a peer.
#[cfg(feature = "failpoints")]
fn relay_to(peer: &SmtpPeer) -> String {
    format!("smtp://{}", peer.address())
}

#[cfg(feature = "failpoints")]
const FROM: (&str, &str) = ("MAIL_FROM", "Grantlink <mail@connect.example>");

#[cfg(feature = "failpoints")]
#[tokio::test(flavor = "multi_thread")]
async fn f06_killed_after_a_mail_left_it_leaves_once_more_and_is_known_for_the_same() {
    on_each_database(async |kind| {
        let peer = SmtpPeer::start("accept");
        let relay = relay_to(&peer);
        let settings = [("SMTP_URL", relay.as_str()), FROM];
        let mut server = Server::start_with(kind, "mail::after_send=return(kill)", &settings).await;
        let (_, link) = server.member_with_link().await;
        let mut client = server.browser();
        client.connect(&link, "studio.nora").await;
        server.wait_for_death().await;
        assert_eq!(peer.wait_for(1).await.len(), 1);
        // The lease ends. So does that of the mail about the address, which may have been under way as well.
        server.database.execute("UPDATE jobs SET due_at = 0 WHERE kind LIKE 'mail_%'").await.unwrap();
        server.restart().await;
        let mails = peer.wait_for(2).await;
        server.wait_until("SELECT COUNT(*) AS n FROM jobs WHERE kind LIKE 'mail_%'", 0).await;
        assert_eq!(mails[0].header("message-id"), mails[1].header("message-id"));
        assert_eq!(mails[0].raw, mails[1].raw, "to the last byte");
        assert_eq!(peer.messages().len(), 2, "at most twice");
        server.database.check_invariants().await;
    })
    .await;
}

#[cfg(feature = "failpoints")]
#[tokio::test(flavor = "multi_thread")]
async fn f34_f36_what_a_killed_server_left_undone_a_worker_on_the_same_database_takes_over() {
    on_each_database(async |kind| {
        if kind == Kind::Sqlite {
            return;
        }
        let peer = SmtpPeer::start("accept");
        let relay = relay_to(&peer);
        let settings = [("SMTP_URL", relay.as_str()), FROM];
        // One server does jobs, and dies at its first mail. The other one only serves.
        let mut doomed = Server::start_with(kind, "mail::before_send=return(kill)", &settings).await;
        let serving = doomed.beside(&[settings[0], settings[1], ("JOBS", "worker")]).await;
        let (_, link) = serving.member_with_link().await;
        for server in [&doomed, &serving] {
            for few in [
                r#"{"action": "count", "username": "studio.nora", "count": 2}"#,
                r#"{"action": "count", "username": "cafe_lumen", "count": 3}"#,
            ] {
                server.tell_sandbox("/sandbox/posts", few).await;
            }
        }
        for username in ["studio.nora", "cafe_lumen"] {
            let page = serving.browser().connect(&link, username).await;
            assert!(page.says("is connected"), "{}", page.text());
        }
        doomed.wait_for_death().await;
        assert!(serving.database.count("jobs").await > 0);
        assert_eq!(peer.messages().len(), 0);
        // The dead server's leases end.
        serving.database.execute("UPDATE jobs SET due_at = 0 WHERE failures > 0").await.unwrap();
        let _worker = serving.worker();
        let mails = peer.wait_for(2).await;
        let undone =
            "SELECT COUNT(*) AS n FROM jobs WHERE failures > 0 OR kind NOT IN ('renew_access', 'collect_posts')";
        serving.wait_until(undone, 0).await;
        let collected = "SELECT COUNT(*) AS n FROM collections WHERE last_success_at IS NOT NULL";
        assert_eq!(serving.database.number(collected).await, 2);
        assert_eq!(serving.database.count("posts").await, 2 + 3);
        assert_ne!(mails[0].header("message-id"), mails[1].header("message-id"));
        assert_eq!(peer.messages().len(), 2, "each once");
        serving.database.check_invariants().await;
    })
    .await;
}
