//! What pages owe to people, whatever they show: help in one place, a reference to quote, and nothing typed is lost.

use crate::support::{Installation, Kind, Page, journey::path_of, on_each_database};
use grantlink::server::router::page_routes;

const SUPPORT: &str = "help@bright.example";

#[tokio::test(flavor = "multi_thread")]
async fn u34_help_stands_in_the_same_place_and_a_reference_is_the_one_in_the_log() {
    let app = Installation::with_settings(Kind::Sqlite, &[("SUPPORT_EMAIL", SUPPORT)]).await;
    let (mut member, link) = app.member_with_link().await;
    let mut stranger = app.browser();
    let mut pages = Vec::new();
    for path in ["/sign-in", "/sign-up", "/nowhere", "/connect/unknown", "/oauth/instagram/callback", &path_of(&link)] {
        pages.push((path.to_owned(), stranger.get(path).await));
    }
    let nobody = "0198f000-0000-7000-8000-000000000000";
    let every = ["/accounts/{id}", "/accounts/{id}/disconnect", "/accounts/{id}/withdraw", "/connect/attempt/{id}"]
        .into_iter()
        .chain(["/accounts/connect-links/{id}/delete", "/members/{user}/remove", "/members/{user}/transfer"])
        .chain(["/connect/{token}", "/invitations/{token}", "/reminders/{token}", "/reset-password/{token}"])
        .chain(["/verify-email/{token}", "/deletion/{code}"])
        .map(|name| (name, name.replace("{id}", nobody).replace("{user}", nobody).replace(['{', '}'], "")));
    let every: Vec<_> = every.collect();
    let named: Vec<_> = every.iter().map(|(name, address)| (*name, address.as_str())).collect();
    for path in crate::support::pages(&named) {
        let page = member.get(&path).await;
        if page.location.is_none() {
            pages.push((path, page));
        }
    }
    assert!(pages.len() >= 30, "{:?}", pages.iter().map(|(path, _)| path).collect::<Vec<_>>());
    for (path, page) in &pages {
        let help = footer(page);
        assert!(help.contains(&format!("mailto:{SUPPORT}")), "{path}: {help}");
        assert!(page.body.rfind("<footer") > page.body.find("<main"), "{path}: help stands after the content");
    }
    // A refused form: what people quote is what the log has.
    let refused = stranger.post("/sign-out", &[]).await;
    assert_eq!(refused.status, 303);
    let mut cross_site = app.browser();
    cross_site.headers.insert("sec-fetch-site", "cross-site".parse().unwrap());
    let request = cross_site.request(http::Method::POST, "/sign-in");
    let page = cross_site.send(request, axum::body::Body::empty()).await;
    let reference = page.header("x-request-id").unwrap().to_owned();
    assert_eq!((page.status, reference.len()), (403, 8));
    assert!(reference.bytes().all(|b| b.is_ascii_hexdigit()));
    assert!(page.body.contains(&format!("<code>{reference}<")), "{}", page.text());
}

/// The foot of a page.
fn footer(page: &Page) -> &str {
    let start = page.body.find("<footer").expect("each page has a footer");
    let end = page.body[start..].find("</footer>").expect("it ends");
    &page.body[start..start + end]
}

#[tokio::test(flavor = "multi_thread")]
async fn u20_a_refused_form_without_javascript_keeps_what_was_typed_and_stays_out_of_the_address() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut member = app.member("Bright & Bold", "ann@agency.example").await;
        let typed = "ä".repeat(201);
        member.headers.insert("referer", "http://127.0.0.1:3000/accounts/connect-links".parse().unwrap());
        let page = member.post("/api/generate_link", &[("description", &typed)]).await;
        assert_eq!((page.status, page.location.as_deref()), (422, None), "{}", page.text());
        assert!(page.says("Use at most 200 characters") && page.body.contains(&typed), "{}", page.text());
        assert!(!page.body.contains("hydrate()"), "no script takes over a page at another address");
        assert_eq!(app.count("links").await, 0);
        // The same form, mended.
        let page = member.post("/api/generate_link", &[("description", "Bakery")]).await;
        assert!(page.location.unwrap().starts_with("/accounts/connect-links?made="));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_cannot_make_a_page_of_ours_say_what_it_likes() {
    let app = Installation::new(Kind::Sqlite).await;
    let mut member = app.member("Bright & Bold", "ann@agency.example").await;
    // {"Fields":[{"field":"description","message":"Call 555"}]}
    let forged = "eyJGaWVsZHMiOlt7ImZpZWxkIjoiZGVzY3JpcHRpb24iLCJtZXNzYWdlIjoiQ2FsbCA1NTUifV19";
    let page = member.get(&format!("/accounts/connect-links?__path=%2Fapi%2Fgenerate_link&__err={forged}")).await;
    assert_eq!((page.status, page.location.as_deref()), (303, Some("http://127.0.0.1:3000/accounts/connect-links")));
    // Nor lead anybody away from here.
    for elsewhere in ["//evil.example?__err=x", "/\\evil.example?__err=x"] {
        let location = member.get(elsewhere).await.location.unwrap_or_default();
        assert!(location.starts_with("http://127.0.0.1:3000/"), "{elsewhere}: {location}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_sent_after_the_session_ended_leads_to_signing_in() {
    let app = Installation::new(Kind::Sqlite).await;
    let mut visitor = app.browser();
    let page = visitor.post("/api/generate_link", &[("description", "Bakery")]).await;
    assert_eq!((page.status, page.location.as_deref()), (303, Some("/sign-in")));
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_about_something_that_is_gone_says_so_with_404() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut member, link) = app.member_with_link().await;
        let question = format!("/accounts/connect-links/{}/delete", link.id);
        assert_eq!(member.get(&question).await.status, 200);
        assert_eq!(member.revoke_link(&link).await.status, 200);
        let gone = member.get(&question).await;
        assert!(gone.status == 404 && gone.says("has been deleted already"), "{} {}", gone.status, gone.text());
        let gone = member.get("/accounts/0198f000-0000-7000-8000-000000000000/disconnect").await;
        assert!(gone.status == 404 && gone.says("is not connected to your organization"), "{}", gone.text());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_component_stands_on_one_page_beside_the_sandbox_only() {
    let app = Installation::new(Kind::Sqlite).await;
    let page = app.browser().get("/dev/components").await;
    assert_eq!(page.status, 200, "{}", page.text());
    for class in [
        "button-primary",
        "copy-field",
        "field-error",
        "<dialog",
        "banner",
        "badge",
        "\"row\"",
        "empty-state",
        "skeleton",
    ] {
        assert!(page.body.contains(class), "{class}");
    }
    assert!(!page.body.contains("hydrate()") && !page.body.contains("type=\"module\""), "no script takes it over");
    let real_app = [("INSTAGRAM_APP_ID", "1"), ("INSTAGRAM_APP_SECRET", "s")];
    let live = Installation::with_settings(Kind::Sqlite, &real_app).await;
    assert_eq!(live.browser().get("/dev/components").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_starts_beside_another_in_one_process_empties_none_of_its_pages() {
    let app = Installation::new(Kind::Sqlite).await;
    let (_, link) = app.member_with_link().await;
    let mut client = app.browser();
    let starts = std::thread::spawn(|| (0..200).for_each(|_| drop(page_routes())));
    let mut over = false;
    while !over {
        over = starts.is_finished();
        let page = client.get(&path_of(&link)).await;
        assert!(page.says("Continue to Instagram"), "{}", page.body);
    }
}
