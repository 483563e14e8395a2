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
    accounts::{self, model::AccountView},
    ids::AccountId,
    instagram::{
        Profile,
        sandbox::{Endpoint, Fault, FaultKind},
    },
    live::{Change, News},
    paths,
    timestamp::Timestamp,
};
use std::{path::PathBuf, time::Duration};

const NORA: &str = "studio.nora";

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
        assert_eq!(picture.header("cache-control"), Some("private, max-age=604800, immutable"));
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
async fn a78_a_picture_that_arrives_after_its_account_went_is_kept_nowhere() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        app.sandbox.set_posts(NORA, 0);
        let (mut member, account) = connected(&app, NORA).await;
        app.sandbox.script(Fault::once(Endpoint::Picture, FaultKind::Slow { ms: 600 }));
        let id = account.to_string();
        let arguments = [("id", id.as_str())];
        let disconnected = async {
            while app.sandbox.calls().picture == 0 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            member.call("disconnect_account", &arguments).await
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
