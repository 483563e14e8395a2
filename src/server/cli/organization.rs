//! `grantlink organization`: which there are, one more for somebody, and the end of one.

use super::{no_organization, print_line, print_list, tell, tools, words, words_or};
use crate::{
    identity,
    organizations::{
        queries::{find_by_slug, operated},
        settings,
    },
    paths,
    server::config::Config,
    work::Tools,
};
use clap::Subcommand;
use serde::Serialize;
use std::io::{self, IsTerminal};

/// Organizations.
#[derive(Debug, Subcommand)]
pub enum OrganizationCommand {
    /// One line an organization, tab-separated: slug, name, owner, members, accounts, created.
    List {
        /// An array of objects with these names.
        #[arg(long)]
        json: bool,
    },
    /// Make an organization. Prints its slug; for an owner who had no account, tab-separated, the one-time link with which
    /// they set a password, too.
    Create {
        /// What people call it.
        name: String,
        /// The owner's address.
        #[arg(long)]
        owner: String,
    },
    /// Delete an organization for good: its links are dead at once, its accounts, pictures and activity are erased. People
    /// keep their own accounts. At a terminal it asks first.
    Delete {
        /// The organization's slug, as `organization list` prints it.
        slug: String,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Serialize)]
struct Row {
    slug: String,
    name: String,
    owner: Option<String>,
    members: i64,
    accounts: i64,
    created: String,
}

/// Does what was asked for.
pub(super) async fn run(config: &Config, command: OrganizationCommand) -> Result<(), String> {
    let tools = tools(config).await?;
    match command {
        OrganizationCommand::List { json } => list(&tools, json).await,
        OrganizationCommand::Create { name, owner } => {
            let founded = identity::service::found(&tools, &name, &owner).await.map_err(words)?;
            let slug = founded.slug;
            if founded.is_doubtful {
                tell(&format!(
                    "There was an account with {owner} already, and nobody has confirmed that address. If it may be a \
                     stranger's, have the owner set a new password through \"Forgot your password?\": that ends every \
                     session of that account, and its second step."
                ));
            }
            match founded.password_link {
                Some(token) => {
                    let link = tools.absolute(&paths::reset_password(token.expose()));
                    print_line(&format!("{slug}\t{link}"))
                }
                None => print_line(&slug),
            }
        }
        OrganizationCommand::Delete { slug, yes } => {
            if !yes && io::stdin().is_terminal() {
                ask(&tools, &slug).await?;
            }
            let deleted = settings::service::delete_for_operator(&tools, &slug).await;
            deleted.map_err(|failure| words_or(failure, || no_organization(&slug)))
        }
    }
}

async fn list(tools: &Tools, json: bool) -> Result<(), String> {
    let now = tools.now();
    let mut conn = tools.db.read().await.map_err(words)?;
    let listed = operated::list(&mut conn).await.map_err(words)?.into_iter();
    let rows: Vec<Row> = listed
        .map(|listed| Row {
            slug: listed.slug,
            name: listed.name,
            owner: listed.owner,
            members: listed.members,
            accounts: listed.accounts,
            created: listed.created_at.moment(now).iso,
        })
        .collect();
    print_list(&rows, json, |row| {
        let owner = row.owner.as_deref().unwrap_or_default();
        format!("{}\t{}\t{owner}\t{}\t{}\t{}", row.slug, row.name, row.members, row.accounts, row.created)
    })
}

/// Says what would go, and has the slug typed again.
async fn ask(tools: &Tools, slug: &str) -> Result<(), String> {
    let mut conn = tools.db.read().await.map_err(words)?;
    let found = find_by_slug(&mut conn, slug).await.map_err(words)?;
    let organization = found.ok_or_else(|| no_organization(slug))?;
    let (accounts, links, members) = settings::queries::count(&mut conn, organization.id).await.map_err(words)?;
    tell(&format!(
        "{}: accounts {accounts}, links {links}, members {members}. None of it comes back. Type {slug} to delete it:",
        organization.name
    ));
    let mut typed = String::new();
    io::stdin().read_line(&mut typed).map_err(|error| format!("standard input: {error}"))?;
    if typed.trim() == slug { Ok(()) } else { Err("that is something else; nothing was deleted".into()) }
}
