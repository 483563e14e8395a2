//! Keeping the access to accounts alive: renewed in place from the seventh day on, through Instagram's troubles and
//! ours, one account's trouble being its own (F20 to F22).

#[cfg(feature = "failpoints")]
use crate::support::child::Server;
use crate::support::{
    Browser, Installation, Kind,
    keeping_alive::{DAY, HOUR},
    on_each_database,
    stand_in::{Poison, StandIn, username},
};
use grantlink::{
    accounts::{self, model::AccountState},
    instagram::{
        ProviderError,
        sandbox::{Endpoint, Fault, FaultKind},
    },
    jobs::runner::run_until_idle,
    secret::ExposeSecret,
    token_death::TokenDeath,
    work::Tools,
};
use std::{sync::Arc, time::Duration};

/// A member with @studio.nora, connected and collected just now.
async fn with_an_account(kind: Kind) -> (Installation, Browser) {
    let app = Installation::new(kind).await;
    let (member, link) = app.member_with_link().await;
    app.sandbox.set_posts("studio.nora", 1);
    app.browser().connect(&link, "studio.nora").await;
    app.run_jobs().await;
    (app, member)
}

/// Instagram renews nobody's token until it is told to behave.
fn renew_nothing(app: &Installation) {
    let down = FaultKind::Status { code: 500, retry_after: None };
    app.sandbox.script(Fault { times: u32::MAX, ..Fault::once(Endpoint::Refresh, down) });
}

