//! Instagram accounts in the database.

pub mod deletions;
pub mod pending;
pub mod picture;
pub mod token;

use super::model::Handle;
use crate::{
    db::{
        Conn, run,
        schema::{accounts, links, memberships, organizations, users},
    },
    failure::Failure,
    ids::{AccountId, LinkId, OrganizationId, UserId},
    instagram::Profile,
    secret::Sealed,
    timestamp::Timestamp,
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use url::Url;

/// A connection to be stored.
#[derive(Debug)]
pub struct NewConnection<'a> {
    /// The row's name, if the account is new to the organization.
    pub id: AccountId,
    /// Whose it becomes.
    pub organization_id: OrganizationId,
    /// What Instagram says of it.
    pub profile: &'a Profile,
    /// Its token.
    pub token_sealed: &'a Sealed,
    /// When the token ends.
    pub token_expires_at: Timestamp,
    /// When the token is renewed first.
    pub renewal_due_at: Timestamp,
    /// Through which link it came.
    pub link: LinkId,
    /// Now.
    pub now: Timestamp,
}

/// An account as its organization lists it.
#[derive(Debug, Queryable)]
pub struct ListedAccount {
    /// Names the row.
    pub id: AccountId,
    /// The handle.
    pub username: String,
    /// The name beside it.
    pub display_name: Option<String>,
    /// Instagram's word for its kind; `None` while it is pending.
    pub account_type: Option<String>,
    /// When its token ends.
    pub token_expires_at: Option<Timestamp>,
    /// When it was connected last; `None` while it is pending.
    pub connected_at: Option<Timestamp>,
    /// When the organization first had it, or asked for it.
    pub created_at: Timestamp,
    /// Another account that somebody tried to connect instead.
    pub mistaken_for: Option<String>,
    /// Why its token is dead, in the stored word; `None` while it lives.
    pub death: Option<String>,
    /// When its profile picture was copied; `None` when there is none.
    pub picture_copied_at: Option<Timestamp>,
    /// Description of the link it came through.
    pub through: Option<String>,
}

/// What a mail about an account says.
#[derive(Debug, Queryable)]
pub struct MailFacts {
    /// Name of the organization.
    pub organization: String,
    /// The handle, without "@".
    pub username: String,
    /// Whom to write to.
    pub email: String,
    /// Why its token is dead, in the stored word; `None` while it lives.
    pub death: Option<String>,
    /// When its token ends.
    pub token_expires_at: Option<Timestamp>,
    /// The smallest number of days before the end that a warning was due at; `None` once it was renewed.
    pub warned_days: Option<i32>,
    /// Why renewing it failed last, in the stored word.
    pub renewal_trouble: Option<String>,
}

/// Stores a connection. An account the organization already has is renewed in place: one row, history kept (A25).
pub async fn upsert(conn: &mut Conn, new: &NewConnection<'_>) -> Result<AccountId, Failure> {
    let fresh = (
        accounts::app_scoped_id.eq(Some(&new.profile.app_scoped_id)),
        accounts::username.eq(&new.profile.username),
        accounts::display_name.eq(&new.profile.name),
        accounts::account_type.eq(Some(new.profile.account_type.as_str())),
        accounts::token_sealed.eq(Some(new.token_sealed)),
        accounts::token_issued_at.eq(Some(new.now)),
        accounts::token_expires_at.eq(Some(new.token_expires_at)),
        accounts::connected_at.eq(Some(new.now)),
        accounts::connected_through.eq(Some(new.link)),
        (
            accounts::disconnected_at.eq(None::<Timestamp>),
            accounts::died_at.eq(None::<Timestamp>),
            accounts::death.eq(None::<&str>),
            accounts::mistaken_for.eq(None::<&str>),
            accounts::renewed_at.eq(None::<Timestamp>),
            accounts::renewal_due_at.eq(Some(new.renewal_due_at)),
            accounts::renewal_trouble.eq(None::<&str>),
            accounts::warned_days.eq(None::<i32>),
            accounts::picture_url.eq(new.profile.picture_url.as_ref().map(Url::as_str)),
        ),
    );
    // What was copied before is shown until another picture is here, but not where Instagram shows none any more.
    let no_copy = (accounts::picture_path.eq(None::<&str>), accounts::picture_copied_at.eq(None::<Timestamp>));
    let without_copy = new.profile.picture_url.is_none().then_some(no_copy);
    Ok(run!(conn, |c| diesel::insert_into(accounts::table)
        .values((
            accounts::id.eq(new.id),
            accounts::organization_id.eq(new.organization_id),
            accounts::instagram_id.eq(Some(&new.profile.instagram_id)),
            accounts::created_at.eq(new.now),
            fresh,
        ))
        .on_conflict((accounts::organization_id, accounts::instagram_id))
        .do_update()
        .set((fresh, without_copy))
        .returning(accounts::id)
        .get_result(c))?)
}

