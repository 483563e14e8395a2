//! The server as a process of its own, so that it can be killed. A browser talks to it through a forwarding router, and
//! so knows no difference.

use super::{BASE_URL, Browser, Kind, database::Throwaway};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
    response::Response,
};
use grantlink::{db::DatabaseUrl, links::model::LinkView};
use std::{
    fs::File,
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command},
    time::{Duration, Instant},
};

pub struct Server {
    process: Child,
    port: u16,
    pub database: Throwaway,
}

/// How a server is started.
#[derive(Clone, Copy)]
struct Manner<'a> {
    failpoint: &'a str,
    log_level: &'a str,
}

impl Server {
    /// Starts a server on a throw-away database, with this failpoint. It logs what an operator usually sees.
    pub async fn start(kind: Kind, failpoint: &str) -> Self {
        Self::start_in(kind, Manner { failpoint, log_level: "info" }).await
    }

    /// Starts a server that logs everything there is.
    pub async fn start_talkative(kind: Kind) -> Self {
        Self::start_in(kind, Manner { failpoint: "", log_level: "trace" }).await
    }

    async fn start_in(kind: Kind, manner: Manner<'_>) -> Self {
        let database = Throwaway::new(kind).await;
        let (process, port) = spawn(&database, manner).await;
        Self { process, port, database }
    }

    /// Starts it again on the same database, unharmed.
    pub async fn restart(&mut self) {
        (self.process, self.port) = spawn(&self.database, Manner { failpoint: "", log_level: "warn" }).await;
    }

    /// Ends it, and starts it again on the same database; it is expected to refuse. Its exit code and what it said.
    pub fn restart_refused(&mut self) -> (Option<i32>, String) {
        self.kill();
        let before = self.log().len();
        let manner = Manner { failpoint: "", log_level: "warn" };
        let status = command(&self.database, manner, free_port(), free_port()).status().unwrap();
        (status.code(), self.log()[before..].to_owned())
    }

    /// All that it wrote so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(log_file(&self.database)).unwrap()
    }

    /// A browser of this server, as it runs now.
    pub fn browser(&self) -> Browser {
        Browser::new(forward_to(self.port))
    }

    /// Points a browser at the restarted server; it keeps its cookies.
    pub fn adopt(&self, browser: &mut Browser) {
        browser.router = forward_to(self.port);
    }

    /// A member with a fresh link.
    pub async fn member_with_link(&self) -> (Browser, LinkView) {
        let mut member = self.browser();
        let form =
            [("organization", "Bright & Bold"), ("email", "ann@agency.example"), ("password", "three small words")];
        assert_eq!(member.post("/sign-up", &form).await.status, 303);
        let link = member.generate_link("Bakery").await;
        (member, link)
    }

    /// Kills it where it stands: no handler runs, nothing is written any more.
    pub fn kill(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
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
        self.kill();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn log_file(database: &Throwaway) -> PathBuf {
    database.folder().join("server.log")
}

fn command(database: &Throwaway, manner: Manner<'_>, port: u16, sandbox: u16) -> Command {
    let site = database.folder().join("site");
    std::fs::create_dir_all(site.join("pkg")).unwrap();
    let url = match &database.url {
        DatabaseUrl::Sqlite(path) => format!("sqlite:{}", path.display()),
        DatabaseUrl::Postgres(url) => url.clone(),
    };
    let log = File::options().create(true).append(true).open(log_file(database)).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_grantlink"));
    command
        .arg("serve")
        .current_dir(database.folder())
        .env("BASE_URL", BASE_URL)
        .env("LEPTOS_SITE_ADDR", format!("127.0.0.1:{port}"))
        .env("LEPTOS_SITE_ROOT", &site)
        .env("SANDBOX_ADDR", format!("127.0.0.1:{sandbox}"))
        .env("DATA_DIR", database.folder().join("data"))
        .env("DATABASE_URL", &url)
        .env("FAILPOINTS", manner.failpoint)
        .env("RUST_LOG", manner.log_level)
        .stdout(log.try_clone().unwrap())
        .stderr(log);
    command
}

async fn spawn(database: &Throwaway, manner: Manner<'_>) -> (Child, u16) {
    for _ in 0..5 {
        let (port, sandbox) = (free_port(), free_port());
        let mut process = command(database, manner, port, sandbox).spawn().unwrap();
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
