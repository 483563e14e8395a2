//! The database: SQLite by default, PostgreSQL by URL, one set of queries for both.
//! Feature `queries` use [`Conn`] and `run!`; services use [`Db`] to read or to open a [`Transaction`].
//! Nothing here knows a rule of the product.

pub mod backup;
pub mod key_check;
pub mod migrate;
pub mod resealing;
pub mod schema;

use crate::failure::Failure;
use bb8::PooledConnection;
use diesel::SqliteConnection;
use diesel_async::{
    AsyncConnection, AsyncPgConnection, SimpleAsyncConnection, TransactionManager,
    pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod},
    sync_connection_wrapper::SyncConnectionWrapper,
};
use futures::FutureExt;
use std::{
    ops::{Deref, DerefMut},
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

/// A connection to SQLite; each statement runs on a blocking thread.
pub type SqliteConn = SyncConnectionWrapper<SqliteConnection>;

type Manager<C> = AsyncDieselConnectionManager<C>;
type Pool<C> = bb8::Pool<Manager<C>>;

/// How long a request may wait for a connection before it is told that the server is busy (F33).
const WAIT_FOR_CONNECTION: Duration = Duration::from_secs(5);

/// How often a transaction is done, all in all, that PostgreSQL undoes for the sake of another.
const TRIES: u32 = 3;

/// Where the database is (the setting `DATABASE_URL`).
#[derive(Clone, Eq, PartialEq)]
pub enum DatabaseUrl {
    /// A file on this machine.
    Sqlite(PathBuf),
    /// A PostgreSQL server.
    Postgres(String),
}

impl FromStr for DatabaseUrl {
    type Err = String;

    /// Anything but the two known schemes is refused: a typing mistake must not create an empty database.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some(("sqlite", path)) => {
                let path = path.strip_prefix("//").unwrap_or(path);
                if path.is_empty() {
                    return Err("DATABASE_URL names no file; write sqlite:PATH".into());
                }
                Ok(Self::Sqlite(path.into()))
            }
            Some(("postgres" | "postgresql", _)) => Ok(Self::Postgres(text.to_owned())),
            _ => Err("DATABASE_URL is neither sqlite:PATH nor postgres://…".into()),
        }
    }
}

impl std::fmt::Debug for DatabaseUrl {
    /// A PostgreSQL URL may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(_) => f.write_str("postgres://[redacted]"),
        }
    }
}

/// The pools of one database.
#[derive(Clone)]
pub enum Db {
    /// Readers beside the one writer that SQLite allows: a waiting writer never holds up a page.
    Sqlite {
        /// Connections that only read.
        read: Pool<SqliteConn>,
        /// The one connection that writes.
        write: Pool<SqliteConn>,
    },
    /// One pool for everything.
    Postgres(Pool<AsyncPgConnection>),
}

