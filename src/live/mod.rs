//! What changed, told to open pages of the same organization. Services tell after the commit; the event stream listens.
//! It carries no content: a page that hears of a change asks for the new state through its own door.

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
}

impl Change {
    /// The name of the server-sent event.
    pub const fn event(self) -> &'static str {
        match self {
            Self::Accounts => "accounts",
            Self::Links => "links",
        }
    }
}

/// Passes changes from services to event streams.
#[derive(Clone, Debug)]
pub struct Hub {
    sender: broadcast::Sender<(OrganizationId, Change)>,
}

impl Default for Hub {
    fn default() -> Self {
        Self { sender: broadcast::Sender::new(256) }
    }
}

impl Hub {
    /// Tells everybody who listens; nobody listening is fine.
    pub fn tell(&self, organization: OrganizationId, change: Change) {
        let _ = self.sender.send((organization, change));
    }

    /// All changes from now on.
    pub fn listen(&self) -> broadcast::Receiver<(OrganizationId, Change)> {
        self.sender.subscribe()
    }
}
