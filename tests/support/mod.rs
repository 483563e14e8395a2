//! The true server in process: the real router on a throw-away database, with the sandbox in Instagram's place and a
//! clock that can be moved. Dropping an [`Installation`] drops its database.

mod addresses;
pub mod browser;
#[cfg(feature = "failpoints")]
pub mod child;
mod database;
pub mod instagram;
pub mod journey;
pub mod keeping_alive;
pub mod members;
pub mod signing_in;
pub mod smtp;
pub mod stand_in;
pub mod stripe;

pub use addresses::pages;
pub use browser::{Browser, Page};

use database::Throwaway;
use grantlink::{
    billing::{
        model::{BillingMode, SubscriptionState},
        sandbox::StripeSandbox,
    },
    clock::{Clock, Randomness},
    email::Mailer,
    ids::AccountId,
    instagram::{
        http::{HttpProvider, InstagramApp},
        sandbox::Sandbox,
    },
    limits::Limits,
    live::Hub,
    media::{MediaSettings, MediaStore},
    secret::{KeyRing, SecretString},
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
    /// Where owners pay, with `BillingMode::Sandbox`.
    pub payments: Option<StripeSandbox>,
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

/// The key that an installation begins with.
pub const FIRST_KEY: &str = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// The ring of an installation, in a file as a server has it: [`Installation::set_keys`] writes another one.
fn keys_of(database: &Throwaway) -> KeyRing {
    let path = database.folder().join("keys");
    if !path.exists() {
        std::fs::write(&path, FIRST_KEY).unwrap();
    }
    let text = std::fs::read_to_string(&path).unwrap();
    KeyRing::parse(&text).unwrap().following(move || std::fs::read_to_string(&path).ok().map(Into::into))
}

/// A database without a single table.
pub async fn bare_database(kind: Kind) -> Throwaway {
    Throwaway::bare(kind).await
}

impl Installation {
    /// Everybody is entitled.
    pub async fn new(kind: Kind) -> Self {
        Self::with_billing(kind, BillingMode::None).await
    }

    pub async fn with_billing(kind: Kind, billing: BillingMode) -> Self {
        Self::on(Throwaway::new(kind).await, billing, &[], |_| {}).await
    }

    /// With settings of the environment.
    pub async fn with_settings(kind: Kind, settings: &[(&str, &str)]) -> Self {
        Self::on(Throwaway::new(kind).await, BillingMode::None, settings, |_| {}).await
    }

    /// With another Instagram than a healthy one: `change` says where it is.
    pub async fn with_instagram(kind: Kind, change: impl Fn(&mut InstagramApp)) -> Self {
        Self::on(Throwaway::new(kind).await, BillingMode::None, &[], change).await
    }

    /// On a SQLite database that lies in `data` of this folder already.
    pub async fn on_file(folder: tempfile::TempDir) -> Self {
        Self::on(Throwaway::of_file(folder).await, BillingMode::None, &[], |_| {}).await
    }

    /// A second server on the database of this one.
    pub async fn another_on(&self) -> Self {
        Self::on(self.database.shared(), BillingMode::None, &[], |_| {}).await
    }

    async fn on(
        database: Throwaway,
        billing: BillingMode,
        settings: &[(&str, &str)],
        change: impl Fn(&mut InstagramApp),
    ) -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let (clock, randomness) = (Clock::default(), Randomness);
        let sandbox = instagram::serve(&clock).await;
        let (payments, stripe) = if billing.is_online() { stripe::serve(&clock).await } else { (None, None) };
        let mut app = sandbox.app(format!("{BASE_URL}/oauth/instagram/callback"));
        change(&mut app);
        let keys = keys_of(&database);
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
            mailer: Mailer::memory(config.mail.from.clone()),
            media: MediaStore::open(&MediaSettings::Folder(database.folder().join("media"))).unwrap(),
            support_email: None,
            callback_secret: app.app_secret.clone(),
            billing,
            stripe,
            sign_up: config.sign_up,
            base_url: config.web.base_url.clone(),
            tasks: TaskTracker::new(),
            stopping: CancellationToken::new(),
        });
        let site = database.folder().join("site");
        std::fs::create_dir_all(site.join("pkg")).unwrap();
        std::fs::write(site.join("icons.svg"), "<svg xmlns=\"http://www.w3.org/2000/svg\"/>").unwrap();
        std::fs::write(site.join("pkg/grantlink.css"), "body{}").unwrap();
        std::fs::write(site.join("pkg/grantlink.wasm"), "\0asm").unwrap();
        let options = LeptosOptions::builder().output_name("grantlink").site_root(site.to_str().unwrap()).build();
        let is_sandbox = config.instagram.is_sandbox();
        let router = grantlink::server::router::router(Arc::clone(&tools), &config.web, is_sandbox, &options);
        let router = router.layer(axum::Extension(Arc::new(config.clone())));
        Self { tools, router, sandbox, payments, database, keys }
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
        // The mail that asks about the address: tests that count jobs and mails are about others.
        self.database.execute("DELETE FROM jobs WHERE kind = 'mail_confirm_email'").await.unwrap();
        browser
    }

    /// Somebody leaves an organization of their own for a colleague's, and works on there in the same session.
    pub async fn join(&self, newcomer: &str, colleague: &str) {
        let id_of = |email: &str| format!("(SELECT id FROM users WHERE email_lower = '{email}')");
        let (newcomer, colleague) = (id_of(newcomer), id_of(colleague));
        let organization = format!("(SELECT organization_id FROM memberships WHERE user_id = {colleague})");
        for change in [
            format!("UPDATE sessions SET organization_id = {organization} WHERE user_id = {newcomer}"),
            format!(
                "UPDATE memberships SET organization_id = {organization}, role = 'member' WHERE user_id = {newcomer}"
            ),
        ] {
            self.database.execute(&change).await.unwrap();
        }
    }

    /// What the operator does with `subscription set`.
    pub async fn set_subscription(&self, slug: &str, state: SubscriptionState) {
        grantlink::billing::service::set(&self.tools, slug, state, None).await.unwrap();
    }

    /// The token of a living account.
    pub async fn token(&self, account: AccountId) -> Option<SecretString> {
        let found = grantlink::accounts::service::find_access(&self.tools, account).await.unwrap();
        found.map(|(_, token)| token)
    }

    /// Writes another ring, which the server has not looked at yet.
    pub fn set_keys(&self, entries: &[&str]) {
        std::fs::write(self.database.folder().join("keys"), entries.join("\n")).unwrap();
    }

    /// How many rows a table has.
    pub async fn count(&self, table: &str) -> i64 {
        self.database.count(table).await
    }

    /// Waits for the redemptions under way.
    pub async fn finish_tasks(&self) {
        self.tools.tasks.close();
        self.tools.tasks.wait().await;
        self.tools.tasks.reopen();
    }

    /// What must hold after anything: the invariants of the whole database.
    pub async fn check_invariants(&self) {
        self.finish_tasks().await;
        self.database.check_invariants().await;
    }
}
