//! The rules of collected posts: begin with a connection, show, forget. `walk` keeps them as they are at Instagram.

mod walk;

pub use walk::collect;

use super::{
    model::{CollectionView, PostCursor, PostView, PostsPage},
    queries,
};
use crate::{
    accounts,
    db::Conn,
    error::AppError,
    failure::Failure,
    ids::{AccountId, OrganizationId, PostId, UserId},
    instagram::MediaKind,
    paths,
    queue::{self, Claim, Job},
    timestamp::Timestamp,
    work::{MemberWork, Tools},
};
use std::{collections::HashSet, time::Duration};

/// Posts on one page.
pub const PAGE: usize = 48;

/// A collection that is overdue by so much has lost its job, or its job was given up.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(6 * 3_600);

/// Begins to collect, inside the transaction that stores the connection. Who is named is told when the first collection is
/// done (T18, T19).
///
/// # Errors
/// When the database refuses.
pub async fn begin(
    tools: &Tools,
    conn: &mut Conn,
    organization: OrganizationId,
    account: AccountId,
    tell: Option<UserId>,
) -> Result<(), Failure> {
    let now = tools.now();
    queries::begin(conn, account, tell, now).await?;
    let job = Job::CollectPosts { account };
    queue::enqueue(conn, &tools.randomness, organization, &job, now, now).await?;
    queue::reset(conn, &job, now).await
}

/// Enqueues the collections whose jobs were lost or given up, and those of accounts that are older than collecting.
///
/// # Errors
/// When the database refuses.
pub async fn remember_forgotten(tools: &Tools) -> Result<(), Failure> {
    let now = tools.now();
    let forgotten = queries::list_forgotten(&mut tools.db.read().await?, now.minus(FORGOTTEN_AFTER)).await?;
    for (account, organization) in forgotten {
        let mut conn = tools.db.write().await?;
        let job = Job::CollectPosts { account };
        queue::enqueue(&mut conn, &tools.randomness, organization, &job, now, now).await?;
    }
    Ok(())
}

/// How the collection of an account of the member's organization stands.
///
/// # Errors
/// When the organization has no such account, or the database does not answer.
pub async fn view(work: &MemberWork, id: AccountId) -> Result<CollectionView, Failure> {
    let account = accounts::service::find(work, id).await?;
    let now = work.now();
    let mut conn = work.db.read().await?;
    let collection = queries::find(&mut conn, id).await?;
    let posts = queries::count(&mut conn, id).await?;
    let collects = !account.is_pending() && !account.is_dead();
    let at = |at: Timestamp| at.moment(now);
    Ok(CollectionView {
        posts,
        last_success_at: collection.as_ref().and_then(|c| c.last_success_at).map(at),
        next_at: collection.as_ref().filter(|_| collects).map(|c| at(c.due_at)),
        trouble: collection
            .filter(|_| collects)
            .and_then(|c| c.trouble)
            .as_deref()
            .map(accounts::service::trouble::words),
    })
}

/// Some posts of an account of the member's organization, newest first, from a place on.
///
/// # Errors
/// When the organization has no such account, or the database does not answer.
pub async fn posts(work: &MemberWork, id: AccountId, before: Option<PostCursor>) -> Result<PostsPage, Failure> {
    accounts::service::find(work, id).await?;
    let now = work.now();
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let mut rows = queries::list(&mut work.db.read().await?, id, before, limit).await?;
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let next =
        rows.last().filter(|_| more).map(|last| PostCursor { posted_at: last.posted_at.as_micros(), id: last.id });
    let posts = rows.into_iter().map(|row| PostView {
        id: row.id,
        kind: match MediaKind::parse(&row.kind) {
            MediaKind::Image => "Photo".to_owned(),
            MediaKind::Video => "Video".to_owned(),
            MediaKind::Carousel => "Album".to_owned(),
            MediaKind::Other(word) => word,
        },
        caption: row.caption,
        permalink: row.permalink,
        picture: row.picture_copied_at.map(|_| paths::picture(row.id)),
        posted_at: row.posted_at.moment(now),
    });
    Ok(PostsPage { posts: posts.collect(), next })
}

