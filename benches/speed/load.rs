//! The load: a few connections that are kept open, each with one request under way at a time, and no more work for
//! an answer than reading it. `speed.rs` calls it on a runtime of one thread; nothing here knows what it measures.

use super::report::percentile;
use axum::body::{Body, to_bytes};
use grantlink::paths;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use hyper::{
    body::{Body as _, Bytes},
    client::conn::http1::{self, SendRequest},
};
use hyper_util::rt::TokioIo;
use std::{
    future::poll_fn,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{net::TcpStream, sync::Barrier};

/// From one address to the next one asked for. A prime: no address is left out, and neighbours in the list, which
/// are neighbours in the database, do not follow each other.
const STEP: usize = 7_919;

/// Bytes of the longest answer that is kept.
const LONGEST_ANSWER: usize = 10_000_000;

/// What is asked for, and what the answer has to be.
pub struct Target {
    address: SocketAddr,
    method: Method,
    paths: Vec<Uri>,
    headers: HeaderMap,
    body: Bytes,
    status: StatusCode,
}

/// How one turn of the load went.
pub struct Burst {
    /// Requests a second.
    pub per_second: f64,
    /// Half of the answers came within this.
    pub p50: Duration,
    /// 99 of 100 answers came within this.
    pub p99: Duration,
}

impl Target {
    /// Pages, asked for as a browser does that opens them.
    pub fn get(address: SocketAddr, paths: Vec<Uri>, encoding: &'static str) -> Self {
        let mut headers = headers(address);
        headers.insert(header::ACCEPT, HeaderValue::from_static("text/html,application/xhtml+xml"));
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(encoding));
        headers.insert(FETCH_SITE, HeaderValue::from_static("none"));
        Self { address, method: Method::GET, paths, headers, body: Bytes::new(), status: StatusCode::OK }
    }

    /// A form, sent as the script of our own page does.
    pub fn form(address: SocketAddr, path: &'static str, form: &str, cookie: Option<&str>, status: u16) -> Self {
        let mut headers = headers(address);
        let origin = HeaderValue::from_str(&format!("http://{address}")).unwrap();
        headers.insert(header::ORIGIN, origin);
        headers.insert(FETCH_SITE, HeaderValue::from_static("same-origin"));
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        if let Some(cookie) = cookie {
            headers.insert(header::COOKIE, HeaderValue::from_str(cookie).unwrap());
        }
        Self {
            address,
            method: Method::POST,
            paths: vec![Uri::from_static(path)],
            headers,
            body: Bytes::copy_from_slice(form.as_bytes()),
            status: StatusCode::from_u16(status).unwrap(),
        }
    }

    fn request(&self, path: &Uri) -> Request<Body> {
        let mut request = Request::new(Body::from(self.body.clone()));
        request.method_mut().clone_from(&self.method);
        request.uri_mut().clone_from(path);
        request.headers_mut().clone_from(&self.headers);
        request
    }
}

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

fn headers(address: SocketAddr) -> HeaderMap {
    const USER_AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    let mut headers = HeaderMap::new();
    headers.insert(header::HOST, HeaderValue::from_str(&address.to_string()).unwrap());
    headers.insert(header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
    headers
}

async fn connect(address: SocketAddr) -> SendRequest<Body> {
    let stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    // It ends with its sender. When the server ends it first, the next request says so.
    tokio::spawn(connection);
    sender
}

async fn ask(sender: &mut SendRequest<Body>, target: &Target, path: &Uri) {
    sender.ready().await.unwrap();
    let response = sender.send_request(target.request(path)).await.unwrap();
    assert_eq!(response.status(), target.status, "{} {}", target.method, path.path());
    let mut body = response.into_body();
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        frame.unwrap();
    }
}

/// Asks once, for the first address, and keeps the answer.
pub async fn once(target: &Target) -> Response<Bytes> {
    let mut sender = connect(target.address).await;
    let response = sender.send_request(target.request(&target.paths[0])).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = to_bytes(Body::new(body), LONGEST_ANSWER).await.unwrap();
    assert_eq!(parts.status, target.status, "{}", String::from_utf8_lossy(&body));
    Response::from_parts(parts, body)
}

/// Makes an organization with its owner, and returns the owner's cookie.
pub async fn sign_up(address: SocketAddr) -> String {
    const FORM: &str = "organization=Bright+%26+Bold&email=ann%40bright-bold.example&password=three+small+words";
    let answer = once(&Target::form(address, paths::SIGN_UP, FORM, None, 303)).await;
    let cookie = answer.headers().get(header::SET_COOKIE).unwrap().to_str().unwrap();
    cookie.split(';').next().unwrap_or(cookie).to_owned()
}

/// The organization of whoever has this cookie: the forms of its pages name it.
pub async fn organization_id(address: SocketAddr, cookie: &str) -> String {
    let answer = once(&Target::form(address, "/api/load_accounts", "", Some(cookie), 200)).await;
    let view: serde_json::Value = serde_json::from_slice(answer.body()).unwrap();
    view["member"]["organization_id"].as_str().unwrap().to_owned()
}

/// Keeps `connections` busy for a while. They are open and warm before the time begins.
pub async fn burst(target: &Arc<Target>, connections: usize, lasting: Duration) -> Burst {
    // A server that answers no more would otherwise hold everything up for ever.
    let limit = lasting * 3 + Duration::from_secs(30);
    let (seconds, mut waits) = tokio::time::timeout(limit, run(target, connections, lasting)).await.unwrap();
    waits.sort_unstable();
    Burst { per_second: waits.len() as f64 / seconds, p50: percentile(&waits, 50), p99: percentile(&waits, 99) }
}

/// How many seconds it took, and how long each answer did.
async fn run(target: &Arc<Target>, connections: usize, lasting: Duration) -> (f64, Vec<Duration>) {
    let gate = Arc::new(Barrier::new(connections + 1));
    let workers: Vec<_> = (0..connections)
        .map(|number| {
            let begin_at = number * target.paths.len() / connections;
            tokio::spawn(work(Arc::clone(target), begin_at, Arc::clone(&gate), lasting))
        })
        .collect();
    gate.wait().await;
    let started = Instant::now();
    let mut waits = Vec::new();
    for worker in workers {
        waits.extend(worker.await.unwrap());
    }
    (started.elapsed().as_secs_f64(), waits)
}

/// One connection.
async fn work(target: Arc<Target>, mut at: usize, gate: Arc<Barrier>, lasting: Duration) -> Vec<Duration> {
    let mut sender = connect(target.address).await;
    let warm = Instant::now() + lasting / 10;
    while Instant::now() < warm {
        at = (at + STEP) % target.paths.len();
        ask(&mut sender, &target, &target.paths[at]).await;
    }
    gate.wait().await;
    let until = Instant::now() + lasting;
    let mut waits = Vec::new();
    loop {
        let began = Instant::now();
        if began >= until {
            return waits;
        }
        at = (at + STEP) % target.paths.len();
        ask(&mut sender, &target, &target.paths[at]).await;
        waits.push(began.elapsed());
    }
}
