//! The file of the keys, as `grantlink keys` changes it. It is replaced in one step, so that whoever reads it finds the
//! old ring or the new one whole; it stays its owner's alone; and a key is on the disk before anything is sealed by it.

use super::{ConfigError, Storage};
use crate::{
    clock::Randomness,
    secret::{ExposeSecret, KeyRing, SecretString},
};
use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt, fchown},
    path::{Path, PathBuf},
};

/// Where the file is, whether or not the setting `GRANTLINK_KEYS` stands in its place.
pub fn path(storage: &Storage) -> PathBuf {
    storage.data_dir.join("keys")
}

/// The file of the keys in the hands of one command: others that would change it are refused until this is dropped.
#[derive(Debug)]
pub struct KeyFile {
    path: PathBuf,
    _lock: File,
}

impl KeyFile {
    /// Takes hold of the file.
    ///
    /// # Errors
    /// When another command has it, or it cannot be locked.
    pub fn hold(storage: &Storage) -> Result<Self, ConfigError> {
        let folder = &storage.data_dir;
        let trouble = |error: io::Error| ConfigError(format!("cannot lock {}: {error}", folder.display()));
        // The folder itself: a file for it would belong to whoever was here first.
        let lock = File::open(folder).map_err(trouble)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path(storage), _lock: lock }),
            Err(TryLockError::WouldBlock) => {
                Err(ConfigError("another `grantlink keys` is at work on these keys; wait until it has ended".into()))
            }
            Err(TryLockError::Error(error)) => Err(trouble(error)),
        }
    }

    /// Puts a new key of this id first.
    ///
    /// # Errors
    /// When the file cannot be read or replaced; then it is as it was.
    pub fn add_first(&self, id: &str, randomness: &Randomness) -> Result<(), ConfigError> {
        let entry = KeyRing::generate_entry(id, randomness);
        self.change(|text| format!("{}\n{text}", entry.expose_secret()).into())
    }

    /// Takes the key of this id out.
    ///
    /// # Errors
    /// When the file cannot be read or replaced; then it is as it was.
    pub fn remove(&self, id: &str) -> Result<(), ConfigError> {
        self.change(|text| {
            let entries = text.split([',', '\n']).map(str::trim).filter(|entry| !entry.is_empty());
            let kept = entries.filter(|entry| entry.split_once(':').is_none_or(|(known, _)| known != id));
            kept.fold(String::new(), |text, entry| text + entry + "\n").into()
        })
    }

    fn change(&self, change: impl FnOnce(&str) -> SecretString) -> Result<(), ConfigError> {
        let trouble = |error: io::Error| ConfigError(format!("{}: cannot be changed: {error}", self.path.display()));
        let text: SecretString = fs::read_to_string(&self.path).map_err(trouble)?.into();
        let changed = change(text.expose_secret());
        // What could not be read again must never take the place of what can.
        KeyRing::parse(changed.expose_secret())
            .map_err(|error| ConfigError(format!("{}: would be unusable: {error}", self.path.display())))?;
        replace(&self.path, &changed).map_err(trouble)
    }
}

/// Another file under another name first, then its name: on the disk before this returns.
fn replace(path: &Path, text: &SecretString) -> io::Result<()> {
    let unfinished = path.with_file_name("keys.new");
    // What an earlier try left behind may be somebody else's.
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished)?;
    let (old, new) = (fs::metadata(path)?, file.metadata()?);
    if (old.uid(), old.gid()) != (new.uid(), new.gid()) {
        // The server reads it under its own user, whoever types the command.
        fchown(&file, Some(old.uid()), Some(old.gid()))?;
    }
    file.write_all(text.expose_secret().as_bytes())?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) => File::open(folder)?.sync_all(),
        None => File::open(".")?.sync_all(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{db::DatabaseUrl, media::MediaSettings, server::config::load_keys};
    use std::os::unix::fs::PermissionsExt;

    fn storage(folder: &Path) -> Storage {
        let data_dir = folder.to_owned();
        let database = DatabaseUrl::Sqlite(data_dir.join("x.db"));
        let media = MediaSettings::Folder(data_dir.join("media"));
        Storage { data_dir, database, keys: None, media }
    }

    #[test]
    fn a72_keys_come_and_go_in_the_file_and_a_running_server_takes_that_over() {
        let folder = tempfile::tempdir().unwrap();
        let storage = storage(folder.path());
        let ring = load_keys(&storage, false, &[], &Randomness).unwrap();
        let file = KeyFile::hold(&storage).unwrap();
        file.add_first("k2", &Randomness).unwrap();
        assert_eq!(ring.refresh(), Ok(true));
        assert_eq!(ring.ids(), ["k2", "k1"]);
        file.remove("k1").unwrap();
        assert_eq!(ring.refresh(), Ok(true));
        assert_eq!(ring.ids(), ["k2"]);
        assert_eq!(fs::metadata(path(&storage)).unwrap().permissions().mode() & 0o777, 0o600);
        let unusable = file.remove("k2").unwrap_err();
        assert!(unusable.0.contains("empty"), "{unusable}");
        assert_eq!(load_keys(&storage, false, &[], &Randomness).unwrap().ids(), ["k2"], "it is as it was");
    }

    #[test]
    fn only_one_command_at_a_time_changes_the_keys() {
        let folder = tempfile::tempdir().unwrap();
        let storage = storage(folder.path());
        load_keys(&storage, false, &[], &Randomness).unwrap();
        let first = KeyFile::hold(&storage).unwrap();
        assert!(KeyFile::hold(&storage).unwrap_err().0.contains("at work"));
        drop(first);
        assert!(KeyFile::hold(&storage).is_ok());
    }

    #[test]
    fn what_a_command_that_was_killed_left_behind_is_in_nobodys_way() {
        let folder = tempfile::tempdir().unwrap();
        let storage = storage(folder.path());
        load_keys(&storage, false, &[], &Randomness).unwrap();
        fs::write(folder.path().join("keys.new"), "k2:half").unwrap();
        KeyFile::hold(&storage).unwrap().add_first("k2", &Randomness).unwrap();
        assert_eq!(load_keys(&storage, false, &[], &Randomness).unwrap().ids(), ["k2", "k1"]);
    }
}
