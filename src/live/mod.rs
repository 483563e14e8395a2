//! What changed, told to open pages of the same organization. Services tell after the commit; the event stream listens.
//! It carries no content: a page that hears of a change asks for the new state through its own door.

pub mod relay;
pub mod routes;

use crate::ids::OrganizationId;
use tokio::sync::broadcast;

/// What changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Change {
    /// The list of accounts.
    Accounts,
    /// The list of links.
    Links,
    /// Who belongs to the organization, as what, and who is invited.
    Members,
}

impl Change {
    /// The name of the server-sent event.
    pub const fn event(self) -> &'static str {
        match self {
            Self::Accounts => "accounts",
            Self::Links => "links",
            Self::Members => "members",
        }
    }
}

/// Something changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct News {
    /// In which organization; `None` where that is not known, so that everybody has to look.
    pub whose: Option<OrganizationId>,
    /// What.
    pub change: Change,
}

/// Passes changes from services to event streams.
#[derive(Clone, Debug)]
pub struct Hub {
    /// What the pages of this server hear.
    all: broadcast::Sender<News>,
    /// The part of it that this server's own services told.
    our_own: broadcast::Sender<News>,
}

impl Default for Hub {
    fn default() -> Self {
        Self { all: broadcast::Sender::new(256), our_own: broadcast::Sender::new(256) }
    }
}

impl Hub {
    /// Tells everybody who listens; nobody listening is fine.
    pub fn tell(&self, organization: OrganizationId, change: Change) {
        let news = News { whose: Some(organization), change };
        let _ = self.our_own.send(news);
        self.pass_on(news);
    }

    /// Tells the pages of this server what another one told.
    pub fn pass_on(&self, news: News) {
        let _ = self.all.send(news);
    }

    /// All changes from now on.
    pub fn listen(&self) -> broadcast::Receiver<News> {
        self.all.subscribe()
    }

    /// The changes that this server's services tell from now on.
    pub fn listen_to_our_own(&self) -> broadcast::Receiver<News> {
        self.our_own.subscribe()
    }
}
