//! What every response says to the browser (A09, A35, A49, A60, A80, A86).

use crate::support::{
    Browser, Installation, Kind, Page,
    instagram::{Decision, walk},
    journey::path_of,
    on_each_database, pages,
};
use axum::body::Body;
use http::{Method, Request, header};
use std::collections::BTreeSet;

/// What stands beside the pages, and what is not there at all. The event stream has no end: it is looked at by itself.
const BESIDE_THE_PAGES: [&str; 21] = [
    "/",
    "/sign-out",
    "/healthz",
    "/readyz",
    "/robots.txt",
    "/live-not",
    "/dev/components",
    "/icons.svg",
    "/pkg/grantlink.css",
    "/pkg/grantlink.wasm",
    "/pkg/nothing.js",
    "/api/nothing",
    "/api/generate_link",
    "/media/accounts/0198f000000070008000000000000000.jpg",
    "/brand/c2410c-1.css",
    "/brand/0198f000000070008000000000000000.jpg",
    "/nowhere",
    "/accounts/nowhere",
    "/accounts?__path=x&__err=y",
    "/connect",
    "/connect/a/b/c",
];

#[tokio::test(flavor = "multi_thread")]
async fn a09_a35_a86_no_response_lacks_a_header() {
    let app = Installation::new(Kind::Sqlite).await;
    let (mut member, link) = app.member_with_link().await;
    let mut client = app.browser();
    let callback = walk(&client.start(&link).await, "studio.nora", Decision::Allow).await;
    let attempt = client.get(&callback).await.location.unwrap();
    app.finish_tasks().await;
    let account = member.accounts().await.accounts.remove(0).id;
    let reset = grantlink::identity::service::request_reset(&app.tools, "ann@agency.example").await.unwrap();
    let (disconnect, delete) =
        (format!("/accounts/{account}/disconnect"), format!("/accounts/connect-links/{}/delete", link.id));
    let real = pages(&[
        ("/accounts/{id}/disconnect", &disconnect),
        ("/accounts/{id}", "/accounts/0198f000-0000-7000-8000-000000000000"),
        ("/accounts/{id}/withdraw", "/accounts/0198f000-0000-7000-8000-000000000000/withdraw"),
        ("/deletion/{code}", "/deletion/0198f000"),
        ("/reminders/{token}", "/reminders/x"),
        ("/invitations/{token}", "/invitations/x"),
        ("/members/{user}/remove", "/members/0198f000-0000-7000-8000-000000000000/remove"),
        ("/members/{user}/transfer", "/members/0198f000-0000-7000-8000-000000000000/transfer"),
        ("/accounts/connect-links/{id}/delete", &delete),
        ("/connect/attempt/{id}", &attempt),
        ("/connect/{token}", &path_of(&link)),
        ("/verify-email/{token}", "/verify-email/x"),
        ("/reset-password/{token}", &format!("/reset-password/{}", reset.expose())),
    ]);
    let made_up = pages(&[
        ("/accounts/{id}/disconnect", "/accounts/0198f000-0000-7000-8000-000000000000/disconnect"),
        ("/accounts/{id}", "/accounts/0198f000-0000-7000-8000-000000000000"),
        ("/accounts/{id}/withdraw", "/accounts/0198f000-0000-7000-8000-000000000000/withdraw"),
        ("/deletion/{code}", "/deletion/0198f000"),
        ("/reminders/{token}", "/reminders/x"),
        ("/invitations/{token}", "/invitations/x"),
        ("/members/{user}/remove", "/members/x/remove"),
        ("/members/{user}/transfer", "/members/x/transfer"),
        ("/accounts/connect-links/{id}/delete", "/accounts/connect-links/x/delete"),
        ("/connect/attempt/{id}", "/connect/attempt/0198f000-0000-7000-8000-000000000000"),
        ("/connect/{token}", "/connect/unknown"),
        ("/verify-email/{token}", "/verify-email/x"),
        ("/reset-password/{token}", "/reset-password/x"),
    ]);
    assert!(real.len() >= 11 && real.contains(&"/oauth/instagram/callback".to_owned()), "{real:?}");
    let beside = BESIDE_THE_PAGES.map(str::to_owned);
    let mut seen = BTreeSet::new();
    for browser in [&mut member, &mut client, &mut app.browser()] {
        for path in real.iter().chain(&made_up).chain(&beside).chain([&callback]) {
            let page = browser.get(path).await;
            page.assert_dressed(path);
            seen.insert(page.status);
        }
        let live = browser.glance("/live").await;
        live.assert_dressed("/live");
        seen.insert(live.status);
    }
    assert_eq!(member.get("/nowhere").await.status, 404);
    assert_eq!(member.get("/pkg/grantlink.wasm").await.header("content-type"), Some("application/wasm"));
    for (what, status, page) in refusals(&app, &mut member).await {
        assert_eq!(page.status, status, "{what}: {}", page.text());
        page.assert_dressed(what);
        seen.insert(page.status);
    }
    // 500 is what a panic is answered with (A80).
    for status in [200, 303, 400, 401, 403, 404, 405, 410, 421, 422, 429] {
        assert!(seen.contains(&status), "{status} was not among {seen:?}");
    }
}

