//! "Continue to Instagram": an attempt is written down, tied to this browser, and the browser is sent away.

use super::{
    super::queries::{self, NewAttempt},
    open::{find, is_alive},
};
use crate::{
    audit,
    failure::{Failure, step},
    ids::{AttemptId, EventId, UserId},
    links,
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

/// Starts an attempt on a live link. `consent` is the version of the consent text that the person saw above the button;
/// `None` where there was none, or where nobody knows. This, and no opening of a page, is what is recorded.
///
/// # Errors
/// When the link or this peer is started too often (A84), or the database does not answer.
pub async fn start(work: &ClientWork, token: &str, consent: Option<u32>) -> Result<Started, Failure> {
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
    let shown = consent.map(|version| version.to_string()).unwrap_or_default();
    let event = audit::Event {
        id: EventId::generate(now, &work.randomness),
        organization_id: link.organization_id,
        at: now,
        actor: actor(link.purpose, link.created_by),
        action: audit::Action::ClientStarted,
        subject: link.id.to_string(),
        detail: &shown,
        from: work.from,
    };
    step("start::before_insert")?;
    let mut tx = work.db.begin().await?;
    queries::insert(&mut tx, &attempt).await?;
    audit::record(&mut tx, event).await?;
    tx.commit().await?;
    step("start::after_insert")?;
    Ok(Started::Leaving { attempt: attempt.id, binding, location: work.instagram.authorize_url(state.expose()) })
}

/// Who goes to Instagram through a link: a client; or, with an account of their own, the member who made it.
pub(super) fn actor(purpose: links::model::Purpose, created_by: UserId) -> audit::Actor {
    match purpose {
        links::model::Purpose::LogIn => audit::Actor::Member(created_by),
        links::model::Purpose::Connect | links::model::Purpose::Request => audit::Actor::Client,
    }
}
