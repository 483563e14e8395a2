//! The log: one line for each thing that happened, on standard error, as text or JSON.
//! Secrets never get here: they are types that print nothing, and paths are redacted before they are logged (A75).

use tracing_subscriber::EnvFilter;

/// Libraries that see addresses, headers and bodies, and write them to their finer levels: a link's token is part of an
/// address. Whatever `RUST_LOG` says, they are heard from this level on (A75).
const CAPPED: [&str; 8] = [
    "axum=info",
    "h2=info",
    "hyper=info",
    "hyper_util=info",
    "leptos_axum=info",
    "leptos_router=info",
    "reqwest=info",
    "tower_http=info",
];

/// Starts the log. `RUST_LOG` chooses what is said.
pub fn start(json: bool) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let filter = CAPPED.iter().filter_map(|cap| cap.parse().ok()).fold(filter, EnvFilter::add_directive);
    let terminal = std::io::IsTerminal::is_terminal(&std::io::stderr());
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(terminal).with_writer(std::io::stderr);
    // A second start (tests) keeps the first log.
    let _ = if json { log.json().try_init() } else { log.try_init() };
}
