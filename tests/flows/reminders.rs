//! Reminders and how they are stopped: by one press in a mail program, or on the page that each leads to, where they are
//! turned on again as well (U27, U29). Nobody has to be signed in for it.

use crate::support::{
    BASE_URL, Browser, Installation, Kind, Page,
    keeping_alive::{DAY, HOUR},
    on_each_database,
};
use axum::body::Body;
use grantlink::{
    instagram::sandbox::{Endpoint, Fault, FaultKind},
    links::model::LinkView,
    organizations,
    queue::{self, Job},
};
use http::{Method, Request, header};

const ONE_CLICK: &str = "List-Unsubscribe=One-Click";
const URLENCODED: &str = "application/x-www-form-urlencoded";

/// What the subject of each reminder says.
const REMINDER: &str = "will stop collecting";

/// A member with @studio.nora, whose access Instagram does not renew. Ten days are left to it.
async fn ten_days_left(kind: Kind) -> (Installation, Browser, LinkView) {
    let app = Installation::new(kind).await;
    let (member, link) = app.member_with_link().await;
    connect_and_renew_nothing(&app, &link).await;
    (app, member, link)
}

async fn connect_and_renew_nothing(app: &Installation, link: &LinkView) {
    app.sandbox.set_posts("studio.nora", 1);
    app.browser().connect(link, "studio.nora").await;
    app.run_jobs().await;
    let down = FaultKind::Status { code: 500, retry_after: None };
    app.sandbox.script(Fault { times: u32::MAX, ..Fault::once(Endpoint::Refresh, down) });
    app.tools.clock.advance(50 * DAY);
}

/// The same, six days before the end, with the path at which the first reminder is stopped.
async fn reminded(kind: Kind) -> (Installation, Browser, LinkView, String) {
    let (app, member, link) = ten_days_left(kind).await;
    app.pass(4 * DAY, 6 * HOUR).await;
    assert_eq!(app.mails_saying(REMINDER), 1, "{:?}", app.mails());
    let path = stop_path(&app);
    (app, member, link, path)
}

/// On to half a day before the end.
async fn nearly_over(app: &Installation) {
    app.pass(5 * DAY + 12 * HOUR, 6 * HOUR).await;
}

/// The mails that went out, as they travel.
fn raw_mails(app: &Installation) -> Vec<String> {
    app.tools.mailer.sent().into_iter().map(|mail| String::from_utf8(mail).unwrap()).collect()
}

/// Where the newest reminder is stopped, by its header.
fn stop_path(app: &Installation) -> String {
    let mails = raw_mails(app);
    let found = mails.iter().rev().find_map(|mail| mail.split_once("\r\nList-Unsubscribe: <"));
    let (url, _) = found.unwrap().1.split_once(">\r\n").unwrap();
    url.strip_prefix(BASE_URL).expect("the address is ours").to_owned()
}

/// What a mail provider's server sends when somebody presses "Unsubscribe": no cookie, no Origin, no wish for a page.
async fn press(app: &Installation, path: &str, content_type: &str, body: &str) -> Page {
    let request = Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(header::HOST, "127.0.0.1:3000")
        .header(header::CONTENT_TYPE, content_type);
    app.browser().send(request, Body::from(body.to_owned())).await
}

async fn stopped(app: &Installation) -> i64 {
    app.database.number("SELECT COUNT(*) AS n FROM memberships WHERE reminders_stopped_at IS NOT NULL").await
}

