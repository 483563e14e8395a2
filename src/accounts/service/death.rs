//! The end of a token: found dead by Instagram's word, or taken back by the client. The account stays with its history,
//! marked with the reason; one mail tells a member (T25), however many jobs ran into it (F19).

use super::event;
use crate::{
    accounts::queries::{self, token::LiveAccess},
    audit,
    db::Conn,
    failure::Failure,
    ids::{AccountId, OrganizationId},
    instagram::ProviderError,
    live::Change,
    queue::{self, Claim, Job},
    secret::SecretString,
    timestamp::Timestamp,
    token_death::TokenDeath,
    work::{ClientWork, Tools},
};

/// What Instagram's refusal means for the account, asked a second time before anything is ended by it: in times of
/// trouble Instagram has called living tokens dead.
///
/// # Errors
/// The trouble, when it is none of the token's.
pub async fn verdict(tools: &Tools, token: &SecretString, error: ProviderError) -> Result<TokenDeath, ProviderError> {
    let death = |error: &ProviderError| match error {
        ProviderError::TokenDead(reason) => Some(*reason),
        ProviderError::PermissionMissing => Some(TokenDeath::PermissionMissing),
        _ => None,
    };
    if death(&error).is_none() {
        return Err(error);
    }
    match tools.instagram.profile(token).await {
        Ok(_) => Err(error),
        Err(again) => death(&again).ok_or(again),
    }
}

/// Marks an account as dead, ends the job that found out, and has a member told; all in one transaction. Nothing
/// happens to an account that was connected again in between. Like whoever connects, this locks the account before the
/// job: the other way round, both could wait for each other.
///
/// # Errors
/// When the database refuses.
pub async fn mark_dead(tools: &Tools, claim: &Claim, access: &LiveAccess, reason: TokenDeath) -> Result<(), Failure> {
    let now = tools.now();
    let mut tx = tools.db.begin().await?;
    if !queries::token::mark_dead(&mut tx, access, reason, now).await? {
        tx.rollback().await?;
        // Another token by now: the job is still needed.
        queue::restart(&mut tools.db.write().await?, claim, now).await?;
        return Ok(());
    }
    if !queue::finish(&mut tx, claim).await? {
        return tx.rollback().await;
    }
    tell(tools, &mut tx, access.organization_id, access.id, reason).await?;
    let detail = detail(&access.username, reason);
    audit::record(&mut tx, entry(tools, access.organization_id, access.id, &detail, reason)).await?;
    tx.commit().await?;
    tools.live.tell(access.organization_id, Change::Accounts);
    Ok(())
}

/// Ends the access that a client gave at this instant, as they wish; a later one of the same account is not theirs to end.
/// The account stays on the list, and a member is told (U05).
///
/// # Errors
/// When the database refuses.
pub async fn take_back(work: &ClientWork, account: AccountId, connected_at: Timestamp) -> Result<(), Failure> {
    let mut tx = work.db.begin().await?;
    let taken = queries::token::mark_taken_back(&mut tx, account, connected_at, work.now()).await?;
    let Some((organization, username)) = taken else { return tx.rollback().await };
    let reason = TokenDeath::TakenBack;
    tell(work, &mut tx, organization, account, reason).await?;
    let detail = detail(&username, reason);
    let entry = entry(work, organization, account, &detail, reason);
    audit::record(&mut tx, audit::Event { from: work.from, ..entry }).await?;
    tx.commit().await?;
    work.live.tell(organization, Change::Accounts);
    Ok(())
}

/// Enqueues the mail about a death.
pub(super) async fn tell(
    tools: &Tools,
    conn: &mut Conn,
    organization: OrganizationId,
    account: AccountId,
    reason: TokenDeath,
) -> Result<(), Failure> {
    let now = tools.now();
    tracing::warn!(%account, reason = reason.as_str(), "an account has to be connected again");
    if let Some(to) = queries::find_who_to_tell(conn, account).await? {
        let job = Job::MailNeedsReconnection { account, to };
        queue::enqueue(conn, &tools.randomness, organization, &job, now, now).await?;
    }
    Ok(())
}

/// The entry about a death. What the owner of the account took back is the client's doing.
pub(super) fn entry<'a>(
    tools: &Tools,
    organization: OrganizationId,
    account: AccountId,
    detail: &'a str,
    reason: TokenDeath,
) -> audit::Event<'a> {
    let (actor, action) = match reason {
        TokenDeath::AppRemoved | TokenDeath::TakenBack => (audit::Actor::Client, audit::Action::ClientRevoked),
        _ => (audit::Actor::Instagram, audit::Action::AccessLost),
    };
    event(tools, organization, actor, action, account, detail)
}

/// What that entry says: the handle, in which there is no space, and why.
pub(super) fn detail(username: &str, reason: TokenDeath) -> String {
    format!("{username} {}", reason.as_str())
}
