//! Cores and child processes: which core does what, the real server as a child, its memory, and the time it takes to
//! start. Every child dies with the [`Running`] that holds it, by its own process id.

use super::database::Throwaway;
use std::{
    fs::{self, File},
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tokio::runtime::Runtime;

/// How long a server may take to start before something must be wrong.
const LONGEST_START: Duration = Duration::from_secs(30);

/// Which core does what.
#[derive(Clone, Copy)]
pub struct Cores {
    /// The server and the floors.
    pub server: usize,
    /// This process.
    pub load: usize,
}

/// Ties this process to one of the cores it may use and leaves another one to the server. `None`, and nothing is
/// tied, without `taskset` or a second core. Threads made before stay where they are, so it comes first.
pub fn choose_cores() -> Option<Cores> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let allowed = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"))?;
    let mut cores = allowed
        .trim()
        .split(',')
        .filter_map(|part| {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            Some(first.parse::<usize>().ok()?..=last.parse::<usize>().ok()?)
        })
        .flatten();
    let cores = Cores { server: cores.next()?, load: cores.next()? };
    let (core, process) = (cores.load.to_string(), std::process::id().to_string());
    let tied = Command::new("taskset").args(["-c", "-p", &core, &process]).output();
    tied.is_ok_and(|output| output.status.success()).then_some(cores)
}

/// A command on one core. `taskset` becomes the program, so the child's id is the program's own.
pub fn on_core(core: Option<usize>, program: &Path) -> Command {
    match core {
        Some(core) => {
            let mut command = Command::new("taskset");
            command.arg("-c").arg(core.to_string()).arg(program);
            command
        }
        None => Command::new(program),
    }
}

/// A runtime like the server's own, so that a ratio compares the work and not the threads.
pub fn server_runtime() -> Runtime {
    let workers = std::thread::available_parallelism().map_or(4, std::num::NonZero::get).max(4);
    tokio::runtime::Builder::new_multi_thread().worker_threads(workers).enable_all().build().unwrap()
}

/// A child that listens.
pub struct Running {
    process: Child,
    /// Where.
    pub address: SocketAddr,
}

impl Running {
    /// Takes charge of a child.
    pub fn new(process: Child, address: SocketAddr) -> Self {
        Self { process, address }
    }

    /// The memory it really has, in MB; `None` where there is no `/proc`.
    pub fn memory(&self) -> Option<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kibibytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kibibytes * 1_024.0 / 1_000_000.0)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Starts the real server on this database, and says how long it took until it was ready.
pub fn serve(program: &Path, site: &Path, core: Option<usize>, database: &Throwaway) -> (Running, Duration) {
    let folder = database.folder();
    let log = folder.join("server.log");
    for _ in 0..5 {
        let (address, sandbox) = (free_address(), free_address());
        let mut command = on_core(core, program);
        for name in [
            "BILLING",
            "FAILPOINTS",
            "GRANTLINK_KEYS",
            "INSTAGRAM_APP_ID",
            "INSTAGRAM_APP_SECRET",
            "INSTAGRAM_AUTHORIZE_URL",
            "INSTAGRAM_GRAPH_URL",
            "INSTAGRAM_GRAPH_VERSION",
            "INSTAGRAM_TOKEN_URL",
            "LOG_FORMAT",
            "SUPPORT_EMAIL",
            "TRUSTED_PROXIES",
        ] {
            command.env_remove(name);
        }
        command
            .arg("serve")
            .current_dir(folder)
            .env("BASE_URL", format!("http://{address}"))
            .env("LEPTOS_SITE_ADDR", address.to_string())
            .env("LEPTOS_SITE_ROOT", site)
            .env("SANDBOX_ADDR", sandbox.to_string())
            .env("DATA_DIR", folder.join("data"))
            .env("DATABASE_URL", database.setting())
            .env("RUST_LOG", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&log).unwrap());
        let began = Instant::now();
        let mut running = Running::new(command.spawn().unwrap(), address);
        while began.elapsed() < LONGEST_START && running.process.try_wait().unwrap().is_none() {
            if is_ready(address) {
                return (running, began.elapsed());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        // Somebody took a port in between: try others.
    }
    panic!("{} does not start:\n{}", program.display(), fs::read_to_string(log).unwrap_or_default());
}

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

fn is_ready(address: SocketAddr) -> bool {
    let Ok(mut stream) = TcpStream::connect_timeout(&address, Duration::from_secs(1)) else { return false };
    let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
    let request = format!("GET /readyz HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    let mut head = [0; 12];
    stream.write_all(request.as_bytes()).is_ok() && stream.read_exact(&mut head).is_ok() && head == *b"HTTP/1.1 200"
}