#[tokio::test(flavor = "multi_thread")]
async fn u27_reminders_say_how_to_stop_them_and_no_other_mail_does() {
    on_each_database(async |kind| {
        let (app, ..) = ten_days_left(kind).await;
        app.pass(11 * DAY, 6 * HOUR).await;
        let mut reminders = 0;
        for mail in raw_mails(&app) {
            let (head, body) = mail.split_once("\r\n\r\n").unwrap();
            // As it is read: what was broken for the way is whole again.
            let body = body.replace("=\r\n", "");
            if !head.contains(REMINDER) {
                assert!(!head.contains("List-Unsubscribe") && !body.contains("/reminders/"), "{mail}");
                continue;
            }
            reminders += 1;
            let (_, url) = head.split_once("\r\nList-Unsubscribe: <").unwrap();
            let (url, _) = url.split_once(">\r\n").unwrap();
            assert!(url.starts_with(&format!("{BASE_URL}/reminders/")), "{head}");
            let post = head.lines().find(|line| line.starts_with("List-Unsubscribe-Post:"));
            assert_eq!(post, Some("List-Unsubscribe-Post: List-Unsubscribe=One-Click"), "{head}");
            assert!(body.contains(&format!("Stop these reminders:\r\n{url}")), "{body}");
            assert_eq!(body.matches(url).count(), 3, "the text, the link, and the link's words: {body}");
        }
        // Connected, two warnings, the end.
        assert_eq!((reminders, app.mails().len()), (2, 4), "{:?}", app.mails());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u29_one_press_stops_the_reminders_of_one_member_and_no_other_mail() {
    on_each_database(async |kind| {
        let (app, _, _) = ten_days_left(kind).await;
        let mut bob = app.member("Northwind", "bob@other.example").await;
        app.sandbox.set_posts("cafe_lumen", 1);
        let link = bob.generate_link("Florist").await;
        app.browser().connect(&link, "cafe_lumen").await;
        // As old as the other one.
        let aged = format!(
            "UPDATE accounts SET token_issued_at = token_issued_at - {age}, \
                token_expires_at = token_expires_at - {age}, renewal_due_at = 0 WHERE username = 'cafe_lumen'; \
             UPDATE jobs SET due_at = 0 WHERE kind = 'renew_access'",
            age = (50 * DAY).as_micros()
        );
        app.run_jobs().await;
        app.database.execute(&aged).await.unwrap();
        app.pass(4 * DAY, 6 * HOUR).await;
        let told = |words: &str, to: &str| {
            app.mails().iter().filter(|mail| mail.subject.contains(words) && mail.to == to).count()
        };
        for to in ["ann@agency.example", "bob@other.example"] {
            assert_eq!(told("in 7 days", to), 1, "{to}: {:?}", app.mails());
        }
        let anns = raw_mails(&app).into_iter().find(|mail| mail.contains(REMINDER) && mail.contains("ann@agency"));
        let anns = anns.unwrap();
        let (_, url) = anns.split_once("\r\nList-Unsubscribe: <").unwrap();
        let path = url.split_once(">\r\n").unwrap().0.strip_prefix(BASE_URL).unwrap();

        let page = press(&app, path, URLENCODED, ONE_CLICK).await;
        assert_eq!((page.status, &page.location), (200, &None), "{}", page.body);
        assert!(page.set_cookies().is_empty());
        page.assert_dressed(path);
        // A mail provider may say it twice.
        assert_eq!(press(&app, path, URLENCODED, ONE_CLICK).await.status, 200);
        assert_eq!(stopped(&app).await, 1);
        nearly_over(&app).await;
        assert_eq!(told("in 1 day", "ann@agency.example"), 0, "{:?}", app.mails());
        assert_eq!(told("in 1 day", "bob@other.example"), 1, "{:?}", app.mails());
        app.pass(2 * DAY, 6 * HOUR).await;
        assert_eq!(told("needs to be reconnected", "ann@agency.example"), 1, "{:?}", app.mails());
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u29_the_next_member_who_wants_reminders_is_warned_when_they_were_stopped_an_owner_first() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        // Carla has been a member longest, Ann is the owner, and Bob made the link.
        app.member("Northwind", "carla@other.example").await;
        app.member("Bright & Bold", "ann@agency.example").await;
        let mut bob = app.member("Other Agency", "bob@other.example").await;
        for newcomer in ["carla@other.example", "bob@other.example"] {
            app.join(newcomer, "ann@agency.example").await;
        }
        let link = bob.generate_link("Bakery").await;
        let who = bob.accounts().await.member;
        let bobs = organizations::service::reminders_path(&app.tools, who.organization_id, who.user_id);
        connect_and_renew_nothing(&app, &link).await;
        assert_eq!(press(&app, &bobs, URLENCODED, ONE_CLICK).await.status, 200);
        let told = |words: &str| -> Vec<String> {
            app.mails().into_iter().filter(|mail| mail.subject.contains(words)).map(|mail| mail.to).collect()
        };
        app.pass(4 * DAY, 6 * HOUR).await;
        assert_eq!(told("in 7 days"), ["ann@agency.example"]);
        assert_eq!(press(&app, &stop_path(&app), URLENCODED, ONE_CLICK).await.status, 200);
        assert_eq!(stopped(&app).await, 2);
        nearly_over(&app).await;
        assert_eq!(told("in 1 day"), ["carla@other.example"]);
        app.pass(2 * DAY, 6 * HOUR).await;
        assert_eq!(told("needs to be reconnected"), ["bob@other.example"], "that is no reminder");
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u29_each_change_of_reminders_is_recorded_and_nothing_else_is_written() {
    on_each_database(async |kind| {
        let (app, mut member, _, path) = reminded(kind).await;
        member.sign_in("ann@agency.example").await;
        let who = member.accounts().await.member;
        let recorded = async |action: &str| {
            let whose = format!("actor = 'client' AND subject = '{}' AND detail = ''", who.user_id);
            let of = format!("SELECT COUNT(*) AS n FROM audit_events WHERE action = '{action}' AND {whose}");
            app.database.number(&of).await
        };
        for (body, changes, expected) in [
            ("reminders=on", false, (0, 0)),
            (ONE_CLICK, true, (1, 0)),
            ("reminders=off", false, (1, 0)),
            ("reminders=on", true, (1, 1)),
            ("reminders=on", false, (1, 1)),
            ("reminders=off", true, (2, 1)),
        ] {
            let before = app.database.contents().await;
            let page = press(&app, &path, URLENCODED, body).await;
            assert!(page.status == 200 || page.status == 303, "{body}: {}", page.body);
            assert_eq!(app.database.contents().await != before, changes, "{body}");
            let counts = (recorded("reminders.stopped").await, recorded("reminders.resumed").await);
            assert_eq!(counts, expected, "{body}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u27_one_press_may_be_a_form_of_either_kind() {
    on_each_database(async |kind| {
        let (app, _, _, path) = reminded(kind).await;
        let form = "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n";
        for (content_type, body, status, now_stopped) in [
            (URLENCODED, "", 422, 0),
            (URLENCODED, "List-Unsubscribe=Maybe", 422, 0),
            ("application/json", "{\"List-Unsubscribe\": \"One-Click\"}", 422, 0),
            ("multipart/form-data; boundary=b", form, 200, 1),
            (URLENCODED, "reminders=on", 303, 0),
            (URLENCODED, ONE_CLICK, 200, 1),
        ] {
            let page = press(&app, &path, content_type, body).await;
            assert_eq!(page.status, status, "{content_type} {body}: {}", page.body);
            assert_eq!(stopped(&app).await, now_stopped, "{content_type} {body}");
        }
        let huge = format!("{ONE_CLICK}&x={}", "A".repeat(100_000));
        assert_eq!(press(&app, &path, URLENCODED, &huge).await.status, 413);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u27_u29_the_page_changes_nothing_when_it_is_read_stops_when_told_and_turns_on_again() {
    on_each_database(async |kind| {
        let (app, _, _, path) = reminded(kind).await;
        let mut reader = app.browser();
        let before = app.database.contents().await;
        // Scanners open links, and more than once.
        for _ in 0..2 {
            let page = reader.get(&path).await;
            assert_eq!(page.status, 200, "{}", page.text());
            assert!(page.says("Reminders for Bright & Bold On"), "{}", page.text());
            assert!(page.set_cookies().is_empty());
            page.assert_dressed(&path);
            assert_eq!(page.header("x-robots-tag"), Some("noindex, nofollow"));
            assert_eq!(page.header("cache-control"), Some("no-store"));
            for words in ["agency.example", "studio.nora"] {
                assert!(!page.body.contains(words), "whoever got the mail passed on learns no more: {}", page.text());
            }
        }
        assert_eq!(app.database.contents().await, before, "looking changes nothing");

        let page = reader.post(&path, &[("reminders", "off")]).await;
        assert_eq!((page.status, page.location.as_deref()), (303, Some(path.as_str())), "{}", page.text());
        let page = reader.get(&path).await;
        assert!(page.says("Reminders for Bright & Bold Off"), "{}", page.text());
        assert_eq!(stopped(&app).await, 1);
        nearly_over(&app).await;
        assert_eq!(app.mails_saying(REMINDER), 1, "{:?}", app.mails());

        let page = reader.post(&path, &[("reminders", "on")]).await;
        assert_eq!((page.status, page.location.as_deref()), (303, Some(path.as_str())), "{}", page.text());
        assert!(reader.get(&path).await.says("Reminders for Bright & Bold On"));
        assert_eq!(stopped(&app).await, 0);
        app.pass(4 * HOUR, HOUR).await;
        assert_eq!(app.mails_saying("in 1 day"), 1, "what was due meanwhile still comes: {:?}", app.mails());
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u29_a_reminder_that_was_stopped_after_it_was_enqueued_is_not_sent() {
    on_each_database(async |kind| {
        let (app, mut member, _, path) = reminded(kind).await;
        member.sign_in("ann@agency.example").await;
        let who = member.accounts().await.member;
        let account = member.account("studio.nora").await.id;
        let enqueue = async || {
            let job = Job::MailEndsSoon { account, to: who.user_id, days: 7 };
            let (mut conn, now) = (app.tools.db.write().await.unwrap(), app.tools.now());
            queue::enqueue(&mut conn, &app.tools.randomness, who.organization_id, &job, now, now).await.unwrap();
        };
        // The twin: it is still true, so it goes out.
        enqueue().await;
        app.run_jobs().await;
        assert_eq!(app.mails_saying(REMINDER), 2, "{:?}", app.mails());
        enqueue().await;
        assert_eq!(press(&app, &path, URLENCODED, ONE_CLICK).await.status, 200);
        app.run_jobs().await;
        assert_eq!(app.mails_saying(REMINDER), 2, "{:?}", app.mails());
        let waiting = "SELECT COUNT(*) AS n FROM jobs WHERE kind = 'mail_ends_soon'";
        assert_eq!(app.database.number(waiting).await, 0, "nobody has to be told any more");
        assert!(app.access(account).await.is_some(), "and not because the account had died");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u29_reminders_that_were_stopped_stay_stopped_when_the_account_is_connected_again() {
    on_each_database(async |kind| {
        let (app, _, link, path) = reminded(kind).await;
        assert_eq!(press(&app, &path, URLENCODED, ONE_CLICK).await.status, 200);
        assert!(app.browser().connect(&link, "studio.nora").await.says("is connected"));
        app.run_jobs().await;
        app.tools.clock.advance(50 * DAY);
        app.pass(4 * DAY, 6 * HOUR).await;
        nearly_over(&app).await;
        assert_eq!(app.mails_saying(REMINDER), 1, "{:?}", app.mails());
        assert_eq!(stopped(&app).await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn u27_a_made_up_address_stops_nothing_and_tells_nothing() {
    on_each_database(async |kind| {
        let (app, member, _, path) = reminded(kind).await;
        let (start, end) = path.split_at(path.len() / 2);
        let (first, rest) = end.split_at(1);
        let changed = format!("{start}{}{rest}", if first == "A" { "B" } else { "A" });
        // Ours, too, but for something else.
        let device = member.cookies["__Host-device"].clone();
        let mut made_up = vec![
            "/reminders/x".to_owned(),
            format!("/reminders/{}", "A".repeat(150)),
            format!("/reminders/{device}"),
            path[..path.len() - 4].to_owned(),
            format!("{path}AAAA"),
            changed,
        ];
        let before = app.database.contents().await;
        // In the end the right one, of somebody who left the organization.
        for last in [false, true] {
            if last {
                app.database.execute("DELETE FROM memberships").await.unwrap();
                made_up = vec![path.clone()];
            }
            for path in &made_up {
                let mut reader = app.browser();
                let page = reader.get(path).await;
                assert!(page.status == 404 && page.says("There are no such reminders"), "{path}: {}", page.text());
                page.assert_dressed(path);
                let posted = reader.post(path, &[("reminders", "off")]).await;
                let pressed = press(&app, path, URLENCODED, ONE_CLICK).await;
                for page in [page, posted, pressed] {
                    assert_eq!((page.status, &page.location), (404, &None), "{path}: {}", page.text());
                    assert!(!page.body.contains("Bright"), "{path}: {}", page.text());
                }
            }
            if !last {
                assert_eq!(app.database.contents().await, before, "nothing happened");
            }
        }
    })
    .await;
}
