//! Requests for one named account: asked for, pending, connected by its owner, and by nobody else (T02 to T24, A23, F11);
//! and what becomes of them when the account ends, or is connected in another way meanwhile.

use super::redemption::nothing_was_stored;
use crate::support::{
    Browser, Installation, Kind, Page,
    instagram::{Decision, walk},
    keeping_alive::DAY,
    on_each_database,
};
use diesel_async::SimpleAsyncConnection;
use grantlink::{
    accounts::{self, model::AccountState},
    db::{Conn, Transaction},
    ids::AccountId,
    instagram::sandbox::{Endpoint, Fault, FaultKind, people},
    links::model::RequestView,
    pages::accounts::load::AccountsView,
    secret::{Purpose, Token},
    token_death::TokenDeath,
};
use std::time::{Duration, Instant};

/// The member asks for an account.
async fn request(member: &mut Browser, username: &str) -> RequestView {
    let page = member.call("request_access", &[("username", username)]).await;
    assert_eq!(page.status, 200, "{}", page.body);
    page.json()
}

fn path_of(request: &RequestView) -> String {
    request.url.strip_prefix(crate::support::BASE_URL).expect("the link is ours").to_owned()
}

/// A client goes from the request to the page it ends on.
async fn answer(client: &mut Browser, request: &RequestView, username: &str) -> Page {
    let started = client.post(&path_of(request), &[]).await;
    assert_eq!(started.status, 303, "{}", started.text());
    let callback = walk(&started.location.unwrap(), username, Decision::Allow).await;
    client.come_back(&callback).await
}

