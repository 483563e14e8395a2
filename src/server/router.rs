//! The wiring of requests: which layers stand around the routes, and which routes there are.
//! From outside in: request id, log and headers · panics · other hosts · cross-site forms · time and size · routes.

use super::{
    config::Web,
    door::Peer,
    front_end,
    listener::Remote,
    pages::{self, Renderer, Trouble},
    plain_forms::{self, MAX_BODY},
    security::Policy,
};
use crate::{
    accounts,
    app::{App, components_shell, shell},
    audit, billing, collection, connect,
    error::AppError,
    identity, live, organizations,
    pages::{checklist, trouble::page::RetryPath},
    paths,
    ui::{FormReply, site::Site},
    work::Tools,
};
use axum::{
    Router,
    body::Body,
    extract::{DefaultBodyLimit, Request, State},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use leptos::{
    config::LeptosOptions,
    prelude::{provide_context, use_context},
};
use leptos_axum::{AxumRouteListing, ErrorHandler, LeptosRoutes, ResponseOptions, generate_route_list};
use std::{
    net::IpAddr,
    sync::{Arc, LazyLock},
    time::{Duration, Instant},
};
use tower::ServiceExt;
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer, CompressionLevel,
        predicate::{DefaultPredicate, NotForContentType, Predicate},
    },
    csrf::CsrfLayer,
    timeout::TimeoutLayer,
};
use tracing::Instrument;

/// How long a request may take before its visitor is told that the server is busy. Longer than a redemption's callback.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// The name of the header that carries a request's id.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What the outermost layer needs.
#[derive(Clone)]
struct Around {
    tools: Arc<Tools>,
    web: Arc<Web>,
    sandbox: bool,
    policy: Policy,
    renderer: Renderer,
}

/// All of the server behind its listener.
pub fn router(tools: Arc<Tools>, web: &Web, sandbox: bool, options: &LeptosOptions) -> Router {
    let payment_pages = tools.stripe.as_ref().map(|stripe| stripe.page_origins()).unwrap_or_default();
    let policy = Policy::new(&tools.base_url, &tools.instagram.authorize_url("")).leading_to(&payment_pages);
    let tree = component_tree(options);
    let renderer = Renderer(Arc::new({
        let tree = tree.clone();
        move |request| {
            let tree = tree.clone();
            Box::pin(async move { tree.oneshot(request).await.into_response() })
        }
    }));
    let around = Around { tools, web: Arc::new(web.clone()), sandbox, policy, renderer };
    let compressed = DefaultPredicate::new().and(NotForContentType::const_new("text/event-stream"));
    // `post` alone would answer GET with 405; the component tree answers it with the page.
    let page = get(tree_page);
    let components = if sandbox { components_page(options) } else { Router::new() };
    Router::new()
        .route(paths::HOME, get(home))
        .route(paths::SIGN_UP, page.clone().post(identity::routes::sign_up))
        .route(paths::SIGN_IN, page.clone().post(identity::routes::sign_in))
        .route(paths::SECOND_STEP, get(identity::routes::show_second_step).post(identity::routes::second_step))
        .route(paths::SIGN_OUT, post(identity::routes::sign_out))
        .route(paths::FORGOT_PASSWORD, page.clone().post(identity::routes::forgot_password))
        .route(
            &format!("{}/{{token}}", paths::VERIFY_EMAIL),
            get(identity::routes::show_verify_email).post(identity::routes::verify_email),
        )
        .route(paths::CHECKLIST, page.clone().post(checklist::routes::try_one))
        .route(paths::YOU, page.clone().post(identity::routes::you::change))
        .route(
            &format!("{}/{{token}}", paths::RESET_PASSWORD),
            get(identity::routes::show_reset_password).post(identity::routes::reset_password),
        )
        .route(&format!("{}/{{token}}", paths::REMINDERS), page.clone().post(organizations::routes::set_reminders))
        .route(&format!("{}/{{token}}", paths::INVITATIONS), page.clone().post(organizations::members::routes::accept))
        .route(paths::SWITCH_ORGANIZATION, post(organizations::members::routes::switch))
        .route(
            paths::SETTINGS,
            page.clone()
                .post(organizations::settings::routes::save)
                .layer(DefaultBodyLimit::max(organizations::settings::routes::MAX_FORM)),
        )
        .route(paths::DELETE_ORGANIZATION, page.clone().post(organizations::settings::routes::delete))
        .route(&format!("{}/{{token}}", paths::CONNECT), page.clone().post(connect::routes::start))
        .route(&format!("{}/{{id}}", paths::ATTEMPTS), page.post(connect::routes::take_back))
        .route(paths::LOG_IN_TO_ACCOUNT, post(connect::routes::log_in))
        .route(&format!("{}/{{file}}", paths::BRAND), get(organizations::settings::routes::brand))
        .route(&format!("{}/{{file}}", paths::PROFILE_PICTURES), get(accounts::routes::picture))
        .route(&format!("{}/{{file}}", paths::PICTURES), get(collection::routes::picture))
        .route(paths::DEAUTHORIZE, post(accounts::routes::deauthorize))
        .route(paths::DATA_DELETION, post(accounts::routes::delete_data))
        .route(paths::CHECKOUT, post(billing::routes::checkout))
        .route(paths::BILLING_PORTAL, post(billing::routes::portal))
        .route(paths::BILLING_RETURN, get(billing::routes::come_back))
        .route(
            paths::STRIPE_WEBHOOK,
            post(billing::routes::webhook).layer(DefaultBodyLimit::max(billing::routes::MAX_WEBHOOK)),
        )
        .route(paths::AUDIT_CSV, get(audit::routes::export))
        .route(paths::LIVE, get(live::routes::live))
        .route(paths::ROBOTS, get(robots))
        .merge(front_end::routes(options))
        .merge(components)
        .fallback_service(tree.layer(middleware::from_fn(plain_forms::answer)))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(CompressionLayer::new().quality(CompressionLevel::Precise(4)).compress_when(compressed))
        .layer(middleware::map_response(timed_out))
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, REQUEST_TIMEOUT))
        .layer(CsrfLayer::new().with_rejection_response(|_| pages::undressed(AppError::CrossSite)))
        .layer(CatchPanicLayer::custom(|_| {
            tracing::error!("a handler panicked");
            pages::undressed(AppError::Internal { reference: String::new() })
        }))
        .layer(middleware::from_fn_with_state(around.clone(), for_our_host))
        // Outside the host check: a machine that watches the process does not know its name.
        .route(paths::HEALTHZ, get(async || "ok\n"))
        .route(paths::READYZ, get(readyz))
        .layer(middleware::from_fn_with_state(around, around_each))
}

