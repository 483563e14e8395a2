//! How fast Grantlink is, measured in one run beside floors that do only what cannot be left out, taking turns.
//! `script/bench` builds the release and runs this. It judges nothing: it prints ratios beside their bars, and ends
//! badly only when something breaks. All of it happens on loopback and in folders that are thrown away.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a measurement that cannot go on says so by panicking, and its tables are its result"
)]

#[path = "speed/database.rs"]
mod database;
#[path = "speed/floor.rs"]
mod floor;
#[path = "speed/load.rs"]
mod load;
#[path = "speed/lookup.rs"]
mod lookup;
#[path = "speed/process.rs"]
mod process;
#[path = "speed/redemption.rs"]
mod redemption;
#[path = "speed/report.rs"]
mod report;

use database::{Kind, Stored};
use load::{Burst, Target};
use process::{Cores, Running};
use report::{Bar, Row, Series, Spread, Unit, milliseconds, thousands};
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};
use tokio::runtime::Runtime;

/// Connections of the load. Each has one request under way at a time.
const CONNECTIONS: usize = 8;

/// Links in a small database.
const FEW: usize = 1_000;

/// How much is measured, and for how long.
struct Plan {
    /// Links in the large database.
    many: usize,
    /// How often everything has its turn; odd, so that one of them is the median.
    rounds: usize,
    /// How long a turn of the load lasts.
    burst: Duration,
    /// How often the server is started.
    starts: usize,
    /// Redemptions a round, at most.
    redemptions: usize,
    /// How long preparing the redemptions of one round may take.
    preparing: Duration,
    /// Look-ups of each kind of wrong token.
    lookups: usize,
}

impl Plan {
    fn parse(arguments: &[String]) -> Option<Self> {
        let (mut quick, mut many) = (false, 100_000);
        for argument in arguments {
            match argument.as_str() {
                "--quick" => quick = true,
                "--full" => many = 1_000_000,
                // Cargo says this to every bench.
                "--bench" => {}
                _ => return None,
            }
        }
        Some(if quick {
            Self {
                many,
                rounds: 3,
                burst: Duration::from_millis(400),
                starts: 3,
                redemptions: 150,
                preparing: Duration::from_millis(600),
                lookups: 3_000,
            }
        } else {
            Self {
                many,
                rounds: 5,
                burst: Duration::from_secs(2),
                starts: 5,
                redemptions: 400,
                preparing: Duration::from_millis(1_500),
                lookups: 20_000,
            }
        })
    }
}

/// What every measurement needs.
struct Bench {
    plan: Plan,
    cores: Option<Cores>,
    program: PathBuf,
    site: PathBuf,
    /// One thread: the load must cost little.
    load: Runtime,
    /// Several threads, as the server has them: for what runs in this process.
    work: Runtime,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some((first, rest)) = arguments.split_first()
        && first == floor::ARGUMENT
    {
        floor::run(rest);
        return ExitCode::SUCCESS;
    }
    let Some(plan) = Plan::parse(&arguments) else {
        eprintln!("cargo bench --bench speed -- [--quick] [--full]; script/bench says more.");
        return ExitCode::from(2);
    };
    // Before any thread is made: they inherit the core.
    let cores = process::choose_cores();
    let bench = Bench {
        plan,
        cores,
        program: setting("GRANTLINK_BIN").map_or_else(|| env!("CARGO_BIN_EXE_grantlink").into(), PathBuf::from),
        site: setting("LEPTOS_SITE_ROOT")
            .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target/site"), PathBuf::from),
        load: tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap(),
        work: process::server_runtime(),
    };
    bench.print_heading();
    bench.measure(&Kind::Sqlite);
    if let Some(server) = setting("TEST_DATABASE_URL") {
        bench.measure(&Kind::Postgres(server));
    }
    bench.print_sizes();
    ExitCode::SUCCESS
}

/// A setting of the script that runs this.
#[expect(clippy::disallowed_methods, reason = "a measurement is told by the script that runs it")]
fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Progress, apart from the result.
fn say(what: &str) {
    eprintln!("==> {what}");
}

impl Bench {
    fn print_heading(&self) {
        let Plan { rounds, burst, .. } = &self.plan;
        println!(
            "{rounds} rounds of {} s each, {CONNECTIONS} connections; medians of the rounds.",
            burst.as_secs_f64()
        );
        match self.cores {
            Some(Cores { server, load }) => println!(
                "Server and floors on core {server}; the load, and W3 and A04, which need no server, on core {load}."
            ),
            None => println!("Nothing is tied to a core (that takes `taskset` and two cores): the load is in the way."),
        }
    }

