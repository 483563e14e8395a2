//! An Instagram without a network, for as many accounts as a test wants: it answers at once, counts, and fails for the
//! accounts that it is told to fail for. Where a person has to log in, the sandbox is needed.

use super::Installation;
use futures::future::BoxFuture;
use grantlink::{
    accounts::service::{Connection, store},
    collection,
    identity::model::Member,
    ids::LinkId,
    instagram::{
        AccountType, LongLivedToken, MediaPage, Profile, Provider, ProviderError, ShortLivedToken, sandbox::Endpoint,
    },
    limits::Limits,
    secret::{ExposeSecret, SecretString},
    work::Tools,
};
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use url::Url;

/// A token begins with this, goes on with the number of its account, and grows by a letter when it is renewed.
const TOKEN: &str = "IGAAclient";
const RENEWED: char = 'r';

/// How asking about an account fails.
#[derive(Clone, Debug)]
pub enum Poison {
    Error(ProviderError),
    Panic,
}

/// The stand-in.
#[derive(Default)]
pub struct StandIn {
    poisons: Mutex<Vec<(Endpoint, usize, Poison)>>,
    refreshes: AtomicUsize,
    pages: AtomicUsize,
}

impl StandIn {
    /// From now on, calls of these kinds fail for the account of this number.
    pub fn poison(&self, on: &[Endpoint], number: usize, poison: &Poison) {
        self.poisons.lock().unwrap().extend(on.iter().map(|on| (*on, number, poison.clone())));
    }

    /// From now on nothing fails.
    pub fn cure(&self) {
        self.poisons.lock().unwrap().clear();
    }

    /// How often somebody wanted a token renewed.
    pub fn refreshes(&self) -> usize {
        self.refreshes.load(Ordering::Relaxed)
    }

    /// How often somebody asked for a page of posts.
    pub fn pages(&self) -> usize {
        self.pages.load(Ordering::Relaxed)
    }

    fn answer<'a, T: Send + 'a>(
        &self,
        on: Endpoint,
        token: &SecretString,
        answer: T,
    ) -> BoxFuture<'a, Result<T, ProviderError>> {
        let number = number_of(token);
        let poisons = self.poisons.lock().unwrap();
        let poison = poisons.iter().find(|(at, whose, _)| (*at, *whose) == (on, number)).map(|(.., how)| how.clone());
        drop(poisons);
        Box::pin(async move {
            match poison {
                None => Ok(answer),
                Some(Poison::Error(error)) => Err(error),
                Some(Poison::Panic) => panic!("this answer is too much for anybody"),
            }
        })
    }
}

impl Provider for StandIn {
    fn authorize_url(&self, _: &str) -> Url {
        Url::parse("https://instagram.invalid/oauth/authorize").unwrap()
    }

    fn exchange_code<'a>(&'a self, _: &'a SecretString) -> BoxFuture<'a, Result<ShortLivedToken, ProviderError>> {
        Box::pin(std::future::ready(Err(ProviderError::CodeRefused)))
    }

    fn long_lived_token<'a>(&'a self, _: &'a ShortLivedToken) -> BoxFuture<'a, Result<LongLivedToken, ProviderError>> {
        Box::pin(std::future::ready(Err(ProviderError::CodeRefused)))
    }

    fn profile<'a>(&'a self, token: &'a SecretString) -> BoxFuture<'a, Result<Profile, ProviderError>> {
        self.answer(Endpoint::Me, token, profile(number_of(token)))
    }

    fn refresh<'a>(&'a self, token: &'a SecretString) -> BoxFuture<'a, Result<LongLivedToken, ProviderError>> {
        self.refreshes.fetch_add(1, Ordering::Relaxed);
        self.answer(Endpoint::Refresh, token, long_lived(format!("{}{RENEWED}", token.expose_secret())))
    }

    fn media<'a>(
        &'a self,
        token: &'a SecretString,
        _: Option<&'a str>,
    ) -> BoxFuture<'a, Result<MediaPage, ProviderError>> {
        self.pages.fetch_add(1, Ordering::Relaxed);
        let page = MediaPage { posts: Vec::new(), skipped: 0, after: None, usage: None, pause: None };
        self.answer(Endpoint::Media, token, page)
    }

    fn picture<'a>(&'a self, _: &'a Url) -> BoxFuture<'a, Result<Vec<u8>, ProviderError>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }
}

/// The handle of the account of this number.
pub fn username(number: usize) -> String {
    format!("client.{number}")
}

fn number_of(token: &SecretString) -> usize {
    let token = token.expose_secret();
    token.strip_prefix(TOKEN).and_then(|rest| rest.trim_end_matches(RENEWED).parse().ok()).expect("a token of ours")
}

fn long_lived(token: String) -> LongLivedToken {
    LongLivedToken { token: token.into(), expires_in: Duration::from_secs(60 * 86_400) }
}

fn profile(number: usize) -> Profile {
    Profile {
        instagram_id: format!("17841400{number:09}"),
        app_scoped_id: format!("24870000{number:09}"),
        username: username(number),
        name: None,
        account_type: AccountType::Business,
        picture_url: None,
    }
}

impl Installation {
    /// This server with the stand-in in Instagram's place.
    pub fn tools_with(&self, instagram: &Arc<StandIn>) -> Arc<Tools> {
        let tools = &self.tools;
        Arc::new(Tools {
            db: tools.db.clone(),
            clock: tools.clock.clone(),
            randomness: tools.randomness.clone(),
            keys: tools.keys.clone(),
            instagram: instagram.clone(),
            limits: Limits::new(&tools.clock),
            live: tools.live.clone(),
            mailer: tools.mailer.clone(),
            media: tools.media.clone(),
            support_email: tools.support_email.clone(),
            callback_secret: tools.callback_secret.clone(),
            billing: tools.billing,
            stripe: tools.stripe.clone(),
            sign_up: tools.sign_up,
            base_url: tools.base_url.clone(),
            tasks: tools.tasks.clone(),
            stopping: tools.stopping.clone(),
        })
    }

    /// Stores connections of accounts 0, 1, 2 … at the stand-in, as if so many clients of a member had come through a
    /// link.
    pub async fn connect_many(&self, member: &Member, link: LinkId, count: usize) {
        let organization = member.organization_id;
        let mut tx = self.tools.db.begin().await.unwrap();
        for number in 0..count {
            let (profile, token) = (profile(number), long_lived(format!("{TOKEN}{number}")));
            let now = self.tools.now();
            let connection = Connection { organization, link, profile: &profile, token: &token, now };
            let account = store(&self.tools, &mut tx, &connection).await.unwrap().account;
            let tell = Some(member.user_id);
            collection::service::begin(&self.tools, &mut tx, organization, account, tell).await.unwrap();
        }
        tx.commit().await.unwrap();
    }
}
