//! Copies the pictures of collected posts, some at a time, while Instagram still shows them. One that cannot be had is left
//! until the next walk through the posts brings its new address.

use crate::{
    accounts, collection,
    failure::Failure,
    ids::AccountId,
    instagram::ProviderError,
    live::Change,
    media,
    queue::{self, Claim, Trouble},
    work::Tools,
};
use std::time::Duration;
use url::Url;

/// Pictures of one turn; then it is another account's.
const PICTURES_A_TURN: i64 = 40;
/// The wait when Instagram's picture servers are away.
const PAUSE: Duration = Duration::from_secs(10 * 60);

/// Copies some of the account's pictures that are not here yet.
///
/// # Errors
/// When the store of pictures or the database refuses, or Instagram's servers cannot be reached.
pub(super) async fn perform(tools: &Tools, claim: &Claim, account: AccountId) -> Result<(), Trouble> {
    let mut conn = tools.db.read().await?;
    let alive = accounts::queries::find_access(&mut conn, account).await?;
    let waiting = match alive {
        Some(_) => collection::queries::list_without_picture(&mut conn, account, PICTURES_A_TURN).await?,
        None => Vec::new(),
    };
    drop(conn);
    let Some(access) = alive.filter(|_| !waiting.is_empty()) else {
        queue::finish(&mut tools.db.write().await?, claim).await?;
        return Ok(());
    };
    for (post, url) in waiting {
        let fetched = match Url::parse(&url) {
            Ok(url) => tools.instagram.picture(&url).await,
            Err(_) => Err(ProviderError::Malformed("no address".into())),
        };
        let copied = match fetched {
            Ok(bytes) => {
                let small = tokio::task::spawn_blocking(move || media::shrink(&bytes)).await;
                small.map_err(|error| Failure::Internal(Box::new(error)))?
            }
            Err(error @ (ProviderError::Unavailable(_) | ProviderError::RateLimited(_))) => {
                return Err(Trouble::Later(PAUSE, error.to_string()));
            }
            Err(_) => None,
        };
        let copied_at = match copied {
            Some(jpeg) => {
                tools.media.put(account, post, jpeg).await?;
                Some(tools.now())
            }
            None => None,
        };
        let mut conn = tools.db.write().await?;
        let noted = collection::queries::note_picture(&mut conn, post, &url, copied_at).await?;
        let held = queue::hold(&mut conn, claim, tools.now()).await?;
        drop(conn);
        if copied_at.is_some() && !noted {
            // Its post went meanwhile, and whoever deleted that may have looked for pictures before this one was there.
            tools.media.delete(account, post).await?;
        }
        if !held {
            return Ok(());
        }
    }
    queue::restart(&mut tools.db.write().await?, claim, tools.now()).await?;
    tools.live.tell(access.organization_id, Change::Accounts);
    Ok(())
}
