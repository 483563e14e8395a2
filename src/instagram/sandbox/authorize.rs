//! The part that a browser sees: login, security code, consent, and the way back to the app. As at Instagram, nothing
//! of the app is looked at before somebody has logged in, and a fault of the app ends on a page here, without a
//! redirect (RFC 6749 section 4.1.2.1).

use super::{
    HOUR, Sandbox, pages,
    people::{self, Manner, Person, SECURITY_CODE},
    token::Code,
};
use crate::{
    sandbox_pages::{Params, see_other},
    timestamp::Timestamp,
};
use axum::{
    body::Bytes,
    extract::{RawQuery, State},
    http::{
        HeaderMap, StatusCode,
        header::{COOKIE, LOCATION, SET_COOKIE},
    },
    response::{IntoResponse, Response},
};
use subtle::ConstantTimeEq;

/// Cookies do not know ports: on one machine this one is sent to the product too, and must not be one of its own.
const COOKIE_NAME: &str = "sandbox_session";

const SCOPES: [&str; 5] = [
    "instagram_business_basic",
    "instagram_business_content_publish",
    "instagram_business_manage_comments",
    "instagram_business_manage_messages",
    "instagram_business_manage_insights",
];

/// One way through login and consent: what the app asked for, and how far the person has come.
#[derive(Clone)]
pub(super) struct Flow {
    pub(super) request: Params,
    stage: Stage,
    started_at: Timestamp,
}