fn state(view: &AccountsView, username: &str) -> AccountState {
    let account = view.accounts.iter().find(|account| account.username == username);
    account.unwrap_or_else(|| panic!("@{username} is not in the list")).state.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn t02_t08_t15_t17_t20_a_requested_account_is_pending_until_its_owner_connects_it() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut member = app.member("Bright & Bold", "ann@agency.example").await;
        let asked = request(&mut member, " @Studio.Nora ").await;
        let view = member.accounts().await;
        assert_eq!(state(&view, "studio.nora"), AccountState::Pending { mistaken_for: None });
        assert_eq!(view.requests, vec![asked.clone()]);
        // T01, T22: there is no token anybody could collect with.
        assert!(app.token(asked.account_id).await.is_none());
        let page = app.browser().get(&path_of(&asked)).await;
        assert!(page.says("@studio.nora") && page.says("Continue to Instagram"), "{}", page.text());
        assert!(page.body.contains("target=\"_blank\""), "T16: Instagram opens in a window of its own");
        let done = answer(&mut app.browser(), &asked, "studio.nora").await;
        assert!(done.says("@studio.nora is connected"), "{}", done.text());
        let view = member.accounts().await;
        assert!(matches!(state(&view, "studio.nora"), AccountState::Active { .. }));
        assert_eq!(
            (view.accounts.len(), view.accounts[0].id),
            (1, asked.account_id),
            "the pending row became the live one"
        );
        assert!(view.requests.is_empty());
        assert!(app.token(asked.account_id).await.is_some());
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a23_u07_another_account_is_refused_both_are_named_and_nothing_is_stored() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut member = app.member("Bright & Bold", "ann@agency.example").await;
        let asked = request(&mut member, "studio.nora").await;
        let mut client = app.browser();
        let page = answer(&mut client, &asked, "cafe_lumen").await;
        for words in ["@cafe_lumen", "@studio.nora", "Nothing was stored", "Try again"] {
            assert!(page.says(words), "{words}: {}", page.text());
        }
        let tried = AccountState::Pending { mistaken_for: Some("cafe_lumen".into()) };
        assert_eq!(state(&member.accounts().await, "studio.nora"), tried);
        assert!(member.get("/accounts").await.says("Wrong account: @cafe_lumen tried"));
        assert_eq!(app.database.number("SELECT COUNT(*) AS n FROM accounts WHERE token_sealed IS NOT NULL").await, 0);
        // The twin: the right account, with the same link.
        assert!(answer(&mut client, &asked, "studio.nora").await.says("@studio.nora is connected"));
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a25_an_account_that_was_there_before_is_renewed_in_place() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut member, link) = app.member_with_link().await;
        app.browser().connect(&link, "studio.nora").await;
        let before = member.accounts().await.accounts.remove(0);
        assert_eq!(member.call("disconnect_account", &[("id", &before.id.to_string())]).await.status, 200);
        let asked = request(&mut member, "studio.nora").await;
        assert_ne!(asked.account_id, before.id);
        assert!(answer(&mut app.browser(), &asked, "studio.nora").await.says("is connected"));
        let accounts = member.accounts().await.accounts;
        assert_eq!((accounts.len(), accounts[0].id), (1, before.id));
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t23_t24_regenerating_kills_the_old_url_and_the_new_one_works() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut member = app.member("Bright & Bold", "ann@agency.example").await;
        let old = request(&mut member, "studio.nora").await;
        let page = member.call("regenerate_request", &[("account", &old.account_id.to_string())]).await;
        let new: RequestView = page.json();
        assert_ne!(old.url, new.url);
        assert_eq!(app.browser().get(&path_of(&old)).await.status, 410);
        assert_eq!(app.browser().post(&path_of(&old), &[]).await.status, 410);
        assert!(answer(&mut app.browser(), &new, "studio.nora").await.says("is connected"));
        // What is no longer pending has no request to regenerate, and others never see it.
        let mut stranger = app.member("Other Agency", "bob@other.example").await;
        for browser in [&mut member, &mut stranger] {
            let again = browser.call("regenerate_request", &[("account", &old.account_id.to_string())]).await;
            assert_eq!(again.status, 404);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_request_is_dead_and_can_be_made_again() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut member = app.member("Bright & Bold", "ann@agency.example").await;
        let asked = request(&mut member, "studio.nora").await;
        let id = asked.account_id.to_string();
        assert_eq!(member.call("withdraw_request", &[("id", &id)]).await.status, 200);
        assert_eq!(app.browser().get(&path_of(&asked)).await.status, 410);
        assert!(member.accounts().await.accounts.is_empty());
        assert_eq!(member.call("withdraw_request", &[("id", &id)]).await.status, 404);
        request(&mut member, "studio.nora").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f11_two_clients_at_once_make_one_connection_and_the_other_is_told() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut member = app.member("Bright & Bold", "ann@agency.example").await;
        let asked = request(&mut member, "studio.nora").await;
        let (mut one, mut two) = (app.browser(), app.browser());
        let mut callbacks = Vec::new();
        for client in [&mut one, &mut two] {
            let authorize = client.post(&path_of(&asked), &[]).await.location.unwrap();
            callbacks.push(walk(&authorize, "studio.nora", Decision::Allow).await);
        }
        let slow = Fault::once(Endpoint::Me, FaultKind::Slow { ms: 600 });
        app.sandbox.script(Fault { times: 2, ..slow });
        let (first, second) = tokio::join!(one.come_back(&callbacks[0]), two.come_back(&callbacks[1]));
        let won = [&first, &second].iter().filter(|page| page.says("is connected")).count();
        let lost = [&first, &second].iter().filter(|page| page.says("This request is done already")).count();
        assert_eq!((won, lost), (1, 1), "{} / {}", first.text(), second.text());
        // The link leads nowhere any more, so neither is sent there again.
        assert!(!first.says("Try again") && !second.says("Try again"), "{} / {}", first.text(), second.text());
        assert_eq!(app.database.number("SELECT COUNT(*) AS n FROM accounts WHERE token_sealed IS NOT NULL").await, 1);
        // Whoever opens the link now reads that it is done; the browser that did it sees which account.
        assert_eq!(app.browser().get(&path_of(&asked)).await.status, 410);
        let winner = if first.says("is connected") { &mut one } else { &mut two };
        assert!(winner.get(&path_of(&asked)).await.says("@studio.nora is connected"));
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t05_a_member_with_the_password_logs_in_and_comes_back_to_the_dashboard() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut member = app.member("Bright & Bold", "ann@agency.example").await;
        let started = member.post("/accounts/log-in", &[]).await;
        assert_eq!(started.status, 303, "{}", started.text());
        let callback = walk(&started.location.unwrap(), "studio.nora", Decision::Allow).await;
        let done = member.come_back(&callback).await;
        assert!(done.says("@studio.nora is connected") && done.says("Go to your accounts"), "{}", done.text());
        assert!(matches!(state(&member.accounts().await, "studio.nora"), AccountState::Active { .. }));
        assert!(member.links().await.links.is_empty(), "nobody is given the link behind it");
        assert_eq!(app.browser().post("/accounts/log-in", &[]).await.location.as_deref(), Some("/sign-in"));
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t06_t07_a_wrong_or_known_name_is_refused_in_words_and_what_was_typed_is_kept() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut member, link) = app.member_with_link().await;
        app.browser().connect(&link, "cafe_lumen").await;
        request(&mut member, "studio.nora").await;
        for (typed, words) in [
            ("two words", "Use only letters"),
            ("studio.nora", "You already asked for @studio.nora"),
            ("@Cafe_Lumen", "@cafe_lumen is connected already"),
        ] {
            let page = member.post("/api/request_access", &[("username", typed)]).await;
            assert_eq!(page.status, 422, "{}", page.text());
            assert!(page.says(words) && page.body.contains(&format!("value=\"{typed}\"")), "{words}: {}", page.text());
        }
        // The same name in another organization is another request.
        let mut bob = app.member("Other Agency", "bob@other.example").await;
        request(&mut bob, "studio.nora").await;
    })
    .await;
}

