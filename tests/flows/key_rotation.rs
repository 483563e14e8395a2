//! Another key in the place of the one that seals (A72, F44): everything can be read at every instant, a change of keys
//! that was killed goes on where it was, and the old key goes when nothing needs it.

#[cfg(feature = "failpoints")]
use crate::support::child::{Finished, Server};
use crate::support::{
    FIRST_KEY, Installation, on_each_database,
    signing_in::{ANN, PASSWORD, code},
};
#[cfg(feature = "failpoints")]
use grantlink::db::Db;
use grantlink::{
    clock::Randomness,
    db::resealing::{Walk, count, reseal},
    organizations::model::Role,
    secret::{KeyRing, SecretString},
};
#[cfg(feature = "failpoints")]
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const SECOND_KEY: &str = "k2:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";

async fn needed(app: &Installation, key: &str) -> u64 {
    let mut conn = app.database.db.read().await.unwrap();
    u64::try_from(count(&mut conn, key).await.unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a72_whatever_is_sealed_is_sealed_anew_and_opens_with_the_new_key_alone() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut ann, link) = app.member_with_link().await;
        assert!(app.browser().connect(&link, "studio.nora").await.says("is connected"));
        app.confirm_own_address(&mut ann).await;
        let invitation = ann.invite("ben@other.example", Role::Member).await;
        let invited = app.invitation_path(invitation.id).await;
        let (secret, _) = ann.turns_two_factor_on(&app).await;
        let account = ann.accounts().await.accounts[0].id;
        let sealed = needed(&app, "k1").await;
        assert!(sealed >= 4, "an account, an invitation, a link and a second step, and not {sealed}");

        app.set_keys(&[SECOND_KEY, FIRST_KEY]);
        let both = KeyRing::parse(&format!("{SECOND_KEY},{FIRST_KEY}")).unwrap();
        let walk = reseal(&app.tools.db, &both, &Randomness).await.unwrap();
        assert_eq!(walk, Walk { resealed: sealed, ..Walk::default() });
        assert_eq!((needed(&app, "k1").await, needed(&app, "k2").await), (0, sealed));
        assert_eq!(reseal(&app.tools.db, &both, &Randomness).await.unwrap(), Walk::default(), "there is nothing left");

        // This server heard of the new key from what it sealed.
        assert_eq!(app.tools.keys.ids(), ["k1"]);
        assert_eq!(ann.links().await.links[0].url, link.url);
        assert_eq!(app.tools.keys.ids(), ["k2", "k1"]);
        app.set_keys(&[SECOND_KEY]);
        assert_eq!(app.tools.keys.refresh(), Ok(true));
        assert_eq!(app.tools.keys.ids(), ["k2"]);

        assert_eq!(ann.links().await.links[0].url, link.url);
        assert_eq!(app.invitation_path(invitation.id).await, invited);
        assert!(app.token(account).await.is_some());
        app.tools.clock.advance(Duration::from_secs(30));
        let mut browser = app.browser();
        assert_eq!(browser.tries_to_sign_in(ANN, PASSWORD).await.location.as_deref(), Some("/sign-in/two-factor"));
        let entered = browser.post("/sign-in/two-factor", &[("code", &code(&secret, app.tools.now()))]).await;
        assert_eq!((entered.status, entered.location.as_deref()), (303, Some("/accounts")), "{}", entered.text());
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a72_a_second_step_that_is_being_set_up_can_be_finished_after_its_secret_was_sealed_anew() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut ann = app.member("Bright & Bold", ANN).await;
        ann.changes("start_two_factor", &[("two_factor_password", PASSWORD)], "two_factor_started").await;
        let page = ann.get("/you").await;
        let (_, rest) = page.body.split_once("you-secret\">").expect("the key is shown");
        let secret: String = rest.split('<').next().unwrap().chars().filter(|c| *c != ' ').collect();
        let secret = SecretString::from(secret);
        app.set_keys(&[SECOND_KEY, FIRST_KEY]);
        let both = KeyRing::parse(&format!("{SECOND_KEY},{FIRST_KEY}")).unwrap();
        assert_eq!(reseal(&app.tools.db, &both, &Randomness).await.unwrap().resealed, 1);
        let now = code(&secret, app.tools.now());
        let page = ann.change("confirm_two_factor", &[("code", &now)]).await;
        assert!(page.status < 400, "{}", page.text());
        assert_eq!(app.database.number("SELECT COUNT(*) AS n FROM two_factors WHERE confirmed_at > 0").await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_key_opens_is_left_as_it_is_and_counted() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        app.member_with_link().await;
        let before = app.database.contents().await;
        let stranger = KeyRing::parse(SECOND_KEY).unwrap();
        let walk = reseal(&app.tools.db, &stranger, &Randomness).await.unwrap();
        assert_eq!(walk, Walk { unreadable: needed(&app, "k1").await, ..Walk::default() });
        assert!(walk.unreadable > 0);
        assert!(app.database.contents().await == before, "the database is left as it was");
    })
    .await;
}

