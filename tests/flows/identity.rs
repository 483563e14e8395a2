//! Signing up, in and out.

#[cfg(feature = "failpoints")]
use crate::support::child::Server;
use crate::support::{Browser, Installation, Kind, Page, on_each_database};
use grantlink::{
    error::AppError,
    identity::{
        self,
        model::Email,
        service::{SignedIn, Visitor},
    },
    organizations,
};
use std::time::Duration;

const PASSWORD: &str = "three small words";

/// Somebody tries to sign in as ann.
async fn sign_in(browser: &mut Browser, password: &str) -> Page {
    browser.post("/sign-in", &[("email", "ann@agency.example"), ("password", password)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_up_answers_every_wrong_field_in_words_and_keeps_what_was_typed() {
    let app = Installation::new(Kind::Sqlite).await;
    let mut browser = app.browser();
    let form = [("organization", " - "), ("email", "ann at agency"), ("password", "short")];
    let page = browser.post("/sign-up", &form).await;
    assert_eq!(page.status, 422);
    for words in ["Enter the name your clients know you by", "Enter an email address", "at least 10 characters"] {
        assert!(page.says(words), "{words}: {}", page.text());
    }
    assert!(page.body.contains("value=\"ann at agency\""), "{}", page.body);
    assert!(!page.body.contains("value=\"short\""), "a password is never sent back");
    assert_eq!(app.count("users").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_address_is_answered_in_words_whatever_its_case() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        app.member("Bright & Bold", "ann@agency.example").await;
        let form = [("organization", "Again"), ("email", "Ann@Agency.example"), ("password", PASSWORD)];
        let page = app.browser().post("/sign-up", &form).await;
        assert_eq!(page.status, 422);
        assert!(page.says("already has an account"), "{}", page.text());
        assert_eq!((app.count("users").await, app.count("organizations").await), (1, 1));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a46_who_asks_sign_up_about_many_addresses_hears_of_five() {
    on_each_database(async |kind| {
        let app = Installation::with_settings(kind, &[("TRUSTED_PROXIES", "0.0.0.0")]).await;
        app.member("Bright & Bold", "ann@agency.example").await;
        let from = |peer: &str| {
            let mut browser = app.browser();
            browser.headers.insert("x-forwarded-for", peer.parse().unwrap());
            browser
        };
        let known = [("organization", "Again"), ("email", "ann@agency.example"), ("password", PASSWORD)];
        let unknown = [("organization", "Again"), ("email", "bob@agency.example"), ("password", PASSWORD)];
        for _ in 0..5 {
            assert_eq!(from("192.0.2.1").post("/sign-up", &known).await.status, 422);
        }
        // From then on nobody looks, whoever it is about.
        for form in [&known, &unknown] {
            let page = from("192.0.2.1").post("/sign-up", form).await;
            assert!(page.status == 429 && page.header("retry-after").is_some(), "{} {}", page.status, page.text());
        }
        assert_eq!(app.count("users").await, 1);
        assert_eq!(from("192.0.2.2").post("/sign-up", &known).await.status, 422, "others are not held up");
        app.tools.clock.advance(Duration::from_secs(61));
        assert_eq!(from("192.0.2.1").post("/sign-up", &unknown).await.status, 303);
        assert_eq!(from("192.0.2.1").post("/sign-up", &known).await.status, 422);
        assert_eq!(from("192.0.2.1").post("/sign-up", &known).await.status, 429);
    })
    .await;
}

/// The address of an operator's one-time link for ann.
async fn reset_path(app: &Installation) -> String {
    let token = identity::service::request_reset(&app.tools, "ann@agency.example").await.unwrap();
    format!("/reset-password/{}", token.expose())
}

#[tokio::test(flavor = "multi_thread")]
async fn a42_a44_a_sign_in_with_the_old_password_does_not_outlive_a_new_one() {
    on_each_database(async |kind| {
        let visitor = Visitor { peer: [192, 0, 2, 1].into(), user_agent: String::new(), device: None };
        let address = Email::parse("ann@agency.example").unwrap();
        for (quicker, two_factor) in [(true, false), (false, false), (false, true)] {
            let app = Installation::new(kind).await;
            let mut member = app.member("Bright & Bold", "ann@agency.example").await;
            let path = reset_path(&app).await;
            let form = [("password", "four quite small words")];
            if two_factor {
                member.turns_two_factor_on(&app).await;
            }
            // Their password is looked at, and found right.
            let password = PASSWORD.to_owned().into();
            let checked = identity::service::check_password(&app.tools, &address, password, &visitor).await;
            let (user, hash) = checked.unwrap();
            if quicker {
                assert_eq!(app.browser().post(&path, &form).await.status, 303);
            }
            let mut tx = app.tools.db.begin().await.unwrap();
            let organization = organizations::queries::first_of(&mut tx, user).await.unwrap().unwrap();
            let entered = identity::service::enter(&app.tools, &mut tx, user, &hash, organization, &visitor).await;
            if quicker {
                assert_eq!(AppError::from(entered.unwrap_err()), AppError::WrongCredentials);
                tx.rollback().await.unwrap();
            } else {
                assert_eq!(matches!(entered.unwrap(), SignedIn::SecondStep(_)), two_factor);
                // The new password comes now: it waits for this one, and then ends it.
                let ends = async {
                    tokio::time::sleep(Duration::from_millis(500)).await;
                    tx.commit().await.unwrap();
                };
                let mut browser = app.browser();
                let (page, ()) = tokio::join!(browser.post(&path, &form), ends);
                assert_eq!(page.status, 303, "{}", page.text());
            }
            assert_eq!(
                (app.count("sessions").await, app.count("second_steps").await),
                (0, 0),
                "{quicker} {two_factor}"
            );
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_organizations_of_one_name_get_two_slugs() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        app.member("Bright & Bold", "ann@agency.example").await;
        app.member("Bright & Bold", "bob@agency.example").await;
        let slugs: Vec<_> =
            grantlink::billing::service::list(&app.tools).await.unwrap().into_iter().map(|(slug, ..)| slug).collect();
        assert_eq!(slugs, ["bright-bold", "bright-bold-2"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_and_an_unknown_address_read_the_same() {
    let app = Installation::new(Kind::Sqlite).await;
    app.member("Bright & Bold", "ann@agency.example").await;
    let mut texts = Vec::new();
    for email in ["ann@agency.example", "nobody@agency.example"] {
        let page = app.browser().post("/sign-in", &[("email", email), ("password", "a wrong one")]).await;
        assert_eq!(page.status, 422);
        assert!(page.body.contains(&format!("value=\"{email}\"")), "the address is kept");
        texts.push(page.text().replace(email, "…"));
    }
    assert_eq!(texts[0], texts[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a42_signing_in_makes_a_new_session_and_a_planted_one_is_worth_nothing() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        app.member("Bright & Bold", "ann@agency.example").await;
        let mut browser = app.browser();
        let planted = "A".repeat(43);
        browser.cookies.insert("__Host-session".into(), planted.clone());
        let page = browser.post("/sign-in", &[("email", "ANN@agency.example"), ("password", PASSWORD)]).await;
        assert_eq!((page.status, page.location.as_deref()), (303, Some("/accounts")));
        assert_ne!(browser.cookies["__Host-session"], planted);
        let mut attacker = app.browser();
        attacker.cookies.insert("__Host-session".into(), planted);
        assert_eq!(attacker.get("/accounts").await.location.as_deref(), Some("/sign-in"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a42_signing_in_or_up_ends_the_session_the_browser_brought_and_a_refusal_does_not() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut browser = app.member("Bright & Bold", "ann@agency.example").await;
        assert_eq!(sign_in(&mut browser, "a wrong one").await.status, 422);
        assert_eq!(browser.get("/accounts").await.status, 200, "a refusal ends nothing");
        let up = [("organization", "Other"), ("email", "bob@other.example"), ("password", PASSWORD)];
        for again in [false, true] {
            let mut stolen = browser.clone();
            let page = if again { browser.post("/sign-up", &up).await } else { sign_in(&mut browser, PASSWORD).await };
            assert_eq!((page.status, page.location.as_deref()), (303, Some("/accounts")), "{}", page.text());
            assert_eq!(stolen.get("/accounts").await.location.as_deref(), Some("/sign-in"));
            assert_eq!(stolen.call("load_accounts", &[]).await.status, 401);
            assert_eq!(browser.get("/accounts").await.status, 200);
            assert_eq!(app.count("sessions").await, 1);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a43_after_signing_out_the_old_cookie_opens_nothing() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut member = app.member("Bright & Bold", "ann@agency.example").await;
        let mut replay = member.clone();
        let before = member.get("/accounts").await;
        assert_eq!(before.header("cache-control"), Some("no-store"));
        let out = member.post("/sign-out", &[]).await;
        assert_eq!((out.status, out.location.as_deref()), (303, Some("/sign-in")));
        assert!(!member.cookies.contains_key("__Host-session"));
        assert_eq!(replay.get("/accounts").await.location.as_deref(), Some("/sign-in"));
        assert_eq!(replay.call("load_accounts", &[]).await.status, 401);
        assert_eq!(app.count("sessions").await, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a46_wrong_passwords_are_slowed_and_the_owner_gets_in_after_seconds() {
    let app = Installation::new(Kind::Sqlite).await;
    app.member("Bright & Bold", "ann@agency.example").await;
    let mut slowed = 0;
    for _ in 0..14 {
        let page =
            app.browser().post("/sign-in", &[("email", "ann@agency.example"), ("password", "a wrong one")]).await;
        if page.status == 429 {
            slowed += 1;
            let wait: u32 = page.header("retry-after").expect("it says when").parse().unwrap();
            assert!(
                (1..=60).contains(&wait) && (wait == 1 || page.says(&format!("Wait {wait} seconds"))),
                "{}",
                page.text()
            );
            assert!(page.body.contains("value=\"ann@agency.example\""), "what was typed is kept: {}", page.body);
        }
    }
    assert!(slowed >= 3, "{slowed}");
    app.tools.clock.advance(std::time::Duration::from_secs(10));
    let page = app.browser().post("/sign-in", &[("email", "ann@agency.example"), ("password", PASSWORD)]).await;
    assert_eq!(page.status, 303, "{}", page.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a46_under_attack_from_everywhere_the_owner_signs_in_with_a_browser_that_is_known() {
    let app = Installation::with_settings(Kind::Sqlite, &[("TRUSTED_PROXIES", "0.0.0.0")]).await;
    let mut owner = app.member("Bright & Bold", "ann@agency.example").await;
    let mut other = app.member("Other Agency", "bob@other.example").await;
    assert!(owner.cookies.contains_key("__Host-device"), "{:?}", owner.cookies.keys());
    // A browser elsewhere. The proxy in front of us says where.
    let from = |peer: String| {
        let mut browser = app.browser();
        browser.headers.insert("x-forwarded-for", peer.parse().unwrap());
        browser
    };
    let mut refused = 0;
    for round in 0..60 {
        app.tools.clock.advance(Duration::from_secs(1));
        for number in 0..5 {
            let page = sign_in(&mut from(format!("10.{round}.{number}.7")), "a wrong one").await;
            assert!(matches!(page.status, 422 | 429), "{} {}", page.status, page.text());
            refused += usize::from(page.status == 429);
        }
        if round % 20 == 19 {
            assert_eq!(owner.post("/sign-out", &[]).await.status, 303);
            let page = sign_in(&mut owner, PASSWORD).await;
            assert_eq!((page.status, page.location.as_deref()), (303, Some("/accounts")), "{}", page.text());
        }
    }
    assert!(refused >= 250, "{refused} of 300 refused: this was no attack");
    // Twice, because one try goes through every six seconds; each from a fresh copy, which that one would make known.
    assert_eq!(other.post("/sign-out", &[]).await.status, 303);
    let others = [("an unknown browser", from("192.0.2.1".into())), ("a browser bob is known in", other.clone())];
    for (who, browser) in others {
        let tries = [sign_in(&mut browser.clone(), PASSWORD).await, sign_in(&mut browser.clone(), PASSWORD).await];
        assert!(tries.iter().any(|page| page.status == 429), "{who} is past the limit of an account under attack");
    }
    // The owner's device opens nothing by itself, and gives nobody else a way past the password.
    let mut thief = app.browser();
    thief.cookies.insert("__Host-device".into(), owner.cookies["__Host-device"].clone());
    assert_eq!(thief.get("/accounts").await.location.as_deref(), Some("/sign-in"));
    assert_eq!(sign_in(&mut thief, "a wrong one").await.status, 422);
    let guesses = futures::future::join_all((0..12).map(|_| {
        let mut thief = thief.clone();
        async move { sign_in(&mut thief, "a wrong one").await.status }
    }));
    assert!(guesses.await.contains(&429), "who guesses on a known device is slowed, too");
    let form = [("email", "bob@other.example"), ("password", PASSWORD)];
    assert_eq!(other.post("/sign-in", &form).await.status, 303, "nobody else noticed");
}

#[cfg(feature = "failpoints")]
#[tokio::test(flavor = "multi_thread")]
async fn a46_a_slowed_sign_in_stands_in_the_log_with_where_it_came_from_and_nothing_typed() {
    let server = Server::start(Kind::Sqlite, "").await;
    server.member_with_link().await;
    let mut slowed = 0;
    for _ in 0..14 {
        slowed += usize::from(sign_in(&mut server.browser(), "a wrong one").await.status == 429);
    }
    let log = server.log();
    let lines: Vec<&str> = log.lines().filter(|line| line.contains("sign-in slowed down")).collect();
    assert!(slowed >= 3 && lines.len() == slowed, "{slowed}: {log}");
    assert!(lines.iter().all(|line| line.contains("127.0.0.1")), "{lines:?}");
    assert!(!log.contains("a wrong one") && !log.contains("ann@agency.example"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_after_thirty_days() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut member = app.member("Bright & Bold", "ann@agency.example").await;
        app.tools.clock.advance(std::time::Duration::from_secs(30 * 86_400 + 1));
        assert_eq!(member.get("/accounts").await.location.as_deref(), Some("/sign-in"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a42_a_forgotten_password_is_set_once_and_ends_all_sessions() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut member = app.member("Bright & Bold", "ann@agency.example").await;
        let token = identity::service::request_reset(&app.tools, "ann@agency.example").await.unwrap();
        let path = format!("/reset-password/{}", token.expose());
        let mut browser = app.browser();
        assert!(browser.get(&path).await.says("Set password"));
        let short = browser.post(&path, &[("password", "short")]).await;
        assert_eq!(short.status, 422, "{}", short.text());
        let set = browser.post(&path, &[("password", "four quite small words")]).await;
        assert_eq!((set.status, set.location.as_deref()), (303, Some("/sign-in")), "{}", set.text());
        assert_eq!(browser.post(&path, &[("password", "another long password")]).await.status, 404);
        assert_eq!(member.get("/accounts").await.location.as_deref(), Some("/sign-in"));
        let form = [("email", "ann@agency.example"), ("password", "four quite small words")];
        assert_eq!(browser.post("/sign-in", &form).await.status, 303);
    })
    .await;
}
