//! The second step of signing in: a code of the person's own app, or one made for the day they lose it. Between password
//! and code there is a token of its own that opens nothing but the form for the code, for ten minutes and five tries.

use super::{
    super::{
        model::{Email, Member, QrDrawing},
        qr,
        queries::{self, two_factor::FoundTwoFactor},
        totp,
    },
    At, Visitor, ask_again, devices, must_still_fit, record_as, record_everywhere, start_session, tell,
};
use crate::{
    audit::{Action, Actor},
    db::Transaction,
    error::AppError,
    failure::Failure,
    ids::{OrganizationId, UserId},
    queue::Notice,
    secret::{Place, Purpose, Sealed, SecretString, Token, TokenHash},
    work::Tools,
};
use std::time::Duration;

/// How long a code is waited for after the password.
pub const SECOND_STEP_LIFE: Duration = Duration::from_secs(600);

/// How long a set-up may take; after that it is begun anew.
const SETUP_LIFE: Duration = Duration::from_secs(1_800);

/// Codes that may be tried for one password.
const MAX_TRIES: i32 = 5;

/// Codes after which a person is told, over all sign-ins that are not forgotten yet: who gives the password anew after
/// each few of them does not go unnoticed.
const TOLD_AFTER: i64 = 5;

/// Recovery codes that a person gets.
const RECOVERY_CODES: usize = 10;

const WRONG_CODE: &str = "This code does not fit. Wait for the next one in your app, or use a recovery code.";

/// Where a person's secret is sealed (A71).
fn secret_place(user: &str) -> Place<'_> {
    Place { column: "two_factors.secret", organization: b"", row: user.as_bytes() }
}

fn open(tools: &Tools, user: UserId, found: &FoundTwoFactor) -> Result<SecretString, Failure> {
    tools
        .keys
        .open(secret_place(&user.to_string()), &found.secret)
        .ok_or_else(|| Failure::internal("two_factors.secret_sealed does not open"))
}

/// What the code of a person is recognized by. Their id is in it, so that nobody's code is another's.
fn hash_of(user: UserId, recovery_code: &str) -> TokenHash {
    TokenHash::of(&format!("{user} {recovery_code}"), Purpose::RecoveryCode)
}

fn is_under_way(tools: &Tools, found: &FoundTwoFactor) -> bool {
    found.confirmed_at.is_none() && found.created_at.plus(SETUP_LIFE) > tools.now()
}

/// What a person types or scans into their app, while the set-up is under way.
pub(super) fn view_setup(
    tools: &Tools,
    user: UserId,
    email: &str,
    found: &FoundTwoFactor,
) -> Result<Option<(SecretString, QrDrawing)>, Failure> {
    if !is_under_way(tools, found) {
        return Ok(None);
    }
    let secret = open(tools, user, found)?;
    let drawing = qr::draw(&totp::uri(&secret, email))?;
    Ok(Some((secret, drawing)))
}

/// Begins to set up the second step (A50). It asks for nothing until a code has shown that the app has the secret.
///
/// # Errors
/// For a wrong password, after too many of those, or when the second step is on.
pub async fn start_two_factor(
    tools: &Tools,
    member: &Member,
    password: SecretString,
    visitor: &Visitor,
) -> Result<(), Failure> {
    let hash = ask_again(tools, member, password, "two_factor_password", visitor).await?;
    let secret = totp::generate(&tools.randomness);
    let sealed = tools.keys.seal(secret_place(&member.user_id.to_string()), &secret, &tools.randomness);
    let mut tx = tools.db.begin().await?;
    let started = begin_setup(tools, &mut tx, member.user_id, &hash, &sealed).await;
    tx.settle(started).await
}

async fn begin_setup(
    tools: &Tools,
    tx: &mut Transaction,
    user: UserId,
    password_hash: &str,
    secret: &Sealed,
) -> Result<(), Failure> {
    must_still_fit(tx, user, password_hash).await?;
    let begun = queries::two_factor::start(tx, user, secret, tools.now()).await?;
    if begun { Ok(()) } else { Err(AppError::NotFound.into()) }
}