    /// All rows on one kind of database.
    fn measure(&self, kind: &Kind) {
        let mut rows = Vec::new();
        say(&format!("{}: storing {} links", kind.name(), thousands(self.plan.many)));
        let few = self.work.block_on(Stored::new(kind, FEW));
        let many = self.work.block_on(Stored::new(kind, self.plan.many));
        println!("\n{}{}", kind.name(), self.work.block_on(few.database.durability()));
        let lookups = {
            let bare = self.work.block_on(Stored::new(kind, FEW));
            self.measure_http(&few, &many, &bare, &mut rows);
            // The servers are gone: what follows has the machine to itself.
            say(&format!("{}: look-ups of wrong tokens", kind.name()));
            self.work.block_on(lookup::compare(&many, self.plan.lookups))
        };
        self.measure_redemptions(kind, &mut rows);
        report::print_rows(&rows);
        lookup::print(&lookups);
    }

    /// What goes through HTTP: W1, W2, growth, memory and start.
    fn measure_http(&self, few: &Stored, many: &Stored, bare: &Stored, rows: &mut Vec<Row>) {
        let core = self.cores.map(|cores| cores.server);
        let mut starts = Vec::new();
        let small = loop {
            let (server, took) = self.serve(few);
            starts.push(milliseconds(took));
            if starts.len() == self.plan.starts {
                break server;
            }
        };
        let (large, _) = self.serve(many);
        std::thread::sleep(Duration::from_millis(500));
        let idle = small.memory();

        let plain = self.load.block_on(load::once(&page(&small, few, "identity"))).into_body().len();
        let packed = self.load.block_on(load::once(&page(&small, few, "br"))).into_body().len();
        let floor = floor::start(core, bare, plain);
        let read = self.take_turns(
            "W1",
            &[
                (format!("W1 page of a link, {} links", thousands(FEW)), plain_page(&small, few)),
                (format!("W1 page of a link, {} links", thousands(self.plan.many)), plain_page(&large, many)),
                ("   same, compressed for a browser (br)".to_owned(), Arc::new(page(&small, few, "br"))),
                ("   floor: plain handler, same read".to_owned(), plain_page(&floor, bare)),
                (
                    "   floor: bare hello".to_owned(),
                    Arc::new(Target::get(floor.address, vec![floor::hello()], "identity")),
                ),
            ],
        );
        let after_reading = small.memory();

        let generate = |server: &Running| {
            let cookie = self.load.block_on(load::sign_up(server.address));
            let organization = self.load.block_on(load::organization_id(server.address, &cookie));
            let form = format!("description=Bakery&organization_id={organization}");
            Arc::new(Target::form(server.address, "/api/generate_link", &form, Some(cookie.as_str()), 200))
        };
        let insert = Target::form(floor.address, floor::INSERT, "description=Bakery", None, 200);
        let write = self.take_turns(
            "W2",
            &[
                (format!("W2 create a link, {} links", thousands(FEW)), generate(&small)),
                (format!("W2 create a link, {} links", thousands(self.plan.many)), generate(&large)),
                ("   floor: bare durable insert".to_owned(), Arc::new(insert)),
            ],
        );
        let loaded = after_reading.into_iter().chain(small.memory()).reduce(f64::max);

        report::print_series(&read);
        println!("The page has {plain} bytes, {packed} compressed (level 4, as the server does it while answering).");
        report::print_series(&write);
        let ratio = |a: &Series, b: &Series| Spread::of_ratios(&a.rates(), &b.rates());
        rows.extend([
            Row::new("W1 page / plain handler with the same read", Unit::Percent, ratio(&read[0], &read[3]))
                .bar(Bar::AtLeast(0.5)),
            Row::new("W1 page / bare hello", Unit::Percent, ratio(&read[0], &read[4])).aim(0.25),
            Row::new("W1 many links / few links", Unit::Percent, ratio(&read[1], &read[0])).bar(Bar::Within(0.1)),
            Row::new("W2 create a link / bare durable insert", Unit::Percent, ratio(&write[0], &write[2]))
                .bar(Bar::AtLeast(0.8))
                .aim(0.95),
            Row::new("W2 many links / few links", Unit::Percent, ratio(&write[1], &write[0])).bar(Bar::Within(0.1)),
            Row::new("start to the first 200", Unit::Milliseconds, Spread::of(starts)).bar(Bar::AtMost(100.0)),
        ]);
        rows.extend(idle.map(|megabytes| {
            Row::new("memory of the server, idle", Unit::Megabytes, Spread::of([megabytes])).bar(Bar::AtMost(30.0))
        }));
        rows.extend(loaded.map(|megabytes| {
            Row::new("memory of the server, after load", Unit::Megabytes, Spread::of([megabytes]))
                .bar(Bar::AtMost(60.0))
        }));
    }