/// Every page of the component tree. Listed once a process: while leptos lists, it withholds the data of every page
/// that renders anywhere in the process, and a visitor of another router would get an empty one.
pub fn page_routes() -> Vec<AxumRouteListing> {
    static LISTED: LazyLock<Vec<AxumRouteListing>> = LazyLock::new(|| generate_route_list(App));
    LISTED.clone()
}

/// The pages and server functions.
fn component_tree(options: &LeptosOptions) -> Router {
    let shell_of = {
        let options = options.clone();
        move || shell(options.clone())
    };
    Router::new()
        .leptos_routes_with_context(options, page_routes(), page_context, shell_of)
        .fallback_service(ErrorHandler::new_with_context(page_context, shell, options.clone()))
        .with_state(options.clone())
}

/// The page of all components. The browser's half has no such page, so it stands beside the tree.
fn components_page(options: &LeptosOptions) -> Router {
    let options = options.clone();
    let page = leptos_axum::render_app_async_with_context(page_context, move || components_shell(&options));
    Router::new().route(paths::DEV_COMPONENTS, get(page))
}

/// What a screen may pick up: the installation, and what a plain route left in the request for it.
fn page_context() {
    let Some(parts) = use_context::<http::request::Parts>() else { return };
    if let Some(site) = parts.extensions.get::<Site>() {
        provide_context(site.clone());
    }
    if let Some(reply) = parts.extensions.get::<FormReply>() {
        provide_context(reply.clone());
    }
    if let Some(Trouble { error, retry_path }) = parts.extensions.get::<Trouble>() {
        provide_context(error.clone());
        provide_context(RetryPath(retry_path.clone()));
    } else if parts.uri.path() == paths::TROUBLE
        && let Some(options) = use_context::<ResponseOptions>()
    {
        options.set_status(StatusCode::NOT_FOUND);
    }
}

async fn tree_page(request: Request) -> Response {
    match request.extensions().get::<Renderer>().cloned() {
        Some(renderer) => (renderer.0)(request).await,
        None => pages::undressed(AppError::NotFound),
    }
}

/// `GET /`: the dashboard for members, signing in for everybody else.
async fn home(request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let target = if super::door::member_of(&parts).await.is_ok() { paths::ACCOUNTS } else { paths::SIGN_IN };
    pages::see_other(target)
}

/// Nothing private is named here: a list of secrets is no place for secrets (A10).
async fn robots() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], "User-agent: *\nDisallow: /\n")
}

/// Ready when the database answers: the program has given it the shape it knows before it began to listen.
async fn readyz(request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let ready = async { super::door::tools_of(&parts)?.db.ping().await };
    // The conversion logs the cause.
    if ready.await.map_err(AppError::from).is_ok() {
        "ready\n".into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready\n").into_response()
    }
}

