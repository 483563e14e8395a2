//! Notices at start that the key ring does not belong to the database, before anything is sealed with a wrong key (A73).

use super::{Conn, Db, resealing, run, schema::key_checks};
use crate::{
    clock::Randomness,
    failure::Failure,
    secret::{ExposeSecret, KeyRing, Place, Sealed},
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

const KNOWN: &str = "grantlink";

fn place(key: &str) -> Place<'_> {
    Place { column: "key_checks.sealed", organization: b"", row: key.as_bytes() }
}

/// The names of the keys this database was written with; empty for a new one, which has no tables yet.
///
/// # Errors
/// When the database does not answer.
pub async fn known_keys(db: &Db) -> Result<Vec<String>, Failure> {
    #[derive(QueryableByName)]
    struct Tables {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        n: i64,
    }
    let mut conn = db.read().await?;
    // Asked for beforehand: the error of a missing table is told apart by its words alone, which PostgreSQL translates.
    let Tables { n } = match &mut conn {
        Conn::Sqlite(c) => {
            let table = "SELECT COUNT(*) AS n FROM sqlite_master WHERE type = 'table' AND name = 'key_checks'";
            diesel::sql_query(table).get_result(&mut **c).await?
        }
        Conn::Postgres(c) => {
            let table = "SELECT COUNT(*) AS n FROM pg_catalog.pg_class WHERE oid = to_regclass('key_checks')";
            diesel::sql_query(table).get_result(&mut **c).await?
        }
    };
    if n == 0 {
        return Ok(Vec::new());
    }
    let conn = &mut conn;
    Ok(run!(conn, |c| key_checks::table.select(key_checks::key_id).load(c))?)
}

/// Checks every key the database has seen against the ring, and remembers the ring's new ones.
///
/// # Errors
/// The sentence for the operator, when a key is missing or differs. The database is left as it was.
pub async fn check(db: &Db, keys: &KeyRing, randomness: &Randomness) -> Result<Result<(), String>, Failure> {
    let ids = keys.ids();
    let mut tx = db.begin().await?;
    let conn = &mut *tx;
    let seen: Vec<(String, Sealed)> =
        run!(conn, |c| key_checks::table.select((key_checks::key_id, key_checks::sealed)).load(c))?;
    if let Err(mut sentence) = judge(&seen, keys) {
        tx.rollback().await?;
        for (id, _) in seen.iter().filter(|(id, _)| !ids.contains(id)) {
            // Where that cannot be told (a database of an earlier version may lack a table), nothing is promised.
            if matches!(resealing::count(&mut db.read().await?, id).await, Ok(0)) {
                sentence.push_str(&format!("; where '{id}' was taken out on purpose, run: grantlink keys remove {id}"));
            }
        }
        return Ok(Err(sentence));
    }
    for id in ids.iter().filter(|id| seen.iter().all(|(known, _)| known != *id)) {
        let Some(sealed) = keys.seal_under(id, place(id), &KNOWN.to_owned().into(), randomness) else { continue };
        let conn = &mut *tx;
        run!(conn, |c| diesel::insert_into(key_checks::table)
            .values((key_checks::key_id.eq(id), key_checks::sealed.eq(&sealed)))
            .execute(c))?;
    }
    tx.commit().await?;
    Ok(Ok(()))
}

/// Forgets a key that nothing needs any more, so that it may be missing from then on; how many values still need it,
/// when it is not forgotten.
///
/// # Errors
/// When the database does not answer.
pub async fn forget(db: &Db, id: &str) -> Result<i64, Failure> {
    let mut tx = db.begin().await?;
    let needed = resealing::count(&mut tx, id).await?;
    if needed > 0 {
        tx.rollback().await?;
        return Ok(needed);
    }
    let conn = &mut *tx;
    run!(conn, |c| diesel::delete(key_checks::table.filter(key_checks::key_id.eq(id))).execute(c))?;
    tx.commit().await?;
    Ok(0)
}

/// Whether the ring holds every key of these, and the right one: each comes with the value that it sealed.
///
/// # Errors
/// The sentence for the operator, when a key is missing or differs.
pub fn judge(seen: &[(String, Sealed)], keys: &KeyRing) -> Result<(), String> {
    let ids = keys.ids();
    for (id, sealed) in seen {
        if keys.open(place(id), sealed).is_none_or(|text| text.expose_secret() != KNOWN) {
            let what = if ids.contains(id) { "is not the key this database was written with" } else { "is missing" };
            return Err(format!(
                "the key '{id}' {what}; restore the file keys of the data folder or GRANTLINK_KEYS from the backup"
            ));
        }
    }
    Ok(())
}
