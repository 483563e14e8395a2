//! Sends a mail the way this installation does: through its relay, into its folder, or into memory. Jobs call it.

use super::{
    Mail, MailError, Relay, Sender,
    compose::compose,
    folder,
    relay::{self, PATIENCE},
};
use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// How mail leaves, as set.
#[derive(Clone, Debug)]
pub struct MailSettings {
    /// `SMTP_URL`: the mail server that takes our mail; without one it stays in the folder.
    pub relay: Option<Relay>,
    /// `mail` in `DATA_DIR`.
    pub folder: PathBuf,
    /// `MAIL_FROM`: whom mail is from.
    pub from: Sender,
}

/// Sends mail. Clones are cheap and send the same way.
#[derive(Clone)]
pub struct Mailer {
    from: Sender,
    way: Way,
}

#[derive(Clone)]
enum Way {
    Relay(Arc<relay::Connector>),
    Folder(Arc<Path>),
    Memory(Arc<Mutex<Vec<Vec<u8>>>>),
}

impl Mailer {
    /// Makes ready. Nothing is sent or written yet.
    ///
    /// # Errors
    /// When the relay wants encryption and this machine knows no certificate authorities; a sentence for the operator.
    pub fn new(settings: &MailSettings) -> Result<Self, String> {
        Self::with_patience(settings, PATIENCE)
    }

    /// As [`Mailer::new`], giving up on a slow relay after another time than 20 seconds. For tests.
    ///
    /// # Errors
    /// As [`Mailer::new`].
    pub fn with_patience(settings: &MailSettings, patience: Duration) -> Result<Self, String> {
        let way = match &settings.relay {
            Some(relay) => Way::Relay(Arc::new(relay::Connector::new(relay, settings.from.domain(), patience)?)),
            None => Way::Folder(settings.folder.as_path().into()),
        };
        Ok(Self { from: settings.from.clone(), way })
    }

    /// Keeps what is sent in memory. For tests.
    pub fn memory(from: Sender) -> Self {
        Self { from, way: Way::Memory(Arc::default()) }
    }

    /// What was sent so far, as bytes, oldest first; nothing unless this is [`Mailer::memory`].
    pub fn sent(&self) -> Vec<Vec<u8>> {
        match &self.way {
            Way::Memory(sent) => sent.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            Way::Relay(_) | Way::Folder(_) => Vec::new(),
        }
    }

    /// Sends one mail, and returns once it is in safe hands: taken by the relay, or on disk. Takes about 20 seconds at
    /// most, and may be given up at any point; then, as after any [`MailError::Temporary`], it may have left or not.
    ///
    /// # Errors
    /// Why it did not leave, and whether trying again can help.
    pub async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let composed = compose(mail, &self.from)?;
        match &self.way {
            Way::Relay(relay) => relay.deliver(&composed).await,
            Way::Folder(folder) => folder::put(folder, composed.file_name, composed.bytes).await,
            Way::Memory(sent) => {
                sent.lock().unwrap_or_else(PoisonError::into_inner).push(composed.bytes);
                Ok(())
            }
        }
    }
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.way {
            Way::Relay(_) => "Mailer(relay)",
            Way::Folder(_) => "Mailer(folder)",
            Way::Memory(_) => "Mailer(memory)",
        })
    }
}