#[derive(Clone, Copy)]
enum Stage {
    Login,
    SecurityCode(&'static Person),
    Consent(&'static Person),
}

/// The address an app sends browsers to.
pub(super) async fn start(State(sandbox): State<Sandbox>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let request = Params::parse(query.unwrap_or_default().as_bytes());
    let forced = ["force_reauth", "force_authentication"].iter().any(|name| matches!(request.get(name), "true" | "1"));
    let now = sandbox.config.clock.now();
    let id = sandbox.random_text::<16>();
    let mut state = sandbox.state();
    state.calls.authorize += 1;
    if !request.get("client_secret").is_empty() {
        state.calls.secrets_in_browser += 1;
    }
    let person = session(&headers).and_then(|id| state.sessions.get(id).copied()).filter(|_| !forced);
    let (stage, path) = match person {
        Some(person) => (Stage::Consent(person), "/oauth/authorize/consent/"),
        None => (Stage::Login, "/accounts/login/"),
    };
    state.flows.retain(|_, flow| flow.started_at.plus(HOUR) > now);
    state.flows.insert(id.clone(), Flow { request, stage, started_at: now });
    found(&format!("{path}?flow={id}"))
}

/// Shows the login page.
pub(super) async fn login(State(sandbox): State<Sandbox>, RawQuery(query): RawQuery) -> Response {
    let id = flow_id(query.as_deref());
    match sandbox.flow(&id) {
        Some(flow) => pages::login(&id, &flow.request, "", false),
        None => pages::expired(),
    }
}

/// Takes username and password.
pub(super) async fn log_in(State(sandbox): State<Sandbox>, body: Bytes) -> Response {
    let form = Params::parse(&body);
    let id = form.get("flow");
    let Some(flow) = sandbox.flow(id) else { return pages::expired() };
    let username = form.get("username");
    let person = people::find(username)
        .filter(|person| bool::from(person.password.as_bytes().ct_eq(form.get("password").as_bytes())));
    match person {
        None => pages::login(id, &flow.request, username, true),
        Some(person) if person.two_factor => {
            sandbox.advance(id, Stage::SecurityCode(person));
            see_other(&format!("/accounts/login/two_factor/?flow={id}"))
        }
        Some(person) => sandbox.logged_in(id, person),
    }
}

/// Shows the page that asks for the security code.
pub(super) async fn two_factor(State(sandbox): State<Sandbox>, RawQuery(query): RawQuery) -> Response {
    let id = flow_id(query.as_deref());
    match sandbox.flow(&id).map(|flow| flow.stage) {
        Some(Stage::SecurityCode(person)) => pages::two_factor(&id, person, false),
        Some(Stage::Consent(_)) => see_other(&format!("/oauth/authorize/consent/?flow={id}")),
        Some(Stage::Login) => see_other(&format!("/accounts/login/?flow={id}")),
        None => pages::expired(),
    }
}

/// Takes the security code.
pub(super) async fn confirm(State(sandbox): State<Sandbox>, body: Bytes) -> Response {
    let form = Params::parse(&body);
    let id = form.get("flow");
    let given: String = form.get("code").chars().filter(|c| !c.is_whitespace()).collect();
    match sandbox.flow(id).map(|flow| flow.stage) {
        Some(Stage::SecurityCode(person)) if given == SECURITY_CODE => sandbox.logged_in(id, person),
        Some(Stage::SecurityCode(person)) => pages::two_factor(id, person, true),
        Some(Stage::Consent(_)) => see_other(&format!("/oauth/authorize/consent/?flow={id}")),
        Some(Stage::Login) => see_other(&format!("/accounts/login/?flow={id}")),
        None => pages::expired(),
    }
}

/// Shows what the app asks for, if the app is in order.
pub(super) async fn consent(State(sandbox): State<Sandbox>, RawQuery(query): RawQuery) -> Response {
    let id = flow_id(query.as_deref());
    let Some(flow) = sandbox.flow(&id) else { return pages::expired() };
    let Stage::Consent(person) = flow.stage else {
        return see_other(&format!("/accounts/login/?flow={id}"));
    };
    match sandbox.objection(&flow.request, person) {
        Some(message) => stop(&message),
        None => pages::consent(&id, &sandbox.handle(person), person, &scopes(&flow.request)),
    }
}

/// Takes the decision and sends the browser back to the app.
pub(super) async fn decide(State(sandbox): State<Sandbox>, body: Bytes) -> Response {
    let form = Params::parse(&body);
    let id = form.get("flow");
    let Some(flow) = sandbox.flow(id) else { return pages::expired() };
    let Stage::Consent(person) = flow.stage else {
        return see_other(&format!("/accounts/login/?flow={id}"));
    };
    if let Some(message) = sandbox.objection(&flow.request, person) {
        return stop(&message);
    }
    let mut answer = url::form_urlencoded::Serializer::new(String::new());
    let mut with_state = true;
    if form.get("decision") == "allow" {
        answer.append_pair("code", &sandbox.issue_code(&flow.request, person));
    } else {
        with_state = sandbox.state().shape.state_on_cancel;
        answer
            .append_pair("error", "access_denied")
            .append_pair("error_reason", "user_denied")
            .append_pair("error_description", "The user denied your request");
    }
    if with_state && !flow.request.get("state").is_empty() {
        answer.append_pair("state", flow.request.get("state"));
    }
    let redirect_uri = flow.request.get("redirect_uri");
    let separator = if redirect_uri.contains('?') { '&' } else { '?' };
    let ending = if form.get("decision") == "allow" { "#_" } else { "" };
    found(&format!("{redirect_uri}{separator}{}{ending}", answer.finish()))
}

impl Sandbox {
    fn flow(&self, id: &str) -> Option<Flow> {
        let now = self.config.clock.now();
        self.state().flows.get(id).filter(|flow| flow.started_at.plus(HOUR) > now).cloned()
    }

    fn advance(&self, id: &str, stage: Stage) {
        if let Some(flow) = self.state().flows.get_mut(id) {
            flow.stage = stage;
        }
    }

    fn logged_in(&self, id: &str, person: &'static Person) -> Response {
        self.advance(id, Stage::Consent(person));
        let session = self.random_text::<16>();
        self.state().sessions.insert(session.clone(), person);
        let cookie = format!("{COOKIE_NAME}={session}; Path=/; HttpOnly; SameSite=Lax");
        ([(SET_COOKIE, cookie)], see_other(&format!("/oauth/authorize/consent/?flow={id}"))).into_response()
    }

    /// What Instagram would have against going on, in its order and in its words where they are known.
    fn objection(&self, request: &Params, person: &Person) -> Option<String> {
        let invalid = |what: &str| Some(format!("Invalid request: Request parameters are invalid: {what}"));
        if request.get("client_id") != self.config.app_id {
            return invalid("Invalid platform app");
        }
        if !self.config.redirect_uris.iter().any(|registered| registered == request.get("redirect_uri")) {
            return invalid("Invalid redirect_uri");
        }
        if request.get("response_type") != "code" {
            return invalid("Invalid response_type");
        }
        let scopes = scopes(request);
        if let Some(unknown) = scopes.iter().find(|scope| !SCOPES.contains(scope)) {
            return invalid(&format!("Invalid scope: {unknown}"));
        }
        if scopes.is_empty() {
            return invalid("Invalid scope");
        }
        match person.manner {
            Manner::NoTester if self.state().shape.tester_page => Some("Insufficient Developer Role".into()),
            Manner::StoppedAsPersonal => {
                Some("This is a personal account. Only professional accounts can be used with this app.".into())
            }
            _ => None,
        }
    }

    fn issue_code(&self, request: &Params, person: &'static Person) -> String {
        let text = format!("AQ{}", self.random_text::<48>());
        let now = self.config.clock.now();
        let code = Code {
            person,
            redirect_uri: request.get("redirect_uri").to_owned(),
            scopes: scopes(request).into_iter().map(str::to_owned).collect(),
            issued_at: now,
            used: false,
        };
        let mut state = self.state();
        state.codes.retain(|_, code| code.issued_at.plus(2 * HOUR) > now);
        state.codes.insert(text.clone(), code);
        text
    }
}

fn scopes(request: &Params) -> Vec<&str> {
    request.get("scope").split([',', ' ']).filter(|scope| !scope.is_empty()).collect()
}

fn session(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(COOKIE_NAME)?.strip_prefix('='))
}

/// The flow's id, if it can be one: it goes back into addresses and pages.
fn flow_id(query: Option<&str>) -> String {
    let params = Params::parse(query.unwrap_or_default().as_bytes());
    params.get("flow").chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).take(64).collect()
}

fn stop(message: &str) -> Response {
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("message", message).finish();
    found(&format!("/oauth/authorize/third_party/error/?{query}"))
}

fn found(location: &str) -> Response {
    (StatusCode::FOUND, [(LOCATION, location)]).into_response()
}
