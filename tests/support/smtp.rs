//! A mail server on a port of its own that takes mail, or misbehaves as it is told. It is `smtp_peer.py`, with Debian's
//! python3-aiosmtpd under it, so what we send is read by somebody else's program.

use grantlink::email::{MailSettings, Relay, Sender};
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// A running mail server. Dropping it ends it.
pub struct SmtpPeer {
    process: Child,
    port: u16,
    folder: TempDir,
}

/// A mail as it arrived.
pub struct Received {
    /// Of the envelope.
    pub sender: String,
    /// Of the envelope.
    pub recipients: Vec<String>,
    /// Header and body, byte by byte.
    pub raw: Vec<u8>,
    /// What Python's mail parser reads in it.
    read: Reading,
}

#[derive(Deserialize)]
struct Reading {
    headers: Vec<(String, String)>,
    parts: BTreeMap<String, String>,
}

impl Received {
    /// A header, decoded. Fails when there is not exactly one.
    pub fn header(&self, name: &str) -> &str {
        let found: Vec<_> = self.read.headers.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name)).collect();
        assert_eq!(found.len(), 1, "{name}: {:?}", self.read.headers);
        &found[0].1
    }

    /// The names of all headers, in order.
    pub fn header_names(&self) -> Vec<&str> {
        self.read.headers.iter().map(|(name, _)| name.as_str()).collect()
    }

    /// A part of the body, decoded, with plain line ends.
    pub fn part(&self, content_type: &str) -> String {
        self.read.parts[content_type].replace("\r\n", "\n")
    }
}

impl SmtpPeer {
    /// Starts one that behaves so: `accept`, or one of the ways that `smtp_peer.py` names.
    pub fn start(behaviour: &str) -> Self {
        Self::start_with(behaviour, &[])
    }

    /// Starts one that takes mail from this user alone, like `ann:secret`.
    pub fn start_with_login(login: &str) -> Self {
        Self::start_with("accept", &["--login", login])
    }

    fn start_with(behaviour: &str, more: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/smtp_peer.py");
        // Debian's own Python: its package is invisible to any other.
        let mut process = Command::new("/usr/bin/python3")
            .arg(program)
            .arg(folder.path())
            .arg(behaviour)
            .args(more)
            // The peer ends when this closes, even if nobody lives to end it.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Debian's python3 runs");
        let output = process.stdout.take().unwrap();
        let (said, hears) = mpsc::channel();
        thread::spawn(move || {
            let mut line = String::new();
            let _ = BufReader::new(output).read_line(&mut line);
            let _ = said.send(line);
        });
        let line = hears.recv_timeout(Duration::from_secs(30)).unwrap_or_default();
        let Ok(port) = line.trim().parse() else {
            let _ = process.kill();
            let _ = process.wait();
            panic!("the mail server does not start; is python3-aiosmtpd installed?");
        };
        Self { process, port, folder }
    }

    /// Where it listens: "127.0.0.1:2525".
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Settings that lead here.
    pub fn settings(&self) -> MailSettings {
        settings(&format!("smtp://{}", self.address()))
    }

    /// What arrived so far, oldest first. Not the mail that asks whoever signs up about their address: tests that count
    /// are about others.
    pub fn messages(&self) -> Vec<Received> {
        let mut files: Vec<_> =
            std::fs::read_dir(self.folder.path()).unwrap().map(|file| file.unwrap().path()).collect();
        files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
        files.sort();
        let asks = |mail: &Received| {
            mail.read.headers.iter().any(|(_, value)| value == "Confirm your email address for Grantlink")
        };
        files.iter().map(|file| received(file)).filter(|mail| !asks(mail)).collect()
    }

    /// Waits until this many have arrived.
    pub async fn wait_for(&self, count: usize) -> Vec<Received> {
        let deadline = Instant::now() + Duration::from_secs(15);
        loop {
            let messages = self.messages();
            if messages.len() >= count {
                return messages;
            }
            assert!(Instant::now() < deadline, "{} of {count} mails arrived", messages.len());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Drop for SmtpPeer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Settings for a relay at this URL.
pub fn settings(url: &str) -> MailSettings {
    MailSettings {
        relay: Some(Relay::parse(&url.to_owned().into()).unwrap()),
        folder: "nowhere".into(),
        from: Sender::parse("Grantlink <mail@connect.example>").unwrap(),
    }
}

fn received(json: &Path) -> Received {
    let file = std::fs::read(json.with_extension("eml")).unwrap();
    let end = file.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let envelope = String::from_utf8(file[..end].to_vec()).unwrap();
    let after = |command: &str| {
        let paths =
            envelope.lines().filter_map(|line| line.strip_prefix(command)?.strip_prefix(":<")?.strip_suffix('>'));
        paths.map(str::to_owned).collect::<Vec<_>>()
    };
    Received {
        sender: after("MAIL FROM").remove(0),
        recipients: after("RCPT TO"),
        raw: file[end + 4..].to_vec(),
        read: serde_json::from_slice(&std::fs::read(json).unwrap()).unwrap(),
    }
}
