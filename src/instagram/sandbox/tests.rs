//! The sandbox by itself: what its doors refuse and what its pages say, straight through the router.
//! The client's side is tested in `http`.

mod accounts;
mod faults;
mod media;

use super::*;
use axum::{
    body::{Body, to_bytes},
    http::{Request, StatusCode, header},
    response::Response,
};
use serde_json::{Value, json};
use tower::ServiceExt;

const CALLBACK: &str = "http://127.0.0.1:3000/oauth/instagram/callback";
const APP_ID: &str = "990602627938098";
const APP_SECRET: &str = "a1b2C3D4sandboxsecret";

fn sandbox() -> Sandbox {
    sandbox_with(None)
}

fn sandbox_with(callbacks: Option<Callbacks>) -> Sandbox {
    Sandbox::new(SandboxConfig {
        app_id: APP_ID.into(),
        app_secret: APP_SECRET.to_owned().into(),
        redirect_uris: vec![CALLBACK.into()],
        public_url: Url::parse("http://127.0.0.1:4100").unwrap(),
        callbacks,
        clock: Clock::default(),
        randomness: Randomness,
    })
}

async fn send(sandbox: &Sandbox, request: Request<Body>) -> Response {
    router(sandbox.clone()).oneshot(request).await.unwrap()
}

async fn get(sandbox: &Sandbox, path: &str) -> Response {
    send(sandbox, Request::get(path).body(Body::empty()).unwrap()).await
}

async fn get_with_cookie(sandbox: &Sandbox, path: &str, cookie: &str) -> Response {
    send(sandbox, Request::get(path).header(header::COOKIE, cookie).body(Body::empty()).unwrap()).await
}

