//! Only our own host is served, and nobody else's word makes a URL (A48).

use crate::support::{Installation, Kind};
use axum::body::Body;
use http::{Method, Request, header};

#[tokio::test(flavor = "multi_thread")]
async fn a48_another_host_is_refused_and_never_believed() {
    let app = Installation::new(Kind::Sqlite).await;
    let mut browser = app.browser();
    let request = |host: &str| Request::builder().method(Method::GET).uri("/sign-in").header(header::HOST, host);
    for host in ["evil.example", "127.0.0.1:3000.evil.example", "127.0.0.1.evil.example:3000", ""] {
        let page = browser.send(request(host), Body::empty()).await;
        assert_eq!(page.status, 421, "{host}");
    }
    let twice = request("127.0.0.1:3000").header(header::HOST, "evil.example");
    assert_eq!(browser.send(twice, Body::empty()).await.status, 421);
    let absolute = Request::builder().uri("http://evil.example/sign-in").header(header::HOST, "127.0.0.1:3000");
    assert_eq!(browser.send(absolute, Body::empty()).await.status, 421);
    assert_eq!(browser.send(request("127.0.0.1:3000"), Body::empty()).await.status, 200);
    for probe in ["/healthz", "/readyz"] {
        let request = Request::builder().uri(probe).header(header::HOST, "10.0.0.7:3000");
        assert_eq!(browser.send(request, Body::empty()).await.status, 200, "{probe}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a48_another_name_of_this_machine_is_led_to_the_right_one() {
    let app = Installation::new(Kind::Sqlite).await;
    let mut browser = app.browser();
    for host in ["localhost:3000", "[::1]:3000", "127.0.0.2:3000"] {
        let request = Request::builder().uri("/sign-in?x=1").header(header::HOST, host);
        let page = browser.send(request, Body::empty()).await;
        assert_eq!(page.location.as_deref(), Some("http://127.0.0.1:3000/sign-in?x=1"), "{host}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a48_links_use_the_configured_origin_whatever_the_proxy_headers_say() {
    let app = Installation::new(Kind::Sqlite).await;
    let mut member = app.member("Bright & Bold", "ann@agency.example").await;
    for name in ["x-forwarded-host", "x-forwarded-proto", "forwarded"] {
        member.headers.insert(name, "evil.example".parse().unwrap());
    }
    assert!(member.generate_link("").await.url.starts_with("http://127.0.0.1:3000/connect/"));
}