/// Forgets a set-up that was begun.
///
/// # Errors
/// When the database refuses.
pub async fn forget_two_factor_setup(tools: &Tools, member: &Member) -> Result<(), Failure> {
    queries::two_factor::forget_setup(&mut tools.db.write().await?, member.user_id).await
}

/// Turns the second step on with a first code, and answers with the recovery codes. Nobody can be shown those again: only
/// their hashes are kept.
///
/// # Errors
/// For a wrong code, after too many of those, or when no set-up is under way.
pub async fn confirm_two_factor(
    tools: &Tools,
    member: &Member,
    code: &str,
    visitor: &Visitor,
) -> Result<Vec<String>, Failure> {
    let (user, now) = (member.user_id, tools.now());
    slow_down(tools, &member.email, visitor).await?;
    let mut tx = tools.db.begin().await?;
    let found = queries::two_factor::find(&mut tx, user).await?;
    let Some(found) = found.filter(|found| is_under_way(tools, found)) else {
        tx.rollback().await?;
        return Err(AppError::NotFound.into());
    };
    let Some(step) = totp::matching_step(&open(tools, user, &found)?, code, now) else {
        tx.rollback().await?;
        let words = "This code does not fit. Check that your phone shows the right time, and enter the newest code.";
        return Err(AppError::field("code", words).into());
    };
    if !queries::two_factor::confirm(&mut tx, user, found.created_at, step, now).await? {
        tx.rollback().await?;
        return Err(AppError::NotFound.into());
    }
    let codes = replace_recovery_codes(tools, &mut tx, user).await?;
    tell(tools, &mut tx, user, Notice::TwoFactorOn).await?;
    record_everywhere(tools, &mut tx, user, Action::TwoFactorOn, Some(At::of(member, visitor.peer))).await?;
    tx.commit().await?;
    Ok(codes)
}

/// Turns the second step off (A50).
///
/// # Errors
/// For a wrong password, or after too many of those.
pub async fn turn_two_factor_off(
    tools: &Tools,
    member: &Member,
    password: SecretString,
    visitor: &Visitor,
) -> Result<(), Failure> {
    let hash = ask_again(tools, member, password, "two_factor_password", visitor).await?;
    let mut tx = tools.db.begin().await?;
    let done = turn_off(tools, &mut tx, member, &hash, visitor).await;
    tx.settle(done).await
}

async fn turn_off(
    tools: &Tools,
    tx: &mut Transaction,
    member: &Member,
    password_hash: &str,
    visitor: &Visitor,
) -> Result<(), Failure> {
    let user = member.user_id;
    must_still_fit(tx, user, password_hash).await?;
    if !queries::two_factor::delete(tx, user).await? {
        // Off already: asked for twice, it is done once.
        return Ok(());
    }
    queries::two_factor::delete_recovery_codes(tx, user).await?;
    queries::two_factor::delete_second_steps_of(tx, user).await?;
    tell(tools, tx, user, Notice::TwoFactorOff).await?;
    record_everywhere(tools, tx, user, Action::TwoFactorOff, Some(At::of(member, visitor.peer))).await
}

/// Turns the second step of somebody off who lost phone and codes, at the command line. They are told by mail.
///
/// # Errors
/// [`AppError::NotFound`] when nobody has this address, or signs in with a second step.
pub async fn turn_off_for(tools: &Tools, email: &str) -> Result<(), Failure> {
    let address = Email::parse(email)?;
    let mut tx = tools.db.begin().await?;
    let user = queries::email::find_user(&mut tx, address.lower()).await?;
    let off = match user {
        Some(user) => queries::two_factor::delete(&mut tx, user).await?.then_some(user),
        None => None,
    };
    let Some(user) = off else {
        tx.rollback().await?;
        return Err(AppError::NotFound.into());
    };
    queries::two_factor::delete_recovery_codes(&mut tx, user).await?;
    queries::two_factor::delete_second_steps_of(&mut tx, user).await?;
    tell(tools, &mut tx, user, Notice::TwoFactorOff).await?;
    record_as(tools, &mut tx, Actor::Operator, user, Action::TwoFactorOff, None).await?;
    tx.commit().await
}

