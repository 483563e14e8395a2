//! Where things are kept.

use super::{ConfigError, Lookup};
use crate::{db::DatabaseUrl, secret::SecretString};
use std::path::PathBuf;

/// Where things are kept.
#[derive(Clone, Debug)]
pub struct Storage {
    /// `DATA_DIR`: the embedded database and generated keys. Default `data`.
    pub data_dir: PathBuf,
    /// `DATABASE_URL`: default `sqlite:` and `grantlink.db` in the data folder.
    pub database: DatabaseUrl,
    /// `GRANTLINK_KEYS`: the key ring; generated into the data folder when unset.
    pub keys: Option<SecretString>,
}

impl Storage {
    pub(super) fn read(lookup: Lookup<'_>) -> Result<Self, ConfigError> {
        let data_dir = PathBuf::from(lookup("DATA_DIR").unwrap_or_else(|| "data".into()));
        let database = match lookup("DATABASE_URL") {
            Some(url) => url.parse().map_err(ConfigError)?,
            None => DatabaseUrl::Sqlite(data_dir.join("grantlink.db")),
        };
        Ok(Self { data_dir, database, keys: lookup("GRANTLINK_KEYS").map(Into::into) })
    }
}
