//! A client takes back the access they gave, on the page that confirmed it (U05): who may, what it ends, and what it
//! leaves alone.

use crate::support::{
    BASE_URL, Browser, Installation,
    instagram::{Decision, walk},
    on_each_database,
};
use axum::body::Body;
use grantlink::{accounts::model::AccountState, links::model::LinkView, token_death::TokenDeath};
use http::{Method, header};

/// Connects an account, and gives the address of the page that confirmed it.
async fn connect(client: &mut Browser, link: &LinkView, username: &str) -> String {
    let callback = walk(&client.start(link).await, username, Decision::Allow).await;
    let confirmation = client.get(&callback).await.location.expect("the attempt has a page of its own");
    assert!(client.get(&confirmation).await.says("is connected"));
    confirmation
}

/// Whether a page has the button that ends an access.
fn offers_to_disconnect(body: &str) -> bool {
    body.contains("method=\"post\"") && body.contains(">Disconnect <")
}

#[tokio::test(flavor = "multi_thread")]
async fn u05_a_client_ends_the_access_where_it_was_confirmed_and_the_members_are_told_once() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut member, link) = app.member_with_link().await;
        let mut client = app.browser();
        let confirmation = connect(&mut client, &link, "studio.nora").await;
        app.finish_tasks().await;
        app.run_jobs().await;
        let id = member.account("studio.nora").await.id;
        let posts = app.count("posts").await;
        assert!(posts > 0 && app.token(id).await.is_some());
        assert!(offers_to_disconnect(&client.get(&confirmation).await.body));

        // Twice at once, as an impatient finger does.
        let mut same = client.clone();
        let (first, second) = tokio::join!(client.post(&confirmation, &[]), same.post(&confirmation, &[]));
        for page in [first, second] {
            assert_eq!((page.status, page.location.as_deref()), (303, Some(confirmation.as_str())));
        }
        for _ in 0..2 {
            let page = client.get(&confirmation).await;
            assert!(
                page.says("@studio.nora is no longer connected") && page.says("Apps and websites"),
                "{}",
                page.text()
            );
            assert!(!page.says("is connected") && !offers_to_disconnect(&page.body), "{}", page.text());
        }
        assert!(app.token(id).await.is_none());
        let state = AccountState::NeedsReconnection { reason: TokenDeath::TakenBack, mistaken_for: None };
        assert_eq!(member.account("studio.nora").await.state, state);
        assert!(member.get("/accounts").await.says("Disconnected by the client"));
        let of_client = "SELECT COUNT(*) AS n FROM audit_events WHERE action = 'client.revoked' AND actor = 'client'";
        assert_eq!(app.database.number(of_client).await, 1);
        app.run_jobs().await;
        assert_eq!(app.mails_saying("@studio.nora needs to be reconnected"), 1);
        let mails = app.tools.mailer.sent();
        let last = String::from_utf8_lossy(mails.last().unwrap()).replace("=\r\n", "");
        assert!(last.contains("took the access back on the page"), "{last}");
        assert_eq!(app.count("posts").await, posts, "what was collected is the organization's to delete");

        // The same link connects again, and the new page ends the new access.
        let again = connect(&mut client, &link, "studio.nora").await;
        assert!(app.token(id).await.is_some());
        client.post(&again, &[]).await;
        assert!(app.token(id).await.is_none());
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u05_a15_a38_only_the_browser_that_gave_an_access_ends_it_by_a_form_of_its_own() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut member, link) = app.member_with_link().await;
        let mut client = app.browser();
        let confirmation = connect(&mut client, &link, "studio.nora").await;
        let mut other_client = app.browser();
        connect(&mut other_client, &link, "cafe_lumen").await;
        let mut foreigner = app.member("Other Agency", "olga@other.example").await;
        app.finish_tasks().await;
        app.run_jobs().await;
        assert!(
            !offers_to_disconnect(&member.get(&confirmation).await.body),
            "a member reads it, and has a button elsewhere"
        );

        let before = app.database.contents().await;
        assert_eq!(member.post(&confirmation, &[]).await.status, 404);
        for browser in [&mut app.browser(), &mut other_client, &mut foreigner] {
            let page = browser.post(&confirmation, &[]).await;
            assert_eq!(page.status, 404, "{}", page.text());
            assert!(page.says("Only the browser that started a connection"), "{}", page.text());
            assert!(!page.body.contains("studio.nora"), "{}", page.text());
        }
        for path in ["/connect/attempt/x", "/connect/attempt/0198f000-0000-7000-8000-000000000000"] {
            assert_eq!(client.post(path, &[]).await.status, 404);
        }
        // Reading does nothing, and neither does the form of another site.
        client.get(&confirmation).await;
        let foreign = client
            .request(Method::POST, &confirmation)
            .header("sec-fetch-site", "cross-site")
            .header(header::ORIGIN, "https://evil.example");
        assert_eq!(client.send(foreign, Body::empty()).await.status, 403);
        assert_eq!(app.database.contents().await, before);

        // The twin.
        let own = client
            .request(Method::POST, &confirmation)
            .header("sec-fetch-site", "same-origin")
            .header(header::ORIGIN, BASE_URL);
        assert_eq!(client.send(own, Body::empty()).await.status, 303);
        assert_ne!(app.database.contents().await, before);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u05_what_was_connected_again_since_is_not_ended_by_the_page_of_before() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut member, link) = app.member_with_link().await;
        let mut client = app.browser();
        let confirmation = connect(&mut client, &link, "studio.nora").await;
        app.tools.clock.advance(std::time::Duration::from_secs(60));
        connect(&mut app.browser(), &link, "studio.nora").await;
        let page = client.get(&confirmation).await;
        assert!(page.says("is connected") && !offers_to_disconnect(&page.body), "{}", page.text());
        assert_eq!(client.post(&confirmation, &[]).await.status, 303);
        let account = member.account("studio.nora").await;
        assert!(matches!(account.state, AccountState::Active { .. }), "{:?}", account.state);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u05_a_confirmation_says_so_when_a_member_has_disconnected_the_account() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut member, link) = app.member_with_link().await;
        let mut client = app.browser();
        let confirmation = connect(&mut client, &link, "studio.nora").await;
        let id = member.account("studio.nora").await.id.to_string();
        assert_eq!(member.call("disconnect_account", &[("id", &id)]).await.status, 200);
        let page = client.get(&confirmation).await;
        assert!(page.says("@studio.nora is no longer connected") && !page.says("is connected"), "{}", page.text());
        let before = app.database.contents().await;
        assert_eq!(client.post(&confirmation, &[]).await.status, 303);
        assert_eq!(app.database.contents().await, before);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t05_u05_a_member_ends_their_own_log_in_in_the_dashboard_alone() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut member, _) = app.member_with_link().await;
        let authorize = member.post("/accounts/log-in", &[]).await.location.expect("to Instagram");
        let callback = walk(&authorize, "studio.nora", Decision::Allow).await;
        let confirmation = member.get(&callback).await.location.expect("a page of its own");
        let page = member.get(&confirmation).await;
        assert!(page.says("is connected") && !offers_to_disconnect(&page.body), "{}", page.text());
        member.post(&confirmation, &[]).await;
        assert!(matches!(member.account("studio.nora").await.state, AccountState::Active { .. }));
    })
    .await;
}
