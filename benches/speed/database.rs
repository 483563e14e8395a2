//! Databases that exist for one measurement, and the rows in them. Everything here goes through the product's own
//! pools and queries, except storing very many links, which would take too long one by one.

use diesel::{
    QueryableByName,
    backend::Backend,
    pg::Pg,
    query_builder::{BoxedSqlQuery, SqlQuery},
    serialize::ToSql,
    sql_query,
    sql_types::{Binary, HasSqlType, Text},
    sqlite::Sqlite,
};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use grantlink::{
    clock::{Clock, Randomness},
    db::{Conn, DatabaseUrl, Db, migrate::migrate},
    ids::{LinkId, OrganizationId, UserId},
    links::{
        model::Description,
        queries::{self, NewLink},
    },
    paths,
    secret::{ExposeSecret, KeyRing, Place, Purpose, Sealed, Token, TokenHash},
};
use http::Uri;
use std::{
    path::Path,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};
use tempfile::TempDir;
use url::Url;

/// Links of one organization.
const LINKS_EACH: usize = 50;

/// Organizations a statement.
const ORGANIZATIONS_AT_ONCE: usize = 10;

/// Links whose tokens are kept, so that they can be asked for.
const TOKENS_KEPT: usize = 10_000;

/// The links were made within this time.
const YEAR: Duration = Duration::from_secs(365 * 86_400);

/// A database to measure on.
pub enum Kind {
    /// A file.
    Sqlite,
    /// A database of the server with this URL.
    Postgres(String),
}

impl Kind {
    /// What it is called.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }

    /// How many clients redeem at once: SQLite has one writer, PostgreSQL writes for many together.
    pub fn clients(&self) -> usize {
        match self {
            Self::Sqlite => 8,
            Self::Postgres(_) => 32,
        }
    }
}

/// A database that goes when this does.
pub struct Throwaway {
    url: DatabaseUrl,
    folder: TempDir,
    /// Where on PostgreSQL it has to be dropped: the server, and its name.
    dropped: Option<(String, String)>,
}

#[derive(QueryableByName)]
struct Word {
    #[diesel(sql_type = Text)]
    value: String,
}

impl Throwaway {
    /// An empty database.
    pub async fn new(kind: &Kind) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let folder = tempfile::tempdir().unwrap();
        match kind {
            Kind::Sqlite => {
                let url = DatabaseUrl::Sqlite(folder.path().join("data/grantlink.db"));
                Self { url, folder, dropped: None }
            }
            Kind::Postgres(server) => {
                let number = NUMBER.fetch_add(1, Ordering::Relaxed);
                let name = format!("grantlink_bench_{}_{number}", std::process::id());
                let mut conn = AsyncPgConnection::establish(server).await.unwrap();
                conn.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
                let mut url = Url::parse(server).unwrap();
                url.set_path(&format!("/{name}"));
                let dropped = Some((server.clone(), name));
                Self { url: DatabaseUrl::Postgres(url.into()), folder, dropped }
            }
        }
    }

    /// Its pools, with every table there. Needs a runtime of several threads, as every migration does.
    pub async fn open(&self) -> Db {
        let db = Db::open(&self.url).await.unwrap();
        migrate(&db).await.unwrap();
        db
    }

    /// As the setting `DATABASE_URL` has it.
    pub fn setting(&self) -> String {
        match &self.url {
            DatabaseUrl::Sqlite(path) => format!("sqlite:{}", path.display()),
            DatabaseUrl::Postgres(url) => url.clone(),
        }
    }

    /// A folder that goes with it.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Whether PostgreSQL waits for the disk, without which its numbers mean less. SQLite always does here.
    pub async fn durability(&self) -> String {
        const QUERY: &str = "SELECT 'fsync=' || current_setting('fsync') || ', synchronous_commit=' || current_setting('synchronous_commit') AS value";
        let DatabaseUrl::Postgres(url) = &self.url else { return String::new() };
        let mut conn = AsyncPgConnection::establish(url).await.unwrap();
        let word: Word = sql_query(QUERY).get_result(&mut conn).await.unwrap();
        format!(" ({}; it is tied to no core)", word.value)
    }
}

