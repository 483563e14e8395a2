//! A person's own account: whose the address is, another address, another password, and where they are signed in (A18,
//! A42, A44, A50, A62).

use crate::support::{
    Browser, Installation, Kind, on_each_database,
    signing_in::{ANN, PASSWORD},
};
use std::time::{Duration, Instant};

const NEW: &str = "four quite small words";
const OTHER: &str = "ann@bright.example";

/// Somebody who has just signed up, with the mail that asks about the address still to come.
async fn newcomer(app: &Installation) -> Browser {
    let mut browser = app.browser();
    let form = [("organization", "Bright & Bold"), ("email", ANN), ("password", PASSWORD)];
    assert_eq!(browser.post("/sign-up", &form).await.status, 303);
    browser
}

#[tokio::test(flavor = "multi_thread")]
async fn a18_the_client_reads_that_an_address_is_not_verified_until_the_button_in_the_mail_is_pressed() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut member = newcomer(&app).await;
        let link = member.generate_link("Bakery").await;
        let client_page = crate::support::journey::path_of(&link);
        assert!(app.browser().get(&client_page).await.says("Address not verified"));
        assert!(!member.you().await.is_verified && member.get("/you").await.says("Not verified"));
        let path = app.mailed_path(ANN, "/verify-email").await.expect("a mail came");
        // Scanners open links, and more than once.
        let before = app.database.contents().await;
        for _ in 0..2 {
            let page = app.browser().get(&path).await;
            assert!(page.status == 200 && page.says(ANN) && page.says("Sign in first"), "{}", page.text());
            assert!(!page.says("Confirm this address") && page.body.contains(&path), "it keeps the way back");
            assert_eq!(page.header("x-robots-tag"), Some("noindex, nofollow"));
        }
        assert_eq!(app.database.contents().await, before, "looking changes nothing");
        // Whoever reads the mail need not be who signed up with the address: their press makes it nobody's.
        let mut bob = app.member("Other Agency", "bob@other.example").await;
        let before = app.database.contents().await;
        for reader in [&mut app.browser(), &mut bob] {
            let page = reader.post(&path, &[]).await;
            assert!(page.status == 401 && page.says("Sign in first"), "{}", page.text());
        }
        assert_eq!(app.database.contents().await, before, "nothing happened");
        let page = member.get(&path).await;
        assert!(page.says(ANN) && page.says("Confirm this address") && !page.says("replaces"), "{}", page.text());
        let page = member.post(&path, &[]).await;
        assert_eq!((page.status, page.location.as_deref()), (303, Some("/verify-email/done")), "{}", page.text());
        assert!(member.get("/verify-email/done").await.says("Your email address is confirmed"));
        assert_eq!(member.post(&path, &[]).await.status, 404, "it works once");
        assert!(member.get(&path).await.says("This link no longer works"));
        assert!(member.you().await.is_verified && member.get("/you").await.says("Verified"));
        let page = app.browser().get(&client_page).await;
        assert!(page.says("asks you to connect") && !page.says("Address not verified"), "{}", page.text());
        member.changes("send_confirmation", &[], "sent").await;
        app.run_jobs().await;
        assert_eq!(app.mails_saying("Confirm your email address"), 1, "nothing is left to ask");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a50_another_address_is_taken_when_its_own_mailbox_has_answered_in_a_signed_in_browser() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut member = app.member("Bright & Bold", ANN).await;
        for (password, status) in [("", 422), ("a wrong one", 422)] {
            let page = member.change("email", &[("email", OTHER), ("email_password", password)]).await;
            assert!(page.status == status && page.says("This is not your password"), "{}", page.text());
            assert!(page.body.contains(&format!("value=\"{OTHER}\"")), "what was typed is kept");
        }
        let same = member.change("email", &[("email", "ANN@agency.example"), ("email_password", PASSWORD)]).await;
        assert!(same.status == 422 && same.says("your address already"), "{}", same.text());
        member.changes("email", &[("email", OTHER), ("email_password", PASSWORD)], "email").await;
        let path = app.mailed_path(OTHER, "/verify-email").await.expect("a mail came to the new address");
        assert_eq!(app.mails_saying("A new email address was asked for"), 1);
        assert!(app.mails().iter().any(|mail| mail.to == ANN), "the old one is told");
        assert_eq!(
            (member.you().await.email.as_str(), member.you().await.pending_email.as_deref()),
            (ANN, Some(OTHER))
        );
        // A mail that went to the wrong person gives them nothing.
        let stranger = app.browser().post(&path, &[]).await;
        assert!(stranger.status == 401 && stranger.says("Sign in first"), "{}", stranger.text());
        let mut bob = app.member("Other Agency", "bob@other.example").await;
        assert_eq!(bob.post(&path, &[]).await.status, 401);
        assert!(!bob.get(&path).await.says(ANN), "whose account it is about is not told to whoever got the mail");
        assert!(member.get(&path).await.says(&format!("It replaces {ANN}")));
        let reset = grantlink::identity::service::request_reset(&app.tools, ANN).await.unwrap();
        assert_eq!(member.post(&path, &[]).await.status, 303);
        let you = member.you().await;
        assert_eq!((you.email.as_str(), you.is_verified, you.pending_email), (OTHER, true, None));
        let dead = app.browser().get(&format!("/reset-password/{}", reset.expose())).await;
        assert_eq!(dead.status, 404, "what went to the old mailbox is dead");
        assert_eq!(app.browser().tries_to_sign_in(ANN, PASSWORD).await.status, 422);
        assert_eq!(app.browser().tries_to_sign_in(OTHER, PASSWORD).await.status, 303);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_to_a_sign_in_is_told_to_the_address_of_that_moment() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut member = app.member("Bright & Bold", ANN).await;
        member.changes("email", &[("email", OTHER), ("email_password", PASSWORD)], "email").await;
        // The relay is slow with the warning, and the change is quicker.
        let later = "UPDATE jobs SET due_at = due_at + 1000000000000 WHERE kind = 'mail_sign_in_notice'";
        app.database.execute(later).await.unwrap();
        let path = app.mailed_path(OTHER, "/verify-email").await.unwrap();
        assert_eq!(member.post(&path, &[]).await.status, 303);
        let addresses = "SELECT COUNT(*) AS n FROM jobs WHERE payload LIKE '%@%'";
        assert_eq!(app.database.number(addresses).await, 0, "A75: no job holds an address");
        app.database.execute("UPDATE jobs SET due_at = 0 WHERE kind = 'mail_sign_in_notice'").await.unwrap();
        app.run_jobs().await;
        for heading in ["A new email address was asked for", "Your email address was changed"] {
            assert_eq!(app.mails_saying(heading), 1, "{heading}");
            assert!(app.letters_to(ANN).iter().any(|letter| letter.contains(heading)), "{heading}");
            assert!(!app.letters_to(OTHER).iter().any(|letter| letter.contains(heading)), "{heading}");
        }
        assert_eq!(app.count("sign_in_notices").await, 0, "who was told is on no list any more");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_a_change_of_address_and_a_second_step_that_the_old_one_began() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        for by_reset in [false, true] {
            let email = if by_reset { "cem@third.example" } else { ANN };
            let wanted = format!("thief-of-{email}");
            let mut member = app.member("Bright & Bold", email).await;
            member.changes("email", &[("email", &wanted), ("email_password", PASSWORD)], "email").await;
            let path = app.mailed_path(&wanted, "/verify-email").await.unwrap();
            member.changes("start_two_factor", &[("two_factor_password", PASSWORD)], "two_factor_started").await;
            if by_reset {
                let token = grantlink::identity::service::request_reset(&app.tools, email).await.unwrap();
                let reset = format!("/reset-password/{}", token.expose());
                assert_eq!(app.browser().post(&reset, &[("password", NEW)]).await.status, 303);
                assert_eq!(member.tries_to_sign_in(email, NEW).await.status, 303);
            } else {
                member.changes("password", &[("old_password", PASSWORD), ("password", NEW)], "password").await;
            }
            assert_eq!(member.post(&path, &[]).await.status, 404);
            let you = member.you().await;
            assert_eq!((you.email.as_str(), you.pending_email), (email, None));
            assert_eq!(app.count("two_factors").await, 0, "its secret is known to whoever began it");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_person_was_is_told_only_to_the_organization_they_worked_for_there() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut ann = app.member("Bright & Bold", ANN).await;
        app.member("Other Agency", "bob@other.example").await;
        let join = "INSERT INTO memberships (organization_id, user_id, role, created_at) \
                    SELECT o.id, u.id, 'member', u.created_at + 1 FROM organizations o, users u \
                    WHERE o.slug = 'other-agency' AND u.email_lower = 'ann@agency.example'";
        app.database.execute(join).await.unwrap();
        ann.changes("password", &[("old_password", PASSWORD), ("password", NEW)], "password").await;
        for (slug, told) in [("bright-bold", 1), ("other-agency", 0)] {
            let entries = format!(
                "FROM audit_events WHERE action = 'password.changed' AND organization_id = \
                 (SELECT id FROM organizations WHERE slug = '{slug}')"
            );
            assert_eq!(app.database.number(&format!("SELECT COUNT(*) AS n {entries}")).await, 1, "{slug}");
            assert_eq!(app.database.number(&format!("SELECT COUNT(peer) AS n {entries}")).await, told, "{slug}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_somebody_else_has_or_gets_is_not_taken_and_not_told() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut member = app.member("Bright & Bold", ANN).await;
        app.member("Other Agency", "bob@other.example").await;
        let form = [("email", "bob@other.example"), ("email_password", PASSWORD)];
        member.changes("email", &form, "email").await;
        assert_eq!(app.mailed_path("bob@other.example", "/verify-email").await, None, "he is left alone");
        member.changes("email", &[("email", OTHER), ("email_password", PASSWORD)], "email").await;
        let path = app.mailed_path(OTHER, "/verify-email").await.unwrap();
        app.member("Bright", OTHER).await;
        let page = member.post(&path, &[]).await;
        assert!(page.status == 422 && page.says("belongs to another account by now"), "{}", page.text());
        assert_eq!(member.you().await.email, ANN);
        member.changes("keep_email", &[], "kept").await;
        assert_eq!(member.post(&path, &[]).await.status, 404);
        assert_eq!(member.you().await.pending_email, None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a62_nobody_has_mails_sent_to_strangers_without_end() {
    let app = Installation::new(Kind::Sqlite).await;
    let mut member = app.member("Bright & Bold", ANN).await;
    let mut statuses = Vec::new();
    for number in 0..8 {
        let email = format!("stranger{number}@agency.example");
        let page = member.change("email", &[("email", &email), ("email_password", PASSWORD)]).await;
        statuses.push(page.status);
    }
    assert_eq!(statuses[..5], [303; 5]);
    assert!(statuses[5..].iter().all(|status| *status == 429), "{statuses:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a42_a44_a50_a_new_password_wants_the_old_one_and_ends_every_other_session() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut member = app.member("Bright & Bold", ANN).await;
        let mut stolen = member.clone();
        let mut elsewhere = app.browser();
        assert_eq!(elsewhere.tries_to_sign_in(ANN, PASSWORD).await.status, 303);
        for (old, new, words) in [
            ("a wrong one", NEW, "This is not your password"),
            (PASSWORD, "short", "at least 10 characters"),
            (PASSWORD, "Qwertyuiop123", "fewer people use"),
            (PASSWORD, ANN, "not your email address"),
        ] {
            let page = member.change("password", &[("old_password", old), ("password", new)]).await;
            assert!(page.status == 422 && page.says(words), "{words}: {}", page.text());
            assert!(!page.body.contains(&format!("value=\"{new}\"")), "a password is never sent back");
        }
        assert!(elsewhere.is_signed_in().await, "a refusal ends nothing");
        member.changes("password", &[("old_password", PASSWORD), ("password", NEW)], "password").await;
        assert!(member.is_signed_in().await);
        assert!(!stolen.is_signed_in().await, "the session has another token now");
        assert!(!elsewhere.is_signed_in().await);
        assert_eq!(app.count("sessions").await, 1);
        assert_eq!(app.browser().tries_to_sign_in(ANN, PASSWORD).await.status, 422);
        assert_eq!(app.browser().tries_to_sign_in(ANN, NEW).await.status, 303);
        let recorded = "SELECT COUNT(*) AS n FROM audit_events WHERE action = 'password.changed'";
        assert_eq!(app.database.number(recorded).await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a50_a_borrowed_session_guesses_at_the_password_no_faster_than_a_stranger() {
    let app = Installation::new(Kind::Sqlite).await;
    let mut member = app.member("Bright & Bold", ANN).await;
    let guesses = futures::future::join_all((0..14).map(|_| {
        let mut thief = member.clone();
        async move { thief.change("password", &[("old_password", "a guess"), ("password", NEW)]).await.status }
    }));
    let refused = guesses.await.into_iter().filter(|status| *status == 429).count();
    assert!(refused >= 3, "{refused} of 14 refused");
    assert!(member.is_signed_in().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a44_a_session_that_is_ended_on_one_instance_is_refused_on_a_second_within_a_second() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let other = app.another_on().await;
        let mut here = app.member("Bright & Bold", ANN).await;
        let mut there = other.browser();
        there.headers.insert("user-agent", "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Firefox/140.0".parse().unwrap());
        assert_eq!(there.tries_to_sign_in(ANN, PASSWORD).await.status, 303);
        assert!(there.is_signed_in().await);
        let sessions = here.you().await.sessions;
        assert_eq!(sessions.iter().map(|session| session.is_this).collect::<Vec<_>>(), [true, false]);
        assert_eq!(sessions[1].browser, "Firefox on Windows");
        assert_eq!(sessions[1].from.as_deref(), Some("0.0.0.0"));
        let page = here.get("/you").await;
        for words in ["Firefox on Windows", "This one", "End all others", "just now"] {
            assert!(page.says(words), "{words}: {}", page.text());
        }
        here.changes("end_session", &[("session", &sessions[1].name)], "ended").await;
        let ended = Instant::now();
        assert!(!there.is_signed_in().await);
        assert_eq!(there.get("/accounts").await.location.as_deref(), Some("/sign-in"));
        assert!(ended.elapsed() < Duration::from_secs(1), "{:?}", ended.elapsed());
        assert!(here.is_signed_in().await);
        // Again, from the other side, and all at once.
        for _ in 0..2 {
            assert_eq!(other.browser().tries_to_sign_in(ANN, PASSWORD).await.status, 303);
        }
        assert_eq!(there.tries_to_sign_in(ANN, PASSWORD).await.status, 303);
        there.changes("end_other_sessions", &[], "ended_others").await;
        assert!(!here.is_signed_in().await && there.is_signed_in().await);
        assert_eq!(there.you().await.sessions.len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a51_nobody_ends_a_session_of_somebody_else_and_a_name_is_no_session() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut ann = app.member("Bright & Bold", ANN).await;
        let mut bob = app.member("Other Agency", "bob@other.example").await;
        let name = bob.you().await.sessions.remove(0).name;
        ann.changes("end_session", &[("session", &name)], "ended").await;
        assert!(bob.is_signed_in().await);
        let mut thief = app.browser();
        for value in [name.clone(), format!("{name}{}", "A".repeat(43 - name.len()))] {
            thief.cookies.insert("__Host-session".into(), value);
            assert!(!thief.is_signed_in().await);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a58_a_browser_that_calls_itself_script_is_a_browser_we_do_not_know() {
    let app = Installation::new(Kind::Sqlite).await;
    let mut member = app.browser();
    member.headers.insert("user-agent", "<script>alert(1)</script>".parse().unwrap());
    let form = [("organization", "Bright & Bold"), ("email", ANN), ("password", PASSWORD)];
    assert_eq!(member.post("/sign-up", &form).await.status, 303);
    let page = member.get("/you").await;
    assert!(page.says("A browser we do not know") && !page.body.contains("alert(1)"), "{}", page.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_session_the_account_leads_to_signing_in_and_a_form_nobody_knows_does_nothing() {
    let app = Installation::new(Kind::Sqlite).await;
    let mut visitor = app.browser();
    assert_eq!(visitor.get("/you").await.location.as_deref(), Some("/sign-in"));
    assert_eq!(visitor.change("end_other_sessions", &[]).await.location.as_deref(), Some("/sign-in"));
    let mut member = app.member("Bright & Bold", ANN).await;
    let before = app.database.contents().await;
    assert_eq!(member.change("make_me_owner", &[]).await.status, 422);
    assert_eq!(member.post("/you", &[]).await.status, 422);
    assert_eq!(app.database.contents().await, before);
}
