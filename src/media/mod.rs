//! Pictures kept by us, because Instagram's addresses for them end after a while: in a folder by default, in
//! S3-compatible storage for several machines (`MEDIA_URL`), and the logos of organizations with them. Jobs write, and
//! the settings write logos; three doors read. Nothing here knows whose a picture is: who may see it is decided before.

mod answer;
mod picture;

pub use answer::{answer, is_held};
pub use picture::{DrawnLogo, shrink, square};

use crate::{
    failure::Failure,
    ids::{AccountId, OrganizationId, PostId},
    secret::SecretString,
    timestamp::Timestamp,
};
use futures::{StreamExt, TryStreamExt, stream};
use object_store::{ObjectStore, ObjectStoreExt, local::LocalFileSystem, path::Path as Key, prefix::PrefixStore};
use std::{fmt, path::PathBuf, sync::Arc, time::Duration};
use tokio::sync::Semaphore;
use url::Url;

/// Where pictures are kept.
#[derive(Clone)]
pub enum MediaSettings {
    /// A folder on this machine.
    Folder(PathBuf),
    /// S3-compatible storage.
    S3 {
        /// `s3://bucket/prefix`.
        url: Url,
        /// What else it needs, by the names the AWS tools use.
        options: Vec<(String, SecretString)>,
    },
}

impl fmt::Debug for MediaSettings {
    /// The options hold credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => write!(f, "{}", folder.display()),
            Self::S3 { url, .. } => write!(f, "{url}"),
        }
    }
}

/// How long a logo waits for its turn to be drawn. Drawing one takes a part of a second.
const WAIT_TO_DRAW: Duration = Duration::from_secs(10);

/// The pictures.
#[derive(Clone, Debug)]
pub struct MediaStore {
    objects: Arc<dyn ObjectStore>,
    /// The same, where it is a folder on this machine.
    folder: Option<LocalFileSystem>,
    /// Logos are drawn one at a time, whoever sends them and how many: each may take a lot of memory for a moment.
    drawing: Arc<Semaphore>,
}

