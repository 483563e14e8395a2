//! New passwords: for whoever forgot theirs, through a link, and for whoever knows it, by giving it once more. Asking for
//! a link says nothing about who has an account: the address is noted, and looked up only after the answer went out.

use super::{
    super::{
        model::{Email, Member},
        passwords, queries,
    },
    At, Visitor, ask_again, check_new_password, devices, mail_soon, record_everywhere, start_session, tell,
};
use crate::{
    audit::Action,
    db::Transaction,
    error::AppError,
    failure::Failure,
    ids::UserId,
    queue::{Job, Notice},
    secret::{Purpose, SecretString, Token},
    work::Tools,
};
use std::{net::IpAddr, time::Duration};

/// How long a one-time link lasts that an operator passes on.
const OPERATORS_LIFE: Duration = Duration::from_secs(86_400);

/// How long one lasts that comes by mail.
const MAILED_LIFE: Duration = Duration::from_secs(3_600);

/// Requests that are answered in one go.
const AT_A_TIME: i64 = 20;

/// Makes a one-time link for a person who forgot the password; the operator passes it on.
///
/// # Errors
/// [`AppError::NotFound`] when nobody has this address.
pub async fn request_reset(tools: &Tools, email: &str) -> Result<Token, Failure> {
    let address = Email::parse(email)?;
    let mut tx = tools.db.begin().await?;
    let Some((user, _)) = queries::find_credentials(&mut tx, &address).await? else {
        tx.rollback().await?;
        return Err(AppError::NotFound.into());
    };
    let token = insert_operators_link(tools, &mut tx, user).await?;
    tx.commit().await?;
    Ok(token)
}

/// A one-time link that sets a new password, for the operator to pass on.
pub(super) async fn insert_operators_link(tools: &Tools, tx: &mut Transaction, user: UserId) -> Result<Token, Failure> {
    let now = tools.now();
    let token = Token::generate(&tools.randomness);
    let expires_at = now.plus(OPERATORS_LIFE);
    queries::insert_reset(tx, token.hash(Purpose::PasswordReset), user, None, now, expires_at).await?;
    Ok(token)
}

/// Notes that somebody forgot the password for this address. Nothing is looked up: the same is done, in the same time,
/// whether anybody has it or not.
///
/// # Errors
/// When it cannot be an address, or after too many requests from this peer or for this address.
pub async fn ask_for_reset(tools: &Tools, email: &str, peer: IpAddr) -> Result<(), Failure> {
    let address = Email::parse(email)?;
    tools
        .limits
        .forgot_password(address.lower(), peer)
        .inspect_err(|_| tracing::warn!(%peer, "asking for a new password was slowed down"))?;
    queries::email::insert_reset_request(&mut tools.db.write().await?, &address, tools.now()).await
}

