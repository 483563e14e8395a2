//! Memberships and invitations in the database. Whatever moves people holds their organization's row first ([`lock`]),
//! then memberships, invitations, sessions, links: what was read under it stays true until the commit.

use crate::{
    db::{
        Conn, run,
        schema::{invitations, memberships, organizations, users},
    },
    failure::Failure,
    identity::model::Email,
    ids::{InvitationId, OrganizationId, UserId},
    organizations::model::Role,
    secret::{Sealed, TokenHash},
    timestamp::Timestamp,
};
use diesel::{dsl::sql, prelude::*, sql_types::Bool};
use diesel_async::RunQueryDsl;

/// In the statement itself, so that no two owners can leave each other's organization empty.
const KEEPS_AN_OWNER: &str = "(memberships.role <> 'owner' OR (SELECT COUNT(*) FROM memberships AS others WHERE \
     others.organization_id = memberships.organization_id AND others.role = 'owner') > 1)";

fn role(word: &str) -> Result<Role, Failure> {
    Role::from_stored(word).ok_or_else(|| Failure::internal("a membership or invitation holds an unknown role"))
}

/// The words of the roles that a member of this one gives and takes away.
fn words(by: Role) -> Vec<&'static str> {
    Role::ALL.into_iter().filter(|role| by.may_give(*role)).map(Role::as_str).collect()
}

/// Holds an organization's people still until the transaction ends; `false` when there is no such organization. Rows
/// that only refer to it are not held up. SQLite's writing transactions exclude each other anyway.
pub async fn lock(conn: &mut Conn, organization: OrganizationId) -> Result<bool, Failure> {
    let query = organizations::table.filter(organizations::id.eq(organization)).select(organizations::id);
    let found = match conn {
        Conn::Sqlite(c) => query.first::<OrganizationId>(&mut **c).await,
        Conn::Postgres(c) => query.for_no_key_update().first::<OrganizationId>(&mut **c).await,
    };
    Ok(found.optional()?.is_some())
}

/// What a person is in an organization; `None` when they are no member.
pub async fn find_role(conn: &mut Conn, organization: OrganizationId, user: UserId) -> Result<Option<Role>, Failure> {
    let word: Option<String> = run!(conn, |c| memberships::table
        .filter(memberships::organization_id.eq(organization))
        .filter(memberships::user_id.eq(user))
        .select(memberships::role)
        .first(c))
    .optional()?;
    word.as_deref().map(role).transpose()
}

/// A member as the list shows them.
#[derive(Debug)]
pub struct ListedMember {
    /// The person.
    pub user_id: UserId,
    /// Their address.
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// When they became a member.
    pub created_at: Timestamp,
}

/// The members of an organization, by address.
pub async fn list_members(conn: &mut Conn, organization: OrganizationId) -> Result<Vec<ListedMember>, Failure> {
    let rows: Vec<(UserId, String, String, Timestamp)> = run!(conn, |c| memberships::table
        .inner_join(users::table.on(users::id.eq(memberships::user_id)))
        .filter(memberships::organization_id.eq(organization))
        .order(users::email_lower)
        .select((users::id, users::email, memberships::role, memberships::created_at))
        .load(c))?;
    rows.into_iter()
        .map(|(user_id, email, word, created_at)| Ok(ListedMember { user_id, email, role: role(&word)?, created_at }))
        .collect()
}

/// The organizations of a person, by name.
pub async fn list_organizations(conn: &mut Conn, user: UserId) -> Result<Vec<(OrganizationId, String)>, Failure> {
    Ok(run!(conn, |c| memberships::table
        .inner_join(organizations::table.on(organizations::id.eq(memberships::organization_id)))
        .filter(memberships::user_id.eq(user))
        .order((organizations::name, organizations::id))
        .select((organizations::id, organizations::name))
        .load(c))?)
}

/// Whether somebody with this address is a member.
pub async fn has_member(conn: &mut Conn, organization: OrganizationId, email: &Email) -> Result<bool, Failure> {
    let found: Option<UserId> = run!(conn, |c| memberships::table
        .inner_join(users::table.on(users::id.eq(memberships::user_id)))
        .filter(memberships::organization_id.eq(organization))
        .filter(users::email_lower.eq(email.lower()))
        .select(users::id)
        .first(c))
    .optional()?;
    Ok(found.is_some())
}

