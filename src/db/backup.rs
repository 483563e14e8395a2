//! Copies of the embedded database: taken while a server goes on writing, looked through, and put in another's place.
//! The commands `backup` and `restore` call it, and the checks of `doctor`, which look through PostgreSQL here as well.
//! It writes over no file, and it knows no rule of the product. Errors are sentences for the operator.

use super::{SqliteConn, migrate, schema::key_checks};
use crate::secret::Sealed;
use diesel::{
    prelude::*,
    sql_types::{BigInt, Text},
};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use sha2::{Digest, Sha256};
use std::{
    fmt::Display,
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

/// How long a PostgreSQL server may take to answer who only looks.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a file is known by.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fingerprint {
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: String,
}

/// What a whole database of ours says of itself.
#[derive(Debug)]
pub struct Contents {
    /// The keys it was written with, each with a value that it sealed (see [`super::key_check::judge`]).
    pub keys: Vec<(String, Sealed)>,
    /// How many steps of this program's migrations it lacks.
    pub missing_steps: usize,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Text)]
    version: String,
}

#[derive(QueryableByName)]
struct Integrity {
    #[diesel(sql_type = Text)]
    integrity_check: String,
}

/// What to do where a database should be and none is.
pub fn no_database(path: &Path) -> String {
    format!("there is no database at {}; set DATABASE_URL or DATA_DIR as the server has it", path.display())
}

/// Copies the database as it stands at one moment, looks the copy through, and gives it its name only then. Beside it
/// lies its checksum, in a file that `sha256sum -c` reads. Both are for this user alone. A server may go on writing
/// meanwhile: it waits for nothing, and what it commits from here on is not in the copy.
///
/// # Errors
/// One sentence for the operator. Nothing is left behind then.
pub async fn take(database: &Path, file: &Path) -> Result<Fingerprint, String> {
    if !database.is_file() {
        return Err(no_database(database));
    }
    if file.exists() {
        return Err(format!("{} is there already; a backup writes over nothing: choose another name", file.display()));
    }
    let partial = beside(file, ".partial");
    let taken = copy_and_look(database, &partial).await.and_then(|()| give_name(&partial, file));
    if taken.is_err() {
        let _ = fs::remove_file(&partial);
    }
    taken
}

async fn copy_and_look(database: &Path, partial: &Path) -> Result<(), String> {
    // VACUUM INTO takes an empty file as it is: the copy is never readable by others, not even for a moment.
    create(partial).map_err(|error| trouble(partial, "cannot be written", &error))?;
    let target = text_of(partial)?.replace('\'', "''");
    let mut conn = open(database).await?;
    conn.batch_execute(&format!("VACUUM INTO '{target}'"))
        .await
        .map_err(|error| trouble(database, "cannot be copied", &error))?;
    drop(conn);
    inspect(partial).await.map(|_| ())
}

/// SQLite leaves it to us to have the copy on the disk before anybody relies on it.
fn give_name(partial: &Path, file: &Path) -> Result<Fingerprint, String> {
    let written = |error: io::Error| trouble(file, "cannot be written", &error);
    File::open(partial).and_then(|copy| copy.sync_all()).map_err(written)?;
    let fingerprint = fingerprint(partial).map_err(written)?;
    fs::rename(partial, file).map_err(written)?;
    let name = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy().into_owned();
    let sum = sum_file(file);
    create(&sum)
        .and_then(|mut text| {
            writeln!(text, "{}  {name}", fingerprint.sha256)?;
            text.sync_all()
        })
        .map_err(|error| {
            let _ = (fs::remove_file(file), fs::remove_file(&sum));
            trouble(&sum, "cannot be written", &error)
        })?;
    sync_folder(file).map_err(written)?;
    Ok(fingerprint)
}

