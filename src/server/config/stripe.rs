//! Who decides whether an organization has paid, and Stripe or its stand-in.

use super::{ConfigError, Lookup, Web, parse};
use crate::{
    billing::{
        model::BillingMode,
        stripe::{Prices, StripeAccount},
    },
    secret::SecretString,
};
use std::net::SocketAddr;
use url::Url;

/// The prices the stand-in knows.
const SANDBOX_PRICES: &str = "studio=price_sandbox_studio,agency=price_sandbox_agency";

/// Stripe, or its stand-in.
#[derive(Clone, Debug)]
pub struct StripeSettings {
    /// `STRIPE_SECRET_KEY`, `STRIPE_WEBHOOK_SECRET`, `STRIPE_API_URL` and `STRIPE_PRICES`.
    pub account: StripeAccount,
    /// `STRIPE_SANDBOX_ADDR`: where the stand-in listens; `None` with `BILLING=stripe`.
    pub sandbox: Option<SocketAddr>,
}

/// `BILLING`, and what it needs.
pub(super) fn read(lookup: Lookup<'_>, web: &Web) -> Result<(BillingMode, Option<StripeSettings>), ConfigError> {
    match lookup("BILLING").as_deref() {
        None | Some("none") => Ok((BillingMode::None, None)),
        Some("manual") => Ok((BillingMode::Manual, None)),
        Some("stripe") => Ok((BillingMode::Stripe, Some(real(lookup, web)?))),
        Some("sandbox") => Ok((BillingMode::Sandbox, Some(sandbox(lookup, web)?))),
        Some(other) => Err(ConfigError(format!("BILLING is '{other}'; write none, manual, stripe or sandbox"))),
    }
}

fn real(lookup: Lookup<'_>, web: &Web) -> Result<StripeSettings, ConfigError> {
    let secret_key = needed(
        lookup,
        "STRIPE_SECRET_KEY",
        "copy the secret key, or a restricted one, from Stripe's dashboard under \"API keys\"",
    )?;
    if !["sk_", "rk_"].iter().any(|prefix| secret_key.starts_with(prefix)) {
        return Err(ConfigError(
            "STRIPE_SECRET_KEY does not begin with sk_ or rk_: copy the secret key and not the publishable one".into(),
        ));
    }
    let webhook_secret = needed(
        lookup,
        "STRIPE_WEBHOOK_SECRET",
        "add a webhook endpoint in Stripe's dashboard for this server's /stripe/webhook, and copy its signing secret",
    )?;
    if !webhook_secret.starts_with("whsec_") {
        return Err(ConfigError(
            "STRIPE_WEBHOOK_SECRET does not begin with whsec_: copy the signing secret of the webhook endpoint".into(),
        ));
    }
    let prices = needed(lookup, "STRIPE_PRICES", "write studio=price_…,agency=price_… with the ids of the prices")?;
    let api_url: Url = parse(lookup, "STRIPE_API_URL", StripeAccount::API_URL, "a URL")?;
    if !matches!(api_url.scheme(), "http" | "https") || !api_url.has_host() {
        return Err(ConfigError(format!("STRIPE_API_URL is '{api_url}'; write a URL that begins with https://")));
    }
    if web.is_production() && api_url.scheme() != "https" {
        return Err(ConfigError("STRIPE_API_URL must begin with https:// in production".into()));
    }
    let prices = Prices::parse(&prices).map_err(|what| ConfigError(format!("STRIPE_PRICES {what}")))?;
    let account =
        StripeAccount { secret_key: secret_key.into(), webhook_secret: webhook_secret.into(), api_url, prices };
    Ok(StripeSettings { account, sandbox: None })
}

fn sandbox(lookup: Lookup<'_>, web: &Web) -> Result<StripeSettings, ConfigError> {
    if web.is_production() {
        return Err(ConfigError(
            "BILLING is 'sandbox', in which nobody really pays. With a public BASE_URL write stripe, manual or none"
                .into(),
        ));
    }
    let listen: SocketAddr =
        parse(lookup, "STRIPE_SANDBOX_ADDR", "127.0.0.1:4200", "an address with a port, like 127.0.0.1:4200")?;
    if !listen.ip().is_loopback() {
        return Err(ConfigError("STRIPE_SANDBOX_ADDR must be a loopback address: the stand-in is open to all".into()));
    }
    let api_url = parse(lookup, "STRIPE_API_URL", &format!("http://{listen}"), "a URL")?;
    let prices = lookup("STRIPE_PRICES").unwrap_or_else(|| SANDBOX_PRICES.into());
    let account = StripeAccount {
        secret_key: SecretString::from("sk_test_sandbox".to_owned()),
        webhook_secret: SecretString::from("whsec_sandbox".to_owned()),
        api_url,
        prices: Prices::parse(&prices).map_err(|what| ConfigError(format!("STRIPE_PRICES {what}")))?,
    };
    Ok(StripeSettings { account, sandbox: Some(listen) })
}

