//! The settings, one file for each concern. They come from the environment, and nothing else in the program reads it.
//! Every one has a default that works on one machine; a value that cannot be right is refused with its remedy.

mod instagram;
mod key_file;
mod mail;
mod secrets;
mod storage;
mod stripe;
mod web;

pub use instagram::{Instagram, SANDBOX_APP_ID};
pub use key_file::KeyFile;
pub use secrets::load_keys;
pub use storage::Storage;
pub use stripe::StripeSettings;
pub use web::Web;
pub(crate) use web::is_loopback_name;

use crate::{billing::model::BillingMode, email::MailSettings, identity::model::SignUpMode};

/// Looks a setting up; empty counts as unset.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// All settings.
#[derive(Clone, Debug)]
pub struct Config {
    /// Addresses and what is said about them.
    pub web: Web,
    /// Where things are kept.
    pub storage: Storage,
    /// The Instagram app, or the sandbox in its place.
    pub instagram: Instagram,
    /// How mail leaves.
    pub mail: MailSettings,
    /// `BILLING`: who decides whether an organization has paid. Default `none`.
    pub billing: BillingMode,
    /// Stripe or its stand-in, where `BILLING` says so.
    pub stripe: Option<StripeSettings>,
    /// `SIGNUP`: `open` (default) when anybody may make an account, `invite` when only who is invited may.
    pub sign_up: SignUpMode,
    /// `JOBS`: `server` (default) when the server does its jobs itself, `worker` when `grantlink worker` does them.
    pub jobs_in_server: bool,
    /// `LOG_FORMAT`: `text` (default) or `json`.
    pub log_json: bool,
}

/// A setting that cannot be right. The text names it and says what to do.
#[derive(Debug, Eq, PartialEq)]
pub struct ConfigError(pub String);

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// Reads the settings from the environment of the process.
    ///
    /// # Errors
    /// The first setting that cannot be right.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::read(&|name| std::env::var(name).ok().filter(|value| !value.trim().is_empty()))
    }

    /// Reads the settings through `lookup`.
    ///
    /// # Errors
    /// The first setting that cannot be right.
    pub fn read(lookup: Lookup<'_>) -> Result<Self, ConfigError> {
        let web = Web::read(lookup)?;
        let (billing, stripe) = stripe::read(lookup, &web)?;
        let sign_up = match lookup("SIGNUP").as_deref() {
            None | Some("open") => SignUpMode::Open,
            Some("invite") => SignUpMode::Invite,
            Some(other) => return Err(ConfigError(format!("SIGNUP is '{other}'; write open or invite"))),
        };
        let jobs_in_server = match lookup("JOBS").as_deref() {
            None | Some("server") => true,
            Some("worker") => false,
            Some(other) => return Err(ConfigError(format!("JOBS is '{other}'; write server or worker"))),
        };
        let log_json = match lookup("LOG_FORMAT").as_deref() {
            None | Some("text") => false,
            Some("json") => true,
            Some(other) => return Err(ConfigError(format!("LOG_FORMAT is '{other}'; write text or json"))),
        };
        let instagram = Instagram::read(lookup, &web)?;
        let storage = Storage::read(lookup)?;
        let mail = mail::read(lookup, &storage)?;
        Ok(Self { web, storage, instagram, mail, billing, stripe, sign_up, jobs_in_server, log_json })
    }
}

