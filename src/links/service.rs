//! The rules of links: make, list, delete.

use super::{
    model::{Description, LinkView, Purpose, RequestView},
    queries::{self, ListedLink, NewLink},
};
use crate::{
    accounts::{self, model::Handle, service::Awaited},
    audit,
    billing::{self, model::LimitKind},
    db::Conn,
    error::AppError,
    failure::Failure,
    ids::{AccountId, EventId, LinkId, OrganizationId},
    live::Change,
    paths,
    secret::{self, ExposeSecret, Place, Token},
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
/// [`AppError::PlanLimit`] without a subscription that includes links (S25).
pub async fn generate(work: &MemberWork, description: Description) -> Result<LinkView, Failure> {
    let now = work.now();
    let organization = work.actor.organization_id;
    let mut tx = work.db.begin().await?;
    let done = generate_in(work, &mut tx, &description).await;
    let (id, token) = tx.settle(done).await?;
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

async fn generate_in(
    work: &MemberWork,
    conn: &mut Conn,
    description: &Description,
) -> Result<(LinkId, Token), Failure> {
    let organization = work.actor.organization_id;
    let limits = billing::service::limits_until_commit(work, conn, organization).await?;
    billing::service::check(conn, organization, limits, LimitKind::ConnectLinks).await?;
    let (id, token) = insert(work, conn, Purpose::Connect, None, description).await?;
    audit::record(conn, event(work, audit::Action::LinkGenerated, id.to_string(), "")).await?;
    Ok((id, token))
}

/// A new link: its row inside the caller's transaction, and its token.
async fn insert(
    work: &MemberWork,
    conn: &mut Conn,
    purpose: Purpose,
    account_id: Option<AccountId>,
    description: &Description,
) -> Result<(LinkId, Token), Failure> {
    let now = work.now();
    let id = LinkId::generate(now, &work.randomness);
    let token = Token::generate(&work.randomness);
    let organization = work.actor.organization_id;
    let sealed = with_place(organization, id, |place| {
        work.keys.seal(place, &token.expose().to_owned().into(), &work.randomness)
    });
    let link = NewLink {
        id,
        organization_id: organization,
        created_by: work.actor.user_id,
        purpose,
        account_id,
        description,
        token_hash: token.hash(secret::Purpose::Link),
        token_sealed: &sealed,
        created_at: now,
    };
    queries::insert(conn, &link).await?;
    Ok((id, token))
}

/// Asks for access to one account (T08): it is pending from now on, and the link is bound to it. No subscription is
/// needed for that, as long as the plan has room for another account.
///
/// # Errors
/// When the organization has the account already, or waits for it; [`AppError::PlanLimit`].
pub async fn request_access(work: &MemberWork, handle: &Handle) -> Result<RequestView, Failure> {
    let organization = work.actor.organization_id;
    let mut tx = work.db.begin().await?;
    let done = request_in(work, &mut tx, handle).await;
    let (account, token) = tx.settle(done).await?;
    work.live.tell(organization, Change::Accounts);
    Ok(request_view(work, account, &token, work.actor.email.clone()))
}

async fn request_in(work: &MemberWork, conn: &mut Conn, handle: &Handle) -> Result<(AccountId, Token), Failure> {
    let organization = work.actor.organization_id;
    let limits = billing::service::limits_until_commit(work, conn, organization).await?;
    let account = accounts::service::add_pending(work, conn, organization, handle).await?;
    let (_, token) = insert(work, conn, Purpose::Request, Some(account), &Description::default()).await?;
    let event = event(work, audit::Action::AccessRequested, account.to_string(), handle.as_str());
    audit::record(conn, event).await?;
    // Only now: whoever adds another account has to wait to record it.
    billing::service::check(conn, organization, limits, LimitKind::Accounts).await?;
    Ok((account, token))
}

/// Makes a new URL for the request for an account that is pending, or that has to be connected again (T23, T24, T26); the
/// old one is dead at once.
///
/// # Errors
/// [`AppError::NotFound`] when the organization waits for no such account.
pub async fn regenerate_request(work: &MemberWork, account: AccountId) -> Result<RequestView, Failure> {
    let token = work.db.transact(|| replace_request(work, account)).await?;
    work.live.tell(work.actor.organization_id, Change::Accounts);
    Ok(request_view(work, account, &token, work.actor.email.clone()))
}

async fn replace_request(work: &MemberWork, account: AccountId) -> Result<Token, Failure> {
    let organization = work.actor.organization_id;
    let mut tx = work.db.begin().await?;
    // The link before the account, as whoever redeems it does: the other way round, both could wait for each other.
    // Whoever redeems another one locks a link that was made in between after the account, so this may be undone.
    queries::revoke_requests(&mut tx, account, organization, work.actor.user_id, work.now()).await?;
    if accounts::service::find_awaited(&mut tx, account, organization, work.now()).await?.is_none() {
        tx.rollback().await?;
        return Err(AppError::NotFound.into());
    }
    let (_, token) = insert(work, &mut tx, Purpose::Request, Some(account), &Description::default()).await?;
    audit::record(&mut tx, event(work, audit::Action::RequestRegenerated, account.to_string(), "")).await?;
    tx.commit().await?;
    Ok(token)
}

/// Takes a request back: its URL is dead, and the pending account leaves the list.
///
/// # Errors
/// [`AppError::NotFound`] when the organization has no such pending account.
pub async fn withdraw_request(work: &MemberWork, account: AccountId) -> Result<(), Failure> {
    work.db.transact(|| withdraw(work, account)).await?;
    work.live.tell(work.actor.organization_id, Change::Accounts);
    Ok(())
}

async fn withdraw(work: &MemberWork, account: AccountId) -> Result<(), Failure> {
    let organization = work.actor.organization_id;
    let mut tx = work.db.begin().await?;
    queries::revoke_requests(&mut tx, account, organization, work.actor.user_id, work.now()).await?;
    let awaited = accounts::service::find_awaited(&mut tx, account, organization, work.now()).await?;
    if awaited != Some(Awaited::Pending) {
        tx.rollback().await?;
        return Err(AppError::NotFound.into());
    }
    accounts::service::withdraw_pending(work, &mut tx, account).await?;
    audit::record(&mut tx, event(work, audit::Action::RequestWithdrawn, account.to_string(), "")).await?;
    tx.commit().await
}

/// The live requests of the member's organization.
///
/// # Errors
/// When the database does not answer, or a link does not open under any key of the ring.
pub async fn list_requests(work: &MemberWork) -> Result<Vec<RequestView>, Failure> {
    let organization = work.actor.organization_id;
    let rows = queries::list_requests(&mut work.db.read().await?, organization).await?;
    rows.into_iter()
        .filter_map(|(account, id, sealed, created_by)| account.map(|account| (account, id, sealed, created_by)))
        .map(|(account, id, sealed, created_by)| {
            let token = open(work, organization, id, &sealed)?;
            Ok(request_view(work, account, &token, created_by))
        })
        .collect()
}

fn request_view(work: &MemberWork, account_id: AccountId, token: &Token, created_by: String) -> RequestView {
    RequestView { account_id, url: work.absolute(&paths::connect(token.expose())), created_by }
}

/// A member's own way to Instagram (T05, T26): a link that is good for one connection, of this account where one is named,
/// and that nobody else ever gets.
///
/// # Errors
/// [`AppError::NotFound`] when the organization has no such account to connect again; [`AppError::PlanLimit`] for a new
/// one that the plan has no room for.
pub async fn log_in(work: &MemberWork, account: Option<AccountId>) -> Result<Token, Failure> {
    let organization = work.actor.organization_id;
    if account.is_none() {
        // Before they go to Instagram for nothing. Those that the organization has are connected again from their rows.
        billing::service::check_room(work, LimitKind::Accounts).await?;
    }
    let mut tx = work.db.begin().await?;
    // Only one that was connected before: a pending account may be forgotten in favour of another row, and what is left
    // of its link would be good for any account.
    if let Some(account) = account
        && accounts::service::find_awaited(&mut tx, account, organization, work.now()).await? != Some(Awaited::Dead)
    {
        tx.rollback().await?;
        return Err(AppError::NotFound.into());
    }
    let (_, token) = insert(work, &mut tx, Purpose::LogIn, account, &Description::default()).await?;
    tx.commit().await?;
    Ok(token)
}

/// The live connect-links of the member's organization, newest first (S18).
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
    audit::record(&mut tx, event(work, audit::Action::LinkRevoked, id.to_string(), "")).await?;
    tx.commit().await?;
    work.live.tell(organization, Change::Links);
    Ok(())
}

fn event<'a>(work: &MemberWork, action: audit::Action, subject: String, detail: &'a str) -> audit::Event<'a> {
    let now = work.now();
    audit::Event {
        id: EventId::generate(now, &work.randomness),
        organization_id: work.actor.organization_id,
        at: now,
        actor: audit::Actor::Member(work.actor.user_id),
        action,
        subject,
        detail,
        from: work.from,
    }
}
