//! Redemption, the heart: what Instagram sent the browser back with becomes a stored account, or a plain reason.
//!
//! Every step is written down before the next begins, so that a crash at any point loses and doubles nothing:
//! an attempt is claimed by one guarded write, Instagram is asked outside any transaction, and one transaction
//! checks the link and the subscription, stores the account and ends the attempt. A server that dies in between
//! leaves a claimed attempt behind, which [`finish_orphans`] ends.

use super::{
    super::{
        model::{AttemptPage, AttemptState, CallbackParams, FailedAttempt},
        queries::{self, By, CONNECTED, FoundAttempt},
    },
    start::actor,
    status::{dashboard_path, is_bound_to, link_path, page},
};
use crate::{
    accounts::{
        self,
        service::{Claimed, Connection, Stored},
    },
    audit,
    billing::{
        self,
        model::{LimitKind, Limits},
    },
    collection,
    db::Conn,
    error::AppError,
    failure::{Failure, step},
    ids::{AttemptId, EventId, LinkId, OrganizationId, UserId},
    instagram::{LongLivedToken, Profile, ProviderError, SCOPE},
    links::{self, model::Purpose},
    live::Change,
    secret::{self, SecretString, Token},
    work::{ClientWork, Tools},
};
use std::{net::IpAddr, sync::Arc, time::Duration};
use tracing::Instrument;

/// How long the three calls to Instagram may take together.
const PROVIDER_BUDGET: Duration = Duration::from_secs(10);

/// How long the callback waits before it shows "Connecting…" instead (U11).
const PATIENCE: Duration = Duration::from_secs(3);

/// A claimed attempt older than this has lost its server: the budget and the transaction are long over.
const ORPHANED_AFTER: Duration = Duration::from_secs(30);

/// What Instagram calls a person's no (RFC 6749 section 4.1.2.1).
const ACCESS_DENIED: &str = "access_denied";

/// Longest code that is taken from Instagram; real ones have a few hundred characters.
const MAX_CODE: usize = 2_048;

/// What the callback leads to.
#[derive(Debug)]
pub enum Redeemed {
    /// An attempt of this browser: it has a page of its own.
    Attempt(AttemptId, AttemptPage),
    /// No attempt, or one that belongs to another browser. Nothing was written, and no request went out.
    Refused(AttemptPage),
}

/// Takes a callback. The checks of browser and state come before any request to Instagram (A17, A19, A33); a second
/// callback for the same attempt is shown the first one's outcome (A20).
///
/// # Errors
/// When the database does not answer.
pub async fn redeem(work: &ClientWork, params: CallbackParams) -> Result<Redeemed, Failure> {
    let attempt = match find_by_state(work, params.state.as_deref()).await? {
        Some(attempt) if is_bound_to(work, &attempt) => attempt,
        None if params.state.is_none() && params.error.as_deref() == Some(ACCESS_DENIED) => {
            return Ok(Redeemed::Refused(cancelled_without_state(work).await?));
        }
        found => {
            tracing::warn!(peer = %work.actor.peer, "a callback for no attempt of this browser was refused");
            return Ok(Redeemed::Refused(refused(work, found)));
        }
    };
    if attempt.finished_at.is_none() && attempt.claimed_at.is_none() {
        settle(work, &attempt, params).await?;
    }
    let found = queries::find(&mut work.db.read().await?, By::Id(attempt.id)).await?;
    let attempt = found.ok_or_else(|| Failure::internal("an attempt vanished while it was redeemed"))?;
    Ok(Redeemed::Attempt(attempt.id, page(work, &attempt, true)?))
}

async fn find_by_state(work: &ClientWork, state: Option<&str>) -> Result<Option<FoundAttempt>, Failure> {
    let Some(state) = state.and_then(Token::parse) else { return Ok(None) };
    queries::find(&mut work.db.read().await?, By::State(state.hash(secret::Purpose::State))).await
}