/// The accounts on an organization's list, with the links they came through.
macro_rules! listed {
    ($organization:expr) => {
        accounts::table
            .left_join(links::table.on(accounts::connected_through.eq(links::id.nullable())))
            .filter(accounts::organization_id.eq($organization))
            .filter(accounts::disconnected_at.is_null())
            .select((
                accounts::id,
                accounts::username,
                accounts::display_name,
                accounts::account_type,
                accounts::token_expires_at,
                accounts::connected_at,
                accounts::created_at,
                accounts::mistaken_for,
                accounts::death,
                accounts::picture_copied_at,
                links::description.nullable(),
            ))
    };
}

/// The accounts of an organization, connected and pending, newest first. Connecting again moves nothing: a row that jumps would take
/// the focus of whoever works on it along (U26).
pub async fn list(conn: &mut Conn, organization: OrganizationId) -> Result<Vec<ListedAccount>, Failure> {
    Ok(run!(conn, |c| listed!(organization)
        .order((accounts::created_at.desc(), accounts::id.desc()))
        .load::<ListedAccount>(c))?)
}

/// One account on the list of this organization.
pub async fn find(
    conn: &mut Conn,
    id: AccountId,
    organization: OrganizationId,
) -> Result<Option<ListedAccount>, Failure> {
    Ok(run!(conn, |c| listed!(organization).filter(accounts::id.eq(id)).first::<ListedAccount>(c)).optional()?)
}

/// Disconnects a connected account of this organization and erases its token; its handle, or `None` when there is
/// no such account.
pub async fn disconnect(
    conn: &mut Conn,
    id: AccountId,
    organization: OrganizationId,
    now: Timestamp,
) -> Result<Option<String>, Failure> {
    Ok(run!(conn, |c| diesel::update(
        accounts::table
            .filter(accounts::id.eq(id))
            .filter(accounts::organization_id.eq(organization))
            .filter(accounts::instagram_id.is_not_null())
            .filter(accounts::disconnected_at.is_null()),
    )
    .set((
        accounts::disconnected_at.eq(Some(now)),
        accounts::died_at.eq(None::<Timestamp>),
        accounts::death.eq(None::<String>),
        token::without_token(),
        picture::without_picture(),
    ))
    .returning(accounts::username)
    .get_result(c))
    .optional()?)
}

/// Locks the row of an account until the transaction ends, if there is one.
pub async fn lock(conn: &mut Conn, id: AccountId) -> Result<(), Failure> {
    run!(conn, |c| diesel::update(accounts::table.filter(accounts::id.eq(id)))
        .set(accounts::created_at.eq(accounts::created_at))
        .execute(c))?;
    Ok(())
}

/// Whether an account is on its organization's list.
pub async fn is_listed(conn: &mut Conn, id: AccountId) -> Result<bool, Failure> {
    let found: Option<AccountId> = run!(conn, |c| accounts::table
        .filter(accounts::id.eq(id))
        .filter(accounts::disconnected_at.is_null())
        .select(accounts::id)
        .first(c))
    .optional()?;
    Ok(found.is_some())
}

/// Brings what an account calls itself up to date.
pub async fn note_profile(conn: &mut Conn, id: AccountId, profile: &Profile) -> Result<(), Failure> {
    run!(conn, |c| diesel::update(accounts::table.filter(accounts::id.eq(id)))
        .set((
            accounts::username.eq(&profile.username),
            accounts::display_name.eq(&profile.name),
            accounts::account_type.eq(Some(profile.account_type.as_str())),
        ))
        .execute(c))?;
    Ok(())
}

/// Deletes every account of an organization that is being deleted, with its token and everything else that hangs on it.
pub async fn delete_all(conn: &mut Conn, organization: OrganizationId) -> Result<Vec<AccountId>, Failure> {
    Ok(run!(conn, |c| diesel::delete(accounts::table.filter(accounts::organization_id.eq(organization)))
        .returning(accounts::id)
        .load(c))?)
}