impl Drop for Throwaway {
    fn drop(&mut self) {
        let Some((server, name)) = self.dropped.take() else { return };
        // A thread of its own: whoever drops this may be inside a runtime, or panicking.
        let dropping = std::thread::spawn(move || {
            let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
            runtime.block_on(async {
                if let Ok(mut conn) = AsyncPgConnection::establish(&server).await {
                    let _ = conn.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
                }
            });
        });
        let _ = dropping.join();
    }
}

/// A database with links in it, fifty an organization.
pub struct Stored {
    /// Where they are.
    pub database: Throwaway,
    /// One of the organizations.
    pub organization: OrganizationId,
    /// Its owner.
    pub user: UserId,
    /// Tokens of live links from all over the table.
    pub tokens: Vec<String>,
}

impl Stored {
    /// Makes a database with this many links.
    pub async fn new(kind: &Kind, links: usize) -> Self {
        let database = Throwaway::new(kind).await;
        let db = database.open().await;
        let (organization, user, tokens) = fill(&db, links).await;
        Self { database, organization, user, tokens }
    }

    /// The addresses of the links.
    pub fn pages(&self) -> Vec<Uri> {
        self.tokens.iter().map(|token| paths::connect(token).parse().unwrap()).collect()
    }
}

/// Stores links, in one transaction and many rows a statement.
async fn fill(db: &Db, count: usize) -> (OrganizationId, UserId, Vec<String>) {
    const AT_ONCE: usize = LINKS_EACH * ORGANIZATIONS_AT_ONCE;
    assert!(count > 0 && count.is_multiple_of(AT_ONCE), "{count} links do not fill whole statements");
    // Hashes land all over their index: without room for it in memory each row would rewrite a page of the file.
    if let Conn::Sqlite(mut c) = db.write().await.unwrap() {
        c.batch_execute("PRAGMA cache_size = -400000").await.unwrap();
    }
    let (now, randomness) = (Clock::default().now(), Randomness);
    let gap = YEAR / u32::try_from(count).unwrap();
    let (mut owner, mut tokens) = (None, Vec::new());
    let mut tx = db.begin().await.unwrap();
    for batch in 0..count / AT_ONCE {
        let (mut organizations, mut users, mut memberships) = (Vec::new(), Vec::new(), Vec::new());
        let (mut links, mut hashes) = (Vec::new(), Vec::new());
        for number in 0..ORGANIZATIONS_AT_ONCE {
            let first = batch * AT_ONCE + number * LINKS_EACH;
            let at = now.minus(gap * u32::try_from(count - first).unwrap());
            let (organization, user) = (OrganizationId::generate(at, &randomness), UserId::generate(at, &randomness));
            owner = Some((organization, user));
            let (organization, user) = (blob(db, &organization.to_string()), blob(db, &user.to_string()));
            let at = at.as_micros();
            organizations.push(format!("({organization}, 'agency-{first}', 'Agency {first}', {at})"));
            let email = format!("owner-{first}@agency.example");
            users.push(format!("({user}, '{email}', '{email}', '$argon2id$nobody-signs-in-here', {at})"));
            memberships.push(format!("({organization}, {user}, 'owner', {at})"));
            for link in first..first + LINKS_EACH {
                let at = now.minus(gap * u32::try_from(count - link).unwrap());
                let id = blob(db, &LinkId::generate(at, &randomness).to_string());
                let token = Token::generate(&randomness);
                hashes.push(token.hash(Purpose::Link));
                let hash = placeholder(db, hashes.len());
                // As long as a real seal; these links are only ever looked up.
                let sealed = blob(db, &hex(&randomness.bytes::<87>()));
                let at = at.as_micros();
                links.push(format!("({id}, {organization}, {user}, 'Client {link}', {hash}, {sealed}, 0, {at})"));
                if link.is_multiple_of((count / TOKENS_KEPT).max(1)) {
                    tokens.push(token.expose().to_owned());
                }
            }
        }
        insert(&mut tx, "organizations (id, slug, name, created_at)", &organizations, &[]).await;
        insert(&mut tx, "users (id, email, email_lower, password_hash, created_at)", &users, &[]).await;
        insert(&mut tx, "memberships (organization_id, user_id, role, created_at)", &memberships, &[]).await;
        let columns =
            "links (id, organization_id, created_by, description, token_hash, token_sealed, uses, created_at)";
        insert(&mut tx, columns, &links, &hashes).await;
    }
    tx.commit().await.unwrap();
    // What a database would do by itself before long is done now, so that it does not happen while it is measured.
    match db.write().await.unwrap() {
        Conn::Sqlite(mut c) => c.batch_execute("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA cache_size = -2000").await,
        Conn::Postgres(mut c) => c.batch_execute("VACUUM (ANALYZE)").await,
    }
    .unwrap();
    let (organization, user) = owner.unwrap();
    (organization, user, tokens)
}

