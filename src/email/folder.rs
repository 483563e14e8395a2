//! Mail as files: where no relay is set, each one becomes an `.eml` in a folder that its owner alone may read (A90).
//! A file appears whole or not at all, and a mail that is put down twice is one file.

use super::MailError;
use std::{
    fs,
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::Path,
};

/// Puts a mail down.
///
/// # Errors
/// [`MailError::Temporary`] when the disk does not take it.
pub(super) async fn put(folder: &Path, name: String, bytes: Vec<u8>) -> Result<(), MailError> {
    let folder = folder.to_owned();
    let written = tokio::task::spawn_blocking(move || write(&folder, &name, &bytes)).await;
    let trouble = |what: &dyn std::fmt::Display| {
        Err(MailError::Temporary(format!("the mail folder in DATA_DIR cannot be written to: {what}")))
    };
    match written {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => trouble(&error.kind()),
        Err(_) => trouble(&"the server is stopping"),
    }
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    if fs::metadata(folder)?.permissions().mode() & 0o077 != 0 {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    }
    let unfinished = folder.join(format!(".{name}.unfinished"));
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&unfinished, folder.join(name))?;
    // The name, too, has to survive a power cut: the mail counts as sent from here on.
    fs::File::open(folder)?.sync_all()
}
