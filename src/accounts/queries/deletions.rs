//! Requests to delete, in the database. A row names nobody: it is found by its code, or by the hash of the request.

use crate::{
    db::{Conn, run, schema::deletions},
    failure::Failure,
    secret::TokenHash,
    timestamp::Timestamp,
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

/// Notes a request that is carried out in the same transaction; `false` when the same was noted before.
pub async fn insert(conn: &mut Conn, code: &str, request: TokenHash, now: Timestamp) -> Result<bool, Failure> {
    let rows = run!(conn, |c| diesel::insert_into(deletions::table)
        .values((
            deletions::code.eq(code),
            deletions::request_hash.eq(request),
            deletions::requested_at.eq(now),
            deletions::completed_at.eq(now),
        ))
        .on_conflict(deletions::request_hash)
        .do_nothing()
        .execute(c))?;
    Ok(rows == 1)
}

/// The code of a request.
pub async fn find_code(conn: &mut Conn, request: TokenHash) -> Result<Option<String>, Failure> {
    Ok(run!(conn, |c| deletions::table.filter(deletions::request_hash.eq(request)).select(deletions::code).first(c))
        .optional()?)
}

/// When the request with this code came, and when it was done.
pub async fn find(conn: &mut Conn, code: &str) -> Result<Option<(Timestamp, Timestamp)>, Failure> {
    Ok(run!(conn, |c| deletions::table.find(code).select((deletions::requested_at, deletions::completed_at)).first(c))
        .optional()?)
}
