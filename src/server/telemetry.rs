//! The log: one line for each thing that happened, on standard error, as text or JSON.
//! Secrets never get here: they are types that print nothing, and paths are redacted before they are logged (A75).

use tracing_subscriber::EnvFilter;

/// Starts the log. `RUST_LOG` chooses what is said; libraries below us stay quiet unless asked.
pub fn start(json: bool) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let terminal = std::io::IsTerminal::is_terminal(&std::io::stderr());
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(terminal).with_writer(std::io::stderr);
    // A second start (tests) keeps the first log.
    let _ = if json { log.json().try_init() } else { log.try_init() };
}
