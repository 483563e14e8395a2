//! `grantlink backup`: the embedded database in one file, taken while a server goes on. What it does not hold is said.

use super::{print_line, tell};
use crate::{
    db::{DatabaseUrl, backup},
    media::MediaSettings,
    server::config::{Config, Storage},
};
use std::path::Path;

/// PostgreSQL has tools of its own, which know its users, versions and sizes better.
const WITH_POSTGRES: &str = "the database is PostgreSQL, which is backed up with its own tools while servers run; on its \
    machine: umask 077; sudo -u postgres pg_dump --format=custom --no-owner NAME > FILE; keep GRANTLINK_KEYS in another \
    place than that file. docs/operating.md has the rest";

/// Copies the database into this file.
pub(super) async fn run(config: &Config, file: &Path) -> Result<(), String> {
    let DatabaseUrl::Sqlite(database) = &config.storage.database else { return Err(WITH_POSTGRES.into()) };
    let taken = backup::take(database, file).await?;
    tell(&format!("{} bytes, looked through and found whole. {}", taken.bytes, what_is_not_in_it(&config.storage)));
    // What `sha256sum -c` reads.
    print_line(&format!("{}  {}", taken.sha256, file.display()))
}

/// A key beside what it opens protects nothing, so a backup holds none.
fn what_is_not_in_it(storage: &Storage) -> String {
    let keys = if storage.keys.is_some() {
        "GRANTLINK_KEYS".to_owned()
    } else {
        storage.data_dir.join("keys").display().to_string()
    };
    let pictures = match &storage.media {
        MediaSettings::Folder(folder) => {
            format!(" Logos and pictures are in {}: copy that folder, too.", folder.display())
        }
        MediaSettings::S3 { .. } => String::new(),
    };
    format!(
        "The keys are not in it, and without them nobody opens its links and accounts: keep {keys} in another \
         place.{pictures}"
    )
}
