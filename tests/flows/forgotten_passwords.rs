//! A forgotten password: the mail, its link, and nothing that tells who has an account (A42, A44, A46, A48).

use crate::support::{
    Installation, Kind, on_each_database,
    signing_in::{ANN, PASSWORD},
};
use grantlink::identity;
use std::time::{Duration, Instant};

const NEW: &str = "four quite small words";
const NOBODY: &str = "nobody@agency.example";

impl Installation {
    /// Strangers guess at an account until browsers that it does not know are slowed.
    pub async fn guess_until_slowed(&self, email: &str) {
        for _ in 0..40 {
            if self.browser().tries_to_sign_in(email, "a wrong one").await.status == 429 {
                return;
            }
        }
        panic!("nobody is slowed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a42_a44_a_password_is_set_anew_through_the_mail_once_and_every_session_ends() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut member = app.member("Bright & Bold", ANN).await;
        let mut browser = app.browser();
        let asked = browser.post("/forgot-password", &[("email", " Ann@Agency.example ")]).await;
        assert_eq!((asked.status, asked.location.as_deref()), (303, Some("/forgot-password?sent=1")));
        assert!(browser.get("/forgot-password?sent=1").await.says("If there is an account for this address"));
        let path = app.mailed_path(ANN, "/reset-password").await.expect("a mail came");
        let page = browser.get(&path).await;
        assert!(page.status == 200 && page.says("Set password"), "{}", page.text());
        let common = browser.post(&path, &[("password", "Password123!")]).await;
        assert!(common.status == 422 && common.says("fewer people use"), "{}", common.text());
        let set = browser.post(&path, &[("password", NEW)]).await;
        assert_eq!((set.status, set.location.as_deref()), (303, Some("/sign-in")), "{}", set.text());
        assert_eq!(browser.post(&path, &[("password", "another long password")]).await.status, 404);
        assert!(!member.is_signed_in().await);
        assert_eq!(browser.tries_to_sign_in(ANN, PASSWORD).await.status, 422);
        assert_eq!(browser.tries_to_sign_in(ANN, NEW).await.status, 303);
        app.run_jobs().await;
        assert_eq!(app.mails_saying("Your password was changed"), 1, "{:?}", app.mails());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a46_a_known_and_an_unknown_address_are_answered_alike_and_nothing_is_looked_up_before() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        app.member("Bright & Bold", ANN).await;
        let mut seen = Vec::new();
        for email in [ANN, NOBODY] {
            let mut browser = app.browser();
            let answer = browser.post("/forgot-password", &[("email", email)]).await;
            let headers: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
            let page = browser.get(answer.location.as_deref().unwrap()).await;
            assert!(!page.body.contains("agency.example"), "{}", page.text());
            seen.push((answer.status, answer.location, headers, answer.body, page.status, page.text()));
        }
        assert_eq!(seen[0], seen[1]);
        // What the request did for the one it did for the other; the rest comes later, and not by a request.
        assert_eq!((app.count("reset_requests").await, app.count("jobs").await), (2, 0));
        assert_eq!(app.count("password_resets").await, 0);
        app.run_jobs().await;
        assert_eq!((app.count("reset_requests").await, app.count("password_resets").await), (0, 1));
        assert_eq!(app.mails().iter().map(|mail| mail.to.as_str()).collect::<Vec<_>>(), [ANN]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a46_signing_in_takes_as_long_for_an_unknown_address() {
    let app = Installation::with_settings(Kind::Sqlite, &[("TRUSTED_PROXIES", "0.0.0.0")]).await;
    app.member("Bright & Bold", ANN).await;
    let mut times = [Vec::new(), Vec::new()];
    for round in 0..9 {
        // Past no limit.
        app.tools.clock.advance(Duration::from_secs(60));
        for (which, email) in [ANN, NOBODY].into_iter().enumerate() {
            let mut browser = app.browser();
            browser.headers.insert("x-forwarded-for", format!("10.0.{which}.{round}").parse().unwrap());
            let started = Instant::now();
            assert_eq!(browser.tries_to_sign_in(email, "a wrong one").await.status, 422);
            times[which].push(started.elapsed());
        }
    }
    let [known, unknown] = times.map(|mut times| {
        times.sort();
        times[times.len() / 2]
    });
    // Without the same hashing one of the two would take a tenth.
    assert!(known < unknown * 2 && unknown < known * 2, "{known:?} and {unknown:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a46_asking_is_slowed_for_an_address_whoever_has_it_and_for_a_peer() {
    let app = Installation::with_settings(Kind::Sqlite, &[("TRUSTED_PROXIES", "0.0.0.0")]).await;
    app.member("Bright & Bold", ANN).await;
    for (which, email) in [ANN, NOBODY].into_iter().enumerate() {
        let mut statuses = Vec::new();
        for round in 0..6 {
            let mut browser = app.browser();
            browser.headers.insert("x-forwarded-for", format!("10.1.{which}.{round}").parse().unwrap());
            statuses.push(browser.post("/forgot-password", &[("email", email)]).await.status);
        }
        assert_eq!(statuses, [303, 303, 303, 429, 429, 429], "{email}");
    }
    app.run_jobs().await;
    assert_eq!(app.mails().len(), 1, "one mail stands for requests of one moment");
    let mut refused = 0;
    for number in 0..40 {
        let email = format!("somebody{number}@agency.example");
        refused += usize::from(app.browser().post("/forgot-password", &[("email", &email)]).await.status == 429);
    }
    assert!(refused >= 15, "{refused} of 40 refused");
    app.tools.clock.advance(Duration::from_secs(3_600));
    assert_eq!(app.browser().post("/forgot-password", &[("email", ANN)]).await.status, 303, "seconds, no lock-out");
}

#[tokio::test(flavor = "multi_thread")]
async fn a48_the_link_in_the_mail_leads_to_our_own_name_and_lasts_an_hour() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        app.member("Bright & Bold", ANN).await;
        let mut browser = app.browser();
        browser.headers.insert("x-forwarded-host", "evil.example".parse().unwrap());
        assert_eq!(browser.post("/forgot-password", &[("email", ANN)]).await.status, 303);
        let path = app.mailed_path(ANN, "/reset-password").await.unwrap();
        assert!(app.letters_to(ANN).iter().all(|letter| !letter.contains("evil.example")));
        app.tools.clock.advance(Duration::from_secs(3_601));
        assert_eq!(browser.get(&path).await.status, 404);
        assert_eq!(browser.post(&path, &[("password", NEW)]).await.status, 404);
        // The operator's lasts a day, as before.
        let token = identity::service::request_reset(&app.tools, ANN).await.unwrap();
        app.tools.clock.advance(Duration::from_secs(23 * 3_600));
        assert_eq!(browser.get(&format!("/reset-password/{}", token.expose())).await.status, 200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a46_whoever_is_kept_out_by_guessers_gets_in_by_the_mail() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        app.member("Bright & Bold", ANN).await;
        let mut browser = app.browser();
        browser.post("/forgot-password", &[("email", ANN)]).await;
        let path = app.mailed_path(ANN, "/reset-password").await.unwrap();
        let refused = browser.post(&path, &[("password", "Ann@Agency.example")]).await;
        assert!(refused.status == 422 && refused.says("not your email address"), "{}", refused.text());
        assert_eq!(browser.post(&path, &[("password", NEW)]).await.status, 303);
        let by_operator = identity::service::request_reset(&app.tools, ANN).await.unwrap();
        let mut other = app.browser();
        app.guess_until_slowed(ANN).await;
        assert_eq!(browser.tries_to_sign_in(ANN, NEW).await.status, 303, "the mailbox has answered to this browser");
        let path = format!("/reset-password/{}", by_operator.expose());
        assert_eq!(other.post(&path, &[("password", NEW)]).await.status, 303);
        assert!(!other.cookies.contains_key("__Host-device"), "what an operator passes on shows no mailbox");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_signed_up_with_somebody_elses_address_keeps_no_second_step_on_it() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        for squatted in [true, false] {
            let email = if squatted { "cem@third.example" } else { ANN };
            let mut first = app.member("Bright & Bold", email).await;
            if !squatted {
                app.confirm_address(email).await;
            }
            first.turns_two_factor_on(&app).await;
            let mut owner = app.browser();
            owner.post("/forgot-password", &[("email", email)]).await;
            let path = app.mailed_path(email, "/reset-password").await.unwrap();
            assert_eq!(owner.post(&path, &[("password", NEW)]).await.status, 303);
            let page = owner.tries_to_sign_in(email, NEW).await;
            let expected = if squatted { "/accounts" } else { "/sign-in/two-factor" };
            assert_eq!((page.status, page.location.as_deref()), (303, Some(expected)), "{}", page.text());
            if squatted {
                assert!(owner.you().await.is_verified, "the mailbox has answered");
                assert_eq!((app.count("two_factors").await, app.count("recovery_codes").await), (0, 0));
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_an_address_is_answered_in_words_and_kept() {
    let app = Installation::new(Kind::Sqlite).await;
    let page = app.browser().post("/forgot-password", &[("email", "ann at agency")]).await;
    assert!(page.status == 422 && page.says("Enter an email address"), "{}", page.text());
    assert!(page.body.contains("value=\"ann at agency\""), "{}", page.body);
}
