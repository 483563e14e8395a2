//! The mail server that takes our mail (SMTP, RFC 5321): reads `SMTP_URL`, and hands one mail over at a time.
//! Each mail has a connection of its own. One that was given up halfway must never be used again: its next answer would
//! be taken for another question's, and a mail that was never taken would count as sent.

use super::{MailError, compose::Composed};
use crate::secret::{ExposeSecret, SecretString};
use lettre::transport::smtp::{
    self,
    authentication::{Credentials, DEFAULT_MECHANISMS},
    client::{AsyncSmtpConnection, TlsParameters},
    commands::{Data, Mail, Rcpt},
    extension::ClientId,
    response::Severity,
};
use std::{
    error::Error,
    fmt, io,
    net::{IpAddr, Ipv6Addr},
    time::Duration,
};
use tokio::time::timeout;
use url::Url;

/// How long handing over one mail may take in all, however slowly the other side speaks (F23).
pub(super) const PATIENCE: Duration = Duration::from_secs(20);
/// How long one address of the relay may take to accept a connection, so that another one gets its turn.
const CONNECT: Duration = Duration::from_secs(5);
/// How long the relay may take to say goodbye, once it has the mail.
const PARTING: Duration = Duration::from_secs(1);

/// A mail server as `SMTP_URL` names it.
#[derive(Clone)]
pub struct Relay {
    host: String,
    port: u16,
    encryption: Encryption,
    login: Option<Login>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Encryption {
    Off,
    /// STARTTLS where the server offers it.
    WhenOffered,
    /// STARTTLS or nothing.
    Required,
    /// TLS from the first byte.
    FromTheStart,
}

#[derive(Clone)]
struct Login {
    user: String,
    password: SecretString,
}

impl Relay {
    /// Reads `smtp://user:password@host:port?tls=required`; `tls` may be `opportunistic` too, or missing, and
    /// `smtps://` encrypts from the start. User and password are percent-encoded where they hold what a URL does not.
    ///
    /// # Errors
    /// What is wrong and what to do, to follow "SMTP_URL"; never the URL itself.
    pub fn parse(url: &SecretString) -> Result<Self, String> {
        let wrong = |what: &str| Err(what.to_owned());
        let Ok(url) = Url::parse(url.expose_secret().trim()) else {
            return wrong(
                "is no URL; write smtp://user:password@host:587?tls=required, and in a password %2F for /, %23 for #, \
                 %3F for ?",
            );
        };
        if !matches!(url.scheme(), "smtp" | "smtps") {
            return wrong("must begin with smtp:// or smtps://");
        }
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return wrong(
                "must end after host and port, but for ?tls=…; in a password write %2F for /, %23 for #, %3F for ?",
            );
        }
        let Some(host) = url.host_str().and_then(host_name) else {
            return wrong("names no host; write smtp://user:password@host:587?tls=required");
        };
        let parameters: Vec<_> = url.query_pairs().collect();
        let encryption = match (url.scheme(), &parameters[..]) {
            ("smtps", []) => Encryption::FromTheStart,
            (_, []) => Encryption::Off,
            (scheme, [(name, value)]) if name == "tls" => match (scheme, &**value) {
                ("smtps", "required") => Encryption::FromTheStart,
                ("smtp", "required") => Encryption::Required,
                ("smtp", "opportunistic") => Encryption::WhenOffered,
                _ => return wrong("takes ?tls=required or, with smtp://, ?tls=opportunistic"),
            },
            _ => return wrong("takes the parameter tls and no other"),
        };
        let login = match (url.username(), url.password()) {
            ("", None) => None,
            (user, Some(password)) if !user.is_empty() => match (decoded(user), decoded(password)) {
                (Some(user), Some(password)) => Some(Login { user, password: password.into() }),
                _ => return wrong("has a user or a password that cannot be read; write % itself as %25"),
            },
            _ => return wrong("needs a user and a password, or neither"),
        };
        let safe = matches!(encryption, Encryption::Required | Encryption::FromTheStart);
        if login.is_some() && !safe && !is_this_machine(&host) {
            return wrong(
                "would send its password to another machine in the clear; add ?tls=required, or write smtps://",
            );
        }
        let usual_port = match encryption {
            Encryption::Off => 25,
            Encryption::WhenOffered | Encryption::Required => 587,
            Encryption::FromTheStart => 465,
        };
        match url.port().unwrap_or(usual_port) {
            0 => wrong("has the port 0; leave it out, or write the server's"),
            port => Ok(Self { host, port, encryption, login }),
        }
    }
}

impl fmt::Debug for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Relay")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("encryption", &self.encryption)
            .field("login", &self.login.as_ref().map(|_| "[redacted]"))
            .finish()
    }
}

/// A host name or an IP address, as connecting takes it.
fn host_name(text: &str) -> Option<String> {
    if let Some(address) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return address.parse::<Ipv6Addr>().ok().map(|address| address.to_string());
    }
    let fits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_".contains(&b));
    fits.then(|| text.to_ascii_lowercase())
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost"
        || host.ends_with(".localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Percent-encoded text; `None` when it is malformed, or holds what would break a login.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || char::from(rest.next()?).to_digit(16);
        bytes.push(u8::try_from(digit()? * 16 + digit()?).ok()?);
    }
    String::from_utf8(bytes).ok().filter(|text| !text.chars().any(char::is_control))
}

