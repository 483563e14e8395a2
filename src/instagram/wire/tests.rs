use super::*;
use crate::{
    instagram::{Media, MediaKind},
    secret::ExposeSecret,
    timestamp::Timestamp,
    token_death::TokenDeath,
};
use proptest::prelude::*;
use serde_json::json;

const BIG: u64 = 27_640_875_392_278_831;
const SECRET: &str = "IGAAsentinel0123456789";

fn answer(status: u16, body: impl Into<Vec<u8>>) -> Answer {
    Answer { status, retry_after: Some(7), usage: Usage::default(), body: body.into() }
}

/// Where Instagram's own answers come from.
fn instagram() -> Url {
    Url::parse("https://graph.instagram.com/").unwrap()
}

/// Where the sandbox's answers come from.
fn sandbox() -> Url {
    Url::parse("http://127.0.0.1:4100/").unwrap()
}

/// What every reader of answers has against one.
fn errors(answer: &Answer) -> [Option<ProviderError>; 4] {
    [
        answer.short_lived_token().err(),
        answer.long_lived_token().err(),
        answer.profile(&instagram()).err(),
        answer.media(&instagram()).err(),
    ]
}

fn ok(body: &Value) -> Answer {
    answer(200, body.to_string())
}

fn refused(status: u16, body: &Value) -> ProviderError {
    let errors = errors(&answer(status, body.to_string()));
    assert!(errors[0].is_some() && errors.iter().all(|e| *e == errors[0]), "{errors:?}");
    errors[0].clone().unwrap()
}

fn graph(code: i64, subcode: Option<i64>, message: &str) -> Value {
    json!({"error": {"message": message, "type": "OAuthException", "code": code, "error_subcode": subcode,
        "fbtrace_id": "AbC"}})
}

#[test]
fn a29_an_id_beyond_2_to_the_53_is_kept_to_the_last_digit_in_every_shape() {
    let number = json!({"id": BIG, "user_id": 17_841_405_822_304_914_u64, "username": "jane",
        "account_type": "BUSINESS"});
    let text = json!({"id": BIG.to_string(), "user_id": "17841405822304914", "username": "jane",
        "account_type": "Business", "name": null, "followers_count": 842});
    let shapes = [
        number.clone(),
        text.clone(),
        json!({"data": [number]}),
        json!({"data": [text.clone()]}),
        json!({"data": text}),
    ];
    for shape in shapes {
        let profile = ok(&shape).profile(&instagram()).unwrap();
        assert_eq!(profile.app_scoped_id, "27640875392278831", "{shape}");
        assert_eq!(profile.instagram_id, "17841405822304914", "{shape}");
        assert_eq!(profile.account_type, AccountType::Business, "{shape}");
        assert_eq!(profile.name, None);
    }
}

#[test]
fn an_id_that_was_rounded_or_is_no_id_is_not_believed() {
    for bad in [json!(1.784_140_077_439_1e16), json!(-1), json!("1.78E+16"), json!(""), json!(null), json!({"a": 1})] {
        let profile = ok(&json!({"id": "1", "user_id": bad, "username": "jane"})).profile(&instagram());
        assert!(matches!(profile, Err(ProviderError::Malformed(_))), "{bad} {profile:?}");
    }
}