/// Replaces the recovery codes of a person (A50), and answers with the new ones.
///
/// # Errors
/// For a wrong password, after too many of those, or when the second step is off.
pub async fn renew_recovery_codes(
    tools: &Tools,
    member: &Member,
    password: SecretString,
    visitor: &Visitor,
) -> Result<Vec<String>, Failure> {
    let hash = ask_again(tools, member, password, "codes_password", visitor).await?;
    let mut tx = tools.db.begin().await?;
    let codes = renew(tools, &mut tx, member, &hash, visitor).await;
    tx.settle(codes).await
}

async fn renew(
    tools: &Tools,
    tx: &mut Transaction,
    member: &Member,
    password_hash: &str,
    visitor: &Visitor,
) -> Result<Vec<String>, Failure> {
    let user = member.user_id;
    must_still_fit(tx, user, password_hash).await?;
    if !queries::find_lock(tx, user).await?.is_some_and(|(_, on)| on) {
        return Err(AppError::NotFound.into());
    }
    let codes = replace_recovery_codes(tools, tx, user).await?;
    tell(tools, tx, user, Notice::RecoveryCodesRenewed).await?;
    record_everywhere(tools, tx, user, Action::RecoveryCodesRenewed, Some(At::of(member, visitor.peer))).await?;
    Ok(codes)
}

async fn replace_recovery_codes(tools: &Tools, tx: &mut Transaction, user: UserId) -> Result<Vec<String>, Failure> {
    queries::two_factor::delete_recovery_codes(tx, user).await?;
    let mut codes = Vec::with_capacity(RECOVERY_CODES);
    for _ in 0..RECOVERY_CODES {
        let code = totp::generate_recovery_code(&tools.randomness);
        queries::two_factor::insert_recovery_code(tx, hash_of(user, &code), user, tools.now()).await?;
        codes.push(code);
    }
    Ok(codes)
}

/// Begins to wait for the code of somebody who gave the right password, and will work for this organization then.
pub(super) async fn start_second_step(
    tools: &Tools,
    tx: &mut Transaction,
    user: UserId,
    organization: OrganizationId,
) -> Result<Token, Failure> {
    let now = tools.now();
    let token = Token::generate(&tools.randomness);
    let step = queries::two_factor::NewSecondStep {
        token: token.hash(Purpose::SecondStep),
        user,
        organization,
        expires_at: now.plus(SECOND_STEP_LIFE),
    };
    queries::two_factor::insert_second_step(tx, &step, now).await?;
    Ok(token)
}

/// Whether somebody's code is still waited for.
///
/// # Errors
/// When the database does not answer.
pub async fn second_step_is_live(tools: &Tools, token: &Token) -> Result<bool, Failure> {
    let hash = token.hash(Purpose::SecondStep);
    let mut conn = tools.db.read().await?;
    Ok(queries::two_factor::find_second_step(&mut conn, hash, MAX_TRIES, tools.now()).await?.is_some())
}

