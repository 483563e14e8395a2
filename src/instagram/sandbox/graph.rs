//! The graph host: long-lived tokens, their renewal, and `/me`; `media` lists the posts. Its errors come in the graph's
//! envelope with the codes and subcodes that Meta documents, and an account without a role on the app is refused in the
//! words that have misled so many.

use super::{
    Endpoint, HOUR, Sandbox, Standing, pages,
    people::{Manner, Person},
    token::{Claims, LONG_LIFE},
};
use crate::sandbox_pages::Params;
use axum::{
    Json,
    extract::{OriginalUri, RawQuery, State},
    http::{HeaderMap, Method, StatusCode, Uri, header::AUTHORIZATION},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

const OAUTH: &str = "OAuthException";
const API: &str = "IGApiException";

/// Why the graph refuses.
pub(super) struct Refusal {
    kind: &'static str,
    code: i64,
    subcode: Option<i64>,
    message: String,
}

impl Refusal {
    fn new(kind: &'static str, code: i64, message: impl Into<String>) -> Self {
        Self { kind, code, subcode: None, message: message.into() }
    }

    fn dead(subcode: Option<i64>, message: impl Into<String>) -> Self {
        Self { subcode, ..Self::new(OAUTH, 190, message) }
    }

    pub(super) fn bad_parameter(message: impl Into<String>) -> Self {
        Self::new(API, 100, message)
    }

    pub(super) fn no_such_field(field: &str, node: &str) -> Self {
        Self::bad_parameter(format!("Tried accessing nonexisting field ({field}) on node type ({node})"))
    }

    fn no_permission() -> Self {
        Self::new(OAUTH, 10, "Application does not have permission for this action")
    }

    pub(super) fn no_such_object(id: &str) -> Self {
        let message = format!(
            "Unsupported get request. Object with ID '{id}' does not exist, cannot be loaded due to missing \
             permissions, or does not support this operation"
        );
        Self { subcode: Some(33), ..Self::bad_parameter(message) }
    }

    fn no_such_path(uri: &Uri) -> Self {
        Self::new(API, 2_500, format!("Unknown path components: {}", uri.path()))
    }
}

/// `GET /access_token`: a long-lived token for a short-lived one.
pub(super) async fn long_lived(
    State(sandbox): State<Sandbox>,
    OriginalUri(uri): OriginalUri,
    method: Method,
    RawQuery(query): RawQuery,
) -> Response {
    sandbox.state().calls.long_lived += 1;
    let query = Params::parse(query.unwrap_or_default().as_bytes());
    let person = sandbox.read_token(query.get("access_token")).map(|claims| claims.person);
    let reply = sandbox.long_lived(&uri, &method, &query).unwrap_or_else(|refusal| sandbox.refuse(&refusal));
    sandbox.spoil(Endpoint::LongLived, person, reply).await
}

/// `GET /refresh_access_token`: another 60 days.
pub(super) async fn refresh(
    State(sandbox): State<Sandbox>,
    OriginalUri(uri): OriginalUri,
    method: Method,
    RawQuery(query): RawQuery,
) -> Response {
    sandbox.state().calls.refresh += 1;
    let query = Params::parse(query.unwrap_or_default().as_bytes());
    let person = sandbox.read_token(query.get("access_token")).map(|claims| claims.person);
    let reply = sandbox.refresh(&uri, &method, &query).unwrap_or_else(|refusal| sandbox.refuse(&refusal));
    sandbox.spoil(Endpoint::Refresh, person, reply).await
}

/// `GET /me`: whose token this is.
pub(super) async fn me(
    State(sandbox): State<Sandbox>,
    OriginalUri(uri): OriginalUri,
    method: Method,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    sandbox.state().calls.me += 1;
    let query = Params::parse(query.unwrap_or_default().as_bytes());
    let token = bearer(&headers).unwrap_or_else(|| query.get("access_token"));
    let person = sandbox.read_token(token).map(|claims| claims.person);
    let reply =
        sandbox.me(&uri, &method, token, query.get("fields")).unwrap_or_else(|refusal| sandbox.refuse(&refusal));
    sandbox.spoil(Endpoint::Me, person, reply).await
}

/// Everything else: the graph's error below a version, a page elsewhere.
pub(super) async fn unknown_path(State(sandbox): State<Sandbox>, OriginalUri(uri): OriginalUri) -> Response {
    if is_version(uri.path().split('/').nth(1).unwrap_or_default()) {
        sandbox.refuse(&Refusal::no_such_path(&uri))
    } else {
        pages::not_found()
    }
}

impl Sandbox {
    fn long_lived(&self, uri: &Uri, method: &Method, query: &Params) -> Result<Response, Refusal> {
        self.expect_get(uri, method)?;
        if query.get("grant_type") != "ig_exchange_token" {
            return Err(Refusal::bad_parameter("Invalid grant_type"));
        }
        if !self.is_secret(query.get("client_secret")) {
            return Err(Refusal::new(OAUTH, 1, "Error validating client secret."));
        }
        let claims = self.admit(query.get("access_token"))?;
        if claims.long {
            return Err(Refusal::dead(None, "The access token is long-lived already."));
        }
        Ok(self.new_token(claims.person))
    }

    fn refresh(&self, uri: &Uri, method: &Method, query: &Params) -> Result<Response, Refusal> {
        self.expect_get(uri, method)?;
        if query.get("grant_type") != "ig_refresh_token" {
            return Err(Refusal::bad_parameter("Invalid grant_type"));
        }
        let claims = self.permit(query.get("access_token"))?;
        let young = claims.issued_at.plus(24 * HOUR) > self.config.clock.now();
        if !claims.long || (young && !self.state().shape.early_refresh) {
            return Err(Refusal::bad_parameter("The access token is not a long-lived one of at least 24 hours."));
        }
        Ok(self.new_token(claims.person))
    }

    fn me(&self, uri: &Uri, method: &Method, token: &str, fields: &str) -> Result<Response, Refusal> {
        self.expect_get(uri, method)?;
        let claims = self.permit(token)?;
        let mut answer = Map::new();
        for field in fields_of(fields) {
            let value = self.value_of(claims.person, field).ok_or_else(|| Refusal::no_such_field(field, "IGUser"))?;
            answer.insert(field.to_owned(), value);
        }
        let shape = self.state().shape;
        Ok((shape.usage(), Json(shape.wrap(Value::Object(answer)))).into_response())
    }

    /// Lets a token in that reads accounts, or says why not.
    pub(super) fn permit(&self, token: &str) -> Result<Claims, Refusal> {
        let claims = self.admit(token)?;
        if claims.person.manner == Manner::GrantsNothing { Err(Refusal::no_permission()) } else { Ok(claims) }
    }

    /// Lets a token in, or says why not.
    fn admit(&self, token: &str) -> Result<Claims, Refusal> {
        let Some(claims) = self.read_token(token) else {
            return Err(Refusal::dead(None, "Invalid OAuth access token - Cannot parse access token"));
        };
        if claims.person.manner == Manner::NoTester {
            return Err(Refusal::new(API, 100, "Unsupported request - method type: get"));
        }
        let standing = self.state().standings.get(claims.person.username).copied();
        let now = self.config.clock.now();
        match standing.filter(|(_, since)| claims.issued_at <= *since).map(|(standing, _)| standing) {
            Some(Standing::AppRemoved) => Err(Refusal::dead(
                Some(458),
                format!(
                    "Error validating access token: The user has not authorized application {}.",
                    self.config.app_id
                ),
            )),
            Some(Standing::PasswordChanged) => Err(Refusal::dead(
                Some(460),
                "Error validating access token: The session has been invalidated because the user changed their \
                 password or Facebook has changed the session for security reasons.",
            )),
            Some(Standing::Checkpoint) => {
                Err(Refusal::dead(Some(459), "Error validating access token: The user must log in at Instagram first."))
            }
            Some(Standing::Normal) | None if claims.expires_at() <= now => {
                Err(Refusal::dead(Some(463), "Error validating access token: Session has expired."))
            }
            Some(Standing::Normal) | None => Ok(claims),
        }
    }

    fn new_token(&self, person: &Person) -> Response {
        let body = json!({
            "access_token": self.mint(person, true),
            "token_type": "bearer",
            "expires_in": LONG_LIFE.as_secs(),
        });
        (self.usage(), Json(body)).into_response()
    }

    /// The value of a field of `/me`; `None` when the graph knows no such field.
    fn value_of(&self, person: &'static Person, field: &str) -> Option<Value> {
        Some(match field {
            "id" => person.app_scoped_id.to_string().into(),
            "user_id" => person.instagram_id.to_string().into(),
            "username" => self.handle(person).into(),
            "name" => person.name.into(),
            "account_type" => person.account_type.into(),
            "profile_picture_url" => self.profile_picture_url(person).as_str().into(),
            "followers_count" => 842.into(),
            "follows_count" => 10.into(),
            "media_count" => self.count_posts(person).into(),
            _ => return None,
        })
    }

    /// The header with the share of the app's allowance that is used up.
    pub(super) fn usage(&self) -> [(&'static str, String); 1] {
        self.state().shape.usage()
    }

    /// Checks the method, and the version in front of the path if there is one.
    pub(super) fn expect_get(&self, uri: &Uri, method: &Method) -> Result<(), Refusal> {
        let path = uri.path().trim_start_matches('/');
        if let Some((first, _)) = path.split_once('/')
            && path != "me/media"
            && !is_version(first)
        {
            return Err(Refusal::no_such_path(uri));
        }
        if *method == Method::GET {
            Ok(())
        } else {
            let method = method.as_str().to_lowercase();
            Err(Refusal::new(API, 100, format!("Unsupported request - method type: {method}")))
        }
    }

    pub(super) fn refuse(&self, refusal: &Refusal) -> Response {
        self.error(refusal.kind, refusal.code, refusal.subcode, &refusal.message)
    }

    /// The graph's envelope.
    pub(super) fn error(&self, kind: &str, code: i64, subcode: Option<i64>, message: &str) -> Response {
        let mut error = json!({
            "message": message,
            "type": kind,
            "code": code,
            "fbtrace_id": format!("A{}", self.random_text::<16>()),
        });
        if let Some(subcode) = subcode {
            error["error_subcode"] = subcode.into();
        }
        (StatusCode::BAD_REQUEST, self.usage(), Json(json!({"error": error}))).into_response()
    }
}

/// The fields that are asked for. The id always comes along.
pub(super) fn fields_of(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim).filter(|field| !field.is_empty()).chain(["id"])
}

pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ").map(str::trim)
}

fn is_version(segment: &str) -> bool {
    segment.strip_prefix('v').is_some_and(|rest| {
        rest.starts_with(|c: char| c.is_ascii_digit()) && rest.bytes().all(|b| b.is_ascii_digit() || b == b'.')
    })
}