/// A relay, ready to be connected to.
pub(super) struct Connector {
    relay: Relay,
    tls: Option<TlsParameters>,
    hello: ClientId,
    patience: Duration,
}

impl Connector {
    /// `name` is what we call ourselves: the domain that our mail is from.
    ///
    /// # Errors
    /// When encryption is wanted and this machine knows no certificate authorities.
    pub(super) fn new(relay: &Relay, name: &str, patience: Duration) -> Result<Self, String> {
        let tls = match relay.encryption {
            Encryption::Off => None,
            _ => Some(TlsParameters::new(relay.host.clone()).map_err(|_| {
                "SMTP_URL wants encryption, and this machine knows no certificate authorities; install the package \
                 ca-certificates"
                    .to_owned()
            })?),
        };
        Ok(Self { relay: relay.clone(), tls, hello: ClientId::Domain(name.to_owned()), patience })
    }

    /// Hands one mail over. Once this returns `Ok`, the relay answers for it.
    ///
    /// # Errors
    /// What failed, and whether it can be different another time.
    pub(super) async fn deliver(&self, mail: &Composed) -> Result<(), MailError> {
        let Ok(handed_over) = timeout(self.patience, self.hand_over(mail)).await else {
            let seconds = self.patience.as_secs();
            return Err(MailError::Temporary(format!("the mail server did not finish within {seconds} seconds")));
        };
        let mut connection = handed_over?;
        // It has the mail: whatever goes wrong from here on changes nothing.
        let _ = timeout(PARTING, connection.quit()).await;
        Ok(())
    }

    async fn hand_over(&self, mail: &Composed) -> Result<AsyncSmtpConnection, MailError> {
        let mut connection = self.connect().await.map_err(|error| Step::Connection.failed(&error))?;
        if let Some(login) = &self.relay.login {
            let credentials = Credentials::new(login.user.clone(), login.password.expose_secret().to_owned());
            connection.auth(DEFAULT_MECHANISMS, &credentials).await.map_err(|error| Step::Login.failed(&error))?;
        }
        let sender = mail.envelope.from().cloned();
        connection.command(Mail::new(sender, vec![])).await.map_err(|error| Step::Sender.failed(&error))?;
        for recipient in mail.envelope.to() {
            let rcpt = Rcpt::new(recipient.clone(), vec![]);
            connection.command(rcpt).await.map_err(|error| Step::Recipient.failed(&error))?;
        }
        let ready = connection.command(Data).await.map_err(|error| Step::Message.failed(&error))?;
        if !ready.has_code(354) {
            return Err(MailError::Temporary(format!("the mail server did not ask for the message: {}", ready.code())));
        }
        let taken = connection.message(&mail.bytes).await.map_err(|error| Step::Message.failed(&error))?;
        if taken.code().severity != Severity::PositiveCompletion {
            return Err(MailError::Temporary(format!("the mail server did not take the message: {}", taken.code())));
        }
        Ok(connection)
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, smtp::Error> {
        let encryption = self.relay.encryption;
        let from_the_start = self.tls.clone().filter(|_| encryption == Encryption::FromTheStart);
        let address = (self.relay.host.as_str(), self.relay.port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(address, Some(CONNECT), &self.hello, from_the_start, None).await?;
        if let Some(tls) = &self.tls
            && (encryption == Encryption::Required
                || encryption == Encryption::WhenOffered && connection.can_starttls())
        {
            connection.starttls(tls.clone(), &self.hello).await?;
        }
        Ok(connection)
    }
}

/// How far a mail got. What the server says about the recipient or the message is about this mail; what it says before
/// that is about us, and the operator can mend it while the mail waits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Step {
    Connection,
    Login,
    Sender,
    Recipient,
    Message,
}

impl Step {
    const fn words(self) -> &'static str {
        match self {
            Self::Connection => "the connection to the mail server",
            Self::Login => "logging in to the mail server with the user of SMTP_URL",
            Self::Sender => "the mail server's check of MAIL_FROM",
            Self::Recipient => "the mail server's check of the recipient",
            Self::Message => "the mail server's taking of the message",
        }
    }

    fn failed(self, error: &smtp::Error) -> MailError {
        let words = self.words();
        let Some(code) = error.status() else {
            return MailError::Temporary(format!("{words} failed: {}", cause(error)));
        };
        let what = format!("{words} failed: {code}");
        // RFC 4954 section 6: the login is missing, too weak or refused, wherever that is said.
        let is_about_login = matches!(u16::from(code), 530 | 534 | 535 | 538);
        if error.is_permanent() && !is_about_login && matches!(self, Self::Recipient | Self::Message) {
            MailError::Refused(what)
        } else {
            MailError::Temporary(what)
        }
    }
}

