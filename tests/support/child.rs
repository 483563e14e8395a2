//! The server as a process of its own, so that it can be killed. A browser talks to it through a forwarding router, and
//! so knows no difference.

use super::{BASE_URL, Browser, Kind, database::Throwaway};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
    response::Response,
};
use grantlink::db::DatabaseUrl;
use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

pub struct Server {
    process: Child,
    port: u16,
    pub database: Throwaway,
}

impl Server {
    /// Starts a server on a throw-away database, with this failpoint.
    pub async fn start(kind: Kind, failpoint: &str) -> Self {
        let database = Throwaway::new(kind).await;
        let (process, port) = spawn(&database, failpoint).await;
        Self { process, port, database }
    }

    /// Starts it again on the same database, unharmed.
    pub async fn restart(&mut self) {
        (self.process, self.port) = spawn(&self.database, "").await;
    }

    /// A browser of this server, as it runs now.
    pub fn browser(&self) -> Browser {
        Browser::new(forward_to(self.port))
    }

    /// Points a browser at the restarted server; it keeps its cookies.
    pub fn adopt(&self, browser: &mut Browser) {
        browser.router = forward_to(self.port);
    }

    /// Waits until the process is dead.
    pub async fn wait_for_death(&mut self) {
        let deadline = Instant::now() + Duration::from_secs(15);
        while self.process.try_wait().unwrap().is_none() {
            assert!(Instant::now() < deadline, "the server lives on");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

async fn spawn(database: &Throwaway, failpoint: &str) -> (Child, u16) {
    let site = database.folder().join("site");
    std::fs::create_dir_all(site.join("pkg")).unwrap();
    let url = match &database.url {
        DatabaseUrl::Sqlite(path) => format!("sqlite:{}", path.display()),
        DatabaseUrl::Postgres(url) => url.clone(),
    };
    for _ in 0..5 {
        let (port, sandbox) = (free_port(), free_port());
        let mut process = Command::new(env!("CARGO_BIN_EXE_grantlink"))
            .arg("serve")
            .current_dir(database.folder())
            .env("BASE_URL", BASE_URL)
            .env("LEPTOS_SITE_ADDR", format!("127.0.0.1:{port}"))
            .env("LEPTOS_SITE_ROOT", &site)
            .env("SANDBOX_ADDR", format!("127.0.0.1:{sandbox}"))
            .env("DATA_DIR", database.folder().join("data"))
            .env("DATABASE_URL", &url)
            .env("FAILPOINTS", failpoint)
            .env("RUST_LOG", "warn")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let deadline = Instant::now() + Duration::from_secs(20);
        while Instant::now() < deadline && process.try_wait().unwrap().is_none() {
            let ready = reqwest::get(format!("http://127.0.0.1:{port}/readyz")).await;
            if ready.is_ok_and(|answer| answer.status() == 200) {
                return (process, port);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        // Somebody took a port in between: try others.
        let _ = process.kill();
        let _ = process.wait();
    }
    panic!("the server does not start");
}

/// A router that is only a wire. A dead server answers 502.
fn forward_to(port: u16) -> Router {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    Router::new().fallback(move |request: Request| {
        let client = client.clone();
        async move {
            let (parts, body) = request.into_parts();
            let body = to_bytes(body, 1_000_000).await.unwrap();
            let url = format!("http://127.0.0.1:{port}{}", parts.uri);
            let answer = client.request(parts.method, url).headers(parts.headers).body(body).send().await;
            let Ok(answer) = answer else {
                return Response::builder().status(502).body(Body::empty()).unwrap();
            };
            let mut response = Response::builder().status(answer.status());
            for (name, value) in answer.headers() {
                response = response.header(name, value);
            }
            response.body(Body::from(answer.bytes().await.unwrap_or_default())).unwrap()
        }
    })
}
