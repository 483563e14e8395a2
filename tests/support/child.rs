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
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

pub struct Server {
    process: Child,
    port: u16,
    sandbox: u16,
    settings: Vec<(String, String)>,
    pub database: Throwaway,
}

/// Another process on the database of a server: it does jobs and serves nothing.
pub struct Worker(Child);

/// How a command ended that ran beside a server.
#[derive(Debug)]
pub struct Finished {
    /// Its exit code; `None` when it was killed.
    pub code: Option<i32>,
    /// What it wrote to standard output.
    pub result: String,
    /// What it wrote to standard error.
    pub said: String,
}

/// How a server is started.
#[derive(Clone, Copy)]
struct Manner<'a> {
    failpoint: &'a str,
    log_level: &'a str,
    /// Settings of the environment beside those that every server here has.
    settings: &'a [(String, String)],
}

impl Server {
    /// Starts a server on a throw-away database, with this failpoint. It logs what an operator usually sees.
    pub async fn start(kind: Kind, failpoint: &str) -> Self {
        Self::start_with(kind, failpoint, &[]).await
    }

    /// With settings of the environment.
    pub async fn start_with(kind: Kind, failpoint: &str, settings: &[(&str, &str)]) -> Self {
        let settings = owned(settings);
        let manner = Manner { failpoint, log_level: "info", settings: &settings };
        Self::on(Throwaway::new(kind).await, manner).await
    }

    /// A second server on the database of this one.
    pub async fn beside(&self, settings: &[(&str, &str)]) -> Self {
        let settings = owned(settings);
        let manner = Manner { failpoint: "", log_level: "info", settings: &settings };
        Self::on(self.database.shared(), manner).await
    }

    /// `grantlink worker` on the database of this server, with its sandbox in Instagram's place.
    pub fn worker(&self) -> Worker {
        let manner = Manner { failpoint: "", log_level: "info", settings: &self.settings };
        Worker(command(&self.database, "worker", manner, free_port(), self.sandbox).spawn().unwrap())
    }

    /// Runs another command on the database of this server to its end, with this failpoint, and with these settings over
    /// the server's own.
    pub async fn operate(&self, failpoint: &str, settings: &[(&str, &str)], arguments: &[&str]) -> Finished {
        let settings = [self.settings.clone(), owned(settings)].concat();
        let manner = Manner { failpoint, log_level: "info", settings: &settings };
        let mut command = command(&self.database, arguments[0], manner, free_port(), free_port());
        command.args(&arguments[1..]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Finished { code: output.status.code(), result: text(output.stdout), said: text(output.stderr) }
    }

    /// Starts a server that logs everything there is.
    pub async fn start_talkative(kind: Kind) -> Self {
        Self::on(Throwaway::new(kind).await, Manner { failpoint: "", log_level: "trace", settings: &[] }).await
    }

    async fn on(database: Throwaway, manner: Manner<'_>) -> Self {
        let (process, port, sandbox) = spawn(&database, manner).await;
        Self { process, port, sandbox, settings: manner.settings.to_vec(), database }
    }

    /// Starts it again on the same database, unharmed.
    pub async fn restart(&mut self) {
        let manner = Manner { failpoint: "", log_level: "warn", settings: &self.settings };
        (self.process, self.port, self.sandbox) = spawn(&self.database, manner).await;
    }

    /// Ends it, and starts it again on the same database; it is expected to refuse. Its exit code and what it said.
    pub fn restart_refused(&mut self) -> (Option<i32>, String) {
        self.kill();
        let before = self.log().len();
        let manner = Manner { failpoint: "", log_level: "warn", settings: &self.settings };
        let status = command(&self.database, "serve", manner, free_port(), free_port()).status().unwrap();
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

    /// Posts JSON to its sandbox: to `/sandbox/faults` for another behaviour, to `/sandbox/posts` for other posts.
    pub async fn tell_sandbox(&self, path: &str, json: &'static str) {
        let url = format!("http://127.0.0.1:{}{path}", self.sandbox);
        let client = reqwest::Client::builder().build().unwrap();
        let answer = client.post(url).header("content-type", "application/json").body(json).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path} {json}");
    }

    /// Waits until a query that gives a number gives this one.
    pub async fn wait_until(&self, query: &str, expected: i64) {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let number = self.database.number(query).await;
            if number == expected {
                return;
            }
            assert!(Instant::now() < deadline, "{query}: {number}, and not {expected}\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
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

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn owned(settings: &[(&str, &str)]) -> Vec<(String, String)> {
    settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn log_file(database: &Throwaway) -> PathBuf {
    database.folder().join("server.log")
}

fn command(database: &Throwaway, what: &str, manner: Manner<'_>, port: u16, sandbox: u16) -> Command {
    let site = database.folder().join("site");
    std::fs::create_dir_all(site.join("pkg")).unwrap();
    let url = match &database.url {
        DatabaseUrl::Sqlite(path) => format!("sqlite:{}", path.display()),
        DatabaseUrl::Postgres(url) => url.clone(),
    };
    let log = File::options().create(true).append(true).open(log_file(database)).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_grantlink"));
    command
        .arg(what)
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
    for (name, value) in manner.settings {
        command.env(name, value);
    }
    command
}

/// The process, its port, and its sandbox's.
async fn spawn(database: &Throwaway, manner: Manner<'_>) -> (Child, u16, u16) {
    for _ in 0..5 {
        let (port, sandbox) = (free_port(), free_port());
        let mut process = command(database, "serve", manner, port, sandbox).spawn().unwrap();
        let deadline = Instant::now() + Duration::from_secs(20);
        while Instant::now() < deadline && process.try_wait().unwrap().is_none() {
            let ready = reqwest::get(format!("http://127.0.0.1:{port}/readyz")).await;
            if ready.is_ok_and(|answer| answer.status() == 200) {
                return (process, port, sandbox);
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
pub fn forward_to(port: u16) -> Router {
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