/// Signs somebody in who gave the right password before, with a code of their app or a recovery code. Each is taken once.
/// Answers with the session.
///
/// # Errors
/// For a wrong code, after too many of those, or [`AppError::SignInAgain`] when it has to be begun anew.
pub async fn finish_sign_in(tools: &Tools, token: &Token, code: &str, visitor: &Visitor) -> Result<Token, Failure> {
    let (hash, now) = (token.hash(Purpose::SecondStep), tools.now());
    let mut conn = tools.db.read().await?;
    let user = queries::two_factor::find_second_step(&mut conn, hash, MAX_TRIES, now).await?;
    let user = user.ok_or(AppError::SignInAgain)?;
    let person = queries::email::find(&mut conn, user).await?.ok_or(AppError::SignInAgain)?;
    drop(conn);
    slow_down(tools, &person.email, visitor).await?;
    // The try counts before it is made, whatever becomes of it.
    let mut conn = tools.db.write().await?;
    let tries = queries::two_factor::count_try(&mut conn, hash, MAX_TRIES, now).await?;
    drop(conn);
    let tries = tries.ok_or(AppError::SignInAgain)?;
    let mut tx = tools.db.begin().await?;
    // A new password that comes meanwhile waits until this is done, and ends what it made; one that was there before has
    // ended what waits for the code.
    queries::hold_hash(&mut tx, user).await?;
    let Some(taken) = take_code(tools, &mut tx, user, code).await? else {
        tx.rollback().await?;
        tracing::info!(peer = %visitor.peer, "a code was refused");
        return Err(refuse_code(tools, user, tries).await?.into());
    };
    let wanted = queries::two_factor::delete_second_step(&mut tx, hash).await?;
    let theirs = queries::list_organizations(&mut tx, user).await?;
    // Removed from it meanwhile, they begin anew, and work for another one.
    let Some(organization) = wanted.filter(|wanted| theirs.contains(wanted)) else {
        tx.rollback().await?;
        return Err(AppError::SignInAgain.into());
    };
    let session = start_session(tools, &mut tx, user, organization, visitor).await?;
    if taken == Taken::Recovery {
        let at = At { organization, peer: visitor.peer };
        tell(tools, &mut tx, user, Notice::RecoveryCodeUsed).await?;
        record_everywhere(tools, &mut tx, user, Action::RecoveryCodeUsed, Some(at)).await?;
    }
    tx.commit().await?;
    Ok(session)
}

/// Which code was taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Taken {
    /// One of the app's.
    App,
    /// One for a lost phone.
    Recovery,
}

/// Takes a code, so that it is never taken again; `None` when it does not fit, or was taken before.
async fn take_code(tools: &Tools, tx: &mut Transaction, user: UserId, typed: &str) -> Result<Option<Taken>, Failure> {
    let found = queries::two_factor::find(tx, user).await?;
    let Some(found) = found.filter(|found| found.confirmed_at.is_some()) else { return Ok(None) };
    let now = tools.now();
    if let Some(step) = totp::matching_step(&open(tools, user, &found)?, typed, now) {
        return Ok(queries::two_factor::use_step(tx, user, step).await?.then_some(Taken::App));
    }
    let Some(code) = totp::normalize_recovery_code(typed) else { return Ok(None) };
    let used = queries::two_factor::use_recovery_code(tx, hash_of(user, &code), user, now).await?;
    Ok(used.then_some(Taken::Recovery))
}

/// What somebody is told whose code did not fit. Whoever gives the password and wrong codes, however they spread them over
/// sign-ins, knows the one and not the others: the person is told that once, and so are their organizations. Where it was
/// done from is nobody's but the log's: it was not the person.
async fn refuse_code(tools: &Tools, user: UserId, tries: i32) -> Result<AppError, Failure> {
    let mut tx = tools.db.begin().await?;
    // Of two that count at the same moment, one counts second.
    queries::hold(&mut tx, user).await?;
    let untold = queries::two_factor::count_untold_tries(&mut tx, user).await?;
    if untold.is_some_and(|tries| tries >= TOLD_AFTER) {
        queries::two_factor::set_told(&mut tx, user, tools.now()).await?;
        tell(tools, &mut tx, user, Notice::WrongCodes).await?;
        record_as(tools, &mut tx, Actor::Grantlink, user, Action::CodesRefused, None).await?;
        tx.commit().await?;
    } else {
        tx.rollback().await?;
    }
    Ok(if tries < MAX_TRIES { AppError::field("code", WRONG_CODE) } else { AppError::SignInAgain })
}

async fn slow_down(tools: &Tools, email: &str, visitor: &Visitor) -> Result<(), Failure> {
    let address = Email::parse(email)?;
    let is_known = devices::find_known(tools, &address, visitor).await?.is_some();
    tools
        .limits
        .second_step(address.lower(), visitor.peer, is_known)
        .inspect_err(|_| tracing::warn!(peer = %visitor.peer, "codes were slowed down"))?;
    Ok(())
}
