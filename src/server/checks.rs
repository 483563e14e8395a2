//! What an installation needs to work, looked at from where it runs: what is missing or wrong, and how to mend it. The
//! command `doctor` runs all of it; the checklist of the first owner shows what is at hand, and asks the others when a
//! button is pressed. Nothing here changes anything, or says a secret. Everything asked has a limit of time of its own.

use super::config::{Config, ConfigError, Storage, load_keys};
use crate::{
    billing::stripe::{Stripe, StripeError},
    clock::{Clock, Randomness},
    db::{DatabaseUrl, backup, backup::Contents, key_check},
    email::{Mail, Mailer, Recipient, messages},
    http_client,
    identity::model::SignUpMode,
    instagram::{
        Provider, ProviderError,
        http::{HttpProvider, InstagramApp},
    },
    secret::SecretString,
};
use serde::Serialize;
use std::{fs, os::unix::fs::PermissionsExt, path::Path, time::Duration};
use url::Url;

/// How long an answer may take.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// How far the clock may be off. Codes of authenticator apps change every thirty seconds, and one is accepted beside
/// the present one.
const CLOCK_MAY_BE_OFF: Duration = Duration::from_secs(30);

/// A code that Instagram never gave to anybody: what it says about it tells whether it knows the app.
const MADE_UP_CODE: &str = "grantlink-asks-whether-this-app-is-known";

/// How a check ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// As it should be.
    Ok,
    /// It works, and somebody should look at it.
    Warning,
    /// It has to be mended.
    Failed,
}

impl Outcome {
    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "failed",
        }
    }
}

/// One thing that was looked at. The texts are for the operator, and hold no secret.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Check {
    /// What it is about, in a word or two.
    pub name: &'static str,
    /// How it ended.
    pub outcome: Outcome,
    /// What was found.
    pub found: String,
    /// How to mend it, where there is something to mend.
    pub remedy: Option<String>,
}

impl Check {
    fn ok(name: &'static str, found: impl Into<String>) -> Self {
        Self { name, outcome: Outcome::Ok, found: found.into(), remedy: None }
    }

    fn warning(name: &'static str, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { name, outcome: Outcome::Warning, found: found.into(), remedy: Some(remedy.into()) }
    }

    fn failed(name: &'static str, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { name, outcome: Outcome::Failed, found: found.into(), remedy: Some(remedy.into()) }
    }

    /// From a sentence that says both, like "X is wrong; write Y".
    fn of_sentence(name: &'static str, sentence: &str) -> Self {
        let (found, remedy) =
            sentence.split_once("; ").or_else(|| sentence.split_once(". ")).unwrap_or((sentence, sentence));
        Self::failed(name, found, remedy)
    }
}

/// What the checks are handed.
#[derive(Clone, Copy, Debug)]
pub struct Means<'a> {
    /// Time.
    pub clock: &'a Clock,
    /// Chance.
    pub randomness: &'a Randomness,
    /// To whom a test message goes; nobody is sent one without.
    pub mail_to: Option<&'a str>,
}

/// All checks, of settings as they were read: where one cannot be right, nothing else can be looked at.
pub async fn run(config: &Result<Config, ConfigError>, means: &Means<'_>) -> Vec<Check> {
    let config = match config {
        Ok(config) => config,
        Err(error) => return vec![Check::of_sentence("settings", &error.0)],
    };
    let (answers, (database, keys), mail, instagram, stripe, clock) = tokio::join!(
        address(config),
        database_and_keys(config),
        mail(config, means),
        instagram(config),
        stripe(config),
        clock(config, means.clock),
    );
    let mut checks = vec![settings(config), answers, database, keys, mail, instagram];
    checks.extend(stripe);
    checks.extend([clock, help(config)]);
    checks
}

/// What can be said without asking anybody, for a page that is looked at while the server runs: its database answers
/// and its keys fit, or there would be no page.
pub fn at_hand(config: &Config) -> Vec<Check> {
    let untried = |name, remedy: &str| Check::warning(name, "not tried yet", remedy);
    vec![
        settings(config),
        untried("address", "See whether the address that people are given leads here"),
        mail_as_set(config),
        instagram_as_set(config),
        untried("clock", "See whether it is right: codes of authenticator apps go by it"),
        help(config),
    ]
}

