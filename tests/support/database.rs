//! A database that exists for one test.

use super::Kind;
use diesel::{QueryableByName, sql_types::BigInt};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use grantlink::db::{Conn, DatabaseUrl, Db, migrate::migrate};
use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};
use tempfile::TempDir;

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// The PostgreSQL server of this run; `script/test` starts one.
#[expect(clippy::disallowed_methods, reason = "tests are told by the script that runs them")]
pub fn server_url() -> Option<String> {
    std::env::var("TEST_DATABASE_URL").ok()
}

pub struct Throwaway {
    pub db: Db,
    pub url: DatabaseUrl,
    folder: TempDir,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

impl Throwaway {
    pub async fn new(kind: Kind) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = match kind {
            Kind::Sqlite => DatabaseUrl::Sqlite(folder.path().join("data/grantlink.db")),
            Kind::Postgres => DatabaseUrl::Postgres(create_postgres().await),
        };
        let db = Db::open(&url).await.unwrap();
        migrate(&db).await.unwrap();
        Self { db, url, folder }
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The file of a SQLite database.
    pub fn file(&self) -> Option<PathBuf> {
        match &self.url {
            DatabaseUrl::Sqlite(path) => Some(path.clone()),
            DatabaseUrl::Postgres(_) => None,
        }
    }

    pub async fn number(&self, query: &str) -> i64 {
        let row: Number = match self.db.read().await.unwrap() {
            Conn::Sqlite(mut c) => diesel::sql_query(query).get_result(&mut *c).await.unwrap(),
            Conn::Postgres(mut c) => diesel::sql_query(query).get_result(&mut *c).await.unwrap(),
        };
        row.n
    }

    pub async fn execute(&self, statement: &str) -> Result<(), diesel::result::Error> {
        match self.db.write().await.unwrap() {
            Conn::Sqlite(mut c) => c.batch_execute(statement).await,
            Conn::Postgres(mut c) => c.batch_execute(statement).await,
        }
    }

    pub async fn count(&self, table: &str) -> i64 {
        self.number(&format!("SELECT COUNT(*) AS n FROM {table}")).await
    }

    pub async fn check_integrity(&self) {
        if let Conn::Sqlite(mut c) = self.db.read().await.unwrap() {
            #[derive(QueryableByName)]
            struct Check {
                #[diesel(sql_type = diesel::sql_types::Text)]
                integrity_check: String,
            }
            let check: Check = diesel::sql_query("PRAGMA integrity_check").get_result(&mut *c).await.unwrap();
            assert_eq!(check.integrity_check, "ok");
        }
    }
}

async fn create_postgres() -> String {
    let server = server_url().unwrap();
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("grantlink_{}_{number}", std::process::id());
    let mut conn = AsyncPgConnection::establish(&server).await.unwrap();
    conn.batch_execute(&format!("DROP DATABASE IF EXISTS {name}")).await.unwrap();
    conn.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
    let (base, _) = server.rsplit_once('/').unwrap();
    format!("{base}/{name}")
}

impl Throwaway {
    /// The rows of a PostgreSQL table, as text; bytes appear in hexadecimal and as what they spell.
    pub async fn rows_as_text(&self, table: &str) -> Vec<u8> {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = diesel::sql_types::Text)]
            row: String,
        }
        let Conn::Postgres(mut c) = self.db.read().await.unwrap() else { return Vec::new() };
        let query = format!("SELECT CAST(t AS text) AS row FROM {table} t");
        let rows: Vec<Row> = diesel::sql_query(query).load(&mut *c).await.unwrap();
        let mut text = Vec::new();
        for row in rows {
            text.extend(row.row.as_bytes());
            for hex in row.row.split("\\x").skip(1) {
                let digits: Vec<u8> = hex.bytes().take_while(u8::is_ascii_hexdigit).collect();
                text.extend(
                    digits
                        .chunks_exact(2)
                        .filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()),
                );
            }
        }
        text
    }
}
