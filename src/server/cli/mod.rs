//! The commands, one file a noun. The result alone goes to standard output, everything else to standard error, so that
//! scripts can rely on it. Operator commands work beside a live server on the same database. None of them prints a
//! secret, save the one-time links that `user reset-password` and `organization create` are for.

mod audit;
mod backup;
mod doctor;
mod jobs;
mod keys;
mod organization;
mod restore;
mod subscription;
mod user;

use super::{
    config::{Config, SANDBOX_APP_ID},
    start,
};
use crate::{
    db::{self, DatabaseUrl},
    error::AppError,
    failure::Failure,
    instagram::sandbox,
    paths,
    work::Tools,
};
use audit::AuditCommand;
use clap::{Parser, Subcommand};
use jobs::JobsCommand;
use keys::KeysCommand;
use organization::OrganizationCommand;
use serde::Serialize;
use std::{
    io::{self, Write},
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
};
use subscription::SubscriptionCommand;
use user::UserCommand;

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
    /// Organizations.
    #[command(subcommand)]
    Organization(OrganizationCommand),
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
    /// The keys that seal what is secret in the database.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Copy the embedded database into a file, while the server goes on. Prints its checksum and its name.
    Backup {
        /// The file to write; there may be none of that name yet.
        file: PathBuf,
    },
    /// Put a backup in the place of the embedded database. The server has to be ended first. Prints where it is.
    Restore {
        /// The file that `backup` wrote.
        file: PathBuf,
        /// Put the database aside that is there already.
        #[arg(long)]
        replace: bool,
    },
    /// Say what is missing or wrong, and how to mend it. One line a check, tab-separated: outcome, name, what was
    /// found, remedy. Fails when something has to be mended.
    Doctor {
        /// Send a test message to this address.
        #[arg(long)]
        mail_to: Option<String>,
        /// Print one array of objects.
        #[arg(long)]
        json: bool,
    },
    /// Run the sandbox Instagram on its own.
    SandboxInstagram {
        /// Where it listens; a loopback address.
        #[arg(long, default_value = "127.0.0.1:4100")]
        listen: SocketAddr,
    },
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
    if let Command::Doctor { mail_to, json } = command {
        super::telemetry::start(false);
        return doctor::run(mail_to.as_deref(), json).await;
    }
    let config = Config::from_env().map_err(|error| error.0)?;
    super::telemetry::start(config.log_json);
    match command {
        Command::Serve => start::serve(config).await,
        Command::Migrate => start::tools(&config).await.map(|_| ()),
        Command::Organization(command) => organization::run(&config, command).await,
        Command::Subscription(command) => subscription::run(&config, command).await,
        Command::Worker => start::work(config).await,
        Command::Jobs(command) => jobs::run(&config, command).await,
        Command::User(command) => user::run(&config, command).await,
        Command::Audit(command) => audit::run(&config, command).await,
        Command::Keys(command) => keys::run(&config, command).await,
        Command::Backup { file } => backup::run(&config, &file).await,
        Command::Restore { file, replace } => restore::run(&config, &file, replace).await,
        Command::Doctor { .. } | Command::SandboxInstagram { .. } => Ok(()),
    }
}

/// What a command needs, on a database that is there already. Without the server's settings it would make an empty one,
/// with a key of its own, and report on that.
async fn tools(config: &Config) -> Result<Arc<Tools>, String> {
    if let DatabaseUrl::Sqlite(path) = &config.storage.database
        && !path.is_file()
    {
        return Err(db::backup::no_database(path));
    }
    start::tools(config).await
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

/// What a failure says to the operator.
fn words(failure: Failure) -> String {
    match failure {
        Failure::Internal(cause) | Failure::Busy(cause) => cause.to_string(),
        Failure::Refused(error) => error.message(),
    }
}

/// The same, where nothing of that name was found.
fn words_or(failure: Failure, not_found: impl FnOnce() -> String) -> String {
    match failure {
        Failure::Refused(AppError::NotFound) => not_found(),
        other => words(other),
    }
}

fn no_organization(slug: &str) -> String {
    format!("there is no organization '{slug}'; `grantlink organization list` names them")
}

fn print_line(text: &str) -> Result<(), String> {
    writeln!(io::stdout(), "{text}").map_err(|error| format!("standard output: {error}"))
}

/// Says something to whoever runs the command, beside its result.
fn tell(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Prints a list: one line a row, or all of them as one array.
fn print_list<T: Serialize>(rows: &[T], json: bool, line: impl Fn(&T) -> String) -> Result<(), String> {
    if json {
        let array = serde_json::to_string_pretty(rows).map_err(|error| format!("the list as JSON: {error}"))?;
        return print_line(&array);
    }
    rows.iter().try_for_each(|row| print_line(&line(row)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commands_of_the_contract_are_understood() {
        for line in [
            "grantlink",
            "grantlink serve",
            "grantlink migrate",
            "grantlink organization list",
            "grantlink organization list --json",
            "grantlink organization create Bright --owner ann@agency.example",
            "grantlink organization delete bright-bold",
            "grantlink organization delete bright-bold --yes",
            "grantlink subscription list",
            "grantlink subscription list --json",
            "grantlink subscription set bright-bold active --until 2027-01-31",
            "grantlink worker",
            "grantlink jobs list",
            "grantlink jobs retry 0198f000000070008000000000000001",
            "grantlink user list",
            "grantlink user list --json",
            "grantlink user reset-password ann@agency.example",
            "grantlink user turn-off-two-factor ann@agency.example",
            "grantlink audit verify",
            "grantlink audit verify --organization bright-bold",
            "grantlink keys list",
            "grantlink keys list --json",
            "grantlink keys rotate",
            "grantlink keys remove k1",
            "grantlink backup /srv/grantlink.backup",
            "grantlink restore /srv/grantlink.backup",
            "grantlink restore /srv/grantlink.backup --replace",
            "grantlink doctor",
            "grantlink doctor --mail-to ann@agency.example --json",
            "grantlink sandbox-instagram --listen 127.0.0.1:4100",
        ] {
            assert!(Arguments::try_parse_from(line.split(' ')).is_ok(), "{line}");
        }
        assert!(Arguments::try_parse_from(["grantlink", "subscription", "set", "x", "paid"]).is_err());
    }
}