#[tokio::test(flavor = "multi_thread")]
async fn an_access_is_renewed_in_place_from_its_seventh_day_on() {
    on_each_database(async |kind| {
        let (app, mut member) = with_an_account(kind).await;
        let id = member.account("studio.nora").await.id;
        let (first, old) = app.access(id).await.unwrap();
        let due_at = first.renewal_due_at.unwrap();
        let in_time = first.issued_at.plus(7 * DAY)..=first.issued_at.plus(8 * DAY);
        assert!(in_time.contains(&due_at), "{first:?}");
        app.pass(7 * DAY - HOUR, DAY).await;
        assert_eq!(app.sandbox.calls().refresh, 0);
        app.pass(DAY + 2 * HOUR, 6 * HOUR).await;
        assert_eq!(app.sandbox.calls().refresh, 1);
        let (renewed, fresh) = app.access(id).await.unwrap();
        assert_ne!(renewed.token_sealed, first.token_sealed);
        assert_ne!(fresh.expose_secret(), old.expose_secret());
        assert!(renewed.issued_at >= due_at && renewed.renewed_at == Some(renewed.issued_at), "{renewed:?}");
        assert!(renewed.expires_at >= first.expires_at.plus(7 * DAY - HOUR), "{renewed:?}");
        assert!(renewed.renewal_due_at.unwrap() >= renewed.issued_at.plus(7 * DAY), "{renewed:?}");
        assert_eq!(app.tools.instagram.profile(&fresh).await.unwrap().username, "studio.nora");
        assert_eq!(app.count("accounts").await, 1);
        assert_eq!(app.mails_saying("studio.nora"), 1, "nobody is told that all is well: {:?}", app.mails());
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_never_renewed_before_it_is_a_day_old() {
    on_each_database(async |kind| {
        let (app, mut member) = with_an_account(kind).await;
        let now_due = "UPDATE accounts SET renewal_due_at = 0; \
                       UPDATE jobs SET due_at = 0 WHERE kind = 'renew_access';";
        app.database.execute(now_due).await.unwrap();
        app.run_jobs().await;
        app.pass(23 * HOUR, HOUR).await;
        assert_eq!(app.sandbox.calls().refresh, 0, "Instagram would refuse");
        app.pass(2 * HOUR, HOUR).await;
        assert_eq!(app.sandbox.calls().refresh, 1);
        let id = member.account("studio.nora").await.id;
        let (renewed, _) = app.access(id).await.unwrap();
        assert!(renewed.renewed_at.is_some() && renewed.renewal_trouble.is_none(), "{renewed:?}");
        app.check_invariants().await;
    })
    .await;
}

/// Many accounts at the stand-in, all due to be renewed at once, and to be collected from much later.
async fn many_due(kind: Kind, count: usize) -> (Installation, Browser, Arc<StandIn>, Arc<Tools>) {
    let app = Installation::new(kind).await;
    let (mut member, link) = app.member_with_link().await;
    let who = member.accounts().await.member;
    app.connect_many(&who, link.id, count).await;
    let later = (20 * DAY).as_micros();
    let postpone = format!("UPDATE jobs SET due_at = due_at + {later} WHERE kind = 'collect_posts'");
    app.database.execute(&postpone).await.unwrap();
    app.tools.clock.advance(8 * DAY + HOUR);
    let instagram = Arc::new(StandIn::default());
    let tools = app.tools_with(&instagram);
    (app, member, instagram, tools)
}

async fn count_where(app: &Installation, condition: &str) -> i64 {
    app.database.number(&format!("SELECT COUNT(*) AS n FROM accounts WHERE {condition}")).await
}

/// Refused, and the profile as well.
fn dead() -> Poison {
    Poison::Error(ProviderError::TokenDead(TokenDeath::PasswordChanged))
}

#[tokio::test(flavor = "multi_thread")]
async fn f20_of_forty_accounts_each_one_s_trouble_is_its_own() {
    on_each_database(async |kind| {
        let (app, mut member, instagram, tools) = many_due(kind, 40).await;
        instagram.poison(&[Endpoint::Refresh, Endpoint::Me], 7, &dead());
        // Called dead, and not by its profile: in times of trouble that happens.
        instagram.poison(&[Endpoint::Refresh], 8, &dead());
        let down = Poison::Error(ProviderError::Unavailable("HTTP status 500".into()));
        instagram.poison(&[Endpoint::Refresh], 9, &down);
        let limited = Poison::Error(ProviderError::RateLimited(Some(3_000)));
        instagram.poison(&[Endpoint::Refresh], 10, &limited);
        instagram.poison(&[Endpoint::Refresh], 11, &Poison::Panic);
        run_until_idle(&tools).await.unwrap();
        assert_eq!(instagram.refreshes(), 40, "each was tried once");
        assert_eq!(count_where(&app, "renewed_at IS NOT NULL").await, 35);
        assert_eq!(count_where(&app, "death = 'password_changed'").await, 1);
        assert!(member.account(&username(7)).await.is_dead());
        for (number, trouble) in [(8, "refused"), (9, "unavailable"), (10, "rate_limited")] {
            let condition = format!("username = '{}' AND renewal_trouble = '{trouble}'", username(number));
            assert_eq!(count_where(&app, &condition).await, 1, "{condition}");
        }
        app.check_invariants().await;
        instagram.cure();
        app.tools.clock.advance(2 * HOUR);
        run_until_idle(&tools).await.unwrap();
        assert_eq!(count_where(&app, "renewed_at IS NOT NULL AND renewal_trouble IS NULL").await, 39);
        assert_eq!((instagram.refreshes(), app.mails().len()), (44, 1), "{:?}", app.mails());
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f20_of_a_thousand_accounts_due_at_once_all_but_the_poisoned_one_are_renewed() {
    const COUNT: usize = 1_000;
    on_each_database(async |kind| {
        let (app, mut member, instagram, tools) = many_due(kind, COUNT).await;
        instagram.poison(&[Endpoint::Refresh, Endpoint::Me], 500, &dead());
        run_until_idle(&tools).await.unwrap();
        assert_eq!(instagram.refreshes(), COUNT);
        assert_eq!(count_where(&app, "renewed_at IS NOT NULL AND death IS NULL").await, 999);
        assert_eq!(count_where(&app, "token_sealed IS NULL").await, 1);
        assert!(member.account(&username(500)).await.is_dead());
        let lost = format!("@{} needs to be reconnected", username(500));
        assert_eq!((app.mails_saying(&lost), app.mails().len()), (1, 1), "{:?}", app.mails());
        // The next time they come over a day, and not all at once (F22).
        let spread = "SELECT MAX(renewal_due_at) - MIN(renewal_due_at) AS n FROM accounts WHERE death IS NULL";
        let spread = Duration::from_micros(u64::try_from(app.database.number(spread).await).unwrap());
        assert!(spread > 12 * HOUR && spread <= 26 * HOUR, "{spread:?}");
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f22_five_days_without_instagram_at_day_fifty_end_no_access() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut member, link) = app.member_with_link().await;
        let usernames = ["studio.nora", "cafe_lumen", "bakery_huber"];
        for username in usernames {
            app.sandbox.set_posts(username, 0);
            app.browser().connect(&link, username).await;
        }
        app.run_jobs().await;
        // Nothing ran for 50 days: ten are left.
        app.tools.clock.advance(50 * DAY);
        renew_nothing(&app);
        app.pass(5 * DAY, 6 * HOUR).await;
        assert_eq!(count_where(&app, "token_sealed IS NOT NULL").await, 3);
        assert_eq!(count_where(&app, "renewal_trouble = 'unavailable'").await, 3);
        let tries = app.sandbox.calls().refresh;
        assert!((3 * 18..=3 * 21).contains(&tries), "{tries} tries: one a step for each");
        assert_eq!(app.mails_saying("in 7 days"), 3, "{:?}", app.mails());
        member.sign_in("ann@agency.example").await;
        let work = app.work_of(&mut member).await;
        let id = member.account("studio.nora").await.id;
        let access = accounts::service::access(&work, id).await.unwrap().unwrap();
        assert!(access.trouble.unwrap().starts_with("Instagram could not be reached."));
        app.sandbox.behave();
        app.pass(6 * HOUR, 6 * HOUR).await;
        for username in usernames {
            let id = member.account(username).await.id;
            let (renewed, token) = app.access(id).await.unwrap();
            assert!(renewed.expires_at > app.tools.now().plus(59 * DAY), "{renewed:?}");
            assert!(renewed.renewal_trouble.is_none(), "{renewed:?}");
            assert_eq!(app.tools.instagram.profile(&token).await.unwrap().username, username);
        }
        // All is well again, so the next time there is a warning again.
        assert_eq!(count_where(&app, "warned_days IS NULL").await, 3);
        assert_eq!(app.mails().len(), 6, "three connected, three warned: {:?}", app.mails());
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f22_an_access_that_cannot_be_renewed_is_warned_about_twice_and_ends_with_one_more_mail() {
    on_each_database(async |kind| {
        let (app, mut member) = with_an_account(kind).await;
        app.tools.clock.advance(50 * DAY);
        renew_nothing(&app);
        let subject = |when: &str| format!("@studio.nora will stop collecting for Bright & Bold {when}");
        let before = app.mails().len();
        app.pass(2 * DAY, 6 * HOUR).await;
        assert_eq!(app.mails().len(), before, "more than seven days are left");
        app.pass(6 * DAY, 6 * HOUR).await;
        assert_eq!((app.mails_saying(&subject("in 7 days")), app.mails().len()), (1, before + 1), "{:?}", app.mails());
        app.pass(36 * HOUR, 6 * HOUR).await;
        assert_eq!((app.mails_saying(&subject("in 1 day")), app.mails().len()), (1, before + 2), "{:?}", app.mails());
        app.pass(3 * DAY, 6 * HOUR).await;
        let lost = "@studio.nora needs to be reconnected to Bright & Bold";
        assert_eq!((app.mails_saying(lost), app.mails().len()), (1, before + 3), "{:?}", app.mails());
        member.sign_in("ann@agency.example").await;
        let expired = AccountState::NeedsReconnection { reason: TokenDeath::Expired, mistaken_for: None };
        assert_eq!(member.account("studio.nora").await.state, expired);
        let calls = app.sandbox.calls();
        app.pass(3 * DAY, 6 * HOUR).await;
        assert_eq!((app.sandbox.calls(), app.mails().len()), (calls, before + 3));
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f21_a_renewal_whose_job_was_lost_is_remembered() {
    on_each_database(async |kind| {
        let (app, _) = with_an_account(kind).await;
        app.database.execute("DELETE FROM jobs WHERE kind = 'renew_access'").await.unwrap();
        app.pass(8 * DAY + HOUR, DAY).await;
        accounts::service::remember_forgotten(&app.tools).await.unwrap();
        app.pass(6 * HOUR, 6 * HOUR).await;
        accounts::service::remember_forgotten(&app.tools).await.unwrap();
        app.run_jobs().await;
        assert_eq!(app.sandbox.calls().refresh, 1);
        app.check_invariants().await;
    })
    .await;
}

#[cfg(feature = "failpoints")]
async fn disturbed_before_the_commit(kind: Kind, instruction: &str) {
    let mut server = Server::start(kind, &format!("renew::before_commit={instruction}")).await;
    let (_, link) = server.member_with_link().await;
    assert!(server.browser().connect(&link, "studio.nora").await.says("is connected"));
    server.wait_until("SELECT COUNT(*) AS n FROM collections WHERE last_success_at IS NOT NULL", 1).await;
    server.wait_until("SELECT COUNT(*) AS n FROM jobs WHERE kind = 'copy_profile_picture'", 0).await;
    // As if eight days had passed. Instagram's clock does not move along, so it has to take younger tokens.
    let early = r#"{"early_refresh": true}"#;
    let eight_days = (8 * DAY).as_micros();
    let aged = format!("UPDATE accounts SET token_issued_at = token_issued_at - {eight_days}, renewal_due_at = 0");
    server.database.execute(&aged).await.unwrap();
    server.tell_sandbox("/sandbox/faults", early).await;
    let before = server.database.contents().await.remove("accounts");
    let due = "UPDATE jobs SET due_at = 0 WHERE kind = 'renew_access'";
    server.database.execute(due).await.unwrap();
    if instruction == "return(kill)" {
        server.wait_for_death().await;
        let after = server.database.contents().await.remove("accounts");
        assert_eq!(after, before, "the old token stays until the new one is there");
        server.restart().await;
        server.tell_sandbox("/sandbox/faults", early).await;
    } else {
        server.wait_until("SELECT COUNT(*) AS n FROM jobs WHERE last_error LIKE 'an internal failure%'", 1).await;
        let after = server.database.contents().await.remove("accounts");
        assert_eq!(after, before, "the old token stays until the new one is there");
    }
    // The lease ends, or the pause.
    server.database.execute(due).await.unwrap();
    server.wait_until("SELECT COUNT(*) AS n FROM accounts WHERE renewed_at IS NOT NULL AND death IS NULL", 1).await;
    server.database.check_invariants().await;
}

#[cfg(feature = "failpoints")]
#[tokio::test(flavor = "multi_thread")]
async fn f21_killed_or_failed_between_renewal_and_commit_the_old_token_stays_and_the_next_run_heals() {
    on_each_database(async |kind| {
        let each = ["return(kill)", "1*return"].map(|instruction| disturbed_before_the_commit(kind, instruction));
        futures::future::join_all(each).await;
    })
    .await;
}