/// Deletes everything collected from an account that was disconnected or deleted, then ends the job that asked for it. An
/// account that is on its organization's list keeps what it has, but for the pictures of posts that are gone. For any
/// other it is done once more when no copier can be left that began before: one that dies right after it put a picture
/// there takes it away no more.
///
/// # Errors
/// When the database or the store of pictures refuses; then it is done again.
pub async fn forget(tools: &Tools, claim: &Claim, account: AccountId) -> Result<(), Failure> {
    let mut tx = tools.db.begin().await?;
    // Locked first: somebody may be connecting it again.
    accounts::queries::lock(&mut tx, account).await?;
    // One that was connected again keeps its history, even if it died since.
    let is_kept = accounts::queries::is_listed(&mut tx, account).await?;
    if !is_kept {
        queries::forget(&mut tx, account).await?;
    }
    tx.commit().await?;
    if is_kept {
        delete_pictures_of_nothing(tools, account).await?;
    } else {
        tools.media.delete_all(account).await?;
    }
    let mut tx = tools.db.begin().await?;
    accounts::queries::lock(&mut tx, account).await?;
    let is_as_it_was = accounts::queries::is_listed(&mut tx, account).await? == is_kept;
    if is_as_it_was && (is_kept || queries::find(&mut tx, account).await?.is_none()) {
        // Whoever deleted its organization meanwhile had this job begin anew: then all of it is done once more anyway.
        if queue::finish(&mut tx, claim).await? && !is_kept && !claim.is_repeat {
            let now = tools.now();
            queue::repeat(&mut tx, &tools.randomness, claim, now.plus(queue::LEASE), now).await?;
        }
    } else {
        // Whoever disconnected it meanwhile found this job waiting, and counts on it.
        queue::restart(&mut tx, claim, tools.now()).await?;
    }
    tx.commit().await
}

/// Deletes the pictures of an account whose posts are gone.
async fn delete_pictures_of_nothing(tools: &Tools, account: AccountId) -> Result<(), Failure> {
    // In this order: a post is there before its picture is, so that no picture is taken for one without a post.
    let pictures = tools.media.list(account).await?;
    let posts: HashSet<PostId> = queries::ids(&mut tools.db.read().await?, account).await?.into_iter().collect();
    for post in pictures.into_iter().filter(|post| !posts.contains(post)) {
        tools.media.delete(account, post).await?;
    }
    Ok(())
}

/// The picture of a post, a JPEG, for a member of the organization whose account it is, and when it was copied; without
/// the picture where `is_held` says of that time that the browser has it. One that the store has lost is copied again
/// as soon as its address is known.
///
/// # Errors
/// [`AppError::NotFound`] when there is no such picture here.
pub async fn picture(
    work: &MemberWork,
    post: PostId,
    is_held: impl FnOnce(Timestamp) -> bool,
) -> Result<(Timestamp, Option<Vec<u8>>), Failure> {
    let mut conn = work.db.read().await?;
    let found = queries::find_picture(&mut conn, post, work.actor.organization_id).await?;
    let (account, copied_at) = found.ok_or(AppError::NotFound)?;
    drop(conn);
    if is_held(copied_at) {
        return Ok((copied_at, None));
    }
    if let Some(jpeg) = work.media.get(account, post).await? {
        return Ok((copied_at, Some(jpeg)));
    }
    // Nobody asked for a change; but as long as the row says that it is here, it never comes back.
    tracing::warn!(%account, %post, "the store has lost a picture; while the account lives, it is copied again");
    queries::note_loss(&mut work.db.write().await?, post, copied_at).await?;
    Err(AppError::NotFound.into())
}
