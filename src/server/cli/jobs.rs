//! `grantlink jobs`: work that was given up, and another try of it.

use super::{print_line, tools, words};
use crate::{ids::JobId, queue, server::config::Config};
use clap::Subcommand;

/// Work that was given up.
#[derive(Debug, Subcommand)]
pub enum JobsCommand {
    /// One line a job that was given up, tab-separated: id, kind, when, why.
    List,
    /// Have a job tried again.
    Retry {
        /// The job's id, as `jobs list` prints it.
        id: JobId,
    },
}

/// Does what was asked for.
pub(super) async fn run(config: &Config, command: JobsCommand) -> Result<(), String> {
    let tools = tools(config).await?;
    let now = tools.now();
    match command {
        JobsCommand::List => {
            let mut conn = tools.db.read().await.map_err(words)?;
            for job in queue::list_dead(&mut conn).await.map_err(words)? {
                let given_up = job.dead_at.map(|at| at.moment(now).iso).unwrap_or_default();
                print_line(&format!("{}\t{}\t{given_up}\t{}", job.id, job.kind, job.last_error.unwrap_or_default()))?;
            }
            Ok(())
        }
        JobsCommand::Retry { id } => {
            let mut conn = tools.db.write().await.map_err(words)?;
            if queue::retry(&mut conn, id, now).await.map_err(words)? {
                Ok(())
            } else {
                Err(format!("no job {id} was given up, or the same waits already; `grantlink jobs list` names them"))
            }
        }
    }
}
