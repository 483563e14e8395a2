//! The client against the sandbox, scripted to misbehave in every way it knows, and against servers that keep to
//! nothing. Where a name starts with an id, the test is the proof of that demand.

use super::*;
use crate::{
    clock::{Clock, Randomness},
    instagram::{
        AccountType,
        sandbox::{Endpoint, Fault, FaultKind, Permissions, Sandbox, SandboxConfig, Shape, Standing, UserId, router},
    },
    token_death::TokenDeath,
};
use std::future::IntoFuture;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

const CALLBACK: &str = "http://127.0.0.1:3000/oauth/instagram/callback";
const APP_SECRET: &str = "a1b2C3D4sandboxsecret";

struct World {
    sandbox: Sandbox,
    provider: HttpProvider,
    app: InstagramApp,
    clock: Clock,
}

fn provider(app: &InstagramApp) -> HttpProvider {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    HttpProvider::new(app).unwrap()
}

async fn world() -> World {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let clock = Clock::default();
    let sandbox = Sandbox::new(SandboxConfig {
        app_id: "990602627938098".into(),
        app_secret: APP_SECRET.to_owned().into(),
        redirect_uris: vec![CALLBACK.into()],
        public_url: format!("http://{}", listener.local_addr().unwrap()).parse().unwrap(),
        callbacks: None,
        clock: clock.clone(),
        randomness: Randomness,
    });
    tokio::spawn(axum::serve(listener, router(sandbox.clone())).into_future());
    let app = sandbox.app(CALLBACK);
    World { provider: provider(&app), app, sandbox, clock }
}

/// An app whose Instagram is somewhere else.
fn app_at(origin: &str) -> InstagramApp {
    InstagramApp {
        app_id: "990602627938098".into(),
        app_secret: APP_SECRET.to_owned().into(),
        authorize_url: Url::parse(origin).unwrap().join("/oauth/authorize").unwrap(),
        token_url: Url::parse(origin).unwrap().join("/oauth/access_token").unwrap(),
        graph_url: Url::parse(origin).unwrap(),
        graph_version: "v25.0".into(),
        redirect_uri: CALLBACK.into(),
    }
}

/// A browser: keeps cookies, follows nothing by itself.
struct Browser {
    client: reqwest::Client,
    origin: Url,
    cookie: Option<String>,
}

impl Browser {
    fn new(world: &World) -> Self {
        let client = client(&world.app).unwrap();
        Self { client, origin: world.app.graph_url.clone(), cookie: None }
    }

    /// Returns where it is sent next.
    async fn send(&mut self, mut request: reqwest::RequestBuilder) -> String {
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        let response = request.send().await.unwrap();
        if let Some(cookie) = response.headers().get("set-cookie") {
            self.cookie = Some(cookie.to_str().unwrap().split(';').next().unwrap().to_owned());
        }
        assert!(response.status().is_redirection(), "{}", response.status());
        response.headers()["location"].to_str().unwrap().to_owned()
    }

    async fn open(&mut self, path: &str) -> String {
        let url = self.origin.join(path).unwrap();
        self.send(self.client.get(url)).await
    }

    async fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> String {
        let url = self.origin.join(path).unwrap();
        self.send(self.client.post(url).form(fields)).await
    }
}

/// A whole way through login and consent, up to the address of the app.
async fn consent(world: &World, username: &str) -> Url {
    let person = crate::instagram::sandbox::people().iter().find(|p| p.username == username).unwrap();
    let mut browser = Browser::new(world);
    let login = browser.open(world.provider.authorize_url("the state").as_str()).await;
    let flow = login.split_once("flow=").unwrap().1.to_owned();
    let fields = [("flow", flow.as_str()), ("username", username), ("password", person.password)];
    let mut next = browser.submit("/accounts/login/", &fields).await;
    if person.two_factor {
        assert!(next.starts_with("/accounts/login/two_factor/"), "{next}");
        next = browser.submit("/accounts/login/two_factor/", &[("flow", &flow), ("code", "123456")]).await;
    }
    assert!(next.starts_with("/oauth/authorize/consent/"), "{next}");
    let back = browser.submit("/oauth/authorize/consent/", &[("flow", &flow), ("decision", "allow")]).await;
    Url::parse(&back).unwrap()
}

