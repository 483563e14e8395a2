//! The client's page as scanners, guessers and people meet it.

use crate::support::{Installation, Kind, journey::path_of, on_each_database};
use http::Method;

async fn rows(app: &Installation) -> Vec<i64> {
    let mut rows = Vec::new();
    for table in ["links", "attempts", "sessions", "accounts", "audit_events", "users"] {
        rows.push(app.count(table).await);
    }
    rows.push(app.database.number("SELECT COALESCE(SUM(uses), 0) AS n FROM links").await);
    rows
}

#[tokio::test(flavor = "multi_thread")]
async fn a03_u09_unknown_and_dead_links_tell_nothing_and_set_no_cookie() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut member, link) = app.member_with_link().await;
        member.revoke_link(&link).await;
        let unknown = format!("/connect/{}", "x".repeat(43));
        let mut headers = Vec::new();
        for (path, status) in [(unknown.as_str(), 404), ("/connect/short", 404), (&path_of(&link), 410)] {
            let page = app.browser().get(path).await;
            assert_eq!(page.status, status, "{path}");
            for secret in ["Bright", "ann@agency.example", "Bakery"] {
                assert!(!page.body.contains(secret), "{path} tells {secret}");
            }
            assert!(page.header("set-cookie").is_none());
            let mut names: Vec<_> = page.headers.keys().map(ToString::to_string).collect();
            names.sort();
            names.dedup();
            headers.push(names);
        }
        assert_eq!(headers[0], headers[2], "dead and unknown carry the same headers");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a04_a_link_is_found_by_its_whole_token_only() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (_, link) = app.member_with_link().await;
        let path = path_of(&link);
        let (start, last) = path.split_at(path.len() - 1);
        let wrong = format!("{start}{}", if last == "A" { "B" } else { "A" });
        assert_eq!(app.browser().get(&wrong).await.status, 404);
        assert_eq!(app.browser().get(&path).await.status, 200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a05_guessing_is_refused_with_429_and_a_live_link_never_is() {
    let app = Installation::new(Kind::Sqlite).await;
    let (_, link) = app.member_with_link().await;
    let mut guesser = app.browser();
    let mut refused = None;
    for number in 0..120 {
        let page = guesser.get(&format!("/connect/{number:043}")).await;
        if page.status == 429 {
            refused = Some(page);
        }
    }
    let page = refused.expect("the guesser is stopped");
    assert!(page.header("retry-after").is_some(), "{:?}", page.headers);
    assert_eq!(guesser.get(&path_of(&link)).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a07_scanners_and_previews_change_nothing() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (_, link) = app.member_with_link().await;
        let path = path_of(&link);
        let before = rows(&app).await;
        for agent in ["Slackbot-LinkExpanding 1.0", "facebookexternalhit/1.1", "WhatsApp/2.23", "Twitterbot/1.0"] {
            let mut scanner = app.browser();
            scanner.headers.insert("user-agent", agent.parse().unwrap());
            for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
                for _ in 0..3 {
                    let page = scanner.send(scanner.request(method.clone(), &path), axum::body::Body::empty()).await;
                    assert!(page.header("set-cookie").is_none());
                    match method {
                        Method::GET => assert_eq!(page.status, 200),
                        Method::HEAD => assert_eq!((page.status, page.body.as_str()), (200, "")),
                        _ => {}
                    }
                }
            }
        }
        assert_eq!(rows(&app).await, before);
        assert!(app.browser().connect(&link, "studio.nora").await.says("is connected"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a08_a_scanner_that_presses_the_button_uses_nothing_up() {
    let app = Installation::new(Kind::Sqlite).await;
    let (mut member, link) = app.member_with_link().await;
    app.browser().start(&link).await;
    assert!(member.accounts().await.accounts.is_empty());
    assert_eq!(member.links().await.links[0].uses, 0);
    assert!(app.browser().connect(&link, "studio.nora").await.says("is connected"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a10_a11_the_page_is_neither_indexed_nor_kept_anywhere() {
    let app = Installation::new(Kind::Sqlite).await;
    let (_, link) = app.member_with_link().await;
    let page = app.browser().get(&path_of(&link)).await;
    assert_eq!(page.header("x-robots-tag"), Some("noindex, nofollow"));
    assert_eq!(page.header("cache-control"), Some("no-store"));
    assert!(page.header("etag").is_none());
    let robots = app.browser().get("/robots.txt").await;
    assert!(robots.body.contains("Disallow: /") && !robots.body.contains("connect/"), "{}", robots.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a18_u01_u02_the_page_says_who_asks_what_for_and_that_the_address_is_not_verified() {
    let app = Installation::new(Kind::Sqlite).await;
    let (_, link) = app.member_with_link().await;
    let page = app.browser().get(&path_of(&link)).await;
    for words in ["Bright & Bold", "ann@agency.example", "not verified", "never see", "Continue to Instagram"] {
        assert!(page.says(words), "{words}: {}", page.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn u12_a_browser_inside_an_app_is_advised_before_the_button() {
    let app = Installation::new(Kind::Sqlite).await;
    let (_, link) = app.member_with_link().await;
    let mut client = app.browser();
    client.headers.insert("user-agent", "Mozilla/5.0 (iPhone) Mobile Instagram 350.0".parse().unwrap());
    let page = client.get(&path_of(&link)).await;
    let (advice, button) = (page.text().find("Safari"), page.text().find("Continue to Instagram"));
    assert!(advice.is_some() && advice < button, "{}", page.text());
    assert!(page.body.contains(&link.url), "the link can be copied");
}

#[tokio::test(flavor = "multi_thread")]
async fn a58_hostile_names_stay_text_on_every_page() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        for hostile in [
            "</textarea><script>boo()</script>",
            "\"><img src=x onerror=boo()>",
            "</script><script>boo()</script>",
            "</title><script>boo()</script>",
            "{{7*7}} javascript:boo()",
        ] {
            let mut member = app.member(hostile, &format!("ann{}@agency.example", app.count("users").await)).await;
            let link = member.generate_link(hostile).await;
            for page in [
                app.browser().get(&path_of(&link)).await,
                member.get("/accounts").await,
                member.get("/accounts/connect-links").await,
                member.get(&format!("/accounts/connect-links/{}/delete", link.id)).await,
            ] {
                assert_eq!(page.status, 200);
                for markup in ["<script>boo", "<img src=x"] {
                    assert!(!page.body.contains(markup), "{markup} in {}", page.body);
                }
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a65_meta_characters_are_data() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut member = app.member("Robert'); DROP TABLE links;--", "ann@agency.example").await;
        for description in ["%", "_", "'; DELETE FROM links;--", "\\", "$1 ?1"] {
            member.generate_link(description).await;
        }
        let listed: Vec<_> = member.links().await.links.into_iter().map(|link| link.description).collect();
        assert_eq!(listed, ["$1 ?1", "\\", "'; DELETE FROM links;--", "_", "%"]);
    })
    .await;
}
