//! Ways to misbehave, for tests: by [`Sandbox::script`] inside one process, by `POST /sandbox/faults` from a browser
//! test. A request is always served in full first, so a code is spent, and only then is its answer spoiled. Beside the
//! faults: a count of the calls.

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

/// How many minutes an account that is called too often is told to wait.
pub const REGAIN_MINUTES: u64 = 19;

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
    /// The list of posts.
    Media,
    /// A picture, of a post or of a profile.
    Picture,
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
    /// Of a list of posts: the right page, which names as the next cursor the one that was sent. Waits for a request
    /// with a cursor.
    RepeatCursor,
    /// Too many calls: code 4 for the app.
    RateLimited {
        /// For this account alone instead: code 80002, with [`REGAIN_MINUTES`] in a header.
        #[serde(default)]
        buc: bool,
    },
    /// The right answer, with so much of the app's allowance used up.
    Usage {
        /// In percent.
        percent: u8,
    },
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
    /// Pages of posts that were asked for.
    pub media: u64,
    /// Pictures that were asked for.
    pub picture: u64,
    /// Redirects that were followed and should not have been.
    pub redirects_followed: u64,
    /// App secrets that came through a browser and never should.
    pub secrets_in_browser: u64,
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
    /// The next fault that waits for this endpoint and this person, counted down.
    fn next_fault(
        &self,
        on: Endpoint,
        person: Option<&Person>,
        fits: impl Fn(&FaultKind) -> bool,
    ) -> Option<FaultKind> {
        let mut state = self.state();
        let strikes = |fault: &Fault| {
            fault.on == on
                && fits(&fault.kind)
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
        let Some(kind) = self.next_fault(on, person, |kind| *kind != FaultKind::RepeatCursor) else { return reply };
        match kind {
            FaultKind::RepeatCursor => reply,
            FaultKind::RateLimited { buc } => self.rate_limited(buc, person),
            FaultKind::Usage { percent } => (self.state().shape.usage_of(percent), reply).into_response(),
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
            FaultKind::Truncated => {
                let (head, body) = reply.into_parts();
                match to_bytes(body, OWN_ANSWER).await {
                    Ok(whole) => Response::from_parts(head, whole.slice(..whole.len() / 2).into()),
                    Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
                }
            }
            FaultKind::Huge => {
                let (kind, start) = match on {
                    Endpoint::Picture => ("image/jpeg", Bytes::from_static(b"\xff\xd8\xff\xe0")),
                    _ => ("application/json", Bytes::from_static(br#"{"access_token":""#)),
                };
                let chunk = Bytes::from(vec![b'a'; 100_000]);
                let rest = futures::stream::iter((0..1_000).map(move |_| chunk.clone()));
                let whole = futures::StreamExt::chain(futures::stream::iter([start]), rest);
                let body = Body::from_stream(futures::StreamExt::map(whole, Ok::<_, io::Error>));
                ([(CONTENT_TYPE, kind)], body).into_response()
            }
            FaultKind::InvalidUtf8 => json_reply(&b"{\"access_token\":\"\xff\xfe\xc0\"}"[..]),
            FaultKind::WrongTypes if on == Endpoint::Media => Json(json!({
                "data": [{"id": 7, "caption": [], "media_type": {}, "media_url": 3, "timestamp": "soon"}],
                "paging": {"cursors": "none"},
            }))
            .into_response(),
            FaultKind::WrongTypes => Json(json!({
                "access_token": 12345, "user_id": {"a": 1}, "permissions": 7, "expires_in": "soon",
                "id": [], "username": false, "account_type": 3,
            }))
            .into_response(),
            FaultKind::MissingFields => json_reply("{}"),
            FaultKind::Redirect => (StatusCode::FOUND, [(LOCATION, "/sandbox/trap")]).into_response(),
        }
    }

    /// Whether a page of posts shall name the cursor that was sent, counted down.
    pub(super) fn repeats_cursor(&self, person: &Person) -> bool {
        self.next_fault(Endpoint::Media, Some(person), |kind| *kind == FaultKind::RepeatCursor).is_some()
    }

    /// Too many calls, for the app or for one account.
    fn rate_limited(&self, buc: bool, person: Option<&Person>) -> Response {
        if !buc {
            let used_up = self.state().shape.usage_of(100);
            return (used_up, self.error("OAuthException", 4, None, "Application request limit reached"))
                .into_response();
        }
        let message = "There have been too many calls to this Instagram account. Wait a bit and try again.";
        let account = person.map_or(0, |person| person.instagram_id).to_string();
        let used_up = json!({account: [{
            "type": "instagram",
            "call_count": 100,
            "total_cputime": 25,
            "total_time": 25,
            "estimated_time_to_regain_access": REGAIN_MINUTES,
        }]});
        let header = [("x-business-use-case-usage", used_up.to_string())];
        (header, self.error("OAuthException", 80_002, None, message)).into_response()
    }
}

fn json_reply(body: impl Into<Body>) -> Response {
    ([(CONTENT_TYPE, "application/json")], body.into()).into_response()
}
