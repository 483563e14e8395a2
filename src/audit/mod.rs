//! What happened in an organization, written in the transaction that makes it happen, and never changed after.
//! Services record; nothing here decides. No secret and no personal text beyond a handle belongs into an event.

use crate::{
    db::{Conn, run, schema::audit_events},
    failure::Failure,
    ids::{EventId, OrganizationId, UserId},
    timestamp::Timestamp,
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// Who did it.
#[derive(Clone, Copy, Debug)]
pub enum Actor {
    /// A signed-in person.
    Member(UserId),
    /// Somebody with a link.
    Client,
    /// The operator, at the command line.
    Operator,
    /// Instagram, by an answer or a callback.
    Instagram,
}

/// What was done.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Action {
    /// An organization and its owner signed up.
    OrganizationCreated,
    /// A link was made.
    LinkGenerated,
    /// A link was deleted.
    LinkRevoked,
    /// Access to an account was asked for.
    AccessRequested,
    /// The URL of a request was replaced by a new one.
    RequestRegenerated,
    /// A request was taken back.
    RequestWithdrawn,
    /// A client connected an account.
    AccountConnected,
    /// A member disconnected an account.
    AccountDisconnected,
    /// An account's token is dead.
    AccessLost,
    /// Everything about an account was deleted because its owner asked Instagram for it.
    AccountDeleted,
    /// The operator changed a subscription.
    SubscriptionSet,
    /// Somebody with the address in a reminder stopped a member's reminders.
    RemindersStopped,
    /// Somebody with the address in a reminder turned a member's reminders on again.
    RemindersResumed,
}

impl Action {
    /// The word it is stored under.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OrganizationCreated => "organization.created",
            Self::LinkGenerated => "link.generated",
            Self::LinkRevoked => "link.revoked",
            Self::AccessRequested => "access.requested",
            Self::RequestRegenerated => "access.regenerated",
            Self::RequestWithdrawn => "access.withdrawn",
            Self::AccountConnected => "account.connected",
            Self::AccountDisconnected => "account.disconnected",
            Self::AccessLost => "access.lost",
            Self::AccountDeleted => "account.deleted",
            Self::SubscriptionSet => "subscription.set",
            Self::RemindersStopped => "reminders.stopped",
            Self::RemindersResumed => "reminders.resumed",
        }
    }
}

/// One entry.
#[derive(Debug)]
pub struct Event<'a> {
    /// Names the entry.
    pub id: EventId,
    /// In which organization.
    pub organization_id: OrganizationId,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// What.
    pub action: Action,
    /// On what: the id of a row.
    pub subject: String,
    /// A word more: a handle, a state.
    pub detail: &'a str,
}

/// Writes an entry; it stands or falls with the transaction.
///
/// # Errors
/// When the database refuses.
pub async fn record(conn: &mut Conn, event: Event<'_>) -> Result<(), Failure> {
    let actor = match event.actor {
        Actor::Member(id) => format!("member:{id}"),
        Actor::Client => "client".into(),
        Actor::Operator => "operator".into(),
        Actor::Instagram => "instagram".into(),
    };
    run!(conn, |c| diesel::insert_into(audit_events::table)
        .values((
            audit_events::id.eq(event.id),
            audit_events::organization_id.eq(event.organization_id),
            audit_events::at.eq(event.at),
            audit_events::actor.eq(&actor),
            audit_events::action.eq(event.action.as_str()),
            audit_events::subject.eq(&event.subject),
            audit_events::detail.eq(event.detail),
        ))
        .execute(c))?;
    Ok(())
}
