//! The door to the pictures of collected posts, for members of the organization whose account it is. Whether a browser
//! may show one again that it has kept is asked here each time, too; nobody in between may keep any.

use super::service;
use crate::{
    error::AppError,
    failure::Failure,
    ids::PostId,
    media,
    server::{door, pages},
};
use axum::{extract::Path, response::Response};
use http::request::Parts;

/// `GET /media/posts/{id}.jpg`
pub async fn picture(Path(file): Path<String>, parts: Parts) -> Response {
    let found = async {
        let id: PostId = file.strip_suffix(".jpg").and_then(|id| id.parse().ok()).ok_or(AppError::NotFound)?;
        let work = door::member_of(&parts).await?;
        service::picture(&work, id, |copied_at| media::is_held(&parts.headers, copied_at)).await
    };
    match found.await {
        Ok((copied_at, jpeg)) => media::answer(copied_at, jpeg),
        Err(Failure::Refused(AppError::SignInNeeded)) => pages::undressed(AppError::NotFound),
        Err(failure) => pages::failed(failure, parts).await,
    }
}
