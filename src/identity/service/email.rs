//! Whose an address is: the link in a mail that shows it, and changing to another one. An address that is asked for
//! replaces the old one only when its own mailbox has answered, in a browser that is signed in as the person: a mail to
//! a mistyped address gives nobody an account.

use super::{
    super::{
        model::{Email, Member},
        queries,
    },
    At, Visitor, ask_again, mail_soon, must_still_fit, record_everywhere, tell, tell_at,
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

/// How long the link in a mail lasts.
const LIFE: Duration = Duration::from_secs(7 * 86_400);

/// What a mail that asks about an address says.
#[derive(Debug)]
pub struct Confirmation {
    /// Where it goes.
    pub email: String,
    /// The token of its link.
    pub token: Token,
    /// Whether it is another address than the person has.
    pub is_change: bool,
}

/// Makes the link of the mail that asks a person about their address, or about the one they want; `None` when nothing
/// has to be asked any more, or somebody else has that address.
///
/// # Errors
/// When the database does not answer.
pub async fn prepare_confirmation(tools: &Tools, user: UserId) -> Result<Option<Confirmation>, Failure> {
    let now = tools.now();
    let mut tx = tools.db.begin().await?;
    let found = queries::email::find(&mut tx, user).await?;
    let wanted = found.and_then(|person| match person.pending_email {
        Some(pending) => Some((pending, true)),
        None => person.verified_at.is_none().then_some((person.email, false)),
    });
    let Some((text, is_change)) = wanted else {
        tx.rollback().await?;
        return Ok(None);
    };
    let email = Email::parse(&text)?;
    let owner = queries::email::find_user(&mut tx, email.lower()).await?;
    if is_change && owner.is_some() {
        tx.rollback().await?;
        return Ok(None);
    }
    let token = Token::generate(&tools.randomness);
    let hash = token.hash(Purpose::EmailConfirmation);
    queries::email::insert_confirmation(&mut tx, hash, user, &email, now, now.plus(LIFE)).await?;
    tx.commit().await?;
    Ok(Some(Confirmation { email: text, token, is_change }))
}

/// What a link is about.
#[derive(Debug)]
pub struct FoundConfirmation {
    /// Whose it is.
    pub user: UserId,
    /// The address it asks about.
    pub email: String,
    /// The address that it would replace; `None` when it is the one they have.
    pub replaces: Option<String>,
}

/// What a link is about, while it would still be taken. Reading changes nothing: scanners open the links in a mail before
/// people do.
///
/// # Errors
/// When the database does not answer.
pub async fn find_confirmation(tools: &Tools, token: &Token) -> Result<Option<FoundConfirmation>, Failure> {
    let hash = token.hash(Purpose::EmailConfirmation);
    let mut conn = tools.db.read().await?;
    let Some((user, email)) = queries::email::find_confirmation(&mut conn, hash, tools.now()).await? else {
        return Ok(None);
    };
    let Some(person) = queries::email::find(&mut conn, user).await? else { return Ok(None) };
    let replaces = (person.email_lower != email).then_some(person.email);
    Ok(Some(FoundConfirmation { user, email, replaces }))
}

/// Notes that an address belongs to whoever has this link and is signed in as the person it was made for: the mailbox
/// alone may be that of somebody whose address was mistyped, or taken in vain. Links for new passwords that went to an old
/// address end then, and that address is told.
///
/// # Errors
/// [`AppError::NotFound`] when the link is dead, [`AppError::SignInNeeded`] as said, and a sentence when somebody else has
/// got the address meanwhile.
pub async fn confirm_email(
    tools: &Tools,
    token: &Token,
    signed_in: Option<&Member>,
    peer: IpAddr,
) -> Result<(), Failure> {
    let mut tx = tools.db.begin().await?;
    let confirmed = confirm(tools, &mut tx, token, signed_in, peer).await;
    tx.settle(confirmed).await
}

async fn confirm(
    tools: &Tools,
    tx: &mut Transaction,
    token: &Token,
    signed_in: Option<&Member>,
    peer: IpAddr,
) -> Result<(), Failure> {
    let (hash, now) = (token.hash(Purpose::EmailConfirmation), tools.now());
    let found = queries::email::find_confirmation(tx, hash, now).await?;
    let (user, email_lower) = found.ok_or(AppError::NotFound)?;
    let member = signed_in.filter(|member| member.user_id == user).ok_or(AppError::SignInNeeded)?;
    queries::hold(tx, user).await?;
    if !queries::email::use_confirmation(tx, hash, now).await? {
        return Err(AppError::NotFound.into());
    }
    let person = queries::email::find(tx, user).await?.ok_or(AppError::NotFound)?;
    let action = if person.email_lower == email_lower {
        queries::members::verify_email(tx, user, &Email::parse(&email_lower)?, now).await?;
        Action::EmailConfirmed
    } else {
        let wanted = person.pending_email.as_deref().and_then(|pending| Email::parse(pending).ok());
        let wanted = wanted.filter(|wanted| wanted.lower() == email_lower).ok_or(AppError::NotFound)?;
        if !queries::email::take(tx, user, &wanted, now).await? {
            return Err(AppError::field("email", "This address belongs to another account by now.").into());
        }
        queries::delete_resets_of(tx, user).await?;
        queries::email::delete_confirmations_of(tx, user).await?;
        tell_at(tools, tx, user, Notice::EmailChanged, &person.email).await?;
        Action::EmailChanged
    };
    record_everywhere(tools, tx, user, action, Some(At::of(member, peer))).await
}

/// Has the mail that asks a person about their address sent once more.
///
/// # Errors
/// After too many of those.
pub async fn ask_for_confirmation(tools: &Tools, member: &Member) -> Result<(), Failure> {
    tools.limits.own_mail(member.user_id)?;
    let mut tx = tools.db.begin().await?;
    mail_soon(tools, &mut tx, Job::MailConfirmEmail { to: member.user_id }).await?;
    tx.commit().await
}

/// Notes the address somebody wants instead of theirs (A50), and tells the old one. Whether another person has it is not
/// said: then no mail goes there.
///
/// # Errors
/// When it cannot be an address or is theirs already, for a wrong password, or after too many mails or passwords.
pub async fn change_email(
    tools: &Tools,
    member: &Member,
    email: &str,
    password: SecretString,
    visitor: &Visitor,
) -> Result<(), Failure> {
    let user = member.user_id;
    let wanted = Email::parse(email)?;
    if wanted.lower() == Email::parse(&member.email)?.lower() {
        return Err(AppError::field("email", "This is your address already.").into());
    }
    let hash = ask_again(tools, member, password, "email_password", visitor).await?;
    tools.limits.own_mail(user)?;
    let mut tx = tools.db.begin().await?;
    let asked = want_email(tools, &mut tx, user, &wanted, &hash).await;
    tx.settle(asked).await
}

async fn want_email(
    tools: &Tools,
    tx: &mut Transaction,
    user: UserId,
    wanted: &Email,
    password_hash: &str,
) -> Result<(), Failure> {
    queries::hold(tx, user).await?;
    must_still_fit(tx, user, password_hash).await?;
    queries::email::set_pending(tx, user, Some(wanted)).await?;
    queries::email::delete_confirmations_of(tx, user).await?;
    mail_soon(tools, tx, Job::MailConfirmEmail { to: user }).await?;
    tell(tools, tx, user, Notice::EmailChangeAsked).await
}

/// Forgets the address somebody wanted instead of theirs.
///
/// # Errors
/// When the database refuses.
pub async fn keep_email(tools: &Tools, member: &Member) -> Result<(), Failure> {
    let mut tx = tools.db.begin().await?;
    queries::email::set_pending(&mut tx, member.user_id, None).await?;
    queries::email::delete_confirmations_of(&mut tx, member.user_id).await?;
    tx.commit().await
}
