//! The second step of signing in: set up, asked for, recovered, turned off (A46, A50, A71).

use crate::support::{
    Browser, Installation, Kind, Page, on_each_database,
    signing_in::{ANN, PASSWORD, code},
};
use grantlink::{identity, organizations::model::Role, secret::ExposeSecret};
use std::time::Duration;

const STEP: Duration = Duration::from_secs(30);

/// Gives the code to whoever has given the password.
async fn give(browser: &mut Browser, code: &str) -> Page {
    browser.post("/sign-in/two-factor", &[("code", code)]).await
}

/// Gives the right password, and is asked for a code.
async fn gives_password(browser: &mut Browser) {
    let page = browser.tries_to_sign_in(ANN, PASSWORD).await;
    assert_eq!((page.status, page.location.as_deref()), (303, Some("/sign-in/two-factor")), "{}", page.text());
    assert!(browser.cookies.contains_key("__Host-second-step"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_step_is_on_once_a_code_has_shown_that_the_app_has_the_secret() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut member = app.member("Bright & Bold", ANN).await;
        let refused = member.change("start_two_factor", &[("two_factor_password", "a wrong one")]).await;
        assert!(refused.status == 422 && refused.says("This is not your password"), "A50: {}", refused.text());
        assert_eq!(app.count("two_factors").await, 0);
        member.changes("start_two_factor", &[("two_factor_password", PASSWORD)], "two_factor_started").await;
        let page = member.get("/you").await;
        assert!(page.body.contains("you-qr") && page.says("Key:"), "{}", page.body);
        assert_eq!(app.browser().tries_to_sign_in(ANN, PASSWORD).await.location.as_deref(), Some("/accounts"));
        let wrong = member.change("confirm_two_factor", &[("code", "000000")]).await;
        assert!(wrong.status == 422 && wrong.says("This code does not fit"), "{}", wrong.text());
        member.changes("forget_two_factor", &[], "two_factor_forgotten").await;
        let (_, codes) = member.turns_two_factor_on(&app).await;
        let page = member.get("/you").await;
        assert!(page.says("You have 10 recovery codes left."), "{}", page.text());
        for code in &codes {
            assert!(!page.body.contains(code.as_str()), "they are shown once");
        }
        app.run_jobs().await;
        assert_eq!(app.mails_saying("Two-factor sign-in is on"), 1);
        assert!(member.is_signed_in().await);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_asked_for_and_taken_once_and_until_then_nothing_opens() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut member = app.member("Bright & Bold", ANN).await;
        let (secret, _) = member.turns_two_factor_on(&app).await;
        let mut browser = app.browser();
        assert_eq!(browser.get("/sign-in/two-factor").await.location.as_deref(), Some("/sign-in"));
        gives_password(&mut browser).await;
        assert!(browser.get("/sign-in/two-factor").await.says("Enter your code"));
        // What waits for a code opens nothing, whatever it calls itself.
        assert!(!browser.is_signed_in().await);
        let waiting = browser.cookies["__Host-second-step"].clone();
        let mut thief = app.browser();
        thief.cookies.insert("__Host-session".into(), waiting);
        assert!(!thief.is_signed_in().await);
        // The code that turned it on was taken by that.
        let used = code(&secret, app.tools.now());
        assert_eq!(give(&mut browser, &used).await.status, 422);
        app.tools.clock.advance(STEP);
        let fresh = code(&secret, app.tools.now());
        let mut second = app.browser();
        gives_password(&mut second).await;
        let page = give(&mut browser, &fresh).await;
        assert_eq!((page.status, page.location.as_deref()), (303, Some("/accounts")), "{}", page.text());
        assert!(browser.is_signed_in().await && !browser.cookies.contains_key("__Host-second-step"));
        assert!(browser.cookies.contains_key("__Host-device"), "the browser is known now");
        let page = give(&mut second, &fresh).await;
        assert!(page.status == 422 && page.says("This code does not fit"), "taken once: {}", page.text());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_give_one_code_at_the_same_moment_one_gets_in() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let other = app.another_on().await;
        let mut member = app.member("Bright & Bold", ANN).await;
        let (secret, codes) = member.turns_two_factor_on(&app).await;
        app.tools.clock.advance(STEP);
        other.tools.clock.advance(STEP);
        let fresh = code(&secret, app.tools.now());
        for code in [fresh.as_str(), codes[0].as_str()] {
            let (mut one, mut two) = (app.browser(), other.browser());
            gives_password(&mut one).await;
            gives_password(&mut two).await;
            let (one, two) = tokio::join!(give(&mut one, code), give(&mut two, code));
            let mut statuses = [one.status, two.status];
            statuses.sort_unstable();
            assert_eq!(statuses, [303, 422], "{} {}", one.text(), two.text());
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_one_step_wrong_is_forgiven() {
    let app = Installation::new(Kind::Sqlite).await;
    let mut member = app.member("Bright & Bold", ANN).await;
    let (secret, _) = member.turns_two_factor_on(&app).await;
    app.tools.clock.advance(10 * STEP);
    let now = app.tools.now();
    for (at, status) in
        [(now.minus(2 * STEP), 422), (now.plus(2 * STEP), 422), (now.minus(STEP), 303), (now.plus(STEP), 303)]
    {
        let mut browser = app.browser();
        gives_password(&mut browser).await;
        assert_eq!(give(&mut browser, &code(&secret, at)).await.status, status, "{at:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_code_stands_in_for_a_lost_phone_once() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut member = app.member("Bright & Bold", ANN).await;
        let (_, codes) = member.turns_two_factor_on(&app).await;
        let mut browser = app.browser();
        gives_password(&mut browser).await;
        let typed = codes[3].to_lowercase().replace('-', " ");
        assert_eq!(give(&mut browser, &typed).await.status, 303);
        assert!(browser.get("/you").await.says("You have 9 recovery codes left."));
        let mut again = app.browser();
        gives_password(&mut again).await;
        assert_eq!(give(&mut again, &codes[3]).await.status, 422);
        app.run_jobs().await;
        assert_eq!(app.mails_saying("A recovery code was used"), 1);
        // New ones, for the password; the old ones are worth nothing.
        let refused = browser.change("renew_codes", &[("codes_password", "a wrong one")]).await;
        assert!(refused.status == 422 && refused.says("This is not your password"), "A50: {}", refused.text());
        let page = browser.change("renew_codes", &[("codes_password", PASSWORD)]).await;
        assert!(page.status == 200 && page.says("They are not shown again"), "{}", page.text());
        assert_eq!(give(&mut again, &codes[4]).await.status, 422);
        // Somebody else's code is nobody's here.
        let mut bob = app.member("Other Agency", "bob@other.example").await;
        let (_, bobs) = bob.turns_two_factor_on(&app).await;
        assert_eq!(give(&mut again, &bobs[0]).await.status, 422);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a46_five_wrong_codes_end_the_sign_in_and_the_person_is_told() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut member = app.member("Bright & Bold", ANN).await;
        let (secret, _) = member.turns_two_factor_on(&app).await;
        app.tools.clock.advance(Duration::from_secs(3_600));
        let mut guesser = app.browser();
        gives_password(&mut guesser).await;
        let waiting = guesser.cookies["__Host-second-step"].clone();
        for _ in 0..4 {
            assert_eq!(give(&mut guesser, "000000").await.status, 422);
        }
        let page = give(&mut guesser, "000000").await;
        assert!(page.status == 401 && page.says("too many codes were wrong"), "{}", page.text());
        assert!(!guesser.cookies.contains_key("__Host-second-step"));
        guesser.cookies.insert("__Host-second-step".into(), waiting);
        let right = code(&secret, app.tools.now());
        assert_eq!(give(&mut guesser, &right).await.status, 401, "not even the right one helps now");
        app.run_jobs().await;
        assert_eq!(app.mails_saying("Somebody entered your password and wrong codes"), 1);
        // The owner, in a browser of theirs, gets in meanwhile.
        assert_eq!(member.post("/sign-out", &[]).await.status, 303);
        gives_password(&mut member).await;
        assert_eq!(give(&mut member, &right).await.status, 303);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a46_codes_are_slowed_for_an_account_and_not_for_its_own_device() {
    let app = Installation::with_settings(Kind::Sqlite, &[("TRUSTED_PROXIES", "0.0.0.0")]).await;
    let mut member = app.member("Bright & Bold", ANN).await;
    let (secret, _) = member.turns_two_factor_on(&app).await;
    app.tools.clock.advance(Duration::from_secs(3_600));
    let mut slowed = 0;
    for round in 0..6 {
        app.tools.clock.advance(Duration::from_secs(10));
        let mut browser = app.browser();
        browser.headers.insert("x-forwarded-for", format!("10.2.{round}.7").parse().unwrap());
        gives_password(&mut browser).await;
        for _ in 0..4 {
            let page = give(&mut browser, "000000").await;
            slowed += usize::from(page.status == 429);
            assert!(page.status != 429 || page.header("retry-after").is_some(), "it says when");
        }
    }
    assert!(slowed >= 8, "{slowed} of 24 slowed");
    assert_eq!(member.post("/sign-out", &[]).await.status, 303);
    gives_password(&mut member).await;
    assert_eq!(give(&mut member, &code(&secret, app.tools.now())).await.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a46_browsers_that_an_account_knows_guess_at_codes_together() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut member = app.member("Bright & Bold", ANN).await;
        let (_, codes) = member.turns_two_factor_on(&app).await;
        let mut known = Vec::new();
        for code in &codes[..4] {
            let mut browser = app.browser();
            gives_password(&mut browser).await;
            assert_eq!(give(&mut browser, code).await.status, 303);
            assert_eq!(browser.post("/sign-out", &[]).await.status, 303);
            known.push(browser);
        }
        app.tools.clock.advance(Duration::from_secs(3_600));
        let mut slowed = 0;
        for browser in &mut known {
            gives_password(browser).await;
            for _ in 0..4 {
                slowed += usize::from(give(browser, "000000").await.status == 429);
            }
        }
        assert!(slowed >= 4, "{slowed} of 16 slowed");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a46_a_browser_is_known_no_more_once_its_person_signs_in_by_something_else() {
    on_each_database(async |kind| {
        for by_code in [false, true] {
            let app = Installation::new(kind).await;
            let mut member = app.member("Bright & Bold", ANN).await;
            let mut other = app.browser();
            assert_eq!(other.tries_to_sign_in(ANN, PASSWORD).await.status, 303);
            let new = if by_code { PASSWORD } else { "four quite small words" };
            if by_code {
                member.turns_two_factor_on(&app).await;
            } else {
                let form = [("old_password", PASSWORD), ("password", new)];
                member.changes("password", &form, "password").await;
            }
            let mut own = app.browser();
            own.cookies.insert("__Host-device".into(), member.cookies["__Host-device"].clone());
            app.guess_until_slowed(ANN).await;
            assert_eq!(other.tries_to_sign_in(ANN, new).await.status, 429, "by a code: {by_code}");
            assert_eq!(own.tries_to_sign_in(ANN, new).await.status, 303, "where it was changed it is known");
            // A borrowed session does not make itself known: no form does that asks for no password.
            member.cookies.remove("__Host-device");
            member.changes("keep_email", &[], "kept").await;
            assert!(!member.cookies.contains_key("__Host-device"));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a46_wrong_codes_that_are_spread_over_sign_ins_are_told_once_and_written_down() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut member = app.member("Bright & Bold", ANN).await;
        member.turns_two_factor_on(&app).await;
        let recorded = "SELECT COUNT(*) AS n FROM audit_events WHERE action = 'codes.refused'";
        for (round, told) in [0, 1, 1, 1].into_iter().enumerate() {
            app.tools.clock.advance(Duration::from_secs(300));
            let mut guesser = app.browser();
            gives_password(&mut guesser).await;
            for _ in 0..4 {
                assert_eq!(give(&mut guesser, "000000").await.status, 422);
            }
            app.run_jobs().await;
            let mails = app.mails_saying("Somebody entered your password and wrong codes");
            assert_eq!((mails, app.database.number(recorded).await), (told, i64::try_from(told).unwrap()), "{round}");
        }
        let by = "SELECT COUNT(*) AS n FROM audit_events WHERE action = 'codes.refused' AND actor LIKE 'member:%'";
        assert_eq!(app.database.number(by).await, 0, "it was not the person");
        // Once these are forgotten, others are told again.
        app.tools.clock.advance(Duration::from_secs(3_600));
        identity::service::forget_expired(&app.tools).await.unwrap();
        for _ in 0..2 {
            let mut guesser = app.browser();
            gives_password(&mut guesser).await;
            for _ in 0..4 {
                give(&mut guesser, "000000").await;
            }
        }
        assert_eq!(app.database.number(recorded).await, 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_accepts_an_invitation_works_for_that_organization_once_the_code_is_given() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut ann = app.member("Bright & Bold", ANN).await;
        let (_, codes) = ann.turns_two_factor_on(&app).await;
        let mut bob = app.member("Other Agency", "bob@other.example").await;
        app.confirm_own_address(&mut bob).await;
        let invitation = bob.invite(ANN, Role::Viewer).await;
        let path = app.invitation_path(invitation.id).await;
        let mut invited = app.browser();
        let page = invited.post(&path, &[("password", PASSWORD)]).await;
        assert_eq!((page.status, page.location.as_deref()), (303, Some("/sign-in/two-factor")), "{}", page.text());
        let page = give(&mut invited, &codes[0]).await;
        assert_eq!((page.status, page.location.as_deref()), (303, Some("/accounts")), "{}", page.text());
        assert_eq!(invited.accounts().await.member.organization, "Other Agency");
        let mut usual = app.browser();
        gives_password(&mut usual).await;
        assert_eq!(give(&mut usual, &codes[1]).await.status, 303);
        assert_eq!(usual.accounts().await.member.organization, "Bright & Bold");
        // Who is removed while the code is waited for begins anew, and works for another one.
        let mut cem = app.member("Third Agency", "cem@third.example").await;
        app.confirm_own_address(&mut cem).await;
        let invitation = cem.invite(ANN, Role::Viewer).await;
        let path = app.invitation_path(invitation.id).await;
        let mut removed = app.browser();
        assert_eq!(removed.post(&path, &[("password", PASSWORD)]).await.status, 303);
        let gone = "DELETE FROM memberships WHERE role = 'viewer' AND organization_id = \
                    (SELECT id FROM organizations WHERE slug = 'third-agency')";
        app.database.execute(gone).await.unwrap();
        assert_eq!(give(&mut removed, &codes[2]).await.status, 401);
        gives_password(&mut removed).await;
        assert_eq!(give(&mut removed, &codes[2]).await.status, 303);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_a_code_ends_after_ten_minutes_and_with_a_new_password() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut member = app.member("Bright & Bold", ANN).await;
        let (secret, _) = member.turns_two_factor_on(&app).await;
        let mut browser = app.browser();
        gives_password(&mut browser).await;
        app.tools.clock.advance(Duration::from_secs(601));
        assert_eq!(give(&mut browser, &code(&secret, app.tools.now())).await.status, 401);
        gives_password(&mut browser).await;
        let token = identity::service::request_reset(&app.tools, ANN).await.unwrap();
        let path = format!("/reset-password/{}", token.expose());
        assert_eq!(app.browser().post(&path, &[("password", "four quite small words")]).await.status, 303);
        assert_eq!(give(&mut browser, &code(&secret, app.tools.now())).await.status, 401);
        // A mailbox alone opens nothing: the code is asked for all the same.
        let page = browser.tries_to_sign_in(ANN, "four quite small words").await;
        assert_eq!(page.location.as_deref(), Some("/sign-in/two-factor"));
        identity::service::forget_expired(&app.tools).await.unwrap();
        assert_eq!(app.count("second_steps").await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a50_it_is_turned_off_for_the_password_by_its_person_or_by_the_operator() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut member = app.member("Bright & Bold", ANN).await;
        for by_operator in [false, true] {
            member.turns_two_factor_on(&app).await;
            if by_operator {
                identity::service::turn_off_for(&app.tools, "ANN@agency.example").await.unwrap();
                assert!(identity::service::turn_off_for(&app.tools, ANN).await.is_err());
            } else {
                let refused = member.change("two_factor_off", &[("two_factor_password", "a wrong one")]).await;
                assert!(refused.status == 422 && refused.says("This is not your password"), "{}", refused.text());
                let form = [("two_factor_password", PASSWORD)];
                member.changes("two_factor_off", &form, "two_factor_off").await;
            }
            assert_eq!((app.count("two_factors").await, app.count("recovery_codes").await), (0, 0));
            assert_eq!(app.browser().tries_to_sign_in(ANN, PASSWORD).await.location.as_deref(), Some("/accounts"));
            app.run_jobs().await;
        }
        assert_eq!(app.mails_saying("Two-factor sign-in is off"), 2);
        let recorded = "SELECT COUNT(*) AS n FROM audit_events WHERE action LIKE 'two-factor.%'";
        assert_eq!(app.database.number(recorded).await, 4);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a71_a_stolen_database_holds_neither_secret_nor_codes_and_a_secret_moved_to_another_person_does_not_open() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut member = app.member("Bright & Bold", ANN).await;
        let (secret, codes) = member.turns_two_factor_on(&app).await;
        let mut bob = app.member("Other Agency", "bob@other.example").await;
        bob.turns_two_factor_on(&app).await;
        let mut browser = app.browser();
        gives_password(&mut browser).await;
        let dump = app.database.dump().await;
        let mut secrets = codes.clone();
        secrets.push(secret.expose_secret().to_owned());
        secrets.push(browser.cookies["__Host-second-step"].clone());
        for secret in secrets {
            assert!(!dump.windows(secret.len()).any(|window| window == secret.as_bytes()), "{} bytes", secret.len());
        }
        let swap = "UPDATE two_factors SET secret_sealed = (SELECT secret_sealed FROM two_factors WHERE user_id = \
                    (SELECT id FROM users WHERE email_lower LIKE 'bob%'))";
        app.database.execute(swap).await.unwrap();
        app.tools.clock.advance(STEP);
        assert_eq!(give(&mut browser, &code(&secret, app.tools.now())).await.status, 500);
    })
    .await;
}
