//! A client takes back the access they gave, on the page that confirmed it: the browser that gave it may end it (U05).

use super::{
    super::queries::{self, By},
    status::{given, is_bound_to},
};
use crate::{accounts, error::AppError, failure::Failure, ids::AttemptId, work::ClientWork};

/// Ends the access that an attempt of this browser gave. Where there is none, or another one since, nothing happens: the
/// page says how it stands.
///
/// # Errors
/// [`AppError::NotFound`] to every other browser, members' included.
pub async fn take_back(work: &ClientWork, id: AttemptId) -> Result<(), Failure> {
    let found = queries::find(&mut work.db.read().await?, By::Id(id)).await?;
    let attempt = found.filter(|attempt| is_bound_to(work, attempt)).ok_or(AppError::NotFound)?;
    match given(&attempt) {
        Some((account, connected_at)) => accounts::service::take_back(work, account, connected_at).await,
        None => Ok(()),
    }
}