#[cfg(feature = "failpoints")]
async fn needed_on(db: &Db, key: &str) -> i64 {
    count(&mut db.read().await.unwrap(), key).await.unwrap()
}

/// Runs `grantlink keys …` beside a server.
#[cfg(feature = "failpoints")]
async fn keys(server: &Server, failpoint: &str, arguments: &[&str]) -> Finished {
    let mut all = vec!["keys"];
    all.extend_from_slice(arguments);
    server.operate(failpoint, &[], &all).await
}

#[cfg(feature = "failpoints")]
#[tokio::test(flavor = "multi_thread")]
async fn a72_f44_the_key_is_changed_while_requests_run_and_none_of_them_fails() {
    on_each_database(async |kind| {
        let mut server = Server::start(kind, "").await;
        let (mut ann, link) = server.member_with_link().await;
        let mut links = Vec::new();
        for number in 0..20 {
            links.push(ann.generate_link(&format!("Client {number}")).await);
        }
        assert!(server.browser().connect(&link, "studio.nora").await.says("is connected"));
        let has_ended = AtomicBool::new(false);
        let rotating = async {
            let rotated = keys(&server, "", &["rotate"]).await;
            has_ended.store(true, Ordering::SeqCst);
            rotated
        };
        // Each of these fails the test when one request of it fails.
        let reading = async {
            let mut reader = ann.clone();
            let mut rounds = 0;
            while !has_ended.load(Ordering::SeqCst) {
                let seen = reader.links().await.links;
                assert!(seen.iter().any(|seen| seen.url == link.url));
                rounds += 1;
            }
            rounds
        };
        let writing = async {
            let mut writer = ann.clone();
            let mut rounds = 0;
            while !has_ended.load(Ordering::SeqCst) {
                let made = writer.generate_link("Meanwhile").await;
                assert_eq!(writer.revoke_link(&made).await.status, 200);
                rounds += 1;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            rounds
        };
        let connecting = async {
            for link in links.iter().take(6) {
                let page = server.browser().connect(link, "studio.nora").await;
                assert!(page.says("is connected"), "{}", page.text());
                tokio::time::sleep(Duration::from_millis(400)).await;
            }
        };
        let (rotated, read, written, ()) = tokio::join!(rotating, reading, writing, connecting);
        assert_eq!(rotated.code, Some(0), "{rotated:?}");
        assert!(read > 5 && written > 5, "{read} and {written} rounds are no proof");
        let (id, resealed) = rotated.result.trim().split_once('\t').expect("id and number");
        assert_eq!(id, "k2");
        assert!(resealed.parse::<u32>().unwrap() >= 22, "{rotated:?}");
        assert!(rotated.said.contains("grantlink keys remove k1"), "{rotated:?}");
        assert_eq!(needed_on(&server.database.db, "k1").await, 0);

        let listed = keys(&server, "", &["list"]).await;
        let sealed = needed_on(&server.database.db, "k2").await;
        assert_eq!(listed.result, format!("k2\tseals\t{sealed}\nk1\topens\t0\n"));
        let listed: serde_json::Value =
            serde_json::from_str(&keys(&server, "", &["list", "--json"]).await.result).unwrap();
        assert_eq!(listed[1], serde_json::json!({ "id": "k1", "state": "opens", "values": 0 }));

        let refused = keys(&server, "", &["remove", "k2"]).await;
        assert!(refused.code == Some(1) && refused.said.contains("the one that seals"), "{refused:?}");
        assert!(keys(&server, "", &["remove", "k9"]).await.said.contains("there is no key 'k9'"));
        assert_eq!(keys(&server, "", &["remove", "k1"]).await.code, Some(0));
        let ring = std::fs::read_to_string(server.database.folder().join("data/keys")).unwrap();
        assert!(ring.starts_with("k2:") && !ring.contains("k1:"), "k1 is gone from the file");
        for restarted in [false, true] {
            if restarted {
                server.kill();
                server.restart().await;
                server.adopt(&mut ann);
            }
            let seen = ann.links().await.links;
            assert!(seen.iter().any(|seen| seen.url == link.url), "restarted: {restarted}");
            assert!(server.browser().connect(&link, "studio.nora").await.says("is connected"));
        }
        server.database.check_invariants().await;
    })
    .await;
}

#[cfg(feature = "failpoints")]
#[tokio::test(flavor = "multi_thread")]
async fn a72_a_change_of_keys_that_is_killed_midway_goes_on_where_it_was() {
    on_each_database(async |kind| {
        let mut server = Server::start(kind, "").await;
        let (mut ann, link) = server.member_with_link().await;
        for number in 0..12 {
            ann.generate_link(&format!("Client {number}")).await;
        }
        let killed = keys(&server, "keys::before_reseal=5*off->return(kill)", &["rotate"]).await;
        assert_eq!(killed.code, None, "{killed:?}");
        let db = server.database.db.clone();
        assert_eq!(needed_on(&db, "k2").await, 5);
        assert_eq!(needed_on(&db, "k1").await, 8);
        // Everything can be read, by this server and by one that starts now; and the old key stays.
        assert!(ann.links().await.links.iter().any(|seen| seen.url == link.url));
        let refused = keys(&server, "", &["remove", "k1"]).await;
        assert!(refused.code == Some(1) && refused.said.contains("8 values still need the key 'k1'"), "{refused:?}");
        server.kill();
        server.restart().await;
        server.adopt(&mut ann);
        assert_eq!(ann.links().await.links.len(), 13);
        assert!(server.browser().connect(&link, "studio.nora").await.says("is connected"));

        let finished = keys(&server, "", &["rotate"]).await;
        assert_eq!((finished.code, finished.result.as_str()), (Some(0), "k2\t8\n"), "{finished:?}");
        assert_eq!(needed_on(&db, "k1").await, 0);
        // From a whole ring on, it is another change.
        let next = keys(&server, "", &["rotate"]).await;
        assert_eq!((next.code, next.result.as_str()), (Some(0), "k3\t14\n"), "{next:?}");
        for old in ["k1", "k2"] {
            assert_eq!(keys(&server, "", &["remove", old]).await.code, Some(0));
        }
        assert_eq!(ann.links().await.links.len(), 13);
        server.database.check_invariants().await;
    })
    .await;
}

#[cfg(feature = "failpoints")]
#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_a_setting_is_changed_by_the_operator_and_the_command_does_the_rest() {
    on_each_database(async |kind| {
        let server = Server::start_with(kind, "", &[("GRANTLINK_KEYS", FIRST_KEY)]).await;
        let (_, link) = server.member_with_link().await;
        let refused = keys(&server, "", &["rotate"]).await;
        assert!(refused.code == Some(1) && refused.said.contains("GRANTLINK_KEYS"), "{refused:?}");
        assert!(!refused.said.contains(FIRST_KEY), "no key is printed");
        let both = format!("{SECOND_KEY},{FIRST_KEY}");
        let ring = [("GRANTLINK_KEYS", both.as_str())];
        let rotated = server.operate("", &ring, &["keys", "rotate"]).await;
        assert_eq!((rotated.code, rotated.result.as_str()), (Some(0), "k2\t1\n"), "{rotated:?}");
        let again = server.operate("", &ring, &["keys", "rotate"]).await;
        assert_eq!((again.code, again.result.as_str()), (Some(0), "k2\t0\n"), "{again:?}");
        // It may be taken out of the setting first: nothing starts without it, and this does.
        let alone = [("GRANTLINK_KEYS", SECOND_KEY)];
        let early = server.operate("", &alone, &["keys", "list"]).await;
        assert!(early.code == Some(1) && early.said.contains("grantlink keys remove k1"), "{early:?}");
        assert_eq!(server.operate("", &alone, &["keys", "remove", "k1"]).await.code, Some(0));
        let listed = server.operate("", &alone, &["keys", "list"]).await;
        assert_eq!((listed.code, listed.result.as_str()), (Some(0), "k2\tseals\t1\n"), "{listed:?}");
        assert!(!link.url.is_empty());
    })
    .await;
}
