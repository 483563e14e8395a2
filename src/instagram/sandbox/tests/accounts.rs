//! What befalls accounts: renewal, another handle, and the buttons of the first page with what they tell the app.

use super::*;
use crate::{
    instagram::signed_request::{Refused, verify},
    sandbox_pages::Params,
};

type Heard = Arc<Mutex<Vec<(String, String)>>>;

/// An app that writes down what it is told and where, and says always the same.
async fn app(answer: &'static str) -> (Callbacks, Heard) {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let heard = Heard::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let log = Arc::clone(&heard);
    let app = Router::new().fallback(move |uri: axum::http::Uri, body: String| {
        let signed = Params::parse(body.as_bytes()).get("signed_request").to_owned();
        log.lock().unwrap().push((uri.path().to_owned(), signed));
        async move { answer }
    });
    tokio::spawn(async move { axum::serve(listener, app).await });
    (callbacks(&origin), heard)
}

fn callbacks(origin: &Url) -> Callbacks {
    let at = |path: &str| origin.join(path).unwrap();
    Callbacks { deauthorize: at("/instagram/deauthorize"), data_deletion: at("/instagram/data-deletion") }
}

async fn press(sandbox: &Sandbox, username: &str, action: &str, signature: &str) -> Response {
    let fields = [("username", username), ("action", action), ("signature", signature), ("caption", "Hand\r\nmade")];
    post(sandbox, "/sandbox/control", &fields).await
}

/// Status, subcode and handle of `/me`.
async fn me(sandbox: &Sandbox, token: &str) -> (u16, Option<i64>, Value) {
    let path = format!("/me?fields=user_id,username&access_token={token}");
    let (status, body) = json_of(get(sandbox, &path).await).await;
    (status, body["error"]["error_subcode"].as_i64(), body["username"].clone())
}

#[tokio::test]
async fn a_token_is_renewed_after_a_day_or_at_once_where_told_and_the_old_one_goes_on() {
    let sandbox = sandbox();
    let token = token_of(&sandbox, "cafe_lumen");
    let path = format!("/refresh_access_token?grant_type=ig_refresh_token&access_token={token}");
    let refresh = async || json_of(get(&sandbox, &path).await).await;
    let (status, body) = refresh().await;
    assert_eq!((status, body["error"]["code"].as_i64()), (400, Some(100)));
    sandbox.set_shape(Shape { early_refresh: true, ..Shape::default() });
    assert_eq!(refresh().await.0, 200);
    sandbox.behave();
    assert_eq!(refresh().await.0, 400);
    sandbox.config.clock.advance(24 * HOUR);
    let (status, renewed) = refresh().await;
    assert_eq!((status, renewed["expires_in"].as_u64()), (200, Some(5_183_944)));
    assert_ne!(renewed["access_token"], token.as_str());
    assert_eq!(me(&sandbox, &token).await.0, 200);
    sandbox.config.clock.advance(token::LONG_LIFE - 24 * HOUR);
    assert_eq!((refresh().await.0, me(&sandbox, &token).await.1), (400, Some(463)));
    assert_eq!(me(&sandbox, renewed["access_token"].as_str().unwrap()).await.0, 200);
    assert_eq!(sandbox.calls().refresh, 5);
}

#[tokio::test]
async fn a24_a_handle_changes_and_a_stranger_takes_it() {
    let sandbox = sandbox();
    let [huber, nora] = ["bakery_huber", "studio.nora"].map(|username| token_of(&sandbox, username));
    let renamed = json!({"username": "bakery_huber", "handle": "huber_bakes"});
    assert_eq!(post_json(&sandbox, "/sandbox/people", &renamed).await.status(), StatusCode::OK);
    assert!(sandbox.rename("studio.nora", "bakery_huber") && !sandbox.rename("nobody", "x"));
    assert_eq!(me(&sandbox, &huber).await.2, "huber_bakes");
    assert_eq!(me(&sandbox, &nora).await.2, "bakery_huber");
    let path = format!("/v25.0/17841405822304914/media?fields=username&access_token={huber}");
    assert_eq!(json_of(get(&sandbox, &path).await).await.1["data"][0]["username"], "huber_bakes");
    let (consent, _, _) = log_in(&sandbox, &[], "bakery_huber").await;
    assert!(text(get(&sandbox, &consent).await).await.contains("Logged in as <strong>huber_bakes</strong>"));
    assert!(text(get(&sandbox, "/").await).await.contains("<dt>Shown as</dt><dd><code>huber_bakes</code></dd>"));
}

