//! The real Instagram, over HTTPS. One client of our own for everything: no redirects, no proxy from the environment,
//! short timeouts and a cap on what is read. A code goes out once and never again: from the first byte sent on, a
//! failure is [`ProviderError::Ambiguous`]. The other calls can do no harm twice and may be repeated once.
//! Secrets travel in bodies, headers and, where the protocol wants it, queries; no error repeats any of these (A75).

use super::{
    LongLivedToken, MediaPage, Profile, Provider, ProviderError, SCOPE, ShortLivedToken,
    wire::{Answer, Usage, address},
};
use crate::{
    http_client::{self, Unread, cause, too_long},
    secret::{ExposeSecret, SecretString},
};
use futures::future::BoxFuture;
use oauth2::{
    AsyncHttpClient, AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet,
    EndpointSet, ExtraTokenFields, HttpRequest, HttpResponse, RedirectUrl, RequestTokenError, Scope,
    StandardRevocableToken, StandardTokenResponse, TokenResponse, TokenUrl,
    basic::{BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse, BasicTokenType},
};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use tokio::time::Instant;
use url::Url;

/// How long one call may take in all, its repetition included.
const CALL_TIMEOUT: Duration = Duration::from_secs(8);
/// Before the one repetition of a call that does no harm twice.
const REPEAT_PAUSE: Duration = Duration::from_millis(200);
/// A repetition with less time than this left would only fail again.
const REPEAT_NEEDS: Duration = Duration::from_secs(1);
/// The most that is read of an answer.
const BODY_CAP: usize = 1_000_000;
/// The most that is read of a picture.
const PICTURE_CAP: usize = 10_000_000;
/// What is asked of `/me`. One unknown name would fail the whole call.
const PROFILE_FIELDS: &str = "id,user_id,username,name,account_type,profile_picture_url";
/// What is asked of `/me/media`.
const MEDIA_FIELDS: &str = "id,caption,media_type,media_url,thumbnail_url,permalink,timestamp";
/// Posts on a page: as many as Instagram gives, and fewer where those break the cap. A caption of 2,200 characters
/// takes 13 kB when each is written as `\uXXXX`, so that 25 posts always fit.
const PAGE_SIZES: [&str; 2] = ["100", "25"];

/// An app at Instagram, and where its Instagram is.
#[derive(Clone, Debug)]
pub struct InstagramApp {
    /// The *Instagram* app id, which is not the Meta app id.
    pub app_id: String,
    /// The Instagram app secret.
    pub app_secret: SecretString,
    /// Where browsers are sent.
    pub authorize_url: Url,
    /// Where codes are exchanged.
    pub token_url: Url,
    /// The origin of everything else.
    pub graph_url: Url,
    /// "v25.0".
    pub graph_version: String,
    /// Where browsers come back to, registered to the letter.
    pub redirect_uri: String,
}

impl InstagramApp {
    /// Instagram's own address for browsers.
    pub const AUTHORIZE_URL: &str = "https://www.instagram.com/oauth/authorize";
    /// Instagram's own address for codes.
    pub const TOKEN_URL: &str = "https://api.instagram.com/oauth/access_token";
    /// Instagram's own origin for everything else.
    pub const GRAPH_URL: &str = "https://graph.instagram.com/";
    /// The version this program was written for.
    pub const GRAPH_VERSION: &str = "v25.0";
}

/// What Instagram adds to RFC 6749's answer, as [`HttpProvider`] writes it down for the oauth2 crate.
#[derive(Debug, Deserialize, Serialize)]
struct Granted {
    permissions: Option<Vec<String>>,
}

impl ExtraTokenFields for Granted {}

type OAuthClient = oauth2::Client<
    BasicErrorResponse,
    StandardTokenResponse<Granted, BasicTokenType>,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

/// Instagram over HTTP.
pub struct HttpProvider {
    oauth: OAuthClient,
    client: reqwest::Client,
    app_secret: SecretString,
    graph_url: Url,
    long_lived_url: Url,
    refresh_url: Url,
    profile_url: Url,
    media_url: Url,
}

