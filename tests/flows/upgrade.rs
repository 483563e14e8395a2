//! A database of an earlier version under a newer program (F40): nothing in it is lost, and the way back is open.

use crate::support::{Kind, on_each_database};
use diesel_async::AsyncMigrationHarness;
use diesel_migrations::{FileBasedMigrations, MigrationHarness};
use grantlink::db::{Conn, Db, migrate::migrate};

fn steps(kind: Kind) -> FileBasedMigrations {
    let folder = match kind {
        Kind::Sqlite => "migrations/sqlite",
        Kind::Postgres => "migrations/postgres",
    };
    FileBasedMigrations::from_path(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap()
}

/// Applies the first step alone: what the first version knew.
async fn first_version(kind: Kind, db: &Db) {
    let db = db.clone();
    tokio::spawn(async move {
        match db.write().await.unwrap() {
            Conn::Sqlite(conn) => {
                AsyncMigrationHarness::new(conn).run_next_migration(steps(kind)).unwrap();
            }
            Conn::Postgres(conn) => {
                AsyncMigrationHarness::new(conn).run_next_migration(steps(kind)).unwrap();
            }
        }
    })
    .await
    .unwrap();
}

/// Takes back every step but the first.
async fn back_to_the_first_version(kind: Kind, db: &Db) {
    let db = db.clone();
    tokio::spawn(async move {
        let back = |harness: &mut dyn FnMut() -> usize| while harness() > 1 {};
        match db.write().await.unwrap() {
            Conn::Sqlite(conn) => {
                let mut harness = AsyncMigrationHarness::new(conn);
                back(&mut || {
                    harness.revert_last_migration(steps(kind)).unwrap();
                    harness.applied_migrations().unwrap().len()
                });
            }
            Conn::Postgres(conn) => {
                let mut harness = AsyncMigrationHarness::new(conn);
                back(&mut || {
                    harness.revert_last_migration(steps(kind)).unwrap();
                    harness.applied_migrations().unwrap().len()
                });
            }
        }
    })
    .await
    .unwrap();
}

fn id(kind: Kind, n: u8) -> String {
    match kind {
        Kind::Sqlite => format!("x'{n:032x}'"),
        Kind::Postgres => format!("'\\x{n:032x}'"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f40_what_the_first_version_stored_is_there_after_the_upgrade_and_after_the_way_back() {
    on_each_database(|kind| async move {
        let database = crate::support::bare_database(kind).await;
        first_version(kind, &database.db).await;
        let [organization, user, link, account, attempt] = [1, 2, 3, 4, 5].map(|n| id(kind, n));
        let rows = format!(
            "INSERT INTO organizations (id, slug, name, created_at) VALUES ({organization}, 'b', 'Bright', 1);
             INSERT INTO users (id, email, email_lower, password_hash, created_at)
                VALUES ({user}, 'ann@agency.example', 'ann@agency.example', 'x', 1);
             INSERT INTO links (id, organization_id, created_by, description, token_hash, token_sealed, uses, created_at)
                VALUES ({link}, {organization}, {user}, '', {link}, {link}, 1, 1);
             INSERT INTO accounts (id, organization_id, instagram_id, app_scoped_id, username, account_type, token_sealed,
                    token_issued_at, token_expires_at, connected_at, connected_through, created_at)
                VALUES ({account}, {organization}, '178', '276', 'bakery', 'BUSINESS', {account}, 5, 6, 5, {link}, 5);
             INSERT INTO attempts (id, link_id, state_hash, binding_hash, created_at, expires_at, finished_at, outcome, account_id)
                VALUES ({attempt}, {link}, {attempt}, {attempt}, 1, 2, 5, 'connected', {account});"
        );
        database.execute(&rows).await.unwrap();
        let kept = "SELECT COUNT(*) AS n FROM attempts JOIN accounts ON accounts.id = attempts.account_id \
                    JOIN links ON links.id = accounts.connected_through WHERE accounts.username = 'bakery' \
                    AND accounts.token_sealed IS NOT NULL";
        assert_eq!(database.number(kept).await, 1);

        tokio::spawn({
            let db = database.db.clone();
            async move { migrate(&db).await.unwrap() }
        })
        .await
        .unwrap();
        assert_eq!(database.number(kept).await, 1);
        let planned = "SELECT COUNT(*) AS n FROM accounts JOIN collections ON collections.account_id = accounts.id \
                       WHERE accounts.renewal_due_at = 604800000005";
        assert_eq!(database.number(planned).await, 1, "it is renewed and collected from now on");
        assert_eq!(database.number("SELECT COUNT(*) AS n FROM links WHERE purpose = 'connect'").await, 1);
        if kind == Kind::Sqlite {
            let broken = "SELECT COUNT(*) AS n FROM pragma_foreign_key_check";
            assert_eq!(database.number(broken).await, 0);
        }
        database.check_integrity().await;

        back_to_the_first_version(kind, &database.db).await;
        assert_eq!(database.number(kept).await, 1);
    })
    .await;
}
