//! Accounts between their first collection and the next time somebody has to do something about them: who is told what,
//! and how an account whose access died comes back (T18, T19, T25 to T27, F19).

use crate::support::{
    Browser, Installation, Kind,
    instagram::{Decision, walk},
    keeping_alive::{DAY, HOUR},
    on_each_database,
};
use grantlink::{
    accounts::model::AccountState,
    ids::AccountId,
    instagram::sandbox::{Endpoint, Fault, FaultKind, Standing},
    queue::{self, Job},
    token_death::TokenDeath,
};
use std::time::Duration;

const CONNECTED: &str = "@studio.nora is connected and collecting for Bright & Bold";
const LOST: &str = "@studio.nora needs to be reconnected to Bright & Bold";

fn dead(reason: TokenDeath) -> AccountState {
    AccountState::NeedsReconnection { reason, mistaken_for: None }
}

/// A member whose one account, @studio.nora, was connected and collected, and then lost to a new password.
async fn with_a_dead_account(kind: Kind) -> (Installation, Browser, AccountId) {
    let app = Installation::new(kind).await;
    let (mut member, link) = app.member_with_link().await;
    app.sandbox.set_posts("studio.nora", 2);
    app.browser().connect(&link, "studio.nora").await;
    app.run_jobs().await;
    let id = member.account("studio.nora").await.id;
    app.sandbox.set_standing("studio.nora", Standing::PasswordChanged);
    app.pass(2 * HOUR, HOUR).await;
    assert_eq!(member.account("studio.nora").await.state, dead(TokenDeath::PasswordChanged));
    (app, member, id)
}

