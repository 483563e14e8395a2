//! Where things are kept.

use super::{ConfigError, Lookup};
use crate::{db::DatabaseUrl, media::MediaSettings, secret::SecretString};
use std::path::{Path, PathBuf};
use url::Url;

/// What S3-compatible storage needs beside its URL, by the names the AWS tools use.
const S3_OPTIONS: [&str; 6] =
    ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_ENDPOINT", "AWS_ALLOW_HTTP"];

/// Where things are kept.
#[derive(Clone, Debug)]
pub struct Storage {
    /// `DATA_DIR`: the embedded database and generated keys. Default `data`.
    pub data_dir: PathBuf,
    /// `DATABASE_URL`: default `sqlite:` and `grantlink.db` in the data folder.
    pub database: DatabaseUrl,
    /// `GRANTLINK_KEYS`: the key ring; generated into the data folder when unset.
    pub keys: Option<SecretString>,
    /// `MEDIA_URL`: pictures; `file:PATH`, by default `media` in the data folder, or `s3://bucket/prefix`.
    pub media: MediaSettings,
}

impl Storage {
    pub(super) fn read(lookup: Lookup<'_>) -> Result<Self, ConfigError> {
        let data_dir = PathBuf::from(lookup("DATA_DIR").unwrap_or_else(|| "data".into()));
        let database = match lookup("DATABASE_URL") {
            Some(url) => url.parse().map_err(ConfigError)?,
            None => DatabaseUrl::Sqlite(data_dir.join("grantlink.db")),
        };
        let media = read_media(lookup, &data_dir)?;
        Ok(Self { data_dir, database, keys: lookup("GRANTLINK_KEYS").map(Into::into), media })
    }
}

fn read_media(lookup: Lookup<'_>, data_dir: &Path) -> Result<MediaSettings, ConfigError> {
    let Some(text) = lookup("MEDIA_URL") else { return Ok(MediaSettings::Folder(data_dir.join("media"))) };
    if let Some(path) = text.strip_prefix("file:").filter(|path| !path.is_empty()) {
        return Ok(MediaSettings::Folder(path.strip_prefix("//").unwrap_or(path).into()));
    }
    match Url::parse(&text) {
        Ok(url) if url.scheme() == "s3" && url.has_host() => {
            let set = |name: &str| lookup(name).map(|value| (name.to_owned(), value.into()));
            Ok(MediaSettings::S3 { url, options: S3_OPTIONS.into_iter().filter_map(set).collect() })
        }
        _ => Err(ConfigError(format!("MEDIA_URL is '{text}'; write file:PATH or s3://bucket/prefix"))),
    }
}