#[test]
fn a29_both_shapes_of_the_token_reply_and_all_of_permissions_are_read() {
    let granted = Some(vec!["instagram_business_basic".to_owned(), "instagram_business_manage_messages".to_owned()]);
    let cases = [
        (json!(["instagram_business_basic", "instagram_business_manage_messages"]), granted.clone()),
        (json!("instagram_business_basic,instagram_business_manage_messages"), granted.clone()),
        (json!("instagram_business_basic instagram_business_manage_messages"), granted),
        (json!([]), Some(vec![])),
        (json!(""), Some(vec![])),
        (json!(null), None),
        (json!(7), None),
    ];
    for (sent, read) in cases {
        let flat = json!({"access_token": SECRET, "user_id": BIG, "permissions": sent, "token_type": "bearer"});
        for shape in [flat.clone(), json!({"data": [flat]})] {
            let reply = ok(&shape).short_lived_token().unwrap();
            assert_eq!(reply.token.expose_secret(), SECRET);
            assert_eq!(reply.permissions, read, "{sent}");
        }
    }
    let reply = ok(&json!({"access_token": SECRET})).short_lived_token().unwrap();
    assert!(reply.permissions.is_none() && reply.grants("instagram_business_basic"));
    let reply = ok(&json!({"access_token": SECRET, "permissions": []})).short_lived_token().unwrap();
    assert!(!reply.grants("instagram_business_basic"));
}

#[test]
fn a_long_lived_token_says_how_long_it_lives() {
    for expires_in in [json!(5_183_944), json!("5183944")] {
        let reply = ok(&json!({"access_token": SECRET, "token_type": "bearer", "expires_in": expires_in}));
        let token = reply.long_lived_token().unwrap();
        assert_eq!((token.token.expose_secret(), token.expires_in.as_secs()), (SECRET, 5_183_944));
    }
    for bad in [json!(null), json!(0), json!(-5), json!("soon"), json!([])] {
        let reply = ok(&json!({"access_token": SECRET, "expires_in": bad})).long_lived_token();
        assert!(matches!(reply, Err(ProviderError::Malformed(_))), "{bad}");
    }
}

#[test]
fn kinds_of_account_are_read_in_any_case_and_unknown_ones_are_kept() {
    let kind = |sent: Value| {
        ok(&json!({"id": "1", "user_id": "2", "username": "jane", "account_type": sent}))
            .profile(&instagram())
            .unwrap()
            .account_type
    };
    assert_eq!(kind(json!("Media_Creator")), AccountType::Creator);
    assert_eq!(kind(json!("MEDIA_CREATOR")), AccountType::Creator);
    assert_eq!(kind(json!("personal")), AccountType::Personal);
    assert_eq!(kind(json!("Museum")), AccountType::Other("Museum".into()));
    assert_eq!(kind(json!("<script>")), AccountType::Other("UNKNOWN".into()));
    assert_eq!(kind(json!(null)), AccountType::Other("UNKNOWN".into()));
}

#[test]
fn the_envelope_of_the_token_endpoint_is_understood() {
    let a = |message: &str| json!({"error_type": "OAuthException", "code": 400, "error_message": message});
    for message in [
        "Matching code was not found or was already used",
        "Matching code was not found or was already used.",
        "This authorization code has been used",
        "This authorization code has expired",
    ] {
        assert_eq!(refused(400, &a(message)), ProviderError::CodeRefused, "{message}");
    }
    for message in [
        "Error validating verification code. Please make sure your redirect_uri is identical to the one you used in the OAuth dialog request",
        "Redirect URI does not match registered redirect URI",
        "Invalid platform app",
        "Error validating client secret.",
    ] {
        assert!(matches!(refused(400, &a(message)), ProviderError::Misconfigured(_)), "{message}");
    }
    assert!(matches!(refused(400, &a("Something new")), ProviderError::Malformed(_)));
    assert!(matches!(refused(400, &json!({"error_type": 7})), ProviderError::Malformed(_)));
}