impl MediaStore {
    /// Opens the store. The folder is created with access for this user alone.
    ///
    /// # Errors
    /// One sentence for the operator.
    pub fn open(settings: &MediaSettings) -> Result<Self, String> {
        use crate::secret::ExposeSecret;
        match settings {
            MediaSettings::Folder(folder) => {
                use std::os::unix::fs::DirBuilderExt;
                std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|error| {
                    format!("cannot create {} for pictures: {error}; set MEDIA_URL to another folder", folder.display())
                })?;
                let store = LocalFileSystem::new_with_prefix(folder)
                    .map_err(|error| format!("cannot keep pictures in {}: {error}", folder.display()))?;
                // On the disk before the database says that it is here: a power cut must not leave an empty file.
                let store = store.with_automatic_cleanup(true).with_fsync(true);
                Ok(Self::on(store.clone(), Some(store)))
            }
            MediaSettings::S3 { url, options } => {
                let options = options.iter().map(|(name, value)| (name.to_lowercase(), value.expose_secret()));
                let (store, prefix) = object_store::parse_url_opts(url, options)
                    .map_err(|error| format!("MEDIA_URL cannot be used: {error}"))?;
                Ok(Self::on(PrefixStore::new(store, prefix), None))
            }
        }
    }

    fn on(store: impl ObjectStore, folder: Option<LocalFileSystem>) -> Self {
        Self { objects: Arc::new(store), folder, drawing: Arc::new(Semaphore::new(1)) }
    }

    /// Keeps the picture of a post.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn put(&self, account: AccountId, post: PostId, jpeg: Vec<u8>) -> Result<(), Failure> {
        self.put_at(&key(account, post), jpeg).await
    }

    /// The picture of a post, a JPEG.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn get(&self, account: AccountId, post: PostId) -> Result<Option<Vec<u8>>, Failure> {
        self.get_at(&key(account, post)).await
    }

    /// The posts of an account whose pictures are here.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn list(&self, account: AccountId) -> Result<Vec<PostId>, Failure> {
        Ok(self.keys_below(&posts_key(account)).await?.iter().filter_map(post_of).collect())
    }

    /// Deletes one picture, if it is there.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn delete(&self, account: AccountId, post: PostId) -> Result<(), Failure> {
        self.delete_at(&key(account, post)).await
    }

    /// Keeps a profile picture beside those that were there before: each has its time in its key, and none is written
    /// over while it is shown.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn put_profile(&self, account: AccountId, copied_at: Timestamp, jpeg: Vec<u8>) -> Result<(), Failure> {
        self.put_at(&profile_key(account, copied_at), jpeg).await
    }

    /// The profile picture that was copied at this time, a JPEG.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn get_profile(&self, account: AccountId, copied_at: Timestamp) -> Result<Option<Vec<u8>>, Failure> {
        self.get_at(&profile_key(account, copied_at)).await
    }

    /// Deletes one profile picture, if it is there.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn delete_profile(&self, account: AccountId, copied_at: Timestamp) -> Result<(), Failure> {
        self.delete_at(&profile_key(account, copied_at)).await
    }

    /// Deletes the profile pictures of an account that are older than the one that is shown; all, where none is.
    ///
    /// # Errors
    /// When the store refuses; then some may be left.
    pub async fn delete_old_profiles(&self, account: AccountId, shown: Option<Timestamp>) -> Result<(), Failure> {
        self.delete_older(&profiles_key(account), shown).await
    }

    /// Deletes every picture of an account.
    ///
    /// # Errors
    /// When the store refuses; then some may be left.
    pub async fn delete_all(&self, account: AccountId) -> Result<(), Failure> {
        self.delete_below(&posts_key(account)).await?;
        self.delete_below(&profiles_key(account)).await
    }

    /// Makes a member's logo small and harmless; `None` when it is no picture, or too large a one (A67).
    ///
    /// # Errors
    /// When others are being drawn for too long.
    pub async fn draw_logo(&self, bytes: Vec<u8>) -> Result<Option<DrawnLogo>, Failure> {
        let turn = tokio::time::timeout(WAIT_TO_DRAW, Arc::clone(&self.drawing).acquire_owned()).await;
        let turn = turn.map_err(|_| Failure::Busy("other logos are being drawn".into()))?;
        let turn = turn.map_err(|error| Failure::Internal(Box::new(error)))?;
        let drawn = tokio::task::spawn_blocking(move || {
            // Held until it is drawn, even if nobody waits for it any more.
            let _turn = turn;
            picture::logo(&bytes)
        });
        Ok(drawn.await.unwrap_or_else(|_| {
            tracing::error!("a logo could not be drawn");
            None
        }))
    }

    /// Keeps a logo beside those that were there before: each has its time in its key, and none is written over while
    /// it is shown.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn put_logo(
        &self,
        organization: OrganizationId,
        set_at: Timestamp,
        jpeg: Vec<u8>,
    ) -> Result<(), Failure> {
        self.put_at(&logo_key(organization, set_at), jpeg).await
    }

    /// The logo that was set at this time, a JPEG.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn get_logo(&self, organization: OrganizationId, set_at: Timestamp) -> Result<Option<Vec<u8>>, Failure> {
        self.get_at(&logo_key(organization, set_at)).await
    }

    /// Deletes one logo, if it is there.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn delete_logo(&self, organization: OrganizationId, set_at: Timestamp) -> Result<(), Failure> {
        self.delete_at(&logo_key(organization, set_at)).await
    }

    /// Deletes the logos of an organization that were set before this time; all, where none is given.
    ///
    /// # Errors
    /// When the store refuses; then some may be left.
    pub async fn delete_logos(&self, organization: OrganizationId, before: Option<Timestamp>) -> Result<(), Failure> {
        let below = logos_key(organization);
        match before {
            Some(_) => self.delete_older(&below, before).await,
            None => self.delete_below(&below).await,
        }
    }

    async fn put_at(&self, key: &Key, jpeg: Vec<u8>) -> Result<(), Failure> {
        self.objects.put(key, jpeg.into()).await.map_err(failed)?;
        Ok(())
    }

    async fn get_at(&self, key: &Key) -> Result<Option<Vec<u8>>, Failure> {
        match self.objects.get(key).await {
            Ok(found) => {
                let jpeg = found.bytes().await.map_err(failed)?;
                // What a full disk or a power cut left of a picture is none.
                Ok((!jpeg.is_empty()).then(|| jpeg.to_vec()))
            }
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    async fn delete_at(&self, key: &Key) -> Result<(), Failure> {
        match self.objects.delete(key).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(failed(error)),
        }
    }

    /// What lies below a key.
    async fn keys_below(&self, below: &Key) -> Result<Vec<Key>, Failure> {
        match self.objects.list(Some(below)).map_ok(|found| found.location).try_collect::<Vec<Key>>().await {
            Ok(keys) => Ok(keys),
            Err(object_store::Error::NotFound { .. }) => Ok(Vec::new()),
            Err(error) => Err(failed(error)),
        }
    }

    /// Deletes of what lies below a key that which has an older time in its own; everything, where none is given.
    async fn delete_older(&self, below: &Key, than: Option<Timestamp>) -> Result<(), Failure> {
        let mut keys = self.keys_below(below).await?;
        keys.retain(|key| is_older(key, than));
        self.delete_each(keys).await
    }

    /// Deletes all that lies below a key.
    async fn delete_below(&self, below: &Key) -> Result<(), Failure> {
        let keys = self.keys_below(below).await?;
        self.delete_each(keys).await?;
        // A folder also has what was begun and never ended, under names that no list shows.
        if let Some(folder) = &self.folder {
            delete_folder(folder.path_to_filesystem(below).map_err(failed)?).await?;
        }
        Ok(())
    }

    /// Deletes each of these. One that is gone already, for somebody else was quicker, must not keep the others alive.
    async fn delete_each(&self, keys: Vec<Key>) -> Result<(), Failure> {
        let mut deleted = self.objects.delete_stream(stream::iter(keys).map(Ok).boxed());
        while let Some(outcome) = deleted.next().await {
            match outcome {
                Ok(_) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(failed(error)),
            }
        }
        Ok(())
    }
}