/// Bytes in SQL, out of hexadecimal digits.
fn blob(db: &Db, digits: &str) -> String {
    match db {
        Db::Sqlite { .. } => format!("X'{digits}'"),
        Db::Postgres(_) => format!("'\\x{digits}'"),
    }
}

fn placeholder(db: &Db, number: usize) -> String {
    match db {
        Db::Sqlite { .. } => format!("?{number}"),
        Db::Postgres(_) => format!("${number}"),
    }
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    bytes.iter().flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]).collect()
}

async fn insert(conn: &mut Conn, into: &str, rows: &[String], hashes: &[TokenHash]) {
    let text = format!("INSERT INTO {into} VALUES {}", rows.join(", "));
    let inserted = match conn {
        Conn::Sqlite(c) => statement::<Sqlite>(text, hashes).execute(&mut **c).await,
        Conn::Postgres(c) => statement::<Pg>(text, hashes).execute(&mut **c).await,
    };
    assert_eq!(inserted.unwrap(), rows.len());
}

/// Hashes are bound, since nobody outside `secret` sees their bytes.
fn statement<DB>(text: String, hashes: &[TokenHash]) -> BoxedSqlQuery<'static, DB, SqlQuery>
where
    DB: Backend + HasSqlType<Binary>,
    TokenHash: ToSql<Binary, DB>,
{
    let mut statement: BoxedSqlQuery<'static, DB, SqlQuery> = sql_query(text).into_boxed();
    for hash in hashes {
        statement = statement.bind::<Binary, _>(*hash);
    }
    statement
}

/// Stores links of one member with one statement each, which commits by itself: no session, no check, no event.
pub struct BareLinks {
    /// Where to.
    pub db: Db,
    organization: OrganizationId,
    user: UserId,
    sealed: Sealed,
    clock: Clock,
    description: Description,
}

impl BareLinks {
    /// For this member.
    pub fn new(db: Db, organization: OrganizationId, user: UserId) -> Self {
        let keys = new_keys();
        let place = Place { column: "links.token", organization: b"bare", row: b"bare" };
        let token = Token::generate(&Randomness).expose().to_owned();
        let sealed = keys.seal(place, &token.into(), &Randomness);
        let description = Description::parse("Bakery").unwrap();
        Self { db, organization, user, sealed, clock: Clock::default(), description }
    }

    /// Stores one.
    pub async fn insert(&self) {
        let now = self.clock.now();
        let link = NewLink {
            purpose: grantlink::links::model::Purpose::Connect,
            account_id: None,
            id: LinkId::generate(now, &Randomness),
            organization_id: self.organization,
            created_by: self.user,
            description: &self.description,
            token_hash: Token::generate(&Randomness).hash(Purpose::Link),
            token_sealed: &self.sealed,
            created_at: now,
        };
        queries::insert(&mut self.db.write().await.unwrap(), &link).await.unwrap();
    }
}

/// A key ring that nobody needs again.
pub fn new_keys() -> KeyRing {
    KeyRing::parse(KeyRing::generate_text(&Randomness).expose_secret()).unwrap()
}