/// What a browser is shown that did not start the attempt. While that is open, the page leads back to the link (U12):
/// people are taken from an app's browser to their own on the way. It gives nothing away: the state is known to
/// whoever started with the link, and the link's page says who asks before anything can begin (A17, A18).
fn refused(tools: &Tools, found: Option<FoundAttempt>) -> AttemptPage {
    let open = found.filter(|attempt| is_open(tools, attempt));
    let dashboard_path = open.as_ref().and_then(dashboard_path);
    // A link whose key is missing is no reason to fail: the person still has it.
    let retry_path = open.and_then(|attempt| link_path(tools, &attempt).ok());
    // A member signs in anew over there, and has no link to carry.
    let link_url = retry_path.as_deref().filter(|_| dashboard_path.is_none()).map(|path| tools.absolute(path));
    let state = AttemptState::Failed(FailedAttempt::OtherBrowser);
    AttemptPage { state, path: None, retry_path, link_url, dashboard_path, asker: None }
}

/// Instagram does not always send the state back with a cancellation. Nothing is written then, because nobody knows which
/// attempt was meant; the way back leads to the link this browser started with last (U06, A28).
async fn cancelled_without_state(work: &ClientWork) -> Result<AttemptPage, Failure> {
    let (mut retry_path, mut dashboard) = (None, None);
    for (id, _) in &work.actor.bindings {
        let found = queries::find(&mut work.db.read().await?, By::Id(*id)).await?;
        if let Some(attempt) = found.filter(|attempt| is_open(work, attempt) && is_bound_to(work, attempt)) {
            retry_path = Some(link_path(work, &attempt)?);
            dashboard = dashboard_path(&attempt);
            break;
        }
    }
    let state = AttemptState::Failed(FailedAttempt::Cancelled);
    Ok(AttemptPage { state, path: None, retry_path, link_url: None, dashboard_path: dashboard, asker: None })
}

/// Whether a callback for this attempt could still be taken.
fn is_open(tools: &Tools, attempt: &FoundAttempt) -> bool {
    attempt.claimed_at.is_none() && attempt.finished_at.is_none() && attempt.expires_at > tools.now()
}

/// Brings a fresh attempt to its end, or to the point where a task of the server does.
async fn settle(work: &ClientWork, attempt: &FoundAttempt, params: CallbackParams) -> Result<(), Failure> {
    let now = work.now();
    let taken = Taken::of(attempt, work.from);
    if attempt.expires_at <= now {
        return fail(work, taken, &FailedAttempt::TooLate).await;
    }
    if let Some(error) = params.error {
        let outcome = if error == ACCESS_DENIED { FailedAttempt::Cancelled } else { FailedAttempt::NotCompleted };
        return fail(work, taken, &outcome).await;
    }
    // Instagram appends "#_", and some apps that pass the address on make it part of the query.
    let code = params.code.map(|code| code.strip_suffix("#_").map(str::to_owned).unwrap_or(code));
    let Some(code) = code.filter(|code| !code.is_empty() && code.len() <= MAX_CODE) else {
        return fail(work, taken, &FailedAttempt::NotCompleted).await;
    };
    step("redeem::before_claim")?;
    if !queries::claim(&mut work.db.write().await?, attempt.id, now).await? {
        return Ok(());
    }
    let tools = Arc::clone(&work.tools);
    let code = SecretString::from(code);
    // A task of the server, not of the request: a browser that goes away cancels nothing (F10).
    let redemption = async move { complete(&tools, taken, &code).await };
    let task = work.tasks.spawn(redemption.instrument(tracing::Span::current()));
    let _ = tokio::time::timeout(PATIENCE, task).await;
    Ok(())
}

/// An attempt that a browser came back for, with what never changes of its link.
#[derive(Clone, Copy, Debug)]
struct Taken {
    id: AttemptId,
    link: LinkId,
    purpose: Purpose,
    organization: OrganizationId,
    created_by: UserId,
    /// Where the browser is.
    from: Option<IpAddr>,
}

impl Taken {
    fn of(attempt: &FoundAttempt, from: Option<IpAddr>) -> Self {
        Self {
            id: attempt.id,
            link: attempt.link_id,
            purpose: attempt.link_purpose,
            organization: attempt.organization_id,
            created_by: attempt.created_by,
            from,
        }
    }
}

