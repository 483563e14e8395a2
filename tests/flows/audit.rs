//! What happened, written down for good: the chain of an organization's entries and its check, the client's side of a
//! link, and what members with the role read and export.

use crate::support::{
    BASE_URL, Browser, Installation, Kind, Page,
    instagram::{Decision, walk},
    journey::path_of,
    on_each_database,
};
use futures::future::join_all;
use grantlink::{
    audit::{
        self, Action, Actor, Event,
        service::{Break, Verdict, take_in, verify},
    },
    clock::Randomness,
    db::DatabaseUrl,
    ids::{EventId, OrganizationId},
    links::model::LinkView,
    organizations::{model::Role, queries::find_by_slug},
    secret::Token,
    timestamp::Timestamp,
};
use std::{collections::BTreeSet, process::Command, time::Duration};

const SLUG: &str = "bright-bold";

/// What the check finds of the one organization there is.
async fn verdict(app: &Installation) -> Verdict {
    let mut found = verify(&app.database.db, None).await.unwrap();
    assert_eq!(found.len(), 1);
    found.remove(0)
}

/// Where its entries are first not what was written: which number, and whether there is such an entry.
async fn broken(app: &Installation) -> Option<(i64, bool)> {
    verdict(app).await.broken.map(|Break { sequence, id, .. }| (sequence, id.is_some()))
}

/// What somebody does who rules the database.
async fn tamper(app: &Installation, statements: &str) {
    let unlocked = match app.database.url {
        DatabaseUrl::Sqlite(_) => {
            "DROP TRIGGER audit_events_stay; DROP TRIGGER audit_events_remain; DROP TRIGGER audit_heads_advance;"
        }
        DatabaseUrl::Postgres(_) => {
            "ALTER TABLE audit_events DISABLE TRIGGER USER; ALTER TABLE audit_heads DISABLE TRIGGER USER;"
        }
    };
    app.database.execute(unlocked).await.unwrap();
    app.database.execute(statements).await.unwrap();
}

/// An organization with five entries: signed up, three links made, one deleted.
async fn five_entries(kind: Kind) -> Installation {
    let app = Installation::new(kind).await;
    let (mut member, link) = app.member_with_link().await;
    for description in ["Florist", "Hotel"] {
        member.generate_link(description).await;
    }
    assert_eq!(member.revoke_link(&link).await.status, 200);
    let Verdict { entries, outside, broken, .. } = verdict(&app).await;
    assert_eq!((entries, outside, broken), (5, 0, None));
    app
}

async fn organization(app: &Installation, slug: &str) -> OrganizationId {
    find_by_slug(&mut app.database.db.read().await.unwrap(), slug).await.unwrap().unwrap().id
}

fn event(organization_id: OrganizationId, at: Timestamp) -> Event<'static> {
    Event {
        id: EventId::generate(at, &Randomness),
        organization_id,
        at,
        actor: Actor::Operator,
        action: Action::SubscriptionSet,
        subject: organization_id.to_string(),
        detail: "active",
        from: None,
    }
}

/// The id of a row that nobody has, as the database reads it.
fn new_id(app: &Installation) -> &'static str {
    match app.database.url {
        DatabaseUrl::Sqlite(_) => "x'0198f000000070008000000000000001'",
        DatabaseUrl::Postgres(_) => "'\\x0198f000000070008000000000000001'::bytea",
    }
}

