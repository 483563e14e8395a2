//! Members: how they come, what they become, how they go, and what stays of them (A42, A44, A50 to A53, A62, S32).

use crate::support::{
    BASE_URL, Browser, Installation, Kind, Page,
    instagram::{Decision, walk},
    journey::path_of,
    on_each_database,
    signing_in::PASSWORD,
};
use futures::future::join;
use grantlink::{
    ids::{InvitationId, UserId},
    organizations::model::Role,
};
use http::header;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(86_400);

/// An owner of "Bright & Bold".
async fn owner(app: &Installation) -> Browser {
    let ann = app.member("Bright & Bold", "ann@agency.example").await;
    app.confirm_address("ann@agency.example").await;
    ann
}

async fn accept(browser: &mut Browser, path: &str) -> Page {
    browser.post(path, &[("password", PASSWORD)]).await
}

async fn resend(browser: &mut Browser, id: InvitationId) -> Page {
    browser.call("resend_invitation", &[("id", &id.to_string())]).await
}

async fn transfer(browser: &mut Browser, to: UserId, password: &str) -> Page {
    browser.call("transfer_ownership", &[("user", &to.to_string()), ("password", password)]).await
}

fn joined(page: &Page) -> bool {
    (page.status, page.location.as_deref()) == (303, Some("/accounts"))
}

async fn role_in_rows(app: &Installation, email: &str, role: &str) -> i64 {
    let query = "SELECT COUNT(*) AS n FROM memberships m JOIN users u ON u.id = m.user_id WHERE u.email_lower = ";
    app.database.number(&format!("{query}'{email}' AND m.role = '{role}'")).await
}

