//! The door to the pictures of collected posts, for members of the organization whose account it is. A browser may keep
//! what it was given: a post's picture never changes. Nobody in between may.

use super::service;
use crate::{
    error::AppError,
    failure::Failure,
    ids::PostId,
    server::{door, pages},
};
use axum::{
    extract::Path,
    response::{IntoResponse, Response},
};
use http::{header, request::Parts};

/// `GET /media/posts/{id}.jpg`
pub async fn picture(Path(file): Path<String>, parts: Parts) -> Response {
    let found = async {
        let id: PostId = file.strip_suffix(".jpg").and_then(|id| id.parse().ok()).ok_or(AppError::NotFound)?;
        let work = door::member_of(&parts).await?;
        service::picture(&work, id).await
    };
    match found.await {
        Ok(jpeg) => {
            let headers = [
                (header::CONTENT_TYPE, "image/jpeg"),
                (header::CACHE_CONTROL, "private, max-age=604800, immutable"),
                // Should it ever be opened by itself, it is a picture and nothing else (A67).
                (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox; frame-ancestors 'none'"),
            ];
            (headers, jpeg).into_response()
        }
        Err(Failure::Refused(AppError::SignInNeeded)) => pages::undressed(AppError::NotFound),
        Err(failure) => pages::failed(failure, parts).await,
    }
}
