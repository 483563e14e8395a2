//! What every response says to the browser (A09, A35, A49, A60, A80, A86).

use crate::support::{Installation, Kind, journey::path_of};

const EVERYWHERE: [&str; 8] = [
    "content-security-policy",
    "referrer-policy",
    "x-content-type-options",
    "x-frame-options",
    "permissions-policy",
    "cross-origin-opener-policy",
    "cache-control",
    "x-request-id",
];

#[tokio::test(flavor = "multi_thread")]
async fn a09_a35_a86_no_response_lacks_a_header() {
    let app = Installation::new(Kind::Sqlite).await;
    let (mut member, link) = app.member_with_link().await;
    let paths = [
        "/",
        "/sign-in",
        "/sign-up",
        "/accounts",
        "/accounts/connect-links",
        "/nowhere",
        "/connect/unknown",
        "/oauth/instagram/callback",
        "/healthz",
        "/readyz",
        "/robots.txt",
        "/live-not",
        "/icons.svg",
        "/pkg/grantlink.css",
        "/pkg/nothing.js",
        "/api/nothing",
        "/trouble",
        "/reset-password/x",
        &path_of(&link),
    ];
    for path in paths {
        let page = member.get(path).await;
        for name in EVERYWHERE {
            assert!(page.header(name).is_some(), "{path} ({}) lacks {name}", page.status);
        }
        assert_eq!(page.header("referrer-policy"), Some("same-origin"), "{path}");
        assert!(page.header("content-security-policy").unwrap().contains("frame-ancestors 'none'"), "{path}");
        assert!(page.header("server").is_none());
    }
    assert_eq!(member.get("/nowhere").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a60_each_page_has_its_own_nonce_and_no_inline_style_or_handler() {
    let app = Installation::new(Kind::Sqlite).await;
    let (mut member, link) = app.member_with_link().await;
    let mut nonces = std::collections::HashSet::new();
    for path in ["/sign-in", "/accounts", "/accounts/connect-links", &path_of(&link), "/nowhere", "/connect/unknown"] {
        let page = member.get(path).await;
        let policy = page.header("content-security-policy").unwrap().to_owned();
        let nonce =
            policy.split("'nonce-").nth(1).unwrap_or_else(|| panic!("{path}: {policy}")).split('\'').next().unwrap();
        assert!(nonces.insert(nonce.to_owned()), "{path} repeats a nonce");
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{policy}");
        for script in page.body.split("<script").skip(1) {
            let tag = script.split('>').next().unwrap();
            assert!(tag.contains(&format!("nonce=\"{nonce}\"")), "{path}: <script{tag}>");
        }
        for inline in [" style=\"", " onclick=", " onsubmit=", "javascript:"] {
            assert!(!page.body.contains(inline), "{path} has {inline}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a49_cookies_are_host_only_secure_and_lax() {
    let app = Installation::new(Kind::Sqlite).await;
    let (_, link) = app.member_with_link().await;
    let form = [("email", "ann@agency.example"), ("password", "three small words")];
    let signed_in = app.browser().post("/sign-in", &form).await;
    let started = app.browser().post(&path_of(&link), &[]).await;
    for page in [signed_in, started] {
        let cookie = page.header("set-cookie").unwrap();
        for part in ["__Host-", "; HttpOnly", "; SameSite=Lax", "; Secure", "; Path=/"] {
            assert!(cookie.contains(part), "{cookie}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a86_https_installations_ask_for_https_for_good() {
    let settings =
        [("BASE_URL", "https://connect.agency.example"), ("INSTAGRAM_APP_ID", "1"), ("INSTAGRAM_APP_SECRET", "s")];
    let app = Installation::with_settings(Kind::Sqlite, &settings).await;
    let page = app.browser().get("/healthz").await;
    assert!(page.header("strict-transport-security").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn hashed_files_are_kept_and_pages_are_not() {
    let app = Installation::new(Kind::Sqlite).await;
    let mut browser = app.browser();
    assert_eq!(browser.get("/sign-in").await.header("cache-control"), Some("no-store"));
    assert_eq!(browser.get("/icons.svg").await.header("cache-control"), Some("public, max-age=3600"));
    assert_eq!(browser.get("/pkg/missing.css").await.header("cache-control"), Some("no-store"));
}