#[tokio::test]
async fn the_first_page_has_buttons_for_what_can_happen() {
    let sandbox = sandbox();
    let token = token_of(&sandbox, "studio.nora");
    for (action, words, subcode) in [
        ("change_password", "changed the password", Some(460)),
        ("check", "was asked for a check", Some(459)),
        ("back_to_normal", "nothing", None),
    ] {
        let response = press(&sandbox, "studio.nora", action, "").await;
        assert_eq!((response.status(), location(&response)), (StatusCode::SEE_OTHER, "/#studio.nora"));
        assert_eq!(me(&sandbox, &token).await.1, subcode, "{action}");
        let page = text(get(&sandbox, "/").await).await;
        let item = page.split_once("<li id=\"studio.nora\">").unwrap().1.split_once("</li>").unwrap().0;
        assert!(item.contains(&format!("<dt>Happened last</dt><dd>{words}</dd>")), "{item}");
        assert!(item.contains(">Change password</button>") && item.contains(">Ask for deletion</button>"), "{item}");
    }
    let response = press(&sandbox, "studio.nora", "add_post", "").await;
    assert!(text(get(&sandbox, location(&response)).await).await.contains("<p class=\"caption\">Hand\nmade</p>"));
    for (username, action) in [("nobody", "check"), ("studio.nora", "surprise")] {
        assert_eq!(press(&sandbox, username, action, "").await.status(), StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn a36_the_app_is_told_who_removed_it_and_who_wants_data_deleted() {
    let (callbacks, heard) =
        app(r#"{"url":"http://127.0.0.1:3000/deletion/ABC?a=1&b=<2>","confirmation_code":"A<C"}"#).await;
    let sandbox = sandbox_with(Some(callbacks));
    let token = token_of(&sandbox, "studio.nora");
    let page = text(press(&sandbox, "studio.nora", "remove_app", "right").await).await;
    assert!(page.contains("studio.nora removed the app.") && page.contains("<dd><code>200</code></dd>"), "{page}");
    assert_eq!(me(&sandbox, &token).await.1, Some(458));
    let anew = token_of(&sandbox, "studio.nora");
    assert_eq!(me(&sandbox, &anew).await.0, 200, "who connects anew is welcome");
    let page = text(press(&sandbox, "cafe_lumen", "ask_deletion", "right").await).await;
    assert!(page.contains("<a href=\"http://127.0.0.1:3000/deletion/ABC?a=1&amp;b=%3C2%3E\">"), "{page}");
    assert!(page.contains("<dt>Confirmation code</dt><dd><code>A&lt;C</code></dd>"), "{page}");
    press(&sandbox, "cafe_lumen", "ask_deletion", "broken").await;
    press(&sandbox, "cafe_lumen", "remove_app", "other_secret").await;

    let (deauthorize, data_deletion) = ("/instagram/deauthorize", "/instagram/data-deletion");
    let (nora, lumen) = ("27640875392278833", "27640875392278835");
    let expected = [
        (deauthorize, Ok(nora)),
        (data_deletion, Ok(lumen)),
        (data_deletion, Err(Refused::Signature)),
        (deauthorize, Err(Refused::Signature)),
    ];
    let secret = SecretString::from(APP_SECRET.to_owned());
    let heard = heard.lock().unwrap().clone();
    assert_eq!(heard.len(), expected.len());
    for ((path, signed), (address, outcome)) in heard.iter().zip(expected) {
        let read = verify(signed, &[&secret], sandbox.config.clock.now()).map(|request| request.user_id);
        assert_eq!((path.as_str(), read), (address, outcome.map(str::to_owned)));
    }
}

#[tokio::test]
async fn a_test_takes_the_signed_text_and_posts_it_itself() {
    let sandbox = sandbox();
    let token = token_of(&sandbox, "studio.nora");
    let secret = SecretString::from(APP_SECRET.to_owned());
    let about = |signed: &str| verify(signed, &[&secret], sandbox.config.clock.now()).unwrap().user_id;
    assert_eq!(about(&sandbox.deletion_request("studio.nora")), "27640875392278833");
    assert_eq!(me(&sandbox, &token).await.0, 200);
    assert_eq!(about(&sandbox.deauthorize("studio.nora")), "27640875392278833");
    assert_eq!(me(&sandbox, &token).await.1, Some(458));
    let nobody = about(&sandbox.deletion_request("nobody"));
    assert!(people().iter().all(|person| person.app_scoped_id.to_string() != nobody));
}

#[tokio::test]
async fn an_app_that_cannot_be_told_is_named_as_such() {
    let silent = sandbox();
    assert!(text(get(&silent, "/").await).await.contains("No callback address is set"));
    let page = text(press(&silent, "studio.nora", "remove_app", "right").await).await;
    assert!(page.contains("No callback address is set, so the app was not told."), "{page}");

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    drop(listener);
    let gone = sandbox_with(Some(callbacks(&origin)));
    let response = press(&gone, "studio.nora", "ask_deletion", "right").await;
    assert_eq!(response.status(), StatusCode::BAD_GATEWAY);
    assert!(text(response).await.contains("The app did not answer: nothing listens there."));

    let (odd, _) = app(r#"{"url":"javascript:alert(1)","confirmation_code":7}"#).await;
    let page = text(press(&sandbox_with(Some(odd)), "studio.nora", "ask_deletion", "right").await).await;
    assert!(!page.contains("href=\"javascript") && page.contains("javascript:alert(1)"), "{page}");
}
