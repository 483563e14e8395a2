//! Connect-links: made, shared, opened, used, deleted (S01 to S24, S30 to S42).

use crate::support::{
    BASE_URL, Installation, Kind,
    instagram::{Decision, walk},
    journey::path_of,
    on_each_database, pages,
};
use grantlink::{
    accounts::model::AccountState,
    clock::Randomness,
    db::DatabaseUrl,
    live::{Change, News, relay::relay},
    secret::Token,
};
use std::time::Duration;
use tokio::sync::broadcast::Receiver;

#[tokio::test(flavor = "multi_thread")]
async fn s01_s11_s30_two_links_have_two_urls_of_256_random_bits() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut member = app.member("Bright & Bold", "ann@agency.example").await;
        let (one, two) = (member.generate_link("").await, member.generate_link("").await);
        assert_ne!(one.url, two.url);
        for link in [&one, &two] {
            let token = link.url.strip_prefix(&format!("{BASE_URL}/connect/")).unwrap();
            assert_eq!(token.len(), Token::LENGTH);
            assert!(Token::parse(token).is_some());
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s02_a_link_is_shown_to_signed_in_members_of_its_own_organization_only() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut member, link) = app.member_with_link().await;
        let mut stranger = app.member("Other Agency", "bob@other.example").await;
        assert_eq!(member.links().await.links, vec![link.clone()]);
        assert!(stranger.links().await.links.is_empty());
        let token = link.url.rsplit('/').next().unwrap();
        for path in ["/accounts", "/accounts/connect-links"] {
            assert!(!stranger.get(path).await.body.contains(token), "{path}");
            assert!(!app.browser().get(path).await.body.contains(token), "{path}");
        }
        assert!(member.get("/accounts/connect-links").await.body.contains(token));
        assert_eq!(app.browser().call("load_connect_links", &[]).await.status, 401);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s03_s05_s06_s15_s16_u05_a_client_without_an_account_connects_and_the_token_works() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut member, link) = app.member_with_link().await;
        let mut client = app.browser();
        let done = client.connect(&link, "bakery_huber").await;
        assert!(done.says("@bakery_huber is connected"), "{}", done.text());
        assert!(done.says("You can close this window"));
        // U05: what comes now, how to take the access back, and whom to ask.
        assert!(done.says("What happens next") && done.says("Apps and websites"), "{}", done.text());
        assert!(done.body.contains("href=\"mailto:ann@agency.example\""), "{}", done.body);
        let accounts = member.accounts().await.accounts;
        assert_eq!(accounts.len(), 1);
        assert_eq!(accounts[0].username, "bakery_huber");
        assert!(matches!(accounts[0].state, AccountState::Active { .. }));
        // S06: ready to use, a Graph call with the stored token succeeds.
        let token = app.token(accounts[0].id).await.unwrap();
        let profile = app.tools.instagram.profile(&token).await.unwrap();
        assert_eq!(profile.username, "bakery_huber");
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s04_no_page_of_ours_asks_for_an_instagram_password() {
    let app = Installation::new(crate::support::Kind::Sqlite).await;
    let (mut member, link) = app.member_with_link().await;
    let mut client = app.browser();
    let done = client.connect(&link, "studio.nora").await;
    let path = path_of(&link);
    for page in [
        client.get(&path).await,
        done,
        client.get("/connect/unknown").await,
        member.get("/accounts").await,
        member.get("/accounts/connect-links").await,
    ] {
        assert!(!page.body.contains("type=\"password\""), "{}", page.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn s07_s08_s09_s10_the_dashboard_leads_to_the_dialog_and_a_description_is_kept() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut member, link) = app.member_with_link().await;
        let page = member.get("/accounts").await;
        assert!(page.says("Instagram Accounts") && page.says("Share a connect-link"), "{}", page.text());
        assert_eq!(link.description, "Bakery");
        let dialog = member.get("/accounts/connect-links").await;
        assert!(dialog.says("Bakery") && dialog.says("Generate connect-link"), "{}", dialog.text());
        let long = member.call("generate_link", &[("description", &"x".repeat(201))]).await;
        assert_eq!(long.status, 422);
        assert!(long.body.contains("at most 200 characters"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s11_without_javascript_the_form_leads_to_a_page_that_shows_the_url() {
    let app = Installation::new(crate::support::Kind::Sqlite).await;
    let mut member = app.member("Bright & Bold", "ann@agency.example").await;
    let posted = member.post("/api/generate_link", &[("description", "Florist")]).await;
    assert_eq!(posted.status, 303, "{}", posted.body);
    let location = posted.location.unwrap();
    assert!(location.starts_with("/accounts/connect-links?made="), "{location}");
    let shown = member.get(&location).await;
    let link = member.links().await.links.remove(0);
    assert!(shown.body.contains(&link.url), "{}", shown.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn s13_s14_s32_the_banner_names_the_creator_and_the_organization() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (_, link) = app.member_with_link().await;
        let page = app.browser().get(&path_of(&link)).await;
        assert_eq!(page.status, 200);
        assert!(page.says("ann@agency.example") && page.says("Bright & Bold"), "{}", page.text());
        assert!(page.says("Continue to Instagram"));
        assert!(!page.says("Bakery"), "the member's own description is not the client's business");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s17_a_listening_dashboard_is_told_of_the_connection() {
    let app = Installation::new(crate::support::Kind::Sqlite).await;
    let (_, link) = app.member_with_link().await;
    let mut changes = app.tools.live.listen();
    app.browser().connect(&link, "studio.nora").await;
    let news = tokio::time::timeout(Duration::from_secs(5), changes.recv()).await.unwrap().unwrap();
    assert_eq!(news.change, Change::Accounts);
}

#[tokio::test(flavor = "multi_thread")]
async fn s17_a_dashboard_on_another_server_of_the_same_database_is_told_as_well() {
    on_each_database(async |kind| {
        if kind == Kind::Sqlite {
            // One server serves such a file; a second one is refused (F36).
            return;
        }
        let here = Installation::new(kind).await;
        let there = here.another_on().await;
        for app in [&here, &there] {
            let DatabaseUrl::Postgres(url) = app.database.url.clone() else { unreachable!() };
            tokio::spawn(relay(url, app.tools.db.clone(), app.tools.live.clone(), Randomness));
        }
        // Each server hears once that it listens from now on.
        let mut changes = there.tools.live.listen();
        let next = async |changes: &mut Receiver<News>| {
            tokio::time::timeout(Duration::from_secs(10), changes.recv()).await.unwrap().unwrap()
        };
        assert_eq!(next(&mut changes).await.whose, None);
        let (mut member, link) = here.member_with_link().await;
        let made = next(&mut changes).await;
        assert_eq!(made.change, Change::Links);
        here.browser().connect(&link, "studio.nora").await;
        let connected = next(&mut changes).await;
        assert_eq!((connected.whose, connected.change), (made.whose, Change::Accounts));
        assert_eq!(member.accounts().await.accounts.len(), 1);
        // Nobody hears their own news twice: what comes next is the next change.
        let mut heard_here = here.tools.live.listen();
        member.revoke_link(&link).await;
        assert_eq!(next(&mut heard_here).await.change, Change::Links);
        assert!(tokio::time::timeout(Duration::from_millis(500), heard_here.recv()).await.is_err());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s12_s18_s19_s20_s21_s22_all_links_are_listed_with_what_tells_them_apart() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut member = app.member("Bright & Bold", "ann@agency.example").await;
        let mut made = Vec::new();
        for description in ["One", "", "Three"] {
            let link = member.generate_link(description).await;
            assert_eq!(link.created_at.iso[..10], app.tools.now().moment(app.tools.now()).iso[..10]);
            made.push(link);
            app.tools.clock.advance(std::time::Duration::from_secs(86_400));
        }
        let listed = member.links().await.links;
        let ages: Vec<_> = listed.iter().map(|link| link.created_at.relative.as_str()).collect();
        assert_eq!(ages, ["1 day ago", "2 days ago", "3 days ago"]);
        let dates: std::collections::BTreeSet<_> = listed.iter().map(|link| &link.created_at.date).collect();
        assert_eq!(dates.len(), 3, "each has the date of its own making");
        let urls =
            |links: &[grantlink::links::model::LinkView]| links.iter().map(|link| link.url.clone()).collect::<Vec<_>>();
        made.reverse();
        assert_eq!(urls(&listed), urls(&made), "newest first, and each with the same URL again");
        assert_eq!(listed[0].description, "Three");
        assert!(listed.iter().all(|link| link.created_by == "ann@agency.example"));
        assert!(listed.iter().all(|link| link.created_at.full.ends_with("UTC")));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s21_s32_colleagues_see_who_made_a_link_and_its_client_reads_of_nobody_else() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut ann, anns) = app.member_with_link().await;
        let mut bob = app.member("Other Agency", "bob@agency.example").await;
        app.join("bob@agency.example", "ann@agency.example").await;
        let bobs = bob.generate_link("Florist").await;
        let made = [(&anns, "ann@agency.example"), (&bobs, "bob@agency.example")];
        for member in [&mut ann, &mut bob] {
            let listed = member.links().await.links;
            assert_eq!(listed.len(), 2);
            for (link, creator) in made {
                let listed = listed.iter().find(|listed| listed.id == link.id).unwrap();
                assert_eq!(listed.created_by, creator);
                assert_eq!(path_of(listed), path_of(link), "a colleague copies the very same URL");
            }
            let page = member.get("/accounts/connect-links").await;
            assert!(page.says("by ann@agency.example") && page.says("by bob@agency.example"), "{}", page.text());
        }
        for (link, creator) in made {
            let page = app.browser().get(&path_of(link)).await;
            assert!(page.says(&format!("{creator} asks you to connect an Instagram account")), "{}", page.text());
            assert!(page.says("Bright & Bold") && !page.says("Other Agency"), "{}", page.text());
            let (_, other) = made.into_iter().find(|(_, other)| *other != creator).unwrap();
            assert!(!page.body.contains(other), "{other} has nothing to do with it");
        }
        // The colleague deletes what the other one made.
        assert_eq!(bob.revoke_link(&anns).await.status, 200);
        assert_eq!(app.browser().get(&path_of(&anns)).await.status, 410);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s23_s24_s33_s41_a_deleted_link_is_dead_for_anyone_at_once_and_alone() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut member, link) = app.member_with_link().await;
        let other = member.generate_link("Florist").await;
        let mut client = app.browser();
        assert_eq!(client.get(&path_of(&link)).await.status, 200);
        assert_eq!(member.revoke_link(&link).await.status, 200);
        for browser in [&mut client, &mut member, &mut app.browser()] {
            let page = browser.get(&path_of(&link)).await;
            assert_eq!(page.status, 410);
            assert!(page.says("not active right now"), "{}", page.text());
        }
        let pressed = client.post(&path_of(&link), &[]).await;
        assert_eq!((pressed.status, app.count("attempts").await), (410, 0));
        assert_eq!(client.get(&path_of(&other)).await.status, 200);
        assert_eq!(member.links().await.links.len(), 1);
        assert_eq!(member.revoke_link(&link).await.status, 404, "a second deletion finds nothing");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a51_a_link_of_another_organization_cannot_be_deleted() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (_, link) = app.member_with_link().await;
        let mut stranger = app.member("Other Agency", "bob@other.example").await;
        assert_eq!(stranger.revoke_link(&link).await.status, 404);
        assert_eq!(app.browser().get(&path_of(&link)).await.status, 200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s34_s39_a_link_opens_nothing_but_its_own_page() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut member, link) = app.member_with_link().await;
        let mut client = app.browser();
        app.sandbox.set_posts("studio.nora", 3);
        client.connect(&link, "studio.nora").await;
        app.finish_tasks().await;
        app.run_jobs().await;
        let account = member.accounts().await.accounts.remove(0);
        let page = member.get(&format!("/accounts/{}", account.id)).await;
        assert!(
            page.body.contains("/media/posts/") && page.body.contains("/media/accounts/"),
            "there is something to see"
        );
        for path in ["/accounts", "/accounts/connect-links", &format!("/accounts/{}/disconnect", account.id)] {
            let page = client.get(path).await;
            assert_eq!((page.status, page.location.as_deref()), (303, Some("/sign-in")), "{path}");
            assert!(!page.body.contains("studio.nora"), "{path}");
        }
        assert_eq!(client.get("/live").await.status, 401);
        for function in ["load_accounts", "load_connect_links"] {
            assert_eq!(client.call(function, &[]).await.status, 401, "{function}");
        }
        assert_eq!(client.call("generate_link", &[("description", "")]).await.status, 401);
        assert_eq!(client.revoke_link(&link).await.status, 401);
        let id = account.id.to_string();
        assert_eq!(client.call("disconnect_account", &[("id", &id)]).await.status, 401);
        // S39: neither the link's own page nor the confirmation of another client shows any of it.
        let mut other = app.browser();
        for page in [other.get(&path_of(&link)).await, other.connect(&link, "cafe_lumen").await] {
            assert!(page.status == 200 && !page.body.contains("studio.nora") && !page.body.contains("/media/"));
        }
    })
    .await;
}

/// What a client's browser may call: the page of a link, what follows from it, whether their data was deleted, whether
/// a member gets reminders, which the address in the reminder says, and what somebody is invited to, which only its mail
/// says.
const FOR_CLIENTS: [&str; 6] = [
    "/api/load_connect",
    "/api/redeem_connection",
    "/api/pending_status",
    "/api/deletion_status",
    "/api/load_reminders",
    "/api/load_invitation",
];

#[tokio::test(flavor = "multi_thread")]
async fn s34_the_secrets_of_a_client_in_place_of_a_session_open_nothing() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut member, link) = app.member_with_link().await;
        let other = member.generate_link("Florist").await;
        let mut client = app.browser();
        let authorize = client.start(&link).await;
        client.come_back(&walk(&authorize, "studio.nora", Decision::Allow).await).await;
        let account = member.accounts().await.accounts.remove(0).id.to_string();
        let (disconnect, delete) =
            (format!("/accounts/{account}/disconnect"), format!("/accounts/connect-links/{}/delete", link.id));
        let pages = pages(&[
            ("/accounts/{id}/disconnect", &disconnect),
            ("/accounts/{id}", "/accounts/0198f000-0000-7000-8000-000000000000"),
            ("/accounts/{id}/withdraw", "/accounts/0198f000-0000-7000-8000-000000000000/withdraw"),
            ("/deletion/{code}", "/deletion/0198f000"),
            ("/reminders/{token}", "/"),
            ("/invitations/{token}", "/"),
            ("/verify-email/{token}", "/"),
            ("/members/{user}/remove", "/members/0198f000-0000-7000-8000-000000000000/remove"),
            ("/members/{user}/transfer", "/members/0198f000-0000-7000-8000-000000000000/transfer"),
            ("/accounts/connect-links/{id}/delete", &delete),
            ("/connect/attempt/{id}", "/"),
            ("/connect/{token}", "/"),
            ("/reset-password/{token}", "/"),
        ]);
        let of_members = ["/accounts", "/members", "/audit", "/settings", "/you"];
        let pages: Vec<_> =
            pages.iter().filter(|page| of_members.iter().any(|start| page.starts_with(start))).collect();
        assert!(pages.len() >= 12, "{pages:?}");
        let theirs = ["Bright", "ann@agency.example", "Bakery", "Florist", "studio.nora", path_of(&other).as_str()]
            .map(str::to_owned);
        let before = app.database.contents().await;
        // The link's token, what ties the attempt to the browser, and the state.
        let query = url::Url::parse(&authorize).unwrap();
        let state = query.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
        let token = path_of(&link).rsplit('/').next().unwrap().to_owned();
        let secrets: Vec<String> = client.cookies.values().cloned().chain([token, state]).collect();
        assert_eq!(secrets.len(), 3);
        for secret in secrets {
            let mut thief = app.browser();
            thief.cookies.insert("__Host-session".into(), secret);
            let mut bodies = Vec::new();
            for path in &pages {
                let page = thief.get(path).await;
                assert_eq!((page.status, page.location.as_deref()), (303, Some("/sign-in")), "{path}");
                bodies.push(((*path).clone(), page.body));
            }
            let functions = leptos::server_fn::axum::server_fn_paths().map(|(path, _)| path);
            for path in functions.filter(|path| !FOR_CLIENTS.contains(path)) {
                for id in [link.id.to_string(), account.clone()] {
                    let function = path.trim_start_matches("/api/");
                    let words = ["username", "description", "before", "email"].map(|name| (name, "x"));
                    let ids = [("id", id.as_str()), ("account", &id), ("user", &id), ("role", "viewer")];
                    let page = thief.call(function, &[&ids[..], &words[..]].concat()).await;
                    assert!(matches!(page.status, 401 | 403 | 422), "{path}: {} {}", page.status, page.body);
                    bodies.push((path.to_owned(), page.body));
                }
            }
            assert_eq!(thief.glance("/live").await.status, 401);
            for (path, body) in bodies {
                for words in &theirs {
                    assert!(!body.contains(words), "{path} tells {words}: {body}");
                }
            }
        }
        assert_eq!(app.database.contents().await, before, "nothing happened");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s35_s36_s37_one_link_connects_many_accounts_and_many_links_live_side_by_side() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut member, link) = app.member_with_link().await;
        let other = member.generate_link("Florist").await;
        let mut client = app.browser();
        assert!(client.connect(&link, "bakery_huber").await.says("is connected"));
        assert!(client.connect(&link, "studio.nora").await.says("is connected"));
        assert!(app.browser().connect(&link, "cafe_lumen").await.says("is connected"), "another client");
        assert!(app.browser().connect(&other, "cafe_lumen").await.says("is connected"));
        assert_eq!(member.accounts().await.accounts.len(), 3);
        let links = member.links().await.links;
        let uses: Vec<_> = links.iter().map(|link| (link.description.as_str(), link.uses)).collect();
        assert_eq!(uses.iter().find(|(name, _)| *name == "Bakery"), Some(&("Bakery", 3)));
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s38_a_link_works_years_later() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (_, link) = app.member_with_link().await;
        app.tools.clock.advance(std::time::Duration::from_secs(5 * 365 * 86_400));
        assert!(app.browser().connect(&link, "studio.nora").await.says("is connected"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s33_s40_deleting_a_link_that_was_used_keeps_its_accounts() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut member, link) = app.member_with_link().await;
        app.browser().connect(&link, "studio.nora").await;
        member.revoke_link(&link).await;
        let accounts = member.accounts().await.accounts;
        assert!(matches!(accounts[0].state, AccountState::Active { .. }));
        assert!(app.token(accounts[0].id).await.is_some());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s42_support_is_offered_where_it_is_needed() {
    let app =
        Installation::with_settings(crate::support::Kind::Sqlite, &[("SUPPORT_EMAIL", "help@agency.example")]).await;
    let (mut member, link) = app.member_with_link().await;
    for page in [
        member.get("/accounts").await,
        member.get(&path_of(&link)).await,
        member.get("/connect/unknown").await,
        member.get("/nowhere").await,
    ] {
        assert!(page.body.contains("help@agency.example"), "{}", page.text());
    }
    // Where somebody is refused, too: by another site's form (403), and after too many guesses (429).
    let mut guesser = app.browser();
    guesser.headers.insert("sec-fetch-site", "cross-site".parse().unwrap());
    let mut refused =
        vec![guesser.send(guesser.request(http::Method::POST, "/sign-in"), axum::body::Body::empty()).await];
    guesser.headers.clear();
    while refused.last().is_some_and(|page| page.status != 429) && refused.len() < 200 {
        refused.push(guesser.get(&format!("/connect/{:043}", refused.len())).await);
    }
    assert_eq!([refused[0].status, refused[refused.len() - 1].status], [403, 429]);
    for page in refused {
        assert!(page.body.contains("help@agency.example"), "{} {}", page.status, page.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_disconnects_an_account_and_its_token_is_gone() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut member, link) = app.member_with_link().await;
        app.browser().connect(&link, "studio.nora").await;
        let id = member.accounts().await.accounts[0].id;
        let mut stranger = app.member("Other Agency", "bob@other.example").await;
        assert_eq!(stranger.call("disconnect_account", &[("id", &id.to_string())]).await.status, 404);
        assert_eq!(member.call("disconnect_account", &[("id", &id.to_string())]).await.status, 200);
        assert!(member.accounts().await.accounts.is_empty());
        assert!(app.token(id).await.is_none());
        assert_eq!(app.database.number("SELECT COUNT(*) AS n FROM accounts WHERE token_sealed IS NOT NULL").await, 0);
        // The same account comes back into the same row.
        app.browser().connect(&link, "studio.nora").await;
        assert_eq!(member.accounts().await.accounts[0].id, id);
        app.check_invariants().await;
    })
    .await;
}
