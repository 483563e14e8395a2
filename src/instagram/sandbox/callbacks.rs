//! What Instagram tells an app of its own accord: that somebody removed it, and that somebody wants data deleted. Both
//! are a signed request, posted to an address of the app. Sent from the control page; a test takes the signed text and
//! posts it itself. Nothing is ever sent anywhere but to the two addresses of the configuration.

use super::{Sandbox, Standing, people};
use crate::{http_client, instagram::signed_request, secret::SecretString};
use std::time::Duration;
use url::Url;

/// How long the app may take to answer.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The most that is read of its answer, in bytes.
const ANSWER: usize = 4_096;
/// An id towards the app that nobody has.
const NOBODY: &str = "27640875392270000";
/// The secret of some other app.
const OTHER_SECRET: &str = "the-secret-of-another-app";

/// Where an app hears what people do at Instagram, as set in its "Business login settings".
#[derive(Clone, Debug)]
pub struct Callbacks {
    /// Somebody removed the app.
    pub deauthorize: Url,
    /// Somebody wants data deleted.
    pub data_deletion: Url,
}

/// How a request is signed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Signature {
    Right,
    /// With a character that is another one.
    Broken,
    OtherSecret,
}

impl Signature {
    pub(super) fn parse(text: &str) -> Self {
        match text {
            "broken" => Self::Broken,
            "other_secret" => Self::OtherSecret,
            _ => Self::Right,
        }
    }
}

/// What came of telling the app.
pub(super) enum Told {
    /// Its status, and the beginning of what it said.
    Answered { status: u16, body: String },
    /// Why there was no answer, in our own words.
    NoAnswer(&'static str),
    /// The app wants to hear nothing.
    NoAddress,
}

impl Sandbox {
    /// A person removes the app: tokens given out until now are dead. Returns the signed request with which Instagram
    /// tells the app. For a name that nobody has, that of an id that nobody has.
    pub fn deauthorize(&self, username: &str) -> String {
        self.set_standing(username, Standing::AppRemoved);
        self.signed_request(username, Signature::Right)
    }

    /// A person asks for deletion: the signed request with which Instagram tells the app. For a name that nobody has,
    /// that of an id that nobody has.
    pub fn deletion_request(&self, username: &str) -> String {
        self.signed_request(username, Signature::Right)
    }

    /// Has a person remove the app, and tells the app.
    pub(super) async fn tell_removal(&self, username: &str, signature: Signature) -> Told {
        self.set_standing(username, Standing::AppRemoved);
        let address = self.config.callbacks.as_ref().map(|callbacks| &callbacks.deauthorize);
        tell(address, &self.signed_request(username, signature)).await
    }

    /// Tells the app that a person wants data deleted.
    pub(super) async fn tell_deletion(&self, username: &str, signature: Signature) -> Told {
        let address = self.config.callbacks.as_ref().map(|callbacks| &callbacks.data_deletion);
        tell(address, &self.signed_request(username, signature)).await
    }

    fn signed_request(&self, username: &str, signature: Signature) -> String {
        let id = people::find(username).map_or_else(|| NOBODY.to_owned(), |person| person.app_scoped_id.to_string());
        let now = self.config.clock.now();
        match signature {
            Signature::Right => signed_request::sign(&id, now, &self.config.app_secret),
            Signature::Broken => broken(&signed_request::sign(&id, now, &self.config.app_secret)),
            Signature::OtherSecret => signed_request::sign(&id, now, &SecretString::from(OTHER_SECRET.to_owned())),
        }
    }
}

/// With another first character, and so another signature.
fn broken(signed: &str) -> String {
    let first = if signed.starts_with('A') { 'B' } else { 'A' };
    format!("{first}{}", signed.get(1..).unwrap_or_default())
}

async fn tell(address: Option<&Url>, signed_request: &str) -> Told {
    let Some(address) = address else { return Told::NoAddress };
    let Ok(client) = http_client::builder(&[address], TIMEOUT).build() else {
        return Told::NoAnswer("no HTTP client could be made");
    };
    let form = [("signed_request", signed_request)];
    let mut response = match client.post(address.clone()).form(&form).send().await {
        Ok(response) => response,
        Err(error) if error.is_timeout() => return Told::NoAnswer("it took too long"),
        Err(error) if error.is_connect() => return Told::NoAnswer("nothing listens there"),
        Err(_) => return Told::NoAnswer("the connection broke"),
    };
    let status = response.status().as_u16();
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() >= ANSWER {
            body.truncate(ANSWER);
            break;
        }
    }
    Told::Answered { status, body: String::from_utf8_lossy(&body).into_owned() }
}
