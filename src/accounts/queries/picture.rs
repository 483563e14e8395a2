//! What accounts know of their profile pictures in the database: where Instagram shows one, and when it was copied. The
//! pictures themselves are in the media store.

use super::token::{LiveAccess, of_token};
use crate::{
    db::{Conn, run, schema::accounts},
    failure::Failure,
    ids::{AccountId, OrganizationId},
    timestamp::Timestamp,
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use url::Url;

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

/// What a row says of the profile picture once there is none any more.
pub(super) type WithoutPicture = (
    diesel::dsl::Eq<accounts::picture_url, Option<String>>,
    diesel::dsl::Eq<accounts::picture_path, Option<String>>,
    diesel::dsl::Eq<accounts::picture_copied_at, Option<Timestamp>>,
);

pub(super) fn without_picture() -> WithoutPicture {
    (
        accounts::picture_url.eq(None::<String>),
        accounts::picture_path.eq(None::<String>),
        accounts::picture_copied_at.eq(None::<Timestamp>),
    )
}

/// Notes where Instagram shows the profile picture now, or that there is none. Says whether that leaves something to
/// do: another picture is to be copied, or the old one to be deleted.
pub async fn note(conn: &mut Conn, access: &LiveAccess, picture: Option<&Url>) -> Result<bool, Failure> {
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
pub async fn find_state(conn: &mut Conn, id: AccountId) -> Result<Option<PictureState>, Failure> {
    Ok(run!(conn, |c| accounts::table
        .filter(accounts::id.eq(id))
        .filter(accounts::token_sealed.is_not_null())
        .select((accounts::organization_id, accounts::picture_url, accounts::picture_copied_at))
        .first::<PictureState>(c))
    .optional()?)
}

/// Notes that the profile picture was copied from this address. `false` when the account is gone or dead, or has
/// another address by now.
pub async fn note_copied(conn: &mut Conn, id: AccountId, url: &Url, copied_at: Timestamp) -> Result<bool, Failure> {
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
pub async fn note_useless(conn: &mut Conn, id: AccountId, url: &str) -> Result<(), Failure> {
    run!(conn, |c| diesel::update(
        accounts::table.filter(accounts::id.eq(id)).filter(accounts::picture_url.eq(Some(url))),
    )
    .set(accounts::picture_url.eq(None::<String>))
    .execute(c))?;
    Ok(())
}

/// When the profile picture of an account on this organization's list was copied; `None` when there is none.
pub async fn find(conn: &mut Conn, id: AccountId, organization: OrganizationId) -> Result<Option<Timestamp>, Failure> {
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
pub async fn note_lost(conn: &mut Conn, id: AccountId, copied_at: Timestamp) -> Result<(), Failure> {
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
