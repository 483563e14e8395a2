//! Walking through an account's posts, page by page, newest first. Once a day through all of them, so that edited and
//! deleted posts are followed; in between only until a page brings nothing new. Each page is one transaction that also
//! saves the place, so a walk that is cut off goes on there, and each post is stored once (F52).

use super::super::queries::{self, Collection};
use crate::{
    accounts::{self, queries::token::LiveAccess},
    db::Conn,
    failure::{Failure, step},
    ids::{AccountId, PostId},
    instagram::{MediaPage, ProviderError},
    live::Change,
    queue::{self, Claim, Job, Trouble},
    timestamp::Timestamp,
    work::Tools,
};
use std::{collections::HashSet, time::Duration};

/// Between two collections of an account.
const PAUSE: Duration = Duration::from_secs(3_600);
/// All posts are compared when that was so long ago.
const FULL_EVERY: Duration = Duration::from_secs(86_400);
/// Pages of one turn; then it is another account's.
const PAGES_A_TURN: usize = 20;
/// Above this share of the allowance, in percent, nothing more is asked for a while.
const USAGE_LIMIT: u32 = 80;
/// The wait when Instagram limits the rate and does not say for how long.
const LIMITED_PAUSE: Duration = Duration::from_secs(15 * 60);
/// The wait after the first failure; it doubles with each further one, up to two hours.
const FIRST_PAUSE: Duration = Duration::from_secs(60);
/// So often an answer that cannot be right is asked for again before it is taken as it is, or the walk begun anew.
const PATIENCE: i32 = 3;

/// What a walk is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Walk {
    /// To meet every post; what was not met is gone.
    Full,
    /// The same after some could not be read: nothing is taken for gone.
    Patchy,
    /// To find what is new.
    Newest,
}

impl Walk {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Patchy => "patchy",
            Self::Newest => "newest",
        }
    }
}

/// What one page led to.
enum Step {
    /// Go on with the page at this place, in this manner.
    On(Walk, String),
    /// The walk is at its end.
    Done,
    /// The answer cannot be right.
    Doubtful,
    /// Somebody else took the job.
    Lost,
}

/// Collects what is new at an account, if it is time.
///
/// # Errors
/// When Instagram or the database refuses.
pub async fn collect(tools: &Tools, claim: &Claim, account: AccountId) -> Result<(), Trouble> {
    let found = accounts::service::find_access(tools, account).await?;
    let state = queries::find(&mut tools.db.read().await?, account).await?;
    let (Some((access, token)), Some(state)) = (found, state) else {
        queue::finish(&mut tools.db.write().await?, claim).await?;
        return Ok(());
    };
    let now = tools.now();
    if state.due_at > now {
        queue::restart(&mut tools.db.write().await?, claim, state.due_at).await?;
        return Ok(());
    }
    let (mut walk, run, mut cursor) = begin_or_go_on(&state, now);
    if walk == Walk::Full && cursor.is_none() && state.last_full_at.is_some() {
        // Once a day: an account may call itself something else by now (A24). When this fails, so does what follows.
        if let Ok(profile) = tools.instagram.profile(&token).await {
            accounts::service::note_profile(tools, &access, &profile).await?;
        }
    }
    for _ in 0..PAGES_A_TURN {
        let page = match tools.instagram.media(&token, cursor.as_deref()).await {
            Ok(page) => page,
            Err(error) => {
                return match accounts::service::verdict(tools, &token, error).await {
                    Ok(reason) => Ok(accounts::service::mark_dead(tools, claim, &access, reason).await?),
                    Err(error) => put_off(tools, claim, &access, &error).await,
                };
            }
        };
        let pause = pause_after(&page);
        let step = take(tools, claim, &access, walk, run, cursor.as_deref(), page).await?;
        tools.live.tell(access.organization_id, Change::Accounts);
        match step {
            Step::On(manner, next) => (walk, cursor) = (manner, Some(next)),
            Step::Done => return Ok(()),
            Step::Lost => return Ok(()),
            Step::Doubtful => {
                let mut conn = tools.db.write().await?;
                if claim.failures >= PATIENCE {
                    queries::save_walk(&mut conn, account, run, None, None).await?;
                }
                let why = "Instagram answered with a page that was there before".to_owned();
                return Err(Trouble::Later(doubled(claim.failures), why));
            }
        }
        if let Some(pause) = pause {
            let due_at = tools.now().plus(queue::jittered(&tools.randomness, pause));
            queue::restart(&mut tools.db.write().await?, claim, due_at).await?;
            return Ok(());
        }
        if tools.stopping.is_cancelled() {
            break;
        }
    }
    // The rest in another turn.
    queue::restart(&mut tools.db.write().await?, claim, tools.now()).await?;
    Ok(())
}