/// Everything after the claim. Ends the attempt whatever happens, unless the database is gone.
async fn complete(tools: &Tools, taken: Taken, code: &SecretString) {
    let asked = tokio::time::timeout(PROVIDER_BUDGET, ask_instagram(tools, code)).await;
    let ended = match asked.unwrap_or(Err(FailedAttempt::InstagramUnavailable)) {
        Ok((token, profile)) => match store_as_told(tools, taken, &token, &profile).await {
            Ok(None) => return,
            Ok(Some(refused)) => refused,
            Err(failure) => internal(failure),
        },
        Err(failed) => failed,
    };
    if let Err(failure) = fail(tools, taken, &ended).await {
        failure.log("a failed redemption could not be written down");
    }
}

/// Three calls. A lost answer to the first one is never asked for again: the code may be spent.
async fn ask_instagram(tools: &Tools, code: &SecretString) -> Result<(LongLivedToken, Profile), FailedAttempt> {
    let asked = async {
        step("redeem::before_exchange").map_err(internal)?;
        let short = tools.instagram.exchange_code(code).await.map_err(|error| outcome_of(&error))?;
        step("redeem::after_exchange").map_err(internal)?;
        if !short.grants(SCOPE) {
            return Err(FailedAttempt::PermissionMissing);
        }
        let long = tools.instagram.long_lived_token(&short).await.map_err(|error| outcome_of(&error))?;
        step("redeem::after_long_lived_token").map_err(internal)?;
        let profile = tools.instagram.profile(&long.token).await.map_err(|error| outcome_of(&error))?;
        step("redeem::after_profile").map_err(internal)?;
        Ok((long, profile))
    };
    let (long, profile) = asked.await?;
    if !profile.account_type.is_professional() {
        return Err(FailedAttempt::PersonalAccount { username: profile.username });
    }
    Ok((long, profile))
}

/// A fault of ours: the client is given the reference that stands in the log beside the cause (U34).
fn internal(failure: Failure) -> FailedAttempt {
    let reference = match AppError::from(failure) {
        AppError::Internal { reference } => reference,
        // The database was too busy, which the log says as well.
        _ => String::new(),
    };
    FailedAttempt::Internal { reference }
}

fn outcome_of(error: &ProviderError) -> FailedAttempt {
    tracing::warn!(%error, "a redemption ended at Instagram");
    match error {
        ProviderError::Misconfigured(_) => {
            internal(Failure::internal(format!("Instagram refuses this installation: {error}")))
        }
        ProviderError::NotAllowedForAccount => FailedAttempt::NotAllowedForAccount,
        ProviderError::PermissionMissing => FailedAttempt::PermissionMissing,
        ProviderError::RateLimited(_) => FailedAttempt::RateLimited,
        ProviderError::Unavailable(_) | ProviderError::Ambiguous(_) => FailedAttempt::InstagramUnavailable,
        ProviderError::CodeRefused | ProviderError::Malformed(_) | ProviderError::TokenDead(_) => {
            FailedAttempt::NotCompleted
        }
    }
}

/// Stores once; a test may have it done twice (F07).
async fn store_as_told(
    tools: &Tools,
    taken: Taken,
    token: &LongLivedToken,
    profile: &Profile,
) -> Result<Option<FailedAttempt>, Failure> {
    // Done again after another transaction got in its way, it meets the same guards: whoever ended the attempt or the link
    // meanwhile was first.
    let stored = tools.db.transact(|| store(tools, taken, token, profile)).await?;
    if step("redeem::store_twice").is_err() {
        store(tools, taken, token, profile).await?;
    }
    Ok(stored)
}