#[test]
fn the_envelope_of_the_graph_is_understood() {
    for (code, subcode, death) in [
        (190, Some(463), TokenDeath::Expired),
        (190, Some(460), TokenDeath::PasswordChanged),
        (190, Some(458), TokenDeath::AppRemoved),
        (190, Some(459), TokenDeath::AccountBlocked),
        (190, Some(464), TokenDeath::AccountBlocked),
        (190, Some(467), TokenDeath::Invalid),
        (190, None, TokenDeath::Invalid),
        (102, None, TokenDeath::Invalid),
    ] {
        let error = refused(400, &graph(code, subcode, "x"));
        assert_eq!(error, ProviderError::TokenDead(death), "{code} {subcode:?}");
    }
    for code in [4, 17, 32, 613, 80_002] {
        assert_eq!(refused(400, &graph(code, None, "x")), ProviderError::RateLimited(Some(7)), "{code}");
    }
    for code in [10, 200, 250, 299] {
        assert_eq!(refused(400, &graph(code, None, "x")), ProviderError::PermissionMissing, "{code}");
    }
    for code in [1, 2, 368] {
        assert!(matches!(refused(400, &graph(code, None, "x")), ProviderError::Unavailable(_)), "{code}");
    }
    assert_eq!(
        refused(400, &graph(100, None, "Unsupported request - method type: get")),
        ProviderError::NotAllowedForAccount
    );
    assert!(matches!(refused(400, &graph(100, Some(33), "Unsupported get request.")), ProviderError::Malformed(_)));
    assert!(matches!(
        refused(400, &graph(1, None, "Error validating client secret.")),
        ProviderError::Misconfigured(_)
    ));
    assert!(matches!(refused(500, &graph(777, None, "x")), ProviderError::Unavailable(_)));
    let transient = json!({"error": {"message": "x", "code": 777, "is_transient": true}});
    assert!(matches!(refused(400, &transient), ProviderError::Unavailable(_)));
    let text_code = json!({"error": {"message": "x", "code": "190"}});
    assert!(matches!(refused(401, &text_code), ProviderError::TokenDead(_)));
}

#[test]
fn the_names_of_rfc_6749_are_understood() {
    assert_eq!(refused(400, &json!({"error": "invalid_grant"})), ProviderError::CodeRefused);
    assert!(matches!(
        refused(401, &json!({"error": "invalid_client", "error_description": "x"})),
        ProviderError::Misconfigured(_)
    ));
    assert!(matches!(refused(503, &json!({"error": "temporarily_unavailable"})), ProviderError::Unavailable(_)));
    assert_eq!(refused(400, &json!({"error": "access_denied"})), ProviderError::PermissionMissing);
    assert!(matches!(refused(400, &json!({"error": "surprise"})), ProviderError::Malformed(_)));
}

#[test]
fn f16_an_error_with_status_200_is_an_error() {
    let mut body = graph(190, None, "x");
    body["access_token"] = json!(SECRET);
    assert!(matches!(refused(200, &body), ProviderError::TokenDead(_)));
    assert!(matches!(refused(200, &json!({"error": 5, "access_token": SECRET})), ProviderError::Malformed(_)));
    let fine = json!({"error": null, "access_token": SECRET, "user_id": 1});
    assert!(ok(&fine).short_lived_token().is_ok());
}

#[test]
fn f14_a_status_without_a_readable_body_decides() {
    let error = |status, body: &str| answer(status, body).short_lived_token().unwrap_err();
    assert_eq!(error(429, "<html>"), ProviderError::RateLimited(Some(7)));
    for status in [500, 502, 503] {
        assert!(matches!(error(status, "<html>"), ProviderError::Unavailable(_)));
        assert!(matches!(error(status, "{}"), ProviderError::Unavailable(_)));
    }
    for status in [200, 302, 400, 401] {
        for body in ["", "<html>", "{", "[]", "7", "\"x\""] {
            assert!(matches!(error(status, body), ProviderError::Malformed(_)), "{status} {body}");
        }
    }
}

#[test]
fn f16_missing_fields_and_wrong_types_are_named() {
    for body in [
        json!({}),
        json!({"data": []}),
        json!({"data": [1]}),
        json!({"data": [{}, {}]}),
        json!({"data": 5}),
        json!({"access_token": 5, "user_id": [], "id": {}, "username": 7, "expires_in": "soon"}),
        json!({"access_token": "with space", "user_id": "x", "expires_in": 1}),
        json!({"access_token": "line\nbreak", "user_id": "x", "expires_in": 1}),
        json!({"access_token": "", "user_id": "x", "expires_in": 1}),
    ] {
        assert!(matches!(refused_each(&body), ProviderError::Malformed(_)), "{body}");
    }
}