/// One answer of each kind that refuses, for people and for programs.
async fn refusals(app: &Installation, member: &mut Browser) -> Vec<(&'static str, u16, Page)> {
    let mut answers = Vec::new();
    for accept in ["text/html", "application/json"] {
        let mut visitor = app.browser();
        visitor.headers.insert("accept", accept.parse().unwrap());
        let from_elsewhere = visitor.request(Method::POST, "/sign-in").header("sec-fetch-site", "cross-site");
        answers.push(("a form of another website", 403, visitor.send(from_elsewhere, Body::empty()).await));
        let unknown_method = visitor.request(Method::PUT, "/robots.txt").header("sec-fetch-site", "same-origin");
        answers.push(("a method that is not there", 405, visitor.send(unknown_method, Body::empty()).await));
        let other_host = Request::builder().uri("/sign-in").header(header::HOST, "evil.example");
        answers.push(("another host", 421, visitor.send(other_host, Body::empty()).await));
        answers.push(("a form with mistakes", 422, visitor.post("/sign-up", &[("email", "x")]).await));
        answers.push(("no session", 401, visitor.glance("/live").await));
    }
    answers.push(("a function that is not there", 404, member.call("nothing", &[]).await));
    answers.push(("a function without a session", 401, app.browser().call("load_accounts", &[]).await));
    let revoked = member.generate_link("Florist").await;
    assert_eq!(member.revoke_link(&revoked).await.status, 200);
    answers.push(("a deleted link", 410, member.get(&path_of(&revoked)).await));
    answers.push(("a deleted link that is pressed", 410, app.browser().post(&path_of(&revoked), &[]).await));
    let mut guesser = app.browser();
    for number in 0..120 {
        let page = guesser.get(&format!("/connect/{number:043}")).await;
        if page.status == 429 {
            answers.push(("guessing", 429, page));
            break;
        }
    }
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn a60_each_page_has_its_own_nonce_and_no_inline_style_or_handler() {
    let app = Installation::new(Kind::Sqlite).await;
    let (mut member, link) = app.member_with_link().await;
    let mut nonces = std::collections::HashSet::new();
    let link = path_of(&link);
    for path in ["/sign-in", "/accounts", "/accounts/connect-links", "/settings", &link, "/nowhere", "/connect/unknown"]
    {
        let page = member.get(path).await;
        let policy = page.header("content-security-policy").unwrap().to_owned();
        let nonce =
            policy.split("'nonce-").nth(1).unwrap_or_else(|| panic!("{path}: {policy}")).split('\'').next().unwrap();
        assert!(nonces.insert(nonce.to_owned()), "{path} repeats a nonce");
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{policy}");
        for script in page.body.split("<script").skip(1) {
            let tag = script.split('>').next().unwrap();
            assert!(tag.contains(&format!("nonce=\"{nonce}\"")), "{path}: <script{tag}>");
        }
        for inline in [" style=\"", " onclick=", " onsubmit=", "javascript:"] {
            assert!(!page.body.contains(inline), "{path} has {inline}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a49_cookies_are_host_only_secure_and_lax() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (_, link) = app.member_with_link().await;
        let new = [("organization", "Other"), ("email", "bob@other.example"), ("password", "three small words")];
        let signed_up = app.browser().post("/sign-up", &new).await;
        let form = [("email", "ann@agency.example"), ("password", "three small words")];
        let mut member = app.browser();
        let signed_in = member.post("/sign-in", &form).await;
        let started = app.browser().post(&path_of(&link), &[]).await;
        let signed_out = member.post("/sign-out", &[]).await;
        for (page, count) in [(signed_up, 2), (signed_in, 2), (started, 1), (signed_out, 1)] {
            let cookies = page.set_cookies();
            assert_eq!((page.status, cookies.len()), (303, count), "{cookies:?}");
            for cookie in cookies {
                assert!(cookie.starts_with("__Host-"), "{cookie}");
                for part in ["; HttpOnly", "; SameSite=Lax", "; Secure", "; Path=/", "; Max-Age="] {
                    assert!(cookie.contains(part), "{cookie}");
                }
                assert!(!cookie.contains("Domain"), "{cookie}");
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a86_https_installations_ask_for_https_for_good() {
    let settings =
        [("BASE_URL", "https://connect.agency.example"), ("INSTAGRAM_APP_ID", "1"), ("INSTAGRAM_APP_SECRET", "s")];
    let app = Installation::with_settings(Kind::Sqlite, &settings).await;
    let page = app.browser().get("/healthz").await;
    assert!(page.header("strict-transport-security").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn hashed_files_are_kept_and_pages_are_not() {
    let app = Installation::new(Kind::Sqlite).await;
    let mut browser = app.browser();
    assert_eq!(browser.get("/sign-in").await.header("cache-control"), Some("no-store"));
    assert_eq!(browser.get("/icons.svg").await.header("cache-control"), Some("public, max-age=3600"));
    assert_eq!(browser.get("/pkg/missing.css").await.header("cache-control"), Some("no-store"));
}
