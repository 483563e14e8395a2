//! `grantlink user`: who signs in, and what an operator does for somebody who cannot any more.

use super::{print_line, print_list, tools, words, words_or};
use crate::{identity::service, paths, server::config::Config};
use clap::Subcommand;
use serde::Serialize;

/// People who sign in.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// One line a person, tab-separated: email, "verified" or "unverified", "two-factor" or "password", organizations as
    /// slug:role, separated by commas.
    List {
        /// An array of objects with the names email, verified, two_factor, organizations.
        #[arg(long)]
        json: bool,
    },
    /// Print a one-time link that sets a new password.
    ResetPassword {
        /// The person's address.
        email: String,
    },
    /// Have signing in ask somebody for no code any more, who lost both phone and recovery codes.
    TurnOffTwoFactor {
        /// The person's address.
        email: String,
    },
}

#[derive(Serialize)]
struct Row {
    email: String,
    verified: bool,
    two_factor: bool,
    organizations: Vec<Membership>,
}

#[derive(Serialize)]
struct Membership {
    slug: String,
    role: String,
}

impl Row {
    fn of(person: service::ListedPerson) -> Self {
        let memberships = person.organizations.into_iter();
        Self {
            email: person.email,
            verified: person.is_verified,
            two_factor: person.has_second_step,
            organizations: memberships.map(|(slug, role)| Membership { slug, role }).collect(),
        }
    }

    fn line(&self) -> String {
        let verified = if self.verified { "verified" } else { "unverified" };
        let signs_in_with = if self.two_factor { "two-factor" } else { "password" };
        let organizations: Vec<String> =
            self.organizations.iter().map(|Membership { slug, role }| format!("{slug}:{role}")).collect();
        format!("{}\t{verified}\t{signs_in_with}\t{}", self.email, organizations.join(","))
    }
}

/// Does what was asked for.
pub(super) async fn run(config: &Config, command: UserCommand) -> Result<(), String> {
    let tools = tools(config).await?;
    match command {
        UserCommand::List { json } => {
            let people = service::list_people(&tools).await.map_err(words)?;
            let rows: Vec<Row> = people.into_iter().map(Row::of).collect();
            print_list(&rows, json, Row::line)
        }
        UserCommand::ResetPassword { email } => {
            let token = service::request_reset(&tools, &email)
                .await
                .map_err(|failure| words_or(failure, || format!("nobody signs in with {email}")))?;
            print_line(&tools.absolute(&paths::reset_password(token.expose())))
        }
        UserCommand::TurnOffTwoFactor { email } => service::turn_off_for(&tools, &email)
            .await
            .map_err(|failure| words_or(failure, || format!("nobody signs in with {email} and a code"))),
    }
}
