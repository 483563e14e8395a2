//! Brings the database to the shape this program knows. The migrations are inside the program.
//! The folders `migrations/sqlite` and `migrations/postgres` hold the same steps under the same names.

use super::{Conn, Db};
use crate::failure::Failure;
use diesel::{
    migration::{MigrationSource, MigrationVersion},
    sqlite::Sqlite,
};
use diesel_async::AsyncMigrationHarness;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Any fixed number: two instances that start together take turns on it.
const ADVISORY_LOCK: i64 = 0x6772_616e_746c;

/// Applies what is missing and says how many steps that were.
///
/// # Errors
/// When a step fails; it is rolled back, and the steps before it stay.
pub async fn migrate(db: &Db) -> Result<usize, Failure> {
    match db.write().await? {
        Conn::Sqlite(conn) => {
            let mut harness = AsyncMigrationHarness::new(conn);
            let steps = harness.run_pending_migrations(SQLITE).map_err(Failure::Internal)?.len();
            warn_of_later(&harness.applied_migrations().map_err(Failure::Internal)?);
            Ok(steps)
        }
        Conn::Postgres(mut conn) => {
            use diesel_async::RunQueryDsl;
            diesel::sql_query(format!("SELECT pg_advisory_lock({ADVISORY_LOCK})")).execute(&mut conn).await?;
            let mut harness = AsyncMigrationHarness::new(conn);
            let applied = harness.run_pending_migrations(POSTGRES).map(|steps| steps.len()).and_then(|steps| {
                warn_of_later(&harness.applied_migrations()?);
                Ok(steps)
            });
            let mut conn = harness.into_inner();
            diesel::sql_query(format!("SELECT pg_advisory_unlock({ADVISORY_LOCK})")).execute(&mut conn).await?;
            applied.map_err(Failure::Internal)
        }
    }
}

/// The version directly before goes on working beside a newer one, so that servers can be replaced one after the other.
/// Whoever put an older one back on purpose has to know what they do.
fn warn_of_later(applied: &[MigrationVersion<'_>]) {
    let applied: Vec<String> = applied.iter().map(ToString::to_string).collect();
    if let Err(why) = missing_steps(&applied) {
        tracing::warn!("{why}; only the version directly before that one may go on, for as long as an upgrade takes");
    }
}

/// How many of this program's steps a database lacks that has these. The names are the same in both.
///
/// # Errors
/// The sentence for the operator, when it has a step that this program does not know.
pub fn missing_steps(applied: &[String]) -> Result<usize, String> {
    let steps = MigrationSource::<Sqlite>::migrations(&SQLITE)
        .map_err(|error| format!("the migrations of this program cannot be read: {error}"))?;
    let known: Vec<String> = steps.iter().map(|step| step.name().version().to_string()).collect();
    if applied.iter().any(|step| !known.contains(step)) {
        return Err(
            "the database was written by a newer version of Grantlink; install that one, or one after it".into()
        );
    }
    Ok(known.iter().filter(|step| !applied.contains(step)).count())
}
