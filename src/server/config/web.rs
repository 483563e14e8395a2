//! Addresses: where we listen, what we are called, whose word about clients' addresses we take.

use super::{ConfigError, Lookup, parse};
use ipnet::IpNet;
use std::{net::SocketAddr, path::PathBuf};
use url::{Host, Url};

/// Addresses and what is said about them.
#[derive(Clone, Debug)]
pub struct Web {
    /// `BASE_URL`: the only source of every absolute URL. Default `http://127.0.0.1:3000`.
    pub base_url: Url,
    /// `LEPTOS_SITE_ADDR`: where the server listens. Default `127.0.0.1:3000`.
    pub listen: SocketAddr,
    /// `LEPTOS_SITE_ROOT`: a folder with the front end. Default: inside the program, else beside it, else
    /// `target/site`.
    pub site_root: Option<PathBuf>,
    /// `TRUSTED_PROXIES`: CIDRs whose `X-Forwarded-For` is believed. Default none.
    pub trusted_proxies: Vec<IpNet>,
    /// `SUPPORT_EMAIL`: whom people may ask (S42). Default none.
    pub support_email: Option<String>,
}

impl Web {
    pub(super) fn read(lookup: Lookup<'_>) -> Result<Self, ConfigError> {
        let base_url: Url = parse(lookup, "BASE_URL", "http://127.0.0.1:3000", "a URL like https://connect.example")?;
        let wrong = |what: &str| Err(ConfigError(format!("BASE_URL {what}")));
        if !matches!(base_url.scheme(), "http" | "https") || base_url.host().is_none() {
            return wrong("must begin with https:// (or http:// on this machine alone)");
        }
        if base_url.path() != "/" || base_url.query().is_some() || base_url.fragment().is_some() {
            return wrong("must be an origin alone, without a path: links and cookies hold for the whole host");
        }
        let web = Self {
            listen: parse(lookup, "LEPTOS_SITE_ADDR", "127.0.0.1:3000", "an address with a port, like 0.0.0.0:3000")?,
            site_root: lookup("LEPTOS_SITE_ROOT").map(PathBuf::from),
            trusted_proxies: lookup("TRUSTED_PROXIES")
                .unwrap_or_default()
                .split(',')
                .map(str::trim)
                .filter(|cidr| !cidr.is_empty())
                .map(|cidr| {
                    let single = cidr.parse::<std::net::IpAddr>().map(IpNet::from);
                    cidr.parse::<IpNet>().or(single).map_err(|_| {
                        ConfigError(format!("TRUSTED_PROXIES holds '{cidr}'; write CIDRs like 10.0.0.0/8"))
                    })
                })
                .collect::<Result<_, _>>()?,
            support_email: lookup("SUPPORT_EMAIL"),
            base_url,
        };
        if web.is_production() && web.base_url.scheme() != "https" {
            return wrong(
                "must begin with https:// unless it is this machine alone: sign-in cookies and links are secrets",
            );
        }
        if web.base_url.scheme() == "http" && !web.listen.ip().is_loopback() {
            return Err(ConfigError(
                "LEPTOS_SITE_ADDR must be a loopback address while BASE_URL begins with http://: cookies and links would \
                 travel in the clear. Put a proxy with TLS in front, and set BASE_URL to its https:// address"
                    .into(),
            ));
        }
        Ok(web)
    }

    /// Production means: other machines can reach us under this name.
    pub fn is_production(&self) -> bool {
        match self.base_url.host() {
            Some(Host::Ipv4(ip)) => !ip.is_loopback(),
            Some(Host::Ipv6(ip)) => !ip.is_loopback(),
            Some(Host::Domain(name)) => !is_loopback_name(name),
            None => true,
        }
    }
}

/// "localhost" and what ends in it (RFC 6761 section 6.3).
pub(crate) fn is_loopback_name(name: &str) -> bool {
    name == "localhost" || name.ends_with(".localhost")
}