fn refused_each(body: &Value) -> ProviderError {
    let answer = ok(body);
    assert!(matches!(answer.long_lived_token(), Err(ProviderError::Malformed(_))));
    assert!(matches!(answer.profile(&instagram()), Err(ProviderError::Malformed(_))));
    answer.short_lived_token().unwrap_err()
}

#[test]
fn a76_no_error_repeats_what_instagram_said() {
    let url = format!("https://graph.instagram.com/access_token?access_token={SECRET}");
    let bodies = [
        graph(190, Some(463), &url),
        graph(777, None, &url),
        json!({"error_type": SECRET, "code": 400, "error_message": url}),
        json!({"error": SECRET, "error_description": url}),
        json!({"error": {"code": SECRET, "message": {"deep": url}}}),
        json!({"access_token": format!("{SECRET} ")}),
        json!({"user_id": SECRET, "username": SECRET}),
        json!([SECRET]),
        json!(SECRET),
    ];
    for body in bodies {
        for status in [200, 302, 400, 401, 429, 500] {
            let answer = answer(status, body.to_string());
            assert!(!format!("{answer:?}").contains(SECRET));
            for error in errors(&answer).into_iter().flatten() {
                assert!(!format!("{error} {error:?}").contains(SECRET), "{error}");
            }
        }
    }
}

/// A post as Instagram writes it.
fn post(id: u64) -> Value {
    json!({
        "id": id.to_string(),
        "caption": "Fresh bread\nfrom six",
        "media_type": "IMAGE",
        "media_url": "https://scontent-vie1-1.cdninstagram.com/v/t51/1_n.jpg?stp=dst&oh=00_A&oe=68",
        "permalink": "https://www.instagram.com/p/C1aBcD/",
        "timestamp": "2019-09-26T22:36:43+0000",
    })
}

/// The same with other fields; null takes one away.
fn post_with(changes: &Value) -> Value {
    let mut post = post(17_918_195_224_117_851);
    for (key, value) in changes.as_object().unwrap() {
        post[key.as_str()] = value.clone();
    }
    post
}

fn posts(items: &[Value], graph: &Url) -> Vec<Media> {
    ok(&json!({"data": items})).media(graph).unwrap().posts
}

/// The one post of a page, if it was kept.
fn kept(changes: &Value) -> Option<Media> {
    posts(&[post_with(changes)], &instagram()).pop()
}

#[test]
fn a_post_is_read_with_all_that_is_known_of_it() {
    assert_eq!(
        posts(&[post(17_918_195_224_117_851)], &instagram()),
        [Media {
            instagram_id: "17918195224117851".into(),
            kind: MediaKind::Image,
            caption: Some("Fresh bread\nfrom six".into()),
            permalink: "https://www.instagram.com/p/C1aBcD/".into(),
            picture_url: Some(
                Url::parse("https://scontent-vie1-1.cdninstagram.com/v/t51/1_n.jpg?stp=dst&oh=00_A&oe=68").unwrap()
            ),
            posted_at: Timestamp::from_micros(1_569_537_403_000_000),
        }]
    );
    let bare = kept(&json!({"caption": null, "media_type": null, "media_url": null})).unwrap();
    assert_eq!((bare.kind, bare.caption, bare.picture_url), (MediaKind::Other("UNKNOWN".into()), None, None));
}