fn parse<T: std::str::FromStr>(lookup: Lookup<'_>, name: &str, default: &str, form: &str) -> Result<T, ConfigError> {
    let text = lookup(name).unwrap_or_else(|| default.to_owned());
    text.trim().parse().map_err(|_| ConfigError(format!("{name} is '{text}'; write {form}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(settings: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::read(&|name| settings.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn without_any_setting_everything_works_on_one_machine() {
        let config = read(&[]).unwrap();
        assert_eq!(config.web.base_url.as_str(), "http://127.0.0.1:3000/");
        assert_eq!(config.web.listen.to_string(), "127.0.0.1:3000");
        assert!(!config.web.is_production());
        assert!(config.instagram.is_sandbox());
        assert_eq!(config.billing, BillingMode::None);
    }

    #[test]
    fn production_needs_https_and_a_real_app() {
        let base = ("BASE_URL", "https://connect.agency.example");
        let app = [("INSTAGRAM_APP_ID", "123"), ("INSTAGRAM_APP_SECRET", "s")];
        assert!(read(&[base, app[0], app[1]]).unwrap().web.is_production());
        let plain = read(&[("BASE_URL", "http://connect.agency.example"), app[0], app[1]]).unwrap_err();
        assert!(plain.0.contains("https"), "{plain}");
        let sandbox = read(&[base]).unwrap_err();
        assert!(sandbox.0.contains("INSTAGRAM_APP_ID"), "{sandbox}");
        let elsewhere = ("INSTAGRAM_TOKEN_URL", "http://127.0.0.1:4100/oauth/access_token");
        let stand_in = read(&[base, app[0], app[1], elsewhere]).unwrap_err();
        assert!(stand_in.0.contains("INSTAGRAM_TOKEN_URL") && stand_in.0.contains("leave it unset"), "{stand_in}");
    }

    #[test]
    fn a_doubtful_setting_is_refused_by_name() {
        for (name, value) in [
            ("BASE_URL", "connect.agency.example"),
            ("BASE_URL", "http://127.0.0.1:3000/sub"),
            ("LEPTOS_SITE_ADDR", "3000"),
            ("LEPTOS_SITE_ADDR", "0.0.0.0:3000"),
            ("BILLING", "stirpe"),
            ("SIGNUP", "closed"),
            ("LOG_FORMAT", "xml"),
            ("JOBS", "both"),
            ("MEDIA_URL", "https://pictures.example"),
            ("DATABASE_URL", "mysql://x"),
            ("TRUSTED_PROXIES", "10.0.0.0/99"),
            ("INSTAGRAM_APP_ID", "not a number"),
            ("SMTP_URL", "mail.example:587"),
            ("MAIL_FROM", "a@x.example, b@x.example"),
        ] {
            let error = read(&[(name, value), ("INSTAGRAM_APP_SECRET", "s")]).unwrap_err();
            assert!(error.0.contains(name), "{name}: {error}");
        }
        assert!(read(&[("INSTAGRAM_APP_ID", "1")]).unwrap_err().0.contains("INSTAGRAM_APP_SECRET"));
    }

    #[test]
    fn a49_plain_http_stays_on_this_machine_and_https_may_listen_anywhere() {
        assert!(read(&[("LEPTOS_SITE_ADDR", "[::]:3000")]).unwrap_err().0.contains("https://"));
        let behind_a_proxy = [
            ("LEPTOS_SITE_ADDR", "0.0.0.0:3000"),
            ("BASE_URL", "https://connect.agency.example"),
            ("INSTAGRAM_APP_ID", "1"),
            ("INSTAGRAM_APP_SECRET", "s"),
        ];
        assert!(read(&behind_a_proxy).is_ok());
        assert!(read(&[("LEPTOS_SITE_ADDR", "[::1]:3000")]).is_ok());
    }

    #[test]
    fn a77_settings_in_debug_show_no_secret() {
        let config = read(&[
            ("DATABASE_URL", "postgres://u:hunter2@h/d"),
            ("INSTAGRAM_APP_ID", "1"),
            ("INSTAGRAM_APP_SECRET", "hunter2"),
            ("GRANTLINK_KEYS", "k:hunter2"),
            ("SMTP_URL", "smtps://u:hunter2@mail.example"),
            ("MAIL_FROM", "mail@agency.example"),
        ])
        .unwrap();
        assert!(!format!("{config:?}").contains("hunter2"), "{config:?}");
    }
}