fn encoded(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

async fn post(sandbox: &Sandbox, path: &str, fields: &[(&str, &str)]) -> Response {
    let request = Request::post(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(encoded(fields).into())
        .unwrap();
    send(sandbox, request).await
}

async fn post_json(sandbox: &Sandbox, path: &str, body: &Value) -> Response {
    let request =
        Request::post(path).header(header::CONTENT_TYPE, "application/json").body(body.to_string().into()).unwrap();
    send(sandbox, request).await
}

/// A long-lived token of somebody's.
fn token_of(sandbox: &Sandbox, username: &str) -> String {
    sandbox.mint(people::find(username).unwrap(), true)
}

async fn text(response: Response) -> String {
    String::from_utf8(to_bytes(response.into_body(), 1 << 20).await.unwrap().to_vec()).unwrap()
}

async fn json_of(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    (status, serde_json::from_str(&text(response).await).unwrap())
}

fn location(response: &Response) -> &str {
    assert!(response.status().is_redirection(), "{}", response.status());
    response.headers()[header::LOCATION].to_str().unwrap()
}

fn authorize_path(changes: &[(&str, &str)]) -> String {
    let mut fields = vec![
        ("client_id", APP_ID),
        ("redirect_uri", CALLBACK),
        ("response_type", "code"),
        ("scope", "instagram_business_basic"),
        ("state", "st&te"),
        ("force_reauth", "true"),
        ("enable_fb_login", "false"),
    ];
    for change in changes {
        match fields.iter_mut().find(|(name, _)| *name == change.0) {
            Some(field) => *field = *change,
            None => fields.push(*change),
        }
    }
    format!("/oauth/authorize?{}", encoded(&fields))
}

fn flow_of(location: &str) -> String {
    location.split_once("flow=").unwrap().1.to_owned()
}

/// Logs in, security code and all. Returns the address that comes next, the flow and the cookie.
async fn log_in(sandbox: &Sandbox, changes: &[(&str, &str)], username: &str) -> (String, String, String) {
    let person = people::find(username).unwrap();
    let response = get(sandbox, &authorize_path(changes)).await;
    let flow = flow_of(location(&response));
    let fields = [("flow", flow.as_str()), ("username", username), ("password", person.password)];
    let mut response = post(sandbox, "/accounts/login/", &fields).await;
    if person.two_factor {
        assert!(location(&response).starts_with("/accounts/login/two_factor/?flow="));
        response = post(sandbox, "/accounts/login/two_factor/", &[("flow", &flow), ("code", "123 456")]).await;
    }
    let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    (location(&response).to_owned(), flow, cookie)
}

/// Where consent leads: the error page's message.
async fn objection(sandbox: &Sandbox, changes: &[(&str, &str)], username: &str) -> String {
    let (consent, _, _) = log_in(sandbox, changes, username).await;
    let response = get(sandbox, &consent).await;
    let stopped = location(&response).to_owned();
    assert!(stopped.starts_with("/oauth/authorize/third_party/error/?message="), "{stopped}");
    let page = get(sandbox, &stopped).await;
    assert_eq!(page.status(), StatusCode::BAD_REQUEST);
    text(page).await
}

async fn code(sandbox: &Sandbox, username: &str) -> String {
    let (_, flow, _) = log_in(sandbox, &[], username).await;
    let response = post(sandbox, "/oauth/authorize/consent/", &[("flow", &flow), ("decision", "allow")]).await;
    let url = Url::parse(location(&response)).unwrap();
    url.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned()
}

async fn exchange(sandbox: &Sandbox, changes: &[(&str, &str)], code: &str) -> (u16, Value) {
    let mut fields = vec![
        ("client_id", APP_ID),
        ("client_secret", APP_SECRET),
        ("grant_type", "authorization_code"),
        ("redirect_uri", CALLBACK),
        ("code", code),
    ];
    for change in changes {
        *fields.iter_mut().find(|(name, _)| *name == change.0).unwrap() = *change;
    }
    json_of(post(sandbox, "/oauth/access_token", &fields).await).await
}

#[tokio::test]
async fn the_way_through_ends_at_the_app_with_code_state_and_the_odd_fragment() {
    let sandbox = sandbox();
    let (consent, flow, cookie) = log_in(&sandbox, &[], "bakery_huber").await;
    assert!(cookie.starts_with("sandbox_session="), "{cookie}");
    assert!(text(get(&sandbox, &consent).await).await.contains("Logged in as <strong>bakery_huber</strong>"));
    let response = post(&sandbox, "/oauth/authorize/consent/", &[("flow", &flow), ("decision", "allow")]).await;
    assert_eq!(response.status(), StatusCode::FOUND);
    let location = location(&response);
    assert!(location.starts_with(&format!("{CALLBACK}?code=AQ")), "{location}");
    assert!(location.ends_with("&state=st%26te#_"), "{location}");
}

#[tokio::test]
async fn cancel_goes_back_with_and_without_the_state() {
    let sandbox = sandbox();
    for (with_state, ending) in [(true, "&state=st%26te"), (false, "")] {
        sandbox.set_shape(Shape { state_on_cancel: with_state, ..Shape::default() });
        let (_, flow, _) = log_in(&sandbox, &[], "studio.nora").await;
        let response = post(&sandbox, "/oauth/authorize/consent/", &[("flow", &flow), ("decision", "cancel")]).await;
        let expected = "?error=access_denied&error_reason=user_denied&error_description=The+user+denied+your+request";
        assert_eq!(location(&response), format!("{CALLBACK}{expected}{ending}"));
    }
}

#[tokio::test]
async fn a_fault_of_the_app_shows_after_the_login_and_is_not_sent_back() {
    let sandbox = sandbox();
    for (change, message) in [
        (("client_id", "1"), "Invalid platform app"),
        (("redirect_uri", "http://127.0.0.1:3000/oauth/instagram/callback/"), "Invalid redirect_uri"),
        (("redirect_uri", "https://evil.example/"), "Invalid redirect_uri"),
        (("response_type", "token"), "Invalid response_type"),
        (("scope", "instagram_business_basic,user_profile"), "Invalid scope: user_profile"),
        (("scope", ""), "Invalid scope"),
    ] {
        let page = objection(&sandbox, &[change], "cafe_lumen").await;
        assert!(page.contains(message), "{message}: {page}");
    }
    assert!(objection(&sandbox, &[], "max_private").await.contains("personal account"));
    sandbox.set_shape(Shape { tester_page: true, ..Shape::default() });
    assert!(objection(&sandbox, &[], "acme_outsider").await.contains("Insufficient Developer Role"));
    assert!(text(get(&sandbox, &authorize_path(&[("client_id", "1")])).await).await.is_empty());
}

#[tokio::test]
async fn a_person_who_is_known_is_not_asked_again_unless_the_app_insists() {
    let sandbox = sandbox();
    let (_, _, cookie) = log_in(&sandbox, &[], "studio.nora").await;
    let cookie = format!("__Host-session=other; {cookie}");
    let known = get_with_cookie(&sandbox, &authorize_path(&[("force_reauth", "false")]), &cookie).await;
    assert!(location(&known).starts_with("/oauth/authorize/consent/"));
    for forced in [("force_reauth", "true"), ("force_reauth", "1")] {
        let asked = get_with_cookie(&sandbox, &authorize_path(&[forced]), &cookie).await;
        assert!(location(&asked).starts_with("/accounts/login/"));
    }
}

#[tokio::test]
async fn a_wrong_password_or_code_stays_on_the_page_and_steps_cannot_be_skipped() {
    let sandbox = sandbox();
    let response = get(&sandbox, &authorize_path(&[])).await;
    let flow = flow_of(location(&response));
    let wrong = [("flow", flow.as_str()), ("username", "bakery_huber\"><b>"), ("password", "x")];
    let response = post(&sandbox, "/accounts/login/", &wrong).await;
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = text(response).await;
    assert!(page.contains("role=\"alert\"") && page.contains("bakery_huber&quot;&gt;&lt;b&gt;"), "{page}");
    let right = [("flow", flow.as_str()), ("username", " @Bakery_Huber "), ("password", "sandbox-bakery")];
    assert!(location(&post(&sandbox, "/accounts/login/", &right).await).contains("two_factor"));
    let response = post(&sandbox, "/accounts/login/two_factor/", &[("flow", &flow), ("code", "000000")]).await;
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let skipped = post(&sandbox, "/oauth/authorize/consent/", &[("flow", &flow), ("decision", "allow")]).await;
    assert!(location(&skipped).starts_with("/accounts/login/"));
    for path in ["/accounts/login/?flow=unknown", "/oauth/authorize/consent/?flow=unknown"] {
        assert_eq!(get(&sandbox, path).await.status(), StatusCode::GONE);
    }
}

#[tokio::test]
async fn every_page_says_that_it_is_not_instagram_and_works_without_script() {
    let sandbox = sandbox();
    let response = get(&sandbox, &authorize_path(&[])).await;
    let login = location(&response).to_owned();
    let (consent, _, _) = log_in(&sandbox, &[], "studio.nora").await;
    for path in ["/", &login, &consent, "/oauth/authorize/third_party/error/?message=%3Cb%3E", "/nowhere"] {
        let response = get(&sandbox, path).await;
        let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
        assert!(policy.contains("default-src 'none'") && !policy.contains("form-action"), "{policy}");
        let page = text(response).await;
        assert!(page.contains("This is the sandbox, not Instagram: do not type a real password"), "{path}");
        assert!(page.matches("<h1>").count() == 1 && page.contains("<main>") && page.contains("lang=\"en\""), "{path}");
        assert!(!page.contains("<script") && !page.contains("style=") && !page.contains("<b>"), "{path}");
    }
}

#[tokio::test]
async fn f14_a_code_is_good_once_for_an_hour_for_its_app_and_address() {
    let sandbox = sandbox();
    let first = code(&sandbox, "studio.nora").await;
    for (change, message) in [
        (("client_id", "1"), "Invalid platform app"),
        (("client_secret", "wrong"), "Error validating client secret."),
        (("grant_type", "password"), "Invalid grant_type"),
        (("code", "AQunknown"), "Matching code was not found or was already used"),
        (("code", ""), "Missing required field code"),
        (("redirect_uri", "http://127.0.0.1:3000/other"), "Please make sure your redirect_uri is identical"),
    ] {
        let (status, body) = exchange(&sandbox, &[change], &first).await;
        let said = body["error_message"].as_str().unwrap();
        assert!(status == 400 && body["code"] == 400 && said.contains(message), "{message}: {body}");
    }
    let (status, body) = exchange(&sandbox, &[], &first).await;
    assert_eq!(status, 200);
    assert_eq!(body["user_id"].as_u64(), Some(27_640_875_392_278_833));
    assert_eq!(body["permissions"], json!(["instagram_business_basic"]));
    let (status, body) = exchange(&sandbox, &[], &first).await;
    assert_eq!((status, body["error_message"].as_str().unwrap()), (400, "This authorization code has been used"));
    let late = code(&sandbox, "studio.nora").await;
    sandbox.config.clock.advance(HOUR);
    let (status, body) = exchange(&sandbox, &[], &late).await;
    assert_eq!((status, body["error_message"].as_str().unwrap()), (400, "This authorization code has expired"));
}

#[tokio::test]
async fn the_token_endpoint_takes_multipart_too_and_nothing_else() {
    let sandbox = sandbox();
    let code = code(&sandbox, "cafe_lumen").await;
    let fields = [
        ("client_id", APP_ID),
        ("client_secret", APP_SECRET),
        ("grant_type", "authorization_code"),
        ("redirect_uri", CALLBACK),
        ("code", code.as_str()),
    ];
    let mut body = String::new();
    for (name, value) in fields {
        body.push_str(&format!("--xYz\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"));
    }
    body.push_str("--xYz--\r\n");
    let request = |kind: &str, body: String| {
        Request::post("/oauth/access_token").header(header::CONTENT_TYPE, kind).body(body.into()).unwrap()
    };
    let (status, _) = json_of(send(&sandbox, request("application/json", "{}".into())).await).await;
    assert_eq!(status, 400);
    let (status, _) = json_of(get(&sandbox, "/oauth/access_token").await).await;
    assert_eq!(status, 400);
    let (status, body) = json_of(send(&sandbox, request("multipart/form-data; boundary=xYz", body)).await).await;
    assert_eq!(status, 200, "{body}");
}

#[tokio::test]
async fn the_graph_refuses_in_the_codes_that_meta_documents() {
    let sandbox = sandbox();
    let person = people::find("studio.nora").unwrap();
    let me = async |token: &str, fields: &str| {
        json_of(get(&sandbox, &format!("/v25.0/me?fields={fields}&access_token={token}")).await).await
    };
    let code_of = |(status, body): (u16, Value)| {
        assert!(status == 400 && body["error"]["fbtrace_id"].is_string(), "{body}");
        (body["error"]["code"].as_i64().unwrap(), body["error"]["error_subcode"].as_i64())
    };
    let token = sandbox.mint(person, true);
    assert_eq!(me(&token, "id,user_id,username").await.1["username"], "studio.nora");
    assert_eq!(code_of(me(&token, "id,shoe_size").await), (100, None));
    assert_eq!(code_of(me("garbage", "id").await), (190, None));
    assert_eq!(code_of(me(&format!("{token}x"), "id").await), (190, None));
    let outsider = sandbox.mint(people::find("acme_outsider").unwrap(), true);
    assert_eq!(code_of(me(&outsider, "id").await), (100, None));
    let sparse = sandbox.mint(people::find("salon_sparse").unwrap(), true);
    assert_eq!(code_of(me(&sparse, "id").await), (10, None));
    assert_eq!(code_of(json_of(get(&sandbox, "/v25.0/nowhere").await).await), (2_500, None));
    assert_eq!(code_of(json_of(get(&sandbox, "/oauth/me").await).await), (2_500, None));

    let refresh = async |token: &str| {
        let path = format!("/refresh_access_token?grant_type=ig_refresh_token&access_token={token}");
        json_of(get(&sandbox, &path).await).await
    };
    assert_eq!(code_of(refresh(&token).await), (100, None));
    for (standing, subcode) in
        [(Standing::AppRemoved, 458), (Standing::PasswordChanged, 460), (Standing::Checkpoint, 459)]
    {
        assert!(sandbox.set_standing("studio.nora", standing));
        assert_eq!(code_of(me(&token, "id").await), (190, Some(subcode)));
    }
    assert!(!sandbox.set_standing("nobody", Standing::Normal));
    sandbox.config.clock.advance(HOUR);
    let token = sandbox.mint(person, true);
    assert_eq!(me(&token, "id").await.0, 200);
    sandbox.config.clock.advance(24 * HOUR);
    let (status, renewed) = refresh(&token).await;
    assert_eq!((status, renewed["expires_in"].as_u64()), (200, Some(5_183_944)));
    sandbox.config.clock.advance(token::LONG_LIFE);
    assert_eq!(code_of(me(&token, "id").await), (190, Some(463)));
    assert_eq!(me(renewed["access_token"].as_str().unwrap(), "id").await.0, 400);
}