async fn code(world: &World, username: &str) -> SecretString {
    let url = consent(world, username).await;
    assert!(url.query_pairs().any(|(name, value)| name == "state" && value == "the state"));
    let code = url.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    code.into()
}

/// A connected account's token.
async fn long_lived(world: &World, username: &str) -> SecretString {
    let code = code(world, username).await;
    let short = world.provider.exchange_code(&code).await.unwrap();
    world.provider.long_lived_token(&short).await.unwrap().token
}

/// Each call of the trait by name, so that a test can go through all.
async fn call(world: &World, on: Endpoint) -> Result<(), ProviderError> {
    match on {
        Endpoint::Token => {
            let code = code(world, "studio.nora").await;
            world.provider.exchange_code(&code).await.map(drop)
        }
        Endpoint::LongLived => {
            let code = code(world, "studio.nora").await;
            let short = world.provider.exchange_code(&code).await.unwrap();
            world.provider.long_lived_token(&short).await.map(drop)
        }
        Endpoint::Refresh => {
            let token = long_lived(world, "studio.nora").await;
            world.clock.advance(Duration::from_secs(86_400));
            world.provider.refresh(&token).await.map(drop)
        }
        Endpoint::Media => {
            let token = long_lived(world, "studio.nora").await;
            world.provider.media(&token, None).await.map(drop)
        }
        _ => {
            let code = code(world, "studio.nora").await;
            let short = world.provider.exchange_code(&code).await.unwrap();
            world.provider.profile(&short.token).await.map(drop)
        }
    }
}

async fn call_with(world: &World, on: Endpoint, kind: FaultKind, times: u32) -> Result<(), ProviderError> {
    world.sandbox.behave();
    world.sandbox.script(Fault { times, ..Fault::once(on, kind) });
    let outcome = call(world, on).await;
    if let Err(error) = &outcome {
        let text = format!("{error} {error:?}");
        assert!(!text.contains("IGAA") && !text.contains(APP_SECRET) && !text.contains("://"), "{text}");
    }
    outcome
}

fn is_ambiguous(outcome: &Result<(), ProviderError>) -> bool {
    matches!(outcome, Err(ProviderError::Ambiguous(_)))
}

fn is_unavailable(outcome: &Result<(), ProviderError>) -> bool {
    matches!(outcome, Err(ProviderError::Unavailable(_)))
}

fn is_malformed(outcome: &Result<(), ProviderError>) -> bool {
    matches!(outcome, Err(ProviderError::Malformed(_)))
}

#[tokio::test]
async fn a30_the_authorize_url_asks_for_the_least_and_forces_a_login() {
    let mut app = app_at("https://www.instagram.com");
    app.redirect_uri = "https://app.example.com/oauth/instagram/callback".into();
    let url = provider(&app).authorize_url("st&te");
    assert_eq!(
        url.as_str(),
        "https://www.instagram.com/oauth/authorize?response_type=code&client_id=990602627938098&state=st%26te\
         &redirect_uri=https%3A%2F%2Fapp.example.com%2Foauth%2Finstagram%2Fcallback&scope=instagram_business_basic\
         &force_reauth=true&enable_fb_login=false"
    );
}

#[tokio::test]
async fn a29_a_whole_connection_through_two_factor_login_yields_the_exact_ids() {
    let world = world().await;
    let code = code(&world, "bakery_huber").await;
    let short = world.provider.exchange_code(&code).await.unwrap();
    assert!(short.grants(SCOPE));
    let long = world.provider.long_lived_token(&short).await.unwrap();
    assert_eq!(long.expires_in.as_secs(), 5_183_944);
    assert_ne!(long.token.expose_secret(), short.token.expose_secret());
    let profile = world.provider.profile(&long.token).await.unwrap();
    assert_eq!(
        profile,
        Profile {
            instagram_id: "17841405822304914".into(),
            app_scoped_id: "27640875392278831".into(),
            username: "bakery_huber".into(),
            name: Some("Bakery Huber".into()),
            account_type: AccountType::Business,
            picture_url: profile.picture_url.clone(),
        }
    );
    assert_eq!(profile.picture_url.unwrap().origin(), world.app.graph_url.origin());
    assert_eq!(world.provider.exchange_code(&code).await.unwrap_err(), ProviderError::CodeRefused);
    let calls = world.sandbox.calls();
    assert_eq!((calls.token, calls.long_lived, calls.me, calls.secrets_in_browser), (2, 1, 1, 0));
}

