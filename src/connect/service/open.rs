//! Opening a link. A read: however often a scanner or a chat preview comes by, nothing changes (A07).

use super::{
    super::{
        model::{AttemptState, Connection, Invitation, LinkPage, in_app_browser},
        queries::{self as attempts, By},
    },
    status::{is_bound_to, state},
};
use crate::{
    failure::Failure,
    links::{self, model::Purpose, queries::FoundLink},
    organizations, paths,
    secret::{self, Token},
    timestamp::Timestamp,
    work::{ClientWork, Tools},
};

/// What stands at a link's URL.
///
/// # Errors
/// When this peer asked for too many unknown links (A05), or the database does not answer.
pub async fn open(work: &ClientWork, token: &str) -> Result<LinkPage, Failure> {
    let found = match Token::parse(token) {
        Some(token) => find(work, &token).await?,
        None => None,
    };
    let Some(link) = found else {
        work.limits.unknown_link(work.actor.peer)?;
        return Ok(LinkPage::Unknown);
    };
    if link.fulfilled_at.is_some() && link.revoked_at.is_none() {
        return Ok(LinkPage::Fulfilled(own_connection(work, &link).await?.map(Box::new)));
    }
    if !is_alive(work, &link) || link.purpose == Purpose::LogIn {
        return Ok(LinkPage::Inactive);
    }
    let (creator_email, creator_verified_at) = speaker(work, &link).await?;
    let path = paths::connect(token);
    Ok(LinkPage::Open(Box::new(Invitation {
        organization: link.organization,
        brand: link.brand,
        creator_email,
        requested: link.requested,
        creator_verified: creator_verified_at.is_some(),
        instagram_host: work.instagram.authorize_url("").authority().to_owned(),
        in_app_browser: in_app_browser(&work.actor.user_agent).map(str::to_owned),
        page_url: work.absolute(&path),
        start_path: path,
    })))
}

/// Whose address a client reads, and when it was verified: that of whoever made the link (S32), or of an owner, once they
/// left the organization.
async fn speaker(tools: &Tools, link: &FoundLink) -> Result<(String, Option<Timestamp>), Failure> {
    let owner = if link.creator_left {
        organizations::queries::find_owner(&mut tools.db.read().await?, link.organization_id).await?
    } else {
        None
    };
    Ok(owner.unwrap_or_else(|| (link.creator_email.clone(), link.creator_verified_at)))
}

/// The link with this token, dead or alive.
pub(super) async fn find(tools: &Tools, token: &Token) -> Result<Option<FoundLink>, Failure> {
    links::queries::find_by_token(&mut tools.db.read().await?, token.hash(secret::Purpose::Link)).await
}

/// What this very browser connected through a link that is done. Others learn nothing of it.
async fn own_connection(work: &ClientWork, link: &FoundLink) -> Result<Option<Connection>, Failure> {
    for (id, _) in &work.actor.bindings {
        let found = attempts::find(&mut work.db.read().await?, By::Id(*id)).await?;
        let own = found.filter(|attempt| attempt.link_id == link.id && is_bound_to(work, attempt));
        if let Some(AttemptState::Connected(connection)) = own.map(|attempt| state(work, &attempt, true)) {
            return Ok(Some(connection));
        }
    }
    Ok(None)
}

/// Whether a link works at this instant (S24, S27). Only connect-links need a subscription.
pub(super) fn is_alive(tools: &Tools, link: &FoundLink) -> bool {
    let included = match link.purpose {
        Purpose::Connect => link.subscription.allows_links(tools.billing, tools.now()),
        // Its account was disconnected, or was deleted, and it must not become a link for any other.
        Purpose::Request => link.requested.is_some(),
        Purpose::LogIn => true,
    };
    link.revoked_at.is_none() && link.fulfilled_at.is_none() && included
}
