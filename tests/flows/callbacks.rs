//! What Instagram posts to us by itself: an owner removed the app, or wants everything deleted (A36, A78). Meta's servers
//! are no browsers: they send neither cookies nor where they come from. Other sites' posts from browsers are refused in
//! `doors::cross_site`.

use super::{
    collection::{connected, connected_elsewhere, later, view, without_pictures},
    posts::pictures_below,
};
use crate::support::{
    BASE_URL, Installation, Page,
    keeping_alive::{DAY, HOUR},
    on_each_database,
};
use axum::body::Body;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use grantlink::{
    accounts::model::AccountState,
    ids::PostId,
    instagram::{
        sandbox::{Person, people},
        signed_request::sign,
    },
    paths::{self, DATA_DELETION, DEAUTHORIZE},
    queue::LEASE,
    secret::{ExposeSecret, SecretString},
    token_death::TokenDeath,
};
use hmac::{Hmac, KeyInit, Mac};
use http::{Method, Request, header};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::Sha256;
use std::{collections::BTreeSet, time::Duration};

/// Signed rightly by the secret of another app, and long ago.
const VECTOR: &str = "OeHTQ5TPtbGHVkbghuQGstHpXUL4AA3gj8RroIXl5JU.\
    eyJhbGdvcml0aG0iOiJITUFDLVNIQTI1NiIsImlzc3VlZF9hdCI6MTc2NzIyNTYwMCwidXNlcl9pZCI6IjI3NjQwODc1MzkyMjc4ODMxIn0";

/// How the mail begins that tells of a lost account.
const RECONNECT: &str = "@studio.nora needs to be reconnected";

const URLENCODED: &str = "application/x-www-form-urlencoded";

/// The answer to a request for deletion, in the form Meta wants.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    url: String,
    confirmation_code: String,
}

/// Posts as Meta's servers do.
async fn post(app: &Installation, door: &str, content_type: &str, body: String) -> Page {
    let request = Request::builder()
        .method(Method::POST)
        .uri(door)
        .header(header::HOST, "127.0.0.1:3000")
        .header(header::CONTENT_TYPE, content_type);
    app.browser().send(request, Body::from(body)).await
}

async fn tell(app: &Installation, door: &str, signed_request: &str) -> Page {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("signed_request", signed_request);
    post(app, door, URLENCODED, form.finish()).await
}

fn nora() -> &'static Person {
    people().iter().find(|person| person.username == "studio.nora").unwrap()
}