/// Has mails sent to those who forgot their passwords, and forgets about addresses that nobody has. The runner of jobs
/// calls it.
///
/// # Errors
/// When the database does not answer; what was not done is done the next time.
pub async fn answer_reset_requests(tools: &Tools) -> Result<(), Failure> {
    let waiting = queries::email::list_reset_requests(&mut tools.db.read().await?, AT_A_TIME).await?;
    for email_lower in waiting {
        let mut tx = tools.db.begin().await?;
        if !queries::email::delete_reset_request(&mut tx, &email_lower).await? {
            tx.rollback().await?;
            continue;
        }
        if let Some(user) = queries::email::find_user(&mut tx, &email_lower).await? {
            mail_soon(tools, &mut tx, Job::MailResetPassword { to: user }).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

/// Makes the one-time link of a mail, and says where that goes; `None` when there is no such person (any more).
///
/// # Errors
/// When the database does not answer.
pub async fn prepare_reset(tools: &Tools, user: UserId) -> Result<Option<(String, Token)>, Failure> {
    let now = tools.now();
    let mut tx = tools.db.begin().await?;
    let Some(person) = queries::email::find(&mut tx, user).await? else {
        tx.rollback().await?;
        return Ok(None);
    };
    let token = Token::generate(&tools.randomness);
    let (hash, mailed_to) = (token.hash(Purpose::PasswordReset), Some(person.email_lower.as_str()));
    queries::insert_reset(&mut tx, hash, user, mailed_to, now, now.plus(MAILED_LIFE)).await?;
    tx.commit().await?;
    Ok(Some((person.email, token)))
}

/// Whose password a one-time link would still set: their address.
///
/// # Errors
/// When the database does not answer.
pub async fn reset_is_live(tools: &Tools, token: &Token) -> Result<Option<String>, Failure> {
    let hash = token.hash(Purpose::PasswordReset);
    let found = queries::find_reset(&mut tools.db.read().await?, hash, tools.now()).await?;
    Ok(found.map(|(_, email)| email))
}

/// Sets a new password through a one-time link. All sessions and all such links of that person end (A42, A44), and with
/// them whatever else was begun with the old password. A link that came by mail shows that the mailbox is theirs: the
/// answer is then what makes a browser known to the person, so that nobody who guesses can keep them out (A46). Their
/// second step stays, so that a mailbox alone opens nothing; but one that was set up before the address had been shown to
/// be anybody's is a stranger's, and goes.
///
/// # Errors
/// The rule the password breaks, or [`AppError::NotFound`] when the link is dead.
pub async fn reset_password(tools: &Tools, token: &Token, password: SecretString) -> Result<Option<String>, Failure> {
    let hash = token.hash(Purpose::PasswordReset);
    // A dead link costs a read; hashing is for those who hold a live one.
    let found = queries::find_reset(&mut tools.db.read().await?, hash, tools.now()).await?;
    let (user, email) = found.ok_or(AppError::NotFound)?;
    check_new_password(&password, &email)?;
    let password_hash = passwords::hash(password, tools.randomness.clone()).await?;
    let mut tx = tools.db.begin().await?;
    queries::hold(&mut tx, user).await?;
    let Some(used) = queries::use_reset(&mut tx, hash, tools.now()).await? else {
        tx.rollback().await?;
        return Err(AppError::NotFound.into());
    };
    queries::set_password(&mut tx, user, &password_hash).await?;
    end_what_was_open(&mut tx, user).await?;
    tell(tools, &mut tx, user, Notice::PasswordChanged).await?;
    let person = queries::email::find(&mut tx, user).await?;
    let proven = person.filter(|person| used.mailed_to.as_ref() == Some(&person.email_lower));
    let mut actions = vec![Action::PasswordReset];
    let device = match proven {
        Some(person) => {
            let address = Email::parse(&person.email)?;
            if person.verified_at.is_none() {
                actions.extend(prove(tools, &mut tx, user, &address).await?);
            }
            let code_since = queries::two_factor::find(&mut tx, user).await?.and_then(|found| found.confirmed_at);
            Some(devices::seal(tools, &address, &password_hash, code_since))
        }
        None => None,
    };
    for action in actions {
        // There is no session, and so no organization whose business the address is.
        record_everywhere(tools, &mut tx, user, action, None).await?;
    }
    tx.commit().await?;
    Ok(device)
}

/// Notes that a mailbox has answered for the first time. Whoever turned a second step on before was not shown to have it.
/// What that comes to, for the audit trail.
async fn prove(tools: &Tools, tx: &mut Transaction, user: UserId, address: &Email) -> Result<Vec<Action>, Failure> {
    queries::members::verify_email(tx, user, address, tools.now()).await?;
    let mut actions = vec![Action::EmailConfirmed];
    if queries::two_factor::delete(tx, user).await? {
        queries::two_factor::delete_recovery_codes(tx, user).await?;
        tell(tools, tx, user, Notice::TwoFactorOff).await?;
        actions.push(Action::TwoFactorOff);
    }
    Ok(actions)
}

/// Ends whatever the old password opened or began: sign-ins that wait for a code, sessions, a second step that is being
/// set up, links for new passwords, and a change of address. Second steps go before sessions: one that becomes a session
/// meanwhile is found as the one or the other.
async fn end_what_was_open(tx: &mut Transaction, user: UserId) -> Result<(), Failure> {
    queries::two_factor::delete_second_steps_of(tx, user).await?;
    queries::two_factor::forget_setup(tx, user).await?;
    queries::delete_sessions_of(tx, user).await?;
    queries::delete_resets_of(tx, user).await?;
    queries::email::set_pending(tx, user, None).await?;
    queries::email::delete_confirmations_of(tx, user).await
}

/// Sets a new password for somebody who knows the old one (A50). All their sessions end, and this browser gets a new one
/// (A42, A44); a change of address that was asked for is forgotten.
///
/// # Errors
/// The rule the new password breaks, a wrong old one, or too many of those.
pub async fn change_password(
    tools: &Tools,
    member: &Member,
    old: SecretString,
    new: SecretString,
    visitor: &Visitor,
) -> Result<Token, Failure> {
    let user = member.user_id;
    check_new_password(&new, &member.email)?;
    let old_hash = ask_again(tools, member, old, "old_password", visitor).await?;
    let new_hash = passwords::hash(new, tools.randomness.clone()).await?;
    let mut tx = tools.db.begin().await?;
    if !queries::replace_password(&mut tx, user, &old_hash, &new_hash).await? {
        tx.rollback().await?;
        return Err(AppError::SignInNeeded.into());
    }
    end_what_was_open(&mut tx, user).await?;
    let session = start_session(tools, &mut tx, user, member.organization_id, visitor).await?;
    tell(tools, &mut tx, user, Notice::PasswordChanged).await?;
    record_everywhere(tools, &mut tx, user, Action::PasswordChanged, Some(At::of(member, visitor.peer))).await?;
    tx.commit().await?;
    Ok(session)
}