#[tokio::test]
async fn a29_every_shape_of_the_answers_is_taken() {
    let world = world().await;
    for flat in [true, false] {
        for user_id in [UserId::Number, UserId::String] {
            for permissions in [Permissions::Array, Permissions::String, Permissions::Absent] {
                world.sandbox.set_shape(Shape { flat, user_id, permissions, ..Shape::default() });
                let code = code(&world, "studio.nora").await;
                let short = world.provider.exchange_code(&code).await.unwrap();
                assert!(short.grants(SCOPE));
                assert_eq!(short.permissions.is_none(), permissions == Permissions::Absent);
                let profile = world.provider.profile(&short.token).await.unwrap();
                assert_eq!(profile.instagram_id, "17841405822304917");
                assert_eq!(profile.account_type, AccountType::Creator);
            }
        }
    }
}

#[tokio::test]
async fn a_code_pasted_with_its_fragment_is_taken_and_one_of_another_address_is_not() {
    let world = world().await;
    let pasted = code(&world, "cafe_lumen").await;
    let pasted: SecretString = format!("{}#_", pasted.expose_secret()).into();
    world.provider.exchange_code(&pasted).await.unwrap();

    let code = code(&world, "cafe_lumen").await;
    let elsewhere = provider(&InstagramApp { redirect_uri: format!("{CALLBACK}/"), ..world.app.clone() });
    assert!(matches!(elsewhere.exchange_code(&code).await.unwrap_err(), ProviderError::Misconfigured(_)));
    let stranger = provider(&InstagramApp { app_secret: "wrong".to_owned().into(), ..world.app.clone() });
    assert!(matches!(stranger.exchange_code(&code).await.unwrap_err(), ProviderError::Misconfigured(_)));
    let stranger = provider(&InstagramApp { app_id: "1".into(), ..world.app.clone() });
    assert!(matches!(stranger.exchange_code(&code).await.unwrap_err(), ProviderError::Misconfigured(_)));
    let nonsense: SecretString = "AQnonsense".to_owned().into();
    assert_eq!(world.provider.exchange_code(&nonsense).await.unwrap_err(), ProviderError::CodeRefused);
    world.clock.advance(Duration::from_secs(3_600));
    assert_eq!(world.provider.exchange_code(&code).await.unwrap_err(), ProviderError::CodeRefused);
}

#[tokio::test]
async fn f17_people_whose_token_is_good_for_nothing_are_told_apart() {
    let world = world().await;
    let outsider = code(&world, "acme_outsider").await;
    let outsider = world.provider.exchange_code(&outsider).await.unwrap();
    assert_eq!(world.provider.long_lived_token(&outsider).await.unwrap_err(), ProviderError::NotAllowedForAccount);
    assert_eq!(world.provider.profile(&outsider.token).await.unwrap_err(), ProviderError::NotAllowedForAccount);

    let sparse = code(&world, "salon_sparse").await;
    let sparse = world.provider.exchange_code(&sparse).await.unwrap();
    assert!(!sparse.grants(SCOPE));
    assert_eq!(world.provider.profile(&sparse.token).await.unwrap_err(), ProviderError::PermissionMissing);

    let mia = code(&world, "mia_personal").await;
    let mia = world.provider.exchange_code(&mia).await.unwrap();
    assert!(!world.provider.profile(&mia.token).await.unwrap().account_type.is_professional());

    let nora = code(&world, "studio.nora").await;
    let nora = world.provider.exchange_code(&nora).await.unwrap();
    world.sandbox.set_standing("studio.nora", Standing::AppRemoved);
    let error = world.provider.profile(&nora.token).await.unwrap_err();
    assert_eq!(error, ProviderError::TokenDead(TokenDeath::AppRemoved));
    world.sandbox.set_standing("studio.nora", Standing::Normal);
    world.clock.advance(Duration::from_secs(3_600));
    let error = world.provider.profile(&nora.token).await.unwrap_err();
    assert_eq!(error, ProviderError::TokenDead(TokenDeath::Expired));
}