#[test]
fn kinds_of_posts_are_read_in_any_case_and_a_video_shows_its_thumbnail() {
    let thumbnail = "https://scontent.cdninstagram.com/thumb.jpg";
    for (sent, kind, stored) in [
        ("IMAGE", MediaKind::Image, "IMAGE"),
        ("image", MediaKind::Image, "IMAGE"),
        ("VIDEO", MediaKind::Video, "VIDEO"),
        ("CAROUSEL_ALBUM", MediaKind::Carousel, "CAROUSEL_ALBUM"),
        ("Hologram", MediaKind::Other("Hologram".into()), "Hologram"),
        ("<script>", MediaKind::Other("UNKNOWN".into()), "UNKNOWN"),
    ] {
        let post = kept(&json!({"media_type": sent, "thumbnail_url": thumbnail})).unwrap();
        assert_eq!((&post.kind, post.kind.as_str()), (&kind, stored), "{sent}");
        assert_eq!(MediaKind::parse(stored), kind);
        let shows_thumbnail = post.picture_url.unwrap().as_str() == thumbnail;
        assert_eq!(shows_thumbnail, kind == MediaKind::Video, "{sent}");
    }
    // The media of a video is no picture.
    assert_eq!(kept(&json!({"media_type": "VIDEO"})).unwrap().picture_url, None);
}

#[test]
fn timestamps_are_taken_with_and_without_a_colon_in_the_offset() {
    let at = |sent: Value| kept(&json!({"timestamp": sent})).map(|post| post.posted_at.as_micros());
    for same in [
        "2019-09-26T22:36:43+0000",
        "2019-09-26T22:36:43+00:00",
        "2019-09-26T22:36:43Z",
        "2019-09-26T22:36:43.000Z",
        "2019-09-27T00:36:43+0200",
        "2019-09-26T15:36:43-07:00",
    ] {
        assert_eq!(at(json!(same)), Some(1_569_537_403_000_000), "{same}");
    }
    for bad in
        [json!("2019-09-26"), json!("2019-09-26T22:36:43"), json!("2019-13-26T22:36:43+0000"), json!("soon"), json!("")]
    {
        assert_eq!(at(bad.clone()), None, "{bad}");
    }
    assert_eq!(at(json!(1_569_537_403)), None);
    assert_eq!(at(json!(null)), None);
}

#[test]
fn f16_a_post_that_cannot_be_read_costs_no_other() {
    let page = [
        post(1),
        json!(null),
        json!(7),
        json!([]),
        json!({}),
        post_with(&json!({"id": "1_2"})),
        post_with(&json!({"id": null})),
        post_with(&json!({"timestamp": "soon"})),
        post(1),
        post(2),
    ];
    let ids: Vec<String> = posts(&page, &instagram()).into_iter().map(|post| post.instagram_id).collect();
    assert_eq!(ids, ["1", "2"]);
    assert!(posts(&[json!(7)], &instagram()).is_empty());
    // When this is so of all of them, it is not the posts' fault.
    assert!(matches!(ok(&json!({"data": [7, {}]})).media(&instagram()), Err(ProviderError::Malformed(_))));
    for body in [json!({}), json!({"data": {}}), json!({"data": null}), json!({"data": "x"}), json!({"paging": {}})] {
        assert!(matches!(ok(&body).media(&instagram()), Err(ProviderError::Malformed(_))), "{body}");
    }
}

#[test]
fn a_permalink_leads_to_instagram_and_nowhere_else() {
    let front_page = "https://www.instagram.com/";
    let permalink =
        |sent: &str, graph: &Url| posts(&[post_with(&json!({"permalink": sent}))], graph).pop().unwrap().permalink;
    for good in ["https://www.instagram.com/reel/C1/", "https://instagram.com/p/C1/"] {
        assert_eq!(permalink(good, &instagram()), good);
    }
    assert_eq!(permalink("http://127.0.0.1:4100/p/C1/", &sandbox()), "http://127.0.0.1:4100/p/C1/");
    assert_eq!(kept(&json!({"permalink": null})).unwrap().permalink, front_page);
    for bad in [
        "javascript:alert(1)",
        "JavaScript:alert(1)//https://www.instagram.com/",
        "data:text/html,<script>",
        "blob:https://graph.instagram.com/1",
        "http://www.instagram.com/p/C1/",
        "https://www.instagram.com.example.com/p/C1/",
        "https://www.instagram.com@example.com/p/C1/",
        "https://jane:pw@www.instagram.com/p/C1/",
        "https://www.instagram.com:8443/p/C1/",
        "https://l.instagram.com/?u=https://example.com",
        "https://example.com/https://www.instagram.com/",
        "http://127.0.0.1:4100/p/C1/",
        "//www.instagram.com/p/C1/",
        "/p/C1/",
        "",
    ] {
        assert_eq!(permalink(bad, &instagram()), front_page, "{bad}");
    }
    for bad in
        ["http://127.0.0.1:4101/", "http://localhost:4100/", "blob:http://127.0.0.1:4100/1", "https://127.0.0.1/"]
    {
        assert_eq!(permalink(bad, &sandbox()), front_page, "{bad}");
    }
    let long = format!("https://www.instagram.com/{}", "p".repeat(4_096));
    assert_eq!(permalink(&long, &instagram()), front_page);
}

