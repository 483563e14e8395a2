//! The Instagram app, or the sandbox in its place.

use super::{ConfigError, Lookup, Web, parse};
use crate::{instagram::http::InstagramApp, paths, secret::SecretString};
use std::net::SocketAddr;
use url::Url;

/// The app id the sandbox knows us by.
pub const SANDBOX_APP_ID: &str = "990602627938098";

/// The Instagram app, or the sandbox in its place.
#[derive(Clone, Debug)]
pub struct Instagram {
    /// `INSTAGRAM_APP_ID`, `INSTAGRAM_APP_SECRET` and Instagram's addresses.
    pub app: InstagramApp,
    /// `SANDBOX_ADDR`: where the sandbox listens; `None` when a real app is set.
    pub sandbox: Option<SocketAddr>,
}

impl Instagram {
    pub(super) fn read(lookup: Lookup<'_>, web: &Web) -> Result<Self, ConfigError> {
        let redirect_uri = format!("{}{}", web.base_url.as_str().trim_end_matches('/'), paths::INSTAGRAM_CALLBACK);
        let graph_version = lookup("INSTAGRAM_GRAPH_VERSION").unwrap_or_else(|| InstagramApp::GRAPH_VERSION.into());
        let url = |name, default: &str| parse::<Url>(lookup, name, default, "a URL");
        let Some(app_id) = lookup("INSTAGRAM_APP_ID") else {
            if web.is_production() {
                return Err(ConfigError(
                    "INSTAGRAM_APP_ID and INSTAGRAM_APP_SECRET are not set. On this machine alone the sandbox stands \
                     in for Instagram; with a public BASE_URL a real app is needed: docs/instagram-app.md leads \
                     through it"
                        .into(),
                ));
            }
            let listen: SocketAddr =
                parse(lookup, "SANDBOX_ADDR", "127.0.0.1:4100", "an address with a port, like 127.0.0.1:4100")?;
            if !listen.ip().is_loopback() {
                return Err(ConfigError("SANDBOX_ADDR must be a loopback address: the sandbox is open to all".into()));
            }
            let origin = format!("http://{listen}");
            let app = InstagramApp {
                app_id: SANDBOX_APP_ID.into(),
                app_secret: SecretString::from("sandbox-secret".to_owned()),
                authorize_url: url("INSTAGRAM_AUTHORIZE_URL", &format!("{origin}/oauth/authorize"))?,
                token_url: url("INSTAGRAM_TOKEN_URL", &format!("{origin}/oauth/access_token"))?,
                graph_url: url("INSTAGRAM_GRAPH_URL", &origin)?,
                graph_version,
                redirect_uri,
            };
            return Ok(Self { app, sandbox: Some(listen) });
        };
        if app_id.is_empty() || !app_id.bytes().all(|b| b.is_ascii_digit()) {
            return Err(ConfigError(format!(
                "INSTAGRAM_APP_ID is '{app_id}'; copy the number called \"Instagram app ID\" (not Meta's app ID)"
            )));
        }
        let Some(app_secret) = lookup("INSTAGRAM_APP_SECRET") else {
            return Err(ConfigError(
                "INSTAGRAM_APP_ID is set and INSTAGRAM_APP_SECRET is not; copy \"Instagram app secret\" as well".into(),
            ));
        };
        let app = InstagramApp {
            app_id,
            app_secret: app_secret.into(),
            authorize_url: url("INSTAGRAM_AUTHORIZE_URL", InstagramApp::AUTHORIZE_URL)?,
            token_url: url("INSTAGRAM_TOKEN_URL", InstagramApp::TOKEN_URL)?,
            graph_url: url("INSTAGRAM_GRAPH_URL", InstagramApp::GRAPH_URL)?,
            graph_version,
            redirect_uri,
        };
        let addresses = [
            ("INSTAGRAM_AUTHORIZE_URL", &app.authorize_url),
            ("INSTAGRAM_TOKEN_URL", &app.token_url),
            ("INSTAGRAM_GRAPH_URL", &app.graph_url),
        ];
        if web.is_production()
            && let Some((name, url)) = addresses.into_iter().find(|(_, url)| url.scheme() != "https")
        {
            return Err(ConfigError(format!(
                "{name} begins with {}://, and BASE_URL is open to the world; leave it unset: the program knows where \
                 Instagram is",
                url.scheme()
            )));
        }
        Ok(Self { app, sandbox: None })
    }

    /// Whether the sandbox stands in for Instagram.
    pub fn is_sandbox(&self) -> bool {
        self.sandbox.is_some()
    }
}
