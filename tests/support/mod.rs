//! The true server in process: the real router on a throw-away database, with the sandbox in Instagram's place and a
//! clock that can be moved. Dropping an [`Installation`] drops its database.

pub mod browser;
#[cfg(feature = "failpoints")]
pub mod child;
mod database;
pub mod instagram;
pub mod journey;

pub use browser::{Browser, Page};

use database::Throwaway;
use grantlink::{
    billing::model::{BillingMode, SubscriptionState},
    clock::{Clock, Randomness},
    instagram::{http::HttpProvider, sandbox::Sandbox},
    limits::Limits,
    live::Hub,
    secret::KeyRing,
    server::config::Config,
    work::Tools,
};
use leptos::config::LeptosOptions;
use std::sync::Arc;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub const BASE_URL: &str = "http://127.0.0.1:3000";

/// Which database an installation runs on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

/// A whole server.
pub struct Installation {
    pub tools: Arc<Tools>,
    pub router: axum::Router,
    pub sandbox: Sandbox,
    pub database: Throwaway,
    pub keys: KeyRing,
}

/// Runs a test on every database there is.
pub async fn on_each_database<F: Future<Output = ()>>(test: impl Fn(Kind) -> F) {
    test(Kind::Sqlite).await;
    if database::server_url().is_some() {
        test(Kind::Postgres).await;
    }
}

impl Installation {
    /// Everybody is entitled.
    pub async fn new(kind: Kind) -> Self {
        Self::with_billing(kind, BillingMode::None).await
    }

    pub async fn with_billing(kind: Kind, billing: BillingMode) -> Self {
        Self::on(Throwaway::new(kind).await, billing, &[]).await
    }

    /// With settings of the environment.
    pub async fn with_settings(kind: Kind, settings: &[(&str, &str)]) -> Self {
        Self::on(Throwaway::new(kind).await, BillingMode::None, settings).await
    }

    async fn on(database: Throwaway, billing: BillingMode, settings: &[(&str, &str)]) -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let (clock, randomness) = (Clock::default(), Randomness);
        let sandbox = instagram::serve(&clock).await;
        let app = sandbox.app(format!("{BASE_URL}/oauth/instagram/callback"));
        let keys = KeyRing::parse("k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap();
        let config =
            Config::read(&|name| settings.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned()))
                .unwrap();
        let tools = Arc::new(Tools {
            db: database.db.clone(),
            limits: Limits::new(&clock),
            clock,
            randomness,
            keys: keys.clone(),
            instagram: Arc::new(HttpProvider::new(&app).unwrap()),
            live: Hub::default(),
            billing,
            base_url: config.web.base_url.clone(),
            tasks: TaskTracker::new(),
            stopping: CancellationToken::new(),
        });
        let site = database.folder().join("site");
        std::fs::create_dir_all(site.join("pkg")).unwrap();
        std::fs::write(site.join("icons.svg"), "<svg xmlns=\"http://www.w3.org/2000/svg\"/>").unwrap();
        std::fs::write(site.join("pkg/grantlink.css"), "body{}").unwrap();
        let options = LeptosOptions::builder().output_name("grantlink").site_root(site.to_str().unwrap()).build();
        let router = grantlink::server::router::router(Arc::clone(&tools), &config.web, true, &options);
        Self { tools, router, sandbox, database, keys }
    }

    /// A browser that was never here.
    pub fn browser(&self) -> Browser {
        Browser::new(self.router.clone())
    }

    /// A browser of the owner of a new organization.
    pub async fn member(&self, organization: &str, email: &str) -> Browser {
        let mut browser = self.browser();
        let form = [("organization", organization), ("email", email), ("password", "three small words")];
        let page = browser.post("/sign-up", &form).await;
        assert_eq!((page.status, page.location.as_deref()), (303, Some("/accounts")), "{}", page.body);
        browser
    }

    /// What the operator does with `subscription set`.
    pub async fn set_subscription(&self, slug: &str, state: SubscriptionState) {
        grantlink::billing::service::set(&self.tools, slug, state, None).await.unwrap();
    }

    /// How many rows a table has.
    pub async fn count(&self, table: &str) -> i64 {
        self.database.count(table).await
    }

    /// What must hold after anything: the invariants of the whole database.
    pub async fn check_invariants(&self) {
        self.tools.tasks.close();
        self.tools.tasks.wait().await;
        self.tools.tasks.reopen();
        for (what, query) in [
            (
                "a finished attempt that connected has its account or its account's trace",
                "SELECT COUNT(*) AS n FROM attempts WHERE outcome = 'connected' AND account_id IS NULL",
            ),
            (
                "an account exists only with a token, or disconnected without one",
                "SELECT COUNT(*) AS n FROM accounts WHERE (token_sealed IS NULL) <> (disconnected_at IS NOT NULL)",
            ),
            (
                "uses of a link are the attempts that connected through it",
                "SELECT COUNT(*) AS n FROM links l WHERE l.uses <> (SELECT COUNT(*) FROM attempts a WHERE a.link_id = l.id AND a.outcome = 'connected')",
            ),
            (
                "every connection is in the audit trail",
                "SELECT COUNT(*) AS n FROM (SELECT 1 WHERE (SELECT COUNT(*) FROM attempts WHERE outcome = 'connected') <> (SELECT COUNT(*) FROM audit_events WHERE action = 'account.connected')) t",
            ),
        ] {
            assert_eq!(self.database.number(query).await, 0, "{what}");
        }
        self.database.check_integrity().await;
    }
}
