//! Instagram accounts in the database.

pub mod deletions;

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
    token_death::TokenDeath,
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use std::time::Duration;
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

/// A connected account whose token works, as far as anybody knows.
#[derive(Debug, Queryable)]
pub struct LiveAccess {
    /// Names the row.
    pub id: AccountId,
    /// Whose it is.
    pub organization_id: OrganizationId,
    /// What Instagram knows it by.
    pub instagram_id: String,
    /// The handle, without "@".
    pub username: String,
    /// Its token.
    pub token_sealed: Sealed,
    /// When that was given out; a write with another one comes too late.
    pub issued_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was last renewed.
    pub renewed_at: Option<Timestamp>,
    /// When it is renewed next.
    pub renewal_due_at: Option<Timestamp>,
    /// Why renewing it failed last, in the stored word.
    pub renewal_trouble: Option<String>,
}

/// How the profile picture of a living account stands.
#[derive(Debug, Queryable)]
pub struct PictureState {
    /// Whose the account is.
    pub organization_id: OrganizationId,
    /// Instagram's address of a picture that is not here yet.
    pub url: Option<String>,
    /// When the copy that is here was made.
    pub copied_at: Option<Timestamp>,
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

/// An account that somebody is asked to connect.
#[derive(Debug, Queryable)]
pub struct AwaitedAccount {
    /// The handle, without "@".
    pub username: String,
    /// What Instagram knows it by, once it was connected.
    pub instagram_id: Option<String>,
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
        without_token(),
        without_picture(),
    ))
    .returning(accounts::username)
    .get_result(c))
    .optional()?)
}

/// What a row says of its token once there is none any more.
type WithoutToken = (
    diesel::dsl::Eq<accounts::token_sealed, Option<Sealed>>,
    diesel::dsl::Eq<accounts::token_issued_at, Option<Timestamp>>,
    diesel::dsl::Eq<accounts::token_expires_at, Option<Timestamp>>,
    diesel::dsl::Eq<accounts::renewal_due_at, Option<Timestamp>>,
    diesel::dsl::Eq<accounts::renewal_trouble, Option<String>>,
);

fn without_token() -> WithoutToken {
    (
        accounts::token_sealed.eq(None::<Sealed>),
        accounts::token_issued_at.eq(None::<Timestamp>),
        accounts::token_expires_at.eq(None::<Timestamp>),
        accounts::renewal_due_at.eq(None::<Timestamp>),
        accounts::renewal_trouble.eq(None::<String>),
    )
}

/// What a row says of the profile picture once there is none any more.
type WithoutPicture = (
    diesel::dsl::Eq<accounts::picture_url, Option<String>>,
    diesel::dsl::Eq<accounts::picture_path, Option<String>>,
    diesel::dsl::Eq<accounts::picture_copied_at, Option<Timestamp>>,
);

fn without_picture() -> WithoutPicture {
    (
        accounts::picture_url.eq(None::<String>),
        accounts::picture_path.eq(None::<String>),
        accounts::picture_copied_at.eq(None::<Timestamp>),
    )
}

/// An account's living token, with what its seal is bound to; `None` when there is none.
pub async fn find_access(conn: &mut Conn, id: AccountId) -> Result<Option<LiveAccess>, Failure> {
    Ok(run!(conn, |c| accounts::table
        .filter(accounts::id.eq(id))
        .filter(accounts::token_sealed.is_not_null())
        .select((
            accounts::id,
            accounts::organization_id,
            accounts::instagram_id.assume_not_null(),
            accounts::username,
            accounts::token_sealed.assume_not_null(),
            accounts::token_issued_at.assume_not_null(),
            accounts::token_expires_at.assume_not_null(),
            accounts::renewed_at,
            accounts::renewal_due_at,
            accounts::renewal_trouble,
        ))
        .first::<LiveAccess>(c))
    .optional()?)
}

/// The row of a token, as long as it is that token.
macro_rules! of_token {
    ($access:expr) => {
        accounts::table
            .filter(accounts::id.eq($access.id))
            .filter(accounts::token_issued_at.eq(Some($access.issued_at)))
            .filter(accounts::token_sealed.is_not_null())
    };
}