#[tokio::test]
async fn f14_once_a_code_was_sent_every_lost_answer_is_ambiguous_and_nothing_is_sent_twice() {
    let world = world().await;
    for kind in [
        FaultKind::DropAfterConsuming,
        FaultKind::Html502,
        FaultKind::Status { code: 500, retry_after: None },
        FaultKind::Status { code: 503, retry_after: Some(1) },
        FaultKind::Empty,
        FaultKind::OkWithError,
        FaultKind::Truncated,
        FaultKind::Huge,
        FaultKind::InvalidUtf8,
        FaultKind::WrongTypes,
        FaultKind::MissingFields,
        FaultKind::Redirect,
    ] {
        let before = world.sandbox.calls().token;
        let outcome = call_with(&world, Endpoint::Token, kind.clone(), 1).await;
        assert!(is_ambiguous(&outcome), "{kind:?} {outcome:?}");
        assert_eq!(world.sandbox.calls().token, before + 1, "{kind:?}");
    }
    let outcome = call_with(&world, Endpoint::Token, FaultKind::Status { code: 429, retry_after: Some(30) }, 1).await;
    assert_eq!(outcome, Err(ProviderError::RateLimited(Some(30))));
    assert_eq!(world.sandbox.calls().redirects_followed, 0);
}

#[tokio::test]
async fn f14_calls_that_change_nothing_are_repeated_once_and_no_more() {
    let world = world().await;
    let count = |on| match on {
        Endpoint::LongLived => world.sandbox.calls().long_lived,
        Endpoint::Refresh => world.sandbox.calls().refresh,
        Endpoint::Media => world.sandbox.calls().media,
        _ => world.sandbox.calls().me,
    };
    for on in [Endpoint::LongLived, Endpoint::Refresh, Endpoint::Me, Endpoint::Media] {
        for kind in [FaultKind::Html502, FaultKind::Status { code: 503, retry_after: None }] {
            let before = count(on);
            assert_eq!(call_with(&world, on, kind.clone(), 1).await, Ok(()), "{on:?} {kind:?}");
            assert_eq!(count(on), before + 2);
            let outcome = call_with(&world, on, kind.clone(), 5).await;
            assert!(is_unavailable(&outcome), "{on:?} {kind:?} {outcome:?}");
            assert_eq!(count(on), before + 4);
        }
        let before = count(on);
        for kind in [
            FaultKind::Status { code: 503, retry_after: Some(5) },
            FaultKind::Status { code: 500, retry_after: None },
            FaultKind::DropAfterConsuming,
            FaultKind::OkWithError,
        ] {
            let outcome = call_with(&world, on, kind.clone(), 1).await;
            assert!(is_unavailable(&outcome), "{on:?} {kind:?} {outcome:?}");
        }
        for (retry_after, code) in [(Some(30), 429), (None, 429)] {
            let outcome = call_with(&world, on, FaultKind::Status { code, retry_after }, 1).await;
            assert_eq!(outcome, Err(ProviderError::RateLimited(retry_after)));
        }
        assert_eq!(count(on), before + 6);
    }
}

