//! What accepting an invitation asks of a person: a password for a new account, or the password of the one they have,
//! past the same limits as signing in. The service of members calls this.

use super::{
    super::{model::Email, passwords, queries},
    SignedIn, Visitor, check_new_password, devices, start_session, still_fits, two_factor,
};
use crate::{
    db::Transaction,
    error::AppError,
    failure::Failure,
    ids::{OrganizationId, UserId},
    secret::SecretString,
    work::Tools,
};

/// The hash of the password somebody chose for a new account.
///
/// # Errors
/// The rule it breaks.
pub async fn choose_password(tools: &Tools, address: &Email, password: SecretString) -> Result<String, Failure> {
    check_new_password(&password, address.as_str())?;
    passwords::hash(password, tools.randomness.clone()).await
}

/// Who has this address and this password (A46), and the hash it fits: [`enter`] asks for it again.
///
/// # Errors
/// [`AppError::WrongCredentials`], or [`AppError::TooMany`] after too many of those.
pub async fn check_password(
    tools: &Tools,
    address: &Email,
    password: SecretString,
    visitor: &Visitor,
) -> Result<(UserId, String), Failure> {
    let peer = visitor.peer;
    let device = devices::find_known(tools, address, visitor).await?;
    tools
        .limits
        .sign_in(address.lower(), peer, device)
        .inspect_err(|_| tracing::warn!(%peer, "accepting an invitation slowed down"))?;
    let credentials = queries::find_credentials(&mut tools.db.read().await?, address).await?;
    let fits = passwords::verify(password, credentials.as_ref().map(|(_, hash)| hash.clone())).await?;
    credentials.filter(|_| fits).ok_or_else(|| AppError::WrongCredentials.into())
}

/// Signs somebody in who gave the right password, as far as that goes. `password_hash` is the one it fitted: a password
/// that was changed since opens nothing any more, and one that is changed while this goes on ends what begins here.
///
/// # Errors
/// [`AppError::WrongCredentials`] when it was changed, or when the database refuses.
pub async fn enter(
    tools: &Tools,
    tx: &mut Transaction,
    user: UserId,
    password_hash: &str,
    organization: OrganizationId,
    visitor: &Visitor,
) -> Result<SignedIn, Failure> {
    if !still_fits(tx, user, password_hash).await? {
        return Err(AppError::WrongCredentials.into());
    }
    if queries::find_lock(tx, user).await?.is_some_and(|(_, code_is_asked_for)| code_is_asked_for) {
        return Ok(SignedIn::SecondStep(two_factor::start_second_step(tools, tx, user, organization).await?));
    }
    Ok(SignedIn::Session(start_session(tools, tx, user, organization, visitor).await?))
}
