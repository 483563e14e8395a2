//! Signing up, in and out, and setting a forgotten password anew.

use super::{
    model::{Email, Member, password_rules},
    passwords, queries,
};
use crate::{
    audit,
    error::{AppError, FieldError},
    failure::Failure,
    ids::{EventId, OrganizationId, UserId},
    organizations::{
        self,
        model::{Organization, OrganizationName, Role},
    },
    secret::{ExposeSecret, Place, Purpose, Sealed, SecretString, Token},
    work::Tools,
};
use std::{net::IpAddr, time::Duration};

/// How long a session lasts.
pub const SESSION_LIFE: Duration = Duration::from_secs(30 * 86_400);

/// How long a one-time password link lasts.
pub const RESET_LIFE: Duration = Duration::from_secs(86_400);

/// Makes an organization and its owner, and signs the owner in.
///
/// # Errors
/// Every field that has to be corrected, all at once; a taken address is one of them.
pub async fn sign_up(tools: &Tools, organization: &str, email: &str, password: SecretString) -> Result<Token, Failure> {
    let name = OrganizationName::parse(organization);
    let address = Email::parse(email);
    let rules = password_rules::check(password.expose_secret(), email);
    let (name, address) = match (name, address, rules) {
        (Ok(name), Ok(address), Ok(())) => (name, address),
        (name, address, rules) => return Err(all_fields([name.err(), address.err(), rules.err()]).into()),
    };
    let password_hash = passwords::hash(password, tools.randomness.clone()).await?;
    let now = tools.now();
    let user = UserId::generate(now, &tools.randomness);
    let mut tx = tools.db.begin().await?;
    if !queries::insert_user(&mut tx, user, &address, &password_hash, now).await? {
        tx.rollback().await?;
        return Err(AppError::field("email", "This address already has an account. Sign in instead.").into());
    }
    let organization = insert_with_free_slug(tools, &mut tx, &name).await?;
    organizations::queries::insert_membership(&mut tx, organization, user, Role::Owner, now).await?;
    let event = audit::Event {
        id: EventId::generate(now, &tools.randomness),
        organization_id: organization,
        at: now,
        actor: audit::Actor::Member(user),
        action: audit::Action::OrganizationCreated,
        subject: organization.to_string(),
        detail: name.as_str(),
    };
    audit::record(&mut tx, event).await?;
    let session = start_session(tools, &mut tx, user, organization).await?;
    tx.commit().await?;
    Ok(session)
}

fn all_fields(errors: [Option<AppError>; 3]) -> AppError {
    let fields: Vec<FieldError> = errors
        .into_iter()
        .flatten()
        .flat_map(|error| match error {
            AppError::Fields(fields) => fields,
            _ => Vec::new(),
        })
        .collect();
    AppError::Fields(fields)
}

async fn insert_with_free_slug(
    tools: &Tools,
    tx: &mut crate::db::Transaction,
    name: &OrganizationName,
) -> Result<OrganizationId, Failure> {
    let now = tools.now();
    let wanted = name.slug();
    for number in 1..100 {
        let slug = if number == 1 { wanted.clone() } else { format!("{wanted}-{number}") };
        let id = OrganizationId::generate(now, &tools.randomness);
        let organization = Organization { id, slug, name: name.as_str().to_owned() };
        if organizations::queries::insert(tx, &organization, now).await? {
            return Ok(id);
        }
    }
    // A hundred organizations of one name: the next ones are told apart by chance.
    let id = OrganizationId::generate(now, &tools.randomness);
    let organization = Organization { id, slug: format!("{wanted}-{id}"), name: name.as_str().to_owned() };
    organizations::queries::insert(tx, &organization, now).await?;
    Ok(id)
}

/// Signs a person in. The same words and the same time whether the address is known or not.
///
/// # Errors
/// [`AppError::WrongCredentials`], or [`AppError::TooMany`] after too many of those (A46). A browser in which this person
/// signed in before has its own measure: strangers who guess cannot keep the owner out.
pub async fn sign_in(
    tools: &Tools,
    email: &str,
    password: SecretString,
    peer: IpAddr,
    device: Option<&str>,
) -> Result<Token, Failure> {
    let address = Email::parse(email).map_err(|_| AppError::WrongCredentials)?;
    let device = device.filter(|device| is_known_device(tools, &address, device));
    tools
        .limits
        .sign_in(address.lower(), peer, device)
        .inspect_err(|_| tracing::warn!(%peer, "sign-in slowed down"))?;
    let credentials = queries::find_credentials(&mut tools.db.read().await?, &address).await?;
    let (user, hash) = credentials.unzip();
    let fits = passwords::verify(password, hash).await?;
    let Some(user) = user.filter(|_| fits) else {
        tracing::info!(%peer, "sign-in refused");
        return Err(AppError::WrongCredentials.into());
    };
    let mut tx = tools.db.begin().await?;
    let Some(organization) = organizations::queries::first_of(&mut tx, user).await? else {
        tx.rollback().await?;
        return Err(AppError::WrongCredentials.into());
    };
    let session = start_session(tools, &mut tx, user, organization).await?;
    tx.commit().await?;
    Ok(session)
}

