//! The commands. The result alone goes to standard output, everything else to standard error, so that scripts can
//! rely on it. Operator commands work beside a live server on the same database.

use super::{
    config::{Config, SANDBOX_APP_ID},
    start,
};
use crate::{
    audit::{
        self,
        service::{Break, Verdict},
    },
    billing::{self, model::SubscriptionState},
    error::AppError,
    failure::Failure,
    identity,
    ids::JobId,
    instagram::sandbox,
    paths, queue,
    timestamp::Timestamp,
    work::Tools,
};
use clap::{Parser, Subcommand};
use std::{
    io::{self, Write},
    net::SocketAddr,
    process::ExitCode,
};

/// Connect a client's Instagram account without anyone sharing a password.
#[derive(Debug, Parser)]
#[command(name = "grantlink", version)]
pub struct Arguments {
    /// What to do; the server when nothing is said.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Apply migrations and serve.
    Serve,
    /// Apply migrations and stop.
    Migrate,
    /// Subscriptions of organizations (BILLING=manual).
    #[command(subcommand)]
    Subscription(SubscriptionCommand),
    /// Do jobs and serve nothing; beside servers on PostgreSQL that leave their jobs to it (JOBS=worker).
    Worker,
    /// Work that was given up.
    #[command(subcommand)]
    Jobs(JobsCommand),
    /// People who sign in.
    #[command(subcommand)]
    User(UserCommand),
    /// What happened in organizations.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Run the sandbox Instagram on its own.
    SandboxInstagram {
        /// Where it listens; a loopback address.
        #[arg(long, default_value = "127.0.0.1:4100")]
        listen: SocketAddr,
    },
}

/// Subscriptions of organizations.
#[derive(Debug, Subcommand)]
pub enum SubscriptionCommand {
    /// One line an organization, tab-separated: slug, name, state.
    List,
    /// Set the subscription of an organization.
    Set {
        /// The organization's slug, as `subscription list` prints it.
        slug: String,
        /// free, active or lapsed.
        #[arg(value_parser = parse_state)]
        state: SubscriptionState,
        /// The last day of an active subscription, UTC, like 2027-01-31.
        #[arg(long, value_parser = parse_last_day)]
        until: Option<Timestamp>,
    },
}

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

/// People who sign in.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
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

/// What happened in organizations.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Check that the entries are those that were written. One line an organization, tab-separated: slug, "whole", how
    /// many entries, the hash at their end; or slug, "broken", the number of the first entry that is wrong, its id, why.
    /// Fails when one is broken.
    Verify {
        /// Check this organization alone: its slug, as `subscription list` prints it.
        #[arg(long)]
        organization: Option<String>,
    },
}