/// The words on the button that tries a check of the list; `None` where there is nothing to try.
pub fn button(config: &Config, name: &str) -> Option<&'static str> {
    match name {
        "address" => Some("Try the address"),
        "mail" if config.mail.relay.is_some() => Some("Send a test message"),
        "Instagram" if !config.instagram.is_sandbox() => Some("Ask Instagram"),
        "clock" => Some("Compare the clock"),
        _ => None,
    }
}

/// Tries the check of this name; `None` where there is nothing to try.
pub async fn one(config: &Config, name: &str, means: &Means<'_>) -> Option<Check> {
    button(config, name)?;
    Some(match name {
        "address" => address(config).await,
        "mail" => mail(config, means).await,
        "Instagram" => instagram(config).await,
        "clock" => clock(config, means.clock).await,
        _ => return None,
    })
}

fn settings(config: &Config) -> Check {
    let base = &config.web.base_url;
    let who = match config.sign_up {
        SignUpMode::Open => "anybody may sign up (SIGNUP=open)",
        SignUpMode::Invite => "only who is invited may come (SIGNUP=invite)",
    };
    if config.web.is_production() {
        Check::ok("settings", format!("{base} is open to the world, and {who}"))
    } else {
        Check::warning(
            "settings",
            format!("{base} is for this machine alone, and {who}"),
            "To let others in, set BASE_URL to the https:// address under which they reach this server",
        )
    }
}

fn help(config: &Config) -> Check {
    match &config.web.support_email {
        Some(address) => Check::ok("help", format!("people who need help are sent to {address}")),
        None => Check::warning(
            "help",
            "people who need help are sent to nobody",
            "Set SUPPORT_EMAIL to an address that somebody reads: pages that say what went wrong show it",
        ),
    }
}

/// Whether the address that people are given leads here.
pub async fn address(config: &Config) -> Check {
    let name = "address";
    let base = &config.web.base_url;
    let origin = base.as_str().trim_end_matches('/');
    let listen = config.web.listen;
    let nobody = |why: &str| {
        let found = format!("nobody answers at {origin}{why}");
        if config.web.is_production() {
            let remedy = format!(
                "Point the name {} at this machine, start the server and the proxy in front of it, and have that \
                 pass on every request to {listen} (LEPTOS_SITE_ADDR); or correct BASE_URL",
                base.host_str().unwrap_or_default()
            );
            Check::failed(name, found, remedy)
        } else {
            Check::warning(name, found, "Start the server: grantlink serve")
        }
    };
    let Ok(client) = http_client::builder(&[base], ANSWER_TIMEOUT).build() else {
        return Check::warning(
            name,
            "not asked: this machine knows no certificate authorities",
            "Install the package ca-certificates",
        );
    };
    let Ok(url) = base.join(crate::paths::HEALTHZ) else { return nobody("") };
    let mut answer = match client.get(url).send().await {
        Ok(answer) => answer,
        Err(error) if error.is_timeout() => return nobody(" in time"),
        Err(_) => return nobody(""),
    };
    let status = answer.status();
    // No more than the first bytes: whoever answers may have any amount of them.
    let is_ours = status.is_success() && matches!(answer.chunk().await, Ok(Some(text)) if text.trim_ascii() == b"ok");
    if is_ours {
        return Check::ok(name, format!("{origin} leads here"));
    }
    Check::failed(
        name,
        format!("{origin} is answered by something else (HTTP status {})", status.as_u16()),
        format!("Have the proxy pass on every request to {listen} (LEPTOS_SITE_ADDR), or correct BASE_URL"),
    )
}

/// The database, and the keys it was written with.
async fn database_and_keys(config: &Config) -> (Check, Check) {
    let (database, contents) = match &config.storage.database {
        DatabaseUrl::Sqlite(path) => embedded(path).await,
        DatabaseUrl::Postgres(url) => on_a_server(url).await,
    };
    let keys = match (&contents, database.outcome) {
        (None, Outcome::Failed) => {
            Check::warning("keys", "not tried: the database cannot be read", "Mend the database first, then ask again")
        }
        (contents, _) => keys(config, contents.as_ref()),
    };
    (database, keys)
}

