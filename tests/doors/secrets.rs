//! What a thief of the database, a reader of the log, or a wrong key finds (A01, A71, A73, A75).

use crate::support::{
    Installation,
    instagram::{Decision, walk},
    journey::path_of,
    on_each_database,
};
use grantlink::{
    accounts,
    clock::Randomness,
    db,
    secret::{ExposeSecret, KeyRing},
};

/// Everything the database holds, as bytes: the files of SQLite, or the rows of PostgreSQL in text.
async fn dump(app: &Installation) -> Vec<u8> {
    let Some(file) = app.database.file() else {
        let mut text = Vec::new();
        for table in ["users", "sessions", "links", "attempts", "accounts", "audit_events"] {
            text.extend(app.database.rows_as_text(table).await);
        }
        return text;
    };
    let mut bytes = Vec::new();
    for suffix in ["", "-wal"] {
        bytes.extend(std::fs::read(format!("{}{suffix}", file.display())).unwrap_or_default());
    }
    bytes
}

fn holds(dump: &[u8], secret: &str) -> bool {
    dump.windows(secret.len()).any(|window| window == secret.as_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn a01_a71_the_stolen_database_holds_no_token_state_cookie_or_password() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut member, link) = app.member_with_link().await;
        let mut client = app.browser();
        let authorize = client.start(&link).await;
        let callback = walk(&authorize, "studio.nora", Decision::Allow).await;
        client.come_back(&callback).await;
        let account = member.accounts().await.accounts[0].id;
        let token = accounts::service::token(&app.tools, account).await.unwrap();
        let url = url::Url::parse(&authorize).unwrap();
        let state = url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
        let mut secrets = vec![
            path_of(&link).rsplit('/').next().unwrap().to_owned(),
            state,
            token.expose_secret().to_owned(),
            "three small words".to_owned(),
        ];
        secrets.extend(member.cookies.values().cloned());
        secrets.extend(client.cookies.values().cloned());
        assert!(secrets.len() >= 6);
        let dump = dump(&app).await;
        assert!(holds(&dump, "studio.nora"), "the dump is the right one");
        for secret in secrets {
            assert!(!holds(&dump, &secret), "a secret of {} characters stands in the database", secret.len());
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a71_a_token_moved_to_another_row_does_not_open() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut member, link) = app.member_with_link().await;
        app.browser().connect(&link, "studio.nora").await;
        app.browser().connect(&link, "cafe_lumen").await;
        let swap = "UPDATE accounts SET token_sealed = (SELECT token_sealed FROM accounts WHERE username = 'cafe_lumen') WHERE username = 'studio.nora'";
        app.database.execute(swap).await.unwrap();
        for account in member.accounts().await.accounts {
            let opens = accounts::service::token(&app.tools, account.id).await.is_ok();
            assert_eq!(opens, account.username == "cafe_lumen");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a73_a_wrong_or_missing_key_is_noticed_at_start() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        db::key_check::check(&app.database.db, &app.keys, &Randomness).await.unwrap().unwrap();
        db::key_check::check(&app.database.db, &app.keys, &Randomness).await.unwrap().unwrap();
        let before = app.count("key_checks").await;
        let wrong = KeyRing::parse("k1:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=").unwrap();
        let error = db::key_check::check(&app.database.db, &wrong, &Randomness).await.unwrap().unwrap_err();
        assert!(error.contains("k1") && error.contains("not the key"), "{error}");
        let other = KeyRing::parse("k2:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=").unwrap();
        let error = db::key_check::check(&app.database.db, &other, &Randomness).await.unwrap().unwrap_err();
        assert!(error.contains("is missing"), "{error}");
        assert_eq!(app.count("key_checks").await, before, "the database is left as it was");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_trail_cannot_be_rewritten() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        app.member_with_link().await;
        assert!(app.count("audit_events").await >= 2);
        assert!(app.database.execute("UPDATE audit_events SET actor = 'nobody'").await.is_err());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_is_dropped_never_happened_and_the_pool_goes_on() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        for _ in 0..20 {
            let mut tx = app.database.db.begin().await.unwrap();
            let now = app.tools.now();
            let organization = grantlink::organizations::model::Organization {
                id: grantlink::ids::OrganizationId::generate(now, &Randomness),
                slug: "dropped".into(),
                name: "Dropped".into(),
            };
            assert!(grantlink::organizations::queries::insert(&mut tx, &organization, now).await.unwrap());
            drop(tx);
        }
        assert_eq!(app.count("organizations").await, 0);
        app.member("Bright & Bold", "ann@agency.example").await;
    })
    .await;
}
