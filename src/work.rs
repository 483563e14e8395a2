//! What a service is handed: who acts, and the tools to act with. Doors make it, services take it;
//! nothing is ever fetched from a global.

use crate::{
    billing::{model::BillingMode, stripe::Stripe},
    clock::{Clock, Randomness},
    db::Db,
    email::Mailer,
    identity::model::{Member, SignUpMode},
    instagram::Provider,
    limits::Limits,
    live::Hub,
    media::MediaStore,
    secret::{KeyRing, SecretString},
    timestamp::Timestamp,
};
use std::{ops::Deref, sync::Arc};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use url::Url;

/// The server's parts, made once at start.
pub struct Tools {
    /// The database.
    pub db: Db,
    /// Time.
    pub clock: Clock,
    /// Chance.
    pub randomness: Randomness,
    /// Seals what is secret at rest.
    pub keys: KeyRing,
    /// Instagram, or the sandbox in its place.
    pub instagram: Arc<dyn Provider>,
    /// How often things may be tried.
    pub limits: Limits,
    /// Tells open pages what changed.
    pub live: Hub,
    /// Sends mail. Only jobs may: a request never waits for it.
    pub mailer: Mailer,
    /// Keeps pictures.
    pub media: MediaStore,
    /// Where people turn for help (`SUPPORT_EMAIL`).
    pub support_email: Option<String>,
    /// What Instagram signs its callbacks with.
    pub callback_secret: SecretString,
    /// Who decides whether an organization has paid.
    pub billing: BillingMode,
    /// Stripe, or its stand-in; `None` where nobody pays online.
    pub stripe: Option<Arc<Stripe>>,
    /// Who may make an account.
    pub sign_up: SignUpMode,
    /// The origin of every absolute URL; never the `Host` header (A48).
    pub base_url: Url,
    /// Redemptions under way; the server waits for them before it stops.
    pub tasks: TaskTracker,
    /// Cancelled when the server begins to stop: event streams end then.
    pub stopping: CancellationToken,
}

impl Tools {
    /// Now.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The absolute URL of one of our paths.
    pub fn absolute(&self, path: &str) -> String {
        format!("{}{path}", self.base_url.as_str().trim_end_matches('/'))
    }
}

/// An actor with the tools. `Work<Member>` is a signed-in member, `Work<Client>` somebody with a link.
pub struct Work<Actor> {
    /// Who acts.
    pub actor: Actor,
    /// With what.
    pub tools: Arc<Tools>,
    /// The address the request comes from, for the audit trail; `None` where there is no request.
    pub from: Option<std::net::IpAddr>,
}

impl<Actor> Deref for Work<Actor> {
    type Target = Tools;

    fn deref(&self) -> &Tools {
        &self.tools
    }
}

/// The work of a member.
pub type MemberWork = Work<Member>;

/// Somebody without an account: what their browser brought along.
#[derive(Clone)]
pub struct Client {
    /// Where the request comes from.
    pub peer: std::net::IpAddr,
    /// The cookies that bind attempts to this browser, newest first, as (attempt id, secret).
    pub bindings: Vec<(crate::ids::AttemptId, crate::secret::Token)>,
    /// The browser's user agent.
    pub user_agent: String,
}

/// The work of a client.
pub type ClientWork = Work<Client>;
