//! Copies the profile picture of an account, square and small, while Instagram still shows it, and deletes the ones
//! that are shown no more. One that cannot be had is left until the next look at the profile brings its new address;
//! the picture before it is shown until then.

use crate::{
    accounts::queries::{self, picture::PictureState},
    failure::Failure,
    ids::{AccountId, OrganizationId},
    instagram::ProviderError,
    live::Change,
    media,
    queue::{self, Claim, Trouble},
    work::Tools,
};
use std::time::Duration;
use url::Url;

/// The wait when Instagram's picture servers are away; it grows with each failure, up to [`LONGEST`] times as long.
const PAUSE: Duration = Duration::from_secs(10 * 60);
const LONGEST: u32 = 6;

/// Copies the account's profile picture, if there is one that is not here yet; otherwise tidies up and ends the job.
///
/// # Errors
/// When the store of pictures or the database refuses, or Instagram's servers cannot be reached.
pub(super) async fn perform(tools: &Tools, claim: &Claim, account: AccountId) -> Result<(), Trouble> {
    let state = queries::picture::find_state(&mut tools.db.read().await?, account).await?;
    if let Some(PictureState { organization_id, url, copied_at }) = state {
        if let Some(address) = url {
            return copy(tools, claim, account, organization_id, &address).await;
        }
        tools.media.delete_old_profiles(account, copied_at).await?;
    }
    Ok(end(tools, claim, account).await?)
}

/// Copies the picture from this address. What is left to do after that is found out in another turn.
async fn copy(
    tools: &Tools,
    claim: &Claim,
    account: AccountId,
    organization: OrganizationId,
    address: &str,
) -> Result<(), Trouble> {
    let fetched = match Url::parse(address) {
        Ok(url) => tools.instagram.picture(&url).await.map(|bytes| (url, bytes)),
        Err(_) => Err(ProviderError::Malformed("no address".into())),
    };
    let copied = match fetched {
        Ok((url, bytes)) => drawn(account, bytes).await.map(|jpeg| (url, jpeg)),
        Err(error @ (ProviderError::Unavailable(_) | ProviderError::RateLimited(_))) => {
            let asked = match &error {
                ProviderError::RateLimited(Some(seconds)) => Duration::from_secs(*seconds),
                _ => Duration::ZERO,
            };
            let times = u32::try_from(claim.failures).unwrap_or(1).clamp(1, LONGEST);
            return Err(Trouble::Later(asked.max(PAUSE * times), error.to_string()));
        }
        Err(_) => None,
    };
    match copied {
        Some((url, jpeg)) => {
            let copied_at = tools.now();
            tools.media.put_profile(account, copied_at, jpeg).await?;
            let mut conn = tools.db.write().await?;
            let noted = queries::picture::note_copied(&mut conn, account, &url, copied_at).await?;
            drop(conn);
            if !noted {
                // The account went meanwhile, and whoever deleted its pictures may have looked before this one was
                // there; or it has another one by now.
                tools.media.delete_profile(account, copied_at).await?;
            }
        }
        None => queries::picture::note_useless(&mut tools.db.write().await?, account, address).await?,
    }
    queue::restart(&mut tools.db.write().await?, claim, tools.now()).await?;
    tools.live.tell(organization, Change::Accounts);
    Ok(())
}

/// The picture, square and small; `None` when it is none. That drawing one panics is no reason to try it again.
async fn drawn(account: AccountId, bytes: Vec<u8>) -> Option<Vec<u8>> {
    match tokio::task::spawn_blocking(move || media::square(&bytes)).await {
        Ok(drawn) => drawn,
        Err(_) => {
            tracing::error!(%account, "a profile picture could not be drawn");
            None
        }
    }
}

/// Ends the job, unless a look at the profile brought another picture meanwhile: whoever looked found this job waiting,
/// and counts on it.
async fn end(tools: &Tools, claim: &Claim, account: AccountId) -> Result<(), Failure> {
    let mut tx = tools.db.begin().await?;
    // The account before the job, as everywhere. Until this commits, nobody notes another picture.
    queries::lock(&mut tx, account).await?;
    let state = queries::picture::find_state(&mut tx, account).await?;
    let held = match state.and_then(|state| state.url) {
        Some(_) => queue::restart(&mut tx, claim, tools.now()).await?,
        None => queue::finish(&mut tx, claim).await?,
    };
    if held { tx.commit().await } else { tx.rollback().await }
}