/// Where the secret of a known device is sealed: bound to the address, so that it opens for no other one.
fn device_place(address: &Email) -> Place<'_> {
    Place { column: "devices", organization: b"", row: address.lower().as_bytes() }
}

/// A secret for the browser in which this person has just signed in; nothing of it is stored here.
pub fn known_device(tools: &Tools, email: &str) -> Option<String> {
    let address = Email::parse(email).ok()?;
    let chance: SecretString = tools.randomness.hex::<16>().into();
    Some(tools.keys.seal(device_place(&address), &chance, &tools.randomness).to_text())
}

fn is_known_device(tools: &Tools, address: &Email, device: &str) -> bool {
    Sealed::from_text(device).is_some_and(|sealed| tools.keys.open(device_place(address), &sealed).is_some())
}

/// A fresh token each time: whatever a browser carried before is worth nothing after (A42).
async fn start_session(
    tools: &Tools,
    tx: &mut crate::db::Transaction,
    user: UserId,
    organization: OrganizationId,
) -> Result<Token, Failure> {
    let now = tools.now();
    let token = Token::generate(&tools.randomness);
    let hash = token.hash(Purpose::Session);
    queries::insert_session(tx, hash, user, organization, now, now.plus(SESSION_LIFE)).await?;
    Ok(token)
}

/// The member behind a session cookie, if it is still good.
///
/// # Errors
/// When the database does not answer.
pub async fn find_member(tools: &Tools, token: &Token) -> Result<Option<Member>, Failure> {
    queries::find_member(&mut tools.db.read().await?, token.hash(Purpose::Session), tools.now()).await
}

/// Ends a session for good: replaying its cookie finds nothing (A43).
///
/// # Errors
/// When the database does not answer.
pub async fn sign_out(tools: &Tools, token: &Token) -> Result<(), Failure> {
    queries::delete_session(&mut tools.db.write().await?, token.hash(Purpose::Session)).await
}

/// Makes a one-time link for a person who forgot the password; the operator passes it on.
///
/// # Errors
/// [`AppError::NotFound`] when nobody has this address.
pub async fn request_reset(tools: &Tools, email: &str) -> Result<Token, Failure> {
    let address = Email::parse(email)?;
    let now = tools.now();
    let mut tx = tools.db.begin().await?;
    let Some((user, _)) = queries::find_credentials(&mut tx, &address).await? else {
        tx.rollback().await?;
        return Err(AppError::NotFound.into());
    };
    let token = Token::generate(&tools.randomness);
    queries::insert_reset(&mut tx, token.hash(Purpose::PasswordReset), user, now, now.plus(RESET_LIFE)).await?;
    tx.commit().await?;
    Ok(token)
}

/// Whether a one-time link would still set a password.
///
/// # Errors
/// When the database does not answer.
pub async fn reset_is_live(tools: &Tools, token: &Token) -> Result<bool, Failure> {
    queries::reset_is_live(&mut tools.db.read().await?, token.hash(Purpose::PasswordReset), tools.now()).await
}

/// Sets a new password through a one-time link. All sessions and all such links of that person end (A42, A44).
///
/// # Errors
/// The rule the password breaks, or [`AppError::NotFound`] when the link is dead.
pub async fn reset_password(tools: &Tools, token: &Token, password: SecretString) -> Result<(), Failure> {
    // A dead link costs a read; hashing is for those who hold a live one.
    if !reset_is_live(tools, token).await? {
        return Err(AppError::NotFound.into());
    }
    password_rules::check(password.expose_secret(), "")?;
    let now = tools.now();
    let password_hash = passwords::hash(password, tools.randomness.clone()).await?;
    let mut tx = tools.db.begin().await?;
    let Some((user, _)) = queries::use_reset(&mut tx, token.hash(Purpose::PasswordReset), now).await? else {
        tx.rollback().await?;
        return Err(AppError::NotFound.into());
    };
    queries::set_password(&mut tx, user, &password_hash).await?;
    queries::delete_sessions_of(&mut tx, user).await?;
    queries::delete_resets_of(&mut tx, user).await?;
    tx.commit().await
}

/// Forgets sessions and one-time links that ran out.
///
/// # Errors
/// When the database does not answer.
pub async fn forget_expired(tools: &Tools) -> Result<(), Failure> {
    queries::delete_expired(&mut tools.db.write().await?, tools.now()).await
}
