//! Collecting posts: when it begins, that each post is there once, and what becomes of a walk that Instagram disturbs
//! (T01, T17, T22, F52). The tests move the time and have the jobs done; nothing here waits.

use crate::support::{
    Browser, Installation,
    keeping_alive::{DAY, HOUR},
    on_each_database,
};
use grantlink::{
    accounts::model::AccountState,
    collection::model::{PostCursor, PostsPage},
    ids::AccountId,
    instagram::sandbox::{Calls, Endpoint, Fault, FaultKind, Shape, UsageKeys, faults::REGAIN_MINUTES},
    pages::account::load::AccountPageView,
};
use std::time::Duration;

pub(super) const MINUTE: Duration = Duration::from_secs(60);

/// Does every job that is due this much later.
pub(super) async fn later(app: &Installation, by: Duration) {
    app.pass(by, by).await;
}

/// Ann of "Bright & Bold", whose client has just connected this account. Nothing was collected yet.
pub(super) async fn connected(app: &Installation, username: &str) -> (Browser, AccountId) {
    connected_by(app, "Bright & Bold", "ann@agency.example", username).await
}

/// Bob of "Other Agency" with the same.
pub(super) async fn connected_elsewhere(app: &Installation, username: &str) -> (Browser, AccountId) {
    connected_by(app, "Other Agency", "bob@other.example", username).await
}

async fn connected_by(app: &Installation, organization: &str, email: &str, username: &str) -> (Browser, AccountId) {
    let mut member = app.member(organization, email).await;
    let link = member.generate_link("").await;
    app.browser().connect(&link, username).await;
    app.finish_tasks().await;
    let account = member.accounts().await.accounts[0].id;
    (member, account)
}

/// Instagram's servers of pictures are away: a test of posts has no time for pictures.
pub(super) fn without_pictures(app: &Installation) {
    let away = Fault::once(Endpoint::Picture, FaultKind::Status { code: 500, retry_after: None });
    app.sandbox.script(Fault { times: u32::MAX, ..away });
}

/// So many pages of posts come as they should; the one after them does not.
fn fault_after(app: &Installation, pages: u32, kind: FaultKind) {
    let fine = Fault::once(Endpoint::Media, FaultKind::Slow { ms: 0 });
    app.sandbox.script(Fault { times: pages, ..fine });
    app.sandbox.script(Fault::once(Endpoint::Media, kind));
}

/// What the member reads of an account.
pub(super) async fn view(member: &mut Browser, account: AccountId) -> AccountPageView {
    let page = member.call("load_account", &[("id", &account.to_string())]).await;
    assert_eq!(page.status, 200, "{}", page.body);
    page.json()
}

/// A page of its posts.
pub(super) async fn posts(member: &mut Browser, account: AccountId, before: Option<PostCursor>) -> PostsPage {
    let before = before.map(|place| place.to_string()).unwrap_or_default();
    let page = member.call("list_posts", &[("account", &account.to_string()), ("before", &before)]).await;
    assert_eq!(page.status, 200, "{}", page.body);
    page.json()
}

/// How often Instagram was asked for a page of posts.
fn asked(app: &Installation) -> u64 {
    app.sandbox.calls().media
}

/// How many posts there are, once each has been made sure to be there once.
async fn stored(app: &Installation) -> i64 {
    let distinct = app.database.number("SELECT COUNT(DISTINCT instagram_id) AS n FROM posts").await;
    assert_eq!(app.count("posts").await, distinct, "a post is there twice");
    distinct
}

