//! The program alone on a machine (A90, A91): a copy of the one file, nothing beside it, nothing to write to but its
//! data folder. Where this run may (Linux, as root), it is nobody on a root that is read-only. That releases carry
//! their front end is seen in a real browser (`end2end/tests/standalone.spec.ts`).

use crate::support::{
    BASE_URL, Browser,
    child::{forward_to, free_port},
};
use rustix::process::{Pid, Signal, geteuid, kill_process};
use std::{
    fs::{self, File},
    os::unix::fs::{PermissionsExt, chown},
    path::{Path, PathBuf},
    process::{Child, Command},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// Whom nothing belongs to, on every system that knows the confinement below.
const NOBODY: u32 = 65_534;

/// Makes the root read-only but for the folder `$0`, and goes on as nobody. The shell is replaced: a signal reaches the
/// program itself.
const CONFINE: &str = "mount --make-rprivate / && mount --bind \"$0\" \"$0\" && mount -o remount,bind,ro / \
                       && cd \"$0\" && umask 022 \
                       && exec setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs \"$@\"";

/// The same without rights to do so: only what a host does that lets everybody read.
const AS_IT_IS: &str = "cd \"$0\" && umask 022 && exec \"$@\"";

/// An empty folder with a copy of the program.
struct Machine {
    home: TempDir,
    confined: bool,
}

impl Machine {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        fs::copy(env!("CARGO_BIN_EXE_grantlink"), home.path().join("grantlink")).unwrap();
        let mut machine = Self { home, confined: geteuid().is_root() };
        if machine.confined {
            chown(machine.home.path(), Some(NOBODY), Some(NOBODY)).unwrap();
            machine.confined = machine.command("true").status().is_ok_and(|status| status.success());
        }
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// A program as this machine runs it, with an empty environment.
    fn command(&self, program: &str) -> Command {
        let mut command = if self.confined { Command::new("unshare") } else { Command::new("sh") };
        if self.confined {
            command.args(["--mount", "sh"]);
        }
        let script = if self.confined { CONFINE } else { AS_IT_IS };
        command.arg("-c").arg(script).arg(self.home.path()).arg(program);
        command.env_clear().env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        command
    }

    /// `grantlink serve`, once it answers. A program for tests need not carry a front end, and is shown an empty one.
    async fn serve(&self) -> (Running, u16) {
        for _ in 0..5 {
            let (port, sandbox) = (free_port(), free_port());
            let log = File::options().create(true).append(true).open(self.path("log")).unwrap();
            let mut command = self.command("./grantlink");
            fs::create_dir_all(self.path("site/pkg")).unwrap();
            command
                .env("BASE_URL", BASE_URL)
                .env("LEPTOS_SITE_ADDR", format!("127.0.0.1:{port}"))
                .env("SANDBOX_ADDR", format!("127.0.0.1:{sandbox}"))
                .env("DATA_DIR", self.path("data"))
                .env("LEPTOS_SITE_ROOT", self.path("site"))
                .stdout(log.try_clone().unwrap())
                .stderr(log);
            let mut running = Running(command.spawn().unwrap());
            let deadline = Instant::now() + Duration::from_secs(30);
            while Instant::now() < deadline && running.0.try_wait().unwrap().is_none() {
                let ready = reqwest::get(format!("http://127.0.0.1:{port}/readyz")).await;
                if ready.is_ok_and(|answer| answer.status() == 200) {
                    return (running, port);
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        panic!("the server does not start: {}", fs::read_to_string(self.path("log")).unwrap_or_default());
    }

    /// What lies in the folder beside what the test put there.
    fn left_behind(&self) -> Vec<String> {
        let entries = fs::read_dir(self.home.path()).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.retain(|name| !["grantlink", "log", "site"].contains(&name.as_str()));
        names.sort();
        names
    }
}

/// Killed when the test ends early.
struct Running(Child);

impl Running {
    /// Asks it to stop, and waits until it has.
    async fn stop(mut self) -> Option<i32> {
        kill_process(Pid::from_child(&self.0), Signal::TERM).unwrap();
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status.code();
            }
            assert!(Instant::now() < deadline, "it does not stop");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Every file and folder from here on, with the rights on it.
fn modes(path: &Path, into: &mut Vec<(PathBuf, u32)>) {
    // The server goes on meanwhile: what it was still writing may have its final name by now.
    let Ok(facts) = fs::symlink_metadata(path) else { return };
    into.push((path.to_owned(), facts.permissions().mode() & 0o777));
    if facts.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            modes(&entry.unwrap().path(), into);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a90_a91_a_bare_copy_serves_the_journey_and_keeps_what_it_writes_to_itself() {
    let machine = Machine::new();
    let (running, port) = machine.serve().await;
    let mut member = Browser::new(forward_to(port));
    let form = [("organization", "Bright & Bold"), ("email", "ann@agency.example"), ("password", "three small words")];
    assert_eq!(member.post("/sign-up", &form).await.status, 303);
    let link = member.generate_link("Bakery").await;
    let page = Browser::new(forward_to(port)).connect(&link, "studio.nora").await;
    assert!(page.says("is connected"), "{}", page.text());

    let mut found = Vec::new();
    modes(&machine.path("data"), &mut found);
    for (path, mode) in &found {
        let allowed = if path.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode & !allowed, 0, "{} has the rights {mode:o}", path.display());
    }
    for name in ["keys", "grantlink.db"] {
        assert!(found.iter().any(|(path, _)| path.ends_with(name)), "{name} is not there: {found:?}");
    }
    assert_eq!(running.stop().await, Some(0));
    assert_eq!(machine.left_behind(), ["data"], "it writes nowhere else");

    // Everything it needs is in that folder.
    let (running, port) = machine.serve().await;
    let page = Browser::new(forward_to(port)).connect(&link, "bakery_huber").await;
    assert!(page.says("is connected"), "{}", page.text());
    assert_eq!(running.stop().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a90_a_key_that_others_may_read_is_refused_with_the_remedy() {
    let machine = Machine::new();
    let (running, _) = machine.serve().await;
    running.stop().await;
    fs::set_permissions(machine.path("data/keys"), fs::Permissions::from_mode(0o644)).unwrap();
    let output = machine.command("./grantlink").arg("migrate").env("DATA_DIR", machine.path("data")).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("chmod 600"), "{said}");
}