fn needed(lookup: Lookup<'_>, name: &str, remedy: &str) -> Result<String, ConfigError> {
    let value = lookup(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
    value.ok_or_else(|| ConfigError(format!("BILLING is 'stripe' and {name} is not set: {remedy}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::config::Config;

    const COMPLETE: [(&str, &str); 4] = [
        ("BILLING", "stripe"),
        ("STRIPE_SECRET_KEY", "sk_live_hunter2"),
        ("STRIPE_WEBHOOK_SECRET", "whsec_hunter2"),
        ("STRIPE_PRICES", "studio=price_1,agency=price_2"),
    ];
    const PRODUCTION: [(&str, &str); 3] =
        [("BASE_URL", "https://connect.agency.example"), ("INSTAGRAM_APP_ID", "1"), ("INSTAGRAM_APP_SECRET", "s")];

    /// The settings of the first list, those of the second over them; an empty one is unset.
    fn read(settings: &[(&str, &str)], over: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::read(&|name| {
            let set = over.iter().chain(settings).find(|(n, _)| *n == name);
            set.map(|(_, value)| (*value).to_owned()).filter(|value| !value.is_empty())
        })
    }

    #[test]
    fn stripe_needs_a_key_a_signing_secret_and_prices_and_says_where_they_are() {
        let config = read(&COMPLETE, &PRODUCTION).unwrap();
        assert_eq!(config.billing, BillingMode::Stripe);
        let stripe = config.stripe.unwrap();
        assert_eq!((stripe.account.api_url.as_str(), stripe.sandbox), (StripeAccount::API_URL, None));
        for (name, value) in [
            ("STRIPE_SECRET_KEY", ""),
            ("STRIPE_SECRET_KEY", "pk_live_x"),
            ("STRIPE_WEBHOOK_SECRET", ""),
            ("STRIPE_WEBHOOK_SECRET", "sk_live_x"),
            ("STRIPE_PRICES", ""),
            ("STRIPE_PRICES", "studio"),
            ("STRIPE_PRICES", "studio=prod_1"),
            ("STRIPE_API_URL", "api.stripe.com"),
            ("STRIPE_API_URL", "mailto:a@b.example"),
        ] {
            let error = read(&COMPLETE, &[(name, value)]).unwrap_err();
            assert!(error.0.contains(name), "{name}={value}: {error}");
            assert!(!error.0.contains("hunter2") && !error.0.contains("_live_x"), "{error}");
        }
        let over = [&PRODUCTION[..], &[("STRIPE_API_URL", "http://api.stripe.com")]].concat();
        assert!(read(&COMPLETE, &over).unwrap_err().0.contains("https://"));
    }

    #[test]
    fn the_stand_in_needs_nothing_and_stays_on_this_machine() {
        let stripe = read(&[("BILLING", "sandbox")], &[]).unwrap().stripe.unwrap();
        assert_eq!(stripe.account.api_url.as_str(), "http://127.0.0.1:4200/");
        assert_eq!(stripe.sandbox.unwrap().to_string(), "127.0.0.1:4200");
        let open = [("STRIPE_SANDBOX_ADDR", "0.0.0.0:4200")];
        assert!(read(&[("BILLING", "sandbox")], &open).unwrap_err().0.contains("loopback"));
        let error = read(&[("BILLING", "sandbox")], &PRODUCTION).unwrap_err();
        assert!(error.0.contains("BILLING") && error.0.contains("stripe, manual or none"), "{error}");
        assert!(read(&[], &[]).unwrap().stripe.is_none());
    }

    #[test]
    fn a77_settings_of_stripe_in_debug_show_no_secret() {
        let config = read(&COMPLETE, &[]).unwrap();
        assert!(!format!("{config:?}").contains("hunter2"), "{config:?}");
    }
}
