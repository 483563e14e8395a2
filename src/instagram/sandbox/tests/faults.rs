//! Misbehaviour to order: what a browser test can script, and whom it strikes.

use super::*;

#[tokio::test]
async fn a_browser_test_can_script_faults_and_shapes_and_read_the_calls() {
    let sandbox = sandbox();
    let script = async |body: Value| post_json(&sandbox, "/sandbox/faults", &body).await.status().as_u16();
    for kind in ["drop_after_consuming", "html_502", "empty", "ok_with_error", "truncated", "huge", "invalid_utf8"] {
        assert_eq!(script(json!({"on": "token", "kind": kind, "times": 2})).await, 200, "{kind}");
    }
    assert_eq!(script(json!({"on": "me", "kind": "slow", "ms": 10})).await, 200);
    assert_eq!(script(json!({"on": "long_lived", "kind": "status", "code": 429, "retry_after": 3})).await, 200);
    assert_eq!(script(json!({"on": "me", "kind": "error", "code": 190, "username": "studio.nora"})).await, 200);
    assert_eq!(script(json!({"on": "media", "kind": "repeat_cursor"})).await, 200);
    assert_eq!(script(json!({"on": "media", "kind": "rate_limited", "buc": true})).await, 200);
    assert_eq!(script(json!({"on": "picture", "kind": "rate_limited"})).await, 200);
    assert_eq!(script(json!({"on": "refresh", "kind": "usage", "percent": 91})).await, 200);
    assert_eq!(sandbox.state().faults.len(), 14);
    assert_eq!(sandbox.state().faults[12], Fault::once(Endpoint::Picture, FaultKind::RateLimited { buc: false }));
    assert_eq!(script(json!({"on": "token", "kind": "surprise"})).await, 422);
    assert_eq!(script(json!({"flat": false, "permissions": "absent"})).await, 200);
    assert_eq!(script(json!({"user_id": "string", "tester_page": true, "state_on_cancel": false})).await, 200);
    let usage = json!({"early_refresh": true, "usage_keys": "call_count", "usage_percent": 50});
    assert_eq!(script(usage).await, 200);
    assert_eq!(script(json!({"flat": "yes"})).await, 422);
    assert_eq!(
        sandbox.state().shape,
        Shape {
            flat: false,
            user_id: UserId::String,
            permissions: Permissions::Absent,
            state_on_cancel: false,
            tester_page: true,
            early_refresh: true,
            usage_keys: UsageKeys::CallCount,
            usage_percent: 50,
        }
    );
    send(&sandbox, Request::delete("/sandbox/faults").body(Body::empty()).unwrap()).await;
    assert!(sandbox.state().faults.is_empty() && sandbox.state().shape == Shape::default());
    get(&sandbox, &format!("{}&client_secret={APP_SECRET}", authorize_path(&[]))).await;
    let (_, calls) = json_of(get(&sandbox, "/sandbox/calls").await).await;
    assert_eq!((calls["authorize"].as_u64(), calls["secrets_in_browser"].as_u64()), (Some(1), Some(1)));
}

#[tokio::test]
async fn a_fault_for_one_person_leaves_the_others_alone() {
    let sandbox = sandbox();
    let fault = Fault::once(Endpoint::Me, FaultKind::Html502);
    sandbox.script(Fault { username: Some("studio.nora".into()), ..fault });
    let me = async |username: &str| {
        let token = sandbox.mint(people::find(username).unwrap(), true);
        get(&sandbox, &format!("/me?access_token={token}")).await.status().as_u16()
    };
    assert_eq!(me("cafe_lumen").await, 200);
    assert_eq!(me("studio.nora").await, 502);
    assert_eq!(me("studio.nora").await, 200);
}
