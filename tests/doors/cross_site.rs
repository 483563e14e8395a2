//! Forms from other websites are refused before anything happens (A38, A40).

use crate::support::{Installation, Kind, journey::path_of, on_each_database};
use axum::body::Body;
use http::{Method, header};
use leptos::server_fn::axum::server_fn_paths;

#[tokio::test(flavor = "multi_thread")]
async fn a38_every_changing_door_refuses_other_sites_in_every_form_encoding() {
    on_each_database(async |kind| {
        let app = Installation::new(kind).await;
        let (mut member, link) = app.member_with_link().await;
        let plain = [
            "/sign-up".to_owned(),
            "/sign-in".to_owned(),
            "/sign-out".to_owned(),
            "/sign-in/two-factor".to_owned(),
            "/forgot-password".to_owned(),
            "/you".to_owned(),
            "/checklist".to_owned(),
            format!("/verify-email/{}", "x".repeat(43)),
            "/accounts/log-in".to_owned(),
            "/organizations/switch".to_owned(),
            "/settings".to_owned(),
            "/settings/delete".to_owned(),
            format!("/invitations/{}", "x".repeat(43)),
            "/instagram/deauthorize".to_owned(),
            "/instagram/data-deletion".to_owned(),
            "/billing/checkout".to_owned(),
            "/billing/portal".to_owned(),
            "/stripe/webhook".to_owned(),
            format!("/reminders/{}", "x".repeat(43)),
            format!("/reset-password/{}", "x".repeat(43)),
            path_of(&link),
            "/connect/attempt/0198f000-0000-7000-8000-000000000000".to_owned(),
        ];
        let posts = include_str!("../../src/server/router.rs").matches("post(").count();
        assert_eq!(posts, plain.len(), "a new plain door needs a row above");
        let mut doors: Vec<_> = plain.into_iter().map(|door| (Method::POST, door)).collect();
        doors.extend(server_fn_paths().map(|(path, method)| (method, path.to_owned())));
        assert!(doors.len() >= 13, "{doors:?}");
        let before = app.database.contents().await;
        for (method, door) in &doors {
            for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"] {
                for site in ["cross-site", "same-site"] {
                    let request = member
                        .request(method.clone(), door)
                        .header("sec-fetch-site", site)
                        .header(header::ORIGIN, "https://evil.example")
                        .header(header::CONTENT_TYPE, kind);
                    let body = Body::from(format!("id={}&description=x", link.id));
                    let page = member.send(request, body).await;
                    assert_eq!(page.status, 403, "{door} {kind}");
                    assert!(page.set_cookies().is_empty(), "{door} {kind}");
                    page.assert_dressed(door);
                }
                let old_browser = member
                    .request(method.clone(), door)
                    .header(header::ORIGIN, "https://evil.example")
                    .header(header::CONTENT_TYPE, kind);
                let page = member.send(old_browser, Body::empty()).await;
                assert_eq!(page.status, 403, "{door} without Sec-Fetch-Site");
            }
        }
        assert_eq!(app.database.contents().await, before, "nothing happened");
        assert_eq!(member.links().await.links.len(), 1, "the session lives on");
        assert_eq!(app.count("attempts").await, 0);
    })
    .await;
}

#[test]
fn a38_the_list_of_doors_is_whole() {
    let known = [
        "change_role",
        "deletion_status",
        "disconnect_account",
        "generate_link",
        "invite_member",
        "leave_organization",
        "list_posts",
        "load_account",
        "load_accounts",
        "load_audit",
        "load_checklist",
        "load_connect",
        "load_connect_links",
        "load_invitation",
        "load_members",
        "load_organization_end",
        "load_plan",
        "load_reminders",
        "load_settings",
        "load_you",
        "pending_status",
        "redeem_connection",
        "regenerate_request",
        "remove_member",
        "request_access",
        "resend_invitation",
        "revoke_invitation",
        "revoke_link",
        "transfer_ownership",
        "withdraw_request",
    ];
    let mut registered: Vec<_> =
        server_fn_paths().map(|(path, _)| path.trim_start_matches("/api/").to_owned()).collect();
    registered.sort();
    assert_eq!(registered, known, "a new door needs a row in the tests above");
}

#[tokio::test(flavor = "multi_thread")]
async fn a40_an_old_browser_of_our_own_page_may_start_and_a_null_origin_reads_why_not() {
    let app = Installation::new(Kind::Sqlite).await;
    let (_, link) = app.member_with_link().await;
    let mut client = app.browser();
    let same = client.request(Method::POST, &path_of(&link)).header(header::ORIGIN, "http://127.0.0.1:3000");
    assert_eq!(client.send(same, Body::empty()).await.status, 303);
    let null = client.request(Method::POST, &path_of(&link)).header(header::ORIGIN, "null");
    let page = client.send(null, Body::empty()).await;
    assert_eq!(page.status, 403);
    assert!(page.says("Safari, Chrome or Firefox"), "{}", page.text());
    assert!(page.body.contains(">Try again<"), "{}", page.text());
}
