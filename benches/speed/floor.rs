//! The floors: what a plain handler reaches that does only what cannot be left out. They run in a child of their own,
//! this very program with another argument, on the core that the real server has, and use the product's own pool
//! and queries. Nothing here renders, checks or records.

use super::{
    database::{BareLinks, Stored},
    process::{Running, on_core, server_runtime},
    setting,
};
use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    response::{Html, IntoResponse, Response},
    routing::{get, post},
    serve::ListenerExt,
};
use grantlink::{
    db::Db,
    links::queries,
    paths,
    secret::{Purpose, Token},
};
use http::{StatusCode, Uri};
use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::Stdio,
    sync::Arc,
};

/// The first argument of a child that is to be the floors.
pub const ARGUMENT: &str = "--floor";

/// Where a link is stored with one durable insert (POST).
pub const INSERT: &str = "/insert";

/// Where nothing is done at all.
pub fn hello() -> Uri {
    Uri::from_static("/hello")
}

struct Floor {
    links: BareLinks,
    page: Bytes,
}

/// Starts the child on this database; its page has this many bytes.
pub fn start(core: Option<usize>, stored: &Stored, page: usize) -> Running {
    let mut command = on_core(core, &std::env::current_exe().unwrap());
    command
        .args([ARGUMENT, &stored.organization.to_string(), &stored.user.to_string(), &page.to_string()])
        // Not an argument: those can be read by others, and a URL may hold a password.
        .env("DATABASE_URL", stored.database.setting())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let output = child.stdout.take().unwrap();
    let mut running = Running::new(child, SocketAddr::from(([127, 0, 0, 1], 0)));
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line).unwrap();
    running.address = line.trim().parse().unwrap();
    running
}

/// The child: serves until its parent is gone.
pub fn run(arguments: &[String]) {
    let [organization, user, page] = arguments else { panic!("{ARGUMENT} takes an organization, a user, a size") };
    let (organization, user) = (organization.parse().unwrap(), user.parse().unwrap());
    let page = page_of(page.parse().unwrap());
    std::thread::spawn(|| {
        // The parent holds the other end, and never writes.
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        std::process::exit(0);
    });
    server_runtime().block_on(async {
        let db = Db::open(&setting("DATABASE_URL").unwrap().parse().unwrap()).await.unwrap();
        let floor = Arc::new(Floor { links: BareLinks::new(db, organization, user), page });
        let router = Router::new()
            .route(&format!("{}/{{token}}", paths::CONNECT), get(read))
            .route(INSERT, post(insert))
            .route(hello().path(), get(async || "hello\n"))
            .with_state(floor);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("{}", listener.local_addr().unwrap());
        let listener = listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        axum::serve(listener, router).await.unwrap();
    });
}

fn page_of(bytes: usize) -> Bytes {
    const BEGIN: &str = "<!DOCTYPE html>";
    Bytes::from(format!("{BEGIN}{}", "x".repeat(bytes.saturating_sub(BEGIN.len()))))
}

async fn read(State(floor): State<Arc<Floor>>, Path(token): Path<String>) -> Response {
    let Some(token) = Token::parse(&token) else { return StatusCode::NOT_FOUND.into_response() };
    let mut conn = floor.links.db.read().await.unwrap();
    match queries::find_by_token(&mut conn, token.hash(Purpose::Link)).await.unwrap() {
        Some(link) if link.revoked_at.is_none() => Html(floor.page.clone()).into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn insert(State(floor): State<Arc<Floor>>) {
    floor.links.insert().await;
}