/// What Instagram's callbacks call an account.
fn app_scoped_id(username: &str) -> String {
    people().iter().find(|person| person.username == username).unwrap().app_scoped_id.to_string()
}

/// The owner of @studio.nora wants everything deleted.
async fn delete_data(app: &Installation) {
    let request = Token::generate(&app.tools.randomness).hash(Purpose::DeletionRequest);
    accounts::service::delete_data(&app.tools, &app_scoped_id("studio.nora"), request).await.unwrap();
}

/// A member whose one account, @studio.nora, was connected, and whose owner took the app off it.
async fn with_a_removed_account(kind: Kind) -> (Installation, Browser, AccountId) {
    let app = Installation::new(kind).await;
    let (mut member, link) = app.member_with_link().await;
    app.browser().connect(&link, "studio.nora").await;
    let id = member.account("studio.nora").await.id;
    accounts::service::deauthorize(&app.tools, &app_scoped_id("studio.nora"), app.tools.now()).await.unwrap();
    let dead = AccountState::NeedsReconnection { reason: TokenDeath::AppRemoved, mistaken_for: None };
    assert_eq!(member.account("studio.nora").await.state, dead);
    (app, member, id)
}

/// A member goes to Instagram to log in to this account again: where Instagram sends them back to.
async fn log_in_again(member: &mut Browser, id: AccountId, username: &str) -> String {
    let started = member.post("/accounts/log-in", &[("account", &id.to_string())]).await;
    assert_eq!(started.status, 303, "{}", started.text());
    walk(&started.location.unwrap(), username, Decision::Allow).await
}

#[tokio::test(flavor = "multi_thread")]
async fn f11_a_connect_link_and_a_request_for_one_account_at_once_both_end_in_words() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut member, link) = app.member_with_link().await;
        let asked = request(&mut member, "studio.nora").await;
        let (mut one, mut two) = (app.browser(), app.browser());
        let first = walk(&one.start(&link).await, "studio.nora", Decision::Allow).await;
        let started = two.post(&path_of(&asked), &[]).await;
        let second = walk(&started.location.unwrap(), "studio.nora", Decision::Allow).await;
        let slow = Fault::once(Endpoint::Me, FaultKind::Slow { ms: 600 });
        app.sandbox.script(Fault { times: 2, ..slow });
        let (first, second) = tokio::join!(one.come_back(&first), two.come_back(&second));
        assert!(first.says("@studio.nora is connected"), "{}", first.text());
        let is_told = second.says("is connected") || second.says("This request is done already");
        assert!(is_told, "{}", second.text());
        let view = member.accounts().await;
        assert_eq!((view.accounts.len(), view.requests.len()), (1, 0));
        app.check_invariants().await;
    })
    .await;
}

/// Locks all rows of a table until the transaction ends, so that others come to wait in an order that is known. SQLite
/// has one writer: there, everybody waits for that from the very beginning.
async fn hold(app: &Installation, table: &str) -> Transaction {
    let mut tx = app.tools.db.begin().await.unwrap();
    if let Conn::Postgres(c) = &mut *tx {
        c.batch_execute(&format!("SELECT 1 FROM {table} FOR UPDATE")).await.unwrap();
    }
    tx
}

