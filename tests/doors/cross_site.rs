//! Forms from other websites are refused before anything happens (A38, A40).

use crate::support::{Installation, Kind, journey::path_of};
use axum::body::Body;
use http::{Method, header};

#[tokio::test(flavor = "multi_thread")]
async fn a38_every_changing_door_refuses_other_sites_in_every_form_encoding() {
    let app = Installation::new(Kind::Sqlite).await;
    let (mut member, link) = app.member_with_link().await;
    let doors = [
        "/sign-up".to_owned(),
        "/sign-in".to_owned(),
        "/sign-out".to_owned(),
        format!("/reset-password/{}", "x".repeat(43)),
        path_of(&link),
        "/api/generate_link".to_owned(),
        "/api/revoke_link".to_owned(),
        "/api/disconnect_account".to_owned(),
        "/api/redeem_connection".to_owned(),
        "/api/pending_status".to_owned(),
        "/api/load_accounts".to_owned(),
        "/api/load_connect_links".to_owned(),
        "/api/load_connect".to_owned(),
    ];
    for door in &doors {
        for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"] {
            for site in ["cross-site", "same-site"] {
                let request = member
                    .request(Method::POST, door)
                    .header("sec-fetch-site", site)
                    .header(header::ORIGIN, "https://evil.example")
                    .header(header::CONTENT_TYPE, kind);
                let body = Body::from(format!("id={}&description=x", link.id));
                let page = member.send(request, body).await;
                assert_eq!(page.status, 403, "{door} {kind}");
                assert!(page.header("content-security-policy").is_some(), "a refusal carries the headers, too");
                assert!(page.header("x-request-id").is_some());
            }
            let old_browser = member
                .request(Method::POST, door)
                .header(header::ORIGIN, "https://evil.example")
                .header(header::CONTENT_TYPE, kind);
            assert_eq!(member.send(old_browser, Body::empty()).await.status, 403, "{door} without Sec-Fetch-Site");
        }
    }
    assert_eq!(member.links().await.links.len(), 1, "nothing happened, and the session lives on");
    assert_eq!(app.count("attempts").await, 0);
}

#[test]
fn a38_the_list_of_doors_is_whole() {
    let known = [
        "disconnect_account",
        "generate_link",
        "load_accounts",
        "load_connect",
        "load_connect_links",
        "pending_status",
        "redeem_connection",
        "revoke_link",
    ];
    let mut registered: Vec<_> = leptos::server_fn::axum::server_fn_paths()
        .map(|(path, _)| path.trim_start_matches("/api/").to_owned())
        .collect();
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
}
