//! Whole redemptions in this process, through the product's own services, against an Instagram that answers at once
//! and counts. `speed.rs` runs them in turn with bare durable commits on the same database.

use super::database::{BareLinks, Kind, Throwaway, new_keys};
use futures::future::BoxFuture;
use grantlink::{
    billing::model::BillingMode,
    clock::{Clock, Randomness},
    connect::{
        model::{AttemptState, CallbackParams},
        service::{Redeemed, Started, redeem, start},
    },
    email::{Mailer, Sender},
    identity,
    instagram::{AccountType, LongLivedToken, MediaPage, Profile, Provider, ProviderError, SCOPE, ShortLivedToken},
    limits::Limits,
    links::{self, model::Description},
    live::Hub,
    media::{MediaSettings, MediaStore},
    secret::SecretString,
    work::{Client, ClientWork, MemberWork, Tools, Work},
};
use std::{
    net::{IpAddr, Ipv4Addr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use url::Url;

/// Attempts a link: more at once would meet the limit of starts, even where two links share a slot of it.
const ATTEMPTS_EACH: usize = 25;

/// An Instagram next door: it answers at once, each time with another account, and counts.
#[derive(Default)]
struct LocalProvider {
    calls: AtomicU64,
    people: AtomicU64,
}

impl LocalProvider {
    fn answer<'a, T: Send + 'a>(&self, answer: T) -> BoxFuture<'a, Result<T, ProviderError>> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        Box::pin(std::future::ready(Ok(answer)))
    }
}

impl Provider for LocalProvider {
    fn authorize_url(&self, state: &str) -> Url {
        let mut url = Url::parse("https://instagram.invalid/oauth/authorize").unwrap();
        url.query_pairs_mut().append_pair("state", state);
        url
    }

    fn exchange_code<'a>(&'a self, code: &'a SecretString) -> BoxFuture<'a, Result<ShortLivedToken, ProviderError>> {
        self.answer(ShortLivedToken { token: code.clone(), permissions: Some(vec![SCOPE.to_owned()]) })
    }

    fn long_lived_token<'a>(&'a self, _: &'a ShortLivedToken) -> BoxFuture<'a, Result<LongLivedToken, ProviderError>> {
        let token = SecretString::from(format!("IGAA{}", "x".repeat(176)));
        self.answer(LongLivedToken { token, expires_in: Duration::from_secs(60 * 86_400) })
    }

    fn profile<'a>(&'a self, _: &'a SecretString) -> BoxFuture<'a, Result<Profile, ProviderError>> {
        let number = self.people.fetch_add(1, Ordering::Relaxed);
        self.answer(Profile {
            instagram_id: format!("17841400{number:09}"),
            app_scoped_id: format!("24870000{number:09}"),
            username: format!("client.{number}"),
            name: Some(format!("Client {number}")),
            account_type: AccountType::Business,
            picture_url: None,
        })
    }

    fn refresh<'a>(&'a self, token: &'a SecretString) -> BoxFuture<'a, Result<LongLivedToken, ProviderError>> {
        self.answer(LongLivedToken { token: token.clone(), expires_in: Duration::from_secs(60 * 86_400) })
    }

    fn media<'a>(&'a self, _: &'a SecretString, _: Option<&'a str>) -> BoxFuture<'a, Result<MediaPage, ProviderError>> {
        self.answer(MediaPage { posts: Vec::new(), skipped: 0, after: None, usage: None, pause: None })
    }

    fn picture<'a>(&'a self, _: &'a Url) -> BoxFuture<'a, Result<Vec<u8>, ProviderError>> {
        self.answer(Vec::new())
    }
}

/// A client who has come back from Instagram.
pub struct Prepared {
    work: ClientWork,
    params: CallbackParams,
}

/// An organization with everything it takes to redeem.
pub struct Desk {
    member: MemberWork,
    provider: Arc<LocalProvider>,
    bare: Arc<BareLinks>,
    /// Last: the pools above go first.
    _database: Throwaway,
}

