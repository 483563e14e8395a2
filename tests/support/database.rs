//! A database that exists for one test: what it holds, and what must hold of it.

use super::Kind;
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Text},
};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use grantlink::db::{Conn, DatabaseUrl, Db, migrate::migrate};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
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
    folder: Arc<TempDir>,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

impl Throwaway {
    pub async fn new(kind: Kind) -> Self {
        let database = Self::bare(kind).await;
        // In a task of its own: the migrations block their thread, and with it the wakings of whatever else a test does at
        // once in its own task.
        tokio::spawn({
            let db = database.db.clone();
            async move { migrate(&db).await.unwrap() }
        })
        .await
        .unwrap();
        database
    }

    /// Without a single table.
    pub async fn bare(kind: Kind) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = match kind {
            Kind::Sqlite => DatabaseUrl::Sqlite(folder.path().join("data/grantlink.db")),
            Kind::Postgres => DatabaseUrl::Postgres(create_postgres().await),
        };
        let db = Db::open(&url).await.unwrap();
        Self { db, url, folder: Arc::new(folder) }
    }

    /// The SQLite database that lies in `data` of this folder already.
    pub async fn of_file(folder: TempDir) -> Self {
        let url = DatabaseUrl::Sqlite(folder.path().join("data/grantlink.db"));
        let db = Db::open(&url).await.unwrap();
        Self { db, url, folder: Arc::new(folder) }
    }

    /// The same database, for a second server.
    pub fn shared(&self) -> Self {
        Self { db: self.db.clone(), url: self.url.clone(), folder: Arc::clone(&self.folder) }
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

    async fn lines(&self, query: &str) -> Vec<String> {
        let rows: Vec<Line> = match self.db.read().await.unwrap() {
            Conn::Sqlite(mut c) => diesel::sql_query(query).load(&mut *c).await.unwrap(),
            Conn::Postgres(mut c) => diesel::sql_query(query).load(&mut *c).await.unwrap(),
        };
        rows.into_iter().map(|row| row.line).collect()
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
                #[diesel(sql_type = Text)]
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
    /// Every table there is.
    pub async fn tables(&self) -> Vec<String> {
        let query = match self.url {
            DatabaseUrl::Sqlite(_) => {
                "SELECT name AS line FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
            }
            DatabaseUrl::Postgres(_) => {
                "SELECT CAST(tablename AS text) AS line FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
            }
        };
        self.lines(query).await
    }

    /// The rows of a table as text, in an order of their own.
    async fn rows(&self, table: &str) -> Vec<String> {
        let query = match self.url {
            DatabaseUrl::Sqlite(_) => {
                let columns = format!("SELECT name AS line FROM pragma_table_info('{table}') ORDER BY cid");
                let columns: Vec<_> =
                    self.lines(&columns).await.iter().map(|column| format!("quote(\"{column}\")")).collect();
                format!("SELECT {} AS line FROM \"{table}\" ORDER BY 1", columns.join(" || ' ' || "))
            }
            DatabaseUrl::Postgres(_) => format!("SELECT CAST(t AS text) AS line FROM \"{table}\" t ORDER BY 1"),
        };
        self.lines(&query).await
    }

    /// All rows of all tables: two moments that hold the same are equal.
    pub async fn contents(&self) -> BTreeMap<String, Vec<String>> {
        let mut contents = BTreeMap::new();
        for table in self.tables().await {
            let rows = self.rows(&table).await;
            contents.insert(table, rows);
        }
        contents
    }

    /// What a thief carries away: the files of SQLite, or the rows of all tables of PostgreSQL. Bytes that are written in
    /// hexadecimal appear as what they spell, too.
    pub async fn dump(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        if let Some(file) = self.file() {
            for suffix in ["", "-wal"] {
                bytes.extend(std::fs::read(format!("{}{suffix}", file.display())).unwrap_or_default());
            }
            return bytes;
        }
        for row in self.contents().await.into_values().flatten() {
            bytes.extend(row.as_bytes());
            for hex in row.split("\\x").skip(1) {
                let digits: Vec<u8> = hex.bytes().take_while(u8::is_ascii_hexdigit).collect();
                bytes.extend(
                    digits
                        .chunks_exact(2)
                        .filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()),
                );
            }
        }
        bytes
    }

    /// Accounts, uses of links, and connections in the audit trail: a new connection raises each by one.
    pub async fn connections(&self) -> [i64; 3] {
        [
            self.count("accounts").await,
            self.number("SELECT COALESCE(SUM(uses), 0) AS n FROM links").await,
            self.number("SELECT COUNT(*) AS n FROM audit_events WHERE action = 'account.connected'").await,
        ]
    }

    /// What must hold after anything, whoever died on the way.
    pub async fn check_invariants(&self) {
        for (what, query) in [
            (
                "a finished attempt that connected has its account or its account's trace",
                "SELECT COUNT(*) AS n FROM attempts WHERE outcome = 'connected' AND account_id IS NULL AND NOT EXISTS (SELECT 1 FROM audit_events WHERE action = 'account.deleted')",
            ),
            (
                "an account exists only with a token, or pending, dead or disconnected without one",
                "SELECT COUNT(*) AS n FROM accounts WHERE (token_sealed IS NULL) <> (disconnected_at IS NOT NULL OR instagram_id IS NULL OR died_at IS NOT NULL)",
            ),
            (
                "a living account will be renewed and collected from, or somebody sees that this was given up",
                "SELECT COUNT(*) AS n FROM accounts a WHERE a.token_sealed IS NOT NULL AND (SELECT COUNT(DISTINCT j.kind) FROM jobs j WHERE j.account_id = a.id AND j.kind IN ('renew_access', 'collect_posts')) <> 2",
            ),
            (
                "a living account has a collection",
                "SELECT COUNT(*) AS n FROM accounts a WHERE a.token_sealed IS NOT NULL AND NOT EXISTS (SELECT 1 FROM collections c WHERE c.account_id = a.id)",
            ),
            (
                "no job says a token, and no post has the address of a request",
                "SELECT (SELECT COUNT(*) FROM jobs WHERE payload LIKE '%IGAA%' OR last_error LIKE '%IGAA%') + (SELECT COUNT(*) FROM posts WHERE picture_url LIKE '%access_token%' OR permalink LIKE '%access_token%') AS n",
            ),
            (
                "uses of a link are the attempts that connected through it",
                "SELECT COUNT(*) AS n FROM links l WHERE l.uses <> (SELECT COUNT(*) FROM attempts a WHERE a.link_id = l.id AND a.outcome = 'connected')",
            ),
            (
                "every connection is in the audit trail",
                "SELECT COUNT(*) AS n FROM (SELECT 1 WHERE (SELECT COUNT(*) FROM attempts WHERE outcome = 'connected') <> (SELECT COUNT(*) FROM audit_events WHERE action = 'account.connected')) t",
            ),
        ] {
            assert_eq!(self.number(query).await, 0, "{what}");
        }
        for found in grantlink::audit::service::verify(&self.db, None).await.unwrap() {
            assert_eq!(found.broken, None, "what happened in {} is as it was written", found.slug);
        }
        self.check_integrity().await;
    }
}
