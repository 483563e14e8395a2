//! `grantlink restore`: a backup in the place of the embedded database. It is copied, compared with its checksum,
//! looked through and tried with the keys before anything is moved; what was there is put aside, never deleted.

use super::{print_line, tell, words};
use crate::{
    clock::{Clock, Randomness},
    db::{self, DatabaseUrl, Db, backup},
    server::{
        config::{Config, load_keys},
        start,
    },
};
use std::path::Path;

const WITH_POSTGRES: &str = "the database is PostgreSQL, which is restored with its own tools: end the servers; on its \
    machine make an empty database, then sudo -u postgres pg_restore --no-owner --role=OWNER --single-transaction \
    --dbname=NAME < FILE; sign everybody out as docs/operating.md says, and start the servers with the same \
    GRANTLINK_KEYS";

/// What a browser or a mail holds the key to. Some of it was ended after the backup was taken, and must not come back
/// to life: everybody signs in again.
const ENDED: [&str; 5] = ["sessions", "second_steps", "password_resets", "reset_requests", "email_confirmations"];

/// Puts the backup in place. `replace` says that a database which is there already may be put aside.
pub(super) async fn run(config: &Config, file: &Path, replace: bool) -> Result<(), String> {
    let DatabaseUrl::Sqlite(database) = &config.storage.database else { return Err(WITH_POSTGRES.into()) };
    if !file.is_file() {
        return Err(format!("there is no file {}", file.display()));
    }
    if database.exists() && !replace {
        return Err(format!(
            "there is a database at {} already; with --replace it is put aside, beside the restored one",
            database.display()
        ));
    }
    let _lock = start::lock_sqlite(&config.storage.database)?;
    let copy = backup::beside(database, ".restoring");
    let tried = try_out(config, file, &copy).await;
    if tried.is_err() {
        let _ = std::fs::remove_file(&copy);
    }
    let has_sum = tried?;
    let now = Clock::default().now();
    let stamp = now.moment(now).iso.replace(':', "");
    backup::settle(database).await;
    let aside = backup::put_in_place(&copy, database, &stamp)?;
    open(config).await.map_err(|why| format!("the backup is in place, and does not open: {why}"))?;
    if !has_sum {
        tell("there is no checksum beside the backup: it was looked through, and not compared with what was written");
    }
    if let Some(aside) = aside {
        tell(&format!("the database that was there is {}", aside.display()));
    }
    tell(
        "Everybody signs in again. What was deleted after the backup was taken is back: look at links and members, \
         and at people who asked to be forgotten",
    );
    print_line(&database.display().to_string())
}

/// Makes the copy that is put in place, or says why it cannot be. Whether there was a checksum to compare with.
async fn try_out(config: &Config, file: &Path, copy: &Path) -> Result<bool, String> {
    let has_sum = backup::fetch(file, copy)?;
    let contents = backup::inspect(copy).await?;
    if !contents.keys.is_empty() {
        let known: Vec<String> = contents.keys.iter().map(|(id, _)| id.clone()).collect();
        let keys = load_keys(&config.storage, config.web.is_production(), &known, &Randomness);
        db::key_check::judge(&contents.keys, &keys.map_err(|error| error.0)?)?;
    }
    backup::empty(copy, &ENDED).await?;
    Ok(has_sum)
}

/// Opens it the way the server will: a backup of an earlier version is brought up to this one.
async fn open(config: &Config) -> Result<(), String> {
    let db = Db::open(&config.storage.database).await.map_err(words)?;
    let known = db::key_check::known_keys(&db).await.map_err(words)?;
    db::migrate::migrate(&db).await.map_err(words)?;
    if known.is_empty() {
        return Ok(());
    }
    let keys = load_keys(&config.storage, config.web.is_production(), &known, &Randomness).map_err(|error| error.0)?;
    db::key_check::check(&db, &keys, &Randomness).await.map_err(words)?
}
