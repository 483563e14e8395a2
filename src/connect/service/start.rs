//! "Continue to Instagram": an attempt is written down, tied to this browser, and the browser is sent away.

use super::{
    super::queries::{self, NewAttempt},
    open::{find, is_alive},
};
use crate::{
    failure::{Failure, step},
    ids::AttemptId,
    secret::{Purpose, Token},
    work::ClientWork,
};
use std::time::Duration;
use url::Url;

/// How long an attempt may take: two-factor steps and switching to a professional account need time.
pub const ATTEMPT_LIFE: Duration = Duration::from_secs(30 * 60);

/// What starting led to.
#[derive(Debug)]
pub enum Started {
    /// Send the browser to `location`, with a cookie that holds `binding` under the attempt's name.
    Leaving {
        /// Names the attempt.
        attempt: AttemptId,
        /// Ties it to the browser.
        binding: Token,
        /// Instagram.
        location: Url,
    },
    /// There is nothing to start: the link's page says why, and counts the guess where it was one (A05).
    Dead,
}

/// Starts an attempt on a live link.
///
/// # Errors
/// When the link or this peer is started too often (A84), or the database does not answer.
pub async fn start(work: &ClientWork, token: &str) -> Result<Started, Failure> {
    let found = match Token::parse(token) {
        Some(token) => find(work, &token).await?,
        None => None,
    };
    let Some(link) = found else {
        return Ok(Started::Dead);
    };
    if !is_alive(work, &link) {
        // The page itself knows how the link ended.
        return Ok(Started::Dead);
    }
    work.limits.start(link.id)?;
    let now = work.now();
    let state = Token::generate(&work.randomness);
    let binding = Token::generate(&work.randomness);
    let attempt = NewAttempt {
        id: AttemptId::generate(now, &work.randomness),
        link_id: link.id,
        state_hash: state.hash(Purpose::State),
        binding_hash: binding.hash(Purpose::Binding),
        created_at: now,
        expires_at: now.plus(ATTEMPT_LIFE),
    };
    step("start::before_insert")?;
    queries::insert(&mut work.db.write().await?, &attempt).await?;
    step("start::after_insert")?;
    Ok(Started::Leaving { attempt: attempt.id, binding, location: work.instagram.authorize_url(state.expose()) })
}