/// Deletes a folder with all that is in it, if it is there.
async fn delete_folder(folder: PathBuf) -> Result<(), Failure> {
    let deleted = tokio::task::spawn_blocking(move || std::fs::remove_dir_all(folder)).await;
    match deleted.map_err(|error| Failure::Internal(Box::new(error)))? {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Failure::Internal(Box::new(error))),
    }
}

fn posts_key(account: AccountId) -> Key {
    Key::from(format!("posts/{account}"))
}

fn key(account: AccountId, post: PostId) -> Key {
    Key::from(format!("posts/{account}/{post}.jpg"))
}

fn profiles_key(account: AccountId) -> Key {
    Key::from(format!("accounts/{account}"))
}

fn profile_key(account: AccountId, copied_at: Timestamp) -> Key {
    Key::from(format!("accounts/{account}/{}.jpg", copied_at.as_micros()))
}

fn logos_key(organization: OrganizationId) -> Key {
    Key::from(format!("logos/{organization}"))
}

fn logo_key(organization: OrganizationId, set_at: Timestamp) -> Key {
    Key::from(format!("logos/{organization}/{}.jpg", set_at.as_micros()))
}

/// Whether the time in a key is before this one. Everything is, where there is none.
fn is_older(key: &Key, than: Option<Timestamp>) -> bool {
    let at = key.filename().and_then(|name| name.strip_suffix(".jpg")?.parse().ok());
    match (at.map(Timestamp::from_micros), than) {
        (Some(at), Some(than)) => at < than,
        _ => true,
    }
}

