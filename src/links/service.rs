//! The rules of links: make, list, delete.

use super::{
    model::{Description, LinkView},
    queries::{self, ListedLink, NewLink},
};
use crate::{
    audit, billing,
    error::AppError,
    failure::Failure,
    ids::{EventId, LinkId, OrganizationId},
    live::Change,
    paths,
    secret::{ExposeSecret, Place, Purpose, Token},
    work::{MemberWork, Tools},
};

/// Calls `with` with the place of a link's token: its organization and its row.
fn with_place<T>(organization: OrganizationId, id: LinkId, with: impl FnOnce(Place<'_>) -> T) -> T {
    let (organization, id) = (organization.to_string(), id.to_string());
    with(Place { column: "links.token", organization: organization.as_bytes(), row: id.as_bytes() })
}

/// Makes a link (S01). Its token leaves this function only inside the view, to the member who asked.
///
/// # Errors
/// [`AppError::UpgradeNeeded`] without a subscription that includes links (S25).
pub async fn generate(work: &MemberWork, description: Description) -> Result<LinkView, Failure> {
    let now = work.now();
    let id = LinkId::generate(now, &work.randomness);
    let token = Token::generate(&work.randomness);
    let organization = work.actor.organization_id;
    let token_sealed = with_place(organization, id, |place| {
        work.keys.seal(place, &token.expose().to_owned().into(), &work.randomness)
    });
    let mut tx = work.db.begin().await?;
    if !billing::service::links_included_until_commit(work, &mut tx, organization).await? {
        tx.rollback().await?;
        return Err(AppError::UpgradeNeeded.into());
    }
    let link = NewLink {
        id,
        organization_id: organization,
        created_by: work.actor.user_id,
        description: &description,
        token_hash: token.hash(Purpose::Link),
        token_sealed: &token_sealed,
        created_at: now,
    };
    queries::insert(&mut tx, &link).await?;
    audit::record(&mut tx, event(work, audit::Action::LinkGenerated, id)).await?;
    tx.commit().await?;
    work.live.tell(organization, Change::Links);
    Ok(LinkView {
        id,
        description: description.to_string(),
        url: work.absolute(&paths::connect(token.expose())),
        created_at: now.moment(now),
        created_by: work.actor.email.clone(),
        uses: 0,
        last_used_at: None,
    })
}

/// The live links of the member's organization, newest first (S18).
///
/// # Errors
/// When the database does not answer, or a link does not open under any key of the ring.
pub async fn list(work: &MemberWork) -> Result<Vec<LinkView>, Failure> {
    let organization = work.actor.organization_id;
    let rows = queries::list(&mut work.db.read().await?, organization).await?;
    rows.into_iter().map(|row| view(work, organization, row)).collect()
}

fn view(work: &MemberWork, organization: OrganizationId, row: ListedLink) -> Result<LinkView, Failure> {
    let now = work.now();
    let token = open(work, organization, row.id, &row.token_sealed)?;
    Ok(LinkView {
        id: row.id,
        description: row.description,
        url: work.absolute(&paths::connect(token.expose())),
        created_at: row.created_at.moment(now),
        created_by: row.created_by,
        uses: row.uses,
        last_used_at: row.last_used_at.map(|at| at.moment(now)),
    })
}

/// A link's token out of its seal.
///
/// # Errors
/// When no key of the ring opens it.
pub fn open(
    tools: &Tools,
    organization: OrganizationId,
    id: LinkId,
    sealed: &crate::secret::Sealed,
) -> Result<Token, Failure> {
    with_place(organization, id, |place| tools.keys.open(place, sealed))
        .and_then(|text| Token::parse(text.expose_secret()))
        .ok_or_else(|| Failure::internal("a link's token does not open under any key of the ring"))
}

/// Deletes a link (S23): dead from the next request on, and only this one (S41). Accounts connected through it
/// stay (S40).
///
/// # Errors
/// [`AppError::NotFound`] when the organization has no such live link.
pub async fn revoke(work: &MemberWork, id: LinkId) -> Result<(), Failure> {
    let organization = work.actor.organization_id;
    let mut tx = work.db.begin().await?;
    if !queries::revoke(&mut tx, id, organization, work.actor.user_id, work.now()).await? {
        tx.rollback().await?;
        return Err(AppError::NotFound.into());
    }
    audit::record(&mut tx, event(work, audit::Action::LinkRevoked, id)).await?;
    tx.commit().await?;
    work.live.tell(organization, Change::Links);
    Ok(())
}

fn event(work: &MemberWork, action: audit::Action, id: LinkId) -> audit::Event<'static> {
    let now = work.now();
    audit::Event {
        id: EventId::generate(now, &work.randomness),
        organization_id: work.actor.organization_id,
        at: now,
        actor: audit::Actor::Member(work.actor.user_id),
        action,
        subject: id.to_string(),
        detail: "",
    }
}
