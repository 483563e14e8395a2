//! `grantlink subscription`: which organizations have paid, and the operator's lever.

use super::{no_organization, print_list, tools, words, words_or};
use crate::{
    billing::{self, model::SubscriptionState},
    server::config::Config,
    timestamp::Timestamp,
};
use clap::Subcommand;
use serde::Serialize;

/// Subscriptions of organizations.
#[derive(Debug, Subcommand)]
pub enum SubscriptionCommand {
    /// One line an organization, tab-separated: slug, name, state.
    List {
        /// An array of objects with these names.
        #[arg(long)]
        json: bool,
    },
    /// Set the subscription of an organization.
    Set {
        /// The organization's slug, as `organization list` prints it.
        slug: String,
        /// free, active or lapsed.
        #[arg(value_parser = parse_state)]
        state: SubscriptionState,
        /// The last day of an active subscription, UTC, like 2027-01-31.
        #[arg(long, value_parser = parse_last_day)]
        until: Option<Timestamp>,
    },
}

#[derive(Serialize)]
struct Row {
    slug: String,
    name: String,
    state: &'static str,
}

fn parse_state(text: &str) -> Result<SubscriptionState, String> {
    SubscriptionState::parse_typed(text).ok_or_else(|| "write free, active or lapsed".into())
}

/// The instant after the last day: a subscription until the 31st holds on the 31st.
fn parse_last_day(text: &str) -> Result<Timestamp, String> {
    let date: jiff::civil::Date = text.parse().map_err(|_| "write a day like 2027-01-31".to_owned())?;
    let end = date
        .tomorrow()
        .and_then(|next| next.to_zoned(jiff::tz::TimeZone::UTC))
        .map_err(|_| "that day is out of range".to_owned())?;
    Ok(Timestamp::from_micros(end.timestamp().as_microsecond()))
}

/// Does what was asked for.
pub(super) async fn run(config: &Config, command: SubscriptionCommand) -> Result<(), String> {
    match command {
        SubscriptionCommand::List { json } => {
            let tools = tools(config).await?;
            let found = billing::service::list(&tools).await.map_err(words)?;
            let rows: Vec<Row> =
                found.into_iter().map(|(slug, name, state)| Row { slug, name, state: state.as_str() }).collect();
            print_list(&rows, json, |Row { slug, name, state }| format!("{slug}\t{name}\t{state}"))
        }
        SubscriptionCommand::Set { slug, state, until } => {
            if until.is_some() && state != SubscriptionState::Active {
                return Err("--until belongs to an active subscription".into());
            }
            let tools = tools(config).await?;
            let set = billing::service::set(&tools, &slug, state, until).await;
            set.map_err(|failure| words_or(failure, || no_organization(&slug)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subscription_until_a_day_holds_on_that_day() {
        let end = parse_last_day("2027-01-31").unwrap();
        assert_eq!(end.as_micros(), 1_801_440_000_000_000);
        assert!(parse_last_day("31.1.2027").is_err());
    }

    #[test]
    fn an_operator_says_free_active_or_lapsed_and_nothing_else() {
        for word in ["free", "active", "lapsed"] {
            assert_eq!(parse_state(word).unwrap().as_str(), word);
        }
        for word in ["paid", "past_due", "trialing", ""] {
            assert!(parse_state(word).is_err(), "{word}");
        }
    }
}