impl HttpProvider {
    /// Makes the client. Nothing is sent yet.
    ///
    /// # Errors
    /// When an address of the app cannot be used, or no certificate authorities are installed on the machine.
    pub fn new(app: &InstagramApp) -> Result<Self, ProviderError> {
        let redirect_uri = RedirectUrl::new(app.redirect_uri.clone())
            .map_err(|_| ProviderError::Misconfigured("the redirect URI is no URL".into()))?;
        for url in [&app.authorize_url, &app.token_url, &app.graph_url] {
            if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
                return Err(ProviderError::Misconfigured("an address of Instagram is no http or https URL".into()));
            }
        }
        let mut profile_url = below(&app.graph_url, &[&app.graph_version, "me"])?;
        profile_url.query_pairs_mut().append_pair("fields", PROFILE_FIELDS);
        let mut media_url = below(&app.graph_url, &[&app.graph_version, "me", "media"])?;
        media_url.query_pairs_mut().append_pair("fields", MEDIA_FIELDS);
        let oauth: OAuthClient = oauth2::Client::new(ClientId::new(app.app_id.clone()))
            .set_client_secret(ClientSecret::new(app.app_secret.expose_secret().to_owned()))
            .set_auth_type(AuthType::RequestBody)
            .set_auth_uri(AuthUrl::from_url(app.authorize_url.clone()))
            .set_token_uri(TokenUrl::from_url(app.token_url.clone()))
            .set_redirect_uri(redirect_uri);
        Ok(Self {
            oauth,
            client: client(app).map_err(|e| ProviderError::Misconfigured(format!("no HTTP client: {}", cause(e))))?,
            app_secret: app.app_secret.clone(),
            graph_url: app.graph_url.clone(),
            long_lived_url: below(&app.graph_url, &["access_token"])?,
            refresh_url: below(&app.graph_url, &["refresh_access_token"])?,
            profile_url,
            media_url,
        })
    }

    /// Sends the one request that must never be sent twice, and writes Instagram's answer down the way RFC 6749 has it.
    async fn post_code(&self, request: HttpRequest) -> Result<HttpResponse, ProviderError> {
        let request = reqwest::Request::try_from(request)
            .map_err(|_| ProviderError::Misconfigured("the token URL cannot be used".into()))?;
        let answer = self.send(request, CALL_TIMEOUT, BODY_CAP).await.map_err(|trouble| match trouble {
            Trouble::Unsent(what) => ProviderError::Unavailable(what),
            Trouble::Lost(what) => ProviderError::Ambiguous(what),
            Trouble::TooLong(cap) => ProviderError::Ambiguous(too_long(cap)),
        })?;
        let reply = answer.short_lived_token().map_err(|error| match error {
            ProviderError::Unavailable(what) | ProviderError::Malformed(what) => ProviderError::Ambiguous(what),
            error => error,
        })?;
        let body = serde_json::json!({
            "access_token": reply.token.expose_secret(),
            "token_type": "bearer",
            "permissions": reply.permissions,
        });
        Ok(HttpResponse::new(body.to_string().into_bytes()))
    }

    /// Sends a request that does no harm twice, once more if the first try did not get through.
    async fn get(&self, url: &Url, bearer: Option<&SecretString>, cap: usize) -> Result<Answer, Trouble> {
        let deadline = Instant::now() + CALL_TIMEOUT;
        let mut repeated = false;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let mut request = self.client.get(url.clone());
            if let Some(token) = bearer {
                request = request.bearer_auth(token.expose_secret());
            }
            let outcome = match request.build() {
                Ok(request) => self.send(request, left, cap).await,
                Err(error) => Err(Trouble::Unsent(cause(error))),
            };
            let may_pass = match &outcome {
                Ok(answer) => matches!(answer.status, 502 | 503) && answer.retry_after.is_none_or(|s| s == 0),
                Err(trouble) => matches!(trouble, Trouble::Unsent(_)),
            };
            if may_pass && !repeated && deadline.saturating_duration_since(Instant::now()) > REPEAT_NEEDS {
                repeated = true;
                tokio::time::sleep(REPEAT_PAUSE).await;
                continue;
            }
            return outcome;
        }
    }

    /// Asks the graph, whose answers have a cap of their own.
    async fn ask(&self, url: &Url, bearer: Option<&SecretString>) -> Result<Answer, ProviderError> {
        self.get(url, bearer, BODY_CAP).await.map_err(Trouble::without_harm)
    }

    /// Sends one request and reads the answer to its end or to the cap.
    async fn send(&self, mut request: reqwest::Request, time: Duration, cap: usize) -> Result<Answer, Trouble> {
        *request.timeout_mut() = Some(time);
        let response = self.client.execute(request).await.map_err(Trouble::from)?;
        let status = response.status().as_u16();
        let retry_after = header(&response, "retry-after").and_then(|text| text.trim().parse().ok());
        let usage = Usage::read(header(&response, "x-app-usage"), header(&response, "x-business-use-case-usage"));
        let body = http_client::read(response, cap).await.map_err(|unread| match unread {
            Unread::Lost(why) => Trouble::Lost(why),
            Unread::TooLong => Trouble::TooLong(cap),
        })?;
        Ok(Answer { status, retry_after, usage, body })
    }
}

impl Provider for HttpProvider {
    fn authorize_url(&self, state: &str) -> Url {
        let state = state.to_owned();
        let (url, _) = self
            .oauth
            .authorize_url(|| CsrfToken::new(state))
            .add_scope(Scope::new(SCOPE.into()))
            .add_extra_param("force_reauth", "true")
            .add_extra_param("enable_fb_login", "false")
            .url();
        url
    }