/// A connection to either database, borrowed from its pool.
#[expect(clippy::large_enum_variant, reason = "one lives for a statement or two; a box would cost an allocation each")]
pub enum Conn {
    /// To SQLite.
    Sqlite(PooledConnection<'static, Manager<SqliteConn>>),
    /// To PostgreSQL.
    Postgres(PooledConnection<'static, Manager<AsyncPgConnection>>),
}

/// Runs one statement on a [`Conn`]. The expression is compiled for each database, so keep it to the statement.
macro_rules! run {
    ($conn:expr, |$c:ident| $statement:expr) => {
        match $conn {
            $crate::db::Conn::Sqlite(connection) => {
                let $c: &mut $crate::db::SqliteConn = &mut *connection;
                $statement.await
            }
            $crate::db::Conn::Postgres(connection) => {
                let $c: &mut diesel_async::AsyncPgConnection = &mut *connection;
                $statement.await
            }
        }
    };
}
pub(crate) use run;

impl Db {
    /// Opens the pools. The file and its folder are created with access for this user alone (A90).
    ///
    /// # Errors
    /// When the database cannot be reached or the file cannot be opened.
    pub async fn open(url: &DatabaseUrl) -> Result<Self, Failure> {
        match url {
            DatabaseUrl::Sqlite(path) => {
                prepare_file(path).map_err(|error| {
                    Failure::internal(format!("cannot open the database file {}: {error}", path.display()))
                })?;
                let path = path.to_string_lossy().into_owned();
                let write = pool(&path, sqlite_setup(false), 1).await?;
                let read = pool(&path, sqlite_setup(true), 4).await?;
                Ok(Self::Sqlite { read, write })
            }
            DatabaseUrl::Postgres(url) => Ok(Self::Postgres(pool(url, ManagerConfig::default(), 16).await?)),
        }
    }

    /// A connection for reading, outside any transaction.
    ///
    /// # Errors
    /// [`Failure::Busy`] when none becomes free in time.
    pub async fn read(&self) -> Result<Conn, Failure> {
        Ok(match self {
            Self::Sqlite { read, .. } => Conn::Sqlite(read.get_owned().await.map_err(busy)?),
            Self::Postgres(pool) => Conn::Postgres(pool.get_owned().await.map_err(busy)?),
        })
    }

    /// Whether the database answers. It only reads, so that nobody who asks holds up a writer.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), Failure> {
        match self.read().await? {
            Conn::Sqlite(mut c) => c.batch_execute("SELECT 1").await?,
            Conn::Postgres(mut c) => c.batch_execute("SELECT 1").await?,
        }
        Ok(())
    }

    /// A connection for writing a single statement, which commits by itself.
    ///
    /// # Errors
    /// [`Failure::Busy`] when none becomes free in time.
    pub async fn write(&self) -> Result<Conn, Failure> {
        Ok(match self {
            Self::Sqlite { write, .. } => Conn::Sqlite(write.get_owned().await.map_err(busy)?),
            Self::Postgres(pool) => Conn::Postgres(pool.get_owned().await.map_err(busy)?),
        })
    }

    /// Opens a transaction. Dropped without [`Transaction::commit`], it never happened: the pool throws the
    /// connection away, and the database rolls back.
    ///
    /// # Errors
    /// [`Failure::Busy`] when no connection becomes free in time.
    pub async fn begin(&self) -> Result<Transaction, Failure> {
        let mut conn = self.write().await?;
        match &mut conn {
            // IMMEDIATE: two transactions that read first and write later would otherwise fail each other.
            Conn::Sqlite(c) => {
                c.spawn_blocking(|c| {
                    diesel::connection::AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE")
                })
                .await?;
            }
            Conn::Postgres(c) => manager_of(&**c).begin(c).await?,
        }
        Ok(Transaction { conn })
    }

    /// Does a whole transaction, from its opening to its commit, and does it again where PostgreSQL undid it for the sake
    /// of another. An order in which rows are locked keeps most from waiting for each other, but which links an account
    /// has is known only after it was looked for, and by then there may be others. Everything the transaction decides
    /// upon has to be read inside it: what was true the first time need not be so the next. SQLite has one writer, and
    /// nobody to wait for in the middle.
    ///
    /// # Errors
    /// What the last try ended with.
    pub async fn transact<T, F>(&self, transaction: impl Fn() -> F) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        for _ in 1..TRIES {
            match transaction().await {
                Err(failure) if matches!(self, Self::Postgres(_)) && may_go_through_next_time(&failure) => {
                    tracing::warn!(?failure, "a transaction got in another's way and is done again");
                }
                done => return done,
            }
        }
        transaction().await
    }
}

/// Whether a transaction may have ended for the sake of another that ran beside it. Of its reasons the driver names two:
/// a failed serialization (SQLSTATE 40001) and a row that somebody else was quicker to write (23505). A deadlock (40P01)
/// is one of all those it calls unknown, and told apart by words alone, which PostgreSQL translates. So all of these are
/// tried again, at the price of failing three times where it was something else.
fn may_go_through_next_time(failure: &Failure) -> bool {
    use diesel::result::{DatabaseErrorKind, Error};
    let Failure::Internal(cause) = failure else { return false };
    matches!(
        cause.downcast_ref::<Error>(),
        Some(Error::DatabaseError(
            DatabaseErrorKind::SerializationFailure | DatabaseErrorKind::UniqueViolation | DatabaseErrorKind::Unknown,
            _
        ))
    )
}

/// An open transaction; it is a [`Conn`] to the queries.
pub struct Transaction {
    conn: Conn,
}

impl Transaction {
    /// Makes everything in it true at once, durably.
    ///
    /// # Errors
    /// When the database refuses; then nothing of it happened.
    pub async fn commit(mut self) -> Result<(), Failure> {
        match &mut self.conn {
            Conn::Sqlite(c) => manager_of(&**c).commit(c).await?,
            Conn::Postgres(c) => manager_of(&**c).commit(c).await?,
        }
        Ok(())
    }

    /// Gives the connection back unharmed, as if nothing had been written. Dropping does the same at the price
    /// of a connection; refusals that are part of daily life use this.
    ///
    /// # Errors
    /// When the connection is lost; the database rolls back then, too.
    pub async fn rollback(mut self) -> Result<(), Failure> {
        match &mut self.conn {
            Conn::Sqlite(c) => manager_of(&**c).rollback(c).await?,
            Conn::Postgres(c) => manager_of(&**c).rollback(c).await?,
        }
        Ok(())
    }

    /// Commits what went through, and gives the connection back unharmed when it was refused.
    ///
    /// # Errors
    /// Why it did not go through, or what kept it from ending.
    pub async fn settle<T>(self, done: Result<T, Failure>) -> Result<T, Failure> {
        match done {
            Ok(value) => {
                self.commit().await?;
                Ok(value)
            }
            Err(Failure::Refused(error)) => {
                self.rollback().await?;
                Err(error.into())
            }
            Err(failure) => Err(failure),
        }
    }
}

impl Deref for Transaction {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        &self.conn
    }
}