/// The post whose picture has this key.
fn post_of(key: &Key) -> Option<PostId> {
    key.filename()?.strip_suffix(".jpg")?.parse().ok()
}

fn failed(error: object_store::Error) -> Failure {
    Failure::Internal(Box::new(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn pictures_are_kept_until_their_account_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let store = MediaStore::open(&MediaSettings::Folder(folder.path().join("media"))).unwrap();
        let account: AccountId = "0198f000000070008000000000000001".parse().unwrap();
        let other: AccountId = "0198f000000070008000000000000002".parse().unwrap();
        let post: PostId = "0198f000000070008000000000000003".parse().unwrap();
        assert_eq!(store.get(account, post).await.unwrap(), None);
        assert!(store.list(account).await.unwrap().is_empty());
        store.put(account, post, vec![1, 2]).await.unwrap();
        store.put(other, post, vec![3]).await.unwrap();
        assert_eq!(store.get(account, post).await.unwrap(), Some(vec![1, 2]));
        assert_eq!(store.list(account).await.unwrap(), [post]);
        store.delete_all(account).await.unwrap();
        store.delete_all(account).await.unwrap();
        assert_eq!(store.get(account, post).await.unwrap(), None);
        assert_eq!(store.get(other, post).await.unwrap(), Some(vec![3]));
        store.delete(other, post).await.unwrap();
        store.delete(other, post).await.unwrap();
        assert_eq!(store.get(other, post).await.unwrap(), None);
    }

    #[tokio::test]
    async fn of_profile_pictures_the_one_that_is_shown_stays() {
        let folder = tempfile::tempdir().unwrap();
        let store = MediaStore::open(&MediaSettings::Folder(folder.path().join("media"))).unwrap();
        let account: AccountId = "0198f000000070008000000000000001".parse().unwrap();
        let post: PostId = "0198f000000070008000000000000003".parse().unwrap();
        // The text of the first sorts behind that of the second.
        let [first, second, third] = [9, 10, 11].map(Timestamp::from_micros);
        store.delete_old_profiles(account, None).await.unwrap();
        for (copied_at, picture) in [(first, 1), (second, 2), (third, 3)] {
            store.put_profile(account, copied_at, vec![picture]).await.unwrap();
        }
        store.put(account, post, vec![4]).await.unwrap();
        store.delete_old_profiles(account, Some(second)).await.unwrap();
        for (copied_at, left) in [(first, None), (second, Some(vec![2])), (third, Some(vec![3]))] {
            assert_eq!(store.get_profile(account, copied_at).await.unwrap(), left);
        }
        store.delete_profile(account, third).await.unwrap();
        store.delete_old_profiles(account, None).await.unwrap();
        assert_eq!(store.get_profile(account, second).await.unwrap(), None);
        assert_eq!(store.get(account, post).await.unwrap(), Some(vec![4]));
        store.put_profile(account, first, vec![1]).await.unwrap();
        store.delete_all(account).await.unwrap();
        assert_eq!(store.get_profile(account, first).await.unwrap(), None);
        assert_eq!(store.get(account, post).await.unwrap(), None);
    }

    #[tokio::test]
    async fn a78_a_picture_that_is_gone_before_its_turn_keeps_no_other_alive() {
        let folder = tempfile::tempdir().unwrap();
        let store = MediaStore::open(&MediaSettings::Folder(folder.path().join("media"))).unwrap();
        let account: AccountId = "0198f000000070008000000000000001".parse().unwrap();
        // More than are deleted at a time.
        for micros in 0..60 {
            store.put_profile(account, Timestamp::from_micros(micros), vec![1]).await.unwrap();
        }
        let keys = store.keys_below(&profiles_key(account)).await.unwrap();
        assert_eq!(keys.len(), 60);
        store.delete_at(&keys[0]).await.unwrap();
        store.delete_each(keys).await.unwrap();
        assert!(store.keys_below(&profiles_key(account)).await.unwrap().is_empty());
        // Any other trouble is told: here is a folder where a picture should be.
        store.put_at(&Key::from("posts/a.jpg/b.jpg"), vec![1]).await.unwrap();
        assert!(store.delete_each(vec![Key::from("posts/a.jpg")]).await.is_err());
    }

    #[tokio::test]
    async fn a78_what_a_server_that_died_left_of_a_picture_goes_with_its_account() {
        let folder = tempfile::tempdir().unwrap();
        let store = MediaStore::open(&MediaSettings::Folder(folder.path().join("media"))).unwrap();
        let [account, other]: [AccountId; 2] =
            ["0198f000000070008000000000000001", "0198f000000070008000000000000002"].map(|id| id.parse().unwrap());
        let post: PostId = "0198f000000070008000000000000003".parse().unwrap();
        for account in [account, other] {
            store.put(account, post, vec![1]).await.unwrap();
            store.put_profile(account, Timestamp::from_micros(9), vec![2]).await.unwrap();
        }
        let of = |kind: &str| folder.path().join("media").join(kind).join(account.to_string());
        for begun in [of("posts").join(format!("{post}.jpg#1")), of("accounts").join("10.jpg#1")] {
            std::fs::write(begun, [0]).unwrap();
        }
        assert_eq!(store.list(account).await.unwrap(), [post]);
        store.delete_all(account).await.unwrap();
        assert!(!of("posts").exists() && !of("accounts").exists());
        assert_eq!(store.get(other, post).await.unwrap(), Some(vec![1]));
        assert_eq!(store.get_profile(other, Timestamp::from_micros(9)).await.unwrap(), Some(vec![2]));
    }

    #[tokio::test]
    async fn an_empty_file_is_no_picture() {
        let folder = tempfile::tempdir().unwrap();
        let store = MediaStore::open(&MediaSettings::Folder(folder.path().join("media"))).unwrap();
        let account: AccountId = "0198f000000070008000000000000001".parse().unwrap();
        let post: PostId = "0198f000000070008000000000000003".parse().unwrap();
        let copied_at = Timestamp::from_micros(9);
        store.put(account, post, Vec::new()).await.unwrap();
        store.put_profile(account, copied_at, Vec::new()).await.unwrap();
        assert_eq!(store.get(account, post).await.unwrap(), None);
        assert_eq!(store.get_profile(account, copied_at).await.unwrap(), None);
    }

    #[tokio::test]
    async fn of_logos_the_newer_ones_stay_until_their_organization_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let store = MediaStore::open(&MediaSettings::Folder(folder.path().join("media"))).unwrap();
        let organization: OrganizationId = "0198f000000070008000000000000001".parse().unwrap();
        let other: OrganizationId = "0198f000000070008000000000000002".parse().unwrap();
        let [first, second] = [9, 10].map(Timestamp::from_micros);
        store.delete_logos(organization, None).await.unwrap();
        for (whose, set_at) in [(organization, first), (organization, second), (other, first)] {
            store.put_logo(whose, set_at, vec![1]).await.unwrap();
        }
        store.delete_logos(organization, Some(second)).await.unwrap();
        assert_eq!(store.get_logo(organization, first).await.unwrap(), None);
        assert_eq!(store.get_logo(organization, second).await.unwrap(), Some(vec![1]));
        store.delete_logos(organization, None).await.unwrap();
        assert_eq!(store.get_logo(organization, second).await.unwrap(), None);
        assert_eq!(store.get_logo(other, first).await.unwrap(), Some(vec![1]));
        store.delete_logo(other, first).await.unwrap();
        store.delete_logo(other, first).await.unwrap();
        assert_eq!(store.get_logo(other, first).await.unwrap(), None);
    }

    #[test]
    fn a77_settings_in_debug_show_no_credentials() {
        let url = Url::parse("s3://pictures/grantlink").unwrap();
        let options = vec![("AWS_SECRET_ACCESS_KEY".to_owned(), "hunter2".to_owned().into())];
        assert!(!format!("{:?}", MediaSettings::S3 { url, options }).contains("hunter2"));
    }
}