fn begin_or_go_on(state: &Collection, now: Timestamp) -> (Walk, i32, Option<String>) {
    match state.walk.as_deref() {
        Some("full") => (Walk::Full, state.run, state.cursor.clone()),
        Some("patchy") => (Walk::Patchy, state.run, state.cursor.clone()),
        Some(_) => (Walk::Newest, state.run, state.cursor.clone()),
        None => {
            let is_recent = state.last_full_at.is_some_and(|at| at.plus(FULL_EVERY) > now);
            (if is_recent { Walk::Newest } else { Walk::Full }, state.run.wrapping_add(1), None)
        }
    }
}

/// Stores a page and the place after it, in one transaction.
async fn take(
    tools: &Tools,
    claim: &Claim,
    access: &LiveAccess,
    walk: Walk,
    run: i32,
    asked: Option<&str>,
    page: MediaPage,
) -> Result<Step, Failure> {
    let account = access.id;
    let now = tools.now();
    let walk = if page.skipped > 0 && walk == Walk::Full { Walk::Patchy } else { walk };
    if page.after.is_some() && page.after.as_deref() == asked {
        return Ok(Step::Doubtful);
    }
    let mut tx = tools.db.begin().await?;
    // The account before the job, as everywhere. What comes after it was disconnected, or died, is not kept (T27).
    let stands = accounts::queries::token::is_current(&mut tx, access).await?;
    if !stands || !queue::hold(&mut tx, claim, now).await? {
        tx.rollback().await?;
        queue::restart(&mut tools.db.write().await?, claim, now).await?;
        return Ok(Step::Lost);
    }
    let ids: Vec<&str> = page.posts.iter().map(|media| media.instagram_id.as_str()).collect();
    let known = queries::runs_of(&mut tx, account, &ids).await?;
    let met = known.iter().filter(|(_, met_in)| *met_in == run).count();
    let is_loop = !ids.is_empty() && met == ids.iter().collect::<HashSet<_>>().len();
    if is_loop && page.after.is_some() && claim.failures < PATIENCE {
        tx.rollback().await?;
        return Ok(Step::Doubtful);
    }
    for media in &page.posts {
        let id = PostId::generate(now, &tools.randomness);
        queries::upsert(&mut tx, id, account, media, run, now).await?;
    }
    if !ids.is_empty() {
        let job = Job::CopyPictures { account };
        queue::enqueue(&mut tx, &tools.randomness, access.organization_id, &job, now, now).await?;
    }
    let nothing_new = known.len() == ids.iter().collect::<HashSet<_>>().len();
    let next = page.after.filter(|_| !(nothing_new && walk == Walk::Newest));
    if let Some(next) = next {
        queries::save_walk(&mut tx, account, run, Some(walk.as_str()), Some(&next)).await?;
        step("collect::before_commit")?;
        tx.commit().await?;
        return Ok(Step::On(walk, next));
    }
    let mut gone = 0;
    if walk == Walk::Full {
        // An answer without any post, where there were some, is more likely a fault than a farewell.
        if asked.is_none() && ids.is_empty() && claim.failures < PATIENCE && queries::count(&mut tx, account).await? > 0
        {
            tx.rollback().await?;
            return Ok(Step::Doubtful);
        }
        gone = queries::delete_unmet(&mut tx, account, run).await?;
    }
    if gone > 0 {
        // Their pictures lie outside of this transaction: a job deletes them, whoever dies in between. One that is at
        // work already may have looked too early.
        let job = Job::ForgetPosts { account };
        queue::enqueue(&mut tx, &tools.randomness, access.organization_id, &job, now, now).await?;
        queue::reset(&mut tx, &job, now).await?;
    }
    if !finish(tools, &mut tx, claim, access, walk, run).await? {
        tx.rollback().await?;
        return Ok(Step::Lost);
    }
    step("collect::before_commit")?;
    tx.commit().await?;
    if gone > 0 {
        tracing::info!(%account, gone, "posts that are gone at Instagram were deleted");
    }
    Ok(Step::Done)
}

