//! Profile pictures: copied soon after an account is connected, followed when they change at Instagram, shown to the
//! members of its organization alone, and gone with the account (A51, A67, A78, F52, U26).

use super::{
    collection::{connected, connected_elsewhere, later, without_pictures},
    posts::pictures_below,
};
use crate::support::{
    Browser, Installation,
    keeping_alive::{DAY, HOUR},
    on_each_database,
};
use grantlink::{
    accounts::{
        self,
        model::AccountView,
        service::{Connection, store},
    },
    ids::AccountId,
    instagram::{
        LongLivedToken, Profile,
        sandbox::{Endpoint, Fault, FaultKind},
    },
    jobs::runner,
    live::{Change, News},
    paths,
    queue::{self, Job, LEASE},
    timestamp::Timestamp,
};
use http::header;
use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;

const NORA: &str = "studio.nora";

/// Every account has to be connected again.
pub(super) const TOKENS_DIE: &str = "UPDATE accounts SET token_sealed = NULL, token_issued_at = NULL, \
                                     token_expires_at = NULL, renewal_due_at = NULL, died_at = 1, death = 'invalid'";

/// Where the profile pictures are kept.
fn folder(app: &Installation) -> PathBuf {
    app.database.folder().join("media/accounts")
}

/// How many there are; the folder goes with the last one.
fn kept(app: &Installation) -> usize {
    let folder = folder(app);
    if folder.exists() { pictures_below(&folder) } else { 0 }
}

/// The address of the picture of @studio.nora, as the member's list has it.
async fn shown(member: &mut Browser) -> Option<String> {
    member.account(NORA).await.picture
}

/// The picture behind an address of ours.
async fn behind(app: &Installation, account: AccountId, address: &str) -> Option<Vec<u8>> {
    let (_, version) = address.split_once("?v=").unwrap();
    app.tools.media.get_profile(account, Timestamp::from_micros(version.parse().unwrap())).await.unwrap()
}

/// What Instagram says of an account, at addresses that were not there before.
async fn profile(app: &Installation, account: AccountId) -> Profile {
    let (_, token) = app.access(account).await.unwrap();
    app.tools.instagram.profile(&token).await.unwrap()
}