#[test]
fn a_picture_of_no_use_is_none_and_costs_no_post() {
    for bad in ["http://scontent.cdninstagram.com/1.jpg", "javascript:alert(1)", "file:///etc/passwd", "1.jpg", ""] {
        assert_eq!(kept(&json!({"media_url": bad})).unwrap().picture_url, None, "{bad}");
        let me = json!({"id": 1, "user_id": 2, "username": "jane", "profile_picture_url": bad});
        assert_eq!(ok(&me).profile(&instagram()).unwrap().picture_url, None, "{bad}");
    }
    let me = |url: Value| json!({"id": 1, "user_id": 2, "username": "jane", "profile_picture_url": url});
    let url = "https://scontent.cdninstagram.com/jane.jpg";
    assert_eq!(ok(&me(json!(url))).profile(&instagram()).unwrap().picture_url.unwrap().as_str(), url);
    assert_eq!(ok(&me(json!(7))).profile(&instagram()).unwrap().picture_url, None);
    let local = "http://127.0.0.1:4100/pictures/1.jpg";
    assert_eq!(ok(&me(json!(local))).profile(&sandbox()).unwrap().picture_url.unwrap().as_str(), local);
}

#[test]
fn pictures_are_fetched_from_instagrams_hosts_and_from_nowhere_else() {
    let may = |url: &str, graph: &Url| address::may_be_fetched(&Url::parse(url).unwrap(), graph);
    for good in ["https://scontent-vie1-1.cdninstagram.com/1.jpg", "https://instagram.fvie1-1.fna.fbcdn.net/1.jpg"] {
        assert!(may(good, &instagram()) && may(good, &sandbox()), "{good}");
    }
    assert!(may("http://127.0.0.1:4100/1.jpg", &sandbox()));
    for bad in [
        "http://scontent.cdninstagram.com/1.jpg",
        "https://scontent.cdninstagram.com:8443/1.jpg",
        "https://jane@scontent.cdninstagram.com/1.jpg",
        "https://cdninstagram.com.example.com/1.jpg",
        "https://evilcdninstagram.com/1.jpg",
        "https://scontent.cdninstagram.com./1.jpg",
        "https://www.instagram.com/1.jpg",
        "https://example.com/1.jpg",
        "https://localhost/1.jpg",
        "https://127.0.0.1/1.jpg",
        "https://[::1]/1.jpg",
        "https://2130706433/1.jpg",
        "https://169.254.169.254/latest/meta-data",
        "http://127.0.0.1:4101/1.jpg",
        "http://jane@127.0.0.1:4100/1.jpg",
        "blob:http://127.0.0.1:4100/1.jpg",
        "file:///etc/passwd",
        "data:image/png,1",
    ] {
        assert!(!may(bad, &instagram()) && !may(bad, &sandbox()), "{bad}");
    }
    assert!(!may("http://127.0.0.1:4100/1.jpg", &instagram()));
}

