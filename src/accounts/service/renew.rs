//! Keeping the access to an account alive: its token is renewed from its seventh day on, and a member is warned before
//! it ends when that keeps failing. One account's trouble is its own (F20).

use super::{death, open_token, store::renewal_due_at, trouble};
use crate::{
    accounts::queries::{self, token::LiveAccess},
    db::Conn,
    failure::{Failure, step},
    ids::{AccountId, UserId},
    instagram::ProviderError,
    live::Change,
    organizations::{
        self,
        model::{Permission, Role},
    },
    queue::{self, Claim, Job, Trouble},
    timestamp::Timestamp,
    token_death::TokenDeath,
    work::Tools,
};
use std::time::Duration;

/// Instagram renews no younger token.
const YOUNGEST: Duration = Duration::from_secs(86_400);
/// Between two tries while renewing fails: 53 days are left for the first success.
const PAUSE: Duration = Duration::from_secs(3_600);
/// How many days before the end a member is warned, if nothing else helps.
const WARN_AT_DAYS: [i32; 2] = [7, 1];

/// Renews the access to an account, if it is time; otherwise sees to it that it will be.
///
/// # Errors
/// When the database refuses.
pub async fn renew(tools: &Tools, claim: &Claim, account: AccountId) -> Result<(), Trouble> {
    let now = tools.now();
    let Some(access) = queries::token::find(&mut tools.db.read().await?, account).await? else {
        queue::finish(&mut tools.db.write().await?, claim).await?;
        return Ok(());
    };
    if access.expires_at <= now {
        return Ok(death::mark_dead(tools, claim, &access, TokenDeath::Expired).await?);
    }
    let due_at = access.renewal_due_at.unwrap_or(now).max(access.issued_at.plus(YOUNGEST));
    if due_at > now {
        queue::restart(&mut tools.db.write().await?, claim, due_at).await?;
        return Ok(());
    }
    let token = open_token(tools, &access)?;
    match tools.instagram.refresh(&token).await {
        Ok(fresh) => {
            let next = renewal_due_at(tools, now);
            let sealed = super::with_place(access.organization_id, &access.instagram_id, |place| {
                tools.keys.seal(place, &fresh.token, &tools.randomness)
            });
            step("renew::before_commit")?;
            let mut tx = tools.db.begin().await?;
            let renewed =
                queries::token::renew(&mut tx, &access, &sealed, now, now.plus(fresh.expires_in), next).await?;
            // Connected again meanwhile: that token is younger still.
            if !renewed || !queue::restart(&mut tx, claim, next).await? {
                tx.rollback().await?;
                return Err(Trouble::Later(PAUSE, "the account was connected again meanwhile".into()));
            }
            tx.commit().await?;
            tools.live.tell(access.organization_id, Change::Accounts);
            Ok(())
        }
        Err(error) => match death::verdict(tools, &token, error).await {
            Ok(reason) => Ok(death::mark_dead(tools, claim, &access, reason).await?),
            Err(error) => Ok(put_off(tools, claim, &access, &error).await?),
        },
    }
}

/// Notes why renewing failed, tries again later, and warns a member when the end is near.
async fn put_off(tools: &Tools, claim: &Claim, access: &LiveAccess, error: &ProviderError) -> Result<(), Failure> {
    tracing::warn!(account = %access.id, %error, "an account's access could not be renewed");
    let now = tools.now();
    let asked = match error {
        ProviderError::RateLimited(Some(seconds)) => Duration::from_secs(*seconds),
        _ => PAUSE,
    };
    // Not after the end: that has to be noticed when it comes.
    let next = now.plus(queue::jittered(&tools.randomness, asked.max(PAUSE))).min(access.expires_at);
    let mut tx = tools.db.begin().await?;
    // The account before the job, as everywhere.
    queries::token::note_trouble(&mut tx, access, trouble::code(error), next).await?;
    if !queue::restart(&mut tx, claim, next).await? {
        return tx.rollback().await;
    }
    if let Some(days) = days_to_warn_at(now, access.expires_at)
        // Noted only when it is sent to somebody: turned on again in time, the warning still comes.
        && let Some(to) = find_who_to_warn(&mut tx, access.id).await?
        && queries::token::note_warning(&mut tx, access, days).await?
    {
        let job = Job::MailEndsSoon { account: access.id, to, days };
        queue::enqueue(&mut tx, &tools.randomness, access.organization_id, &job, now, now).await?;
    }
    tx.commit().await?;
    tools.live.tell(access.organization_id, Change::Accounts);
    Ok(())
}

/// Whom a warning goes to: who gets the other mails about the account or, when they have stopped reminders, another
/// member who wants them and may do something about it, an owner first. What was stopped by mistake, or by somebody to
/// whom a reminder was passed on, leaves no account to end unnoticed.
async fn find_who_to_warn(conn: &mut Conn, account: AccountId) -> Result<Option<UserId>, Failure> {
    let first = queries::find_who_to_tell(conn, account).await?;
    let reminded = organizations::queries::list_reminded(conn, account).await?;
    let chosen = reminded
        .into_iter()
        .filter(|(user, role)| Some(*user) == first || role.may(Permission::ShareLinks))
        .min_by_key(|(user, role)| (Some(*user) != first, *role != Role::Owner));
    Ok(chosen.map(|(user, _)| user))
}

/// The warning that is due when so much time is left.
fn days_to_warn_at(now: Timestamp, expires_at: Timestamp) -> Option<i32> {
    let left = expires_at.as_micros() - now.as_micros();
    WARN_AT_DAYS.into_iter().filter(|days| left <= i64::from(*days) * 86_400_000_000).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_warned_seven_days_and_one_day_before_the_end() {
        let now = Timestamp::from_micros(0);
        let hours = |hours: i64| Timestamp::from_micros(hours * 3_600_000_000);
        assert_eq!(days_to_warn_at(now, hours(7 * 24 + 1)), None);
        assert_eq!(days_to_warn_at(now, hours(7 * 24)), Some(7));
        assert_eq!(days_to_warn_at(now, hours(25)), Some(7));
        assert_eq!(days_to_warn_at(now, hours(24)), Some(1));
    }
}