/// The daily look at the profile finds this one.
async fn note(app: &Installation, account: AccountId, profile: &Profile) {
    let (access, _) = app.access(account).await.unwrap();
    accounts::service::note_profile(&app.tools, &access, profile).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a67_a_profile_picture_arrives_by_itself_small_and_square_wherever_its_account_stands() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        app.sandbox.set_posts(NORA, 0);
        let (mut member, account) = connected(&app, NORA).await;
        assert_eq!(shown(&mut member).await, None, "a redemption waits for no picture");
        app.run_jobs().await;
        let address = shown(&mut member).await.unwrap();
        assert!(address.starts_with(&format!("{}/{account}.jpg?v=", paths::PROFILE_PICTURES)), "{address}");
        assert_eq!((kept(&app), app.sandbox.calls().picture), (1, 1));
        let picture = member.get(&address).await;
        assert_eq!(picture.status, 200);
        picture.assert_dressed(&address);
        assert_eq!(picture.header("content-type"), Some("image/jpeg"));
        assert_eq!(picture.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(picture.header("cache-control"), Some("private, no-cache"));
        let policy = picture.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("sandbox;"), "{policy}");
        let jpeg = image::load_from_memory(&behind(&app, account, &address).await.unwrap()).unwrap();
        assert_eq!((jpeg.width(), jpeg.height()), (160, 160));
        // In the sidebar, and in the list or at the head of the account's page.
        for path in [paths::ACCOUNTS.to_owned(), paths::account(account)] {
            let page = member.get(&path).await;
            assert_eq!(page.body.matches(&format!(" src=\"{address}\"")).count(), 2, "{path}: {}", page.body);
            assert!(!page.body.contains("profile-studio.nora"), "no address of Instagram's: {}", page.body);
        }
        // Nothing is left to do, and nothing is done twice.
        assert_eq!(app.database.number("SELECT COUNT(*) AS n FROM jobs WHERE kind = 'copy_profile_picture'").await, 0);
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a51_a_browser_that_kept_a_profile_picture_shows_it_no_longer_than_its_session_lasts() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        app.sandbox.set_posts(NORA, 0);
        let (mut member, account) = connected(&app, NORA).await;
        app.run_jobs().await;
        let address = shown(&mut member).await.unwrap();
        let first = member.get(&address).await;
        member.headers.insert(header::IF_NONE_MATCH, first.headers[header::ETAG].clone());
        let again = member.get(&address).await;
        assert_eq!((again.status, again.body.as_str()), (304, ""));
        again.assert_dressed(&address);
        for name in ["etag", "cache-control", "content-security-policy"] {
            assert_eq!(again.header(name), first.header(name), "{name}");
        }
        let mut stranger = member.clone();
        stranger.cookies.clear();
        assert_eq!(stranger.get(&address).await.status, 404);
        // Another picture has another tag.
        app.tools.clock.advance(HOUR);
        app.database.execute("UPDATE accounts SET picture_path = '/of/another.jpg'").await.unwrap();
        note(&app, account, &profile(&app, account).await).await;
        app.run_jobs().await;
        let address = shown(&mut member).await.unwrap();
        let second = member.get(&address).await;
        assert_eq!(second.status, 200);
        member.headers.insert(header::IF_NONE_MATCH, second.headers[header::ETAG].clone());
        assert_eq!(member.get(&address).await.status, 304);
        assert_eq!(member.post(paths::SIGN_OUT, &[]).await.status, 303);
        assert_eq!(member.get(&address).await.status, 404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a51_another_organization_and_a_stranger_find_no_profile_picture() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        app.sandbox.set_posts(NORA, 0);
        let (mut ann, account) = connected(&app, NORA).await;
        let (mut bob, bobs) = connected_elsewhere(&app, NORA).await;
        app.run_jobs().await;
        let [of_ann, of_bob] = [shown(&mut ann).await.unwrap(), shown(&mut bob).await.unwrap()];
        let mut stranger = app.browser();
        for (browser, own) in [(&mut ann, Some(&of_ann)), (&mut bob, Some(&of_bob)), (&mut stranger, None)] {
            for address in [&of_ann, &of_bob] {
                let page = browser.get(address).await;
                assert_eq!(page.status, if own == Some(address) { 200 } else { 404 }, "{address}");
                page.assert_dressed(address);
            }
        }
        // What is the name of no picture is none; the version opens nothing, and hides nothing.
        assert_ne!(account, bobs);
        let bare = format!("{}/{account}", paths::PROFILE_PICTURES);
        for wrong in [bare.clone(), format!("{bare}.png"), format!("{}/x.jpg", paths::PROFILE_PICTURES)] {
            assert_eq!(ann.get(&wrong).await.status, 404, "{wrong}");
        }
        assert_eq!(ann.get(&format!("{bare}.jpg")).await.status, 200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u26_a_picture_is_copied_once_and_another_one_is_shown_at_another_address() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        for username in [NORA, "cafe_lumen"] {
            app.sandbox.set_posts(username, 0);
        }
        let (mut member, account) = connected(&app, NORA).await;
        let (_, lumens) = connected_elsewhere(&app, "cafe_lumen").await;
        app.run_jobs().await;
        let first = shown(&mut member).await.unwrap();
        let before = behind(&app, account, &first).await.unwrap();
        let calls = app.sandbox.calls();
        later(&app, DAY + HOUR).await;
        assert_eq!(app.sandbox.calls().me, calls.me + 2, "each profile is looked at once a day");
        assert_eq!(app.sandbox.calls().picture, calls.picture);
        assert_eq!(shown(&mut member).await, Some(first.clone()));

        let another = profile(&app, lumens).await.picture_url;
        let nora = Profile { picture_url: another, ..profile(&app, account).await };
        note(&app, account, &nora).await;
        assert_eq!(shown(&mut member).await, Some(first.clone()), "until the other one is here");
        let organization = member.accounts().await.member.organization_id;
        let mut heard = app.tools.live.listen();
        app.run_jobs().await;
        let news = News { whose: Some(organization), change: Change::Accounts };
        assert_eq!(heard.try_recv().unwrap(), news, "open pages look again");
        let second = shown(&mut member).await.unwrap();
        assert_ne!(second, first, "a browser that kept the old one asks anew");
        assert_ne!(behind(&app, account, &second).await.unwrap(), before);
        assert_eq!((behind(&app, account, &first).await, kept(&app)), (None, 2), "the old one is deleted");
        assert_eq!(app.sandbox.calls().picture, calls.picture + 1);

        // The owner puts another one up, and takes it back before it is copied.
        let in_between = profile(&app, account).await;
        for seen in [in_between, Profile { picture_url: profile(&app, lumens).await.picture_url, ..nora.clone() }] {
            note(&app, account, &seen).await;
        }
        app.run_jobs().await;
        assert_eq!((shown(&mut member).await, app.sandbox.calls().picture), (Some(second.clone()), calls.picture + 1));

        // A profile of another account's is none of this one's.
        note(&app, account, &profile(&app, lumens).await).await;
        assert_eq!((app.run_jobs().await, shown(&mut member).await), (0, Some(second)));
        // Taken away at Instagram, it is taken away here.
        note(&app, account, &Profile { picture_url: None, ..nora }).await;
        assert_eq!(shown(&mut member).await, None);
        app.run_jobs().await;
        assert_eq!(kept(&app), 1);
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f52_a_profile_picture_that_cannot_be_had_is_tried_again_and_a_useless_address_waits_for_the_next() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        app.sandbox.set_posts(NORA, 0);
        without_pictures(&app);
        let (mut member, account) = connected(&app, NORA).await;
        app.run_jobs().await;
        assert_eq!((shown(&mut member).await, app.sandbox.calls().picture), (None, 1));
        let page = member.get(&paths::account(account)).await;
        assert!(page.body.contains("class=\"avatar\"") && !page.body.contains(paths::PROFILE_PICTURES));
        app.sandbox.behave();
        later(&app, HOUR).await;
        let address = shown(&mut member).await.unwrap();

        // No picture at all, and one that is there no more: what was copied before stays.
        for trouble in [FaultKind::Status { code: 404, retry_after: None }, FaultKind::InvalidUtf8] {
            app.database.execute("UPDATE accounts SET picture_path = '/of/another.jpg'").await.unwrap();
            note(&app, account, &profile(&app, account).await).await;
            app.sandbox.script(Fault::once(Endpoint::Picture, trouble));
            let calls = app.sandbox.calls().picture;
            app.run_jobs().await;
            assert_eq!((shown(&mut member).await, app.sandbox.calls().picture), (Some(address.clone()), calls + 1));
            assert_eq!((app.run_jobs().await, kept(&app)), (0, 1), "it is not tried again");
        }
        later(&app, DAY + HOUR).await;
        assert!(shown(&mut member).await.is_some_and(|another| another != address), "the next day brought it");
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f52_a_profile_picture_that_the_store_lost_is_copied_again_the_next_day() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        app.sandbox.set_posts(NORA, 0);
        let (mut member, account) = connected(&app, NORA).await;
        app.run_jobs().await;
        let address = shown(&mut member).await.unwrap();
        app.tools.media.delete_all(account).await.unwrap();
        assert_eq!(member.get(&address).await.status, 404);
        assert_eq!(shown(&mut member).await, None, "initials, not a hole");
        later(&app, DAY + HOUR).await;
        let address = shown(&mut member).await.unwrap();
        assert_eq!(member.get(&address).await.status, 200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f52_a_store_that_was_away_for_a_while_costs_a_dead_account_no_picture() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        app.sandbox.set_posts(NORA, 0);
        let (mut member, _) = connected(&app, NORA).await;
        app.run_jobs().await;
        app.database.execute(TOKENS_DIE).await.unwrap();
        let address = shown(&mut member).await.unwrap();
        let (there, away) = (folder(&app), folder(&app).with_file_name("away"));
        std::fs::rename(&there, &away).unwrap();
        assert_eq!(member.get(&address).await.status, 404);
        std::fs::rename(&away, &there).unwrap();
        assert_eq!(shown(&mut member).await, Some(address.clone()), "nobody would bring it back");
        assert_eq!(member.get(&address).await.status, 200);
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f52_while_the_servers_of_pictures_hang_other_jobs_are_done() {
    const COUNT: usize = 12;
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        app.sandbox.set_posts(NORA, 0);
        let (mut member, link) = app.member_with_link().await;
        app.browser().connect(&link, NORA).await;
        app.finish_tasks().await;
        app.run_jobs().await;
        let nora = member.account(NORA).await.id;
        let picture = profile(&app, nora).await.picture_url.unwrap();
        let who = member.accounts().await.member;
        app.connect_many(&who, link.id, COUNT).await;
        let only_pictures = format!("DELETE FROM jobs; UPDATE accounts SET picture_url = '{picture}'");
        app.database.execute(&only_pictures).await.unwrap();
        let hang = Fault::once(Endpoint::Picture, FaultKind::Slow { ms: 60_000 });
        app.sandbox.script(Fault { times: u32::MAX, ..hang });
        let before = app.sandbox.calls();
        app.tools.clock.advance(2 * HOUR);
        let now = app.tools.now();
        let accounts = member.accounts().await.accounts;
        assert_eq!(accounts.len(), COUNT + 1);
        let mut tx = app.tools.db.begin().await.unwrap();
        let copies = accounts.iter().map(|account| (Job::CopyProfilePicture { account: account.id }, now.minus(HOUR)));
        for (job, due_at) in copies.chain([(Job::CollectPosts { account: nora }, now)]) {
            queue::enqueue(&mut tx, &app.tools.randomness, who.organization_id, &job, due_at, now).await.unwrap();
        }
        tx.commit().await.unwrap();
        let runner = tokio::spawn(runner::run(Arc::clone(&app.tools), CancellationToken::new()));
        let began = Instant::now();
        while app.sandbox.calls().media == before.media {
            assert!(began.elapsed() < Duration::from_secs(6), "it waits for pictures");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // Long enough for another look at the queue.
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        assert_eq!(app.sandbox.calls().picture - before.picture, 2, "the others wait for their turn");
        runner.abort();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a78_disconnecting_takes_the_profile_picture_along_and_connecting_again_brings_it_back() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        app.sandbox.set_posts(NORA, 0);
        let (mut member, link) = app.member_with_link().await;
        app.browser().connect(&link, NORA).await;
        app.run_jobs().await;
        let AccountView { id, picture, .. } = member.account(NORA).await;
        let first = picture.unwrap();
        assert_eq!(member.call("disconnect_account", &[("id", &id.to_string())]).await.status, 200);
        assert_eq!(member.get(&first).await.status, 404, "at once, whatever the job still has to do");
        let known = "SELECT COUNT(*) AS n FROM accounts WHERE picture_url IS NOT NULL OR picture_path IS NOT NULL \
                     OR picture_copied_at IS NOT NULL";
        assert_eq!(app.database.number(known).await, 0);
        app.run_jobs().await;
        assert_eq!(kept(&app), 0);
        app.browser().connect(&link, NORA).await;
        app.run_jobs().await;
        let second = member.account(NORA).await.picture.unwrap();
        assert_ne!(second, first);
        assert_eq!((member.get(&second).await.status, kept(&app)), (200, 1));
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a78_connected_again_without_a_picture_an_account_shows_none_and_the_old_one_is_deleted() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        app.sandbox.set_posts(NORA, 0);
        let (mut member, link) = app.member_with_link().await;
        app.browser().connect(&link, NORA).await;
        app.finish_tasks().await;
        app.run_jobs().await;
        let account = member.account(NORA).await.id;
        assert_eq!((shown(&mut member).await.is_some(), kept(&app)), (true, 1));
        let profile = Profile { picture_url: None, ..profile(&app, account).await };
        let (access, token) = app.access(account).await.unwrap();
        let token = LongLivedToken { token, expires_in: 60 * DAY };
        let organization = access.organization_id;
        let connection =
            Connection { organization, link: link.id, profile: &profile, token: &token, now: app.tools.now() };
        let mut tx = app.tools.db.begin().await.unwrap();
        assert_eq!(store(&app.tools, &mut tx, &connection).await.unwrap().account, account);
        tx.commit().await.unwrap();
        assert_eq!(shown(&mut member).await, None);
        let known = "SELECT COUNT(*) AS n FROM accounts WHERE picture_url IS NOT NULL OR picture_path IS NOT NULL";
        assert_eq!(app.database.number(known).await, 0);
        app.run_jobs().await;
        assert_eq!(kept(&app), 0);
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a78_what_a_copier_put_there_before_it_died_is_deleted_when_none_can_be_left() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        app.sandbox.set_posts(NORA, 0);
        let (mut member, account) = connected(&app, NORA).await;
        app.run_jobs().await;
        // Twice: the second time one look is still to come, and has to wait for the copiers of now.
        for _ in 0..2 {
            let page = member.call("disconnect_account", &[("id", &account.to_string())]).await;
            assert_eq!(page.status, 200, "{}", page.body);
            app.run_jobs().await;
            assert_eq!(kept(&app), 0);
            later(&app, LEASE / 2).await;
            let link = member.generate_link("").await;
            app.browser().connect(&link, NORA).await;
            app.finish_tasks().await;
            app.run_jobs().await;
            assert_eq!(kept(&app), 1);
        }
        let page = member.call("disconnect_account", &[("id", &account.to_string())]).await;
        assert_eq!(page.status, 200, "{}", page.body);
        app.run_jobs().await;
        later(&app, LEASE - Duration::from_secs(10)).await;
        app.tools.media.put_profile(account, app.tools.now(), vec![1]).await.unwrap();
        assert_eq!(kept(&app), 1);
        later(&app, Duration::from_secs(20)).await;
        assert_eq!(kept(&app), 0);
        let waiting = "SELECT COUNT(*) AS n FROM jobs WHERE kind = 'forget_posts'";
        assert_eq!(app.database.number(waiting).await, 0, "that was the last time");
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a78_a_picture_that_arrives_after_its_account_went_is_kept_nowhere() {
    const SLOW: Duration = Duration::from_millis(2_500);
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        app.sandbox.set_posts(NORA, 0);
        let (mut member, account) = connected(&app, NORA).await;
        let ms = u64::try_from(SLOW.as_millis()).unwrap();
        app.sandbox.script(Fault::once(Endpoint::Picture, FaultKind::Slow { ms }));
        let id = account.to_string();
        let arguments = [("id", id.as_str())];
        let disconnected = async {
            while app.sandbox.calls().picture == 0 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            let asked = Instant::now();
            let page = member.call("disconnect_account", &arguments).await;
            // What there is is deleted now. Nobody looks again before the picture is there.
            assert!(app.run_jobs().await >= 1);
            assert!(asked.elapsed() < SLOW / 2, "the picture is still on its way");
            page
        };
        let (_, page) = tokio::join!(app.run_jobs(), disconnected);
        assert_eq!(page.status, 200, "{}", page.body);
        app.run_jobs().await;
        assert_eq!((kept(&app), app.sandbox.calls().picture), (0, 1));
        assert_eq!(app.database.number("SELECT COUNT(*) AS n FROM jobs WHERE kind = 'copy_profile_picture'").await, 0);
        app.check_invariants().await;
    })
    .await;
}