#[test]
fn a_caption_loses_its_control_characters_and_keeps_its_lines() {
    let caption = |sent: &str| kept(&json!({"caption": sent})).unwrap().caption;
    assert_eq!(caption(" a\r\nb\u{0}\u{7}\u{85}\u{1b}[2J\tc \u{1f950} ").unwrap(), "a\nb[2Jc \u{1f950}");
    assert_eq!(caption("\r\n\u{0} "), None);
    assert_eq!(caption("<b>&amp;</b>").unwrap(), "<b>&amp;</b>");
    assert_eq!(caption(&"\u{1f950}".repeat(5_001)).unwrap(), "\u{1f950}".repeat(5_000));
    assert_eq!(kept(&json!({"caption": 7})).unwrap().caption, None);
}

#[test]
fn a75_the_address_of_the_next_page_is_never_kept() {
    let next = format!("https://graph.instagram.com/v25.0/1/media?access_token={SECRET}&limit=100&after=QVFIUm");
    let after = |data: &Value, paging: &Value| {
        let page = ok(&json!({"data": data, "paging": paging})).media(&instagram());
        assert!(!format!("{page:?}").contains(SECRET));
        page.map(|page| page.after)
    };
    let found = || Ok(Some("QVFIUm".to_owned()));
    let cursors = json!({"before": "QVFIUk", "after": "QVFIUm"});
    let data = json!([post(1)]);
    let more = json!({"cursors": cursors, "next": next});
    assert_eq!(after(&data, &more), found());
    // The cursors are there on the last page as well.
    assert_eq!(after(&data, &json!({"cursors": cursors})), Ok(None));
    assert_eq!(after(&data, &json!({"cursors": cursors, "next": null})), Ok(None));
    assert_eq!(after(&data, &json!(null)), Ok(None));
    assert_eq!(after(&json!([]), &more), Ok(None));
    // A page of which nothing can be read does not end the list.
    assert_eq!(after(&json!([7]), &more), found());
    // Who took this for the last page would take all further posts for deleted.
    for cursor in [json!(null), json!(""), json!(7), json!("a b"), json!("ä"), json!("a".repeat(1_025))] {
        let after = after(&data, &json!({"cursors": {"after": cursor}, "next": next}));
        assert!(matches!(after, Err(ProviderError::Malformed(_))), "{cursor}");
    }
    assert!(matches!(after(&data, &json!({"next": next})), Err(ProviderError::Malformed(_))));
}