async fn events(app: &Installation, action: &str) -> i64 {
    app.database.number(&format!("SELECT COUNT(*) AS n FROM audit_events WHERE action = '{action}'")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invited_person_reads_a_mail_chooses_a_password_and_is_a_member() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut ann = owner(&app).await;
        let invitation = ann.invite("Ben@Agency.example", Role::Admin).await;
        assert_eq!((invitation.role, invitation.is_expired), (Role::Admin, false));
        assert_eq!(invitation.invited_by.as_deref(), Some("ann@agency.example"));
        app.run_jobs().await;
        app.run_jobs().await;
        assert_eq!(app.mails_saying("invites you to Bright & Bold"), 1, "{:?}", app.mails());
        let path = app.invitation_path(invitation.id).await;
        let mails: Vec<_> = app.tools.mailer.sent().into_iter().map(|mail| String::from_utf8(mail).unwrap()).collect();
        let of_invitation = mails.iter().find(|mail| mail.contains("To: Ben@")).expect("it is for one person");
        assert!(of_invitation.replace("=\r\n", "").contains(&format!("{BASE_URL}{path}")), "{of_invitation}");

        // Scanners open the links in a mail before people do.
        let mut ben = app.browser();
        let before = app.database.contents().await;
        for _ in 0..3 {
            let page = ben.get(&path).await;
            assert_eq!(page.status, 200, "{}", page.text());
            assert!(page.says("Bright & Bold") && page.says("ann@agency.example"), "{}", page.text());
            assert_eq!(page.header("x-robots-tag"), Some("noindex, nofollow"));
        }
        assert_eq!(app.database.contents().await, before, "reading changes nothing");

        assert_eq!(ben.post(&path, &[("password", "short")]).await.status, 422);
        assert!(joined(&accept(&mut ben, &path).await));
        let view = ben.members().await;
        assert_eq!((view.member.email.as_str(), view.member.role), ("Ben@Agency.example", Role::Admin));
        assert_eq!(view.members.iter().filter(|member| member.is_you).count(), 1);
        assert!(view.members[0].is_last_owner && view.members[0].email == "ann@agency.example", "owners come first");
        assert!(view.invitations.is_empty());
        let verified = "SELECT COUNT(*) AS n FROM users WHERE email_lower = 'ben@agency.example' AND \
                        email_verified_at IS NOT NULL";
        assert_eq!(app.database.number(verified).await, 1, "who came by mail has shown that mail arrives");
        assert_eq!((events(&app, "member.invited").await, events(&app, "member.joined").await), (1, 1));

        // Once.
        let again = accept(&mut app.browser(), &path).await;
        assert_eq!(again.status, 410, "{}", again.text());
        assert_eq!(app.browser().get(&path).await.status, 410);
        app.browser().sign_in("ben@agency.example").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_is_accepted_once_also_at_one_moment() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut ann = owner(&app).await;
        let invitation = ann.invite("ben@agency.example", Role::Member).await;
        let path = app.invitation_path(invitation.id).await;
        let (mut one, mut other) = (app.browser(), app.browser());
        let (first, second) = join(accept(&mut one, &path), accept(&mut other, &path)).await;
        assert_eq!(usize::from(joined(&first)) + usize::from(joined(&second)), 1, "{first:?} {second:?}");
        assert_eq!((app.count("memberships").await, app.count("users").await), (2, 2));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a53_an_invitation_that_was_taken_back_ran_out_or_was_replaced_is_dead() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut ann = owner(&app).await;
        let taken_back = ann.invite("ben@agency.example", Role::Member).await;
        let dead = app.invitation_path(taken_back.id).await;
        assert_eq!(ann.call("revoke_invitation", &[("id", &taken_back.id.to_string())]).await.status, 200);
        assert_eq!(accept(&mut app.browser(), &dead).await.status, 410);
        app.run_jobs().await;
        assert_eq!(app.mails_saying("invites you"), 0, "a mail that is not true any more is not sent");

        let invitation = ann.invite("ben@agency.example", Role::Member).await;
        app.run_jobs().await;
        let first = app.invitation_path(invitation.id).await;
        assert_eq!(resend(&mut ann, invitation.id).await.status, 200);
        app.run_jobs().await;
        let second = app.invitation_path(invitation.id).await;
        assert_ne!(first, second);
        let mails = app.mails();
        let ids: Vec<_> =
            mails.iter().filter(|mail| mail.subject.contains("invites you")).map(|mail| &mail.id).collect();
        assert!(ids.len() == 2 && ids[0] != ids[1], "another URL is another mail: {mails:?}");
        assert_eq!(accept(&mut app.browser(), &first).await.status, 410);

        app.tools.clock.advance(7 * DAY + Duration::from_secs(1));
        assert_eq!(accept(&mut app.browser(), &second).await.status, 410);
        let listed = ann.members().await.invitations;
        assert!(listed.len() == 1 && listed[0].is_expired, "{listed:?}");
        assert_eq!(resend(&mut ann, invitation.id).await.status, 200);
        let third = app.invitation_path(invitation.id).await;
        assert!(joined(&accept(&mut app.browser(), &third).await));
        assert_eq!(resend(&mut ann, invitation.id).await.status, 404);
        assert_eq!(app.count("memberships").await, 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a44_a53_a_removed_member_is_refused_at_once_on_every_server_and_the_old_invitation_stays_dead() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let second = app.another_on().await;
        let mut ann = owner(&app).await;
        let invitation = ann.invite("ben@agency.example", Role::Member).await;
        let path = app.invitation_path(invitation.id).await;
        let mut ben = app.browser();
        assert!(joined(&accept(&mut ben, &path).await));
        let mut elsewhere = second.browser();
        elsewhere.cookies = ben.cookies.clone();
        assert!(elsewhere.is_signed_in().await);
        assert_eq!(ben.glance("/live").await.status, 200);

        let id = ann.id_of("ben@agency.example").await;
        assert_eq!(ann.remove_member(id).await, 200);
        for browser in [&mut ben, &mut elsewhere] {
            assert_eq!(browser.call("load_accounts", &[]).await.status, 401);
            assert_eq!(browser.get("/accounts").await.location.as_deref(), Some("/sign-in"));
            assert_eq!(browser.glance("/live").await.status, 401);
        }
        let sessions = "SELECT COUNT(*) AS n FROM sessions s JOIN users u ON u.id = s.user_id WHERE \
                        u.email_lower = 'ben@agency.example'";
        assert_eq!(app.database.number(sessions).await, 0, "they ended with the membership");
        assert_eq!(accept(&mut app.browser(), &path).await.status, 410);
        assert_eq!(ann.remove_member(id).await, 404);
        assert_eq!(events(&app, "member.removed").await, 1);

        // Invited anew, the old session is worth nothing either.
        let again = ann.invite("ben@agency.example", Role::Viewer).await;
        let path = app.invitation_path(again.id).await;
        assert!(joined(&accept(&mut app.browser(), &path).await));
        assert!(!ben.is_signed_in().await);
        assert_eq!(role_in_rows(&app, "ben@agency.example", "viewer").await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a44_the_open_stream_of_a_removed_member_ends_with_the_next_news() {
    use futures::StreamExt;
    use tower::ServiceExt;
    let app = Installation::new(Kind::Sqlite).await;
    let mut ann = owner(&app).await;
    let ben = app.colleague(&mut ann, "ben@agency.example", Role::Member).await;
    let request = ben
        .request(http::Method::GET, "/live")
        .header(header::COOKIE, format!("__Host-session={}", ben.cookies["__Host-session"]));
    let response = app.router.clone().oneshot(request.body(axum::body::Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.status(), 200);
    let mut stream = response.into_body().into_data_stream();
    ann.generate_link("Bakery").await;
    let first = tokio::time::timeout(Duration::from_secs(5), stream.next()).await.unwrap().unwrap().unwrap();
    assert!(String::from_utf8_lossy(&first).contains("event: links"), "{first:?}");
    let id = ann.id_of("ben@agency.example").await;
    assert_eq!(ann.remove_member(id).await, 200);
    let end = tokio::time::timeout(Duration::from_secs(5), stream.next()).await.unwrap();
    assert!(end.is_none(), "{end:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a42_a46_a_known_person_gives_their_password_and_is_slowed_like_anybody_who_guesses() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut ann = owner(&app).await;
        let mut at_home = app.member("Other Agency", "ben@other.example").await;
        let invitation = ann.invite("ben@other.example", Role::Member).await;
        let path = app.invitation_path(invitation.id).await;
        let mut browser = app.browser();
        let mut slowed = None;
        for _ in 0..12 {
            let page = browser.post(&path, &[("password", "a wrong one")]).await;
            assert!(matches!(page.status, 422 | 429), "{} {}", page.status, page.text());
            slowed = slowed.or(page.header(header::RETRY_AFTER.as_str()).map(str::to_owned));
        }
        assert!(slowed.is_some(), "guessing is slowed as at signing in");
        app.tools.clock.advance(Duration::from_secs(60));
        let planted = "A".repeat(43);
        browser.cookies.insert("__Host-session".into(), planted.clone());
        assert!(joined(&accept(&mut browser, &path).await));
        assert_ne!(browser.cookies["__Host-session"], planted);
        assert_eq!(browser.members().await.member.organization, "Bright & Bold");
        assert_eq!(at_home.accounts().await.member.organization, "Other Agency", "their other session stays");
        assert_eq!(app.count("users").await, 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a42_the_signed_in_person_accepts_with_a_press_and_anybody_else_is_refused_in_words() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut ann = owner(&app).await;
        let mut ben = app.member("Other Agency", "ben@other.example").await;
        let mut eve = app.member("Third Agency", "eve@third.example").await;
        let invitation = ann.invite("BEN@other.example", Role::Viewer).await;
        let path = app.invitation_path(invitation.id).await;
        let refused = eve.post(&path, &[]).await;
        assert_eq!(refused.status, 403, "{}", refused.text());
        assert!(refused.says("eve@third.example") && refused.says("BEN@other.example"), "{}", refused.text());
        assert_eq!(eve.members().await.member.organization, "Third Agency");

        let mut stolen = ben.clone();
        assert!(joined(&ben.post(&path, &[]).await));
        assert_eq!(ben.members().await.member.organization, "Bright & Bold");
        assert!(!stolen.is_signed_in().await, "the session has another token now");
        assert_eq!(app.count("sessions").await, 3, "it was moved, not doubled");
        assert_eq!(app.count("memberships").await, 4);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a42_a51_somebody_in_two_organizations_switches_and_never_into_a_third() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut ann = owner(&app).await;
        let mut ben = app.member("Other Agency", "ben@other.example").await;
        let mut eve = app.member("Third Agency", "eve@third.example").await;
        ann.generate_link("Of Bright & Bold").await;
        ben.generate_link("Of the other").await;
        let invitation = ann.invite("ben@other.example", Role::Member).await;
        let path = app.invitation_path(invitation.id).await;
        assert!(joined(&ben.post(&path, &[]).await));
        let view = ben.accounts().await;
        let names: Vec<_> = view.organizations.iter().map(|choice| (choice.name.as_str(), choice.is_current)).collect();
        assert_eq!(names, [("Bright & Bold", true), ("Other Agency", false)]);
        assert_eq!(ben.links().await.links[0].description, "Of Bright & Bold");

        let mut stolen = ben.clone();
        let home = view.organizations[1].id.to_string();
        let page = ben.post("/organizations/switch", &[("organization", &home)]).await;
        assert!(joined(&page), "{}", page.text());
        assert!(!stolen.is_signed_in().await, "the session has another token now");
        assert_eq!(ben.links().await.links[0].description, "Of the other");
        assert_eq!(ben.accounts().await.member.role, Role::Owner);

        let third = eve.accounts().await.member.organization_id.to_string();
        for wrong in [third.as_str(), "", "x"] {
            assert_eq!(ben.post("/organizations/switch", &[("organization", wrong)]).await.status, 404, "{wrong}");
        }
        assert_eq!(ben.accounts().await.member.organization, "Other Agency", "a refusal changes nothing");
        let nobody = app.browser().post("/organizations/switch", &[("organization", &home)]).await;
        assert_eq!((nobody.status, nobody.location.as_deref()), (303, Some("/sign-in")));
        // Removed in one, they work on in the other.
        let id = ann.id_of("ben@other.example").await;
        assert_eq!(ann.remove_member(id).await, 200);
        assert!(ben.is_signed_in().await);
        assert_eq!(ben.accounts().await.organizations.len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a52_roles_are_given_and_taken_by_rank_and_hold_at_once() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut ann = owner(&app).await;
        let mut adam = app.colleague(&mut ann, "adam@agency.example", Role::Admin).await;
        let mut mia = app.colleague(&mut ann, "mia@agency.example", Role::Member).await;
        let (ann_id, adam_id, mia_id) = (
            ann.id_of("ann@agency.example").await,
            ann.id_of("adam@agency.example").await,
            ann.id_of("mia@agency.example").await,
        );
        // An admin touches nobody above, and gives nobody more than they have.
        assert_eq!(adam.change_role(ann_id, Role::Member).await, 403);
        assert_eq!(adam.remove_member(ann_id).await, 403);
        assert_eq!(adam.change_role(mia_id, Role::Owner).await, 403);
        assert_eq!(adam.change_role(adam_id, Role::Owner).await, 403);
        assert_eq!(transfer(&mut adam, adam_id, PASSWORD).await.status, 403);
        let owner_to_be = [("email", "evil@agency.example"), ("role", "owner")];
        assert_eq!(adam.call("invite_member", &owner_to_be).await.status, 403);
        // A member and a viewer change nobody, themselves included.
        assert_eq!(mia.change_role(mia_id, Role::Admin).await, 403);
        assert_eq!(mia.remove_member(adam_id).await, 403);
        assert!(mia.members().await.invitations.is_empty());

        assert_eq!(adam.change_role(mia_id, Role::Viewer).await, 200);
        assert_eq!(adam.change_role(mia_id, Role::Viewer).await, 200, "asked for twice, it is done once");
        assert_eq!(events(&app, "role.changed").await, 1);
        assert_eq!(mia.call("generate_link", &[("description", "x")]).await.status, 403, "from the next request on");
        assert_eq!(ann.change_role(adam_id, Role::Owner).await, 200);
        assert_eq!(adam.change_role(ann_id, Role::Admin).await, 200);
        assert_eq!(ann.change_role(ann_id, Role::Owner).await, 403);
        assert_eq!(
            (role_in_rows(&app, "adam@agency.example", "owner").await, ann.members().await.members.len()),
            (1, 3)
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_last_owner_neither_leaves_nor_steps_down_and_hands_over_instead() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut ann = owner(&app).await;
        let mut mia = app.colleague(&mut ann, "mia@agency.example", Role::Viewer).await;
        let (ann_id, mia_id) = (ann.id_of("ann@agency.example").await, ann.id_of("mia@agency.example").await);
        let before = app.database.contents().await;
        let refused = ann.call("leave_organization", &[]).await;
        assert_eq!(refused.status, 409, "{}", refused.body);
        assert_eq!(ann.remove_member(ann_id).await, 409);
        assert_eq!(ann.change_role(ann_id, Role::Admin).await, 409);
        assert_eq!(transfer(&mut ann, ann_id, PASSWORD).await.status, 404);
        assert_eq!(app.database.contents().await, before, "a refusal changes nothing");

        assert_eq!(transfer(&mut ann, mia_id, PASSWORD).await.status, 200);
        assert_eq!(mia.members().await.member.role, Role::Owner);
        assert_eq!(ann.members().await.member.role, Role::Admin);
        assert_eq!(events(&app, "ownership.transferred").await, 1);
        assert_eq!(ann.call("leave_organization", &[]).await.status, 200);
        assert!(!ann.is_signed_in().await);
        assert_eq!((app.count("memberships").await, events(&app, "member.left").await), (1, 1));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_owners_who_leave_at_one_moment_leave_one() {
    on_each_database(async |kind| {
        for _ in 0..5 {
            let app = Installation::new(kind).await;
            let mut ann = owner(&app).await;
            let mut bea = app.colleague(&mut ann, "bea@agency.example", Role::Owner).await;
            let (one, other) = join(ann.call("leave_organization", &[]), bea.call("leave_organization", &[])).await;
            let mut statuses = [one.status, other.status];
            statuses.sort_unstable();
            assert_eq!(statuses, [200, 409]);
            let owners = "SELECT COUNT(*) AS n FROM memberships WHERE role = 'owner'";
            assert_eq!(app.database.number(owners).await, 1);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a53_what_a_member_had_sent_ends_with_their_right_to_send_it() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut ann = owner(&app).await;
        let mut adam = app.colleague(&mut ann, "adam@agency.example", Role::Admin).await;
        let mut bea = app.colleague(&mut ann, "bea@agency.example", Role::Owner).await;
        let of_adam = adam.invite("adam@elsewhere.example", Role::Admin).await;
        let of_bea = bea.invite("owner@elsewhere.example", Role::Owner).await;
        let too = bea.invite("viewer@elsewhere.example", Role::Viewer).await;
        let (adam_path, bea_path, kept) = (
            app.invitation_path(of_adam.id).await,
            app.invitation_path(of_bea.id).await,
            app.invitation_path(too.id).await,
        );
        let (adam_id, bea_id) = (ann.id_of("adam@agency.example").await, ann.id_of("bea@agency.example").await);
        assert_eq!(ann.remove_member(adam_id).await, 200);
        assert_eq!(ann.change_role(bea_id, Role::Admin).await, 200);
        for dead in [adam_path, bea_path] {
            assert_eq!(accept(&mut app.browser(), &dead).await.status, 410);
        }
        assert!(joined(&accept(&mut app.browser(), &kept).await), "an admin may still send this one");
        assert_eq!(events(&app, "invitation.revoked").await, 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a62_an_address_is_one_address_and_an_organization_is_no_relay() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut ann = owner(&app).await;
        let long = format!("{}@x.example", "a".repeat(400));
        for wrong in [
            "a@x.example, b@x.example",
            "\"<x>\"@y.example",
            "a@x.example\r\nBcc: b@x.example",
            "jörg@x.example",
            &long,
            "",
        ] {
            let page = ann.call("invite_member", &[("email", wrong), ("role", "viewer")]).await;
            assert_eq!(page.status, 422, "{wrong}: {}", page.body);
        }
        let known = ann.call("invite_member", &[("email", "ANN@agency.example"), ("role", "viewer")]).await;
        assert!(known.status == 422 && known.body.contains("member already"), "{}", known.body);
        ann.invite("ben@x.example", Role::Viewer).await;
        let twice = ann.call("invite_member", &[("email", "BEN@x.example"), ("role", "admin")]).await;
        assert!(twice.status == 422 && twice.body.contains("invited already"), "{}", twice.body);
        let mut refused = 0;
        for number in 0..70 {
            let email = format!("person{number}@x.example");
            let page = ann.call("invite_member", &[("email", &email), ("role", "viewer")]).await;
            if page.status == 429 {
                refused += 1;
                assert!(page.body.contains("retry_after"), "{}", page.body);
            }
        }
        assert!(refused >= 15, "{refused} of 70 refused");
        assert_eq!(app.count("invitations").await, 71 - refused, "what was refused is not there");
        let mut bob = app.member("Other Agency", "bob@other.example").await;
        app.confirm_address("bob@other.example").await;
        bob.invite("ben@x.example", Role::Viewer).await;
        app.run_jobs().await;
        assert!(app.mails_saying("invites you") <= 52, "{}", app.mails_saying("invites you"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s32_the_links_of_a_leaver_work_on_and_name_an_owner_who_gets_the_mails() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut ann = owner(&app).await;
        let mut mia = app.colleague(&mut ann, "mia@agency.example", Role::Member).await;
        let link = mia.generate_link("Bakery").await;
        let request = mia.request_access("cafe_lumen").await;
        assert!(app.browser().get(&path_of(&link)).await.says("mia@agency.example asks you"), "S32");
        // On her way to Instagram with an account of her own.
        let log_in = mia.post("/accounts/log-in", &[]).await;
        assert_eq!(log_in.status, 303, "{}", log_in.text());
        let callback = walk(&log_in.location.unwrap(), "studio.nora", Decision::Allow).await;
        let mut left = mia.clone();
        assert_eq!(mia.call("leave_organization", &[]).await.status, 200);

        let page = left.come_back(&callback).await;
        app.finish_tasks().await;
        assert_eq!(
            app.database.number("SELECT COUNT(*) AS n FROM accounts WHERE instagram_id IS NOT NULL").await,
            0,
            "{}",
            page.text()
        );

        let page = app.browser().get(&path_of(&link)).await;
        assert_eq!(page.status, 200);
        assert!(page.says("ann@agency.example asks you") && page.says("Bright & Bold"), "{}", page.text());
        assert!(!page.body.contains("mia@agency.example"), "{}", page.text());
        let done = app.browser().connect_as_asked(&request, "cafe_lumen").await;
        assert!(done.says("ann@agency.example") && !done.body.contains("mia@agency.example"), "{}", done.text());
        app.browser().connect(&link, "studio.nora").await;
        app.run_jobs().await;
        let to: Vec<_> = app.mails().into_iter().filter(|mail| mail.subject.contains("collecting")).collect();
        assert_eq!(to.len(), 2, "{to:?}");
        assert!(to.iter().all(|mail| mail.to.contains("ann@agency.example")), "{to:?}");
        app.check_invariants().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a62_nobody_invites_in_the_name_of_an_address_that_was_not_shown_to_be_theirs() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut ann = app.member("Bright & Bold", "ann@agency.example").await;
        let why = "Confirm your own address first";
        let form = [("email", "ben@agency.example"), ("role", "viewer")];
        let before = app.database.contents().await;
        let page = ann.call("invite_member", &form).await;
        assert!(page.status == 422 && page.body.contains(why), "{}", page.body);
        // Without JavaScript, too: at the field, with what was typed.
        let page = ann.post("/api/invite_member", &form).await;
        assert!(page.status == 422 && page.says(why), "{}", page.text());
        assert!(page.body.contains("value=\"ben@agency.example\""), "{}", page.body);
        assert_eq!(app.database.contents().await, before, "neither an invitation nor a mail");

        app.confirm_address("ann@agency.example").await;
        let invitation = ann.invite("ben@agency.example", Role::Viewer).await;
        app.database.execute("UPDATE users SET email_verified_at = NULL").await.unwrap();
        let before = app.database.contents().await;
        let page = resend(&mut ann, invitation.id).await;
        assert!(page.status == 422 && page.body.contains(why), "{}", page.body);
        assert_eq!(app.database.contents().await, before, "the old URL lives on");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a62_a84_one_organization_does_not_use_up_the_invitations_of_another_to_an_address() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut ann = owner(&app).await;
        let invitation = ann.invite("ben@x.example", Role::Viewer).await;
        let mut slowed = 0;
        for _ in 0..9 {
            slowed += usize::from(resend(&mut ann, invitation.id).await.status == 429);
        }
        assert_eq!(slowed, 5, "an organization mails one address five times at once");
        let mut bob = app.member("Other Agency", "bob@other.example").await;
        app.confirm_own_address(&mut bob).await;
        bob.invite("ben@x.example", Role::Viewer).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a50_no_session_alone_makes_an_owner() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut ann = owner(&app).await;
        let mut mia = app.colleague(&mut ann, "mia@agency.example", Role::Viewer).await;
        let id = ann.id_of("mia@agency.example").await;
        let user = id.to_string();
        let before = app.database.contents().await;
        for (password, why) in [("", "Enter your own password"), ("a wrong one", "This is not your password")] {
            for (function, form) in [
                ("transfer_ownership", vec![("user", user.as_str())]),
                ("change_role", vec![("user", user.as_str()), ("role", "owner")]),
                ("invite_member", vec![("email", "eve@elsewhere.example"), ("role", "owner")]),
            ] {
                let mut form = form;
                form.push(("password", password));
                let page = ann.call(function, &form).await;
                assert!(page.status == 422 && page.body.contains(why), "{function}: {}", page.body);
                // Without JavaScript the page asks for it, and shows again what was chosen, but no password.
                let page = ann.post(&format!("/api/{function}"), &form).await;
                assert!(page.status == 422 && page.says(why), "{function}: {}", page.text());
                assert!(page.body.contains("name=\"password\"") && !page.body.contains("a wrong one"), "{function}");
                let kept = function != "invite_member" || page.body.contains("value=\"eve@elsewhere.example\"");
                assert!(kept, "{}", page.body);
            }
        }
        assert_eq!(app.database.contents().await, before, "nothing was given to anybody");

        // Nothing but an owner takes it.
        let to_member = [("user", user.as_str()), ("role", "member")];
        assert_eq!(ann.call("change_role", &to_member).await.status, 200);
        assert_eq!(transfer(&mut ann, id, PASSWORD).await.status, 200);
        assert_eq!(mia.members().await.member.role, Role::Owner);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a15_whoever_becomes_a_viewer_on_the_way_to_instagram_connects_nothing() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let mut ann = owner(&app).await;
        let mut mia = app.colleague(&mut ann, "mia@agency.example", Role::Member).await;
        let id = ann.id_of("mia@agency.example").await;
        let connected = "SELECT COUNT(*) AS n FROM accounts WHERE instagram_id IS NOT NULL";
        // A role that allows it does not stand in the way.
        for (role, accounts) in [(Role::Viewer, 0), (Role::Admin, 1)] {
            assert_eq!(ann.change_role(id, Role::Member).await, 200);
            let authorize = mia.post("/accounts/log-in", &[]).await.location.unwrap();
            let callback = walk(&authorize, "studio.nora", Decision::Allow).await;
            assert_eq!(ann.change_role(id, role).await, 200);
            let page = mia.come_back(&callback).await;
            app.finish_tasks().await;
            assert_eq!(app.database.number(connected).await, accounts, "{role:?}: {}", page.text());
        }
        app.check_invariants().await;
    })
    .await;
}