async fn embedded(path: &Path) -> (Check, Option<Contents>) {
    let name = "database";
    let shown = path.display();
    let folder = path.ancestors().skip(1).find(|folder| folder.exists() || folder.as_os_str().is_empty());
    if folder.is_some_and(|folder| !folder.as_os_str().is_empty() && !folder.is_dir()) {
        let remedy = "Set DATABASE_URL to sqlite: and a path in a folder, or DATA_DIR to a folder";
        return (Check::failed(name, format!("{shown} cannot be a file: what is above it is no folder"), remedy), None);
    }
    if !path.exists() {
        let remedy = "It is made at the first start. If there should be one, set DATABASE_URL or DATA_DIR as they were";
        return (Check::warning(name, format!("there is none yet at {shown}"), remedy), None);
    }
    let contents = match backup::inspect(path).await {
        Ok(contents) => contents,
        Err(sentence) if sentence.contains("; ") => return (Check::of_sentence(name, &sentence), None),
        Err(sentence) => {
            let remedy = "End the server and put a backup in its place: grantlink restore FILE --replace";
            return (Check::failed(name, sentence, remedy), None);
        }
    };
    let open_to_others = fs::metadata(path).is_ok_and(|facts| facts.permissions().mode() & 0o077 != 0);
    let check = if open_to_others {
        Check::failed(name, format!("{shown} can be read by others"), format!("Run: chmod 600 {shown}"))
    } else {
        at_this_version(name, format!("{shown} is whole"), contents.missing_steps)
    };
    (check, Some(contents))
}

async fn on_a_server(url: &str) -> (Check, Option<Contents>) {
    let name = "database";
    match backup::inspect_server(url).await {
        Ok(Some(contents)) => {
            let check = at_this_version(name, "PostgreSQL answers".to_owned(), contents.missing_steps);
            (check, Some(contents))
        }
        Ok(None) => {
            let remedy = "Its tables are made at the first start. If there should be some, correct DATABASE_URL";
            (Check::warning(name, "PostgreSQL answers, and the database is empty", remedy), None)
        }
        Err(sentence) if sentence.contains("; ") => (Check::of_sentence(name, &sentence), None),
        Err(sentence) => {
            let remedy = "Start PostgreSQL, and correct user, password, host and name in DATABASE_URL: \
                          postgres://user:password@host/name";
            (Check::failed(name, format!("PostgreSQL: {sentence}"), remedy), None)
        }
    }
}

fn at_this_version(name: &'static str, found: String, missing_steps: usize) -> Check {
    if missing_steps == 0 {
        return Check::ok(name, found);
    }
    Check::warning(
        name,
        format!("{found}, and as an earlier version left it"),
        "Take a backup, then start the server or run: grantlink migrate",
    )
}

fn keys(config: &Config, contents: Option<&Contents>) -> Check {
    let name = "keys";
    let storage: &Storage = &config.storage;
    let file = storage.data_dir.join("keys");
    let seen = contents.map(|contents| contents.keys.as_slice()).unwrap_or_default();
    let is_postgres = matches!(storage.database, DatabaseUrl::Postgres(_));
    let would_be_made =
        storage.keys.is_none() && !file.exists() && seen.is_empty() && !(config.web.is_production() && is_postgres);
    if would_be_made {
        return Check::ok(name, format!("there are none yet; {} is made at the first start", file.display()));
    }
    // Nothing is made here: there is a ring, or none may be made.
    let known: Vec<String> = seen.iter().map(|(id, _)| id.clone()).collect();
    let ring = match load_keys(storage, config.web.is_production(), &known, &Randomness) {
        Ok(ring) => ring,
        Err(error) => return Check::of_sentence(name, &error.0),
    };
    match key_check::judge(seen, &ring) {
        Ok(()) => {
            Check::ok(name, "they open what the database holds; keep a copy of them in another place than backups")
        }
        Err(sentence) => Check::of_sentence(name, &sentence),
    }
}

/// What the settings alone say about mail.
fn mail_as_set(config: &Config) -> Check {
    let name = "mail";
    if config.mail.relay.is_some() {
        return Check::warning(name, "a mail server is set, and was not tried", "Send a test message");
    }
    let found = format!("no mail leaves this machine: it is kept in {}", config.mail.folder.display());
    if config.web.is_production() {
        let remedy = "Set SMTP_URL and MAIL_FROM: without mail nobody confirms an address, sets a forgotten \
                      password, gets an invitation, or reads that an account has to be connected again";
        Check::failed(name, found, remedy)
    } else {
        Check::ok(name, found)
    }
}

