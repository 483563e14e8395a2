//! Collected posts and their pictures: who sees them, in which order, as what, and until when; and that a picture which
//! does not come, or is lost, harms no other (F52, A26, A51, A58, A67, A78).

use super::{
    collection::{MINUTE, connected, connected_elsewhere, later, posts, view, without_pictures},
    profile_pictures::TOKENS_DIE,
};
use crate::support::{
    Browser, Installation, Kind,
    keeping_alive::{DAY, HOUR},
    on_each_database,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use diesel::{QueryableByName, sql_types::Text};
use grantlink::{
    collection::{
        self,
        model::{PostView, PostsPage},
    },
    db::Conn,
    ids::{AccountId, PostId},
    instagram::sandbox::{Endpoint, Fault, FaultKind, Shape},
    paths,
    queue::{self, Job},
    secret::ExposeSecret,
};
use http::header;
use std::{collections::HashSet, path::Path};

/// The pictures that lie in a folder, however deep.
pub(super) fn pictures_below(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    let pictures = entries.map(|entry| {
        let path = entry.path();
        if path.is_dir() { pictures_below(&path) } else { usize::from(path.extension().is_some_and(|e| e == "jpg")) }
    });
    pictures.sum()
}

/// The pictures of posts that lie in the store.
pub(super) fn pictures_of_posts(app: &Installation) -> usize {
    let folder = app.database.folder().join("media/posts");
    if folder.exists() { pictures_below(&folder) } else { 0 }
}

/// Ann's account, which publishes so many posts once it is connected. Whatever else has a picture has it by then: what
/// happens to pictures from now on happens to those of the posts, which two hours later are collected.
async fn with_posts_to_come(app: &Installation, count: u64) -> (Browser, AccountId) {
    app.sandbox.set_posts("studio.nora", 0);
    let connected = connected(app, "studio.nora").await;
    app.run_jobs().await;
    app.sandbox.set_posts("studio.nora", count);
    connected
}

/// The next picture that is asked for does not come, for a reason that may pass.
fn next_picture_fails(app: &Installation) {
    app.sandbox.script(Fault::once(Endpoint::Picture, FaultKind::Status { code: 500, retry_after: None }));
}

async fn disconnect(member: &mut Browser, account: AccountId) {
    let page = member.call("disconnect_account", &[("id", &account.to_string())]).await;
    assert_eq!(page.status, 200, "{}", page.body);
}

/// Where the pictures of these posts are, of those that have one.
fn pictures_of(posts: &[PostView]) -> Vec<String> {
    posts.iter().filter_map(|post| post.picture.clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn f52_a_page_of_posts_ends_where_the_next_one_begins_even_if_all_are_of_one_moment() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        without_pictures(&app);
        let (mut member, account) = connected(&app, "bakery_huber").await;
        app.run_jobs().await;
        for of_one_moment in [false, true] {
            if of_one_moment {
                app.database.execute("UPDATE posts SET posted_at = 1700000000000000").await.unwrap();
            }
            let first = posts(&mut member, account, None).await;
            let second = posts(&mut member, account, first.next).await;
            assert_eq!((first.posts.len(), second.posts.len(), second.next), (48, 12, None));
            let all: Vec<_> = first.posts.iter().chain(&second.posts).map(|p| (&p.posted_at.iso, p.id)).collect();
            assert!(all.windows(2).all(|pair| pair[0] > pair[1]), "newest first: {all:?}");
            assert_eq!(all.iter().map(|(_, id)| id).collect::<HashSet<_>>().len(), 60);
            assert_eq!(all.iter().map(|(at, _)| at).collect::<HashSet<_>>().len(), if of_one_moment { 1 } else { 60 });
        }
        // A place that nobody can read is the beginning.
        for nonsense in ["x", "5", "-", "5-x"] {
            let page = member.call("list_posts", &[("account", &account.to_string()), ("before", nonsense)]).await;
            assert_eq!(page.json::<PostsPage>().posts.len(), 48, "{nonsense}");
        }
    })
    .await;
}

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