/// Gives the bare answer of the time limit its page.
async fn timed_out(response: Response) -> Response {
    if response.status() == StatusCode::GATEWAY_TIMEOUT { pages::undressed(AppError::Busy) } else { response }
}

/// Refuses requests for another host (A48): links and cookies are made for one name only. Another name of this
/// machine, typed by hand, is sent to the right one.
async fn for_our_host(State(around): State<Around>, request: Request, next: Next) -> Response {
    let ours = around.tools.base_url.authority();
    let mut hosts = request.headers().get_all(header::HOST).into_iter();
    let host = hosts.next().and_then(|host| host.to_str().ok());
    let named = match request.uri().authority() {
        Some(authority) => Some(authority.as_str()),
        None => host,
    };
    let single = hosts.next().is_none() && (request.uri().authority().is_none() || named == host);
    match named {
        Some(named) if single && named.eq_ignore_ascii_case(ours) => next.run(request).await,
        Some(named) if single && !around.web.is_production() && is_loopback(named) => {
            let path = request.uri().path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
            let mut response = pages::see_other(&around.tools.absolute(path));
            if request.method() != Method::GET {
                *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
            }
            response
        }
        _ => pages::undressed(AppError::WrongHost),
    }
}

fn is_loopback(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(
        host,
        |(name, port)| {
            if port.bytes().all(|b| b.is_ascii_digit()) { name } else { host }
        },
    );
    super::config::is_loopback_name(name)
        || name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// The outermost layer: hands out what the doors need, dresses bare refusals, adds the headers, writes the log.
async fn around_each(State(around): State<Around>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = around.tools.randomness.hex::<4>();
    let peer = peer(&request, &around.web);
    let method = request.method().clone();
    let path = paths::redacted(request.uri().path());
    let span = tracing::info_span!("request", id, %method, path);
    let extensions = request.extensions_mut();
    extensions.insert(Arc::clone(&around.tools));
    extensions.insert(around.policy.clone());
    extensions.insert(around.renderer.clone());
    extensions.insert(Peer(peer));
    extensions.insert(Site {
        sandbox: around.sandbox,
        plans: around.tools.billing != billing::model::BillingMode::None,
        by_invitation: around.tools.sign_up == identity::model::SignUpMode::Invite,
        support_email: around.web.support_email.clone(),
        request_id: id.clone(),
    });
    let (parts, body) = request.into_parts();
    let kept = parts.clone();
    let mut response = async {
        let response = next.run(Request::from_parts(parts, body)).await;
        dress(response, kept, &id).await
    }
    .instrument(span.clone())
    .await;
    around.policy.apply(response.headers_mut());
    let private = [paths::CONNECT, paths::DELETION, paths::REMINDERS, paths::INVITATIONS, paths::VERIFY_EMAIL];
    if private.iter().any(|private| paths::is_below(&path, private)) {
        let robots = HeaderName::from_static("x-robots-tag");
        response.headers_mut().insert(robots, HeaderValue::from_static("noindex, nofollow"));
    }
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    let status = response.status().as_u16();
    let ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    if path == paths::HEALTHZ || path == paths::READYZ {
        span.in_scope(|| tracing::debug!(status, ms, "answered"));
    } else {
        span.in_scope(|| tracing::info!(status, ms, "answered"));
    }
    response
}

/// Gives a bare refusal its page, or its JSON for a program.
async fn dress(mut response: Response, parts: http::request::Parts, request_id: &str) -> Response {
    let Some(Trouble { mut error, .. }) = response.extensions_mut().remove::<Trouble>() else { return response };
    if let AppError::Internal { reference } = &mut error
        && reference.is_empty()
    {
        request_id.clone_into(reference);
    }
    if pages::wants_page(&parts.headers) {
        return pages::trouble(error, parts).await;
    }
    let body = serde_json::to_vec(&error).unwrap_or_default();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().remove(header::CONTENT_LENGTH);
    *response.body_mut() = Body::from(body);
    response
}

/// The client's address: the connection's, unless that is a trusted proxy, whose word is then taken from the right,
/// as far as the proxies reach.
fn peer(request: &Request, web: &Web) -> IpAddr {
    let remote = request.extensions().get::<Remote>().map(|remote| remote.0.ip().to_canonical());
    let mut peer = remote.unwrap_or(IpAddr::from([0, 0, 0, 0]));
    let trusted = |ip: IpAddr| web.trusted_proxies.iter().any(|net| net.contains(&ip));
    if !trusted(peer) {
        return peer;
    }
    let forwarded: Vec<&str> = request
        .headers()
        .get_all("x-forwarded-for")
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    for hop in forwarded.iter().rev() {
        let Ok(ip) = hop.parse::<IpAddr>() else { break };
        peer = ip.to_canonical();
        if !trusted(peer) {
            break;
        }
    }
    peer
}