/// Mail, with a test message where there is somebody to send it to.
pub async fn mail(config: &Config, means: &Means<'_>) -> Check {
    let name = "mail";
    let as_set = mail_as_set(config);
    if config.mail.relay.is_none() {
        return as_set;
    }
    let Some(to) = means.mail_to else {
        return Check {
            remedy: Some("Try it with a test message: grantlink doctor --mail-to ADDRESS".into()),
            ..as_set
        };
    };
    let mailer = match Mailer::new(&config.mail) {
        Ok(mailer) => mailer,
        Err(sentence) => return Check::of_sentence(name, &sentence),
    };
    let Ok(recipient) = Recipient::parse(to) else {
        return Check::failed(name, "the test message has no address to go to", "Write one like ann@agency.example");
    };
    let mail = Mail {
        to: recipient,
        message: messages::test_message(&config.web.base_url),
        id: format!("test-{}", means.randomness.hex::<8>()),
        reply_to: None,
        sent_at: means.clock.now(),
        unsubscribe: None,
    };
    match mailer.send(&mail).await {
        Ok(()) => Check::ok(name, "the mail server took a test message; see whether it arrives, and not among spam"),
        Err(error) => {
            let found = error.to_string();
            let remedy = mail_remedy(&found);
            Check::failed(name, found, remedy)
        }
    }
}

/// By the step that failed, in the words of `email::relay`.
fn mail_remedy(found: &str) -> &'static str {
    if found.contains("logging in") {
        "Correct user and password in SMTP_URL; many providers want a password of its own for each program"
    } else if found.contains("MAIL_FROM") {
        "Set MAIL_FROM to an address that this mail server sends for"
    } else if found.contains("recipient") {
        "Send the test message to another address"
    } else if found.contains("certificate or encryption") || found.contains("does not offer") {
        "Write the host in SMTP_URL as its certificate names it, and tls= or smtps:// as it wants to be spoken to"
    } else {
        "Correct host and port in SMTP_URL; where that is right, ask whether this machine may reach them: many \
         providers close port 25, and leave 587 and 465 open"
    }
}

/// What the settings alone say about the Instagram app.
fn instagram_as_set(config: &Config) -> Check {
    let name = "Instagram";
    if config.instagram.is_sandbox() {
        return Check::warning(
            name,
            "the sandbox stands in for Instagram: none of its accounts is real",
            "Set INSTAGRAM_APP_ID and INSTAGRAM_APP_SECRET; docs/instagram-app.md leads through making an app",
        );
    }
    Check::warning(
        name,
        format!("an app is set, and was not tried. Its redirect URI has to be {}", config.instagram.app.redirect_uri),
        "Ask Instagram",
    )
}

/// The Instagram app, by what Instagram says about a code that it never gave.
pub async fn instagram(config: &Config) -> Check {
    let name = "Instagram";
    if config.instagram.is_sandbox() {
        return instagram_as_set(config);
    }
    let app = &config.instagram.app;
    let provider = match HttpProvider::new(app) {
        Ok(provider) => provider,
        Err(error) => {
            let remedy = "Install the package ca-certificates, and leave INSTAGRAM_…_URL unset but for tests";
            return Check::failed(name, error.to_string(), remedy);
        }
    };
    match provider.exchange_code(&SecretString::from(MADE_UP_CODE.to_owned())).await {
        Err(ProviderError::CodeRefused) => Check::ok(
            name,
            format!(
                "Instagram knows the app and takes its secret. The redirect URI is compared when somebody logs in: \
                 it has to be registered as {}",
                app.redirect_uri
            ),
        ),
        Err(ProviderError::Misconfigured(what)) => {
            let remedy = app_remedy(app, &what);
            Check::failed(name, what, remedy)
        }
        Err(ProviderError::RateLimited(_)) => {
            Check::warning(name, "Instagram wants to be asked less often", "Ask again in an hour")
        }
        Err(ProviderError::Unavailable(what)) => Check::failed(
            name,
            format!("Instagram was not reached: {what}"),
            format!(
                "Let this machine reach {} and {} over HTTPS, then ask again",
                app.token_url.host_str().unwrap_or_default(),
                app.graph_url.host_str().unwrap_or_default()
            ),
        ),
        Err(error) => Check::warning(name, format!("Instagram gave no clear answer: {error}"), "Ask again in a while"),
        Ok(_) => Check::failed(
            name,
            "what answers in Instagram's place takes any code",
            "Leave INSTAGRAM_TOKEN_URL unset: it is for tests",
        ),
    }
}