/// Whether an account's token is still this one; it is until the transaction ends.
pub async fn is_current(conn: &mut Conn, access: &LiveAccess) -> Result<bool, Failure> {
    // An update that changes nothing locks the row on both databases alike.
    let rows = run!(conn, |c| diesel::update(of_token!(access))
        .set(accounts::token_issued_at.eq(Some(access.issued_at)))
        .execute(c))?;
    Ok(rows == 1)
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

/// Replaces a token by its renewal; `false` when it is another one already.
pub async fn renew(
    conn: &mut Conn,
    access: &LiveAccess,
    token_sealed: &Sealed,
    now: Timestamp,
    expires_at: Timestamp,
    next: Timestamp,
) -> Result<bool, Failure> {
    let rows = run!(conn, |c| diesel::update(of_token!(access))
        .set((
            accounts::token_sealed.eq(Some(token_sealed)),
            accounts::token_issued_at.eq(Some(now)),
            accounts::token_expires_at.eq(Some(expires_at)),
            accounts::renewed_at.eq(Some(now)),
            accounts::renewal_due_at.eq(Some(next)),
            accounts::renewal_trouble.eq(None::<String>),
            accounts::warned_days.eq(None::<i32>),
        ))
        .execute(c))?;
    Ok(rows == 1)
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

/// Notes where Instagram shows the profile picture now, or that there is none. Says whether that leaves something to
/// do: another picture is to be copied, or the old one to be deleted.
pub async fn note_picture(conn: &mut Conn, access: &LiveAccess, picture: Option<&Url>) -> Result<bool, Failure> {
    let rows = match picture {
        Some(url) => {
            // Each look brings another signature; the picture is the same as long as the path is. One that was there in
            // between was taken back, and is copied no more.
            let is_known = accounts::picture_path.eq(Some(url.path()));
            run!(conn, |c| diesel::update(of_token!(access).filter(is_known))
                .set(accounts::picture_url.eq(None::<String>))
                .execute(c))?;
            let is_another = accounts::picture_path.is_null().or(accounts::picture_path.ne(Some(url.path())));
            run!(conn, |c| diesel::update(of_token!(access).filter(is_another))
                .set(accounts::picture_url.eq(Some(url.as_str())))
                .execute(c))?
        }
        None => {
            let is_some = accounts::picture_url.is_not_null().or(accounts::picture_path.is_not_null());
            run!(conn, |c| diesel::update(of_token!(access).filter(is_some)).set(without_picture()).execute(c))?
        }
    };
    Ok(rows == 1)
}

/// How the profile picture of a living account stands; `None` when there is no such account.
pub async fn find_picture_state(conn: &mut Conn, id: AccountId) -> Result<Option<PictureState>, Failure> {
    Ok(run!(conn, |c| accounts::table
        .filter(accounts::id.eq(id))
        .filter(accounts::token_sealed.is_not_null())
        .select((accounts::organization_id, accounts::picture_url, accounts::picture_copied_at))
        .first::<PictureState>(c))
    .optional()?)
}

/// Notes that the profile picture was copied from this address. `false` when the account is gone or dead, or has
/// another address by now.
pub async fn note_picture_copied(
    conn: &mut Conn,
    id: AccountId,
    url: &Url,
    copied_at: Timestamp,
) -> Result<bool, Failure> {
    let rows = run!(conn, |c| diesel::update(
        accounts::table
            .filter(accounts::id.eq(id))
            .filter(accounts::token_sealed.is_not_null())
            .filter(accounts::picture_url.eq(Some(url.as_str()))),
    )
    .set((
        accounts::picture_url.eq(None::<String>),
        accounts::picture_path.eq(Some(url.path())),
        accounts::picture_copied_at.eq(Some(copied_at)),
    ))
    .execute(c))?;
    Ok(rows == 1)
}

/// Notes that this address of a profile picture is of no use. What was copied before stays.
pub async fn note_picture_useless(conn: &mut Conn, id: AccountId, url: &str) -> Result<(), Failure> {
    run!(conn, |c| diesel::update(
        accounts::table.filter(accounts::id.eq(id)).filter(accounts::picture_url.eq(Some(url))),
    )
    .set(accounts::picture_url.eq(None::<String>))
    .execute(c))?;
    Ok(())
}

/// When the profile picture of an account on this organization's list was copied; `None` when there is none.
pub async fn find_picture(
    conn: &mut Conn,
    id: AccountId,
    organization: OrganizationId,
) -> Result<Option<Timestamp>, Failure> {
    Ok(run!(conn, |c| accounts::table
        .filter(accounts::id.eq(id))
        .filter(accounts::organization_id.eq(organization))
        .filter(accounts::disconnected_at.is_null())
        .filter(accounts::picture_copied_at.is_not_null())
        .select(accounts::picture_copied_at.assume_not_null())
        .first(c))
    .optional()?)
}

/// Forgets a copy that is not where it should be, so that the next look at the profile brings it anew. Nobody looks at
/// that of a dead account: if the store was only away for a while, its picture is there again.
pub async fn note_picture_lost(conn: &mut Conn, id: AccountId, copied_at: Timestamp) -> Result<(), Failure> {
    run!(conn, |c| diesel::update(
        accounts::table
            .filter(accounts::id.eq(id))
            .filter(accounts::token_sealed.is_not_null())
            .filter(accounts::picture_copied_at.eq(Some(copied_at))),
    )
    .set((accounts::picture_path.eq(None::<String>), accounts::picture_copied_at.eq(None::<Timestamp>)))
    .execute(c))?;
    Ok(())
}

/// Notes why a token could not be renewed, and when that is tried again.
pub async fn note_renewal_trouble(
    conn: &mut Conn,
    access: &LiveAccess,
    trouble: &str,
    next: Timestamp,
) -> Result<(), Failure> {
    run!(conn, |c| diesel::update(of_token!(access))
        .set((accounts::renewal_trouble.eq(Some(trouble)), accounts::renewal_due_at.eq(Some(next))))
        .execute(c))?;
    Ok(())
}

/// Notes that a member was warned so many days before the end; `false` when that, or a later one, was noted before.
pub async fn note_warning(conn: &mut Conn, access: &LiveAccess, days: i32) -> Result<bool, Failure> {
    let rows = run!(conn, |c| diesel::update(
        of_token!(access).filter(accounts::warned_days.is_null().or(accounts::warned_days.gt(Some(days)))),
    )
    .set(accounts::warned_days.eq(Some(days)))
    .execute(c))?;
    Ok(rows == 1)
}

/// Erases a dead token and notes why it died; `false` when it is another one already.
pub async fn mark_dead(
    conn: &mut Conn,
    access: &LiveAccess,
    reason: TokenDeath,
    now: Timestamp,
) -> Result<bool, Failure> {
    let rows = run!(conn, |c| diesel::update(of_token!(access))
        .set((accounts::died_at.eq(Some(now)), accounts::death.eq(Some(reason.as_str())), without_token()))
        .execute(c))?;
    Ok(rows == 1)
}

/// Takes the living accounts that Instagram's callback names as removed by their owner, in every organization. What was
/// connected after the callback was issued is not meant by it: callbacks come late, and twice.
pub async fn mark_removed(
    conn: &mut Conn,
    app_scoped_id: &str,
    issued_at: Timestamp,
    now: Timestamp,
) -> Result<Vec<(AccountId, OrganizationId, String)>, Failure> {
    Ok(run!(conn, |c| diesel::update(
        accounts::table
            .filter(accounts::app_scoped_id.eq(Some(app_scoped_id)))
            .filter(accounts::token_sealed.is_not_null())
            // Callbacks know whole seconds only.
            .filter(accounts::connected_at.le(Some(issued_at.plus(Duration::from_secs(1))))),
    )
    .set((accounts::died_at.eq(Some(now)), accounts::death.eq(Some(TokenDeath::AppRemoved.as_str())), without_token(),))
    .returning((accounts::id, accounts::organization_id, accounts::username))
    .load(c))?)
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

/// Living accounts whose renewal is so long overdue that its job must have been lost.
pub async fn list_forgotten(conn: &mut Conn, before: Timestamp) -> Result<Vec<(AccountId, OrganizationId)>, Failure> {
    Ok(run!(conn, |c| accounts::table
        .filter(accounts::token_sealed.is_not_null())
        .filter(accounts::renewal_due_at.lt(Some(before)))
        .select((accounts::id, accounts::organization_id))
        .limit(1_000)
        .load(c))?)
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

/// Adds a pending account (T20). `false` when the organization already waits for this handle.
pub async fn insert_pending(
    conn: &mut Conn,
    id: AccountId,
    organization: OrganizationId,
    handle: &Handle,
    now: Timestamp,
) -> Result<bool, Failure> {
    let rows = run!(conn, |c| diesel::insert_into(accounts::table)
        .values((
            accounts::id.eq(id),
            accounts::organization_id.eq(organization),
            accounts::username.eq(handle.as_str()),
            accounts::created_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(rows == 1)
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

/// A pending or dead account of this organization, locked until the transaction ends; `None` when there is no such
/// account, or it waits for nobody any more. One whose token has ended is dead, whether that was noticed yet or not.
pub async fn find_awaited(
    conn: &mut Conn,
    id: AccountId,
    organization: OrganizationId,
    now: Timestamp,
) -> Result<Option<AwaitedAccount>, Failure> {
    // An update that changes nothing locks the row on both databases alike.
    Ok(run!(conn, |c| diesel::update(
        accounts::table
            .filter(accounts::id.eq(id))
            .filter(accounts::organization_id.eq(organization))
            .filter(accounts::token_sealed.is_null().or(accounts::token_expires_at.le(Some(now))))
            .filter(accounts::disconnected_at.is_null()),
    )
    .set(accounts::disconnected_at.eq(None::<Timestamp>))
    .returning((accounts::username, accounts::instagram_id))
    .get_result::<AwaitedAccount>(c))
    .optional()?)
}

/// Makes a pending account the connected one; `false` when it is pending no more.
pub async fn connect_pending(conn: &mut Conn, new: &NewConnection<'_>) -> Result<bool, Failure> {
    let rows = run!(conn, |c| diesel::update(
        accounts::table
            .filter(accounts::id.eq(new.id))
            .filter(accounts::instagram_id.is_null())
            .filter(accounts::disconnected_at.is_null()),
    )
    .set((
        accounts::instagram_id.eq(Some(&new.profile.instagram_id)),
        accounts::app_scoped_id.eq(Some(&new.profile.app_scoped_id)),
        accounts::username.eq(&new.profile.username),
        accounts::display_name.eq(&new.profile.name),
        accounts::account_type.eq(Some(new.profile.account_type.as_str())),
        accounts::token_sealed.eq(Some(new.token_sealed)),
        accounts::token_issued_at.eq(Some(new.now)),
        accounts::token_expires_at.eq(Some(new.token_expires_at)),
        accounts::connected_at.eq(Some(new.now)),
        accounts::connected_through.eq(Some(new.link)),
        accounts::mistaken_for.eq(None::<String>),
        accounts::renewal_due_at.eq(Some(new.renewal_due_at)),
        accounts::picture_url.eq(new.profile.picture_url.as_ref().map(Url::as_str)),
    ))
    .execute(c))?;
    Ok(rows == 1)
}

/// The row of an account of Instagram's in an organization, connected now or earlier, and when its token ends, where it
/// has one.
pub async fn find_by_instagram_id(
    conn: &mut Conn,
    organization: OrganizationId,
    instagram_id: &str,
) -> Result<Option<(AccountId, Option<Timestamp>)>, Failure> {
    Ok(run!(conn, |c| accounts::table
        .filter(accounts::organization_id.eq(organization))
        .filter(accounts::instagram_id.eq(Some(instagram_id)))
        .select((accounts::id, accounts::token_expires_at))
        .first(c))
    .optional()?)
}

/// The pending account of an organization that goes by this handle, in whatever case.
pub async fn find_pending_by_handle(
    conn: &mut Conn,
    organization: OrganizationId,
    username: &str,
) -> Result<Option<AccountId>, Failure> {
    let handle = username.to_lowercase();
    Ok(run!(conn, |c| accounts::table
        .filter(accounts::organization_id.eq(organization))
        .filter(accounts::username.eq(&handle))
        .filter(accounts::instagram_id.is_null())
        .filter(accounts::disconnected_at.is_null())
        .select(accounts::id)
        .first(c))
    .optional()?)
}

/// Forgets a pending account. Its links go with it, unless they were given to another account before.
pub async fn delete_pending(conn: &mut Conn, id: AccountId) -> Result<(), Failure> {
    run!(conn, |c| diesel::delete(
        accounts::table.filter(accounts::id.eq(id)).filter(accounts::instagram_id.is_null())
    )
    .execute(c))?;
    Ok(())
}

/// Takes a pending account off the list; its row stays for the page of its dead link.
pub async fn withdraw_pending(conn: &mut Conn, id: AccountId, now: Timestamp) -> Result<(), Failure> {
    run!(conn, |c| diesel::update(
        accounts::table.filter(accounts::id.eq(id)).filter(accounts::instagram_id.is_null()),
    )
    .set(accounts::disconnected_at.eq(Some(now)))
    .execute(c))?;
    Ok(())
}

/// Notes that somebody tried to connect another account than the one that is asked for (U07).
pub async fn note_mistake(conn: &mut Conn, id: AccountId, username: &str, now: Timestamp) -> Result<(), Failure> {
    run!(conn, |c| diesel::update(
        accounts::table
            .filter(accounts::id.eq(id))
            .filter(accounts::token_sealed.is_null().or(accounts::token_expires_at.le(Some(now)))),
    )
    .set(accounts::mistaken_for.eq(Some(username)))
    .execute(c))?;
    Ok(())
}
