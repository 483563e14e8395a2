//! What Instagram asks for by its callbacks, after `routes` checked the signature: that the owner took the app off the
//! account, or wants everything we know deleted. An account may be in several organizations; each is told. Answers are
//! the same for accounts nobody knows (A36), and for the same request again. Links for a deleted account end with it.

use super::{death, event};
use crate::{
    accounts::{
        model::DeletionView,
        queries::{self, deletions},
    },
    audit,
    failure::Failure,
    links,
    live::Change,
    queue::{self, Job},
    secret::TokenHash,
    timestamp::Timestamp,
    token_death::TokenDeath,
    work::Tools,
};

/// The owner removed the app: the account is dead at once, in every organization, unless it was connected again since.
///
/// # Errors
/// When the database refuses.
pub async fn deauthorize(tools: &Tools, app_scoped_id: &str, issued_at: Timestamp) -> Result<(), Failure> {
    let mut tx = tools.db.begin().await?;
    let removed = queries::token::mark_removed(&mut tx, app_scoped_id, issued_at, tools.now()).await?;
    let reason = TokenDeath::AppRemoved;
    for (account, organization, _) in &removed {
        death::tell(tools, &mut tx, *organization, *account, reason).await?;
    }
    let details: Vec<_> = removed.iter().map(|(_, _, username)| death::detail(username, reason)).collect();
    let entries = removed
        .iter()
        .zip(&details)
        .map(|((account, organization, _), detail)| death::entry(tools, *organization, *account, detail, reason));
    audit::record_all(&mut tx, entries.collect()).await?;
    tx.commit().await?;
    for (_, organization, _) in removed {
        tools.live.tell(organization, Change::Accounts);
    }
    Ok(())
}

/// Deletes what we know of a person's account, in every organization, and gives the code under which the person can read
/// that it is done. The same request again gets the same code.
///
/// # Errors
/// When the database refuses.
pub async fn delete_data(tools: &Tools, app_scoped_id: &str, request: TokenHash) -> Result<String, Failure> {
    tools.db.transact(|| delete(tools, app_scoped_id, request)).await
}

async fn delete(tools: &Tools, app_scoped_id: &str, request: TokenHash) -> Result<String, Failure> {
    let now = tools.now();
    let mut tx = tools.db.begin().await?;
    let code = tools.randomness.hex::<16>();
    if !deletions::insert(&mut tx, &code, request, now).await? {
        let known = deletions::find_code(&mut tx, request).await?;
        tx.rollback().await?;
        return known.ok_or_else(|| Failure::internal("a deletion request vanished"));
    }
    // A link for the account alone must not become one for any account by losing it. The links come before the account,
    // as everywhere; those made meanwhile come after, when nobody can make one any more.
    links::queries::revoke_by_app_scoped_id(&mut tx, app_scoped_id, now).await?;
    queries::lock_by_app_scoped_id(&mut tx, app_scoped_id).await?;
    links::queries::revoke_by_app_scoped_id(&mut tx, app_scoped_id, now).await?;
    let deleted = queries::delete_by_app_scoped_id(&mut tx, app_scoped_id).await?;
    for (account, organization) in &deleted {
        let job = Job::ForgetPosts { account: *account };
        queue::enqueue(&mut tx, &tools.randomness, *organization, &job, now, now).await?;
    }
    // Without the handle: that, too, was to be deleted.
    let entries = deleted.iter().map(|(account, organization)| {
        event(tools, *organization, audit::Actor::Instagram, audit::Action::AccountDeleted, *account, "")
    });
    audit::record_all(&mut tx, entries.collect()).await?;
    tx.commit().await?;
    for (_, organization) in deleted {
        tools.live.tell(organization, Change::Accounts);
    }
    Ok(code)
}

/// What became of a request to delete.
///
/// # Errors
/// When the database does not answer.
pub async fn find_deletion(tools: &Tools, code: &str) -> Result<Option<DeletionView>, Failure> {
    let now = tools.now();
    let found = deletions::find(&mut tools.db.read().await?, code).await?;
    Ok(found.map(|(requested_at, completed_at)| DeletionView {
        requested_at: requested_at.moment(now),
        completed_at: completed_at.moment(now),
    }))
}