/// Copies a backup, and compares the copy with the checksum beside the backup. `false` when there is none.
///
/// # Errors
/// One sentence for the operator, also where the two differ. What was copied may be left behind.
pub fn fetch(file: &Path, copy: &Path) -> Result<bool, String> {
    let log = beside(file, "-wal");
    if fs::metadata(&log).is_ok_and(|log| log.len() > 0) {
        return Err(format!(
            "{} holds the last changes of a database that was not ended cleanly, and a copy of {} alone would lose \
             them; end the server, and give both files the names they had",
            log.display(),
            file.display()
        ));
    }
    let mut source = File::open(file).map_err(|error| trouble(file, "cannot be read", &error))?;
    create(copy)
        .and_then(|mut target| {
            io::copy(&mut source, &mut target)?;
            target.sync_all()
        })
        .map_err(|error| trouble(copy, "cannot be written", &error))?;
    let sum = sum_file(file);
    let expected = match fs::read_to_string(&sum) {
        Ok(text) => text.split_whitespace().next().unwrap_or_default().to_ascii_lowercase(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(trouble(&sum, "cannot be read", &error)),
    };
    let found = fingerprint(copy).map_err(|error| trouble(copy, "cannot be read", &error))?;
    if found.sha256 == expected {
        return Ok(true);
    }
    Err(format!(
        "{} is not what was written: its checksum differs from the one in {}. Fetch it again, or take another backup",
        file.display(),
        sum.display()
    ))
}

/// Looks a database through: that SQLite finds nothing wrong with it, that no row misses another, and that it is one of
/// ours that this program can read. It changes nothing.
///
/// # Errors
/// One sentence for the operator.
pub async fn inspect(file: &Path) -> Result<Contents, String> {
    let mut conn = open(file).await?;
    let broken = |what: &dyn Display| trouble(file, "is no whole database", what);
    let found: Vec<Integrity> =
        diesel::sql_query("PRAGMA integrity_check").load(&mut conn).await.map_err(|error| broken(&error))?;
    if let Some(Integrity { integrity_check }) = found.iter().find(|row| row.integrity_check != "ok") {
        return Err(broken(integrity_check));
    }
    let astray = number(&mut conn, "SELECT COUNT(*) AS n FROM pragma_foreign_key_check").await;
    match astray.map_err(|error| broken(&error))? {
        0 => {}
        rows => return Err(broken(&format!("{rows} rows belong to others that are missing"))),
    }
    if !has_table(&mut conn, "__diesel_schema_migrations").await.map_err(|error| broken(&error))? {
        return Err(format!("{} is a database, but none of Grantlink's", file.display()));
    }
    let applied: Vec<Version> = diesel::sql_query("SELECT version FROM __diesel_schema_migrations")
        .load(&mut conn)
        .await
        .map_err(|error| broken(&error))?;
    let applied: Vec<String> = applied.into_iter().map(|row| row.version).collect();
    let missing_steps = migrate::missing_steps(&applied).map_err(|what| format!("{}: {what}", file.display()))?;
    let keys = if has_table(&mut conn, "key_checks").await.map_err(|error| broken(&error))? {
        let seen = key_checks::table.select((key_checks::key_id, key_checks::sealed)).load(&mut conn).await;
        seen.map_err(|error| broken(&error))?
    } else {
        Vec::new()
    };
    Ok(Contents { keys, missing_steps })
}

/// Looks at the database of a PostgreSQL server: that it answers, and that this program can read it. What is whole
/// there is the server's to know. `None` for a database without a table of ours yet. It changes nothing.
///
/// # Errors
/// One sentence for the operator.
pub async fn inspect_server(url: &str) -> Result<Option<Contents>, String> {
    let look = async {
        let mut conn =
            AsyncPgConnection::establish(url).await.map_err(|error| format!("it does not answer: {error}"))?;
        let troubled = |error: diesel::result::Error| format!("it does not answer as it should: {error}");
        for table in ["__diesel_schema_migrations", "key_checks"] {
            let query = format!("SELECT COUNT(*) AS n FROM pg_catalog.pg_class WHERE oid = to_regclass('{table}')");
            let row: Number = diesel::sql_query(query).get_result(&mut conn).await.map_err(troubled)?;
            if row.n == 0 {
                return Ok(None);
            }
        }
        let applied = diesel::sql_query("SELECT CAST(version AS text) AS version FROM __diesel_schema_migrations");
        let applied: Vec<Version> = applied.load(&mut conn).await.map_err(troubled)?;
        let applied: Vec<String> = applied.into_iter().map(|row| row.version).collect();
        let missing_steps = migrate::missing_steps(&applied)?;
        let keys = key_checks::table.select((key_checks::key_id, key_checks::sealed)).load(&mut conn).await;
        Ok::<_, String>(Some(Contents { keys: keys.map_err(troubled)?, missing_steps }))
    };
    let late = |_| format!("it does not answer within {} seconds", PATIENCE.as_secs());
    tokio::time::timeout(PATIENCE, look).await.map_err(late)?
}

/// Empties these tables of a database that nobody serves, where it has them.
///
/// # Errors
/// One sentence for the operator.
pub async fn empty(file: &Path, tables: &[&'static str]) -> Result<(), String> {
    let mut conn = open(file).await?;
    let refused = |error: diesel::result::Error| trouble(file, "cannot be changed", &error);
    conn.batch_execute("PRAGMA journal_mode = DELETE; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;")
        .await
        .map_err(refused)?;
    for table in tables {
        if has_table(&mut conn, table).await.map_err(refused)? {
            conn.batch_execute(&format!("DELETE FROM {table}")).await.map_err(refused)?;
        }
    }
    Ok(())
}

/// Brings what stands in the write-ahead log into the database's own file, where that is still possible: then the file is
/// all there is. Nobody may serve it meanwhile.
pub async fn settle(database: &Path) {
    if !database.is_file() {
        return;
    }
    let settled = async {
        let mut conn = open(database).await?;
        let refused = |error: diesel::result::Error| trouble(database, "keeps its log", &error);
        conn.batch_execute("PRAGMA wal_checkpoint(TRUNCATE);").await.map_err(refused)
    };
    if let Err(why) = settled.await {
        tracing::warn!("{why}");
    }
}

/// Puts a copy in the place of the database, and what was there aside, under its own name with `stamp` behind it; where
/// that is. Nobody may serve it meanwhile.
///
/// # Errors
/// One sentence for the operator.
pub fn put_in_place(copy: &Path, database: &Path, stamp: &str) -> Result<Option<PathBuf>, String> {
    let aside = beside(database, &format!(".before-{stamp}"));
    let mut is_aside = false;
    // The write-ahead log first: one that was left beside the new database would be read into it.
    for suffix in ["-wal", "-shm", ""] {
        let (from, to) = (beside(database, suffix), beside(&aside, suffix));
        if from.exists() {
            if to.exists() {
                return Err(format!("{} is there already; move it away and try again", to.display()));
            }
            fs::rename(&from, &to).map_err(|error| trouble(&from, "cannot be moved aside", &error))?;
            is_aside = true;
        }
    }
    File::open(copy)
        .and_then(|copy| copy.sync_all())
        .and_then(|()| fs::rename(copy, database))
        .and_then(|()| sync_folder(database))
        .map_err(|error| trouble(database, "cannot be put in place", &error))?;
    Ok(is_aside.then_some(aside))
}

/// A path beside another: the same with this behind it.
pub fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn sum_file(file: &Path) -> PathBuf {
    beside(file, ".sha256")
}

/// Creates an empty file for this user alone, in the place of what an earlier try may have left. A journal of that would
/// be played into the new one.
fn create(path: &Path) -> io::Result<File> {
    for suffix in ["-journal", "-wal", "-shm", ""] {
        match fs::remove_file(beside(path, suffix)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

fn fingerprint(path: &Path) -> io::Result<Fingerprint> {
    let mut file = File::open(path)?;
    let (mut hasher, mut bytes) = (Sha256::new(), 0);
    let mut buffer = vec![0; 65_536];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        hasher.update(&buffer[..read]);
        bytes += read as u64;
    }
    let digest: [u8; 32] = hasher.finalize().into();
    let sha256 = digest.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    Ok(Fingerprint { bytes, sha256 })
}

/// A new name is on the disk only once its folder is.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

async fn open(path: &Path) -> Result<SqliteConn, String> {
    let mut conn =
        SqliteConn::establish(text_of(path)?).await.map_err(|error| trouble(path, "cannot be opened", &error))?;
    conn.batch_execute("PRAGMA busy_timeout = 10000;")
        .await
        .map_err(|error| trouble(path, "cannot be opened", &error))?;
    Ok(conn)
}

async fn number(conn: &mut SqliteConn, query: &'static str) -> QueryResult<i64> {
    let row: Number = diesel::sql_query(query).get_result(conn).await?;
    Ok(row.n)
}

async fn has_table(conn: &mut SqliteConn, name: &str) -> QueryResult<bool> {
    let row: Number = diesel::sql_query("SELECT COUNT(*) AS n FROM sqlite_master WHERE type = 'table' AND name = ?")
        .bind::<Text, _>(name.to_owned())
        .get_result(conn)
        .await?;
    Ok(row.n > 0)
}

fn text_of(path: &Path) -> Result<&str, String> {
    path.to_str().ok_or_else(|| format!("the path {} is no UTF-8; choose another one", path.display()))
}

fn trouble(path: &Path, what: &str, error: &dyn Display) -> String {
    format!("{} {what}: {error}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn what_is_beside_a_file_has_its_whole_name() {
        assert_eq!(beside(Path::new("/a/b.db"), "-wal"), Path::new("/a/b.db-wal"));
        assert_eq!(sum_file(Path::new("b.db")), Path::new("b.db.sha256"));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_file_that_is_no_database_of_ours_is_said_to_be_none() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.db");
        fs::write(&file, "not a database, but long enough to have the header of one").unwrap();
        assert!(inspect(&file).await.unwrap_err().contains("is no whole database"));
        let other = folder.path().join("other.db");
        open(&other).await.unwrap().batch_execute("CREATE TABLE t (a)").await.unwrap();
        assert!(inspect(&other).await.unwrap_err().contains("none of Grantlink's"));
    }

    #[test]
    fn f43_a_copy_is_compared_with_the_checksum_beside_the_backup() {
        let folder = tempfile::tempdir().unwrap();
        let (file, copy) = (folder.path().join("b.db"), folder.path().join("copy.db"));
        fs::write(&file, "hello").unwrap();
        assert_eq!(fetch(&file, &copy), Ok(false), "nobody wrote one down");
        assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
        let hello = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
        assert_eq!(fingerprint(&file).unwrap(), Fingerprint { bytes: 5, sha256: hello.to_owned() });
        fs::write(sum_file(&file), format!("{hello}  b.db\n")).unwrap();
        assert_eq!(fetch(&file, &copy), Ok(true));
        fs::write(&file, "hallo").unwrap();
        assert!(fetch(&file, &copy).unwrap_err().contains("checksum differs"));
        fs::write(beside(&file, "-wal"), "what was written last").unwrap();
        assert!(fetch(&file, &copy).unwrap_err().contains("would lose"));
    }

    #[test]
    fn what_stood_there_is_put_aside_with_its_log() {
        let folder = tempfile::tempdir().unwrap();
        let (copy, database) = (folder.path().join("copy"), folder.path().join("g.db"));
        for (path, text) in [(&copy, "new"), (&database, "old"), (&beside(&database, "-wal"), "log")] {
            fs::write(path, text).unwrap();
        }
        let aside = put_in_place(&copy, &database, "now").unwrap().unwrap();
        assert_eq!(fs::read_to_string(&database).unwrap(), "new");
        assert_eq!(fs::read_to_string(&aside).unwrap(), "old");
        assert_eq!(fs::read_to_string(beside(&aside, "-wal")).unwrap(), "log");
        assert!(!beside(&database, "-wal").exists() && !copy.exists());
    }
}
