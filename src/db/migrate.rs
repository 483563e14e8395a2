//! Brings the database to the shape this program knows. The migrations are inside the program.
//! The folders `migrations/sqlite` and `migrations/postgres` hold the same steps under the same names.

use super::{Conn, Db};
use crate::failure::Failure;
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
            Ok(harness.run_pending_migrations(SQLITE).map_err(Failure::Internal)?.len())
        }
        Conn::Postgres(mut conn) => {
            use diesel_async::RunQueryDsl;
            diesel::sql_query(format!("SELECT pg_advisory_lock({ADVISORY_LOCK})")).execute(&mut conn).await?;
            let mut harness = AsyncMigrationHarness::new(conn);
            let applied = harness.run_pending_migrations(POSTGRES).map(|steps| steps.len());
            let mut conn = harness.into_inner();
            diesel::sql_query(format!("SELECT pg_advisory_unlock({ADVISORY_LOCK})")).execute(&mut conn).await?;
            applied.map_err(Failure::Internal)
        }
    }
}
