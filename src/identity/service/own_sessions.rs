//! What a person sees of how they sign in, and ending sessions. A session that is ended is a row that is gone: every
//! instance reads it at each request, so it opens nothing from then on (A44).

use super::{
    super::{
        browsers,
        model::{Member, SessionView, TwoFactorView, YouView},
        queries, totp,
    },
    At, record_everywhere,
    two_factor::view_setup,
};
use crate::{
    audit::Action,
    error::AppError,
    failure::Failure,
    secret::{ExposeSecret, Purpose, Token},
    work::Tools,
};
use std::net::IpAddr;

/// How a person signs in: address, second step, sessions.
///
/// # Errors
/// When the database does not answer.
pub async fn view_own(tools: &Tools, member: &Member, session: &Token) -> Result<YouView, Failure> {
    let (user, now) = (member.user_id, tools.now());
    let mut conn = tools.db.read().await?;
    let person = queries::email::find(&mut conn, user).await?.ok_or(AppError::SignInNeeded)?;
    let two_factor = match queries::two_factor::find(&mut conn, user).await? {
        Some(found) => match found.confirmed_at {
            Some(since) => {
                let left = queries::two_factor::count_recovery_codes(&mut conn, user).await?;
                TwoFactorView::On { since: since.moment(now), codes_left: u32::try_from(left).unwrap_or(0) }
            }
            None => match view_setup(tools, user, &person.email, &found)? {
                Some((secret, qr)) => {
                    TwoFactorView::SettingUp { secret: totp::grouped(secret.expose_secret(), " "), qr }
                }
                None => TwoFactorView::Off,
            },
        },
        None => TwoFactorView::Off,
    };
    let own = session.hash(Purpose::Session);
    let sessions = queries::own_sessions::list(&mut conn, user, now).await?;
    let mut sessions: Vec<SessionView> = sessions
        .into_iter()
        .map(|found| SessionView {
            name: found.token.name(),
            browser: browsers::describe(found.user_agent.as_deref().unwrap_or_default()),
            from: found.peer,
            started_at: found.created_at.moment(now),
            is_this: found.token.matches(&own),
        })
        .collect();
    // This one first, then the newest.
    sessions.sort_by_key(|session| !session.is_this);
    Ok(YouView {
        email: person.email,
        is_verified: person.verified_at.is_some(),
        pending_email: person.pending_email,
        two_factor,
        sessions,
    })
}

/// Ends one session of a person, by the name it has on their page. One that is gone already is no trouble.
///
/// # Errors
/// When the database refuses.
pub async fn end_session(tools: &Tools, member: &Member, name: &str, peer: IpAddr) -> Result<(), Failure> {
    let mut tx = tools.db.begin().await?;
    let sessions = queries::own_sessions::list(&mut tx, member.user_id, tools.now()).await?;
    let ended = match sessions.into_iter().find(|session| session.token.name() == name) {
        Some(session) => queries::own_sessions::delete_own(&mut tx, member.user_id, session.token).await?,
        None => false,
    };
    if ended {
        record_everywhere(tools, &mut tx, member.user_id, Action::SessionsEnded, Some(At::of(member, peer))).await?;
    }
    tx.commit().await
}

/// Ends all sessions of a person but this one.
///
/// # Errors
/// When the database refuses.
pub async fn end_other_sessions(tools: &Tools, member: &Member, session: &Token, peer: IpAddr) -> Result<(), Failure> {
    let mut tx = tools.db.begin().await?;
    let own = session.hash(Purpose::Session);
    if queries::own_sessions::delete_others(&mut tx, member.user_id, own).await? > 0 {
        record_everywhere(tools, &mut tx, member.user_id, Action::SessionsEnded, Some(At::of(member, peer))).await?;
    }
    tx.commit().await
}