    fn exchange_code<'a>(&'a self, code: &'a SecretString) -> BoxFuture<'a, Result<ShortLivedToken, ProviderError>> {
        Box::pin(async move {
            let code = code.expose_secret();
            let code = AuthorizationCode::new(code.strip_suffix("#_").unwrap_or(code).to_owned());
            match self.oauth.exchange_code(code).request_async(&CodePost(self)).await {
                Ok(reply) => Ok(ShortLivedToken {
                    token: reply.access_token().secret().clone().into(),
                    permissions: reply.extra_fields().permissions.clone(),
                }),
                Err(RequestTokenError::Request(error)) => Err(error),
                // Cannot happen with the answers `post_code` writes; these errors may carry a body, so none is shown.
                Err(_) => Err(ProviderError::Ambiguous("an answer that could not be read".into())),
            }
        })
    }

    fn long_lived_token<'a>(
        &'a self,
        token: &'a ShortLivedToken,
    ) -> BoxFuture<'a, Result<LongLivedToken, ProviderError>> {
        Box::pin(async move {
            let mut url = self.long_lived_url.clone();
            url.query_pairs_mut()
                .append_pair("grant_type", "ig_exchange_token")
                .append_pair("client_secret", self.app_secret.expose_secret())
                .append_pair("access_token", token.token.expose_secret());
            self.ask(&url, None).await?.long_lived_token()
        })
    }

    fn profile<'a>(&'a self, token: &'a SecretString) -> BoxFuture<'a, Result<Profile, ProviderError>> {
        Box::pin(async move { self.ask(&self.profile_url, Some(token)).await?.profile(&self.graph_url) })
    }

    fn refresh<'a>(&'a self, token: &'a SecretString) -> BoxFuture<'a, Result<LongLivedToken, ProviderError>> {
        Box::pin(async move {
            let mut url = self.refresh_url.clone();
            url.query_pairs_mut()
                .append_pair("grant_type", "ig_refresh_token")
                .append_pair("access_token", token.expose_secret());
            self.ask(&url, None).await?.long_lived_token()
        })
    }

    fn media<'a>(
        &'a self,
        token: &'a SecretString,
        after: Option<&'a str>,
    ) -> BoxFuture<'a, Result<MediaPage, ProviderError>> {
        Box::pin(async move {
            let page_of = |size: &str| {
                let mut url = self.media_url.clone();
                url.query_pairs_mut().append_pair("limit", size).extend_pairs(after.map(|cursor| ("after", cursor)));
                url
            };
            let [usual, small] = PAGE_SIZES;
            let answer = match self.get(&page_of(usual), Some(token), BODY_CAP).await {
                Err(Trouble::TooLong(_)) => self.ask(&page_of(small), Some(token)).await?,
                outcome => outcome.map_err(Trouble::without_harm)?,
            };
            answer.media(&self.graph_url)
        })
    }

    fn picture<'a>(&'a self, url: &'a Url) -> BoxFuture<'a, Result<Vec<u8>, ProviderError>> {
        Box::pin(async move {
            if !address::may_be_fetched(url, &self.graph_url) {
                return Err(ProviderError::Malformed("the address of a picture is not one of Instagram's".into()));
            }
            self.get(url, None, PICTURE_CAP).await.map_err(Trouble::without_harm)?.picture()
        })
    }
}

/// The client that the oauth2 crate is handed for the exchange of a code.
struct CodePost<'p>(&'p HttpProvider);

impl<'c> AsyncHttpClient<'c> for CodePost<'_> {
    type Error = ProviderError;
    type Future = BoxFuture<'c, Result<HttpResponse, ProviderError>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.0.post_code(request))
    }
}

/// How a request failed. The texts come from the network stack and name no URL.
enum Trouble {
    /// Nothing left this machine.
    Unsent(String),
    /// The request left, no whole answer came.
    Lost(String),
    /// An answer came, and it has more bytes than this.
    TooLong(usize),
}

impl Trouble {
    /// What it means where the same request may be sent again. Never for a code.
    fn without_harm(self) -> ProviderError {
        match self {
            Self::Unsent(what) | Self::Lost(what) => ProviderError::Unavailable(what),
            Self::TooLong(cap) => ProviderError::Malformed(too_long(cap)),
        }
    }
}

impl From<reqwest::Error> for Trouble {
    fn from(error: reqwest::Error) -> Self {
        if error.is_connect() || error.is_builder() { Self::Unsent(cause(error)) } else { Self::Lost(cause(error)) }
    }
}

fn header<'r>(response: &'r reqwest::Response, name: &str) -> Option<&'r str> {
    response.headers().get(name)?.to_str().ok()
}

fn client(app: &InstagramApp) -> reqwest::Result<reqwest::Client> {
    http_client::builder(&[&app.token_url, &app.graph_url], CALL_TIMEOUT)
        // A connection that lay idle for long may be dead: a code sent on it would be lost.
        .pool_idle_timeout(Duration::from_secs(5))
        .build()
}

/// An address below another one.
fn below(base: &Url, segments: &[&str]) -> Result<Url, ProviderError> {
    let mut url = base.clone();
    url.set_query(None);
    url.set_fragment(None);
    url.path_segments_mut()
        .map_err(|()| ProviderError::Misconfigured("the graph URL cannot be used".into()))?
        .pop_if_empty()
        .extend(segments);
    Ok(url)
}

#[cfg(test)]
mod tests;
