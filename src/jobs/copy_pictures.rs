//! Copies the pictures of collected posts, some at a time, while Instagram still shows them. None holds up another: one
//! that fails waits behind those that failed less often, and one that cannot be had is left until the next look at its
//! post brings its address anew.

use crate::{
    accounts,
    collection::{self, queries::WaitingPicture},
    failure::Failure,
    ids::{AccountId, PostId},
    instagram::ProviderError,
    live::Change,
    media,
    queue::{self, Claim, Trouble},
    work::Tools,
};
use std::time::Duration;
use url::Url;

/// Pictures of one turn; then it is another account's.
const PICTURES_A_TURN: usize = 40;
/// No picture is begun later than this in a turn, so that the turn is over before its job has taken too long.
const TURN: Duration = Duration::from_secs(60);
/// So many failures in a row are no fault of the pictures: Instagram's picture servers are away.
const AWAY_AFTER: usize = 3;
/// After so many failures a picture's address is given up.
const TRIES: i32 = 3;
/// The wait when Instagram's picture servers are away, and before what failed is tried again.
const PAUSE: Duration = Duration::from_secs(10 * 60);

/// How a turn ended.
enum End {
    /// There may be more to copy right now.
    More,
    /// What is left has failed, and is tried again after a pause.
    SomeFailed,
    /// Instagram is left alone for this time.
    Away(Duration, ProviderError),
    /// Somebody else took the job.
    Lost,
}

/// Copies some of the account's pictures that are not here yet.
///
/// # Errors
/// When the store of pictures or the database refuses, or Instagram's servers cannot be reached.
pub(super) async fn perform(tools: &Tools, claim: &Claim, account: AccountId) -> Result<(), Trouble> {
    let limit = i64::try_from(PICTURES_A_TURN).unwrap_or(i64::MAX);
    let mut conn = tools.db.read().await?;
    let alive = accounts::queries::token::find(&mut conn, account).await?;
    let waiting = match alive {
        Some(_) => collection::queries::list_without_picture(&mut conn, account, limit).await?,
        None => Vec::new(),
    };
    drop(conn);
    let Some(access) = alive.filter(|_| !waiting.is_empty()) else {
        return Ok(finish(tools, claim, account).await?);
    };
    let mut copied = 0;
    let end = copy(tools, claim, account, waiting, &mut copied).await;
    if copied > 0 {
        tools.live.tell(access.organization_id, Change::Accounts);
    }
    let pause = match end? {
        End::Lost => return Ok(()),
        End::Away(pause, error) => return Err(Trouble::Later(pause, error.to_string())),
        End::More => Duration::ZERO,
        End::SomeFailed => queue::jittered(&tools.randomness, PAUSE),
    };
    queue::restart(&mut tools.db.write().await?, claim, tools.now().plus(pause)).await?;
    Ok(())
}

/// Copies these pictures one after the other, and counts those that are here then, however it ends.
async fn copy(
    tools: &Tools,
    claim: &Claim,
    account: AccountId,
    waiting: Vec<WaitingPicture>,
    copied: &mut usize,
) -> Result<End, Failure> {
    let until = tools.now().plus(TURN);
    let may_be_more = waiting.len() == PICTURES_A_TURN;
    let (mut some_failed, mut in_a_row) = (false, 0);
    for WaitingPicture { post, url, failures } in waiting {
        if tools.now() > until || tools.stopping.is_cancelled() {
            return Ok(End::More);
        }
        let fetched = match Url::parse(&url) {
            Ok(url) => tools.instagram.picture(&url).await,
            Err(_) => Err(ProviderError::Malformed("no address".into())),
        };
        let drawn = match fetched {
            Ok(bytes) => drawn_anew(post, bytes, media::shrink).await?,
            Err(ProviderError::RateLimited(seconds)) => {
                let pause = seconds.map_or(PAUSE, |seconds| Duration::from_secs(seconds).max(PAUSE));
                return Ok(End::Away(pause, ProviderError::RateLimited(seconds)));
            }
            Err(error @ ProviderError::Unavailable(_)) => {
                let failures = failures.saturating_add(1);
                let is_given_up = failures % TRIES == 0;
                let mut conn = tools.db.write().await?;
                collection::queries::note_failure(&mut conn, post, &url, failures, is_given_up).await?;
                let held = queue::hold(&mut conn, claim, tools.now()).await?;
                drop(conn);
                if !held {
                    return Ok(End::Lost);
                }
                some_failed |= !is_given_up;
                in_a_row += 1;
                if in_a_row == AWAY_AFTER {
                    return Ok(End::Away(PAUSE, error));
                }
                continue;
            }
            Err(_) => None,
        };
        in_a_row = 0;
        if keep(tools, account, post, &url, drawn).await? {
            *copied += 1;
        }
        if !queue::hold(&mut tools.db.write().await?, claim, tools.now()).await? {
            return Ok(End::Lost);
        }
    }
    Ok(if some_failed && !may_be_more { End::SomeFailed } else { End::More })
}