#[tokio::test(flavor = "multi_thread")]
async fn f52_an_index_leads_straight_to_a_page_however_deep_it_lies() {
    use diesel_async::RunQueryDsl;
    let app = Installation::new(Kind::Sqlite).await;
    let Conn::Sqlite(mut conn) = app.database.db.read().await.unwrap() else { unreachable!() };
    // As `collection::queries::list` asks.
    let plan: Vec<Step> = diesel::sql_query(
        "EXPLAIN QUERY PLAN SELECT id, kind, caption, permalink, posted_at, picture_copied_at FROM posts \
         WHERE account_id = ? AND posted_at <= ? AND (posted_at < ? OR id < ?) \
         ORDER BY posted_at DESC, id DESC LIMIT 49",
    )
    .load(&mut *conn)
    .await
    .unwrap();
    let steps: Vec<&str> = plan.iter().map(|step| step.detail.as_str()).collect();
    assert_eq!(steps, ["SEARCH posts USING INDEX posts_newest (account_id=? AND posted_at<?)"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a26_an_account_in_two_organizations_has_posts_of_each_and_disconnecting_one_leaves_the_other() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        without_pictures(&app);
        let (mut ann, anns) = connected(&app, "studio.nora").await;
        let (mut bob, bobs) = connected_elsewhere(&app, "studio.nora").await;
        app.run_jobs().await;
        let of_ann = posts(&mut ann, anns, None).await.posts;
        let of_bob = posts(&mut bob, bobs, None).await.posts;
        assert_eq!((of_ann.len(), of_bob.len()), (7, 7));
        let ids: HashSet<_> = of_ann.iter().chain(&of_bob).map(|post| post.id).collect();
        assert_eq!(ids.len(), 14, "each organization has rows of its own");
        disconnect(&mut ann, anns).await;
        app.run_jobs().await;
        assert!(app.access(anns).await.is_none());
        assert_eq!(app.count("posts").await, 7);
        let left = posts(&mut bob, bobs, None).await.posts;
        assert!(left.iter().map(|post| post.id).eq(of_bob.iter().map(|post| post.id)));
        // Bob's token works, and his posts go on.
        let (_, token) = app.access(bobs).await.unwrap();
        assert_eq!(app.tools.instagram.profile(&token).await.unwrap().username, "studio.nora");
        app.sandbox.add_post("studio.nora", "Still here");
        later(&app, 2 * HOUR).await;
        assert_eq!(view(&mut bob, bobs).await.collection.posts, 8);
        assert_eq!(app.count("posts").await, 8);
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a51_another_organization_and_a_stranger_find_no_account_no_post_and_no_picture() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        app.sandbox.set_posts("studio.nora", 1);
        app.sandbox.add_post("studio.nora", "Only for Ann");
        let (mut ann, account) = connected(&app, "studio.nora").await;
        app.run_jobs().await;
        let pictures = pictures_of(&posts(&mut ann, account, None).await.posts);
        assert_eq!(pictures.len(), 2);
        let id = account.to_string();
        let page_of_account = paths::account(account);
        assert!(ann.get(&page_of_account).await.says("Only for Ann"));
        // Bob has an account and posts, too; his own ids open nothing of Ann's.
        let (mut bob, _) = connected_elsewhere(&app, "cafe_lumen").await;
        let mut stranger = app.browser();
        for (browser, refusal) in [(&mut bob, 404), (&mut stranger, 401)] {
            for (function, arguments) in [
                ("list_posts", [("account", id.as_str()), ("before", "")]),
                ("load_account", [("id", id.as_str()), ("before", "")]),
                ("disconnect_account", [("id", id.as_str()), ("before", "")]),
            ] {
                let page = browser.call(function, &arguments).await;
                assert_eq!(page.status, refusal, "{function}: {}", page.body);
                assert!(!page.body.contains("nora"), "{function}: {}", page.body);
            }
            for picture in &pictures {
                let page = browser.get(picture).await;
                assert_eq!(page.status, 404, "{picture}");
                page.assert_dressed(picture);
            }
        }
        let page = bob.get(&page_of_account).await;
        assert_eq!(page.status, 404);
        assert!(!page.says("studio.nora") && !page.says("Only for Ann"), "{}", page.text());
        assert_eq!(stranger.get(&page_of_account).await.location.as_deref(), Some("/sign-in"));
        // What is the name of no picture is none, for Ann either.
        let bare = pictures[0].strip_suffix(".jpg").unwrap();
        for wrong in [bare, &format!("{bare}.png"), "/media/posts/x.jpg", &format!("/media/posts/{id}.jpg")] {
            assert_eq!(ann.get(wrong).await.status, 404, "{wrong}");
        }
        for picture in &pictures {
            assert_eq!(ann.get(picture).await.status, 200, "{picture}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a58_captions_are_words_whatever_they_say() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        without_pictures(&app);
        for caption in [
            "</textarea><script>boo()</script>",
            "\"><img src=x onerror=boo()>",
            "</script><script>boo()</script>",
            "</title><svg onload=boo()>",
            "{{7*7}} javascript:boo()",
        ] {
            app.sandbox.add_post("studio.nora", caption);
        }
        let (mut member, account) = connected(&app, "studio.nora").await;
        app.run_jobs().await;
        let page = member.get(&paths::account(account)).await;
        assert_eq!(page.status, 200, "{}", page.text());
        for markup in ["<script>boo", "<script>alert", "<img src=x", "<svg onload", "=\"javascript:", "='javascript:"] {
            assert!(!page.body.contains(markup), "{markup} in {}", page.body);
        }
        for words in ["&lt;script&gt;boo()&lt;/script&gt;", "&lt;script&gt;alert(", "&lt;img src=x", "&lt;svg onload"] {
            assert!(page.body.contains(words), "{words} in {}", page.body);
        }
        assert!(page.says("{{7*7}} javascript:boo()"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a67_a78_members_are_shown_pictures_and_nothing_else_until_the_account_is_disconnected() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        app.sandbox.set_posts("studio.nora", 3);
        let (mut member, account) = connected(&app, "studio.nora").await;
        app.run_jobs().await;
        let listed = posts(&mut member, account, None).await.posts;
        let pictures = pictures_of(&listed);
        assert_eq!((listed.len(), pictures.len(), pictures_of_posts(&app)), (3, 3, 3));
        for (post, path) in listed.iter().zip(&pictures) {
            let picture = member.get(path).await;
            assert_eq!(picture.status, 200, "{path}");
            picture.assert_dressed(path);
            assert_eq!(picture.header("content-type"), Some("image/jpeg"));
            assert_eq!(picture.header("x-content-type-options"), Some("nosniff"));
            assert_eq!(picture.header("cache-control"), Some("private, no-cache"));
            let mut again = member.clone();
            again.headers.insert(header::IF_NONE_MATCH, picture.headers[header::ETAG].clone());
            let held = again.get(path).await;
            assert_eq!((held.status, held.body.as_str()), (304, ""), "{path}");
            held.assert_dressed(path);
            again.cookies.clear();
            assert_eq!(again.get(path).await.status, 404, "what was kept outlives no session: {path}");
            let policy = picture.header("content-security-policy").unwrap();
            assert!(policy.contains("default-src 'none'") && policy.contains("sandbox;"), "{policy}");
            let jpeg = app.tools.media.get(account, post.id).await.unwrap().unwrap();
            assert!(jpeg.starts_with(b"\xff\xd8\xff"), "{path}");
        }
        disconnect(&mut member, account).await;
        for path in &pictures {
            assert_eq!(member.get(path).await.status, 404, "at once, whatever the job still has to do: {path}");
        }
        app.run_jobs().await;
        assert_eq!(pictures_below(app.database.folder()), 0);
        assert_eq!((app.count("posts").await, app.count("collections").await), (0, 0));
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f52_a_picture_that_cannot_be_had_is_left_out_and_fetched_when_its_new_address_is_known() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut member, account) = with_posts_to_come(&app, 3).await;
        let before = app.sandbox.calls().picture;
        app.sandbox.script(Fault::once(Endpoint::Picture, FaultKind::Status { code: 403, retry_after: None }));
        later(&app, 2 * HOUR).await;
        let listed = posts(&mut member, account, None).await.posts;
        assert_eq!((listed.len(), pictures_of(&listed).len()), (3, 2));
        assert_eq!(app.sandbox.calls().picture - before, 3, "one that is forbidden is not asked for again");
        later(&app, 2 * HOUR).await;
        assert_eq!(pictures_of(&posts(&mut member, account, None).await.posts).len(), 3);
        assert_eq!(app.sandbox.calls().picture - before, 4, "and one that was copied is not copied again");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f52_a_picture_that_never_comes_holds_up_no_other_and_is_given_up_until_its_address_is_brought_anew() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut member, account) = with_posts_to_come(&app, 3).await;
        let before = app.sandbox.calls().picture;
        let asked = || app.sandbox.calls().picture - before;
        next_picture_fails(&app);
        later(&app, 2 * HOUR).await;
        let listed = posts(&mut member, account, None).await.posts;
        let here: Vec<bool> = listed.iter().map(|post| post.picture.is_some()).collect();
        assert_eq!((here, asked()), (vec![false, true, true], 3), "the newest failed, and the older ones came");
        let jobs = "SELECT COUNT(*) AS n FROM jobs WHERE kind = 'copy_pictures'";
        for (calls, jobs_left) in [(4, 1), (5, 0)] {
            next_picture_fails(&app);
            later(&app, 16 * MINUTE).await;
            assert_eq!((asked(), app.database.number(jobs).await), (calls, jobs_left));
        }
        assert_eq!(pictures_of(&posts(&mut member, account, None).await.posts).len(), 2);
        later(&app, 2 * HOUR).await;
        assert_eq!((pictures_of(&posts(&mut member, account, None).await.posts).len(), asked()), (3, 6));
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f52_while_the_servers_of_pictures_are_away_a_turn_is_short_and_the_next_one_tries_others() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut member, account) = with_posts_to_come(&app, 7).await;
        let before = app.sandbox.calls().picture;
        let asked = || app.sandbox.calls().picture - before;
        let failed = async |times: u32| {
            let failed = format!("SELECT COUNT(*) AS n FROM posts WHERE picture_failures = {times}");
            app.database.number(&failed).await
        };
        without_pictures(&app);
        later(&app, 2 * HOUR).await;
        assert_eq!((asked(), failed(0).await, failed(1).await), (3, 4, 3));
        app.run_jobs().await;
        assert_eq!(asked(), 3, "they are left alone for a while");
        later(&app, 16 * MINUTE).await;
        assert_eq!((asked(), failed(0).await, failed(1).await), (6, 1, 6));
        later(&app, 16 * MINUTE).await;
        assert_eq!((asked(), failed(0).await, failed(1).await, failed(2).await), (9, 0, 5, 2));
        app.sandbox.behave();
        later(&app, 16 * MINUTE).await;
        assert_eq!((asked(), pictures_of_posts(&app)), (16, 7));
        assert_eq!(pictures_of(&posts(&mut member, account, None).await.posts).len(), 7);
        assert_eq!(app.database.number("SELECT COUNT(*) AS n FROM jobs WHERE kind = 'copy_pictures'").await, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f52_servers_of_pictures_that_limit_the_rate_are_left_alone_for_as_long_as_they_say() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut member, account) = with_posts_to_come(&app, 3).await;
        let before = app.sandbox.calls().picture;
        let asked = || app.sandbox.calls().picture - before;
        let limited = FaultKind::Status { code: 429, retry_after: Some(1_800) };
        app.sandbox.script(Fault::once(Endpoint::Picture, limited));
        later(&app, 2 * HOUR).await;
        assert_eq!(asked(), 1);
        later(&app, 29 * MINUTE).await;
        assert_eq!(asked(), 1);
        // At most half of the time more.
        later(&app, 17 * MINUTE).await;
        assert_eq!((asked(), pictures_of(&posts(&mut member, account, None).await.posts).len()), (4, 3));
        let failed = "SELECT COUNT(*) AS n FROM posts WHERE picture_failures > 0";
        assert_eq!(app.database.number(failed).await, 0, "that is no fault of a picture");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f52_the_pictures_of_posts_that_are_gone_are_deleted_even_if_the_server_dies_in_between() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        app.sandbox.set_posts("studio.nora", 3);
        let (mut member, account) = connected(&app, "studio.nora").await;
        app.run_jobs().await;
        // What is left when a server dies after it put a picture there, and the post goes before that is noted.
        let nothing = PostId::generate(app.tools.now(), &app.tools.randomness);
        app.tools.media.put(account, nothing, vec![1]).await.unwrap();
        assert_eq!(pictures_of_posts(&app), 4);
        let oldest = "SELECT CAST(instagram_id AS BIGINT) AS n FROM posts ORDER BY posted_at LIMIT 1";
        let oldest = app.database.number(oldest).await.to_string();
        assert!(app.sandbox.delete_post("studio.nora", &oldest));
        app.tools.clock.advance(DAY + HOUR);
        let claims = queue::claim(&mut app.tools.db.write().await.unwrap(), app.tools.now(), 100).await.unwrap();
        let claim = claims.iter().find(|claim| claim.job == Job::CollectPosts { account }).unwrap();
        collection::service::collect(&app.tools, claim, account).await.unwrap();
        // Here the server dies. What is left to do stands in the queue.
        assert_eq!((app.count("posts").await, pictures_of_posts(&app)), (2, 4));
        app.run_jobs().await;
        assert_eq!(pictures_of_posts(&app), 2);
        for picture in pictures_of(&posts(&mut member, account, None).await.posts) {
            assert_eq!(member.get(&picture).await.status, 200, "{picture}");
        }
        assert_eq!(app.database.number("SELECT COUNT(*) AS n FROM jobs WHERE kind = 'forget_posts'").await, 0);
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f52_a_picture_that_the_store_has_lost_is_not_found_and_comes_back() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        app.sandbox.set_posts("studio.nora", 2);
        let (mut ann, account) = connected(&app, "studio.nora").await;
        let (mut bob, _) = connected_elsewhere(&app, "cafe_lumen").await;
        app.run_jobs().await;
        let listed = posts(&mut ann, account, None).await.posts;
        let (lost, picture) = (listed[0].id, listed[0].picture.clone().unwrap());
        app.tools.media.delete(account, lost).await.unwrap();
        // Neither somebody who may not see it nor news of an earlier copy changes anything.
        assert_eq!(bob.get(&picture).await.status, 404);
        let earlier = app.tools.now().minus(DAY);
        collection::queries::note_loss(&mut app.tools.db.write().await.unwrap(), lost, earlier).await.unwrap();
        assert_eq!(pictures_of(&posts(&mut ann, account, None).await.posts).len(), 2);
        let page = ann.get(&picture).await;
        assert_eq!(page.status, 404);
        page.assert_dressed(&picture);
        assert_eq!(pictures_of(&posts(&mut ann, account, None).await.posts), pictures_of(&listed[1..]));
        later(&app, 2 * HOUR).await;
        assert_eq!(pictures_of(&posts(&mut ann, account, None).await.posts), pictures_of(&listed));
        assert_eq!(ann.get(&picture).await.status, 200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f52_a_store_that_was_away_for_a_while_costs_the_posts_of_a_dead_account_no_picture() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        app.sandbox.set_posts("studio.nora", 2);
        let (mut member, account) = connected(&app, "studio.nora").await;
        app.run_jobs().await;
        let pictures = pictures_of(&posts(&mut member, account, None).await.posts);
        assert_eq!(pictures.len(), 2);
        app.database.execute(TOKENS_DIE).await.unwrap();
        let there = app.database.folder().join("media/posts");
        let away = there.with_file_name("away");
        std::fs::rename(&there, &away).unwrap();
        for picture in &pictures {
            assert_eq!(member.get(picture).await.status, 404, "{picture}");
        }
        std::fs::rename(&away, &there).unwrap();
        assert_eq!(pictures_of(&posts(&mut member, account, None).await.posts), pictures);
        for picture in &pictures {
            assert_eq!(member.get(picture).await.status, 200, "{picture}");
        }
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f52_pictures_whose_addresses_ran_out_before_they_were_copied_are_copied_all_the_same() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        app.sandbox.set_posts("studio.nora", 3);
        without_pictures(&app);
        let (mut member, account) = connected(&app, "studio.nora").await;
        app.run_jobs().await;
        assert_eq!(pictures_of(&posts(&mut member, account, None).await.posts).len(), 0);
        app.sandbox.behave();
        // An address is good for a day. Whichever job is first after that: at the next look, all addresses are fresh.
        for pause in [DAY + HOUR, 2 * HOUR] {
            later(&app, pause).await;
        }
        let listed = posts(&mut member, account, None).await.posts;
        assert_eq!((listed.len(), pictures_of(&listed).len()), (3, 3));
        assert_eq!(pictures_of_posts(&app), 3);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a78_disconnecting_erases_the_token_at_once_and_what_was_collected_soon_after() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        without_pictures(&app);
        // Three pages, and a pause after the first: the place to go on is stored.
        app.sandbox.set_posts("studio.nora", 250);
        app.sandbox.set_shape(Shape { usage_percent: 85, ..Shape::default() });
        let (mut member, account) = connected(&app, "studio.nora").await;
        app.run_jobs().await;
        assert_eq!(app.database.number("SELECT COUNT(*) AS n FROM collections WHERE cursor IS NOT NULL").await, 1);
        let (access, token) = app.access(account).await.unwrap();
        let sealed = URL_SAFE_NO_PAD.decode(access.token_sealed.to_text()).unwrap();
        let sealed: String = sealed.iter().map(|byte| format!("{byte:02x}")).collect();
        let rows_with_seal = async || {
            let rows = app.database.contents().await.into_values().flatten();
            rows.filter(|row| row.to_lowercase().contains(&sealed)).count()
        };
        assert_eq!(rows_with_seal().await, 1);
        disconnect(&mut member, account).await;
        assert_eq!(app.database.number("SELECT COUNT(*) AS n FROM accounts WHERE token_sealed IS NULL").await, 1);
        assert_eq!(rows_with_seal().await, 0);
        let asked = app.sandbox.calls();
        app.run_jobs().await;
        assert_eq!([app.count("accounts").await, app.count("posts").await, app.count("collections").await], [1, 0, 0]);
        later(&app, 2 * HOUR).await;
        assert_eq!(app.sandbox.calls(), asked, "Instagram is asked for nothing any more");
        assert_eq!(app.database.number("SELECT COUNT(*) AS n FROM jobs WHERE kind <> 'renew_access'").await, 0);
        // Nowhere, in no row and no payload, did the token itself ever stand: nor in the place that was stored.
        let (dump, token) = (app.database.dump().await, token.expose_secret().as_bytes());
        assert!(!dump.windows(token.len()).any(|part| part == token));
        app.check_invariants().await;
    })
    .await;
}
