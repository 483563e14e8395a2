//! Ways to misbehave, for tests: by [`Sandbox::script`] inside one process, by `POST /sandbox/faults` from a browser
//! test. A request is always served in full first, so a code is spent, and only then is its answer spoiled. Beside the
//! faults: the shapes of answers, what befalls an account, and a count of the calls.

use super::{Sandbox, people::Person};
use axum::{
    Json,
    body::{Body, Bytes, to_bytes},
    extract::State,
    http::{
        HeaderValue, StatusCode,
        header::{CONTENT_TYPE, LOCATION, RETRY_AFTER},
    },
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{io, time::Duration};

/// The most of an own answer that is ever read back.
const OWN_ANSWER: usize = 1 << 20;

/// Where a fault strikes.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Endpoint {
    /// The exchange of a code.
    Token,
    /// The exchange of a short-lived token.
    LongLived,
    /// The renewal of a long-lived token.
    Refresh,
    /// The profile.
    Me,
}

/// One way to misbehave, some times.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Fault {
    /// Where.
    pub on: Endpoint,
    /// How.
    #[serde(flatten)]
    pub kind: FaultKind,
    /// How often; once unless said otherwise.
    #[serde(default = "once")]
    pub times: u32,
    /// Only for this person; for everybody unless said otherwise.
    #[serde(default)]
    pub username: Option<String>,
}

impl Fault {
    /// This fault, once, whoever comes.
    pub fn once(on: Endpoint, kind: FaultKind) -> Self {
        Self { on, kind, times: 1, username: None }
    }
}

/// How an answer is spoiled.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FaultKind {
    /// The right answer, late.
    Slow {
        /// By so many milliseconds.
        ms: u64,
    },
    /// The connection breaks instead of an answer.
    DropAfterConsuming,
    /// A proxy's page.
    #[serde(rename = "html_502")]
    Html502,
    /// A status with an empty body.
    Status {
        /// Which.
        code: u16,
        /// With this `Retry-After`.
        #[serde(default)]
        retry_after: Option<u64>,
    },
    /// An error in the graph's envelope.
    Error {
        /// The error's code.
        code: i64,
        /// Its subcode.
        #[serde(default)]
        subcode: Option<i64>,
        /// Its text.
        #[serde(default)]
        message: String,
    },
    /// Status 200 and nothing.
    Empty,
    /// Status 200, and an error in the body.
    OkWithError,
    /// Half of the right answer.
    Truncated,
    /// 100 MB.
    Huge,
    /// Bytes that are no text.
    InvalidUtf8,
    /// The right fields with the wrong types.
    WrongTypes,
    /// An empty object.
    MissingFields,
    /// To another address, which counts who follows.
    Redirect,
}

/// Which of the shapes that have been seen of Instagram its answers take.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Shape {
    /// Flat, or wrapped in `data`.
    pub flat: bool,
    /// How the token reply writes the id.
    pub user_id: UserId,
    /// How the token reply writes the permissions.
    pub permissions: Permissions,
    /// Whether `state` comes back when the person cancels.
    pub state_on_cancel: bool,
    /// Whether somebody who is no tester is stopped by a page already.
    pub tester_page: bool,
}

impl Default for Shape {
    fn default() -> Self {
        Self {
            flat: true,
            user_id: UserId::Number,
            permissions: Permissions::Array,
            state_on_cancel: true,
            tester_page: false,
        }
    }
}

impl Shape {
    pub(super) fn wrap(&self, fields: Value) -> Value {
        if self.flat { fields } else { json!({"data": [fields]}) }
    }
}

/// An id as a number or as text.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum UserId {
    /// A number beyond 2^53.
    Number,
    /// Text.
    String,
}

/// Permissions as a list, as text or not at all.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Permissions {
    /// A list.
    Array,
    /// Text with commas.
    String,
    /// Not at all.
    Absent,
}

/// What befell an account.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Nothing.
    Normal,
    /// The person removed the app.
    AppRemoved,
    /// The password was changed.
    PasswordChanged,
    /// Instagram wants the person to log in first.
    Checkpoint,
}

/// How often each endpoint was called.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Calls {
    /// Browsers that arrived.
    pub authorize: u64,
    /// Codes that were brought.
    pub token: u64,
    /// Short-lived tokens that were brought.
    pub long_lived: u64,
    /// Long-lived tokens that were brought.
    pub refresh: u64,
    /// Profiles that were asked for.
    pub me: u64,
    /// Redirects that were followed and should not have been.
    pub redirects_followed: u64,
    /// App secrets that came through a browser and never should.
    pub secrets_in_browser: u64,
}

/// A part of [`Shape`]; what is missing stays as it is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ShapeChange {
    flat: Option<bool>,
    user_id: Option<UserId>,
    permissions: Option<Permissions>,
    state_on_cancel: Option<bool>,
    tester_page: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StandingChange {
    username: String,
    standing: Standing,
}

const fn once() -> u32 {
    1
}

/// `POST /sandbox/faults`: a fault, recognized by its `on`, or a change of shape.
pub(super) async fn add(State(sandbox): State<Sandbox>, Json(script): Json<Value>) -> Response {
    let outcome = if script.get("on").is_some() {
        serde_json::from_value(script).map(|fault| sandbox.script(fault))
    } else {
        serde_json::from_value(script).map(|change| sandbox.change_shape(&change))
    };
    match outcome {
        Ok(()) => Json(json!({"ok": true})).into_response(),
        Err(error) => {
            (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({"ok": false, "error": error.to_string()}))).into_response()
        }
    }
}