/// Waits until so many wait for a row that another one holds.
async fn until_waiting(app: &Installation, kind: Kind, count: i64) {
    if kind == Kind::Sqlite {
        return;
    }
    let waiting = "SELECT COUNT(*) AS n FROM pg_stat_activity \
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let deadline = Instant::now() + Duration::from_secs(10);
    while app.database.number(waiting).await < count {
        assert!(Instant::now() < deadline, "fewer than {count} wait");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// How many links for one account are alive, whether they still have it or not.
async fn live_requests(app: &Installation) -> i64 {
    let live = "purpose = 'request' AND revoked_at IS NULL AND fulfilled_at IS NULL";
    app.database.number(&format!("SELECT COUNT(*) AS n FROM links WHERE {live}")).await
}

/// Who was told that an account is connected.
fn told(app: &Installation) -> Vec<String> {
    let mails = app.mails().into_iter().filter(|mail| mail.subject.contains("is connected and collecting"));
    mails.map(|mail| mail.to).collect()
}

/// A colleague of Ann's.
async fn bob(app: &Installation) -> Browser {
    let bob = app.member("Northwind", "bob@other.example").await;
    app.join("bob@other.example", "ann@agency.example").await;
    bob
}

#[tokio::test(flavor = "multi_thread")]
async fn a36_f11_a_deletion_beside_a_redemption_ends_before_or_after_it_and_neither_fails() {
    on_each_database(async |kind| {
        let (app, mut member, id) = with_a_removed_account(kind).await;
        let asked = member.ask_to_reconnect(id).await;
        let mut client = app.browser();
        let started = client.post(&path_of(&asked), &[]).await;
        let callback = walk(&started.location.unwrap(), "studio.nora", Decision::Allow).await;
        // The redemption has its link and waits for the account; the deletion waits for the link.
        let held = hold(&app, "accounts").await;
        let deleting = async {
            until_waiting(&app, kind, 1).await;
            delete_data(&app).await;
        };
        let releasing = async {
            until_waiting(&app, kind, 2).await;
            held.rollback().await.unwrap();
        };
        let (page, (), ()) = tokio::join!(client.come_back(&callback), deleting, releasing);
        app.finish_tasks().await;
        assert!(!page.says("Something went wrong"), "{}", page.text());
        assert_eq!(app.count("accounts").await, 0, "what was asked for is done");
        assert_eq!(live_requests(&app).await, 0);
        if kind == Kind::Postgres {
            assert_eq!(app.database.connections().await[2], 2, "it was connected again before it was deleted");
        }
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a36_a_request_that_is_made_while_its_account_is_being_deleted_ends_with_it() {
    on_each_database(async |kind| {
        let (app, mut member, id) = with_a_removed_account(kind).await;
        let account = id.to_string();
        let arguments = [("account", account.as_str())];
        // The request has locked the account and waits to be written; the deletion has looked for links and found none.
        let held = hold(&app, "users").await;
        let deleting = async {
            until_waiting(&app, kind, 1).await;
            delete_data(&app).await;
        };
        let releasing = async {
            until_waiting(&app, kind, 2).await;
            held.rollback().await.unwrap();
        };
        let (asked, (), ()) = tokio::join!(member.call("regenerate_request", &arguments), deleting, releasing);
        if kind == Kind::Postgres {
            assert_eq!(asked.status, 200, "it had the account first: {}", asked.body);
        }
        if asked.status == 200 {
            assert_eq!(app.browser().get(&path_of(&asked.json())).await.status, 410);
        }
        assert_eq!((app.count("accounts").await, live_requests(&app).await), (0, 0));
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t18_t24_f11_a_request_that_is_made_while_its_account_is_being_connected_ends_with_it() {
    on_each_database(async |kind| {
        // In the row as it was; or in that of a disconnected account, while a pending one is forgotten for it.
        for is_pending in [false, true] {
            let (app, mut ann, id) = with_a_removed_account(kind).await;
            app.sandbox.set_posts("studio.nora", 1);
            let mut bob = bob(&app).await;
            let link = ann.links().await.links.remove(0);
            let mut account = id.to_string();
            if is_pending {
                assert_eq!(ann.call("disconnect_account", &[("id", &account)]).await.status, 200);
                account = request(&mut ann, "studio.nora").await.account_id.to_string();
            }
            let mut client = app.browser();
            let callback = walk(&client.start(&link).await, "studio.nora", Decision::Allow).await;
            // The request waits to be written. The redemption finds none, or the one before it, and waits as well.
            let held = hold(&app, "users").await;
            let arguments = [("account", account.as_str())];
            let connecting = async {
                until_waiting(&app, kind, 1).await;
                client.come_back(&callback).await
            };
            let releasing = async {
                until_waiting(&app, kind, 2).await;
                held.rollback().await.unwrap();
            };
            let (asked, done, ()) = tokio::join!(bob.call("regenerate_request", &arguments), connecting, releasing);
            assert!(done.says("@studio.nora is connected"), "{}", done.text());
            if kind == Kind::Postgres {
                assert_eq!(asked.status, 200, "it had the account first: {}", asked.body);
            }
            let view = ann.accounts().await;
            assert_eq!((view.accounts.len(), view.accounts[0].id, view.requests.len()), (1, id, 0));
            assert_eq!(live_requests(&app).await, 0, "nobody is asked for it any more");
            // On SQLite the redemption may have been first.
            let mut asker = "ann@agency.example";
            if asked.status == 200 {
                assert_eq!(app.browser().get(&path_of(&asked.json())).await.status, 410);
                asker = "bob@other.example";
            }
            app.run_jobs().await;
            assert_eq!(told(&app), [asker]);
            app.check_invariants().await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t18_of_two_who_asked_for_one_account_the_one_whose_request_was_used_is_told() {
    on_each_database(async |kind| {
        let (app, mut ann, id) = with_a_removed_account(kind).await;
        app.sandbox.set_posts("studio.nora", 1);
        bob(&app).await.ask_to_reconnect(id).await;
        // By the name that it has now nobody can tell that it is the same account.
        app.sandbox.rename("studio.nora", "nora.berlin");
        let asked = request(&mut ann, "nora.berlin").await;
        let done = answer(&mut app.browser(), &asked, "studio.nora").await;
        assert!(done.says("@nora.berlin is connected"), "{}", done.text());
        assert_eq!(live_requests(&app).await, 0);
        app.run_jobs().await;
        assert_eq!(told(&app), ["ann@agency.example"]);
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f11_what_the_database_undoes_for_the_sake_of_another_is_done_again_and_nobody_reads_of_it() {
    on_each_database(async |kind| {
        let (app, mut member, id) = with_a_removed_account(kind).await;
        if kind == Kind::Postgres {
            // As if each of them met another one once. What a sequence has counted is not undone.
            let once = "CREATE SEQUENCE tries; \
                CREATE FUNCTION undo_once () RETURNS trigger LANGUAGE plpgsql AS $$ \
                BEGIN \
                    IF nextval('tries') % 2 = 1 THEN \
                        RAISE EXCEPTION 'in the way of another' USING ERRCODE = 'deadlock_detected'; \
                    END IF; \
                    RETURN NEW; \
                END; \
                $$; \
                CREATE TRIGGER undo_once BEFORE INSERT ON audit_events FOR EACH ROW \
                WHEN (NEW.action IN ('access.regenerated', 'account.connected', 'account.disconnected', \
                    'access.withdrawn', 'account.deleted')) EXECUTE FUNCTION undo_once ()";
            app.database.execute(once).await.unwrap();
        }
        let asked = member.ask_to_reconnect(id).await;
        let done = answer(&mut app.browser(), &asked, "studio.nora").await;
        assert!(done.says("@studio.nora is connected"), "{}", done.text());
        assert_eq!(member.call("disconnect_account", &[("id", &id.to_string())]).await.status, 200);
        let pending = request(&mut member, "cafe_lumen").await.account_id.to_string();
        assert_eq!(member.call("withdraw_request", &[("id", &pending)]).await.status, 200);
        delete_data(&app).await;
        if kind == Kind::Postgres {
            let tries = app.database.number("SELECT last_value AS n FROM tries").await;
            assert_eq!(tries, 10, "each of the five was done twice");
        }
        assert_eq!(app.database.connections().await[2], 2, "and is true once");
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t26_a_log_in_to_an_account_that_is_deleted_meanwhile_stores_nothing() {
    on_each_database(async |kind| {
        for username in ["cafe_lumen", "studio.nora"] {
            let (app, mut member, id) = with_a_removed_account(kind).await;
            let uses = app.database.connections().await;
            let callback = log_in_again(&mut member, id, username).await;
            delete_data(&app).await;
            let page = member.come_back(&callback).await;
            assert!(page.says("This log-in has come to nothing"), "{}", page.text());
            assert!(page.says("Nothing was stored") && page.says("Go to your accounts"), "{}", page.text());
            assert!(!page.says("your link") && !page.says("Try again"), "{}", page.text());
            assert_eq!(app.database.connections().await, [0, uses[1], uses[2]]);
            app.check_invariants().await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_for_an_account_that_is_disconnected_or_deleted_is_dead_at_once() {
    on_each_database(async |kind| {
        for disconnects in [true, false] {
            let (app, mut member, id) = with_a_removed_account(kind).await;
            let asked = member.ask_to_reconnect(id).await;
            let mut client = app.browser();
            let started = client.post(&path_of(&asked), &[]).await;
            let callback = walk(&started.location.unwrap(), "studio.nora", Decision::Allow).await;
            let attempts = app.count("attempts").await;
            if disconnects {
                assert_eq!(member.call("disconnect_account", &[("id", &id.to_string())]).await.status, 200);
            } else {
                delete_data(&app).await;
            }
            let page = client.get(&path_of(&asked)).await;
            assert!(page.status == 410 && page.says("not active right now"), "{}", page.text());
            assert!(!page.says("studio.nora"), "{}", page.text());
            assert_eq!(live_requests(&app).await, 0, "it does not wait to be fulfilled by somebody else's");
            assert_eq!(client.post(&path_of(&asked), &[]).await.status, 410);
            assert_eq!(app.count("attempts").await, attempts, "nothing was begun");
            // Whoever began before is refused as well.
            assert!(client.come_back(&callback).await.says("This link is not active right now"));
            let living = "SELECT COUNT(*) AS n FROM accounts WHERE token_sealed IS NOT NULL";
            assert_eq!(app.database.number(living).await, 0);
            app.check_invariants().await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t26_an_account_whose_token_has_ended_unnoticed_is_connected_again_as_one_that_was_marked() {
    on_each_database(async |kind| {
        for by_request in [true, false] {
            let app = Installation::new(kind).await;
            let (mut member, link) = app.member_with_link().await;
            app.browser().connect(&link, "studio.nora").await;
            let id = member.account("studio.nora").await.id;
            // As long as it lives there is nothing to connect again.
            let alive = member.call("regenerate_request", &[("account", &id.to_string())]).await;
            assert_eq!(alive.status, 404, "{}", alive.body);
            app.tools.clock.advance(61 * DAY);
            member.sign_in("ann@agency.example").await;
            let ended = |mistaken_for| AccountState::NeedsReconnection { reason: TokenDeath::Expired, mistaken_for };
            assert_eq!(member.account("studio.nora").await.state, ended(None));
            let done = if by_request {
                let asked = member.ask_to_reconnect(id).await;
                let mut client = app.browser();
                let wrong = answer(&mut client, &asked, "cafe_lumen").await;
                assert!(wrong.says("Only @studio.nora can be connected here"), "{}", wrong.text());
                assert_eq!(member.account("studio.nora").await.state, ended(Some("cafe_lumen".into())));
                answer(&mut client, &asked, "studio.nora").await
            } else {
                let callback = log_in_again(&mut member, id, "studio.nora").await;
                member.come_back(&callback).await
            };
            assert!(done.says("@studio.nora is connected"), "{}", done.text());
            let account = member.account("studio.nora").await;
            assert!(account.id == id && matches!(account.state, AccountState::Active { .. }), "{account:?}");
            assert_eq!(app.count("accounts").await, 1);
            app.check_invariants().await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t05_a_log_in_that_does_not_succeed_speaks_of_no_link_and_begins_anew_in_the_dashboard() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut member = app.member("Bright & Bold", "ann@agency.example").await;
        let started = member.post("/accounts/log-in", &[]).await;
        let callback = walk(&started.location.unwrap(), "mia_personal", Decision::Allow).await;
        // In another browser first: that one knows neither the member nor a link.
        let elsewhere = app.browser().get(&callback).await;
        assert!(elsewhere.status == 400 && elsewhere.says("sign in here"), "{}", elsewhere.text());
        assert!(!elsewhere.says("your link"), "{}", elsewhere.text());
        let page = member.come_back(&callback).await;
        assert!(page.says("Nothing was stored, and you can try again"), "{}", page.text());
        assert!(!page.says("your link") && page.body.contains("href=\"/accounts/new/account\""), "{}", page.text());
        nothing_was_stored(&app).await;
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t26_a_log_in_names_an_account_that_was_connected_before() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut member = app.member("Bright & Bold", "ann@agency.example").await;
        let asked = request(&mut member, "studio.nora").await;
        let page = member.post("/accounts/log-in", &[("account", &asked.account_id.to_string())]).await;
        assert_eq!(page.status, 404, "{}", page.text());
        assert_eq!(app.count("attempts").await, 0);
    })
    .await;
}