/// Whatever it is, signed: not by the code under test.
fn signed(fields: &Value, secret: &SecretString) -> String {
    let payload = URL_SAFE_NO_PAD.encode(fields.to_string());
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(secret.expose_secret().as_bytes()).unwrap();
    mac.update(payload.as_bytes());
    format!("{}.{payload}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

/// Requests that Instagram did not sign, or not now.
fn forgeries(app: &Installation) -> Vec<String> {
    let (now, secret) = (app.tools.now(), &app.tools.callback_secret);
    let (seconds, id) = (now.as_micros() / 1_000_000, nora().app_scoped_id.to_string());
    let right = sign(&id, now, secret);
    let (signature, payload) = right.split_once('.').unwrap();
    let (first, rest) = right.split_at(1);
    let unsigned = json!({"algorithm": "none", "issued_at": seconds, "user_id": id});
    let over = json!({"algorithm": "HMAC-SHA256", "issued_at": seconds, "expires": seconds - 60, "user_id": id});
    let nobody = json!({"algorithm": "HMAC-SHA256", "issued_at": seconds});
    let no_id = json!({"algorithm": "HMAC-SHA256", "issued_at": seconds, "user_id": "1 OR 1=1"});
    let undated = json!({"algorithm": "HMAC-SHA256", "user_id": id});
    vec![
        String::new(),
        "x".into(),
        ".".into(),
        VECTOR.into(),
        format!("{}{rest}", if first == "A" { "B" } else { "A" }),
        format!(".{payload}"),
        format!("{}.{payload}", &signature[..20]),
        format!("{right}.x"),
        format!("{right}{}", "A".repeat(10_000)),
        sign(&id, now, &SecretString::from("the secret of another app".to_owned())),
        sign(&id, now, &SecretString::from(String::new())),
        signed(&unsigned, secret),
        format!(".{}", URL_SAFE_NO_PAD.encode(unsigned.to_string())),
        signed(&over, secret),
        signed(&nobody, secret),
        signed(&no_id, secret),
        signed(&undated, secret),
        sign(&id, now.minus(2 * DAY), secret),
        sign(&id, now.plus(HOUR), secret),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a36_what_instagram_did_not_sign_is_refused_and_changes_nothing() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        connected(&app, "studio.nora").await;
        let before = app.database.contents().await;
        let mut answers = BTreeSet::new();
        for door in [DEAUTHORIZE, DATA_DELETION] {
            for forged in forgeries(&app) {
                let page = tell(&app, door, &forged).await;
                assert_eq!(page.status, 400, "{door} {forged}: {}", page.body);
                page.assert_dressed(door);
                answers.insert(page.body);
            }
            for body in ["", "other=x", "signed_request", "signed_request=%00%ff"] {
                let page = post(&app, door, URLENCODED, body.to_owned()).await;
                assert_eq!(page.status, 400, "{door} {body}: {}", page.body);
                answers.insert(page.body);
            }
            let huge = format!("signed_request={}", "A".repeat(100_000));
            assert_eq!(post(&app, door, URLENCODED, huge).await.status, 413, "{door}");
            let right = sign(&nora().app_scoped_id.to_string(), app.tools.now(), &app.tools.callback_secret);
            let body = json!({ "signed_request": right }).to_string();
            assert_eq!(post(&app, door, "application/json", body).await.status, 415, "{door}");
            assert_eq!(app.browser().get(&format!("{door}?signed_request={right}")).await.status, 405, "{door}");
        }
        assert_eq!(answers.len(), 1, "the answer does not say what was wrong: {answers:?}");
        assert_eq!(app.database.contents().await, before);
        // The twin: the right one, padded as some write it.
        let right = sign(&nora().app_scoped_id.to_string(), app.tools.now(), &app.tools.callback_secret);
        assert_eq!(tell(&app, DEAUTHORIZE, &right.replace('.', "=.")).await.status, 200);
        assert_ne!(app.database.contents().await, before);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a36_an_owner_who_removes_the_app_ends_it_everywhere_at_once_and_each_member_is_told_once() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        without_pictures(&app);
        let (mut ann, anns) = connected(&app, "studio.nora").await;
        let (mut bob, bobs) = connected_elsewhere(&app, "studio.nora").await;
        let link = ann.generate_link("").await;
        app.browser().connect(&link, "cafe_lumen").await;
        app.finish_tasks().await;
        app.run_jobs().await;
        assert_eq!(app.count("posts").await, 7 + 7 + 30);

        let removed = app.sandbox.deauthorize("studio.nora");
        // Meta may tell it twice.
        for _ in 0..2 {
            let page = tell(&app, DEAUTHORIZE, &removed).await;
            assert_eq!((page.status, page.body.as_str()), (200, ""));
        }
        let dead = AccountState::NeedsReconnection { reason: TokenDeath::AppRemoved, mistaken_for: None };
        for (member, account) in [(&mut ann, anns), (&mut bob, bobs)] {
            let view = view(member, account).await;
            assert_eq!((view.account.state, view.access, view.collection.next_at), (dead.clone(), None, None));
            assert_eq!(view.collection.posts, 7, "what was collected is kept");
            for path in [paths::ACCOUNTS.to_owned(), paths::account(account)] {
                let page = member.get(&path).await;
                assert!(page.says("Disconnected by the client"), "{path}: {}", page.text());
            }
        }
        let living = "SELECT COUNT(*) AS n FROM accounts WHERE token_sealed IS NOT NULL";
        assert_eq!(app.database.number(living).await, 1, "that of @cafe_lumen alone");
        let lost = "SELECT COUNT(*) AS n FROM audit_events WHERE action = 'client.revoked'";
        assert_eq!(app.database.number(lost).await, 2);

        app.run_jobs().await;
        assert_eq!(tell(&app, DEAUTHORIZE, &removed).await.status, 200);
        let before = app.sandbox.calls().media;
        later(&app, 2 * HOUR).await;
        assert_eq!(app.sandbox.calls().media, before + 1, "only @cafe_lumen is collected");
        let mails = app.mails().into_iter().filter(|mail| mail.subject.starts_with(RECONNECT));
        let mut told: Vec<String> = mails.map(|mail| mail.to).collect();
        told.sort();
        assert_eq!(told, ["ann@agency.example", "bob@other.example"]);
        assert_eq!(app.database.number(lost).await, 2);
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a36_nobody_learns_from_an_answer_which_accounts_there_are() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        without_pictures(&app);
        connected(&app, "studio.nora").await;
        app.run_jobs().await;
        let about = |id: &str| sign(id, app.tools.now(), &app.tools.callback_secret);
        let outline = |page: &Page| {
            let headers: BTreeSet<String> = page.headers.keys().map(ToString::to_string).collect();
            let body: String = page.body.chars().map(|c| if c.is_ascii_hexdigit() { '0' } else { c }).collect();
            (page.status, headers, body)
        };
        let mut codes = Vec::new();
        for door in [DEAUTHORIZE, DATA_DELETION] {
            let known = tell(&app, door, &about(&nora().app_scoped_id.to_string())).await;
            let unknown = tell(&app, door, &about("27640875392270000")).await;
            assert_eq!(known.status, 200, "{door}");
            assert_eq!(outline(&known), outline(&unknown), "{door}");
            if door == DATA_DELETION {
                codes.extend([known, unknown].map(|page| page.json::<Answer>().confirmation_code));
            }
        }
        for code in codes {
            let page = app.browser().get(&paths::deletion(&code)).await;
            assert!(page.status == 200 && page.says("Your data is deleted"), "{} {}", page.status, page.text());
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a36_only_the_id_towards_our_app_names_an_account() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut member, account) = connected(&app, "studio.nora").await;
        // Under the other one it is known to everybody.
        let other = sign(&nora().instagram_id.to_string(), app.tools.now(), &app.tools.callback_secret);
        for door in [DEAUTHORIZE, DATA_DELETION] {
            assert_eq!(tell(&app, door, &other).await.status, 200, "{door}");
        }
        assert!(matches!(view(&mut member, account).await.account.state, AccountState::Active { .. }));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a36_a78_a_request_for_deletion_takes_everything_along_and_a_page_says_that_it_is_done() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        app.sandbox.set_posts("studio.nora", 2);
        let (mut ann, anns) = connected(&app, "studio.nora").await;
        let (mut bob, bobs) = connected_elsewhere(&app, "studio.nora").await;
        app.run_jobs().await;
        assert_eq!((app.count("posts").await, pictures_below(app.database.folder())), (4, 4 + 2));
        // A link that is bound to the account: it died, and Ann asks for it again.
        assert_eq!(tell(&app, DEAUTHORIZE, &app.sandbox.deauthorize("studio.nora")).await.status, 200);
        let request = ann.ask_to_reconnect(anns).await;
        let link = request.url.strip_prefix(BASE_URL).unwrap();
        assert_eq!(app.browser().get(link).await.status, 200);

        let wish = app.sandbox.deletion_request("studio.nora");
        let page = tell(&app, DATA_DELETION, &wish).await;
        assert_eq!(page.status, 200, "{}", page.body);
        assert_eq!(page.header("content-type"), Some("application/json"));
        let answer: Answer = page.json();
        assert_eq!(answer.url, format!("{BASE_URL}{}", paths::deletion(&answer.confirmation_code)));
        // At once: the rows, and with them the access and the posts, in both organizations.
        for table in ["accounts", "posts", "collections"] {
            assert_eq!(app.count(table).await, 0, "{table}");
        }
        for (member, account) in [(&mut ann, anns), (&mut bob, bobs)] {
            assert_eq!(member.get(&paths::account(account)).await.status, 404);
            assert!(member.accounts().await.accounts.is_empty());
        }
        // The link leads to no account any more, and must not lead to any other.
        assert_eq!(app.browser().get(link).await.status, 410);
        assert_eq!(app.browser().post(link, &[]).await.status, 410);
        app.run_jobs().await;
        assert_eq!(pictures_below(app.database.folder()), 0);
        // What is left when a server dies that had looked at an account before it went, and put a picture there after.
        let (now, post) = (app.tools.now(), PostId::generate(app.tools.now(), &app.tools.randomness));
        app.tools.media.put_profile(anns, now, vec![1]).await.unwrap();
        app.tools.media.put(bobs, post, vec![1]).await.unwrap();
        assert_eq!(pictures_below(app.database.folder()), 2);
        later(&app, LEASE).await;
        assert_eq!((pictures_below(app.database.folder()), app.count("jobs").await), (0, 0));
        assert_eq!(app.mails_saying(RECONNECT), 0, "nobody is asked to mend what is gone");
        let ids = [nora().instagram_id, nora().app_scoped_id].map(|id| id.to_string());
        for row in app.database.contents().await.into_values().flatten() {
            assert!(!ids.iter().any(|id| row.contains(id)), "{row}");
        }
        // Told again, in whatever spelling, it was done already; asked for again later, it is another request.
        for same in [wish.clone(), wish.replace('.', "=.")] {
            let told: Answer = tell(&app, DATA_DELETION, &same).await.json();
            assert_eq!((told.confirmation_code, told.url), (answer.confirmation_code.clone(), answer.url.clone()));
        }
        app.tools.clock.advance(Duration::from_secs(2));
        let again: Answer = tell(&app, DATA_DELETION, &app.sandbox.deletion_request("studio.nora")).await.json();
        assert_ne!(again.confirmation_code, answer.confirmation_code);
        assert_eq!(app.count("deletions").await, 2);
        for code in [&answer.confirmation_code, &again.confirmation_code] {
            let page = app.browser().get(&paths::deletion(code)).await;
            assert!(page.status == 200 && page.says("Your data is deleted"), "{} {}", page.status, page.text());
            assert!(!page.says("nora"), "the page names nobody: {}", page.text());
            assert_eq!(page.header("x-robots-tag"), Some("noindex, nofollow"));
        }
        for unknown in ["0".repeat(32).as_str(), "x", &answer.confirmation_code[1..]] {
            assert_eq!(app.browser().get(&paths::deletion(unknown)).await.status, 404, "{unknown}");
        }
        app.database.check_integrity().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a36_whose_data_was_deleted_can_connect_again_and_begins_anew() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        without_pictures(&app);
        let (mut member, link) = app.member_with_link().await;
        app.browser().connect(&link, "studio.nora").await;
        app.finish_tasks().await;
        let first = member.accounts().await.accounts[0].id;
        app.run_jobs().await;
        assert_eq!(tell(&app, DATA_DELETION, &app.sandbox.deletion_request("studio.nora")).await.status, 200);
        app.run_jobs().await;
        assert!(app.browser().connect(&link, "studio.nora").await.says("@studio.nora is connected"));
        app.finish_tasks().await;
        app.run_jobs().await;
        let second = member.accounts().await.accounts[0].id;
        assert_ne!(first, second);
        assert_eq!(view(&mut member, second).await.collection.posts, 7);
    })
    .await;
}
