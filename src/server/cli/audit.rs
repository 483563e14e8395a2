//! `grantlink audit`: whether the entries of the audit trail are those that were written. It only reads.

use super::{no_organization, print_line, tools, words_or};
use crate::{
    audit::service::{Break, Verdict, verify},
    server::config::Config,
    work::Tools,
};
use clap::Subcommand;

/// What happened in organizations.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Check that the entries are those that were written. One line an organization, tab-separated: slug, "whole", how
    /// many entries, the hash at their end; or slug, "broken", the number of the first entry that is wrong, its id, why.
    /// Fails when one is broken.
    Verify {
        /// Check this organization alone: its slug, as `organization list` prints it.
        #[arg(long)]
        organization: Option<String>,
    },
}

/// Does what was asked for.
pub(super) async fn run(config: &Config, command: AuditCommand) -> Result<(), String> {
    let AuditCommand::Verify { organization } = command;
    let tools = tools(config).await?;
    verify_entries(&tools, organization.as_deref()).await
}

/// Prints what a check of the entries found, and fails when one of them is not what was written.
async fn verify_entries(tools: &Tools, slug: Option<&str>) -> Result<(), String> {
    let verdicts = verify(&tools.db, slug)
        .await
        .map_err(|failure| words_or(failure, || no_organization(slug.unwrap_or_default())))?;
    let mut broken = 0_u32;
    for Verdict { slug, entries, outside, end, broken: found } in verdicts {
        if outside > 0 {
            tracing::warn!(slug, outside, "entries wait to be taken into the chain by `grantlink serve`");
        }
        match found {
            None => print_line(&format!("{slug}\twhole\t{entries}\t{end}"))?,
            Some(Break { sequence, id, why }) => {
                broken += 1;
                let id = id.map_or_else(|| "-".to_owned(), |id| id.to_string());
                print_line(&format!("{slug}\tbroken\t{sequence}\t{id}\t{why}"))?;
            }
        }
    }
    match broken {
        0 => Ok(()),
        1 => Err("the entries of one organization are not what was written".into()),
        several => Err(format!("the entries of {several} organizations are not what was written")),
    }
}
