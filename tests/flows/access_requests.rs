//! Requests for one named account: asked for, pending, connected by its owner, and by nobody else (T02 to T24, A23, F11).

use crate::support::{
    Browser, Installation, Page,
    instagram::{Decision, walk},
    on_each_database,
};
use grantlink::{
    accounts::model::AccountState,
    instagram::sandbox::{Endpoint, Fault, FaultKind},
    links::model::RequestView,
    pages::accounts::load::AccountsView,
};

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
