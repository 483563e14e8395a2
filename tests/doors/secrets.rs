//! What a thief of the database, a reader of the log, or a wrong key finds (A01, A71, A73, A75).

#[cfg(feature = "failpoints")]
use crate::support::child::Server;
use crate::support::{
    BASE_URL, Installation,
    instagram::{Decision, walk},
    journey::path_of,
    on_each_database,
};
use grantlink::{
    accounts,
    billing::{model::SubscriptionState, queries::customers},
    clock::Randomness,
    db, identity,
    jobs::runner,
    organizations::model::Role,
    secret::{ExposeSecret, KeyRing, Purpose, TokenHash},
};

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
        let token = app.token(account).await.unwrap();
        runner::run_until_idle(&app.tools).await.unwrap();
        let request = TokenHash::of("somebody nobody knows", Purpose::DeletionRequest);
        accounts::service::delete_data(&app.tools, "1", request).await.unwrap();
        let reset = identity::service::request_reset(&app.tools, "ann@agency.example").await.unwrap();
        let confirmation = member.mails_about_address(&app).await;
        app.confirm_address("ann@agency.example").await;
        let invitation = member.invite("ben@agency.example", Role::Viewer).await;
        let invitation = app.invitation_path(invitation.id).await;
        let (second_step, recovery_codes) = member.turns_two_factor_on(&app).await;
        let mut waiting = app.browser();
        waiting.tries_to_sign_in("ann@agency.example", "three small words").await;
        assert_eq!(waiting.post("/forgot-password", &[("email", "ann@agency.example")]).await.status, 303);
        app.set_subscription("bright-bold", SubscriptionState::Active).await;
        let (organization, now) = (member.organization_id().await.parse().unwrap(), app.tools.now());
        let mut conn = app.tools.db.write().await.unwrap();
        customers::insert(&mut conn, "cus_of_these_tests", organization, now).await.unwrap();
        customers::insert_event(&mut conn, "evt_of_these_tests", now).await.unwrap();
        drop(conn);
        db::key_check::check(&app.database.db, &app.keys, &Randomness).await.unwrap().unwrap();
        let mut secrets = vec![
            path_of(&link).rsplit('/').next().unwrap().to_owned(),
            token.expose_secret().to_owned(),
            reset.expose().to_owned(),
            invitation.rsplit('/').next().unwrap().to_owned(),
            "three small words".to_owned(),
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=".to_owned(),
        ];
        secrets.push(confirmation.rsplit('/').next().unwrap().to_owned());
        secrets.push(second_step.expose_secret().to_owned());
        secrets.extend(recovery_codes);
        secrets.extend(waiting.cookies.values().cloned());
        for address in [authorize, format!("{BASE_URL}{callback}")] {
            let url = url::Url::parse(&address).unwrap();
            let passed_on = url.query_pairs().filter(|(name, _)| matches!(&**name, "state" | "code"));
            secrets.extend(passed_on.map(|(_, value)| value.into_owned()));
        }
        secrets.extend(member.cookies.values().cloned());
        secrets.extend(client.cookies.values().cloned());
        assert!(secrets.len() >= 11, "{}", secrets.len());
        // Nothing is left out: every table has a row by now, and the dump is of all of them.
        let tables = app.database.tables().await;
        assert!(tables.len() >= 11, "{tables:?}");
        for table in &tables {
            assert!(app.count(table).await > 0, "{table} is empty, so the dump shows nothing of it");
        }
        let dump = app.database.dump().await;
        for known in ["studio.nora", "ann@agency.example", "bright-bold", "account.connected", "$argon2id$"] {
            assert!(holds(&dump, known), "the dump is the right one: {known}");
        }
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
            let opens = accounts::service::find_access(&app.tools, account.id).await.is_ok();
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
async fn a73_a_database_without_tables_knows_no_keys_and_is_no_trouble() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        db::key_check::check(&app.database.db, &app.keys, &Randomness).await.unwrap().unwrap();
        assert_eq!(db::key_check::known_keys(&app.database.db).await.unwrap(), ["k1"]);
        app.database.execute("DROP TABLE key_checks").await.unwrap();
        assert!(db::key_check::known_keys(&app.database.db).await.unwrap().is_empty());
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
        assert!(app.database.execute("DELETE FROM audit_events").await.is_err());
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

#[cfg(feature = "failpoints")]
#[tokio::test(flavor = "multi_thread")]
async fn a75_a_whole_journey_logged_at_the_level_trace_leaves_no_secret_behind() {
    on_each_database(async |kind| {
        let server = Server::start_talkative(kind).await;
        let mut member = server.browser();
        let form =
            [("organization", "Bright & Bold"), ("email", "ann@agency.example"), ("password", "sentinel words here")];
        assert_eq!(member.post("/sign-up", &form).await.status, 303);
        let link = member.generate_link("Bakery").await;
        let mut client = server.browser();
        let mut secrets = vec!["sentinel words here".to_owned(), "sandbox-secret".into(), "IGAA".into()];
        secrets.push(path_of(&link).rsplit('/').next().unwrap().to_owned());
        for (person, decision) in [("studio.nora", Decision::Allow), ("cafe_lumen", Decision::Cancel)] {
            let callback = walk(&client.start(&link).await, person, decision).await;
            let url = url::Url::parse(&callback).or_else(|_| url::Url::parse(&format!("http://x{callback}"))).unwrap();
            let interesting = |name: &str| matches!(name, "code" | "state");
            secrets
                .extend(url.query_pairs().filter(|(name, _)| interesting(name)).map(|(_, value)| value.into_owned()));
            client.come_back(&callback).await;
            // Somebody else's browser, whose refusal is logged.
            server.browser().get(&callback).await;
        }
        assert_eq!(member.accounts().await.accounts.len(), 1);
        secrets.extend(member.cookies.values().chain(client.cookies.values()).cloned());
        assert!(secrets.len() >= 9, "{}", secrets.len());
        let log = server.log();
        assert!(log.contains("DEBUG") && log.contains("/connect/[redacted]"), "the log is the right one");
        for secret in secrets {
            let line = log.lines().find(|line| line.contains(&secret));
            assert!(line.is_none(), "a secret of {} characters is in the log: {line:?}", secret.len());
        }
    })
    .await;
}

#[cfg(feature = "failpoints")]
#[tokio::test(flavor = "multi_thread")]
async fn a73_a_server_with_another_key_says_so_in_one_line_and_leaves_the_database_alone() {
    on_each_database(async |kind| {
        let mut server = Server::start(kind, "").await;
        let before = server.database.count("key_checks").await;
        std::fs::remove_file(server.database.folder().join("data/keys")).unwrap();
        let (code, said) = server.restart_refused();
        assert_eq!(code, Some(1), "{said}");
        let lines: Vec<&str> = said.lines().filter(|line| !line.contains("WARN")).collect();
        assert!(lines.len() == 1 && lines[0].contains("key"), "{said}");
        assert_eq!(server.database.count("key_checks").await, before);
        let key = server.database.folder().join("data/keys");
        assert!(!key.exists(), "a new key would only be in the way of the right one");
    })
    .await;
}