#[tokio::test]
async fn f16_an_answer_that_is_none_is_named_and_read_no_further_than_the_cap() {
    let world = world().await;
    for on in [Endpoint::LongLived, Endpoint::Refresh, Endpoint::Me, Endpoint::Media] {
        for kind in [
            FaultKind::Empty,
            FaultKind::Truncated,
            FaultKind::Huge,
            FaultKind::InvalidUtf8,
            FaultKind::WrongTypes,
            FaultKind::MissingFields,
            FaultKind::Redirect,
        ] {
            let started = Instant::now();
            // A page of posts that is too long is asked for once more, with fewer of them.
            let times = if on == Endpoint::Media && kind == FaultKind::Huge { 2 } else { 1 };
            let outcome = call_with(&world, on, kind.clone(), times).await;
            if on == Endpoint::Media && kind == FaultKind::WrongTypes {
                // The posts cannot be read, and each costs only itself.
                assert_eq!(outcome, Ok(()));
                continue;
            }
            assert!(is_malformed(&outcome), "{on:?} {kind:?} {outcome:?}");
            assert_eq!(kind == FaultKind::Huge, format!("{outcome:?}").contains("more than 1 MB"), "{outcome:?}");
            assert!(started.elapsed() < Duration::from_secs(3), "{on:?} {kind:?}");
        }
    }
    assert_eq!(world.sandbox.calls().redirects_followed, 0);
}

#[tokio::test]
async fn a76_an_error_that_repeats_the_token_is_cut_down_to_its_code() {
    let world = world().await;
    let message = format!("https://graph.instagram.com/me?access_token=IGAAsentinel&client_secret={APP_SECRET}");
    for (code, subcode) in [(190, Some(460)), (777, None), (4, None), (10, None)] {
        for on in [Endpoint::Token, Endpoint::LongLived, Endpoint::Refresh, Endpoint::Me, Endpoint::Media] {
            let kind = FaultKind::Error { code, subcode, message: message.clone() };
            assert!(call_with(&world, on, kind, 1).await.is_err());
        }
    }
}

#[tokio::test]
async fn f14_an_answer_that_never_comes_ends_after_eight_seconds() {
    let world = world().await;
    world.sandbox.script(Fault::once(Endpoint::Token, FaultKind::Slow { ms: 60_000 }));
    world.sandbox.script(Fault::once(Endpoint::Me, FaultKind::Slow { ms: 60_000 }));
    let started = Instant::now();
    let nora = code(&world, "cafe_lumen").await;
    let first = async { world.provider.exchange_code(&nora).await.map(drop) };
    let nothing: SecretString = "IGAAnothing".to_owned().into();
    let second = async { world.provider.profile(&nothing).await.map(drop) };
    let (first, second) = tokio::join!(first, second);
    assert!(is_ambiguous(&first), "{first:?}");
    assert!(is_unavailable(&second), "{second:?}");
    let took = started.elapsed();
    assert!(took > Duration::from_secs(7) && took < Duration::from_secs(10), "{took:?}");
}

#[tokio::test]
async fn f13_a_code_that_never_left_is_not_lost() {
    let refusing = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = refusing.local_addr().unwrap();
    drop(refusing);
    let started = Instant::now();
    for origin in [format!("http://{address}"), "http://instagram.invalid".into()] {
        let provider = provider(&app_at(&origin));
        let code: SecretString = "AQcode".to_owned().into();
        let outcome = provider.exchange_code(&code).await.map(drop);
        assert!(is_unavailable(&outcome), "{origin} {outcome:?}");
        let outcome = provider.profile(&code).await.map(drop);
        assert!(is_unavailable(&outcome), "{origin} {outcome:?}");
        assert!(!format!("{outcome:?}").contains("://"));
    }
    assert!(started.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn f13_a_server_without_tls_never_sees_the_code() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("https://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut seen = vec![0; 4_096];
        let read = stream.read(&mut seen).await.unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").await.unwrap();
        seen.truncate(read);
        seen
    });
    let code: SecretString = "AQsentinel".to_owned().into();
    let outcome = provider(&app_at(&origin)).exchange_code(&code).await.map(drop);
    assert!(is_unavailable(&outcome), "{outcome:?}");
    let seen = server.await.unwrap();
    assert!(!seen.windows(10).any(|window| window == b"AQsentinel"));
}