/// What the member reads of a failed collection.
async fn trouble(member: &mut Browser, account: AccountId) -> String {
    view(member, account).await.collection.trouble.unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn t01_t17_t22_nothing_is_collected_before_the_owner_connects_and_every_post_soon_after() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        without_pictures(&app);
        let mut member = app.member("Bright & Bold", "ann@agency.example").await;
        let request = member.request_access("studio.nora").await;
        let account = request.account_id;
        for _ in 0..2 {
            later(&app, 2 * HOUR).await;
        }
        assert_eq!(app.sandbox.calls(), Calls::default(), "Instagram was asked for nothing");
        let pending = view(&mut member, account).await;
        assert_eq!(pending.account.state, AccountState::Pending { mistaken_for: None });
        assert_eq!((pending.collection.posts, pending.collection.next_at), (0, None));
        assert_eq!(posts(&mut member, account, None).await, PostsPage::default());

        app.browser().connect_as_asked(&request, "studio.nora").await;
        app.finish_tasks().await;
        let fresh = view(&mut member, account).await;
        assert!(matches!(fresh.account.state, AccountState::Active { .. }), "{:?}", fresh.account);
        assert_eq!((fresh.collection.posts, fresh.collection.last_success_at), (0, None));
        app.run_jobs().await;
        let done = view(&mut member, account).await.collection;
        assert_eq!((done.posts, done.trouble), (7, None));
        assert!(done.last_success_at.is_some() && done.next_at.is_some());
        let listed = posts(&mut member, account, None).await.posts;
        let kinds: Vec<&str> = listed.iter().map(|post| post.kind.as_str()).collect();
        assert_eq!(kinds, ["Photo", "Photo", "Photo", "Video", "Photo", "Album", "Photo"]);
        assert!(listed.iter().all(|post| post.permalink.contains("/p/")), "{listed:?}");
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f52_every_post_is_stored_once_and_a_new_one_is_found_by_a_single_call() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        without_pictures(&app);
        let (mut member, account) = connected(&app, "bakery_huber").await;
        app.run_jobs().await;
        assert_eq!((stored(&app).await, asked(&app)), (60, 1));
        app.run_jobs().await;
        assert_eq!(asked(&app), 1, "the next time is an hour away");
        later(&app, 2 * HOUR).await;
        assert_eq!((stored(&app).await, asked(&app)), (60, 2));
        app.sandbox.add_post("bakery_huber", "Fresh from the oven");
        later(&app, 2 * HOUR).await;
        assert_eq!((stored(&app).await, asked(&app)), (61, 3));
        let newest = posts(&mut member, account, None).await.posts.remove(0);
        assert_eq!(newest.caption.as_deref(), Some("Fresh from the oven"));
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f52_an_edited_and_a_deleted_post_are_followed_within_a_day_however_old_they_are() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        without_pictures(&app);
        app.sandbox.set_posts("bakery_huber", 150);
        let (mut member, account) = connected(&app, "bakery_huber").await;
        app.run_jobs().await;
        assert_eq!((stored(&app).await, asked(&app)), (150, 2));
        let old = async |nth: u32| {
            let nth_oldest = format!("FROM posts ORDER BY posted_at LIMIT 1 OFFSET {nth}");
            app.database.number(&format!("SELECT CAST(instagram_id AS BIGINT) AS n {nth_oldest}")).await.to_string()
        };
        let (deleted, edited) = (old(0).await, old(1).await);
        assert!(app.sandbox.delete_post("bakery_huber", &deleted));
        assert!(app.sandbox.edit_caption("bakery_huber", &edited, "Sold out"));
        later(&app, 2 * HOUR).await;
        assert_eq!((stored(&app).await, asked(&app)), (150, 3), "in between, only the newest are looked at");
        later(&app, DAY).await;
        assert_eq!((stored(&app).await, asked(&app)), (149, 5));
        let count = async |condition: String| {
            app.database.number(&format!("SELECT COUNT(*) AS n FROM posts WHERE {condition}")).await
        };
        assert_eq!(count(format!("instagram_id = '{deleted}'")).await, 0);
        assert_eq!(count(format!("instagram_id = '{edited}' AND caption = 'Sold out'")).await, 1);
        assert_eq!(count("caption = 'Sold out'".to_owned()).await, 1);
        assert_eq!(trouble(&mut member, account).await, "");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f52_a_walk_that_is_cut_off_goes_on_where_it_stopped_and_says_what_went_wrong_until_then() {
    on_each_database(async |kind| {
        for (fault, words) in [
            (FaultKind::DropAfterConsuming, "Instagram could not be reached"),
            (FaultKind::Html502, "Instagram could not be reached"),
            (FaultKind::Truncated, "Instagram's answer could not be used"),
            (FaultKind::Status { code: 429, retry_after: None }, "Instagram asks us to slow down"),
        ] {
            let app = Installation::new(kind).await;
            without_pictures(&app);
            app.sandbox.set_posts("studio.nora", 250);
            // A proxy's page is asked for once more at once.
            let tries = if fault == FaultKind::Html502 { 2 } else { 1 };
            fault_after(&app, 1, fault.clone());
            if tries == 2 {
                app.sandbox.script(Fault::once(Endpoint::Media, fault.clone()));
            }
            let (mut member, account) = connected(&app, "studio.nora").await;
            app.run_jobs().await;
            assert_eq!((stored(&app).await, asked(&app)), (100, 1 + tries), "{fault:?}");
            let disturbed = view(&mut member, account).await;
            assert!(matches!(disturbed.account.state, AccountState::Active { .. }), "{fault:?}");
            let said = disturbed.collection.trouble.unwrap_or_default();
            assert!(said.starts_with(words), "{fault:?}: {said}");
            assert!(member.get(&format!("/accounts/{account}")).await.says(words), "{fault:?}");
            later(&app, 30 * MINUTE).await;
            // Two more pages: the first one was not asked for again.
            assert_eq!((stored(&app).await, asked(&app)), (250, 3 + tries), "{fault:?}");
            assert_eq!(trouble(&mut member, account).await, "", "{fault:?}");
            app.check_invariants().await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f52_a_cursor_that_leads_to_itself_is_noticed_doubles_nothing_and_the_walk_ends() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        without_pictures(&app);
        app.sandbox.set_posts("studio.nora", 250);
        let repeat = Fault::once(Endpoint::Media, FaultKind::RepeatCursor);
        app.sandbox.script(Fault { times: 3, ..repeat });
        let (mut member, account) = connected(&app, "studio.nora").await;
        app.run_jobs().await;
        assert_eq!((stored(&app).await, asked(&app)), (100, 2));
        // The same place is tried twice more; then the walk begins anew.
        for (pause, calls) in [(2 * MINUTE, 3), (4 * MINUTE, 4)] {
            later(&app, pause).await;
            assert_eq!((stored(&app).await, asked(&app)), (100, calls));
        }
        later(&app, 7 * MINUTE).await;
        assert_eq!((stored(&app).await, asked(&app)), (250, 7));
        later(&app, 2 * HOUR).await;
        assert_eq!((stored(&app).await, asked(&app)), (250, 8), "it had come to its end");
        assert!(view(&mut member, account).await.collection.last_success_at.is_some());
        assert_eq!(app.database.number("SELECT COUNT(*) AS n FROM jobs WHERE dead_at IS NOT NULL").await, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f52_a_walk_that_is_led_back_to_where_it_was_takes_every_post_once() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        without_pictures(&app);
        app.sandbox.set_posts("studio.nora", 250);
        fault_after(&app, 2, FaultKind::DropAfterConsuming);
        connected(&app, "studio.nora").await;
        app.run_jobs().await;
        assert_eq!(stored(&app).await, 200);
        app.database.execute("UPDATE collections SET cursor = NULL").await.unwrap();
        // What it met before in the same walk is doubted, and in the end taken as it is.
        for _ in 0..4 {
            later(&app, 30 * MINUTE).await;
        }
        assert_eq!(stored(&app).await, 250);
        assert_eq!(app.database.number("SELECT COUNT(*) AS n FROM collections WHERE walk IS NULL").await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f52_ten_thousand_posts_are_collected_once_each_whatever_happens_on_the_way() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        without_pictures(&app);
        app.sandbox.set_posts("studio.nora", 10_000);
        let (mut member, account) = connected(&app, "studio.nora").await;
        fault_after(&app, 10, FaultKind::Status { code: 429, retry_after: None });
        app.run_jobs().await;
        assert_eq!((stored(&app).await, asked(&app)), (1_000, 11));
        fault_after(&app, 30, FaultKind::DropAfterConsuming);
        later(&app, 30 * MINUTE).await;
        assert_eq!((stored(&app).await, asked(&app)), (4_000, 42));
        app.sandbox.script(Fault::once(Endpoint::Media, FaultKind::RepeatCursor));
        later(&app, 5 * MINUTE).await;
        assert_eq!((stored(&app).await, asked(&app)), (4_000, 43));
        later(&app, 5 * MINUTE).await;
        // A hundred pages, and three answers that were of no use.
        assert_eq!((stored(&app).await, asked(&app)), (10_000, 103));
        let done = view(&mut member, account).await.collection;
        assert_eq!((done.posts, done.trouble), (10_000, None));
        assert!(done.last_success_at.is_some());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f52_with_four_fifths_of_the_allowance_used_up_instagram_is_left_alone_for_an_hour() {
    on_each_database(async |kind| {
        for usage_keys in [UsageKeys::CallVolume, UsageKeys::CallCount] {
            let app = Installation::new(kind).await;
            without_pictures(&app);
            app.sandbox.set_posts("studio.nora", 250);
            let used_up = |usage_percent| Shape { usage_keys, usage_percent, ..Shape::default() };
            app.sandbox.set_shape(used_up(80));
            let (mut member, account) = connected(&app, "studio.nora").await;
            app.run_jobs().await;
            assert_eq!((stored(&app).await, asked(&app)), (100, 1), "{usage_keys:?}");
            assert_eq!(trouble(&mut member, account).await, "", "to be careful is no trouble");
            app.sandbox.set_shape(used_up(79));
            later(&app, 59 * MINUTE).await;
            assert_eq!(asked(&app), 1, "{usage_keys:?}");
            later(&app, 32 * MINUTE).await;
            assert_eq!((stored(&app).await, asked(&app)), (250, 3), "{usage_keys:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f52_an_instagram_that_limits_the_rate_is_left_alone_for_as_long_as_it_says() {
    on_each_database(async |kind| {
        // For the app, without a time: a quarter of an hour.
        for (buc, minutes) in [(true, REGAIN_MINUTES), (false, 15)] {
            let app = Installation::new(kind).await;
            without_pictures(&app);
            app.sandbox.script(Fault::once(Endpoint::Media, FaultKind::RateLimited { buc }));
            let (mut member, account) = connected(&app, "studio.nora").await;
            app.run_jobs().await;
            assert_eq!((stored(&app).await, asked(&app)), (0, 1));
            assert!(trouble(&mut member, account).await.contains("slow down"));
            later(&app, MINUTE * u32::try_from(minutes - 1).unwrap()).await;
            assert_eq!(asked(&app), 1, "code {}", if buc { 80_002 } else { 4 });
            // At most half of the time more.
            later(&app, MINUTE * u32::try_from(minutes / 2 + 2).unwrap()).await;
            assert_eq!((stored(&app).await, asked(&app)), (7, 2));
            assert_eq!(trouble(&mut member, account).await, "");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f52_an_answer_without_a_post_is_asked_for_again_before_anything_is_deleted() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        without_pictures(&app);
        connected(&app, "studio.nora").await;
        app.run_jobs().await;
        assert_eq!((stored(&app).await, asked(&app)), (7, 1));
        app.sandbox.set_posts("studio.nora", 0);
        for (pause, calls) in [(DAY + HOUR, 2), (2 * MINUTE, 3)] {
            later(&app, pause).await;
            assert_eq!((stored(&app).await, asked(&app)), (7, calls));
        }
        app.sandbox.set_posts("studio.nora", 7);
        later(&app, 4 * MINUTE).await;
        assert_eq!((stored(&app).await, asked(&app)), (7, 4), "it was a fault of Instagram's");
        // The twin: they are gone indeed.
        app.sandbox.set_posts("studio.nora", 0);
        for (pause, left) in [(DAY + HOUR, 7), (2 * MINUTE, 7), (4 * MINUTE, 0)] {
            later(&app, pause).await;
            assert_eq!(stored(&app).await, left);
        }
    })
    .await;
}