fn parse_state(text: &str) -> Result<SubscriptionState, String> {
    SubscriptionState::parse(text).ok_or_else(|| "write free, active or lapsed".into())
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

/// Runs a command to its end.
pub fn run(arguments: Arguments) -> ExitCode {
    // Reads FAILPOINTS, and does nothing at all without the feature.
    let _scenario = fail::FailScenario::setup();
    // Server rendering needs several workers to make progress, whatever the machine has.
    let workers = std::thread::available_parallelism().map_or(4, std::num::NonZero::get).max(4);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(workers).enable_all().build();
    let result = match runtime {
        Ok(runtime) => runtime.block_on(execute(arguments.command.unwrap_or(Command::Serve))),
        Err(error) => Err(format!("the runtime cannot start: {error}")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            let _ = writeln!(io::stderr(), "grantlink: {message}");
            ExitCode::FAILURE
        }
    }
}

async fn execute(command: Command) -> Result<(), String> {
    // One TLS provider for all, chosen before anything could choose another.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    if let Command::SandboxInstagram { listen } = command {
        super::telemetry::start(false);
        return run_sandbox(listen).await;
    }
    let config = Config::from_env().map_err(|error| error.0)?;
    super::telemetry::start(config.log_json);
    match command {
        Command::Serve => start::serve(config).await,
        Command::Migrate => start::tools(&config).await.map(|_| ()),
        Command::Subscription(SubscriptionCommand::List) => {
            let tools = start::tools(&config).await?;
            for (slug, name, state) in billing::service::list(&tools).await.map_err(words)? {
                print_line(&format!("{slug}\t{name}\t{}", state.as_str()))?;
            }
            Ok(())
        }
        Command::Subscription(SubscriptionCommand::Set { slug, state, until }) => {
            if until.is_some() && state != SubscriptionState::Active {
                return Err("--until belongs to an active subscription".into());
            }
            let tools = start::tools(&config).await?;
            billing::service::set(&tools, &slug, state, until).await.map_err(|failure| match failure {
                Failure::Refused(AppError::NotFound) => no_organization(&slug),
                other => words(other),
            })
        }
        Command::Worker => start::work(config).await,
        Command::Jobs(JobsCommand::List) => {
            let tools = start::tools(&config).await?;
            let now = tools.now();
            let mut conn = tools.db.read().await.map_err(words)?;
            for job in queue::list_dead(&mut conn).await.map_err(words)? {
                let given_up = job.dead_at.map(|at| at.moment(now).iso).unwrap_or_default();
                print_line(&format!("{}\t{}\t{given_up}\t{}", job.id, job.kind, job.last_error.unwrap_or_default()))?;
            }
            Ok(())
        }
        Command::Jobs(JobsCommand::Retry { id }) => {
            let tools = start::tools(&config).await?;
            let mut conn = tools.db.write().await.map_err(words)?;
            if queue::retry(&mut conn, id, tools.now()).await.map_err(words)? {
                Ok(())
            } else {
                Err(format!("no job {id} was given up, or the same waits already; `grantlink jobs list` names them"))
            }
        }
        Command::User(UserCommand::ResetPassword { email }) => {
            let tools = start::tools(&config).await?;
            let token = identity::service::request_reset(&tools, &email).await.map_err(|failure| match failure {
                Failure::Refused(AppError::NotFound) => format!("nobody signs in with {email}"),
                other => words(other),
            })?;
            print_line(&tools.absolute(&paths::reset_password(token.expose())))
        }
        Command::Audit(AuditCommand::Verify { organization }) => {
            let tools = start::tools(&config).await?;
            verify_audit(&tools, organization.as_deref()).await
        }
        Command::User(UserCommand::TurnOffTwoFactor { email }) => {
            let tools = start::tools(&config).await?;
            identity::service::turn_off_for(&tools, &email).await.map_err(|failure| match failure {
                Failure::Refused(AppError::NotFound) => format!("nobody signs in with {email} and a code"),
                other => words(other),
            })
        }
        Command::SandboxInstagram { .. } => Ok(()),
    }
}

/// Prints what a check of the entries found, and fails when one of them is not what was written.
async fn verify_audit(tools: &Tools, slug: Option<&str>) -> Result<(), String> {
    let verdicts = audit::service::verify(&tools.db, slug).await.map_err(|failure| match failure {
        Failure::Refused(AppError::NotFound) => no_organization(slug.unwrap_or_default()),
        other => words(other),
    })?;
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

fn no_organization(slug: &str) -> String {
    format!("there is no organization '{slug}'; `grantlink subscription list` names them")
}

async fn run_sandbox(listen: SocketAddr) -> Result<(), String> {
    let redirect = format!("http://127.0.0.1:3000{}", paths::INSTAGRAM_CALLBACK);
    let config = start::sandbox_config(listen, SANDBOX_APP_ID, "sandbox-secret".to_owned().into(), redirect);
    let listener = start::bind(listen, "--listen").await?;
    print_line(&start::describe_sandbox(listen))?;
    let router = sandbox::router(sandbox::Sandbox::new(config));
    super::listener::serve(listener, router, start::stop_on_signals()).await;
    Ok(())
}

fn words(failure: Failure) -> String {
    match failure {
        Failure::Internal(cause) | Failure::Busy(cause) => cause.to_string(),
        Failure::Refused(error) => error.message(),
    }
}

fn print_line(text: &str) -> Result<(), String> {
    writeln!(io::stdout(), "{text}").map_err(|error| format!("standard output: {error}"))
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
    fn the_commands_of_the_contract_are_understood() {
        for line in [
            "grantlink",
            "grantlink serve",
            "grantlink migrate",
            "grantlink subscription list",
            "grantlink subscription set bright-bold active --until 2027-01-31",
            "grantlink worker",
            "grantlink jobs list",
            "grantlink jobs retry 0198f000000070008000000000000001",
            "grantlink user reset-password ann@agency.example",
            "grantlink user turn-off-two-factor ann@agency.example",
            "grantlink audit verify",
            "grantlink audit verify --organization bright-bold",
            "grantlink sandbox-instagram --listen 127.0.0.1:4100",
        ] {
            assert!(Arguments::try_parse_from(line.split(' ')).is_ok(), "{line}");
        }
        assert!(Arguments::try_parse_from(["grantlink", "subscription", "set", "x", "paid"]).is_err());
    }
}
