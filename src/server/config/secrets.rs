//! The key ring: from the environment, or generated once into the data folder.

use super::{ConfigError, Storage, key_file};
use crate::{
    clock::Randomness,
    db::DatabaseUrl,
    secret::{ExposeSecret, KeyRing, KeyRingError},
};
use std::{
    fs,
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::Path,
};

/// The key ring of this installation; makes one on a first start. `known` are the keys the database was written with: it
/// needs those back, and a new one would only be in the way of the restored file (A73).
///
/// # Errors
/// When it cannot be read or is malformed, when others could read it, or when it would have to be generated beside
/// PostgreSQL in production, where other instances would not share it.
pub fn load_keys(
    storage: &Storage,
    production: bool,
    known: &[String],
    randomness: &Randomness,
) -> Result<KeyRing, ConfigError> {
    if let Some(text) = &storage.keys {
        return KeyRing::parse(text.expose_secret()).map_err(|error| ConfigError(format!("GRANTLINK_KEYS: {error}")));
    }
    let path = key_file::path(storage);
    let trouble =
        |what: &str, error: &dyn std::fmt::Display| ConfigError(format!("{}: {what}: {error}", path.display()));
    if path.exists() {
        let mode = fs::metadata(&path).map_err(|e| trouble("cannot be read", &e))?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(ConfigError(format!("{0} can be read by others; run: chmod 600 {0}", path.display())));
        }
        let text = fs::read_to_string(&path).map_err(|e| trouble("cannot be read", &e))?;
        return follow(&text, &path).map_err(|e| trouble("cannot be used", &e));
    }
    if let Some(key) = known.first() {
        return Err(ConfigError(format!(
            "the key '{key}' is missing: {} is not there; restore it from the backup, or set GRANTLINK_KEYS",
            path.display()
        )));
    }
    if production && matches!(storage.database, DatabaseUrl::Postgres(_)) {
        return Err(ConfigError(
            "GRANTLINK_KEYS is not set. Beside PostgreSQL the key must be given, so that every instance has the same \
             one. Make one with: echo \"k1:$(head -c 32 /dev/urandom | base64)\""
                .into(),
        ));
    }
    let text = KeyRing::generate_text(randomness);
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&storage.data_dir)
        .map_err(|e| trouble("its folder cannot be made", &e))?;
    fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)
        .and_then(|mut file| {
            writeln!(file, "{}", text.expose_secret())?;
            file.sync_all()
        })
        .map_err(|e| trouble("cannot be written", &e))?;
    follow(text.expose_secret(), &path).map_err(|e| trouble("cannot be used", &e))
}

/// The ring in a file, which takes over what `grantlink keys` changes there while this process runs.
fn follow(text: &str, path: &Path) -> Result<KeyRing, KeyRingError> {
    let path = path.to_owned();
    Ok(KeyRing::parse(text)?.following(move || fs::read_to_string(&path).ok().map(Into::into)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{db::DatabaseUrl, media::MediaSettings};

    fn storage(data_dir: &Path, database: DatabaseUrl) -> Storage {
        let media = MediaSettings::Folder(data_dir.join("media"));
        Storage { data_dir: data_dir.to_owned(), database, keys: None, media }
    }

    #[test]
    fn a73_no_key_is_made_for_a_database_that_was_written_with_one() {
        let folder = tempfile::tempdir().unwrap();
        let data_dir = folder.path().join("data");
        let database = DatabaseUrl::Sqlite(data_dir.join("x.db"));
        let storage = storage(&data_dir, database);
        let error = load_keys(&storage, false, &["k1".to_owned()], &Randomness).unwrap_err().0;
        assert!(error.contains("'k1' is missing") && error.contains("restore"), "{error}");
        assert!(!data_dir.join("keys").exists());
    }

    #[test]
    fn a_key_is_made_once_and_is_the_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let data_dir = folder.path().join("data");
        let database = DatabaseUrl::Sqlite(data_dir.join("x.db"));
        let storage = storage(&data_dir, database);
        load_keys(&storage, false, &[], &Randomness).unwrap();
        let first = fs::read_to_string(data_dir.join("keys")).unwrap();
        assert_eq!(fs::metadata(data_dir.join("keys")).unwrap().permissions().mode() & 0o777, 0o600);
        load_keys(&storage, false, &[], &Randomness).unwrap();
        assert_eq!(fs::read_to_string(data_dir.join("keys")).unwrap(), first);
        let known = ["k1".to_owned()];
        assert!(load_keys(&storage, false, &known, &Randomness).is_ok(), "the key is there");
        fs::set_permissions(data_dir.join("keys"), fs::Permissions::from_mode(0o644)).unwrap();
        assert!(load_keys(&storage, false, &[], &Randomness).unwrap_err().0.contains("chmod 600"));
    }

    #[test]
    fn a_generated_key_is_refused_beside_postgresql_in_production() {
        let folder = tempfile::tempdir().unwrap();
        let database = DatabaseUrl::Postgres("postgres://h/d".into());
        let storage = storage(folder.path(), database);
        assert!(load_keys(&storage, true, &[], &Randomness).unwrap_err().0.contains("GRANTLINK_KEYS"));
        assert!(load_keys(&storage, false, &[], &Randomness).is_ok());
    }
}
