//! What `grantlink doctor` says of configurations that are broken, one way each: what is wrong, and how to mend it
//! (U35, A90). A whole one has nothing to mend, and nothing that was looked at is changed.

use crate::support::{Installation, Kind, instagram, smtp::SmtpPeer};
use axum::{
    Router,
    http::{StatusCode, header},
    routing::get,
};
use grantlink::{
    clock::{Clock, Randomness},
    db::key_check,
    organizations::model::Role,
    server::{
        checks::{self, Check, Means, Outcome},
        config::{Config, SANDBOX_APP_ID},
    },
};
use std::{fs, os::unix::fs::PermissionsExt, path::Path, process::Command, time::Duration};
use tempfile::TempDir;

const KEY: &str = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const OTHER_KEY: &str = "k1:HxwdHhsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA=";
/// Stands in settings below and must stand in nothing that is said.
const SECRET: &str = "hunter2";

/// Settings, by name.
type Settings = Vec<(&'static str, String)>;

/// Settings that leave everything to the defaults, in a folder of their own.
fn plain() -> (TempDir, Settings) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data").to_str().unwrap().to_owned();
    (folder, vec![("DATA_DIR", data)])
}

async fn examine(settings: &[(&'static str, String)]) -> Vec<Check> {
    examine_at(settings, &Clock::default(), Some("ann@agency.example")).await
}

async fn examine_at(settings: &[(&'static str, String)], clock: &Clock, mail_to: Option<&str>) -> Vec<Check> {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    // The last word counts, so that a test says only what is different.
    let config = Config::read(&|name| settings.iter().rev().find(|(n, _)| *n == name).map(|(_, value)| value.clone()));
    let checks = checks::run(&config, &Means { clock, randomness: &Randomness, mail_to }).await;
    let said = serde_json::to_string(&checks).unwrap();
    assert!(!said.contains(SECRET), "{said}");
    checks
}

fn of<'a>(checks: &'a [Check], name: &str) -> &'a Check {
    checks.iter().find(|check| check.name == name).unwrap_or_else(|| panic!("nothing is said about {name}: {checks:?}"))
}

/// It fails, and the remedy is named.
#[track_caller]
fn assert_mends(checks: &[Check], name: &str, remedy: &str) {
    let check = of(checks, name);
    assert_eq!(check.outcome, Outcome::Failed, "{check:?}");
    assert!(check.remedy.as_deref().unwrap_or_default().contains(remedy), "{remedy}: {check:?}");
}

/// Serves this until the test ends; its port.
async fn serve(router: Router) -> u16 {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move { axum::serve(listener, router).await });
    port
}

/// An app at a sandbox that serves by itself, as if it were Instagram.
async fn app_at_the_sandbox() -> Settings {
    let sandbox = instagram::serve(&Clock::default()).await;
    let app = sandbox.app("http://127.0.0.1:3000/oauth/instagram/callback");
    vec![
        ("INSTAGRAM_APP_ID", SANDBOX_APP_ID.to_owned()),
        ("INSTAGRAM_APP_SECRET", "sandbox-secret".to_owned()),
        ("INSTAGRAM_TOKEN_URL", app.token_url.to_string()),
        ("INSTAGRAM_GRAPH_URL", app.graph_url.to_string()),
    ]
}

/// An app, and what answers in Instagram's place.
fn app_at(port: u16) -> Settings {
    vec![
        ("INSTAGRAM_APP_ID", "123".to_owned()),
        ("INSTAGRAM_APP_SECRET", SECRET.to_owned()),
        ("INSTAGRAM_TOKEN_URL", format!("http://127.0.0.1:{port}/oauth/access_token")),
        ("INSTAGRAM_GRAPH_URL", format!("http://127.0.0.1:{port}/")),
    ]
}

/// A database that was written with [`KEY`], and settings that lead to it but not to the key.
async fn written_database() -> (Installation, TempDir, Settings) {
    let app = Installation::new(Kind::Sqlite).await;
    key_check::check(&app.tools.db, &app.keys, &Randomness).await.unwrap().unwrap();
    let (folder, mut settings) = plain();
    settings.push(("DATABASE_URL", format!("sqlite:{}", app.database.file().unwrap().display())));
    (app, folder, settings)
}

#[tokio::test(flavor = "multi_thread")]
async fn u35_settings_that_production_refuses_are_named_with_their_remedy() {
    let real = [("INSTAGRAM_APP_ID", "1".to_owned()), ("INSTAGRAM_APP_SECRET", SECRET.to_owned())];
    // One: the world reads what goes over plain http.
    let (_folder, mut settings) = plain();
    settings.extend(real.clone());
    settings.push(("BASE_URL", "http://connect.agency.example".into()));
    assert_mends(&examine(&settings).await, "settings", "https://");
    // Two: there is no app.
    let (_folder, mut settings) = plain();
    settings.push(("BASE_URL", "https://connect.agency.example".into()));
    assert_mends(&examine(&settings).await, "settings", "docs/instagram-app.md");
    // Three: a word that is none of those there are.
    let (_folder, mut settings) = plain();
    settings.push(("SIGNUP", "nobody".into()));
    assert_mends(&examine(&settings).await, "settings", "open or invite");
    // Four: mail is asked for, and whom it is from is not said.
    let (_folder, mut settings) = plain();
    settings.push(("SMTP_URL", format!("smtps://ann:{SECRET}@mail.example")));
    assert_mends(&examine(&settings).await, "settings", "Set it to an address");
}

#[tokio::test(flavor = "multi_thread")]
async fn u35_a_database_that_cannot_be_used_is_named_with_its_remedy() {
    // Five: it cannot be where it is said to be.
    let (folder, mut settings) = plain();
    let letter = folder.path().join("letter");
    fs::write(&letter, "Dear Ann").unwrap();
    settings.push(("DATABASE_URL", format!("sqlite:{}/grantlink.db", letter.display())));
    assert_mends(&examine(&settings).await, "database", "Set DATABASE_URL");
    // Six: it is damaged.
    let (folder, mut settings) = plain();
    let damaged = folder.path().join("damaged.db");
    fs::write(&damaged, "This was a database once. ".repeat(100)).unwrap();
    settings.push(("DATABASE_URL", format!("sqlite:{}", damaged.display())));
    assert_mends(&examine(&settings).await, "database", "grantlink restore");
    // Seven: no PostgreSQL answers.
    let (_folder, mut settings) = plain();
    settings.push(("DATABASE_URL", format!("postgres://ann:{SECRET}@127.0.0.1:1/grantlink")));
    settings.push(("GRANTLINK_KEYS", KEY.into()));
    assert_mends(&examine(&settings).await, "database", "user, password, host and name in DATABASE_URL");
    // Eight: a newer program wrote it.
    let (app, _folder, mut settings) = written_database().await;
    settings.push(("GRANTLINK_KEYS", KEY.into()));
    let newer = "INSERT INTO __diesel_schema_migrations (version, run_on) VALUES ('20991231000000', CURRENT_TIMESTAMP)";
    app.database.execute(newer).await.unwrap();
    assert_mends(&examine(&settings).await, "database", "install that one");
    // Nine: others can read it (A90).
    let (app, _folder, mut settings) = written_database().await;
    settings.push(("GRANTLINK_KEYS", KEY.into()));
    let file = app.database.file().unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    assert_mends(&examine(&settings).await, "database", "chmod 600");
}

#[tokio::test(flavor = "multi_thread")]
async fn u35_a73_keys_that_do_not_fit_are_named_with_their_remedy() {
    // Ten: they are gone, and none is made in their place.
    let (_app, folder, mut settings) = written_database().await;
    assert_mends(&examine(&settings).await, "keys", "restore it from the backup");
    assert!(!folder.path().join("data").exists(), "nothing was made");
    // Eleven: they are others.
    settings.push(("GRANTLINK_KEYS", OTHER_KEY.into()));
    assert_mends(&examine(&settings).await, "keys", "GRANTLINK_KEYS from the backup");
    settings.push(("GRANTLINK_KEYS", KEY.into()));
    let checks = examine(&settings).await;
    assert_eq!(
        (of(&checks, "keys").outcome, of(&checks, "database").outcome),
        (Outcome::Ok, Outcome::Ok),
        "{checks:?}"
    );
    // Twelve: others can read them (A90).
    let (folder, settings) = plain();
    let data = folder.path().join("data");
    fs::create_dir(&data).unwrap();
    fs::write(data.join("keys"), KEY).unwrap();
    fs::set_permissions(data.join("keys"), fs::Permissions::from_mode(0o644)).unwrap();
    assert_mends(&examine(&settings).await, "keys", "chmod 600");
}

#[tokio::test(flavor = "multi_thread")]
async fn u35_a_mail_server_that_takes_no_mail_is_named_with_its_remedy() {
    let from = ("MAIL_FROM", "Grantlink <mail@connect.example>".to_owned());
    // Thirteen: nobody listens there.
    let (_folder, mut settings) = plain();
    settings.extend([from.clone(), ("SMTP_URL", "smtp://127.0.0.1:1".into())]);
    assert_mends(&examine(&settings).await, "mail", "host and port");
    // Fourteen: the password is another one.
    let peer = SmtpPeer::start_with_login("ann:secret");
    settings.push(("SMTP_URL", format!("smtp://ann:{SECRET}@{}", peer.address())));
    assert_mends(&examine(&settings).await, "mail", "user and password");
    assert!(peer.messages().is_empty());
    // The right one: a message arrives, and nobody is sent one unasked.
    settings.push(("SMTP_URL", format!("smtp://ann:secret@{}", peer.address())));
    let unasked = examine_at(&settings, &Clock::default(), None).await;
    assert_eq!(of(&unasked, "mail").outcome, Outcome::Warning);
    let checks = examine(&settings).await;
    assert_eq!(of(&checks, "mail").outcome, Outcome::Ok, "{checks:?}");
    let mails = peer.wait_for(1).await;
    assert_eq!((mails.len(), mails[0].recipients[0].as_str()), (1, "ann@agency.example"));
    assert!(mails[0].header("Subject").contains("test message"));
}

#[tokio::test(flavor = "multi_thread")]
async fn u35_an_app_that_instagram_does_not_take_is_named_with_its_remedy() {
    let (_folder, plain) = plain();
    let with = |more: Settings| plain.iter().cloned().chain(more).collect::<Settings>();
    let app = app_at_the_sandbox().await;
    let and = |name: &'static str, value: &str| with(app.iter().cloned().chain([(name, value.to_owned())]).collect());
    assert_eq!(of(&examine(&with(app.clone())).await, "Instagram").outcome, Outcome::Ok);
    // Fifteen and sixteen: another app's id, another secret.
    assert_mends(&examine(&and("INSTAGRAM_APP_ID", "123")).await, "Instagram", "Instagram app ID");
    assert_mends(&examine(&and("INSTAGRAM_APP_SECRET", SECRET)).await, "Instagram", "INSTAGRAM_APP_SECRET");
    // Seventeen: the redirect URI is not the registered one, by what Instagram says of it.
    let refusal = r#"{"error_type": "OAuthException", "code": 400, "error_message": "Error validating verification code.
        Please make sure your redirect_uri is identical to the one you used in the OAuth dialog request"}"#;
    let refusal = refusal.replace("\n        ", " ");
    let refusing = move || {
        let refusal = refusal.clone();
        async move { (StatusCode::BAD_REQUEST, refusal) }
    };
    let port = serve(Router::new().fallback(refusing)).await;
    let checks = examine(&with(app_at(port))).await;
    assert_mends(&checks, "Instagram", "http://127.0.0.1:3000/oauth/instagram/callback");
    // Eighteen: nobody is there.
    assert_mends(&examine(&with(app_at(1))).await, "Instagram", "over HTTPS");
}

#[tokio::test(flavor = "multi_thread")]
async fn u35_a_wrong_clock_and_an_address_that_leads_elsewhere_are_named_with_their_remedy() {
    // Nineteen: the clock is an hour ahead.
    let (_folder, mut settings) = plain();
    settings.extend(app_at_the_sandbox().await);
    let clock = Clock::default();
    assert_eq!(of(&examine_at(&settings, &clock, None).await, "clock").outcome, Outcome::Ok);
    clock.advance(Duration::from_secs(3_600));
    assert_mends(&examine_at(&settings, &clock, None).await, "clock", "set-ntp");
    // Twenty: somebody else answers at the address.
    let port = serve(Router::new().fallback(async || "Welcome to nginx!")).await;
    settings.push(("BASE_URL", format!("http://127.0.0.1:{port}")));
    assert_mends(&examine(&settings).await, "address", "LEPTOS_SITE_ADDR");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_installation_has_nothing_to_mend_and_a_new_one_is_left_as_it_is() {
    let (app, _folder, mut settings) = written_database().await;
    let peer = SmtpPeer::start("accept");
    let port = serve(Router::new().route("/healthz", get(async || "ok\n"))).await;
    settings.extend(app_at_the_sandbox().await);
    settings.extend([
        ("GRANTLINK_KEYS", KEY.to_owned()),
        ("BASE_URL", format!("http://127.0.0.1:{port}")),
        ("SMTP_URL", format!("smtp://{}", peer.address())),
        ("MAIL_FROM", "Grantlink <mail@connect.example>".to_owned()),
        ("SUPPORT_EMAIL", "help@connect.example".to_owned()),
    ]);
    let before = app.database.contents().await;
    let checks = examine(&settings).await;
    for check in checks.iter().filter(|check| check.name != "settings") {
        assert_eq!((check.outcome, &check.remedy), (Outcome::Ok, &None), "{check:?}");
    }
    assert_eq!(of(&checks, "settings").outcome, Outcome::Warning, "it is for this machine alone: {checks:?}");
    assert_eq!(app.database.contents().await, before);

    let (folder, mut settings) = plain();
    settings.push(("BASE_URL", "http://127.0.0.1:1".into()));
    let checks = examine(&settings).await;
    assert!(checks.iter().all(|check| check.outcome != Outcome::Failed), "{checks:?}");
    assert!(!folder.path().join("data").exists(), "nothing is made");
}

#[tokio::test(flavor = "multi_thread")]
async fn u35_the_owner_of_the_first_organization_has_a_checklist_with_buttons_and_nobody_else_has() {
    let peer = SmtpPeer::start("accept");
    let relay = format!("smtp://{}", peer.address());
    let settings = [("SMTP_URL", relay.as_str()), ("MAIL_FROM", "Grantlink <mail@connect.example>")];
    let app = Installation::with_settings(Kind::Sqlite, &settings).await;
    let mut ann = app.member("Bright & Bold", "ann@agency.example").await;
    let mut olga = app.member("Elsewhere", "olga@elsewhere.example").await;
    let mut ben = app.colleague(&mut ann, "ben@agency.example", Role::Admin).await;

    let before = app.database.contents().await;
    let page = ann.get("/checklist").await;
    assert_eq!(page.status, 200, "{}", page.text());
    for words in ["Set INSTAGRAM_APP_ID", "Set SUPPORT_EMAIL", "Send a test message", "Compare the clock"] {
        assert!(page.says(words), "{words}: {}", page.text());
    }
    assert!(!page.says("Ask Instagram"), "there is none to be asked: {}", page.text());
    assert!(peer.messages().is_empty(), "nobody is sent a message by looking");
    let page = ann.post("/checklist", &[("check", "mail")]).await;
    assert!(page.status == 200 && page.says("took a test message"), "{}", page.text());
    assert_eq!(peer.wait_for(1).await[0].recipients, ["ann@agency.example"], "whoever asks gets it");
    let page = ann.post("/checklist", &[("check", "clock")]).await;
    assert!(page.says("sandbox runs on this machine") && page.body.contains("role=\"status\""), "{}", page.text());
    assert_eq!(ann.post("/checklist", &[("check", "everything")]).await.status, 422);
    for other in [&mut olga, &mut ben] {
        assert_eq!(other.get("/checklist").await.status, 403);
        assert_eq!(other.post("/checklist", &[("check", "mail")]).await.status, 403);
    }
    assert_eq!(app.browser().get("/checklist").await.location.as_deref(), Some("/sign-in"));
    assert_eq!((peer.messages().len(), app.database.contents().await == before), (1, true));
    for _ in 0..20 {
        ann.post("/checklist", &[("check", "clock")]).await;
    }
    assert_eq!(ann.post("/checklist", &[("check", "mail")]).await.status, 429, "a mail is not sent without end");
    // Where nobody else can reach it there is nothing to be led to.
    assert!(!ann.accounts().await.sets_up && !ann.get("/accounts").await.body.contains("href=\"/checklist\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn u35_who_runs_a_server_that_others_can_reach_is_led_to_the_checklist() {
    let settings =
        [("BASE_URL", "https://connect.agency.example"), ("INSTAGRAM_APP_ID", "1"), ("INSTAGRAM_APP_SECRET", SECRET)];
    let app = Installation::with_settings(Kind::Sqlite, &settings).await;
    for (organization, email, is_led) in
        [("Bright & Bold", "ann@agency.example", true), ("Elsewhere", "olga@elsewhere.example", false)]
    {
        let mut member = app.browser();
        member.headers.insert(header::HOST, "connect.agency.example".parse().unwrap());
        member.headers.insert(header::ORIGIN, "https://connect.agency.example".parse().unwrap());
        let form = [("organization", organization), ("email", email), ("password", "three small words")];
        assert_eq!(member.post("/sign-up", &form).await.status, 303);
        assert_eq!(member.accounts().await.sets_up, is_led);
        assert_eq!(member.get("/accounts").await.body.contains("href=\"/checklist\""), is_led);
    }
}

/// Runs the command itself.
fn doctor(data: &Path, arguments: &[&str], settings: &[(&str, &str)]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_grantlink"));
    command.arg("doctor").args(arguments).env("DATA_DIR", data).env("RUST_LOG", "warn");
    for name in ["DATABASE_URL", "BASE_URL", "INSTAGRAM_APP_ID", "SMTP_URL", "GRANTLINK_KEYS"] {
        command.env_remove(name);
    }
    let output = command.envs(settings.iter().copied()).output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn u35_the_command_prints_a_line_a_check_or_an_array_and_fails_where_something_is_to_be_mended() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (code, lines) = tokio::task::block_in_place(|| doctor(&data, &[], &[("BASE_URL", "http://127.0.0.1:1")]));
    assert_eq!(code, Some(0), "{lines}");
    assert!(lines.lines().all(|line| line.split('\t').count() == 4), "{lines}");
    assert!(lines.contains("warning\tInstagram\t"), "{lines}");
    let (code, json) = tokio::task::block_in_place(|| doctor(&data, &["--json"], &[("JOBS", "both")]));
    assert_eq!(code, Some(1), "{json}");
    let checks: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(checks[0]["outcome"], "failed");
    assert_eq!(checks[0]["remedy"], "write server or worker");
    assert!(!data.exists(), "nothing is made");
}

#[tokio::test(flavor = "multi_thread")]
async fn u35_a_key_or_a_price_that_stripe_does_not_know_is_named_with_its_remedy() {
    let missing = r#"{"error":{"code":"resource_missing","param":"price"}}"#;
    for (status, answer, remedy) in [
        (StatusCode::UNAUTHORIZED, "{}", Some("STRIPE_SECRET_KEY")),
        (StatusCode::NOT_FOUND, missing, Some("STRIPE_PRICES")),
        (StatusCode::SERVICE_UNAVAILABLE, "", Some("over HTTPS")),
        (StatusCode::OK, r#"{"id":"price_1","active":true}"#, None),
    ] {
        let port = serve(Router::new().route("/v1/prices/{id}", get(move || async move { (status, answer) }))).await;
        let (_folder, mut settings) = plain();
        settings.extend([
            ("BILLING", "stripe".to_owned()),
            ("STRIPE_SECRET_KEY", format!("sk_test_{SECRET}")),
            ("STRIPE_WEBHOOK_SECRET", format!("whsec_{SECRET}")),
            ("STRIPE_PRICES", "studio=price_1".to_owned()),
            ("STRIPE_API_URL", format!("http://127.0.0.1:{port}/")),
        ]);
        let checks = examine(&settings).await;
        match remedy {
            Some(remedy) => assert_mends(&checks, "Stripe", remedy),
            None => assert_eq!(of(&checks, "Stripe").outcome, Outcome::Ok, "{checks:?}"),
        }
    }
}