impl DerefMut for Transaction {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.conn
    }
}

/// Shortens the calls of diesel's transaction manager, which is a type and not a value.
struct ManagerOf<C>(std::marker::PhantomData<C>);

fn manager_of<C: AsyncConnection>(_: &C) -> ManagerOf<C> {
    ManagerOf(std::marker::PhantomData)
}

impl<C: AsyncConnection> ManagerOf<C> {
    async fn begin(&self, c: &mut C) -> diesel::QueryResult<()> {
        <C::TransactionManager as TransactionManager<C>>::begin_transaction(c).await
    }

    async fn commit(&self, c: &mut C) -> diesel::QueryResult<()> {
        <C::TransactionManager as TransactionManager<C>>::commit_transaction(c).await
    }

    async fn rollback(&self, c: &mut C) -> diesel::QueryResult<()> {
        <C::TransactionManager as TransactionManager<C>>::rollback_transaction(c).await
    }
}

fn busy(error: bb8::RunError<diesel_async::pooled_connection::PoolError>) -> Failure {
    match error {
        bb8::RunError::TimedOut => Failure::Busy("no database connection became free in time".into()),
        bb8::RunError::User(error) => Failure::Busy(Box::new(error)),
    }
}

async fn pool<C>(url: &str, mut config: ManagerConfig<C>, size: u32) -> Result<Pool<C>, Failure>
where
    C: AsyncConnection + diesel_async::pooled_connection::PoolableConnection + Send + 'static,
    Manager<C>: bb8::ManageConnection<Connection = C, Error = diesel_async::pooled_connection::PoolError>,
{
    config.recycling_method = RecyclingMethod::Fast;
    let pool = bb8::Pool::builder()
        .max_size(size)
        .connection_timeout(WAIT_FOR_CONNECTION)
        .test_on_check_out(false)
        .build_unchecked(Manager::new_with_config(url, config));
    match pool.get_owned().await {
        Ok(_) => Ok(pool),
        // The pool tries until its time is up and keeps the reason to itself: asked once more, past it.
        Err(bb8::RunError::TimedOut) => {
            match tokio::time::timeout(WAIT_FOR_CONNECTION, pool.dedicated_connection()).await {
                Ok(Ok(_)) => Ok(pool),
                Ok(Err(error)) => Err(busy(bb8::RunError::User(error))),
                Err(_) => Err(busy(bb8::RunError::TimedOut)),
            }
        }
        Err(error) => Err(busy(error)),
    }
}

/// A durable commit is what the product promises, so `synchronous` stays FULL.
fn sqlite_setup(read_only: bool) -> ManagerConfig<SqliteConn> {
    let mut config = ManagerConfig::default();
    config.custom_setup = Box::new(move |path| {
        let path = path.to_owned();
        async move {
            let mut conn = SqliteConn::establish(&path).await?;
            let query_only = if read_only { "ON" } else { "OFF" };
            conn.batch_execute(&format!(
                "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                 PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA query_only = {query_only};"
            ))
            .await
            .map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
            Ok(conn)
        }
        .boxed()
    });
    config
}

/// Creates folder and file for the owner alone before SQLite would do so for everybody.
fn prepare_file(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
    if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_doubtful_database_url_is_refused() {
        assert_eq!("sqlite:data/x.db".parse(), Ok(DatabaseUrl::Sqlite("data/x.db".into())));
        assert_eq!("sqlite:///var/x.db".parse(), Ok(DatabaseUrl::Sqlite("/var/x.db".into())));
        assert!(matches!("postgres://h/d".parse(), Ok(DatabaseUrl::Postgres(_))));
        for wrong in ["", "sqlite:", "mysql://x", "data/x.db", "postgre://x"] {
            assert!(wrong.parse::<DatabaseUrl>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_what_may_be_another_transactions_doing_is_done_again() {
        use diesel::result::{DatabaseErrorKind, Error};
        let refused = |kind| Failure::from(Error::DatabaseError(kind, Box::new("in whatever language".to_owned())));
        for kind in
            [DatabaseErrorKind::SerializationFailure, DatabaseErrorKind::UniqueViolation, DatabaseErrorKind::Unknown]
        {
            assert!(may_go_through_next_time(&refused(kind)));
        }
        for failure in [
            refused(DatabaseErrorKind::CheckViolation),
            // A commit whose answer was lost may have happened.
            refused(DatabaseErrorKind::UnableToSendCommand),
            refused(DatabaseErrorKind::ClosedConnection),
            Failure::from(Error::NotFound),
            Failure::internal("deadlock detected"),
            Failure::Busy("no connection".into()),
        ] {
            assert!(!may_go_through_next_time(&failure), "{failure:?}");
        }
    }

    #[test]
    fn a77_a_database_url_hides_its_password_in_debug() {
        let url: DatabaseUrl = "postgres://u:hunter2@h/d".parse().unwrap();
        assert!(!format!("{url:?}").contains("hunter2"));
    }
}