#[test]
fn how_much_of_the_allowance_is_used_up_is_read_in_every_set_of_keys() {
    let minutes = |minutes: u64| Some(Duration::from_secs(minutes * 60));
    let usage = |percent, pause| Usage { percent, pause };
    for (app, business, expected) in [
        (r#"{"call_count":28,"total_time":25,"total_cputime":25}"#, "", usage(Some(28), None)),
        (r#"{"call_volume":3,"cpu_time":91}"#, "", usage(Some(91), None)),
        (r#"{"call_volume":"12.7","cpu_time":11.2}"#, "", usage(Some(12), None)),
        (r#"{"call_volume":-1,"cpu_time":1e300,"surprise":99}"#, "", usage(None, None)),
        (
            "",
            r#"{"1":[{"type":"instagram","call_count":100,"estimated_time_to_regain_access":19}]}"#,
            usage(Some(100), minutes(19)),
        ),
        (
            r#"{"call_volume":40}"#,
            r#"{"1":[{"call_count":5,"estimated_time_to_regain_access":0}]}"#,
            usage(Some(40), None),
        ),
        (
            "",
            r#"{"1":[{"estimated_time_to_regain_access":3},7],"2":[{"estimated_time_to_regain_access":"5"}],"3":8}"#,
            usage(None, minutes(5)),
        ),
        ("", r#"{"1":[{"estimated_time_to_regain_access":4000000000}]}"#, usage(None, minutes(1_440))),
        ("", "", usage(None, None)),
        ("[]", "[]", usage(None, None)),
        ("{", "null", usage(None, None)),
    ] {
        assert_eq!(Usage::read(Some(app), Some(business)), expected, "{app} {business}");
    }
    assert_eq!(Usage::read(None, None), Usage::default());
    let page = Answer { usage: usage(Some(91), minutes(19)), ..ok(&json!({"data": []})) };
    let page = page.media(&instagram()).unwrap();
    assert_eq!((page.usage, page.pause), (Some(91), minutes(19)));
}

#[test]
fn f14_of_two_waits_the_longer_one_counts() {
    let limited = |retry_after, minutes: Option<u64>, body: &str| {
        let pause = minutes.map(|minutes| Duration::from_secs(minutes * 60));
        let usage = Usage { percent: Some(100), pause };
        Answer { status: 429, retry_after, usage, body: body.into() }.media(&instagram()).unwrap_err()
    };
    let code = graph(80_002, None, "x").to_string();
    for body in ["<html>", code.as_str()] {
        for (retry_after, minutes, wait) in [
            (None, None, None),
            (Some(30), None, Some(30)),
            (None, Some(19), Some(1_140)),
            (Some(30), Some(19), Some(1_140)),
            (Some(7_200), Some(19), Some(7_200)),
            (Some(u64::MAX), None, Some(86_400)),
        ] {
            assert_eq!(limited(retry_after, minutes, body), ProviderError::RateLimited(wait));
        }
    }
}

#[test]
fn f16_an_answer_without_a_picture_is_named() {
    let picture = |status, body: &[u8]| answer(status, body).picture();
    assert_eq!(picture(200, b"\xff\xd8\xff"), Ok(b"\xff\xd8\xff".to_vec()));
    for status in [403, 404, 410, 200, 204, 302, 400] {
        let body = if status == 200 { "" } else { "URL signature expired" };
        let error = picture(status, body.as_bytes()).unwrap_err();
        assert!(matches!(error, ProviderError::Malformed(_)) && !error.to_string().contains("URL"), "{status} {error}");
    }
    assert_eq!(picture(429, b""), Err(ProviderError::RateLimited(Some(7))));
    assert!(matches!(picture(503, b"<html>"), Err(ProviderError::Unavailable(_))));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
    ];
    let key = prop_oneof![
        Just("data".to_owned()),
        Just("error".to_owned()),
        Just("error_type".to_owned()),
        Just("code".to_owned()),
        Just("message".to_owned()),
        Just("access_token".to_owned()),
        Just("user_id".to_owned()),
        Just("id".to_owned()),
        Just("username".to_owned()),
        Just("permissions".to_owned()),
        Just("expires_in".to_owned()),
        Just("paging".to_owned()),
        Just("cursors".to_owned()),
        Just("next".to_owned()),
        Just("after".to_owned()),
        Just("timestamp".to_owned()),
        Just("permalink".to_owned()),
    ];
    leaf.prop_recursive(3, 24, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(key.clone(), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn f16_any_bytes_at_all_are_answered_without_a_panic(
        status in 100_u16..1000, body in prop::collection::vec(any::<u8>(), 0..300)
    ) {
        let answer = answer(status, body);
        let _ = errors(&answer);
        let _ = answer.picture();
    }

    #[test]
    fn f16_any_json_at_all_is_answered_without_a_panic(status in 100_u16..1000, body in any_json()) {
        let answer = answer(status, body.to_string());
        let _ = errors(&answer);
        if let Ok(profile) = answer.profile(&instagram()) {
            prop_assert!(profile.instagram_id.bytes().all(|b| b.is_ascii_digit()));
        }
    }

    #[test]
    fn a29_every_64_bit_id_survives_as_number_and_as_text(id in any::<u64>()) {
        for sent in [json!(id), json!(id.to_string())] {
            let profile = ok(&json!({"id": sent, "user_id": sent, "username": "jane"})).profile(&instagram()).unwrap();
            prop_assert_eq!(&profile.instagram_id, &id.to_string());
            prop_assert_eq!(&profile.app_scoped_id, &id.to_string());
        }
    }
}
