//! A stand-in for Instagram: its login, its consent page, its token endpoint and as much of its graph as is used here,
//! with people to log in as and their posts, everything in memory. It answers as Instagram is known to answer, odd
//! shapes and errors included, and can be told to misbehave ([`faults`]). It never imitates Instagram's looks, and
//! every page says so.

mod authorize;
pub mod callbacks;
mod captions;
mod control;
pub mod faults;
mod graph;
mod media;
mod pages;
pub mod people;
mod pictures;
mod posts;
pub mod shape;
pub mod standing;
mod token;

pub use callbacks::Callbacks;
pub use faults::{Calls, Endpoint, Fault, FaultKind};
pub use people::{Person, SECURITY_CODE, people};
pub use shape::{Permissions, Shape, UsageKeys, UserId};
pub use standing::Standing;

use super::http::InstagramApp;
use crate::{
    clock::{Clock, Randomness},
    sandbox_pages,
    secret::SecretString,
    timestamp::Timestamp,
};
use axum::{
    Router,
    routing::{any, get, post},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use url::Url;

/// Codes and half-finished logins live this long.
const HOUR: Duration = Duration::from_secs(3_600);

/// What a sandbox is made of.
#[derive(Clone, Debug)]
pub struct SandboxConfig {
    /// The only app it knows.
    pub app_id: String,
    /// That app's secret.
    pub app_secret: SecretString,
    /// Where browsers may be sent back to, compared to the letter.
    pub redirect_uris: Vec<String>,
    /// Where the sandbox is reached.
    pub public_url: Url,
    /// Where the app hears that it was removed or that data shall be deleted; `None` when it wants to hear nothing.
    pub callbacks: Option<Callbacks>,
    /// Codes and tokens age by it.
    pub clock: Clock,
    /// Codes and tokens are drawn from it.
    pub randomness: Randomness,
}

/// A running stand-in. Clones share everything.
#[derive(Clone)]
pub struct Sandbox {
    config: Arc<SandboxConfig>,
    state: Arc<Mutex<State>>,
}

/// All that is remembered. Tokens are not: they prove themselves, so they outlive a restart.
#[derive(Default)]
struct State {
    flows: HashMap<String, authorize::Flow>,
    sessions: HashMap<String, &'static Person>,
    codes: HashMap<String, token::Code>,
    standings: HashMap<&'static str, (Standing, Timestamp)>,
    renames: HashMap<&'static str, String>,
    posts: HashMap<&'static str, posts::Posts>,
    faults: Vec<Fault>,
    shape: Shape,
    calls: Calls,
}

impl Sandbox {
    /// A sandbox in which nothing has happened yet.
    pub fn new(config: SandboxConfig) -> Self {
        Self { config: Arc::new(config), state: Arc::default() }
    }

    /// The app this sandbox knows, with the sandbox's addresses: what [`super::http::HttpProvider`] wants to know.
    pub fn app(&self, redirect_uri: impl Into<String>) -> InstagramApp {
        InstagramApp {
            app_id: self.config.app_id.clone(),
            app_secret: self.config.app_secret.clone(),
            authorize_url: self.at("/oauth/authorize"),
            token_url: self.at("/oauth/access_token"),
            graph_url: self.at("/"),
            graph_version: InstagramApp::GRAPH_VERSION.into(),
            redirect_uri: redirect_uri.into(),
        }
    }

    /// Has it misbehave, after the faults that wait already.
    pub fn script(&self, fault: Fault) {
        self.state().faults.push(fault);
    }

    /// Chooses among the shapes of answers that have been seen of Instagram.
    pub fn set_shape(&self, shape: Shape) {
        self.state().shape = shape;
    }

    /// Drops all faults, and goes back to the usual shapes.
    pub fn behave(&self) {
        let mut state = self.state();
        state.faults.clear();
        state.shape = Shape::default();
    }

    /// How often each endpoint was called.
    pub fn calls(&self) -> Calls {
        self.state().calls
    }

    /// Never hold this over an `await`.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One of the sandbox's own addresses.
    fn at(&self, path: &str) -> Url {
        self.config.public_url.join(path).unwrap_or_else(|_| self.config.public_url.clone())
    }

    fn random_text<const N: usize>(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.config.randomness.bytes::<N>())
    }
}

/// The sandbox as a web application, for the root of an origin.
pub fn router(sandbox: Sandbox) -> Router {
    Router::new()
        .route("/", get(control::index))
        .route("/sandbox.css", get(sandbox_pages::stylesheet))
        .route("/favicon.ico", get(sandbox_pages::no_icon))
        .route("/oauth/authorize", get(authorize::start))
        .route("/oauth/authorize/", get(authorize::start))
        .route("/oauth/authorize/third_party/error/", get(pages::stopped))
        .route("/oauth/authorize/consent/", get(authorize::consent).post(authorize::decide))
        .route("/accounts/login/", get(authorize::login).post(authorize::log_in))
        .route("/accounts/login/two_factor/", get(authorize::two_factor).post(authorize::confirm))
        .route("/oauth/access_token", any(token::exchange))
        .route("/access_token", any(graph::long_lived))
        .route("/{version}/access_token", any(graph::long_lived))
        .route("/refresh_access_token", any(graph::refresh))
        .route("/{version}/refresh_access_token", any(graph::refresh))
        .route("/me", any(graph::me))
        .route("/{version}/me", any(graph::me))
        .route("/me/media", any(media::list))
        .route("/{version}/{node}/media", any(media::list))
        .route("/pictures/{file}", get(pictures::picture))
        .route("/p/{shortcode}/", get(posts::show))
        .route("/sandbox/control", post(control::act))
        .route("/sandbox/faults", post(faults::add).delete(faults::clear))
        .route("/sandbox/people", post(standing::change))
        .route("/sandbox/posts", post(posts::change))
        .route("/sandbox/calls", get(faults::calls))
        .route("/sandbox/trap", any(faults::trap))
        .fallback(graph::unknown_path)
        .with_state(sandbox)
}

#[cfg(test)]
mod tests;