/// The reason in words that hold nothing of what was sent or received.
fn cause(error: &smtp::Error) -> String {
    if error.is_client() {
        return "it does not offer what SMTP_URL asks for".into();
    }
    let mut innermost: &(dyn Error + 'static) = error;
    loop {
        if let Some(error) = innermost.downcast_ref::<io::Error>() {
            let is_tls = error.get_ref().is_some_and(<dyn Error + Send + Sync>::is::<rustls::Error>);
            return if is_tls {
                "its certificate or encryption is not accepted".into()
            } else {
                in_words(error.kind())
            };
        }
        match innermost.source() {
            Some(source) => innermost = source,
            None => return "it broke off, or does not speak as a mail server does".into(),
        }
    }
}

fn in_words(kind: io::ErrorKind) -> String {
    use io::ErrorKind as Kind;
    match kind {
        Kind::ConnectionRefused
        | Kind::ConnectionReset
        | Kind::ConnectionAborted
        | Kind::HostUnreachable
        | Kind::NetworkUnreachable
        | Kind::BrokenPipe
        | Kind::TimedOut
        | Kind::UnexpectedEof => kind.to_string(),
        _ => "its name is not known, or the network failed".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<Relay, String> {
        Relay::parse(&url.to_owned().into())
    }

    #[test]
    fn every_form_of_the_url_is_understood() {
        for (url, host, port, encryption) in [
            ("smtp://127.0.0.1:2525", "127.0.0.1", 2525, Encryption::Off),
            ("smtp://mail.example", "mail.example", 25, Encryption::Off),
            ("smtp://Mail.Example/", "mail.example", 25, Encryption::Off),
            ("smtp://[::1]:2525", "::1", 2525, Encryption::Off),
            ("smtp://mail.example?tls=required", "mail.example", 587, Encryption::Required),
            ("smtp://mail.example:25?tls=opportunistic", "mail.example", 25, Encryption::WhenOffered),
            ("smtps://mail.example", "mail.example", 465, Encryption::FromTheStart),
            ("smtps://mail.example:4650?tls=required", "mail.example", 4650, Encryption::FromTheStart),
        ] {
            let relay = parse(url).unwrap();
            assert_eq!((relay.host.as_str(), relay.port, relay.encryption), (host, port, encryption), "{url}");
            assert!(relay.login.is_none(), "{url}");
        }
    }

    #[test]
    fn user_and_password_are_decoded() {
        let login = parse("smtps://ann%40agency.example:p%40ss%3Aw%C3%B6rd+%25@mail.example").unwrap().login.unwrap();
        assert_eq!((login.user.as_str(), login.password.expose_secret()), ("ann@agency.example", "p@ss:wörd+%"));
    }

    #[test]
    fn a_url_that_cannot_be_right_is_refused_without_being_repeated() {
        for url in [
            "mail.example",
            "smtp:mail.example",
            "smtp://",
            "smtp://:25",
            "smtp://u:hunter2@",
            "smtp://u:hunter2@mail.example:0?tls=required",
            "smtp://u:hunter2@mail.example:99999?tls=required",
            "https://u:hunter2@mail.example",
            "smtp://u:hunter2@mail.example?tls=wrapper",
            "smtps://u:hunter2@mail.example?tls=opportunistic",
            "smtp://u:hunter2@mail.example?tls=required&tls=required",
            "smtp://u:hunter2@mail.example?starttls=1",
            "smtp://u:hunter2@mail.example/hello?tls=required",
            "smtp://u:hunter2@mail.example?tls=required#x",
            "smtps://u@mail.example",
            "smtps://:hunter2@mail.example",
            "smtps://u:hunter2%@mail.example",
            "smtps://u:hunter2%f@mail.example",
            "smtps://u:hunter2%ff@mail.example",
            "smtps://u:hunter2%00@mail.example",
            "smtps://u:hunter2%0d%0a@mail.example",
            "smtps://u:hunter2@mail%20x.example",
        ] {
            let error = parse(url).unwrap_err();
            assert!(!error.contains("hunter2") && !error.is_empty(), "{url}: {error}");
        }
    }

    #[test]
    fn a_password_travels_in_the_clear_on_this_machine_alone() {
        for exposed in ["smtp://u:p@mail.example", "smtp://u:p@mail.example?tls=opportunistic", "smtp://u:p@10.0.0.1"] {
            assert!(parse(exposed).unwrap_err().contains("in the clear"), "{exposed}");
        }
        for local in ["smtp://u:p@127.0.0.1:2525", "smtp://u:p@localhost", "smtp://u:p@[::1]", "smtp://u:p@x.localhost"]
        {
            assert!(parse(local).is_ok(), "{local}");
        }
        assert!(parse("smtp://u:p@mail.example?tls=required").is_ok());
    }

    #[test]
    fn a77_debug_prints_no_user_and_no_password() {
        let printed = format!("{:?}", parse("smtps://annuser:hunter2@mail.example").unwrap());
        assert!(printed.contains("mail.example"), "{printed}");
        assert!(!printed.contains("hunter2") && !printed.contains("annuser"), "{printed}");
    }
}