/// Makes a person a member; `false` when they are one already, whose role stays.
pub async fn join(
    conn: &mut Conn,
    organization: OrganizationId,
    user: UserId,
    role: Role,
    now: Timestamp,
) -> Result<bool, Failure> {
    let rows = run!(conn, |c| diesel::insert_into(memberships::table)
        .values((
            memberships::organization_id.eq(organization),
            memberships::user_id.eq(user),
            memberships::role.eq(role.as_str()),
            memberships::created_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(rows == 1)
}

/// Gives a member another role, on behalf of one who is `by`; `false` when they may not, or nobody would own the
/// organization any more.
pub async fn set_role(
    conn: &mut Conn,
    organization: OrganizationId,
    user: UserId,
    role: Role,
    by: Role,
) -> Result<bool, Failure> {
    let rows = run!(conn, |c| diesel::update(
        memberships::table
            .filter(memberships::organization_id.eq(organization))
            .filter(memberships::user_id.eq(user))
            .filter(memberships::role.eq_any(words(by)))
            .filter(sql::<Bool>(KEEPS_AN_OWNER)),
    )
    .set(memberships::role.eq(role.as_str()))
    .execute(c))?;
    Ok(rows == 1)
}

/// Ends a membership, on behalf of one who is `by`, or of the member (`None`); `false` when they may not, or nobody
/// would own the organization any more.
pub async fn delete_membership(
    conn: &mut Conn,
    organization: OrganizationId,
    user: UserId,
    by: Option<Role>,
) -> Result<bool, Failure> {
    // An owner may end whatever role there is, so whoever goes by themselves counts as one here.
    let words = words(by.unwrap_or(Role::Owner));
    let rows = run!(conn, |c| diesel::delete(
        memberships::table
            .filter(memberships::organization_id.eq(organization))
            .filter(memberships::user_id.eq(user))
            .filter(memberships::role.eq_any(words))
            .filter(sql::<Bool>(KEEPS_AN_OWNER)),
    )
    .execute(c))?;
    Ok(rows == 1)
}

/// An invitation to be stored.
#[derive(Debug)]
pub struct NewInvitation<'a> {
    /// Names the row.
    pub id: InvitationId,
    /// Into which organization.
    pub organization_id: OrganizationId,
    /// Whom.
    pub email: &'a Email,
    /// As what.
    pub role: Role,
    /// Who sends it.
    pub invited_by: UserId,
    /// For looking it up.
    pub token_hash: TokenHash,
    /// For the mail.
    pub token_sealed: &'a Sealed,
    /// Now.
    pub created_at: Timestamp,
    /// When it runs out.
    pub expires_at: Timestamp,
}

/// Adds an invitation; `false` when the address is invited already.
pub async fn insert_invitation(conn: &mut Conn, new: &NewInvitation<'_>) -> Result<bool, Failure> {
    let rows = run!(conn, |c| diesel::insert_into(invitations::table)
        .values((
            invitations::id.eq(new.id),
            invitations::organization_id.eq(new.organization_id),
            invitations::email.eq(new.email.as_str()),
            invitations::email_lower.eq(new.email.lower()),
            invitations::role.eq(new.role.as_str()),
            invitations::invited_by.eq(Some(new.invited_by)),
            invitations::token_hash.eq(new.token_hash),
            invitations::token_sealed.eq(Some(new.token_sealed)),
            invitations::created_at.eq(new.created_at),
            invitations::expires_at.eq(new.expires_at),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(rows == 1)
}

/// An open invitation as the list shows it; it may have run out.
#[derive(Debug)]
pub struct ListedInvitation {
    /// Names the row.
    pub id: InvitationId,
    /// Who is invited.
    pub email: String,
    /// As what.
    pub role: Role,
    /// Address of who sent it.
    pub invited_by: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it runs out or ran out.
    pub expires_at: Timestamp,
}

/// The open invitations of an organization, newest first.
pub async fn list_open(conn: &mut Conn, organization: OrganizationId) -> Result<Vec<ListedInvitation>, Failure> {
    type Row = (InvitationId, String, String, Option<String>, Timestamp, Timestamp);
    let rows: Vec<Row> = run!(conn, |c| invitations::table
        .left_join(users::table.on(invitations::invited_by.eq(users::id.nullable())))
        .filter(invitations::organization_id.eq(organization))
        .filter(invitations::accepted_at.is_null())
        .filter(invitations::revoked_at.is_null())
        .order((invitations::created_at.desc(), invitations::id.desc()))
        .select((
            invitations::id,
            invitations::email,
            invitations::role,
            users::email.nullable(),
            invitations::created_at,
            invitations::expires_at,
        ))
        .load(c))?;
    rows.into_iter()
        .map(|(id, email, word, invited_by, created_at, expires_at)| {
            Ok(ListedInvitation { id, email, role: role(&word)?, invited_by, created_at, expires_at })
        })
        .collect()
}

/// An invitation as its page and its mail need it.
#[derive(Debug)]
pub struct FoundInvitation {
    /// Names the row.
    pub id: InvitationId,
    /// Into which organization.
    pub organization_id: OrganizationId,
    /// Its name.
    pub organization: String,
    /// Who is invited.
    pub email: String,
    /// As what.
    pub role: Role,
    /// Address of who sent it.
    pub invited_by: Option<String>,
    /// Its token, while it is open.
    pub token_sealed: Option<Sealed>,
    /// When it runs out.
    pub expires_at: Timestamp,
}

impl FoundInvitation {
    /// Whether it can be accepted now.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.token_sealed.is_some() && self.expires_at > now
    }
}

/// By what an invitation is found.
#[derive(Clone, Copy, Debug)]
pub enum By {
    /// Its row.
    Id(InvitationId),
    /// Its token.
    Token(TokenHash),
}

/// An invitation, open or not.
pub async fn find_invitation(conn: &mut Conn, by: By) -> Result<Option<FoundInvitation>, Failure> {
    type Row = ((InvitationId, OrganizationId, String, String, Option<Sealed>, Timestamp), String, Option<String>);
    let all = invitations::table
        .inner_join(organizations::table.on(organizations::id.eq(invitations::organization_id)))
        .left_join(users::table.on(invitations::invited_by.eq(users::id.nullable())))
        .select((
            (
                invitations::id,
                invitations::organization_id,
                invitations::email,
                invitations::role,
                invitations::token_sealed,
                invitations::expires_at,
            ),
            organizations::name,
            users::email.nullable(),
        ));
    let row: Option<Row> = match by {
        By::Id(id) => run!(conn, |c| all.filter(invitations::id.eq(id)).first(c)),
        By::Token(token) => run!(conn, |c| all.filter(invitations::token_hash.eq(token)).first(c)),
    }
    .optional()?;
    let Some((invitation, organization, invited_by)) = row else { return Ok(None) };
    let (id, organization_id, email, word, token_sealed, expires_at) = invitation;
    let role = role(&word)?;
    Ok(Some(FoundInvitation { id, organization_id, organization, email, role, invited_by, token_sealed, expires_at }))
}

/// Uses up an open invitation and says as what its person joins; `None` when it was used, taken back or ran out. Its
/// token opens nothing from now on.
pub async fn accept_invitation(
    conn: &mut Conn,
    token: TokenHash,
    organization: OrganizationId,
    user: UserId,
    now: Timestamp,
) -> Result<Option<(InvitationId, Role)>, Failure> {
    let row: Option<(InvitationId, String)> = run!(conn, |c| diesel::update(
        invitations::table
            .filter(invitations::token_hash.eq(token))
            .filter(invitations::organization_id.eq(organization))
            .filter(invitations::accepted_at.is_null())
            .filter(invitations::revoked_at.is_null())
            .filter(invitations::expires_at.gt(now)),
    )
    .set((
        invitations::accepted_at.eq(Some(now)),
        invitations::accepted_by.eq(Some(user)),
        invitations::token_sealed.eq(None::<Sealed>),
    ))
    .returning((invitations::id, invitations::role))
    .get_result(c))
    .optional()?;
    row.map(|(id, word)| Ok((id, role(&word)?))).transpose()
}

/// What sending an invitation again writes.
#[derive(Debug)]
pub struct Renewed<'a> {
    /// Its new token, for looking it up.
    pub token_hash: TokenHash,
    /// The same for the mail.
    pub token_sealed: &'a Sealed,
    /// Who sends it this time.
    pub by: UserId,
    /// What they are.
    pub role: Role,
    /// When it runs out.
    pub expires_at: Timestamp,
}

/// Gives an open invitation another token and term, and says whom it invites; `None` when there is none of a role that
/// the sender gives. The old token opens nothing from now on.
pub async fn renew_invitation(
    conn: &mut Conn,
    id: InvitationId,
    organization: OrganizationId,
    renewed: &Renewed<'_>,
) -> Result<Option<String>, Failure> {
    Ok(run!(conn, |c| diesel::update(
        invitations::table
            .filter(invitations::id.eq(id))
            .filter(invitations::organization_id.eq(organization))
            .filter(invitations::accepted_at.is_null())
            .filter(invitations::revoked_at.is_null())
            .filter(invitations::role.eq_any(words(renewed.role))),
    )
    .set((
        invitations::token_hash.eq(renewed.token_hash),
        invitations::token_sealed.eq(Some(renewed.token_sealed)),
        invitations::invited_by.eq(Some(renewed.by)),
        invitations::expires_at.eq(renewed.expires_at),
    ))
    .returning(invitations::email_lower)
    .get_result::<String>(c))
    .optional()?)
}

/// Takes an open invitation back, on behalf of one who is `by`; `false` when there is none of a role that they give.
pub async fn revoke_invitation(
    conn: &mut Conn,
    id: InvitationId,
    organization: OrganizationId,
    by: Role,
    now: Timestamp,
) -> Result<bool, Failure> {
    let rows = run!(conn, |c| diesel::update(
        invitations::table
            .filter(invitations::id.eq(id))
            .filter(invitations::organization_id.eq(organization))
            .filter(invitations::accepted_at.is_null())
            .filter(invitations::revoked_at.is_null())
            .filter(invitations::role.eq_any(words(by))),
    )
    .set((invitations::revoked_at.eq(Some(now)), invitations::token_sealed.eq(None::<Sealed>)))
    .execute(c))?;
    Ok(rows == 1)
}

/// Takes back the open invitations that a person sent and, being `now_is`, could not send any more (`None`: no member
/// any more), and those to themselves. Says which.
pub async fn revoke_outlived(
    conn: &mut Conn,
    organization: OrganizationId,
    user: UserId,
    now_is: Option<Role>,
    now: Timestamp,
) -> Result<Vec<InvitationId>, Failure> {
    let still_given = now_is.map(words).unwrap_or_default();
    Ok(run!(conn, |c| diesel::update(
        invitations::table
            .filter(invitations::organization_id.eq(organization))
            .filter(invitations::accepted_at.is_null())
            .filter(invitations::revoked_at.is_null())
            .filter(invitations::invited_by.eq(Some(user)).and(invitations::role.ne_all(still_given)).or(
                invitations::email_lower.eq_any(users::table.filter(users::id.eq(user)).select(users::email_lower)),
            ),),
    )
    .set((invitations::revoked_at.eq(Some(now)), invitations::token_sealed.eq(None::<Sealed>)))
    .returning(invitations::id)
    .load(c))?)
}

/// Forgets invitations that came to their end before this time.
pub async fn delete_old(conn: &mut Conn, before: Timestamp) -> Result<(), Failure> {
    run!(conn, |c| diesel::delete(
        invitations::table.filter(
            sql::<Bool>("COALESCE(invitations.accepted_at, invitations.revoked_at, invitations.expires_at) < ")
                .bind::<diesel::sql_types::BigInt, _>(before)
        )
    )
    .execute(c))?;
    Ok(())
}