/// Answers one request after the other, a connection each, and returns their texts.
async fn answers(answers: Vec<Vec<u8>>) -> (InstagramApp, tokio::task::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let app = app_at(&format!("http://{}", listener.local_addr().unwrap()));
    let server = tokio::spawn(async move {
        let mut requests = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut seen = vec![0; 4_096];
            let read = stream.read(&mut seen).await.unwrap();
            // Who has read enough hangs up.
            let _ = stream.write_all(&answer).await;
            seen.truncate(read);
            requests.push(String::from_utf8(seen).unwrap());
        }
        requests
    });
    (app, server)
}

/// Answers one request and returns its text.
async fn one_answer(answer: impl Into<Vec<u8>>) -> (InstagramApp, impl Future<Output = String>) {
    let (app, server) = answers(vec![answer.into()]).await;
    (app, async move { server.await.unwrap().remove(0) })
}

/// An answer with this status, these headers and this body.
fn reply(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n");
    [head.as_bytes(), body].concat()
}

#[tokio::test]
async fn a75_the_profile_call_has_its_token_in_a_header_and_not_in_the_address() {
    let (app, server) = one_answer(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}").await;
    let token: SecretString = "IGAAsentinel".to_owned().into();
    assert!(is_malformed(&provider(&app).profile(&token).await.map(drop)));
    let seen = server.await.to_lowercase();
    let (line, headers) = seen.split_once("\r\n").unwrap();
    assert_eq!(
        line,
        "get /v25.0/me?fields=id%2cuser_id%2cusername%2cname%2caccount_type%2cprofile_picture_url http/1.1"
    );
    assert!(headers.contains("authorization: bearer igaasentinel"));
    assert!(!headers.contains("accept-encoding"), "{headers}");
}

#[tokio::test]
async fn f16_a_compressed_answer_that_nobody_asked_for_is_not_inflated() {
    let (app, server) = one_answer(
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 12\r\nconnection: close\r\n\r\n\x1f\x8b\x08\0\0\0\0\0\0\x03\0\0",
    )
    .await;
    let code: SecretString = "AQcode".to_owned().into();
    assert!(is_ambiguous(&provider(&app).exchange_code(&code).await.map(drop)));
    let seen = server.await;
    assert!(seen.contains("client_secret=a1b2C3D4sandboxsecret") && !seen.to_lowercase().contains("authorization:"));
}

#[tokio::test]
async fn f19_a_token_is_renewed_for_another_60_days_and_a_dead_one_says_why() {
    let world = world().await;
    let token = long_lived(&world, "cafe_lumen").await;
    assert!(is_malformed(&world.provider.refresh(&token).await.map(drop)));
    world.clock.advance(Duration::from_secs(59 * 86_400));
    let renewed = world.provider.refresh(&token).await.unwrap();
    assert_eq!(renewed.expires_in.as_secs(), 5_183_944);
    world.clock.advance(Duration::from_secs(59 * 86_400));
    assert_eq!(world.provider.profile(&renewed.token).await.unwrap().username, "cafe_lumen");
    let dead = |death| Err(ProviderError::TokenDead(death));
    assert_eq!(world.provider.refresh(&token).await.map(drop), dead(TokenDeath::Expired));

    for (standing, death) in [
        (Standing::AppRemoved, TokenDeath::AppRemoved),
        (Standing::PasswordChanged, TokenDeath::PasswordChanged),
        (Standing::Checkpoint, TokenDeath::AccountBlocked),
    ] {
        world.sandbox.set_standing("cafe_lumen", standing);
        assert_eq!(world.provider.refresh(&renewed.token).await.map(drop), dead(death));
        assert_eq!(world.provider.media(&renewed.token, None).await.map(drop), dead(death));
    }
    let nonsense: SecretString = "IGAAnonsense".to_owned().into();
    assert_eq!(world.provider.refresh(&nonsense).await.map(drop), dead(TokenDeath::Invalid));
}