impl Desk {
    /// A new organization in a new database.
    pub async fn open(kind: &Kind) -> Self {
        let database = Throwaway::new(kind).await;
        let db = database.open().await;
        let clock = Clock::default();
        let provider = Arc::new(LocalProvider::default());
        let tools = Arc::new(Tools {
            db: db.clone(),
            limits: Limits::new(&clock),
            clock,
            randomness: Randomness,
            keys: new_keys(),
            instagram: provider.clone(),
            live: Hub::default(),
            mailer: Mailer::memory(Sender::parse(Sender::DEFAULT).unwrap()),
            media: MediaStore::open(&MediaSettings::Folder(database.folder().join("media"))).unwrap(),
            support_email: None,
            callback_secret: SecretString::from("sandbox-secret"),
            billing: BillingMode::None,
            stripe: None,
            sign_up: identity::model::SignUpMode::Open,
            base_url: Url::parse("http://127.0.0.1:3000").unwrap(),
            tasks: TaskTracker::new(),
            stopping: CancellationToken::new(),
        });
        let password = SecretString::from("three small words");
        let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let visitor = identity::service::Visitor { peer, user_agent: String::new(), device: None };
        let session = identity::service::sign_up(&tools, "Bright & Bold", "ann@agency.example", password, &visitor)
            .await
            .unwrap();
        let actor = identity::service::find_member(&tools, &session).await.unwrap().unwrap();
        let bare = Arc::new(BareLinks::new(db, actor.organization_id, actor.user_id));
        Self { member: Work { actor, tools, from: None }, provider, bare, _database: database }
    }

    /// Starts attempts, up to this many and for no longer than this.
    pub async fn prepare(&self, most: usize, limit: Duration) -> Vec<Prepared> {
        let began = Instant::now();
        let mut prepared = Vec::new();
        while prepared.is_empty() || (prepared.len() < most && began.elapsed() < limit) {
            let link = links::service::generate(&self.member, Description::default()).await.unwrap();
            let token = link.url.rsplit('/').next().unwrap_or_default();
            for _ in 0..ATTEMPTS_EACH {
                prepared.push(self.come_back(token).await);
            }
        }
        prepared
    }

    async fn come_back(&self, token: &str) -> Prepared {
        let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let client = Client { peer, bindings: Vec::new(), user_agent: String::new() };
        let mut work = Work { actor: client, tools: Arc::clone(&self.member.tools), from: Some(peer) };
        let Started::Leaving { attempt, binding, location } = start(&work, token, None).await.unwrap() else {
            panic!("a fresh link is dead")
        };
        work.actor.bindings.push((attempt, binding));
        let state = location.query_pairs().find(|(name, _)| name == "state").map(|(_, value)| value.into_owned());
        let code = Some("c".repeat(200));
        Prepared { work, params: CallbackParams { state, code, error: None } }
    }

    /// Redeems them all: how many a second, and how often each asked Instagram.
    pub async fn redeem(&self, prepared: Vec<Prepared>, at_once: usize) -> (f64, f64) {
        let count = prepared.len() as f64;
        let calls = self.provider.calls.load(Ordering::Relaxed);
        let queue = Arc::new(Mutex::new(prepared.into_iter()));
        let started = Instant::now();
        let workers: Vec<_> = (0..at_once).map(|_| tokio::spawn(redeem_from(Arc::clone(&queue)))).collect();
        for worker in workers {
            worker.await.unwrap();
        }
        let seconds = started.elapsed().as_secs_f64();
        let calls = self.provider.calls.load(Ordering::Relaxed) - calls;
        (count / seconds, calls as f64 / count)
    }

    /// How many bare durable commits a second.
    pub async fn commit(&self, at_once: usize, lasting: Duration) -> f64 {
        let started = Instant::now();
        let workers: Vec<_> = (0..at_once).map(|_| tokio::spawn(insert_for(Arc::clone(&self.bare), lasting))).collect();
        let mut count = 0;
        for worker in workers {
            count += worker.await.unwrap();
        }
        f64::from(count) / started.elapsed().as_secs_f64()
    }
}

/// One client after the other, until none is left.
async fn redeem_from(queue: Arc<Mutex<std::vec::IntoIter<Prepared>>>) {
    loop {
        let next = queue.lock().unwrap().next();
        let Some(Prepared { work, params }) = next else { return };
        match redeem(&work, params).await.unwrap() {
            Redeemed::Attempt(_, page) if matches!(page.state, AttemptState::Connected(_)) => {}
            other => panic!("not redeemed: {other:?}"),
        }
    }
}

async fn insert_for(links: Arc<BareLinks>, lasting: Duration) -> u32 {
    let until = Instant::now() + lasting;
    let mut count = 0;
    while Instant::now() < until {
        links.insert().await;
        count += 1;
    }
    count
}