/// Ends a walk: the next one is planned, and who waits for the first success is told once (T19).
async fn finish(
    tools: &Tools,
    conn: &mut Conn,
    claim: &Claim,
    access: &LiveAccess,
    walk: Walk,
    run: i32,
) -> Result<bool, Failure> {
    let (account, organization, now) = (access.id, access.organization_id, tools.now());
    let due_at = now.plus(queue::jittered(&tools.randomness, PAUSE));
    queries::save_walk(conn, account, run, None, None).await?;
    queries::succeed(conn, account, walk != Walk::Newest, now, due_at).await?;
    if let Some(to) = queries::take_tell(conn, account).await? {
        let job = Job::MailCollecting { account, to };
        queue::enqueue(conn, &tools.randomness, organization, &job, now, now).await?;
    }
    queue::restart(conn, claim, due_at).await
}

/// Notes why collecting failed, and tries again later; however long Instagram is away, the job is not given up.
async fn put_off(tools: &Tools, claim: &Claim, access: &LiveAccess, error: &ProviderError) -> Result<(), Trouble> {
    let account = access.id;
    tracing::warn!(%account, %error, "an account's posts could not be collected");
    let pause = match error {
        ProviderError::RateLimited(seconds) => {
            seconds.map_or(LIMITED_PAUSE, |seconds| Duration::from_secs(seconds).max(FIRST_PAUSE))
        }
        _ => doubled(claim.failures),
    };
    let now = tools.now();
    let mut tx = tools.db.begin().await?;
    let stands = accounts::queries::token::is_current(&mut tx, access).await?;
    if !stands || !queue::hold(&mut tx, claim, now).await? {
        // It was connected again meanwhile; what Instagram said of the old token is no news.
        tx.rollback().await?;
        queue::restart(&mut tools.db.write().await?, claim, now).await?;
        return Ok(());
    }
    queries::note_trouble(&mut tx, account, accounts::service::trouble::code(error), now.plus(pause)).await?;
    tx.commit().await?;
    tools.live.tell(access.organization_id, Change::Accounts);
    Err(Trouble::Later(pause, error.to_string()))
}

fn doubled(failures: i32) -> Duration {
    FIRST_PAUSE * (1 << u32::try_from(failures.saturating_sub(1)).unwrap_or(0).min(7))
}

/// How long to leave Instagram alone after this answer, if at all.
fn pause_after(page: &MediaPage) -> Option<Duration> {
    match (page.pause, page.usage) {
        (Some(pause), _) => Some(pause.max(FIRST_PAUSE)),
        (None, Some(usage)) if usage >= USAGE_LIMIT => Some(PAUSE),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_again_and_again_is_asked_for_more_and_more_rarely() {
        let minutes: Vec<u64> = [1, 2, 3, 8, 22].map(|failures| doubled(failures).as_secs() / 60).to_vec();
        assert_eq!(minutes, [1, 2, 4, 128, 128]);
    }
}
