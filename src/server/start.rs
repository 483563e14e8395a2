//! Brings the server up and takes it down: keys, database, migrations, sandbox, listener, housekeeping, signals.

use super::{
    config::{Config, Storage, load_keys},
    front_end, listener, router,
};
use crate::{
    accounts, audit,
    billing::{
        sandbox::{self as stripe_sandbox, StripeSandbox, StripeSandboxConfig},
        service::paying,
        stripe::Stripe,
    },
    clock::{Clock, Randomness},
    collection, connect,
    db::{self, DatabaseUrl, Db},
    email::Mailer,
    failure::Failure,
    identity,
    instagram::{
        http::HttpProvider,
        sandbox::{self, Callbacks, Sandbox, SandboxConfig},
    },
    jobs::runner,
    limits::Limits,
    live::{Hub, relay::relay},
    media::MediaStore,
    organizations, paths,
    secret::{KeyRing, SecretString},
    work::Tools,
};
use leptos::config::LeptosOptions;
use rustix::{
    fs::Mode,
    process::{Resource, Rlimit},
};
use std::{
    fs::File,
    io::{self, Write},
    net::SocketAddr,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use url::Url;

/// How often orphaned attempts and what ran out are looked for.
const HOUSEKEEPING: Duration = Duration::from_secs(15);

/// How often a running server looks whether the file of the keys changed. `grantlink keys rotate` waits for longer.
pub(super) const LOOK_AT_KEYS: Duration = Duration::from_secs(1);

/// How often it is looked for subscriptions of which nothing was heard.
const LOOK_AT_SUBSCRIPTIONS: Duration = Duration::from_secs(3_600);

/// How long redemptions under way may take once the server stops: the providers' budget and a transaction.
const REDEMPTION_GRACE: Duration = Duration::from_secs(15);

/// Opens everything a command needs. Migrations are applied.
///
/// # Errors
/// One sentence for the operator.
pub async fn tools(config: &Config) -> Result<Arc<Tools>, String> {
    let (clock, randomness) = (Clock::default(), Randomness);
    let production = config.web.is_production();
    let db = Db::open(&config.storage.database).await.map_err(|failure| sentence("the database", failure))?;
    // The keys first: a database whose keys are missing is left exactly as it is (A73).
    let of_the_keys = |failure| sentence("the check of the keys", failure);
    let known = db::key_check::known_keys(&db).await.map_err(of_the_keys)?;
    let keys = load_keys(&config.storage, production, &known, &randomness).map_err(|error| error.0)?;
    if !known.is_empty() {
        db::key_check::check(&db, &keys, &randomness).await.map_err(of_the_keys)??;
    }
    db::migrate::migrate(&db).await.map_err(|failure| sentence("the migration of the database", failure))?;
    db::key_check::check(&db, &keys, &randomness).await.map_err(of_the_keys)??;
    let instagram = HttpProvider::new(&config.instagram.app)
        .map_err(|error| format!("the Instagram client cannot be made: {error}"))?;
    let mailer = Mailer::new(&config.mail)?;
    let media = MediaStore::open(&config.storage.media)?;
    let stripe = config.stripe.as_ref().map(|settings| Stripe::new(settings.account.clone())).transpose();
    let stripe = stripe.map_err(|error| format!("the client for Stripe cannot be made: {error}"))?;
    Ok(Arc::new(Tools {
        limits: Limits::new(&clock),
        db,
        clock,
        randomness,
        keys,
        instagram: Arc::new(instagram),
        live: Hub::default(),
        mailer,
        media,
        support_email: config.web.support_email.clone(),
        callback_secret: config.instagram.app.app_secret.clone(),
        billing: config.billing,
        stripe: stripe.map(Arc::new),
        sign_up: config.sign_up,
        base_url: config.web.base_url.clone(),
        tasks: TaskTracker::new(),
        stopping: CancellationToken::new(),
    }))
}

/// A dump of this process would hold keys and tokens (A75).
fn leave_no_core_dump() {
    let nothing = Rlimit { current: Some(0), maximum: Some(0) };
    if let Err(error) = rustix::process::setrlimit(Resource::Core, nothing) {
        tracing::warn!(%error, "core dumps could not be switched off");
    }
}

/// Whatever this process writes is its user's alone, on a host whose habit is to let others read (A90). Folders that were
/// made by others stay as they are: one may be shared on purpose, so that is only said.
fn keep_files_private(storage: &Storage) {
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
    let database = match &storage.database {
        DatabaseUrl::Sqlite(path) => Some(path.as_path()),
        DatabaseUrl::Postgres(_) => None,
    };
    for path in [Some(storage.data_dir.as_path()), database].into_iter().flatten() {
        let mode = std::fs::metadata(path).map_or(0, |facts| facts.permissions().mode());
        if mode & 0o077 != 0 {
            tracing::warn!(path = %path.display(), "other users of this machine have access here; run: chmod go= on it");
        }
    }
}

/// Serves until a signal says stop.
///
/// # Errors
/// One sentence for the operator, when it cannot begin.
pub async fn serve(config: Config) -> Result<(), String> {
    leave_no_core_dump();
    keep_files_private(&config.storage);
    let _lock = lock_sqlite(&config.storage.database)?;
    let tools = tools(&config).await?;
    let listener = bind(config.web.listen, "LEPTOS_SITE_ADDR").await?;
    let stopping = stop_on_signals();
    if let Some(listen) = config.instagram.sandbox {
        let app = &config.instagram.app;
        let settings = sandbox_config(listen, &app.app_id, app.app_secret.clone(), app.redirect_uri.clone());
        let sandbox_listener = bind(listen, "SANDBOX_ADDR").await?;
        let sandbox = sandbox::router(Sandbox::new(settings));
        tokio::spawn(listener::serve(sandbox_listener, sandbox, stopping.clone()));
        say(&describe_sandbox(listen));
    }
    if let Some(listen) = config.stripe.as_ref().and_then(|stripe| stripe.sandbox) {
        let sandbox_listener = bind(listen, "STRIPE_SANDBOX_ADDR").await?;
        let sandbox = stripe_sandbox::router(StripeSandbox::new(stripe_sandbox_config(&config, listen)?));
        tokio::spawn(listener::serve(sandbox_listener, sandbox, stopping.clone()));
        say(&format!("A sandbox stands in for Stripe at http://{listen}. Nobody pays there, and no card is needed."));
    }
    let options = leptos_options(&config)?;
    let router = router::router(Arc::clone(&tools), &config.web, config.instagram.is_sandbox(), &options);
    // For the checklist, which says what has to be mended in them.
    let router = router.layer(axum::Extension(Arc::new(config.clone())));
    tokio::spawn(keep_house(Arc::clone(&tools), stopping.clone()));
    tokio::spawn(ask_stripe(Arc::clone(&tools), stopping.clone()));
    keep_in_touch(&config, &tools, &stopping);
    let jobs = config.jobs_in_server.then(|| tokio::spawn(runner::run(Arc::clone(&tools), stopping.clone())));
    say(&format!("Grantlink is ready at {}", config.web.base_url));
    listener::serve(listener, router, stopping).await;
    tools.tasks.close();
    if let Some(jobs) = jobs {
        let _ = jobs.await;
    }
    if tokio::time::timeout(REDEMPTION_GRACE, tools.tasks.wait()).await.is_err() {
        tracing::warn!("a redemption did not finish in time; its client will be told to try again");
    }
    Ok(())
}

/// Does jobs and serves nothing, until a signal says stop.
///
/// # Errors
/// One sentence for the operator, when it cannot begin.
pub async fn work(config: Config) -> Result<(), String> {
    leave_no_core_dump();
    keep_files_private(&config.storage);
    if matches!(config.storage.database, DatabaseUrl::Sqlite(_)) {
        return Err("the embedded database is for one process: `grantlink serve` does its jobs itself. \
                    Set DATABASE_URL to a PostgreSQL server to have them done by a worker"
            .into());
    }
    let tools = tools(&config).await?;
    let stopping = stop_on_signals();
    keep_in_touch(&config, &tools, &stopping);
    say("Grantlink does jobs");
    runner::run(tools, stopping).await;
    Ok(())
}

/// Hears what other servers change, and tells the parts of this one when it stops.
fn keep_in_touch(config: &Config, tools: &Arc<Tools>, stopping: &CancellationToken) {
    if let DatabaseUrl::Postgres(url) = &config.storage.database {
        let relaying = relay(url.clone(), tools.db.clone(), tools.live.clone(), tools.randomness.clone());
        tokio::spawn(stopping.clone().run_until_cancelled_owned(relaying));
    }
    tokio::spawn(stopping.clone().run_until_cancelled_owned(follow_keys(tools.keys.clone())));
    let (stopping, tools) = (stopping.clone(), Arc::clone(tools));
    tokio::spawn(async move {
        stopping.cancelled().await;
        tools.stopping.cancel();
    });
}

/// Takes over what `grantlink keys` changes in their file, so that this server seals with a new key soon after.
async fn follow_keys(keys: KeyRing) {
    let mut trouble = None;
    loop {
        tokio::time::sleep(LOOK_AT_KEYS).await;
        match keys.refresh() {
            Ok(changed) => {
                if changed {
                    tracing::info!(?keys, "the keys were changed");
                }
                trouble = None;
            }
            Err(what) => {
                // Once, and not every second.
                if trouble.replace(what) != Some(what) {
                    tracing::error!("{what}; this server goes on with those it has");
                }
            }
        }
    }
}

/// Ends what its server left behind, and forgets what ran out.
async fn keep_house(tools: Arc<Tools>, stopping: CancellationToken) {
    let mut rounds = 0u32;
    loop {
        match connect::service::finish_orphans(&tools).await {
            Ok(0) => {}
            Ok(ended) => tracing::warn!(ended, "attempts whose server died were ended"),
            Err(failure) => failure.log("housekeeping failed"),
        }
        if rounds.is_multiple_of(240) {
            // Written before there were chains, or by a server of an earlier version beside this one.
            match audit::service::take_in(&tools.db).await {
                Ok(0) => {}
                Ok(taken) => tracing::info!(taken, "audit events were taken into their chains"),
                Err(failure) => failure.log("housekeeping failed"),
            }
            let forgotten = async {
                connect::service::forget_old(&tools).await?;
                accounts::service::remember_forgotten(&tools).await?;
                collection::service::remember_forgotten(&tools).await?;
                organizations::members::service::forget_old(&tools).await?;
                identity::service::forget_expired(&tools).await
            };
            if let Err(failure) = forgotten.await {
                failure.log("housekeeping failed");
            }
        }
        rounds = rounds.wrapping_add(1);
        tokio::select! {
            () = stopping.cancelled() => return,
            () = tokio::time::sleep(HOUSEKEEPING) => {}
        }
    }
}

/// Asks Stripe about those of whom it said nothing for long. Not part of the housekeeping: Stripe may be slow.
async fn ask_stripe(tools: Arc<Tools>, stopping: CancellationToken) {
    loop {
        if let Err(failure) = paying::keep_up(&tools).await {
            failure.log("Stripe could not be asked how subscriptions stand");
        }
        tokio::select! {
            () = stopping.cancelled() => return,
            () = tokio::time::sleep(LOOK_AT_SUBSCRIPTIONS) => {}
        }
    }
}

/// Cancelled on SIGTERM or SIGINT; a second one ends the process at once.
pub fn stop_on_signals() -> CancellationToken {
    use tokio::signal::unix::{SignalKind, signal};
    let token = CancellationToken::new();
    let stopping = token.clone();
    tokio::spawn(async move {
        let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
        else {
            return;
        };
        for round in 0..2 {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if round == 1 {
                std::process::exit(1);
            }
            tracing::info!("stopping; requests under way may finish");
            stopping.cancel();
        }
    });
    token
}

/// Listens, or says which setting is in the way.
///
/// # Errors
/// One sentence for the operator.
pub async fn bind(address: SocketAddr, setting: &str) -> Result<TcpListener, String> {
    TcpListener::bind(address).await.map_err(|error| {
        format!("cannot listen on {address}: {error}; end the other program or choose another address with {setting}")
    })
}

/// The sandbox's settings for an app of ours.
#[expect(clippy::expect_used, reason = "a socket address makes a URL")]
pub fn sandbox_config(
    listen: SocketAddr,
    app_id: &str,
    app_secret: SecretString,
    redirect_uri: String,
) -> SandboxConfig {
    let (clock, randomness) = (Clock::default(), Randomness);
    let at = |path| Url::parse(&redirect_uri).and_then(|app| app.join(path)).ok();
    let callbacks = at(paths::DEAUTHORIZE)
        .zip(at(paths::DATA_DELETION))
        .map(|(deauthorize, data_deletion)| Callbacks { deauthorize, data_deletion });
    SandboxConfig {
        app_id: app_id.to_owned(),
        app_secret,
        redirect_uris: vec![redirect_uri],
        public_url: Url::parse(&format!("http://{listen}")).expect("a socket address makes a URL"),
        callbacks,
        clock,
        randomness,
    }
}

/// The settings of the stand-in for Stripe, which tells this server what happens.
fn stripe_sandbox_config(config: &Config, listen: SocketAddr) -> Result<StripeSandboxConfig, String> {
    let Some(settings) = &config.stripe else { return Err("there is no account at Stripe".into()) };
    let url = |text: &str| Url::parse(text).map_err(|error| format!("an address of the sandbox: {error}"));
    Ok(StripeSandboxConfig {
        account: settings.account.clone(),
        public_url: url(&format!("http://{listen}"))?,
        webhook_url: config.web.base_url.join(paths::STRIPE_WEBHOOK).ok(),
        clock: Clock::default(),
        randomness: Randomness,
    })
}

/// What a person needs to know to use the sandbox.
pub fn describe_sandbox(listen: SocketAddr) -> String {
    let mut text = format!("The sandbox stands in for Instagram at http://{listen}. Its accounts:\n");
    for person in sandbox::people() {
        let code =
            if person.two_factor { format!(", security code {}", sandbox::SECURITY_CODE) } else { String::new() };
        text.push_str(&format!("  {}  password {}{code}\n      {}\n", person.username, person.password, person.note));
    }
    text.push_str("None of this is real; never type a real password there.");
    text
}

/// One server for one SQLite file (F36): a second one would not hear what the first one changes. The lock is held until
/// what comes back is dropped; there is none for PostgreSQL.
///
/// # Errors
/// One sentence for the operator.
pub fn lock_sqlite(url: &DatabaseUrl) -> Result<Option<File>, String> {
    let DatabaseUrl::Sqlite(path) = url else { return Ok(None) };
    let lock = PathBuf::from(format!("{}.lock", path.display()));
    let trouble = |error: &dyn std::fmt::Display| format!("cannot lock {}: {error}", lock.display());
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        use std::os::unix::fs::DirBuilderExt;
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|e| trouble(&e))?;
    }
    let file = File::options().create(true).append(true).mode(0o600).open(&lock).map_err(|e| trouble(&e))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(std::fs::TryLockError::WouldBlock) => Err(format!(
            "another server already serves {}; end it first, or use PostgreSQL for several servers",
            path.display()
        )),
        Err(std::fs::TryLockError::Error(error)) => Err(trouble(&error)),
    }
}

/// What leptos is told about the front end.
fn leptos_options(config: &Config) -> Result<LeptosOptions, String> {
    let site_root = front_end::find(config.web.site_root.as_deref())?;
    let settings = Path::new("Leptos.toml");
    let mut options = if settings.is_file() {
        leptos::config::get_configuration(settings.to_str())
            .map_err(|error| format!("Leptos.toml: {error}"))?
            .leptos_options
    } else {
        LeptosOptions::builder().output_name("grantlink").hash_files(true).build()
    };
    options.site_root = site_root.into();
    options.site_addr = config.web.listen;
    Ok(options)
}

fn say(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

fn sentence(what: &str, failure: Failure) -> String {
    match failure {
        Failure::Internal(cause) | Failure::Busy(cause) => format!("{what}: {cause}"),
        Failure::Refused(error) => format!("{what}: {error}"),
    }
}
