//! How this program asks other servers: the rules that all of its HTTP clients share, how much is read of an answer, and
//! the words for a failure. For whoever speaks to Instagram, to Stripe or to this program itself. It knows none of them,
//! and never repeats an address, which may hold a secret.

use reqwest::{Client, ClientBuilder, Response};
use std::{error::Error, time::Duration};
use url::Url;

/// How long a connection may take, name lookup and TLS included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// A client that gives up on an answer after `patience`. It follows no redirection, goes through no proxy and never asks
/// twice by itself: a code, and money, must not be sent again unasked. Where all of these addresses are plain http, it
/// knows no certificate authorities.
pub fn builder(addresses: &[&Url], patience: Duration) -> ClientBuilder {
    let builder = Client::builder()
        .user_agent(concat!("grantlink/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .no_gzip()
        .http1_only()
        .referer(false)
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(patience);
    if addresses.iter().all(|address| address.scheme() == "http") {
        // A sandbox, or this machine: they work where no certificate authorities are installed.
        return builder.tls_certs_only([]);
    }
    builder
}

/// Why there is no whole answer.
#[derive(Debug)]
pub enum Unread {
    /// The connection broke, or it took too long: the [`cause`].
    Lost(String),
    /// It has more bytes than were allowed.
    TooLong,
}

/// Reads an answer to its end, or until it has more than `cap` bytes.
///
/// # Errors
/// See [`Unread`].
pub async fn read(mut response: Response, cap: usize) -> Result<Vec<u8>, Unread> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| Unread::Lost(cause(error)))? {
        if body.len() + chunk.len() > cap {
            return Err(Unread::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// What is said of an answer with more than `cap` bytes.
pub fn too_long(cap: usize) -> String {
    format!("an answer of more than {} MB", cap / 1_000_000)
}

/// The innermost reason of a failure, in the words of the network stack and without the address.
pub fn cause(error: reqwest::Error) -> String {
    let error = error.without_url();
    let kind = if error.is_timeout() {
        "timed out"
    } else if error.is_connect() {
        "could not connect"
    } else {
        "the connection broke"
    };
    let mut innermost: &dyn Error = &error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    if innermost.is::<reqwest::Error>() { kind.into() } else { format!("{kind}: {innermost}") }
}