/// ONE transaction: the link is alive, the subscription holds until the commit, the account is stored, the use is
/// counted, the event recorded, the attempt ended. `Some` is why nothing of it happened (A22, S29).
async fn store(
    tools: &Tools,
    taken: Taken,
    token: &LongLivedToken,
    profile: &Profile,
) -> Result<Option<FailedAttempt>, Failure> {
    let now = tools.now();
    let Taken { id, link, purpose, .. } = taken;
    let mut tx = tools.db.begin().await?;
    let Some(used) = links::queries::count_use(&mut tx, link, purpose, now).await? else {
        let fulfilled = links::queries::is_fulfilled(&mut tx, link).await?;
        tx.rollback().await?;
        return Ok(Some(if fulfilled { FailedAttempt::AlreadyUsed } else { FailedAttempt::LinkInactive }));
    };
    let organization = used.organization_id;
    step("redeem::link_checked")?;
    let limits = billing::service::limits_until_commit(tools, &mut tx, organization).await?;
    if purpose == Purpose::Connect && !limits.connect_links {
        tx.rollback().await?;
        return Ok(Some(FailedAttempt::LinkInactive));
    }
    // However it comes: nobody has to be asked for this account any more. The links come before the account, as with
    // whoever redeems one of them: the other way round, both could wait for each other. Requests that are made from
    // here on end when the account's row is locked.
    let Profile { instagram_id, username, .. } = profile;
    let asked_by = links::queries::fulfil_requests(&mut tx, organization, instagram_id, username, now).await?;
    let connection = Connection { organization, link, profile, token, now };
    let stored = match used.account_id {
        None => Claimed::Stored(accounts::service::store(tools, &mut tx, &connection).await?),
        Some(bound) => accounts::service::store_bound(tools, &mut tx, &connection, bound).await?,
    };
    let Stored { account, was_alive, is_new, asked_by: asked_meanwhile } = match stored {
        Claimed::Stored(stored) => stored,
        Claimed::OtherAccount { expected } => {
            tx.rollback().await?;
            if let Some(pending) = used.account_id {
                accounts::service::note_mistake(tools, organization, pending, &profile.username).await?;
            }
            return Ok(Some(FailedAttempt::WrongAccount { expected, got: profile.username.clone() }));
        }
        Claimed::Gone => {
            tx.rollback().await?;
            return Ok(Some(FailedAttempt::LinkInactive));
        }
    };
    // Who asked for the account, or else for any, is told by mail, once (T18, T19): of two who asked, the one whose
    // request was used. Who logged in themselves is looking at it.
    let asked_by = asked_by.or(asked_meanwhile);
    let asked_by = match purpose {
        Purpose::Request => Some(used.created_by),
        Purpose::Connect => asked_by.or(Some(used.created_by)),
        Purpose::LogIn => asked_by,
    };
    let tell = asked_by.filter(|_| !was_alive);
    collection::service::begin(tools, &mut tx, organization, account, tell).await?;
    step("redeem::account_stored")?;
    if !queries::finish(&mut tx, id, CONNECTED, None, Some(account), now).await? {
        // Somebody ended it as orphaned: the client was told so, and that has to stay true.
        tx.rollback().await?;
        return Ok(Some(FailedAttempt::NotCompleted));
    }
    let event = audit::Event {
        id: EventId::generate(now, &tools.randomness),
        organization_id: organization,
        at: now,
        actor: actor(purpose, used.created_by),
        action: audit::Action::AccountConnected,
        subject: account.to_string(),
        detail: &profile.username,
        from: taken.from,
    };
    audit::record(&mut tx, event).await?;
    // Only now: whoever adds another account has to wait to record it. What the organization has may always be renewed.
    if is_new && !has_room(&mut tx, organization, limits).await? {
        tx.rollback().await?;
        return Ok(Some(FailedAttempt::NoRoom));
    }
    step("redeem::before_commit")?;
    tx.commit().await?;
    step("redeem::after_commit")?;
    tools.live.tell(organization, Change::Accounts);
    Ok(None)
}

/// Whether the plan has room for the account that was just stored and recorded.
async fn has_room(conn: &mut Conn, organization: OrganizationId, limits: Limits) -> Result<bool, Failure> {
    match billing::service::check(conn, organization, limits, LimitKind::Accounts).await {
        Ok(()) => Ok(true),
        Err(Failure::Refused(AppError::PlanLimit { .. })) => Ok(false),
        Err(failure) => Err(failure),
    }
}

/// Ends an attempt without a connection, and records how it ended. One that somebody else ended stays as it was.
async fn fail(tools: &Tools, taken: Taken, outcome: &FailedAttempt) -> Result<(), Failure> {
    let now = tools.now();
    let about = outcome.detail();
    let mut tx = tools.db.begin().await?;
    if !queries::finish(&mut tx, taken.id, outcome.code(), about.as_deref(), None, now).await? {
        return tx.rollback().await;
    }
    let detail = about.map_or_else(|| outcome.code().to_owned(), |about| format!("{} {about}", outcome.code()));
    let event = audit::Event {
        id: EventId::generate(now, &tools.randomness),
        organization_id: taken.organization,
        at: now,
        actor: actor(taken.purpose, taken.created_by),
        action: action(outcome),
        subject: taken.link.to_string(),
        detail: &detail,
        from: taken.from,
    };
    audit::record(&mut tx, event).await?;
    tx.commit().await
}