#[tokio::test]
async fn all_posts_are_read_page_by_page() {
    let world = world().await;
    world.sandbox.set_posts("cafe_lumen", 230);
    let token = long_lived(&world, "cafe_lumen").await;
    let mut posts = Vec::new();
    let mut after = None;
    let mut sizes = Vec::new();
    loop {
        let page = world.provider.media(&token, after.as_deref()).await.unwrap();
        sizes.push(page.posts.len());
        posts.extend(page.posts);
        after = page.after;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(sizes, [100, 100, 30]);
    assert!(posts.is_sorted_by(|newer, older| newer.posted_at >= older.posted_at));
    assert!(posts.iter().all(|post| post.permalink.starts_with(world.app.graph_url.as_str())));
    let url = posts.iter().find_map(|post| post.picture_url.clone()).unwrap();
    assert!(!world.provider.picture(&url).await.unwrap().is_empty());
    let url = world.provider.profile(&token).await.unwrap().picture_url.unwrap();
    assert!(!world.provider.picture(&url).await.unwrap().is_empty());
    assert_eq!(world.sandbox.calls().media, 3);
}

#[tokio::test]
async fn a75_posts_are_asked_for_with_the_token_in_a_header_and_its_copy_in_the_answer_is_dropped() {
    let body = br#"{"data":[{"id":"17918195224117851","media_type":"IMAGE","timestamp":"2019-09-26T22:36:43+0000",
        "permalink":"https://www.instagram.com/p/C1/"}],"paging":{"cursors":{"after":"QVFIUn"},
        "next":"https://graph.instagram.com/v25.0/1/media?access_token=IGAAsentinel&after=QVFIUn"}}"#;
    let headers = "X-App-Usage: {\"call_volume\":12,\"cpu_time\":91}\r\nX-Business-Use-Case-Usage: \
        {\"1\":[{\"call_count\":100,\"estimated_time_to_regain_access\":19}]}\r\n";
    let (app, server) = one_answer(reply("200 OK", headers, body)).await;
    let token: SecretString = "IGAAsentinel".to_owned().into();
    let page = provider(&app).media(&token, Some("QVFI&m=")).await.unwrap();
    assert_eq!((page.posts.len(), page.after.as_deref()), (1, Some("QVFIUn")));
    assert_eq!((page.usage, page.pause), (Some(100), Some(Duration::from_secs(19 * 60))));
    assert!(!format!("{page:?}").contains("IGAA"));
    let seen = server.await.to_lowercase();
    let (line, headers) = seen.split_once("\r\n").unwrap();
    assert_eq!(
        line,
        "get /v25.0/me/media?fields=id%2ccaption%2cmedia_type%2cmedia_url%2cthumbnail_url%2cpermalink%2ctimestamp\
         &limit=100&after=qvfi%26m%3d http/1.1"
    );
    assert!(headers.contains("authorization: bearer igaasentinel"));
}