/// Locks the accounts that Instagram's callback names until the transaction ends: nobody makes a link for one of them
/// meanwhile.
pub async fn lock_by_app_scoped_id(conn: &mut Conn, app_scoped_id: &str) -> Result<(), Failure> {
    run!(conn, |c| diesel::update(accounts::table.filter(accounts::app_scoped_id.eq(Some(app_scoped_id))))
        .set(accounts::created_at.eq(accounts::created_at))
        .execute(c))?;
    Ok(())
}

/// Deletes the accounts that Instagram's callback names, in every organization, with everything that hangs on them.
pub async fn delete_by_app_scoped_id(
    conn: &mut Conn,
    app_scoped_id: &str,
) -> Result<Vec<(AccountId, OrganizationId)>, Failure> {
    Ok(run!(conn, |c| diesel::delete(accounts::table.filter(accounts::app_scoped_id.eq(Some(app_scoped_id))))
        .returning((accounts::id, accounts::organization_id))
        .load(c))?)
}

/// Who is told about an account by mail: who made the link it came through, while they are a member; else an owner of the
/// organization.
pub async fn find_who_to_tell(conn: &mut Conn, id: AccountId) -> Result<Option<UserId>, Failure> {
    let maker: Option<UserId> = run!(conn, |c| accounts::table
        .inner_join(links::table.on(accounts::connected_through.eq(links::id.nullable())))
        .inner_join(memberships::table.on(
            memberships::user_id.eq(links::created_by).and(memberships::organization_id.eq(accounts::organization_id))
        ),)
        .filter(accounts::id.eq(id))
        .select(memberships::user_id)
        .first(c))
    .optional()?;
    if maker.is_some() { Ok(maker) } else { find_owner(conn, id).await }
}

/// An owner of the organization that an account belongs to: of several the first.
pub async fn find_owner(conn: &mut Conn, id: AccountId) -> Result<Option<UserId>, Failure> {
    Ok(run!(conn, |c| accounts::table
        .inner_join(memberships::table.on(memberships::organization_id.eq(accounts::organization_id)))
        .filter(accounts::id.eq(id))
        .filter(memberships::role.eq("owner"))
        .order(memberships::created_at)
        .select(memberships::user_id)
        .first(c))
    .optional()?)
}

/// The organization, the handle and the member's address that a mail about an account needs; `None` when the account or
/// the membership is gone.
pub async fn find_mail_facts(conn: &mut Conn, id: AccountId, to: UserId) -> Result<Option<MailFacts>, Failure> {
    Ok(run!(conn, |c| accounts::table
        .inner_join(organizations::table.on(organizations::id.eq(accounts::organization_id)))
        .inner_join(
            memberships::table
                .on(memberships::organization_id.eq(accounts::organization_id).and(memberships::user_id.eq(to))),
        )
        .inner_join(users::table.on(users::id.eq(memberships::user_id)))
        .filter(accounts::id.eq(id))
        .filter(accounts::disconnected_at.is_null())
        .select((
            organizations::name,
            accounts::username,
            users::email,
            accounts::death,
            accounts::token_expires_at,
            accounts::warned_days,
            accounts::renewal_trouble,
        ))
        .first::<MailFacts>(c))
    .optional()?)
}

/// Whether the organization has a connected account that goes by this handle.
pub async fn has_connected(conn: &mut Conn, organization: OrganizationId, handle: &Handle) -> Result<bool, Failure> {
    let found = run!(conn, |c| accounts::table
        .filter(accounts::organization_id.eq(organization))
        .filter(accounts::instagram_id.is_not_null())
        .filter(accounts::disconnected_at.is_null())
        .filter(accounts::username.eq(handle.as_str()))
        .select(accounts::id)
        .first::<AccountId>(c))
    .optional()?;
    Ok(found.is_some())
}

/// The row of an account of Instagram's in an organization, connected now or earlier.
#[derive(Clone, Copy, Debug, Queryable)]
pub struct KnownAccount {
    /// Names the row.
    pub id: AccountId,
    /// When its token ends, where it has one.
    pub token_expires_at: Option<Timestamp>,
    /// When it left the list; `None` while it stands there.
    pub disconnected_at: Option<Timestamp>,
}

/// What an organization has of an account of Instagram's.
pub async fn find_by_instagram_id(
    conn: &mut Conn,
    organization: OrganizationId,
    instagram_id: &str,
) -> Result<Option<KnownAccount>, Failure> {
    Ok(run!(conn, |c| accounts::table
        .filter(accounts::organization_id.eq(organization))
        .filter(accounts::instagram_id.eq(Some(instagram_id)))
        .select((accounts::id, accounts::token_expires_at, accounts::disconnected_at))
        .first::<KnownAccount>(c))
    .optional()?)
}