/// What the trail calls the end of an attempt: refused, where there was something to connect and we would not have it.
const fn action(outcome: &FailedAttempt) -> audit::Action {
    match outcome {
        FailedAttempt::PersonalAccount { .. }
        | FailedAttempt::WrongAccount { .. }
        | FailedAttempt::AlreadyUsed
        | FailedAttempt::PermissionMissing
        | FailedAttempt::LinkInactive
        | FailedAttempt::NoRoom
        | FailedAttempt::OtherBrowser => audit::Action::ClientRefused,
        FailedAttempt::Cancelled
        | FailedAttempt::TooLate
        | FailedAttempt::InstagramUnavailable
        | FailedAttempt::RateLimited
        | FailedAttempt::NotAllowedForAccount
        | FailedAttempt::NotCompleted
        | FailedAttempt::Internal { .. } => audit::Action::ClientReturned,
    }
}

/// The word by which the trail tells an attempt whose server died from one that Instagram did not complete.
const INTERRUPTED: &str = "interrupted";

/// Ends attempts whose server died after the claim; their clients can press "Try again" (F02, F03).
///
/// # Errors
/// When the database does not answer.
pub async fn finish_orphans(tools: &Tools) -> Result<usize, Failure> {
    let now = tools.now();
    let code = FailedAttempt::NotCompleted.code();
    let mut tx = tools.db.begin().await?;
    let ended = queries::finish_orphans(&mut tx, code, now.minus(ORPHANED_AFTER), now).await?;
    let mut events = Vec::new();
    for id in &ended {
        let Some(attempt) = queries::find(&mut tx, By::Id(*id)).await? else { continue };
        events.push(audit::Event {
            id: EventId::generate(now, &tools.randomness),
            organization_id: attempt.organization_id,
            at: now,
            actor: audit::Actor::Grantlink,
            action: audit::Action::ClientReturned,
            subject: attempt.link_id.to_string(),
            detail: INTERRUPTED,
            from: None,
        });
    }
    audit::record_all(&mut tx, events).await?;
    tx.commit().await?;
    Ok(ended.len())
}

/// How long an attempt's outcome can be read: as long as its cookie.
const REMEMBERED_FOR: Duration = Duration::from_secs(2 * 86_400);

/// Forgets attempts nobody can ask about any more.
///
/// # Errors
/// When the database does not answer.
pub async fn forget_old(tools: &Tools) -> Result<usize, Failure> {
    queries::delete_old(&mut tools.db.write().await?, tools.now().minus(REMEMBERED_FOR)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_end_of_an_attempt_is_told_in_the_trail_in_a_sentence() {
        let (expected, got) = ("nora".to_owned(), "cafe".to_owned());
        for outcome in [
            FailedAttempt::Cancelled,
            FailedAttempt::PersonalAccount { username: "mia".into() },
            FailedAttempt::WrongAccount { expected, got },
            FailedAttempt::AlreadyUsed,
            FailedAttempt::PermissionMissing,
            FailedAttempt::TooLate,
            FailedAttempt::LinkInactive,
            FailedAttempt::NoRoom,
            FailedAttempt::InstagramUnavailable,
            FailedAttempt::RateLimited,
            FailedAttempt::NotAllowedForAccount,
            FailedAttempt::NotCompleted,
            FailedAttempt::Internal { reference: String::new() },
            FailedAttempt::Internal { reference: "0a1b2c3d".into() },
        ] {
            let detail = [Some(outcome.code().to_owned()), outcome.detail()];
            let detail = detail.into_iter().flatten().collect::<Vec<_>>().join(" ");
            let note = audit::words::note(Some(action(&outcome)), &detail).unwrap();
            assert!(note.ends_with('.') && note.contains(' '), "{outcome:?}: {note}");
        }
        let note = audit::words::note(Some(audit::Action::ClientReturned), INTERRUPTED).unwrap();
        assert!(note.ends_with('.'), "{note}");
    }
}
