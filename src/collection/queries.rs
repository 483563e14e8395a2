//! Collected posts in the database, and how each account's collection stands.

use super::model::PostCursor;
use crate::{
    db::{
        Conn, run,
        schema::{accounts, collections, posts},
    },
    failure::Failure,
    ids::{AccountId, OrganizationId, PostId, UserId},
    instagram::Media,
    timestamp::Timestamp,
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// How a collection stands.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = collections)]
pub struct Collection {
    /// Numbers the walks through the posts.
    pub run: i32,
    /// The walk under way, in the stored word; `None` between two.
    pub walk: Option<String>,
    /// Where it goes on.
    pub cursor: Option<String>,
    /// When all news were last collected.
    pub last_success_at: Option<Timestamp>,
    /// When all posts were last compared.
    pub last_full_at: Option<Timestamp>,
    /// When Instagram is asked again.
    pub due_at: Timestamp,
    /// Why it failed last, in the stored word.
    pub trouble: Option<String>,
}

/// A post as it is listed.
#[derive(Debug, Queryable)]
pub struct ListedPost {
    /// Names the row.
    pub id: PostId,
    /// Instagram's word for its kind.
    pub kind: String,
    /// What the author wrote.
    pub caption: Option<String>,
    /// Where it is at Instagram.
    pub permalink: String,
    /// When it was posted.
    pub posted_at: Timestamp,
    /// When its picture was copied.
    pub picture_copied_at: Option<Timestamp>,
}

/// A picture that is not here yet.
#[derive(Debug, Queryable)]
pub struct WaitingPicture {
    /// Of which post.
    pub post: PostId,
    /// Instagram's address of it.
    pub url: String,
    /// How often it failed to come.
    pub failures: i32,
}

/// Begins the collection of an account, or begins it anew after it was connected again; its history stays.
pub async fn begin(conn: &mut Conn, account: AccountId, tell: Option<UserId>, now: Timestamp) -> Result<(), Failure> {
    let fresh = (
        collections::due_at.eq(now),
        collections::walk.eq(None::<String>),
        collections::cursor.eq(None::<String>),
        collections::trouble.eq(None::<String>),
        // Who waits to be told still does.
        tell.map(|tell| collections::tell.eq(Some(tell))),
    );
    run!(conn, |c| diesel::insert_into(collections::table)
        .values((collections::account_id.eq(account), collections::due_at.eq(now), collections::tell.eq(tell)))
        .on_conflict(collections::account_id)
        .do_update()
        .set(fresh.clone())
        .execute(c))?;
    Ok(())
}

/// How the collection of an account stands; `None` when it never began.
pub async fn find(conn: &mut Conn, account: AccountId) -> Result<Option<Collection>, Failure> {
    Ok(run!(conn, |c| collections::table.find(account).select(Collection::as_select()).first(c)).optional()?)
}

/// Notes how far a walk has come.
pub async fn save_walk(
    conn: &mut Conn,
    account: AccountId,
    run: i32,
    walk: Option<&str>,
    cursor: Option<&str>,
) -> Result<(), Failure> {
    run!(conn, |c| diesel::update(collections::table.find(account))
        .set((
            collections::run.eq(run),
            collections::walk.eq(walk),
            collections::cursor.eq(cursor),
            collections::trouble.eq(None::<String>),
        ))
        .execute(c))?;
    Ok(())
}

/// Ends a walk that met everything it was for.
pub async fn succeed(
    conn: &mut Conn,
    account: AccountId,
    full: bool,
    now: Timestamp,
    due_at: Timestamp,
) -> Result<(), Failure> {
    let ended = (
        collections::walk.eq(None::<String>),
        collections::cursor.eq(None::<String>),
        collections::trouble.eq(None::<String>),
        collections::last_success_at.eq(Some(now)),
        collections::due_at.eq(due_at),
    );
    if full {
        let ended = (ended, collections::last_full_at.eq(Some(now)));
        run!(conn, |c| diesel::update(collections::table.find(account)).set(ended.clone()).execute(c))?;
    } else {
        run!(conn, |c| diesel::update(collections::table.find(account)).set(ended.clone()).execute(c))?;
    }
    Ok(())
}

/// Takes the note of who is to be told of the next success: whoever takes it tells, and nobody after (T19).
pub async fn take_tell(conn: &mut Conn, account: AccountId) -> Result<Option<UserId>, Failure> {
    let told: Option<Option<UserId>> =
        run!(conn, |c| collections::table.find(account).select(collections::tell).first(c)).optional()?;
    run!(conn, |c| diesel::update(collections::table.find(account))
        .set(collections::tell.eq(None::<UserId>))
        .execute(c))?;
    Ok(told.flatten())
}

/// Notes why a collection failed, and when it is tried again.
pub async fn note_trouble(
    conn: &mut Conn,
    account: AccountId,
    trouble: &str,
    due_at: Timestamp,
) -> Result<(), Failure> {
    run!(conn, |c| diesel::update(collections::table.find(account))
        .set((collections::trouble.eq(Some(trouble)), collections::due_at.eq(due_at)))
        .execute(c))?;
    Ok(())
}

/// The runs that last met these posts; a post that is not there is new.
pub async fn runs_of(
    conn: &mut Conn,
    account: AccountId,
    instagram_ids: &[&str],
) -> Result<Vec<(String, i32)>, Failure> {
    Ok(run!(conn, |c| posts::table
        .filter(posts::account_id.eq(account))
        .filter(posts::instagram_id.eq_any(instagram_ids))
        .select((posts::instagram_id, posts::met_in_run))
        .load(c))?)
}

/// Stores a post as it is at Instagram now; one that is known is brought up to date, never doubled (F52).
pub async fn upsert(
    conn: &mut Conn,
    id: PostId,
    account: AccountId,
    media: &Media,
    run: i32,
    now: Timestamp,
) -> Result<(), Failure> {
    let fresh = (
        posts::kind.eq(media.kind.as_str()),
        posts::caption.eq(media.caption.as_deref()),
        posts::permalink.eq(&media.permalink),
        posts::posted_at.eq(media.posted_at),
        posts::picture_url.eq(media.picture_url.as_ref().map(url::Url::as_str)),
        posts::met_in_run.eq(run),
    );
    run!(conn, |c| diesel::insert_into(posts::table)
        .values((
            posts::id.eq(id),
            posts::account_id.eq(account),
            posts::instagram_id.eq(&media.instagram_id),
            posts::created_at.eq(now),
            fresh,
        ))
        .on_conflict((posts::account_id, posts::instagram_id))
        .do_update()
        .set(fresh)
        .execute(c))?;
    Ok(())
}

/// Pictures of an account that are not here yet: those that failed least often first, of these the newest.
pub async fn list_without_picture(
    conn: &mut Conn,
    account: AccountId,
    limit: i64,
) -> Result<Vec<WaitingPicture>, Failure> {
    Ok(run!(conn, |c| posts::table
        .filter(posts::account_id.eq(account))
        .filter(posts::picture_copied_at.is_null())
        .filter(posts::picture_url.is_not_null())
        .order((posts::picture_failures.asc(), posts::posted_at.desc()))
        .select((posts::id, posts::picture_url.assume_not_null(), posts::picture_failures))
        .limit(limit)
        .load::<WaitingPicture>(c))?)
}

/// Notes that a picture was copied from this address; or, without a time, that the address is of no use. `false` when the
/// post is gone, or has another address by now.
pub async fn note_picture(
    conn: &mut Conn,
    post: PostId,
    url: &str,
    copied_at: Option<Timestamp>,
) -> Result<bool, Failure> {
    let rows = run!(conn, |c| diesel::update(posts::table.find(post).filter(posts::picture_url.eq(Some(url))))
        .set((posts::picture_copied_at.eq(copied_at), posts::picture_url.eq(None::<String>)))
        .execute(c))?;
    Ok(rows == 1)
}

/// Notes how often a picture has failed to come, the last time from this address. Where that is given up, the next look
/// at the post has to bring an address.
pub async fn note_failure(
    conn: &mut Conn,
    post: PostId,
    url: &str,
    failures: i32,
    is_given_up: bool,
) -> Result<(), Failure> {
    run!(conn, |c| diesel::update(posts::table.find(post).filter(posts::picture_url.eq(Some(url))))
        .set((posts::picture_failures.eq(failures), is_given_up.then(|| posts::picture_url.eq(None::<String>))))
        .execute(c))?;
    Ok(())
}

/// Notes that the copy made at this time is lost; one that was made since is not. The next look at the post brings the
/// picture's address anew, where it is not known. Of an account that nobody looks at any more nothing is noted: if the
/// store was only away for a while, the picture is there again, and otherwise nothing would bring it back.
pub async fn note_loss(conn: &mut Conn, post: PostId, copied_at: Timestamp) -> Result<(), Failure> {
    run!(conn, |c| diesel::update(
        posts::table.find(post).filter(posts::picture_copied_at.eq(Some(copied_at))).filter(
            posts::account_id.eq_any(accounts::table.filter(accounts::token_sealed.is_not_null()).select(accounts::id)),
        ),
    )
    .set(posts::picture_copied_at.eq(None::<Timestamp>))
    .execute(c))?;
    Ok(())
}

/// Whether a post is there.
pub async fn is_there(conn: &mut Conn, post: PostId) -> Result<bool, Failure> {
    let found: Option<PostId> = run!(conn, |c| posts::table.find(post).select(posts::id).first(c)).optional()?;
    Ok(found.is_some())
}

/// The account of a post whose picture is here, if it is one of this organization's, and when that was copied.
pub async fn find_picture(
    conn: &mut Conn,
    post: PostId,
    organization: OrganizationId,
) -> Result<Option<(AccountId, Timestamp)>, Failure> {
    Ok(run!(conn, |c| posts::table
        .inner_join(accounts::table.on(accounts::id.eq(posts::account_id)))
        .filter(posts::id.eq(post))
        .filter(posts::picture_copied_at.is_not_null())
        .filter(accounts::organization_id.eq(organization))
        .filter(accounts::disconnected_at.is_null())
        .select((posts::account_id, posts::picture_copied_at.assume_not_null()))
        .first(c))
    .optional()?)
}

/// Deletes the posts that a full walk did not meet: they are gone at Instagram. Says how many.
pub async fn delete_unmet(conn: &mut Conn, account: AccountId, run: i32) -> Result<usize, Failure> {
    Ok(run!(conn, |c| diesel::delete(
        posts::table.filter(posts::account_id.eq(account)).filter(posts::met_in_run.ne(run))
    )
    .execute(c))?)
}

/// The posts of an account.
pub async fn ids(conn: &mut Conn, account: AccountId) -> Result<Vec<PostId>, Failure> {
    Ok(run!(conn, |c| posts::table.filter(posts::account_id.eq(account)).select(posts::id).load(c))?)
}

/// Deletes everything collected from an account.
pub async fn forget(conn: &mut Conn, account: AccountId) -> Result<(), Failure> {
    run!(conn, |c| diesel::delete(posts::table.filter(posts::account_id.eq(account))).execute(c))?;
    run!(conn, |c| diesel::delete(collections::table.find(account)).execute(c))?;
    Ok(())
}

/// Living accounts whose collection is so long overdue that its job must have been lost or given up.
pub async fn list_forgotten(conn: &mut Conn, before: Timestamp) -> Result<Vec<(AccountId, OrganizationId)>, Failure> {
    Ok(run!(conn, |c| collections::table
        .inner_join(accounts::table.on(accounts::id.eq(collections::account_id)))
        .filter(accounts::token_sealed.is_not_null())
        .filter(collections::due_at.lt(before))
        .select((accounts::id, accounts::organization_id))
        .limit(1_000)
        .load(c))?)
}

/// How many posts an account has here.
pub async fn count(conn: &mut Conn, account: AccountId) -> Result<i64, Failure> {
    Ok(run!(conn, |c| posts::table.filter(posts::account_id.eq(account)).count().get_result(c))?)
}

/// Some posts of an account, newest first, from a place on: the index leads straight there, however deep it lies.
pub async fn list(
    conn: &mut Conn,
    account: AccountId,
    before: Option<PostCursor>,
    limit: i64,
) -> Result<Vec<ListedPost>, Failure> {
    let of_account = || {
        posts::table
            .filter(posts::account_id.eq(account))
            .order((posts::posted_at.desc(), posts::id.desc()))
            .limit(limit)
            .select((
                posts::id,
                posts::kind,
                posts::caption,
                posts::permalink,
                posts::posted_at,
                posts::picture_copied_at,
            ))
    };
    Ok(match before {
        None => run!(conn, |c| of_account().load::<ListedPost>(c))?,
        Some(PostCursor { posted_at, id }) => {
            let at = Timestamp::from_micros(posted_at);
            run!(conn, |c| of_account()
                .filter(posts::posted_at.le(at))
                .filter(posts::posted_at.lt(at).or(posts::id.lt(id)))
                .load::<ListedPost>(c))?
        }
    })
}
