use super::*;
use crate::secret::ExposeSecret;
use proptest::prelude::*;
use serde_json::json;

const BIG: u64 = 27_640_875_392_278_831;
const SECRET: &str = "IGAAsentinel0123456789";

fn answer(status: u16, body: impl Into<Vec<u8>>) -> Answer {
    Answer { status, retry_after: Some(7), body: body.into() }
}

fn ok(body: &Value) -> Answer {
    answer(200, body.to_string())
}

fn refused(status: u16, body: &Value) -> ProviderError {
    let answer = answer(status, body.to_string());
    let errors = [answer.short_lived_token().err(), answer.long_lived_token().err(), answer.profile().err()];
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
        let profile = ok(&shape).profile().unwrap();
        assert_eq!(profile.app_scoped_id, "27640875392278831", "{shape}");
        assert_eq!(profile.instagram_id, "17841405822304914", "{shape}");
        assert_eq!(profile.account_type, AccountType::Business, "{shape}");
        assert_eq!(profile.name, None);
    }
}

#[test]
fn an_id_that_was_rounded_or_is_no_id_is_not_believed() {
    for bad in [json!(1.784_140_077_439_1e16), json!(-1), json!("1.78E+16"), json!(""), json!(null), json!({"a": 1})] {
        let profile = ok(&json!({"id": "1", "user_id": bad, "username": "jane"})).profile();
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
            .profile()
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
    for (code, subcode) in [(190, Some(463)), (190, Some(460)), (190, Some(458)), (190, None), (102, None)] {
        assert!(matches!(refused(400, &graph(code, subcode, "x")), ProviderError::TokenDead(_)), "{code}");
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
    assert!(matches!(answer.profile(), Err(ProviderError::Malformed(_))));
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
            let errors = [answer.short_lived_token().err(), answer.long_lived_token().err(), answer.profile().err()];
            for error in errors.into_iter().flatten() {
                assert!(!format!("{error} {error:?}").contains(SECRET), "{error}");
            }
        }
    }
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
        let _ = (answer.short_lived_token(), answer.long_lived_token(), answer.profile());
    }

    #[test]
    fn f16_any_json_at_all_is_answered_without_a_panic(status in 100_u16..1000, body in any_json()) {
        let answer = answer(status, body.to_string());
        let _ = (answer.short_lived_token(), answer.long_lived_token());
        if let Ok(profile) = answer.profile() {
            prop_assert!(profile.instagram_id.bytes().all(|b| b.is_ascii_digit()));
        }
    }

    #[test]
    fn a29_every_64_bit_id_survives_as_number_and_as_text(id in any::<u64>()) {
        for sent in [json!(id), json!(id.to_string())] {
            let profile = ok(&json!({"id": sent, "user_id": sent, "username": "jane"})).profile().unwrap();
            prop_assert_eq!(&profile.instagram_id, &id.to_string());
            prop_assert_eq!(&profile.app_scoped_id, &id.to_string());
        }
    }
}
