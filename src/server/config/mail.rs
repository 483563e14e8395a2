//! How mail leaves: through the relay of `SMTP_URL`, or as files in the data folder.

use super::{ConfigError, Lookup, Storage};
use crate::{
    email::{MailSettings, Relay, Sender},
    secret::SecretString,
};

pub(super) fn read(lookup: Lookup<'_>, storage: &Storage) -> Result<MailSettings, ConfigError> {
    let relay = match lookup("SMTP_URL").map(SecretString::from) {
        // The URL holds a password: what is wrong with it is said without it.
        Some(url) => Some(Relay::parse(&url).map_err(|what| ConfigError(format!("SMTP_URL {what}")))?),
        None => None,
    };
    let from = lookup("MAIL_FROM").or_else(|| relay.is_none().then(|| Sender::DEFAULT.to_owned()));
    let Some(from) = from else {
        return Err(ConfigError(
            "MAIL_FROM is not set, and SMTP_URL is. Set it to an address that the mail server sends for, like \
             Grantlink <mail@agency.example>"
                .into(),
        ));
    };
    let from = Sender::parse(&from)
        .map_err(|what| ConfigError(format!("MAIL_FROM {what}; write it like Grantlink <mail@agency.example>")))?;
    Ok(MailSettings { relay, folder: storage.data_dir.join("mail"), from })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn settings(values: &[(&str, &str)]) -> Result<MailSettings, ConfigError> {
        let lookup = |name: &str| values.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned());
        read(&lookup, &Storage::read(&lookup).unwrap())
    }

    #[test]
    fn without_a_relay_mail_stays_in_the_data_folder() {
        let settings = settings(&[("DATA_DIR", "/srv/grantlink")]).unwrap();
        assert!(settings.relay.is_none());
        assert_eq!(settings.folder, Path::new("/srv/grantlink/mail"));
        assert_eq!(settings.from, Sender::parse(Sender::DEFAULT).unwrap());
    }

    #[test]
    fn a_relay_needs_a_sender_that_it_sends_for() {
        let relay = ("SMTP_URL", "smtps://u:hunter2@mail.example");
        assert!(settings(&[relay]).unwrap_err().0.starts_with("MAIL_FROM is not set"));
        let whole = settings(&[relay, ("MAIL_FROM", "Bright & Bold <mail@agency.example>")]).unwrap();
        assert!(whole.relay.is_some());
        assert_eq!(whole.from.domain(), "agency.example");
        let wrong = settings(&[("SMTP_URL", "smtp://u:hunter2@mail.example")]).unwrap_err();
        assert!(wrong.0.starts_with("SMTP_URL would send") && !wrong.0.contains("hunter2"), "{wrong}");
        assert!(settings(&[("MAIL_FROM", "Grantlink")]).unwrap_err().0.starts_with("MAIL_FROM cannot be used"));
    }
}
