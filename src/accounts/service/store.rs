//! Storing a connection, inside the transaction of whoever redeems: in a new row, in the row of the same account, or in
//! the pending row it was asked for in. Its renewal is enqueued with it, and requests for it that came in between end.

use super::{
    pending::{find_superseded, forget_pending},
    with_place,
};
use crate::{
    accounts::queries::{self, NewConnection},
    db::Conn,
    failure::Failure,
    ids::{AccountId, LinkId, OrganizationId, UserId},
    instagram::{LongLivedToken, Profile},
    links,
    queue::{self, Job},
    timestamp::Timestamp,
    work::Tools,
};
use std::time::Duration;

/// Tokens are renewed from this age on. Instagram refuses before 24 hours, and they end after 60 days.
const RENEW_AT_AGE: Duration = Duration::from_secs(7 * 86_400);
/// What is connected on one day is renewed over one day.
const SPREAD: Duration = Duration::from_secs(86_400);

/// A connection through a link.
#[derive(Debug)]
pub struct Connection<'a> {
    /// Whose the account becomes.
    pub organization: OrganizationId,
    /// The link.
    pub link: LinkId,
    /// What Instagram says of the account.
    pub profile: &'a Profile,
    /// Its token.
    pub token: &'a LongLivedToken,
    /// When. The attempt ends with the same time: by it, it is known again.
    pub now: Timestamp,
}

/// A connection that is stored.
#[derive(Clone, Copy, Debug)]
pub struct Stored {
    /// The account.
    pub account: AccountId,
    /// Whether it was connected and alive before, so that nobody has to be told.
    pub was_alive: bool,
    /// Whether the list has one more for it: it stood there neither connected, dead nor pending.
    pub is_new: bool,
    /// Who asked for it after the caller had ended the requests for it.
    pub asked_by: Option<UserId>,
}

/// How storing a connection through a link that is bound to an account ended.
#[derive(Debug)]
pub enum Claimed {
    /// Stored, in the bound row or in the one that the organization had of the same account before.
    Stored(Stored),
    /// It was not the account that was asked for; nothing was stored (A23).
    OtherAccount {
        /// The handle that was asked for, without "@".
        expected: String,
    },
    /// The account waits for nobody any more.
    Gone,
}

/// When a token that was given out now is renewed.
pub(super) fn renewal_due_at(tools: &Tools, now: Timestamp) -> Timestamp {
    let chance = u32::from(u16::from_le_bytes(tools.randomness.bytes()));
    now.plus(RENEW_AT_AGE + SPREAD * chance / 65_536)
}

/// Stores a fresh connection. An account the organization already has is renewed in place (A25); one it waits for is not
/// waited for any longer, whichever way it came. The caller has ended the requests for either, before any row of an
/// account is locked, and does the whole transaction again when the database undoes it; those made meanwhile end here.
///
/// # Errors
/// When the database refuses.
pub async fn store(tools: &Tools, conn: &mut Conn, connection: &Connection<'_>) -> Result<Stored, Failure> {
    let Connection { organization, profile, now, .. } = *connection;
    let known = queries::find_by_instagram_id(conn, organization, &profile.instagram_id).await?;
    let pending = find_superseded(conn, organization, &profile.username).await?;
    let account = write(tools, conn, connection, pending.filter(|_| known.is_none())).await?;
    // The row is locked: nobody can ask for it any more, and whoever did since the caller looked is seen by now. Links
    // after accounts are the wrong way round: where somebody holds such a link already and waits for the account, the
    // database undoes one of the two, and `Db::transact` does that one again.
    let mut asked_by = links::queries::fulfil_request_for(conn, account, now).await?;
    // It turned out to be an account that the organization had before. Locked first, for the same reason: a request
    // that loses its account would never end.
    if let Some(pending) = pending.filter(|pending| *pending != account) {
        queries::lock(conn, pending).await?;
        asked_by = asked_by.or(links::queries::fulfil_request_for(conn, pending, now).await?);
        forget_pending(conn, pending).await?;
    }
    let ends_at = known.and_then(|known| known.token_expires_at);
    let was_listed = pending.is_some() || known.is_some_and(|known| known.disconnected_at.is_none());
    Ok(Stored { account, was_alive: ends_at.is_some_and(|at| at > now), is_new: !was_listed, asked_by })
}

/// Stores a fresh connection for the account that the link is bound to, if it is the right one: by its handle as long as
/// no more is known of it, by Instagram's id ever after (A23, A24).
///
/// # Errors
/// When the database refuses.
pub async fn store_bound(
    tools: &Tools,
    conn: &mut Conn,
    connection: &Connection<'_>,
    bound: AccountId,
) -> Result<Claimed, Failure> {
    let Connection { organization, profile, now, .. } = *connection;
    let expected = queries::pending::find_awaited(conn, bound, organization, now).await?;
    let Some(expected) = expected else { return Ok(Claimed::Gone) };
    let is_right = match &expected.instagram_id {
        Some(known) => *known == profile.instagram_id,
        None => expected.username.eq_ignore_ascii_case(&profile.username),
    };
    if !is_right {
        return Ok(Claimed::OtherAccount { expected: expected.username });
    }
    store(tools, conn, connection).await.map(Claimed::Stored)
}

/// Writes the row, the pending one where there is one, and enqueues its renewal and the copying of its profile picture.
async fn write(
    tools: &Tools,
    conn: &mut Conn,
    connection: &Connection<'_>,
    pending: Option<AccountId>,
) -> Result<AccountId, Failure> {
    let Connection { organization, link, profile, token, now } = *connection;
    let sealed = with_place(organization, &profile.instagram_id, |place| {
        tools.keys.seal(place, &token.token, &tools.randomness)
    });
    let renewal_due_at = renewal_due_at(tools, now);
    let new = |id| NewConnection {
        id,
        organization_id: organization,
        profile,
        token_sealed: &sealed,
        token_expires_at: now.plus(token.expires_in),
        renewal_due_at,
        link,
        now,
    };
    let connected = match pending {
        Some(pending) => queries::pending::connect(conn, &new(pending)).await?.then_some(pending),
        None => None,
    };
    let account = match connected {
        Some(account) => account,
        // New to the organization, or known to it; or it was pending until another connection came first.
        None => queries::upsert(conn, &new(AccountId::generate(now, &tools.randomness))).await?,
    };
    let job = Job::RenewAccess { account };
    queue::enqueue(conn, &tools.randomness, organization, &job, renewal_due_at, now).await?;
    queue::reset(conn, &job, renewal_due_at).await?;
    // Without a picture, too: one that was copied earlier has to go.
    let job = Job::CopyProfilePicture { account };
    queue::enqueue(conn, &tools.randomness, organization, &job, now, now).await?;
    Ok(account)
}
