//! How an attempt stands, in the words of its page.

use super::super::{
    model::{Asker, AttemptPage, AttemptState, Connection, FailedAttempt},
    queries::{self, By, CONNECTED, FoundAttempt},
};
use crate::{
    error::AppError,
    failure::Failure,
    ids::{AccountId, AttemptId, OrganizationId},
    links::{self, model::Purpose},
    paths, secret,
    timestamp::Timestamp,
    work::{ClientWork, Tools},
};

/// How an attempt stands: for the browser that started it, or a member of its organization.
///
/// # Errors
/// [`AppError::NotFound`] to everybody else, whether the attempt exists or not.
pub async fn status(
    work: &ClientWork,
    id: AttemptId,
    member_of: Option<OrganizationId>,
) -> Result<AttemptPage, Failure> {
    let found = queries::find(&mut work.db.read().await?, By::Id(id)).await?;
    let attempt =
        found.filter(|a| is_bound_to(work, a) || member_of == Some(a.organization_id)).ok_or(AppError::NotFound)?;
    page(work, &attempt, is_bound_to(work, &attempt))
}

/// Whether this browser started the attempt: it carries the secret whose hash was stored then (A17, A19).
pub(super) fn is_bound_to(work: &ClientWork, attempt: &FoundAttempt) -> bool {
    work.actor
        .bindings
        .iter()
        .any(|(id, binding)| *id == attempt.id && binding.hash(secret::Purpose::Binding).matches(&attempt.binding_hash))
}

/// The page of an attempt. A member of its organization, who may look as well, is neither led to the link nor takes
/// anything back: that is for the browser whose own it is.
pub(super) fn page(tools: &Tools, attempt: &FoundAttempt, is_own: bool) -> Result<AttemptPage, Failure> {
    let state = state(tools, attempt, is_own);
    // A request is for one connection: once that is made, its link leads nowhere.
    let spent = matches!(
        state,
        AttemptState::Connected(_) | AttemptState::Ended { .. } | AttemptState::Failed(FailedAttempt::AlreadyUsed)
    );
    let done = attempt.link_purpose == Purpose::Request && spent;
    let retry_path = if is_own && !done { Some(link_path(tools, attempt)?) } else { None };
    let path = Some(paths::attempt(attempt.id));
    let asker = asker(attempt, &state);
    Ok(AttemptPage { state, path, retry_path, link_url: None, dashboard_path: dashboard_path(attempt), asker })
}

/// Who sent the link, unless it is dead: its page says nothing of an organization then (U09).
fn asker(attempt: &FoundAttempt, state: &AttemptState) -> Option<Asker> {
    let over = matches!(state, AttemptState::Failed(FailedAttempt::LinkInactive | FailedAttempt::AlreadyUsed));
    let own = attempt.link_purpose == Purpose::LogIn;
    (!over && !own).then(|| Asker { organization: attempt.organization.clone(), brand: attempt.brand.clone() })
}

/// The dashboard, where the attempt is a member's own log-in.
pub(super) fn dashboard_path(attempt: &FoundAttempt) -> Option<String> {
    (attempt.link_purpose == Purpose::LogIn).then(|| paths::ACCOUNTS.to_owned())
}

/// Where to begin anew: the page of the attempt's link; for a member's own account, the dialog that adds one.
pub(super) fn link_path(tools: &Tools, attempt: &FoundAttempt) -> Result<String, Failure> {
    if attempt.link_purpose == Purpose::LogIn {
        return Ok(paths::ADD_ACCOUNT.to_owned());
    }
    let token = links::service::open(tools, attempt.organization_id, attempt.link_id, &attempt.link_token)?;
    Ok(paths::connect(token.expose()))
}

/// The access that an attempt gave, as long as it is that one: which account, and when. What a member gave in their own
/// log-in, they end in the dashboard.
pub(super) fn given(attempt: &FoundAttempt) -> Option<(AccountId, Timestamp)> {
    let account = attempt.account.as_ref().filter(|account| account.token_issued_at.is_some())?;
    let at = account.connected_at.filter(|_| attempt.link_purpose != Purpose::LogIn)?;
    (attempt.finished_at == Some(at)).then_some((account.id, at))
}

/// How an attempt stands, for the browser whose own it is or for a member.
pub(super) fn state(tools: &Tools, attempt: &FoundAttempt, is_own: bool) -> AttemptState {
    let now = tools.now();
    let living = attempt.account.as_ref().filter(|account| account.token_issued_at.is_some());
    match (attempt.finished_at, attempt.outcome.as_deref(), living) {
        (Some(at), Some(CONNECTED), Some(account)) => AttemptState::Connected(Connection {
            username: account.username.clone(),
            display_name: account.display_name.clone(),
            instagram_id: account.instagram_id.clone(),
            organization: attempt.organization.clone(),
            creator_email: attempt.creator_email.clone(),
            connected_at: at.moment(now),
            take_back_path: given(attempt).filter(|_| is_own).map(|_| paths::attempt(attempt.id)),
        }),
        (Some(_), Some(CONNECTED), None) => AttemptState::Ended {
            username: attempt.account.as_ref().map(|account| account.username.clone()),
            organization: attempt.organization.clone(),
        },
        (Some(_), Some(outcome), _) => {
            AttemptState::Failed(FailedAttempt::from_stored(outcome, attempt.detail.as_deref()))
        }
        _ if attempt.claimed_at.is_some() => AttemptState::Connecting,
        _ if attempt.expires_at <= now => AttemptState::Failed(FailedAttempt::TooLate),
        _ => AttemptState::Started { organization: attempt.organization.clone() },
    }
}