/// `DELETE /sandbox/faults`: no faults, usual shapes.
pub(super) async fn clear(State(sandbox): State<Sandbox>) -> Response {
    sandbox.behave();
    Json(json!({"ok": true})).into_response()
}

/// `POST /sandbox/people`: something befalls an account.
pub(super) async fn set_standing(State(sandbox): State<Sandbox>, Json(change): Json<StandingChange>) -> Response {
    let known = sandbox.set_standing(&change.username, change.standing);
    let status = if known { StatusCode::OK } else { StatusCode::NOT_FOUND };
    (status, Json(json!({"ok": known}))).into_response()
}

/// `GET /sandbox/calls`.
pub(super) async fn calls(State(sandbox): State<Sandbox>) -> Json<Calls> {
    Json(sandbox.calls())
}

/// Where [`FaultKind::Redirect`] leads.
pub(super) async fn trap(State(sandbox): State<Sandbox>) -> StatusCode {
    sandbox.state().calls.redirects_followed += 1;
    StatusCode::NO_CONTENT
}

impl Sandbox {
    fn change_shape(&self, change: &ShapeChange) {
        let mut state = self.state();
        let shape = &mut state.shape;
        shape.flat = change.flat.unwrap_or(shape.flat);
        shape.user_id = change.user_id.unwrap_or(shape.user_id);
        shape.permissions = change.permissions.unwrap_or(shape.permissions);
        shape.state_on_cancel = change.state_on_cancel.unwrap_or(shape.state_on_cancel);
        shape.tester_page = change.tester_page.unwrap_or(shape.tester_page);
    }

    /// The next fault that waits for this endpoint and this person, counted down.
    fn next_fault(&self, on: Endpoint, person: Option<&Person>) -> Option<FaultKind> {
        let mut state = self.state();
        let strikes = |fault: &Fault| {
            fault.on == on
                && fault.username.as_deref().is_none_or(|name| person.is_some_and(|person| person.username == name))
        };
        let index = state.faults.iter().position(|fault| fault.times > 0 && strikes(fault))?;
        let fault = &mut state.faults[index];
        fault.times -= 1;
        let kind = fault.kind.clone();
        state.faults.retain(|fault| fault.times > 0);
        Some(kind)
    }

    /// Hands on an answer, or what a fault makes of it.
    pub(super) async fn spoil(&self, on: Endpoint, person: Option<&Person>, reply: Response) -> Response {
        let Some(kind) = self.next_fault(on, person) else { return reply };
        match kind {
            FaultKind::Slow { ms } => {
                tokio::time::sleep(Duration::from_millis(ms)).await;
                reply
            }
            FaultKind::DropAfterConsuming => {
                let broken = io::Error::from(io::ErrorKind::ConnectionReset);
                Body::from_stream(futures::stream::iter([Err::<Bytes, _>(broken)])).into_response()
            }
            FaultKind::Html502 => (
                StatusCode::BAD_GATEWAY,
                [(CONTENT_TYPE, "text/html")],
                "<html><body><h1>502 Bad Gateway</h1></body></html>",
            )
                .into_response(),
            FaultKind::Status { code, retry_after } => {
                let status = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                let mut reply = status.into_response();
                if let Some(seconds) = retry_after {
                    reply.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
                }
                reply
            }
            FaultKind::Error { code, subcode, message } => self.error("OAuthException", code, subcode, &message),
            FaultKind::Empty => json_reply(""),
            FaultKind::OkWithError => Json(json!({"error": {
                "message": "An unexpected error has occurred. Please retry your request later.",
                "type": "OAuthException", "code": 2, "is_transient": true, "fbtrace_id": "Atrace",
            }}))
            .into_response(),
            FaultKind::Truncated => match to_bytes(reply.into_body(), OWN_ANSWER).await {
                Ok(whole) => json_reply(whole.slice(..whole.len() / 2)),
                Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            },
            FaultKind::Huge => {
                let chunk = Bytes::from(vec![b'a'; 100_000]);
                let start = futures::stream::iter([Bytes::from_static(br#"{"access_token":""#)]);
                let rest = futures::stream::iter((0..1_000).map(move |_| chunk.clone()));
                let whole = futures::StreamExt::chain(start, rest);
                json_reply(Body::from_stream(futures::StreamExt::map(whole, Ok::<_, io::Error>)))
            }
            FaultKind::InvalidUtf8 => json_reply(&b"{\"access_token\":\"\xff\xfe\xc0\"}"[..]),
            FaultKind::WrongTypes => Json(json!({
                "access_token": 12345, "user_id": {"a": 1}, "permissions": 7, "expires_in": "soon",
                "id": [], "username": false, "account_type": 3,
            }))
            .into_response(),
            FaultKind::MissingFields => json_reply("{}"),
            FaultKind::Redirect => (StatusCode::FOUND, [(LOCATION, "/sandbox/trap")]).into_response(),
        }
    }
}

fn json_reply(body: impl Into<Body>) -> Response {
    ([(CONTENT_TYPE, "application/json")], body.into()).into_response()
}
