//! `grantlink doctor`: every check there is, before a first start or beside a server that runs. It changes nothing, and
//! sends a test message only where it is told to whom.

use super::print_list;
use crate::{
    clock::{Clock, Randomness},
    server::{
        checks::{self, Check, Means, Outcome},
        config::Config,
    },
};

/// Runs the checks and prints them. Settings that cannot be right are one of them.
pub(super) async fn run(mail_to: Option<&str>, json: bool) -> Result<(), String> {
    let (clock, randomness) = (Clock::default(), Randomness);
    let means = Means { clock: &clock, randomness: &randomness, mail_to };
    let checks = checks::run(&Config::from_env(), &means).await;
    // What SQLite finds may have several lines.
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    print_list(&checks, json, |Check { name, outcome, found, remedy }| {
        let remedy = remedy.as_deref().unwrap_or("-");
        format!("{}\t{name}\t{}\t{}", outcome.as_str(), one_line(found), one_line(remedy))
    })?;
    match checks.iter().filter(|check| check.outcome == Outcome::Failed).count() {
        0 => Ok(()),
        1 => Err("one thing has to be mended; its line says how".into()),
        several => Err(format!("{several} things have to be mended; their lines say how")),
    }
}