    /// W3: whole redemptions in this process.
    fn measure_redemptions(&self, kind: &Kind, rows: &mut Vec<Row>) {
        let at_once = kind.clients();
        let (mut redeemed, mut committed, mut calls) = (Vec::new(), Vec::new(), Vec::new());
        self.work.block_on(async {
            let desk = redemption::Desk::open(kind).await;
            for round in 0..self.plan.rounds {
                say(&format!("{}: W3, round {} of {}", kind.name(), round + 1, self.plan.rounds));
                let prepared = desk.prepare(self.plan.redemptions, self.plan.preparing).await;
                let (rate, calls_each) = desk.redeem(prepared, at_once).await;
                redeemed.push(rate);
                calls.push(calls_each);
                committed.push(desk.commit(at_once, self.plan.burst / 2).await);
            }
        });
        let pairs: Vec<f64> = committed.iter().map(|rate| rate / 2.0).collect();
        let ratio = Spread::of_ratios(&redeemed, &committed);
        let ratio_of_pairs = Spread::of_ratios(&redeemed, &pairs);
        let rate = Row::new(format!("W3 redemptions, {at_once} at once"), Unit::PerSecond, Spread::of(redeemed));
        rows.extend([
            // The aim was set for PostgreSQL alone.
            if matches!(kind, Kind::Postgres(_)) { rate.aim(1_500.0) } else { rate },
            Row::new(
                format!("   floor: bare durable commits, {at_once} at once"),
                Unit::PerSecond,
                Spread::of(committed),
            ),
            Row::new("W3 redemption / bare durable commit", Unit::Percent, ratio).bar(Bar::AtLeast(0.6)).aim(0.9),
            Row::new("   same / two commits: the claim, the account", Unit::Percent, ratio_of_pairs),
            Row::new("W3 calls to the provider, each", Unit::Calls, Spread::of(calls)).bar(Bar::Exactly(3.0)),
        ]);
    }

    /// What a browser fetches once, as it travels.
    fn print_sizes(&self) {
        let mut rows = Vec::new();
        for (kind, bar) in [("wasm", Bar::AtMost(250.0)), ("js", Bar::None), ("css", Bar::None)] {
            for (name, bytes) in packed_files(&self.site.join("pkg"), kind) {
                let row = Row::new(name, Unit::Kilobytes, Spread::of([bytes as f64 / 1_000.0])).bar(bar);
                rows.push(if kind == "wasm" { row.aim(180.0) } else { row });
            }
        }
        println!("\nThe site, compressed");
        if rows.is_empty() {
            println!("There are no *.br files in {}: script/build makes them.", self.site.join("pkg").display());
        } else {
            report::print_rows(&rows);
        }
    }

    fn serve(&self, stored: &Stored) -> (Running, Duration) {
        process::serve(&self.program, &self.site, self.cores.map(|cores| cores.server), &stored.database)
    }

    /// Loads each target in each round. Whoever begins moves on by one, so that nobody always follows the same one.
    fn take_turns(&self, what: &str, targets: &[(String, Arc<Target>)]) -> Vec<Series> {
        let mut series: Vec<Series> = targets.iter().map(|(name, _)| Series::new(name)).collect();
        for round in 0..self.plan.rounds {
            say(&format!("{what}, round {} of {}", round + 1, self.plan.rounds));
            for step in 0..targets.len() {
                let turn = (round + step) % targets.len();
                let burst: Burst = self.load.block_on(load::burst(&targets[turn].1, CONNECTIONS, self.plan.burst));
                series[turn].push(burst);
            }
        }
        series
    }
}

/// The pages of links that are stored behind a server.
fn page(server: &Running, stored: &Stored, encoding: &'static str) -> Target {
    Target::get(server.address, stored.pages(), encoding)
}

fn plain_page(server: &Running, stored: &Stored) -> Arc<Target> {
    Arc::new(page(server, stored, "identity"))
}

/// Names and sizes of the compressed files of this kind, without the hash in the name.
fn packed_files(folder: &Path, kind: &str) -> Vec<(String, u64)> {
    let ending = format!(".{kind}.br");
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let stem = name.strip_suffix(&ending)?.split('.').next()?.to_owned();
            Some((format!("{stem}{ending}"), entry.metadata().ok()?.len()))
        })
        .collect()
}