/// Has a picture drawn anew on a thread that may be kept busy; `None` when none can be made of it.
async fn drawn_anew(
    post: PostId,
    bytes: Vec<u8>,
    draw: fn(&[u8]) -> Option<Vec<u8>>,
) -> Result<Option<Vec<u8>>, Failure> {
    match tokio::task::spawn_blocking(move || draw(&bytes)).await {
        Ok(jpeg) => Ok(jpeg),
        Err(error) if error.is_panic() => {
            // The decoder stumbled over a stranger's bytes. What it said of them is not repeated here.
            tracing::warn!(%post, "reading a picture panicked; the post stays without it");
            Ok(None)
        }
        Err(error) => Err(Failure::Internal(Box::new(error))),
    }
}

/// Keeps a picture and notes that it is here; or, without one, that its address is of no use. Says whether it is here.
async fn keep(
    tools: &Tools,
    account: AccountId,
    post: PostId,
    url: &str,
    jpeg: Option<Vec<u8>>,
) -> Result<bool, Failure> {
    let copied_at = match jpeg {
        Some(jpeg) => {
            tools.media.put(account, post, jpeg).await?;
            Some(tools.now())
        }
        None => None,
    };
    let mut conn = tools.db.write().await?;
    let noted = collection::queries::note_picture(&mut conn, post, url, copied_at).await?;
    if copied_at.is_none() || noted {
        return Ok(noted && copied_at.is_some());
    }
    let is_gone = !collection::queries::is_there(&mut conn, post).await?;
    drop(conn);
    if is_gone {
        // Whoever deleted the post may have looked for its picture before that was there. A post that is there keeps
        // it: another server has copied the same, or a new address is about to be used.
        tools.media.delete(account, post).await?;
    }
    Ok(false)
}

/// Ends the job, unless a look at the posts has brought more since: it found this job waiting, and counts on it. The
/// lock of the account makes one of the two wait for the other.
async fn finish(tools: &Tools, claim: &Claim, account: AccountId) -> Result<(), Failure> {
    let mut tx = tools.db.begin().await?;
    accounts::queries::lock(&mut tx, account).await?;
    let is_alive = accounts::queries::token::find(&mut tx, account).await?.is_some();
    if is_alive && !collection::queries::list_without_picture(&mut tx, account, 1).await?.is_empty() {
        queue::restart(&mut tx, claim, tools.now()).await?;
    } else {
        queue::finish(&mut tx, claim).await?;
    }
    tx.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stumble(_: &[u8]) -> Option<Vec<u8>> {
        panic!("these bytes are too much for anybody")
    }

    #[tokio::test]
    async fn f48_a_picture_whose_reading_panics_is_none_and_fails_no_job() {
        let post: PostId = "0198f000000070008000000000000001".parse().unwrap();
        assert_eq!(drawn_anew(post, vec![1], stumble).await.unwrap(), None);
        assert_eq!(drawn_anew(post, vec![1], |bytes| Some(bytes.to_vec())).await.unwrap(), Some(vec![1]));
    }
}
