//! Opening a link. A read: however often a scanner or a chat preview comes by, nothing changes (A07).

use super::super::model::{Invitation, LinkPage, in_app_browser};
use crate::{
    failure::Failure,
    links::{self, queries::FoundLink},
    paths,
    secret::{Purpose, Token},
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
    if !is_alive(work, &link) {
        return Ok(LinkPage::Inactive);
    }
    let path = paths::connect(token);
    Ok(LinkPage::Open(Invitation {
        organization: link.organization,
        creator_email: link.creator_email,
        creator_verified: link.creator_verified_at.is_some(),
        instagram_host: work.instagram.authorize_url("").authority().to_owned(),
        in_app_browser: in_app_browser(&work.actor.user_agent).map(str::to_owned),
        page_url: work.absolute(&path),
        start_path: path,
    }))
}

/// The link with this token, dead or alive.
pub(super) async fn find(tools: &Tools, token: &Token) -> Result<Option<FoundLink>, Failure> {
    links::queries::find_by_token(&mut tools.db.read().await?, token.hash(Purpose::Link)).await
}

/// Whether a link works at this instant (S24, S27).
pub(super) fn is_alive(tools: &Tools, link: &FoundLink) -> bool {
    link.revoked_at.is_none() && link.subscription.allows_links(tools.billing, tools.now())
}
