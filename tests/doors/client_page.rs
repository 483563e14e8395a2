//! The client's page as scanners, guessers and people meet it.

use crate::support::{
    BASE_URL, Installation, Kind, Page,
    instagram::{Decision, walk},
    journey::path_of,
    on_each_database,
};
use axum::body::Body;
use grantlink::billing::model::{BillingMode, SubscriptionState};
use http::Method;
use std::{collections::BTreeMap, time::Duration};

/// The headers of an answer, but for those that are one request's own or describe its body.
fn lasting_headers(page: &Page) -> BTreeMap<String, String> {
    let mut headers = BTreeMap::new();
    for (name, value) in &page.headers {
        let mut value = value.to_str().unwrap().to_owned();
        if name == "content-security-policy"
            && let Some((before, after)) = value.split_once("'nonce-")
        {
            let (_, after) = after.split_once('\'').unwrap();
            value = format!("{before}{after}");
        }
        // The compression names what it goes by only where there is something to compress (RFC 9110 section 9.3.2).
        if !["x-request-id", "content-length", "vary"].contains(&name.as_str()) {
            headers.insert(name.to_string(), value);
        }
    }
    headers
}

#[tokio::test(flavor = "multi_thread")]
async fn a03_u09_u10_unknown_and_dead_links_say_what_to_do_tell_nothing_and_set_no_cookie() {
    on_each_database(async |kind| {
        let app = Installation::with_billing(kind, BillingMode::Manual).await;
        let mut member = app.member("Bright & Bold", "ann@agency.example").await;
        app.set_subscription("bright-bold", SubscriptionState::Active).await;
        let (revoked, lapsed) = (member.generate_link("Bakery").await, member.generate_link("Bakery").await);
        member.revoke_link(&revoked).await;
        let [used, withdrawn, regenerated] = {
            let used = member.request_access("studio.nora").await;
            let withdrawn = member.request_access("cafe_lumen").await;
            let regenerated = member.request_access("bakery_huber").await;
            assert!(app.browser().connect_as_asked(&used, "studio.nora").await.says("is connected"));
            let id = withdrawn.account_id.to_string();
            assert_eq!(member.call("withdraw_request", &[("id", &id)]).await.status, 200);
            member.ask_to_reconnect(regenerated.account_id).await;
            [used, withdrawn, regenerated].map(|request| request.url.strip_prefix(BASE_URL).unwrap().to_owned())
        };
        app.set_subscription("bright-bold", SubscriptionState::Lapsed).await;
        let unknown = format!("/connect/{}", "x".repeat(43));
        // What ended a link is not the client's to know: a deletion and a lapse read the same (U10).
        let mut headers = Vec::new();
        for (path, status, heading) in [
            (unknown.as_str(), 404, "This link does not exist"),
            ("/connect/short", 404, "This link does not exist"),
            (&path_of(&revoked), 410, "This link is not active right now"),
            (&path_of(&lapsed), 410, "This link is not active right now"),
            (&withdrawn, 410, "This link is not active right now"),
            (&regenerated, 410, "This link is not active right now"),
            (&used, 410, "This request is done already"),
        ] {
            let page = app.browser().get(path).await;
            assert_eq!(page.status, status, "{path}");
            assert!(page.says(heading), "{path}: {}", page.text());
            assert!(page.text().to_lowercase().contains("ask the person who sent"), "{path}: {}", page.text());
            for secret in ["Bright", "ann@agency.example", "Bakery", "studio.nora", "cafe_lumen", "bakery_huber"] {
                assert!(!page.body.contains(secret), "{path} tells {secret}");
            }
            for blame in ["subscription", "billing", "plan", "wrong", "invalid"] {
                assert!(!page.text().to_lowercase().contains(blame), "{path} says {blame}: {}", page.text());
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
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
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
        assert!(page.body.contains(">Try again<"), "{}", page.text());
        assert_eq!(guesser.get(&path_of(&link)).await.status, 200);
        assert!(guesser.connect(&link, "studio.nora").await.says("is connected"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a07_scanners_and_previews_change_nothing() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (_, link) = app.member_with_link().await;
        let path = path_of(&link);
        let before = app.database.contents().await;
        assert!(before["links"].len() == 1 && before["users"].len() == 1, "{before:?}");
        let mut seen = None;
        for agent in ["Slackbot-LinkExpanding 1.0", "facebookexternalhit/1.1", "WhatsApp/2.23", "Twitterbot/1.0"] {
            let mut scanner = app.browser();
            scanner.headers.insert("user-agent", agent.parse().unwrap());
            for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
                for _ in 0..3 {
                    let page = scanner.send(scanner.request(method.clone(), &path), Body::empty()).await;
                    assert!(page.header("set-cookie").is_none());
                    match method {
                        Method::GET => {
                            assert_eq!(page.status, 200);
                            seen = Some(lasting_headers(&page));
                        }
                        Method::HEAD => {
                            assert_eq!((page.status, page.body.as_str()), (200, ""));
                            assert_eq!(Some(lasting_headers(&page)), seen, "HEAD answers as GET does");
                        }
                        _ => {}
                    }
                }
            }
        }
        assert_eq!(app.database.contents().await, before);
        assert!(app.browser().connect(&link, "studio.nora").await.says("is connected"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a08_a_scanner_that_presses_the_button_uses_nothing_up() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut member, link) = app.member_with_link().await;
        let mut news = app.tools.live.listen();
        let mut scanner = app.browser();
        let authorize = scanner.start(&link).await;
        assert!(member.accounts().await.accounts.is_empty());
        assert_eq!(member.links().await.links[0].uses, 0);
        assert!(news.try_recv().is_err(), "nobody is told");
        // Half an hour later nothing of it is left to finish.
        let callback = walk(&authorize, "studio.nora", Decision::Allow).await;
        app.tools.clock.advance(Duration::from_secs(30 * 60));
        let page = scanner.come_back(&callback).await;
        assert!(page.says("This took too long") && !page.says("is connected"), "{}", page.text());
        assert_eq!(app.database.connections().await, [0, 0, 0]);
        assert!(news.try_recv().is_err(), "nobody is told of that either");
        assert!(app.browser().connect(&link, "studio.nora").await.says("is connected"));
        assert!(news.try_recv().is_ok(), "the twin is news");
        app.check_invariants().await;
    })
    .await;
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
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (_, link) = app.member_with_link().await;
        let page = app.browser().get(&path_of(&link)).await;
        let all = ["Bright & Bold", "ann@agency.example", "not verified", "never see", "Continue to Instagram"];
        for words in all {
            assert!(page.says(words), "{words}: {}", page.text());
        }
        assert!(!page.says("To report this link"), "nobody is there to write to");
        // The twin, once the address has been shown to be theirs.
        app.database.execute("UPDATE users SET email_verified_at = 1").await.unwrap();
        let page = app.browser().get(&path_of(&link)).await;
        for words in all {
            assert_eq!(page.says(words), words != "not verified", "{words}: {}", page.text());
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a18_a_link_can_be_reported_where_somebody_reads_it() {
    on_each_database(async |kind| {
        let app = Installation::with_settings(kind, &[("SUPPORT_EMAIL", "help@agency.example")]).await;
        let (_, link) = app.member_with_link().await;
        let page = app.browser().get(&path_of(&link)).await;
        assert!(page.says("To report this link, write to help@agency.example"), "{}", page.text());
        assert!(page.body.contains("href=\"mailto:help@agency.example\""), "{}", page.body);
    })
    .await;
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

/// No markup of these, and none of their words as anything but text.
#[track_caller]
fn assert_harmless(page: &Page) {
    for markup in ["<script>boo", "<img src=x", "</title><script", "=\"javascript:", "='javascript:"] {
        assert!(!page.body.contains(markup), "{markup} in {}", page.body);
    }
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
                assert_harmless(&page);
            }
            // What Instagram says of an account comes from a stranger, too.
            let mut client = app.browser();
            let callback = walk(&client.start(&link).await, "studio.nora", Decision::Allow).await;
            let attempt = client.get(&callback).await.location.unwrap();
            app.finish_tasks().await;
            let names = format!("UPDATE accounts SET display_name = '{hostile}', username = '{hostile}'");
            app.database.execute(&names).await.unwrap();
            let id = member.accounts().await.accounts[0].id;
            for page in [
                client.get(&attempt).await,
                member.get("/accounts").await,
                member.get(&format!("/accounts/{id}/disconnect")).await,
            ] {
                assert!(page.status == 200 && page.body.contains("boo()"), "{}", page.text());
                assert_harmless(&page);
            }
            // A refused form says again what was typed.
            let form = [("organization", hostile), ("email", hostile), ("password", "short")];
            let sign_up = app.browser().post("/sign-up", &form).await;
            let sign_in = app.browser().post("/sign-in", &[("email", hostile), ("password", "short")]).await;
            let long = format!("{hostile}{}", "x".repeat(201));
            let generate = member.post("/api/generate_link", &[("description", &long)]).await;
            for page in [sign_up, sign_in, generate] {
                assert!(page.status == 422 && page.body.contains("boo()"), "{} {}", page.status, page.text());
                assert_harmless(&page);
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

#[tokio::test(flavor = "multi_thread")]
async fn a65_meta_characters_find_and_change_nothing_wherever_somebody_types_them() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut member, _) = app.member_with_link().await;
        let before = app.database.contents().await;
        for meta in ["' OR 1=1 --", "'--", "%", "_", "\\", "$1", "?1", "'; DROP TABLE links;--"] {
            // As an address: the password is ann's, and fits nobody else.
            for email in [meta.to_owned(), format!("{meta}@agency.example"), format!("ann@agency.example{meta}")] {
                let form = [("email", email.as_str()), ("password", "three small words")];
                let page = app.browser().post("/sign-in", &form).await;
                assert_eq!(page.status, 422, "{email}: {}", page.text());
            }
            let encoded: String = url::form_urlencoded::byte_serialize(meta.as_bytes()).collect();
            let encoded = encoded.replace('+', "%20");
            for (path, status) in [
                (format!("/accounts/connect-links?made={encoded}"), 200),
                (format!("/accounts/connect-links?deleted={encoded}"), 200),
                (format!("/accounts/connect-links/{encoded}/delete"), 404),
                (format!("/accounts/{encoded}/disconnect"), 404),
                (format!("/connect/{encoded}"), 404),
                (format!("/connect/attempt/{encoded}"), 404),
                (format!("/reset-password/{encoded}"), 404),
                (format!("/oauth/instagram/callback?code=x&state={encoded}"), 400),
                (format!("/oauth/instagram/callback?error={encoded}"), 400),
            ] {
                let page = member.get(&path).await;
                assert_eq!(page.status, status, "{path}: {}", page.text());
            }
            for function in ["revoke_link", "disconnect_account", "pending_status"] {
                let page = member.call(function, &[("id", meta)]).await;
                assert!((400..500).contains(&page.status), "{function} {meta}: {} {}", page.status, page.body);
            }
            let mut thief = app.browser();
            thief.cookies.insert("__Host-session".into(), meta.replace(';', ""));
            assert_eq!(thief.get("/accounts").await.location.as_deref(), Some("/sign-in"), "{meta}");
        }
        assert_eq!(app.database.contents().await, before);
        assert_eq!(member.links().await.links.len(), 1);
    })
    .await;
}