#[tokio::test(flavor = "multi_thread")]
async fn t18_t19_who_asked_is_told_once_and_not_before_the_first_collection_is_done() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut member = app.member("Bright & Bold", "ann@agency.example").await;
        for username in ["studio.nora", "cafe_lumen"] {
            app.sandbox.set_posts(username, 3);
        }
        let asked = member.request_access("studio.nora").await;
        app.run_jobs().await;
        assert_eq!(app.sandbox.calls().media, 0, "T22: nothing is collected while it is pending");
        let trouble = FaultKind::Status { code: 500, retry_after: None };
        app.sandbox.script(Fault { times: 2, ..Fault::once(Endpoint::Media, trouble) });
        let done = app.browser().connect_as_asked(&asked, "studio.nora").await;
        assert!(done.says("@studio.nora is connected"), "{}", done.text());
        assert_eq!(app.mails().len(), 0, "the token alone is not enough");
        app.run_jobs().await;
        app.pass(Duration::from_secs(100), Duration::from_secs(100)).await;
        assert_eq!((app.sandbox.calls().media, app.mails().len()), (2, 0), "both tries failed");
        app.pass(Duration::from_secs(200), Duration::from_secs(200)).await;
        assert_eq!(app.count_posts("studio.nora").await, 3);
        let mails = app.mails();
        assert_eq!(mails.len(), 1, "{mails:?}");
        assert_eq!((mails[0].to.as_str(), mails[0].subject.as_str()), ("ann@agency.example", CONNECTED));
        // T19: once, however often it collects after.
        app.pass(2 * DAY, 3 * HOUR).await;
        assert_eq!(app.mails().len(), 1);
        // T05: who logs in by themselves is looking at it.
        let started = member.post("/accounts/log-in", &[]).await;
        let callback = walk(&started.location.unwrap(), "cafe_lumen", Decision::Allow).await;
        assert!(member.come_back(&callback).await.says("@cafe_lumen is connected"));
        app.run_jobs().await;
        assert_eq!((app.count_posts("cafe_lumen").await, app.mails().len()), (3, 1));
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f19_t25_t27_a_dead_access_is_shown_and_told_once_and_then_left_alone() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut member, link) = app.member_with_link().await;
        app.sandbox.set_posts("studio.nora", 2);
        app.browser().connect(&link, "studio.nora").await;
        app.run_jobs().await;
        // By then the renewal is due, too: two jobs run into the new password at once.
        app.tools.clock.advance(8 * DAY + HOUR);
        app.sandbox.set_standing("studio.nora", Standing::PasswordChanged);
        for (on, ms) in [(Endpoint::Media, 300), (Endpoint::Refresh, 600)] {
            app.sandbox.script(Fault::once(on, FaultKind::Slow { ms }));
        }
        let before = app.sandbox.calls();
        app.run_jobs().await;
        let after = app.sandbox.calls();
        assert_eq!((after.refresh - before.refresh, after.media - before.media), (1, 1));
        let account = member.account("studio.nora").await;
        assert_eq!(account.state, dead(TokenDeath::PasswordChanged));
        assert!(app.access(account.id).await.is_none());
        let page = member.get("/accounts").await;
        for words in ["Needs reconnection", "Log in again", "Ask the client to reconnect"] {
            assert!(page.says(words), "{words}: {}", page.text());
        }
        app.pass(10 * DAY, 12 * HOUR).await;
        assert_eq!(app.sandbox.calls(), after, "T27: Instagram is not asked for it any more");
        assert_eq!(app.mails_saying(LOST), 1, "{:?}", app.mails());
        assert_eq!(app.mails().len(), 2, "the other one said that it was connected: {:?}", app.mails());
        assert_eq!(app.count("jobs").await, 0);
        assert_eq!(app.count_posts("studio.nora").await, 2, "what was collected stays");
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t25_whatever_ends_an_access_is_noticed_within_two_hours_and_named() {
    on_each_database(async |kind| {
        for (standing, reason, words) in [
            (Standing::PasswordChanged, TokenDeath::PasswordChanged, "Needs reconnection"),
            (Standing::AppRemoved, TokenDeath::AppRemoved, "Disconnected by the client"),
            (Standing::Checkpoint, TokenDeath::AccountBlocked, "Needs reconnection"),
        ] {
            let app = Installation::new(kind).await;
            let (mut member, link) = app.member_with_link().await;
            app.sandbox.set_posts("studio.nora", 0);
            app.browser().connect(&link, "studio.nora").await;
            app.run_jobs().await;
            app.sandbox.set_standing("studio.nora", standing);
            app.pass(2 * HOUR, HOUR).await;
            assert_eq!(member.account("studio.nora").await.state, dead(reason));
            assert!(member.get("/accounts").await.says(words), "{words}");
            assert_eq!(app.mails_saying(LOST), 1, "{reason:?}: {:?}", app.mails());
            app.check_invariants().await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f19_one_refusal_that_the_profile_does_not_confirm_ends_no_access() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut member, link) = app.member_with_link().await;
        app.sandbox.set_posts("studio.nora", 1);
        app.browser().connect(&link, "studio.nora").await;
        let refusal = FaultKind::Error { code: 190, subcode: Some(460), message: String::new() };
        app.sandbox.script(Fault::once(Endpoint::Media, refusal));
        app.run_jobs().await;
        assert!(matches!(member.account("studio.nora").await.state, AccountState::Active { .. }));
        app.pass(HOUR, HOUR).await;
        assert_eq!((app.count_posts("studio.nora").await, app.mails_saying(LOST)), (1, 0));
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t26_a23_a24_the_client_connects_the_same_account_again_by_its_id_and_nobody_else_can() {
    on_each_database(async |kind| {
        let (app, mut member, id) = with_a_dead_account(kind).await;
        let asked = member.ask_to_reconnect(id).await;
        assert_eq!((asked.account_id, member.accounts().await.requests), (id, vec![asked.clone()]));
        let mut client = app.browser();
        let wrong = client.connect_as_asked(&asked, "cafe_lumen").await;
        for words in ["@cafe_lumen", "@studio.nora", "Nothing was stored", "Try again"] {
            assert!(wrong.says(words), "{words}: {}", wrong.text());
        }
        // Meanwhile the account takes another name, and a stranger the one that is free now.
        app.sandbox.rename("studio.nora", "nora.berlin");
        app.sandbox.rename("cafe_lumen", "studio.nora");
        let stranger = client.connect_as_asked(&asked, "cafe_lumen").await;
        assert!(stranger.says("Nothing was stored") && !stranger.says("is connected"), "{}", stranger.text());
        let (reason, mistaken_for) = (TokenDeath::PasswordChanged, Some("studio.nora".to_owned()));
        let tried = AccountState::NeedsReconnection { reason, mistaken_for };
        assert_eq!(member.account("studio.nora").await.state, tried);
        assert_eq!(app.count("accounts").await, 1);
        // The twin: the account that was asked for, whatever it calls itself.
        app.sandbox.add_post("studio.nora", "Back again");
        let done = client.connect_as_asked(&asked, "studio.nora").await;
        assert!(done.says("@nora.berlin is connected"), "{}", done.text());
        let account = member.account("nora.berlin").await;
        assert_eq!((account.id, app.count("accounts").await), (id, 1), "one row, as before");
        assert!(matches!(account.state, AccountState::Active { .. }));
        assert!(member.accounts().await.requests.is_empty());
        app.check_invariants().await;
        app.run_jobs().await;
        assert_eq!(app.count("posts").await, 3, "the history was kept, and what is new was added");
        assert_eq!(app.mails_saying("@nora.berlin is connected and collecting"), 1, "T18: it was asked for");
        // Its jobs are alive as well.
        let before = app.sandbox.calls();
        app.pass(9 * DAY, 12 * HOUR).await;
        let after = app.sandbox.calls();
        assert_eq!(after.refresh, before.refresh + 1);
        assert!(after.media > before.media + 9);
        assert_eq!(app.mails_saying("needs to be reconnected"), 1);
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t26_t05_a_member_with_the_password_logs_in_again() {
    on_each_database(async |kind| {
        let (app, mut member, id) = with_a_dead_account(kind).await;
        let account = id.to_string();
        let form = [("account", account.as_str())];
        let mut stranger = app.member("Other Agency", "bob@other.example").await;
        assert_eq!(stranger.post("/accounts/log-in", &form).await.status, 404);
        let mails = app.mails().len();
        // With somebody else's password it stays as it is.
        let started = member.post("/accounts/log-in", &form).await;
        assert_eq!(started.status, 303, "{}", started.text());
        let callback = walk(&started.location.unwrap(), "cafe_lumen", Decision::Allow).await;
        assert!(member.come_back(&callback).await.says("Nothing was stored"));
        let started = member.post("/accounts/log-in", &form).await;
        let callback = walk(&started.location.unwrap(), "studio.nora", Decision::Allow).await;
        assert!(member.come_back(&callback).await.says("@studio.nora is connected"));
        app.run_jobs().await;
        let account = member.account("studio.nora").await;
        assert!(account.id == id && matches!(account.state, AccountState::Active { .. }), "{account:?}");
        assert_eq!((app.count("posts").await, app.mails().len()), (2, mails), "nobody has to be told");
        // There is nothing to log in again for.
        assert_eq!(member.post("/accounts/log-in", &form).await.status, 404);
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t25_t26_seventy_days_of_two_accounts_of_which_one_loses_its_access_and_gets_it_back() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut member, link) = app.member_with_link().await;
        for username in ["studio.nora", "cafe_lumen"] {
            app.sandbox.set_posts(username, 2);
            app.browser().connect(&link, username).await;
        }
        app.run_jobs().await;
        let ids = [member.account("studio.nora").await.id, member.account("cafe_lumen").await.id];
        let step = 12 * HOUR;
        app.pass(20 * DAY, step).await;
        app.sandbox.set_standing("cafe_lumen", Standing::PasswordChanged);
        app.pass(DAY, step).await;
        assert_eq!(member.account("cafe_lumen").await.state, dead(TokenDeath::PasswordChanged));
        assert_eq!(app.mails_saying("@cafe_lumen needs to be reconnected"), 1);
        app.pass(2 * DAY, step).await;
        let asked = member.ask_to_reconnect(ids[1]).await;
        app.sandbox.add_post("cafe_lumen", "Back again");
        assert!(app.browser().connect_as_asked(&asked, "cafe_lumen").await.says("@cafe_lumen is connected"));
        app.pass(47 * DAY, step).await;
        member.sign_in("ann@agency.example").await;
        for (username, id, posts) in [("studio.nora", ids[0], 2), ("cafe_lumen", ids[1], 3)] {
            let account = member.account(username).await;
            assert!(account.id == id && matches!(account.state, AccountState::Active { .. }), "{account:?}");
            assert_eq!(app.count_posts(username).await, posts, "@{username}");
            let (access, token) = app.access(id).await.unwrap();
            assert!(access.expires_at > app.tools.now().plus(50 * DAY), "@{username} {access:?}");
            assert_eq!(app.tools.instagram.profile(&token).await.unwrap().username, username);
        }
        // Eight or nine for the one, two and five or six for the other.
        assert!((14..=20).contains(&app.sandbox.calls().refresh), "{:?}", app.sandbox.calls());
        assert_eq!(app.mails_saying("needs to be reconnected"), 1, "{:?}", app.mails());
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f19_what_instagram_says_of_the_old_token_does_no_harm_to_an_account_that_was_connected_again_meanwhile() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut member, link) = app.member_with_link().await;
        app.sandbox.set_posts("studio.nora", 1);
        app.browser().connect(&link, "studio.nora").await;
        app.run_jobs().await;
        app.sandbox.set_standing("studio.nora", Standing::PasswordChanged);
        app.tools.clock.advance(2 * HOUR);
        // The refusal is under way while the client comes by.
        app.sandbox.script(Fault::once(Endpoint::Media, FaultKind::Slow { ms: 4_000 }));
        let reconnecting = async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            app.browser().connect(&link, "studio.nora").await
        };
        let (_, page) = tokio::join!(app.run_jobs(), reconnecting);
        assert!(page.says("@studio.nora is connected"), "{}", page.text());
        assert!(matches!(member.account("studio.nora").await.state, AccountState::Active { .. }));
        app.check_invariants().await;
        app.sandbox.add_post("studio.nora", "Back again");
        app.pass(2 * HOUR, HOUR).await;
        assert_eq!((app.count("posts").await, app.mails_saying(LOST)), (2, 0));
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_posts_that_comes_after_its_account_was_disconnected_is_not_kept() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut member, link) = app.member_with_link().await;
        app.sandbox.set_posts("studio.nora", 1);
        app.browser().connect(&link, "studio.nora").await;
        let id = member.account("studio.nora").await.id.to_string();
        app.sandbox.script(Fault::once(Endpoint::Media, FaultKind::Slow { ms: 2_500 }));
        let disconnecting = async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            assert_eq!(member.call("disconnect_account", &[("id", &id)]).await.status, 200);
            // What was collected is deleted at once; the page is still on its way.
            app.run_jobs().await
        };
        let (_, forgetting) = tokio::join!(app.run_jobs(), disconnecting);
        assert!(forgetting >= 1);
        app.pass(2 * HOUR, HOUR).await;
        assert_eq!((app.count("posts").await, app.mails().len()), (0, 0));
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u29_a_mail_that_is_not_true_any_more_when_its_turn_comes_does_not_go_out() {
    on_each_database(async |kind| {
        let (app, mut member, account) = with_a_dead_account(kind).await;
        // The death is known and its mail waits: the account is connected again first.
        let waits = "SELECT COUNT(*) AS n FROM jobs WHERE kind = 'mail_needs_reconnection' AND dead_at IS NULL";
        let before = app.mails_saying("needs to be reconnected");
        let facts = app.access(account).await;
        assert!(facts.is_none(), "it is dead");
        let to = app.work_of(&mut member).await.actor.user_id;
        let organization = app.work_of(&mut member).await.actor.organization_id;
        let now = app.tools.now();
        let mut conn = app.tools.db.write().await.unwrap();
        for job in [Job::MailNeedsReconnection { account, to }, Job::MailEndsSoon { account, to, days: 7 }] {
            queue::enqueue(&mut conn, &app.tools.randomness, organization, &job, now, now).await.unwrap();
        }
        drop(conn);
        assert_eq!(app.database.number(waits).await, 1);
        app.sandbox.set_standing("studio.nora", Standing::Normal);
        let request = member.ask_to_reconnect(account).await;
        assert!(app.browser().connect_as_asked(&request, "studio.nora").await.says("is connected"));
        app.run_jobs().await;
        assert_eq!(app.mails_saying("needs to be reconnected"), before, "{:?}", app.mails());
        assert_eq!(app.mails_saying("will stop collecting"), 0, "{:?}", app.mails());
        assert_eq!(app.database.number(waits).await, 0);
        app.check_invariants().await;
    })
    .await;
}
