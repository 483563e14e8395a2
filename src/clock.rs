//! Time and chance, handed in rather than reached for, so that a test can move the one and count on the other.
//! Nothing else in the program reads the wall clock or a random generator (`clippy.toml` forbids it).

use crate::timestamp::Timestamp;
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

/// Tells what time it is: the system's time, moved by as much as a test wants.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    moved_micros: Arc<AtomicI64>,
}

impl Clock {
    /// Now.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
    pub fn now(&self) -> Timestamp {
        let system = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |d| i64::try_from(d.as_micros()).unwrap_or(i64::MAX));
        Timestamp::from_micros(system.saturating_add(self.moved_micros.load(Ordering::Relaxed)))
    }

    /// Moves this clock and its clones forward. For tests.
    pub fn advance(&self, by: Duration) {
        self.moved_micros.fetch_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX), Ordering::Relaxed);
    }
}

/// The operating system's random source (S30, A02).
#[derive(Clone, Debug, Default)]
pub struct Randomness;

impl Randomness {
    /// This many random bytes.
    ///
    /// # Panics
    /// When the operating system has no randomness to give: going on would mean guessable secrets.
    #[expect(clippy::expect_used, reason = "without randomness no secret may be made")]
    #[expect(clippy::disallowed_methods, reason = "the one place that draws randomness")]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        getrandom::fill(&mut bytes).expect("the operating system provides randomness");
        bytes
    }

    /// This many random bytes as hexadecimal digits, two for each.
    ///
    /// # Panics
    /// As [`Randomness::bytes`].
    pub fn hex<const N: usize>(&self) -> String {
        self.bytes::<N>().iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
    }
}