#[tokio::test]
async fn f16_a_page_of_posts_beyond_the_cap_is_asked_for_again_with_fewer() {
    let long = format!(r#"{{"data":["{}"]}}"#, "a".repeat(BODY_CAP));
    let pages = vec![reply("200 OK", "", long.as_bytes()), reply("200 OK", "", br#"{"data":[]}"#)];
    let (app, server) = answers(pages).await;
    let token: SecretString = "IGAAsentinel".to_owned().into();
    assert!(provider(&app).media(&token, Some("QVFI")).await.unwrap().posts.is_empty());
    let seen = server.await.unwrap();
    assert!(seen[0].contains("&limit=100&after=QVFI ") && seen[1].contains("&limit=25&after=QVFI "), "{seen:?}");
}

#[tokio::test]
async fn f14_a_rate_limit_says_how_long_to_stay_away() {
    let body = br#"{"error":{"message":"(#80002) x","type":"OAuthException","code":80002,"fbtrace_id":"A"}}"#;
    let headers = "Retry-After: 5\r\nX-Business-Use-Case-Usage: \
        {\"1\":[{\"type\":\"instagram\",\"call_count\":100,\"estimated_time_to_regain_access\":19}]}\r\n";
    let (app, _server) = one_answer(reply("400 Bad Request", headers, body)).await;
    let token: SecretString = "IGAAsentinel".to_owned().into();
    let error = provider(&app).media(&token, None).await.unwrap_err();
    assert_eq!(error, ProviderError::RateLimited(Some(1_140)));
}

#[tokio::test]
async fn a75_the_renewal_has_its_token_in_the_address_and_no_error_repeats_it() {
    let token: SecretString = "IGAAsentinel".to_owned().into();
    for answer in [
        reply("200 OK", "", b"<html>IGAAsentinel"),
        reply("302 Found", "location: https://example.com/?access_token=IGAAsentinel\r\n", b""),
        reply("400 Bad Request", "", br#"{"error":{"message":"IGAAsentinel","code":190}}"#),
        b"HTTP/1.1 IGAAsentinel".to_vec(),
        b"".to_vec(),
    ] {
        let (app, server) = one_answer(answer).await;
        let error = provider(&app).refresh(&token).await.unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(!text.contains("IGAA") && !text.contains("://"), "{text}");
        let seen = server.await;
        let line = seen.split_once("\r\n").unwrap().0;
        assert_eq!(line, "GET /refresh_access_token?grant_type=ig_refresh_token&access_token=IGAAsentinel HTTP/1.1");
        assert!(!seen.contains(APP_SECRET) && !seen.to_lowercase().contains("authorization:"));
    }
}

#[tokio::test]
async fn a_picture_comes_without_a_token_and_as_it_is() {
    let (app, server) = one_answer(reply("200 OK", "", b"\xff\xd8\xff\xe0")).await;
    let url = app.graph_url.join("/pictures/1.jpg?oh=1").unwrap();
    assert_eq!(provider(&app).picture(&url).await.unwrap(), b"\xff\xd8\xff\xe0");
    let seen = server.await;
    assert!(seen.starts_with("GET /pictures/1.jpg?oh=1 HTTP/1.1\r\n"), "{seen}");
    let seen = seen.to_lowercase();
    assert!(!seen.contains("authorization:") && !seen.contains("cookie:") && !seen.contains("referer:"), "{seen}");
}

#[tokio::test]
async fn f16_a_picture_has_a_cap_and_no_second_address() {
    for (answer, needle) in [
        (reply("200 OK", "", &vec![0_u8; PICTURE_CAP + 1]), "more than 10 MB"),
        (reply("302 Found", "location: http://127.0.0.1:9/\r\n", b""), "302"),
        (reply("403 Forbidden", "", b"URL signature expired"), "no longer"),
        (reply("200 OK", "", b""), "no picture"),
    ] {
        let (app, _server) = one_answer(answer).await;
        let error = provider(&app).picture(&app.graph_url.join("/1.jpg").unwrap()).await.unwrap_err();
        assert!(matches!(error, ProviderError::Malformed(_)) && error.to_string().contains(needle), "{error}");
    }
    let (app, _server) = one_answer(reply("200 OK", "", &vec![0_u8; PICTURE_CAP])).await;
    let picture = provider(&app).picture(&app.graph_url.join("/1.jpg").unwrap()).await.unwrap();
    assert_eq!(picture.len(), PICTURE_CAP);
}

#[tokio::test]
async fn a_picture_is_never_fetched_from_inside_our_own_network() {
    let inside = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = inside.local_addr().unwrap();
    let provider = provider(&app_at("https://graph.instagram.com"));
    for url in [format!("http://{address}/"), format!("https://{address}/"), format!("blob:http://{address}/")] {
        let error = provider.picture(&Url::parse(&url).unwrap()).await.unwrap_err();
        assert!(matches!(error, ProviderError::Malformed(_)) && !format!("{error:?}").contains("://"), "{error}");
    }
    let called = tokio::time::timeout(Duration::from_millis(50), inside.accept()).await;
    assert!(called.is_err(), "somebody called");
}

#[tokio::test]
async fn an_app_is_never_printed_with_its_secret() {
    let world = world().await;
    assert!(!format!("{:?}", world.app).contains(APP_SECRET));
    for bad in ["mailto:x@example.com", "ftp://example.com"] {
        let app = InstagramApp { graph_url: Url::parse(bad).unwrap(), ..world.app.clone() };
        assert!(matches!(HttpProvider::new(&app), Err(ProviderError::Misconfigured(_))));
    }
}