const COLUMNS: &str = "organization_id, at, actor, action, subject, detail";

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_a_removed_an_added_and_two_swapped_entries_are_each_named() {
    on_each_database(async |kind| {
        for (statements, named) in [
            ("UPDATE audit_events SET detail = 'x' WHERE sequence = 3", (3, true)),
            ("UPDATE audit_events SET peer = NULL WHERE sequence = 1", (1, true)),
            ("UPDATE audit_events SET at = at - 1 WHERE sequence = 5", (5, true)),
            ("DELETE FROM audit_events WHERE sequence = 3", (3, false)),
            ("DELETE FROM audit_events WHERE sequence = 1", (1, false)),
            ("DELETE FROM audit_events WHERE sequence = 5", (5, false)),
            ("DELETE FROM audit_events", (1, false)),
            (
                "UPDATE audit_events SET sequence = 9 WHERE sequence = 2; \
                 UPDATE audit_events SET sequence = 2 WHERE sequence = 4; \
                 UPDATE audit_events SET sequence = 4 WHERE sequence = 9",
                (2, true),
            ),
            // Their words alone, their places and hashes as they were.
            (
                "UPDATE audit_events SET detail = 'Hotel' WHERE sequence = 3; \
                 UPDATE audit_events SET subject = 'x' WHERE sequence = 4",
                (3, true),
            ),
            ("UPDATE audit_heads SET sequence = 4", (4, false)),
        ] {
            let app = five_entries(kind).await;
            tamper(&app, statements).await;
            assert_eq!(broken(&app).await, Some(named), "{statements}");
        }
        let app = five_entries(kind).await;
        let added = format!(
            "INSERT INTO audit_events (id, {COLUMNS}, sequence, hash) \
             SELECT {}, {COLUMNS}, 6, hash FROM audit_events WHERE sequence = 5",
            new_id(&app)
        );
        tamper(&app, &added).await;
        assert_eq!(broken(&app).await, Some((6, true)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_organizations_broken_chain_is_no_other_ones() {
    on_each_database(async |kind| {
        let app = five_entries(kind).await;
        app.member("Other Agency", "bob@other.example").await;
        tamper(&app, "UPDATE audit_events SET detail = 'x' WHERE sequence = 4").await;
        let found = verify(&app.database.db, None).await.unwrap();
        let found: Vec<_> = found.iter().map(|found| (found.slug.as_str(), found.broken.is_some())).collect();
        assert_eq!(found, [(SLUG, true), ("other-agency", false)]);
        let other = verify(&app.database.db, Some("other-agency")).await.unwrap();
        assert!(other.len() == 1 && other[0].broken.is_none());
        assert!(verify(&app.database.db, Some("nobody")).await.is_err());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_names_the_first_broken_entry_and_fails() {
    on_each_database(async |kind| {
        let app = five_entries(kind).await;
        let end = verdict(&app).await.end;
        let (code, said) = run_verify(&app, &[]);
        assert_eq!((code, said.as_str()), (Some(0), format!("{SLUG}\twhole\t5\t{end}\n").as_str()));
        tamper(&app, "UPDATE audit_events SET actor = 'operator' WHERE sequence = 4").await;
        let id = verdict(&app).await.broken.unwrap().id.unwrap();
        let (code, said) = run_verify(&app, &["--organization", SLUG]);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.starts_with(&format!("{SLUG}\tbroken\t4\t{id}\t")) && said.lines().count() == 1, "{said}");
        assert_eq!(run_verify(&app, &["--organization", "nobody"]), (Some(1), String::new()));
    })
    .await;
}

/// `grantlink audit verify` beside the server: its exit code, and what it prints.
fn run_verify(app: &Installation, arguments: &[&str]) -> (Option<i32>, String) {
    let url = match &app.database.url {
        DatabaseUrl::Sqlite(path) => format!("sqlite:{}", path.display()),
        DatabaseUrl::Postgres(url) => url.clone(),
    };
    let output = Command::new(env!("CARGO_BIN_EXE_grantlink"))
        .args(["audit", "verify"])
        .args(arguments)
        .current_dir(app.database.folder())
        .env("BASE_URL", BASE_URL)
        .env("DATA_DIR", app.database.folder().join("data"))
        .env("DATABASE_URL", url)
        .output()
        .unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_write_at_once_keep_one_chain() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let member = app.member("Bright & Bold", "ann@agency.example").await;
        join_all((0..12).map(|_| {
            let mut member = member.clone();
            async move { member.generate_link("").await }
        }))
        .await;
        let Verdict { entries, broken, .. } = verdict(&app).await;
        assert_eq!((entries, broken), (13, None));
        assert_eq!(app.count("audit_events").await, 13);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn transactions_that_write_for_several_organizations_never_wait_for_each_other_in_a_circle() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        app.member("Bright & Bold", "ann@agency.example").await;
        app.member("Other Agency", "bob@other.example").await;
        let mut both = [organization(&app, SLUG).await, organization(&app, "other-agency").await];
        let mut writers = Vec::new();
        for _ in 0..10 {
            both.reverse();
            let (organizations, db, at) = (both, app.database.db.clone(), app.tools.now());
            writers.push(async move {
                let mut tx = db.begin().await.unwrap();
                let events = organizations.into_iter().map(|organization| event(organization, at));
                audit::record_all(&mut tx, events.collect()).await.unwrap();
                tx.commit().await.unwrap();
            });
        }
        join_all(writers).await;
        for found in verify(&app.database.db, None).await.unwrap() {
            assert_eq!((found.entries, found.broken), (11, None), "{}", found.slug);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_stands_or_falls_with_its_transaction() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        app.member("Bright & Bold", "ann@agency.example").await;
        let organization = organization(&app, SLUG).await;
        let mut tx = app.database.db.begin().await.unwrap();
        audit::record(&mut tx, event(organization, app.tools.now())).await.unwrap();
        tx.rollback().await.unwrap();
        let mut tx = app.database.db.begin().await.unwrap();
        audit::record(&mut tx, event(organization, app.tools.now())).await.unwrap();
        tx.commit().await.unwrap();
        let Verdict { entries, broken, .. } = verdict(&app).await;
        assert_eq!((entries, broken), (2, None));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_is_neither_changed_nor_deleted_but_with_its_organization() {
    on_each_database(async |kind| {
        let app = five_entries(kind).await;
        let before = app.database.contents().await;
        for statement in [
            "UPDATE audit_events SET actor = 'nobody'",
            "UPDATE audit_events SET sequence = NULL, hash = NULL",
            "UPDATE audit_events SET sequence = sequence + 10",
            "DELETE FROM audit_events",
            "DELETE FROM audit_events WHERE sequence = 5",
            "UPDATE audit_heads SET sequence = 1",
            "UPDATE audit_heads SET hash = hash",
            "DELETE FROM audit_heads",
        ] {
            assert!(app.database.execute(statement).await.is_err(), "{statement}");
        }
        assert_eq!(app.database.contents().await, before);
        app.database.execute("DELETE FROM organizations").await.unwrap();
        assert_eq!((app.count("audit_events").await, app.count("audit_heads").await), (0, 0));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f40_entries_written_without_a_chain_are_taken_in_as_they_are_and_once() {
    on_each_database(async |kind| {
        let app = five_entries(kind).await;
        // What a server of the version before writes, and how its entries were before there was a chain.
        let written = format!(
            "INSERT INTO audit_events (id, {COLUMNS}) SELECT {}, {COLUMNS} FROM audit_events WHERE sequence = 3",
            new_id(&app)
        );
        app.database.execute(&written).await.unwrap();
        let Verdict { entries, outside, broken, end, .. } = verdict(&app).await;
        assert_eq!((entries, outside, broken), (5, 1, None));
        assert!(app.database.execute("UPDATE audit_events SET actor = 'x' WHERE sequence IS NULL").await.is_err());
        assert_eq!(take_in(&app.database.db).await.unwrap(), 1);
        let after = verdict(&app).await;
        assert_eq!((after.entries, after.outside, after.broken), (6, 0, None));
        assert_ne!(after.end, end);
        assert_eq!(take_in(&app.database.db).await.unwrap(), 0);

        let none = "UPDATE audit_events SET sequence = NULL, hash = NULL; DELETE FROM audit_heads";
        let unlocked = match app.database.url {
            DatabaseUrl::Sqlite(_) => format!("DROP TRIGGER audit_heads_remain; {none}"),
            DatabaseUrl::Postgres(_) => none.to_owned(),
        };
        tamper(&app, &unlocked).await;
        assert_eq!(take_in(&app.database.db).await.unwrap(), 6);
        let anew = verdict(&app).await;
        assert_eq!((anew.entries, anew.outside, anew.broken), (6, 0, None));
        let in_order = "SELECT COUNT(*) AS n FROM audit_events a JOIN audit_events b ON b.sequence = a.sequence + 1 \
                        WHERE b.at < a.at";
        assert_eq!(app.database.number(in_order).await, 0);
    })
    .await;
}

/// The words of the newest entry on the page.
async fn newest(member: &mut Browser) -> String {
    let page = member.get("/audit").await;
    assert_eq!(page.status, 200, "{}", page.text());
    rows(&page).into_iter().next().unwrap()
}

/// The rows of the page, as text.
fn rows(page: &Page) -> Vec<String> {
    let list = page.body.split("class=\"rows\"").nth(1).unwrap_or_default();
    let list = list.split("</ul>").next().unwrap_or_default();
    list.split("<li ")
        .skip(1)
        .map(|row| {
            Page { body: format!("<li {row}"), headers: http::HeaderMap::new(), status: 200, location: None }.text()
        })
        .collect()
}

/// The client goes from the link's page to Instagram and back, as the page's own form does.
async fn goes_through(app: &Installation, link: &LinkView, person: &str, decision: Decision) {
    let mut client = app.browser();
    client.get(&path_of(link)).await;
    let page = client.post(&path_of(link), &[("consent", "1")]).await;
    let callback = walk(&page.location.unwrap(), person, decision).await;
    client.come_back(&callback).await;
    app.finish_tasks().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clients_side_of_a_link_is_told_from_the_press_of_the_button_to_the_withdrawal() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut member, link) = app.member_with_link().await;
        // Reading a page is nothing that anybody did (A07).
        let before = app.count("audit_events").await;
        let mut client = app.browser();
        for _ in 0..3 {
            client.get(&path_of(&link)).await;
        }
        assert_eq!(app.count("audit_events").await, before);

        client.post(&path_of(&link), &[("consent", "1")]).await;
        let said = newest(&mut member).await;
        for words in ["Continued to Instagram", "“Bakery”", "Consent text 1 was shown.", "A client", "From 0.0.0.0"]
        {
            assert!(said.contains(words), "{words}: {said}");
        }
        // What nobody can have seen is not recorded as seen.
        for consent in ["2", "x", ""] {
            client.post(&path_of(&link), &[("consent", consent)]).await;
            assert!(!newest(&mut member).await.contains("was shown"), "{consent}");
        }

        for (person, decision, what, why) in [
            ("studio.nora", Decision::Cancel, "Came back without a connection", "They said no at Instagram."),
            ("mia_personal", Decision::Allow, "Connection refused", "@mia_personal is a personal account."),
            ("salon_sparse", Decision::Allow, "Connection refused", "A permission that is needed was left out."),
            ("studio.nora", Decision::Allow, "Account connected", "@studio.nora"),
        ] {
            goes_through(&app, &link, person, decision).await;
            let said = newest(&mut member).await;
            assert!(said.contains(what) && said.contains(why) && said.contains("A client"), "{person}: {said}");
        }

        let request = member.request_access("bakery_huber").await;
        let asked = LinkView { url: request.url, ..link.clone() };
        goes_through(&app, &asked, "cafe_lumen", Decision::Allow).await;
        let said = newest(&mut member).await;
        let why = "Asked for was @bakery_huber, and it was @cafe_lumen.";
        assert!(said.contains("Connection refused") && said.contains(why), "{said}");

        // Instagram's word for the time knows whole seconds.
        app.tools.clock.advance(Duration::from_secs(2));
        let removed = app.sandbox.deauthorize("studio.nora");
        let page = app.browser().post("/instagram/deauthorize", &[("signed_request", removed.as_str())]).await;
        assert_eq!(page.status, 200);
        let said = newest(&mut member).await;
        assert!(said.contains("Access taken back by the client") && said.contains("@studio.nora"), "{said}");
        assert!(said.contains("A client"), "{said}");
        assert_eq!(verdict(&app).await.broken, None);
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_members_own_way_to_instagram_is_told_as_theirs() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut member = app.member("Bright & Bold", "ann@agency.example").await;
        let authorize = member.post("/accounts/log-in", &[]).await.location.unwrap();
        let callback = walk(&authorize, "studio.nora", Decision::Allow).await;
        member.come_back(&callback).await;
        app.finish_tasks().await;
        let page = member.get("/audit").await;
        let rows = rows(&page);
        assert!(rows[0].contains("Account connected") && rows[0].contains("ann@agency.example"), "{rows:?}");
        assert!(rows[1].contains("Continued to Instagram") && !rows[1].contains("was shown"), "{rows:?}");
        assert!(!page.says("A client continued"), "{}", page.text());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_whose_server_died_is_told_as_interrupted() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut member, link) = app.member_with_link().await;
        app.browser().start(&link).await;
        app.database.execute("UPDATE attempts SET claimed_at = 1").await.unwrap();
        app.tools.clock.advance(Duration::from_secs(31));
        assert_eq!(grantlink::connect::service::finish_orphans(&app.tools).await.unwrap(), 1);
        let said = newest(&mut member).await;
        assert!(said.contains("Grantlink was interrupted") && said.contains("“Bakery”"), "{said}");
        assert_eq!(grantlink::connect::service::finish_orphans(&app.tools).await.unwrap(), 0);
        assert_eq!(verdict(&app).await.broken, None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a51_a52_only_owners_and_admins_read_and_export_and_only_of_their_own_organization() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut ann = app.member("Bright & Bold", "ann@agency.example").await;
        ann.generate_link("Secret bakery").await;
        for (role, status) in [(Role::Admin, 200), (Role::Member, 403), (Role::Viewer, 403)] {
            let email = format!("{}@agency.example", role.as_str());
            let mut browser = app.colleague(&mut ann, &email, role).await;
            for address in ["/audit", "/audit.csv"] {
                let page = browser.get(address).await;
                assert_eq!(page.status, status, "{role:?} {address}");
                assert_eq!(page.body.contains("link.generated") || page.says("“Secret bakery”"), status == 200);
                page.assert_dressed(address);
            }
            assert_eq!(browser.call("load_audit", &[]).await.status, status, "{role:?}");
        }
        let mut bob = app.member("Other Agency", "bob@other.example").await;
        let ids = ann.members().await.members;
        for address in ["/audit", "/audit.csv"] {
            let page = bob.get(address).await;
            assert!(page.status == 200 && page.says("Organization created"), "{address}");
            for foreign in ["Secret bakery", "ann@agency.example", "Bright"] {
                assert!(!page.body.contains(foreign), "{address} {foreign}");
            }
            // Not even whether there is such a person.
            let page = bob.get(&format!("{address}?who=member%3A{}", ids[0].user_id)).await;
            assert!(!page.body.contains("ann@agency.example"), "{address}");
        }
        for address in ["/audit", "/audit.csv"] {
            let page = app.browser().get(address).await;
            assert_eq!((page.status, page.location.as_deref()), (303, Some("/sign-in")), "{address}");
        }
        assert_eq!(app.browser().call("load_audit", &[]).await.status, 401);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a65_the_filters_choose_and_refuse_what_cannot_be() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut member, link) = app.member_with_link().await;
        app.browser().connect(&link, "studio.nora").await;
        assert_eq!(rows(&member.get("/audit").await).len(), 4);
        let clients = rows(&member.get("/audit?who=client&what=&from=&to=").await);
        assert!(clients.len() == 2 && clients.iter().all(|row| row.contains("A client")), "{clients:?}");
        let made = rows(&member.get("/audit?what=link.generated").await);
        assert!(made.len() == 1 && made[0].contains("Connect-link generated"), "{made:?}");
        let page = member.get("/audit?what=link.generated").await;
        let (_, options) = page.body.split_once("value=\"link.generated\"").unwrap();
        let (option, _) = options.split_once('>').unwrap();
        assert!(option.contains("selected"), "{option}");

        let today = app.tools.now().moment(app.tools.now()).iso[..10].to_owned();
        assert_eq!(rows(&member.get(&format!("/audit?from={today}&to={today}")).await).len(), 4);
        let page = member.get("/audit?to=2020-01-31").await;
        assert!(page.status == 200 && page.says("Nothing fits"), "{}", page.text());
        for (query, words) in [
            ("what=%25", "Choose something from the list."),
            ("who=somebody", "Choose somebody from the list."),
            ("who=member%3A0198f000000070008000000000000000", "Choose somebody from the list."),
            ("from=yesterday", "Write a day like 2026-11-26."),
            ("from=2026-11-27&to=2026-11-26", "Choose a last day that is not before the first."),
        ] {
            let page = member.get(&format!("/audit?{query}")).await;
            assert!(page.status == 422 && page.says(words), "{query}: {} {}", page.status, page.text());
            assert!(rows(&page).is_empty(), "{query}");
        }
        let page = member.get("/audit.csv?what=%25").await;
        assert_eq!(page.status, 422);
        let lines = records(&member.get("/audit.csv?who=client").await.body);
        assert_eq!(lines.len(), 1 + 2);
    })
    .await;
}

/// Many entries, written in one transaction.
async fn fill(app: &Installation, count: i64) {
    let organization = organization(app, SLUG).await;
    let now = app.tools.now().as_micros();
    // Some at the same instant: the place between two of those has to be found again, too.
    let events = (0..count).map(|n| event(organization, Timestamp::from_micros(now + n / 3)));
    let mut tx = app.database.db.begin().await.unwrap();
    audit::record_all(&mut tx, events.collect()).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_entry_stands_on_one_page_and_the_pages_lead_on() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut member = app.member("Bright & Bold", "ann@agency.example").await;
        fill(&app, 120).await;
        let mut seen = BTreeSet::new();
        let mut address = "/audit?who=operator".to_owned();
        let mut pages = Vec::new();
        loop {
            let page = member.get(&address).await;
            let rows = rows(&page);
            pages.push(rows.len());
            for row in rows {
                let (_, number) = row.rsplit_once("Entry ").unwrap();
                assert!(seen.insert(number.trim().to_owned()), "{number} stands on two pages");
            }
            let Some((before, _)) = page.body.split_once("Older entries") else { break };
            let (_, link) = before.rsplit_once("href=\"").unwrap();
            address = link.split('"').next().unwrap().replace("&amp;", "&");
            assert!(address.starts_with("/audit?who=operator&before="), "{address}");
        }
        assert_eq!((pages, seen.len()), (vec![50, 50, 20], 120));
        let page = member.get("/audit?before=nowhere").await;
        assert_eq!((page.status, rows(&page).len()), (200, 50));
    })
    .await;
}

/// Fields of lines, as RFC 4180 has them.
fn records(text: &str) -> Vec<Vec<String>> {
    let (mut records, mut record, mut field) = (Vec::new(), Vec::new(), String::new());
    let mut quoted = false;
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                field.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => record.push(std::mem::take(&mut field)),
            '\r' if !quoted => {
                assert_eq!(characters.next(), Some('\n'));
                record.push(std::mem::take(&mut field));
                records.push(std::mem::take(&mut record));
            }
            c => field.push(c),
        }
    }
    assert!(!quoted && field.is_empty() && record.is_empty(), "the last line ends like the others");
    records
}

#[tokio::test(flavor = "multi_thread")]
async fn a63_a14_the_export_is_a_table_of_plain_text_that_holds_no_secret() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut member = app.member("=1+1, \"Ltd\"", "=cmd@agency.example").await;
        let link = member.generate_link("=HYPERLINK(\"http://evil.example\")\u{e9}").await;
        let mut client = app.browser();
        let authorize = client.start(&link).await;
        let callback = walk(&authorize, "studio.nora", Decision::Allow).await;
        client.come_back(&callback).await;
        app.finish_tasks().await;
        let page = member.get("/audit.csv").await;
        page.assert_dressed("/audit.csv");
        assert_eq!(page.header("content-type"), Some("text/csv; charset=utf-8; header=present"));
        assert_eq!(page.header("cache-control"), Some("no-store"));
        let name = page.header("content-disposition").unwrap();
        assert!(name.starts_with("attachment; filename=\"grantlink-activity-20") && name.ends_with(".csv\""), "{name}");

        let lines = records(&page.body);
        let header = ["number", "time", "who", "action", "what", "about", "note", "from", "hash"];
        assert_eq!(lines[0], header);
        assert_eq!(lines.len(), 1 + 4);
        for line in &lines {
            assert_eq!(line.len(), header.len(), "{line:?}");
            for field in line {
                assert!(!field.starts_with(['=', '+', '-', '@', '\t', '\r']), "{field}");
            }
        }
        let last = lines.last().unwrap();
        assert_eq!((last[0].as_str(), last[2].as_str()), ("1", "'=cmd@agency.example"));
        assert_eq!(last[5], "“=1+1, \"Ltd\"”");
        assert_eq!(lines[1][5], "'@studio.nora");
        assert_eq!(lines[1][8], verdict(&app).await.end);
        assert!(page.body.contains("\u{e9}"), "UTF-8");

        let state = url::Url::parse(&authorize).unwrap();
        let mut secrets = vec![path_of(&link).rsplit('/').next().unwrap().to_owned()];
        secrets.extend(state.query_pairs().filter(|(name, _)| name == "state").map(|(_, value)| value.into_owned()));
        secrets.extend(member.cookies.values().chain(client.cookies.values()).cloned());
        assert!(secrets.iter().any(|secret| Token::parse(secret).is_some()));
        for address in ["/audit", "/audit.csv"] {
            let body = member.get(address).await.body;
            for secret in &secrets {
                assert!(!body.contains(secret.as_str()), "{address} holds a secret");
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_history_is_exported_whole() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut member = app.member("Bright & Bold", "ann@agency.example").await;
        fill(&app, 1_100).await;
        let lines = records(&member.get("/audit.csv").await.body);
        let numbers: BTreeSet<&str> = lines.iter().skip(1).map(|line| line[0].as_str()).collect();
        assert_eq!((lines.len(), numbers.len()), (1 + 1_101, 1_101));
        assert_eq!(verdict(&app).await.broken, None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a58_words_of_strangers_stay_text_on_the_page() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let hostile = "</title></textarea><script>alert(1)</script><img src=x onerror=alert(2)>";
        let mut member = app.member(hostile, "ann@agency.example").await;
        member.generate_link("\"><svg onload=alert(3)>").await;
        let page = member.get("/audit").await;
        assert_eq!(page.status, 200);
        for markup in ["<script>alert", "<img src=x", "<svg onload"] {
            assert!(!page.body.contains(markup), "{markup}");
        }
        let echo = "/audit?who=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E&from=%22%3E%3Cimg%20src%3Dx%3E";
        let page = member.get(echo).await;
        assert!(page.status == 422 && !page.body.contains("<script>alert") && !page.body.contains("<img src=x"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a51_of_whoever_left_nothing_is_told_that_was_not_written_down_then() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut ann = app.member("Bright & Bold", "ann@agency.example").await;
        let mut ben = app.colleague(&mut ann, "ben@agency.example", Role::Member).await;
        ben.generate_link("Florist").await;
        assert!(ann.get("/audit").await.says("ben@agency.example"));
        let id = ann.id_of("ben@agency.example").await;
        assert_eq!(ann.remove_member(id).await, 200);
        let moved = "UPDATE users SET email = 'ben@secret.example', email_lower = 'ben@secret.example' \
                     WHERE email_lower = 'ben@agency.example'";
        app.database.execute(moved).await.unwrap();
        for address in ["/audit", "/audit.csv"] {
            let page = ann.get(address).await;
            assert!(!page.body.contains("secret.example"), "{address}: {}", page.body);
            assert!(page.says("A former member"), "{address}: {}", page.text());
        }
        let said = newest(&mut ann).await;
        assert!(said.contains("Member removed") && said.contains("ben@agency.example"), "{said}");
        assert!(said.contains("They had been member."), "{said}");
        // The entries of somebody who left can be chosen all the same.
        let page = ann.get(&format!("/audit?who=member%3A{id}")).await;
        assert_eq!(rows(&page).len(), 2, "{}", page.text());
        assert_eq!(verdict(&app).await.broken, None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a52_an_export_ends_with_the_right_to_it() {
    use futures::StreamExt;
    use tower::ServiceExt;
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut ann = app.member("Bright & Bold", "ann@agency.example").await;
        let adam = app.colleague(&mut ann, "adam@agency.example", Role::Admin).await;
        let id = ann.id_of("adam@agency.example").await;
        fill(&app, 1_600).await;
        let request = adam
            .request(http::Method::GET, "/audit.csv")
            .header(http::header::COOKIE, format!("__Host-session={}", adam.cookies["__Host-session"]));
        let request = request.body(axum::body::Body::empty()).unwrap();
        let response = app.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), 200);
        let mut stream = response.into_body().into_data_stream();
        for _ in 0..2 {
            assert!(stream.next().await.unwrap().is_ok(), "as long as the role is there");
        }
        assert_eq!(ann.change_role(id, Role::Member).await, 200);
        assert!(stream.next().await.unwrap().is_err(), "the answer is cut short");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a84_whoever_holds_a_link_cannot_fill_the_activity() {
    on_each_database(async |kind| {
        let app = Installation::with_settings(kind, &[("TRUSTED_PROXIES", "0.0.0.0")]).await;
        let (mut member, link) = app.member_with_link().await;
        let other = member.generate_link("Florist").await;
        let told = async |action: &str| {
            app.database.number(&format!("SELECT COUNT(*) AS n FROM audit_events WHERE action = '{action}'")).await
        };
        // One after the other, and at one moment.
        for _ in 0..3 {
            app.browser().start(&link).await;
        }
        join_all((0..8).map(|_| {
            let (mut client, link) = (app.browser(), link.clone());
            async move { client.start(&link).await }
        }))
        .await;
        assert_eq!((told("client.started").await, app.count("attempts").await), (1, 11));
        // Another link is another matter, and so is another address: up to a measure.
        app.browser().start(&other).await;
        assert_eq!(told("client.started").await, 2);
        for number in 0..40 {
            let mut client = app.browser();
            client.headers.insert("x-forwarded-for", format!("10.3.0.{number}").parse().unwrap());
            client.start(&link).await;
        }
        assert_eq!(told("client.started").await, 1 + 20);
        app.tools.clock.advance(Duration::from_secs(3_601));
        app.browser().start(&link).await;
        assert_eq!(told("client.started").await, 1 + 20 + 1, "an hour later it is news again");
        assert_eq!(verdict(&app).await.broken, None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a84_coming_back_with_nothing_again_and_again_is_told_once() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut member, link) = app.member_with_link().await;
        for _ in 0..3 {
            goes_through(&app, &link, "studio.nora", Decision::Cancel).await;
        }
        let returned = "SELECT COUNT(*) AS n FROM audit_events WHERE action = 'client.returned'";
        assert_eq!(app.database.number(returned).await, 1);
        assert!(newest(&mut member).await.contains("They said no at Instagram."));
        assert_eq!(verdict(&app).await.broken, None);
    })
    .await;
}
