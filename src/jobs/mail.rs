//! The mails to members. What each says is looked up when it goes out, and one that is not true any more does not go out
//! at all (U29). A job is finished after its mail left: should the server die in between, the mail goes out once more,
//! with the same Message-ID (F06). Warnings are reminders: whoever gets one may stop them (U27). What was meant for a
//! member who has left goes to an owner.

use super::post;
use crate::{
    accounts::{self, queries::MailFacts},
    collection,
    email::{
        Mail, Message,
        messages::{
            Collecting, ExpiresSoon, NeedsReconnection, collecting as say_collecting, expires_soon as say_expires_soon,
            needs_reconnection as say_needs_reconnection,
        },
    },
    failure::{Failure, step},
    ids::{AccountId, UserId},
    organizations, paths,
    queue::{self, Claim, Trouble},
    token_death::TokenDeath,
    work::Tools,
};
use url::Url;

/// In microseconds.
const DAY: i64 = 86_400_000_000;

/// "@handle is connected and collecting" (T18).
pub(super) async fn collecting(tools: &Tools, claim: &Claim, account: AccountId, to: UserId) -> Result<(), Trouble> {
    let Some((_, facts)) = find(tools, account, to).await?.filter(|(_, facts)| facts.death.is_none()) else {
        return post::finish(tools, claim).await;
    };
    let posts = collection::queries::count(&mut tools.db.read().await?, account).await?;
    let account_url = post::address(tools, &paths::account(account))?;
    let message = say_collecting(&Collecting {
        handle: &facts.username,
        organization: &facts.organization,
        requested_by: None,
        posts_collected: u64::try_from(posts).unwrap_or(0),
        account_url: &account_url,
        support: tools.support_email.as_deref(),
    });
    send(tools, claim, &facts, message, None).await
}

/// "@handle has to be connected again" (T25).
pub(super) async fn needs_reconnection(
    tools: &Tools,
    claim: &Claim,
    account: AccountId,
    to: UserId,
) -> Result<(), Trouble> {
    let facts = find(tools, account, to).await?;
    let dead = facts.and_then(|(_, facts)| Some((TokenDeath::parse(facts.death.as_deref()?)?, facts)));
    let Some((reason, facts)) = dead else { return post::finish(tools, claim).await };
    let account_url = post::address(tools, &paths::account(account))?;
    let message = say_needs_reconnection(&NeedsReconnection {
        handle: &facts.username,
        organization: &facts.organization,
        reason: reason.sentence(),
        account_url: &account_url,
        support: tools.support_email.as_deref(),
    });
    send(tools, claim, &facts, message, None).await
}

/// "@handle will stop collecting in n days", because renewing the access fails. The one reminder among the mails. The
/// address that stops it is sealed anew whenever it goes out, so of a repetition only the Message-ID is the same.
pub(super) async fn ends_soon(
    tools: &Tools,
    claim: &Claim,
    account: AccountId,
    to: UserId,
    days: i32,
) -> Result<(), Trouble> {
    let still_ends = |facts: &MailFacts| facts.death.is_none() && facts.warned_days == Some(days);
    let found = find(tools, account, to).await?;
    let Some((to, facts)) = found.filter(|(_, facts)| still_ends(facts)) else {
        return post::finish(tools, claim).await;
    };
    let reminded = organizations::queries::find_reminded(&mut tools.db.read().await?, account, to).await?;
    let Some(organization) = reminded else { return post::finish(tools, claim).await };
    let stop_url = post::address(tools, &organizations::service::reminders_path(tools, organization, to))?;
    let account_url = post::address(tools, &paths::account(account))?;
    let left = facts.token_expires_at.map_or(0, |end| end.as_micros() - tools.now().as_micros());
    let days_left = u32::try_from((left + DAY - 1).div_euclid(DAY)).unwrap_or(0);
    let why = facts.renewal_trouble.as_deref().map(accounts::service::trouble::words);
    let message = say_expires_soon(&ExpiresSoon {
        handle: &facts.username,
        organization: &facts.organization,
        days: days_left,
        last_error: why.as_deref(),
        account_url: &account_url,
        support: tools.support_email.as_deref(),
    });
    send(tools, claim, &facts, message, Some(stop_url)).await
}

/// Whom to write to, and what: an owner, when the member has left.
async fn find(tools: &Tools, account: AccountId, to: UserId) -> Result<Option<(UserId, MailFacts)>, Failure> {
    let mut conn = tools.db.read().await?;
    if let Some(facts) = accounts::queries::find_mail_facts(&mut conn, account, to).await? {
        return Ok(Some((to, facts)));
    }
    let Some(owner) = accounts::queries::find_owner(&mut conn, account).await? else { return Ok(None) };
    let facts = accounts::queries::find_mail_facts(&mut conn, account, owner).await?;
    Ok(facts.map(|facts| (owner, facts)))
}

/// `unsubscribe`: where the member stops mails of this kind, for reminders.
async fn send(
    tools: &Tools,
    claim: &Claim,
    facts: &MailFacts,
    message: Message,
    unsubscribe: Option<Url>,
) -> Result<(), Trouble> {
    let mail = post::mail(claim, &facts.email, message, claim.id.to_string())?;
    step("mail::before_send")?;
    post::send(tools, &Mail { unsubscribe, ..mail }).await?;
    step("mail::after_send")?;
    post::finish(tools, claim).await?;
    // What could not be delivered before is old news.
    if let Some(account) = claim.job.ends_with_account() {
        queue::forget_dead_mails(&mut tools.db.write().await?, account).await?;
    }
    Ok(())
}