/// By the words of `instagram::wire`.
fn app_remedy(app: &InstagramApp, what: &str) -> String {
    if what.contains("redirect URI") {
        format!(
            "In the Meta app, under Instagram, API setup with Instagram login, Business login settings, register \
             exactly this redirect URI, without a slash behind it: {}. Or correct BASE_URL",
            app.redirect_uri
        )
    } else if what.contains("app secret") {
        "Copy \"Instagram app secret\" (not the Meta app's secret) into INSTAGRAM_APP_SECRET".to_owned()
    } else {
        format!(
            "Copy \"Instagram app ID\" (not the Meta app's ID) into INSTAGRAM_APP_ID, which is {}, and the secret \
             beside it into INSTAGRAM_APP_SECRET",
            app.app_id
        )
    }
}

/// Stripe, where people pay by it: whether it takes the key and knows the prices.
async fn stripe(config: &Config) -> Option<Check> {
    let name = "Stripe";
    let settings = config.stripe.as_ref().filter(|settings| settings.sandbox.is_none())?;
    let asked = match Stripe::new(settings.account.clone()) {
        Ok(stripe) => stripe.check().await,
        Err(error) => {
            return Some(Check::failed(name, error.to_string(), "Install the package ca-certificates"));
        }
    };
    Some(match asked {
        Ok(()) => Check::ok(name, "Stripe takes the key and knows the prices"),
        Err(error @ StripeError::Unavailable(_)) => {
            Check::failed(name, error.to_string(), "Let this machine reach api.stripe.com over HTTPS, then ask again")
        }
        Err(error) => Check::failed(
            name,
            error.to_string(),
            "Correct STRIPE_SECRET_KEY and STRIPE_PRICES by Stripe's dashboard, where test and live mode have their \
             own; a restricted key has to read prices, too",
        ),
    })
}

/// The clock, beside Instagram's.
pub async fn clock(config: &Config, clock: &Clock) -> Check {
    let name = "clock";
    if config.instagram.is_sandbox() {
        return Check::ok(name, "compared with nobody's: the sandbox runs on this machine");
    }
    let url = &config.instagram.app.graph_url;
    let Some(theirs) = time_at(url).await else {
        return Check::warning(
            name,
            "not compared: Instagram was not reached",
            "See that this machine keeps time: timedatectl says whether it is synchronized",
        );
    };
    let off = (clock.now().as_micros() - theirs).unsigned_abs();
    let off = Duration::from_micros(off);
    if off <= CLOCK_MAY_BE_OFF {
        return Check::ok(name, "as Instagram's");
    }
    Check::failed(
        name,
        format!("{} seconds away from Instagram's", off.as_secs()),
        "Have the machine keep time (timedatectl set-ntp true, or chrony): codes of authenticator apps, sessions and \
         links go by it",
    )
}

/// What time it is there, in microseconds since 1970 (RFC 9110 section 6.6.1).
async fn time_at(url: &Url) -> Option<i64> {
    let answer = http_client::builder(&[url], ANSWER_TIMEOUT).build().ok()?.get(url.clone()).send().await.ok()?;
    let date = answer.headers().get(http::header::DATE)?.to_str().ok()?;
    Some(jiff::fmt::rfc2822::parse(date).ok()?.timestamp().as_microsecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_told_apart_into_what_was_found_and_what_to_do() {
        let check = Check::of_sentence("settings", "JOBS is 'both'; write server or worker");
        assert_eq!((check.found.as_str(), check.remedy.as_deref()), ("JOBS is 'both'", Some("write server or worker")));
        let check = Check::of_sentence("keys", "GRANTLINK_KEYS is not set. Make one");
        assert_eq!(check.remedy.as_deref(), Some("Make one"));
        let check = Check::of_sentence("settings", "BASE_URL must begin with https://");
        assert_eq!(check.remedy.as_deref(), Some("BASE_URL must begin with https://"), "it says both at once");
    }

    #[test]
    fn each_way_a_mail_server_refuses_has_a_remedy_of_its_own() {
        for (found, remedy) in [
            ("logging in to the mail server with the user of SMTP_URL failed: 535", "password"),
            ("the mail server's check of MAIL_FROM failed: 550", "MAIL_FROM"),
            ("the mail server's check of the recipient failed: 550", "another address"),
            ("the connection to the mail server failed: its certificate or encryption is not accepted", "certificate"),
            ("the connection to the mail server failed: connection refused", "host and port"),
        ] {
            assert!(mail_remedy(found).contains(remedy), "{found}: {}", mail_remedy(found));
        }
    }
}
