//! Medians, percentiles and tables. `speed.rs` prints with it; nothing here measures, and nothing here judges more
//! than whether a number is on the right side of its bar.

use super::load::Burst;
use std::time::Duration;

/// The value that this many percent of the sorted ones do not exceed.
pub fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    sorted.get(sorted.len().saturating_sub(1) * percent / 100).copied().unwrap_or_default()
}

/// A duration as a number.
pub fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

/// "100,000"
pub fn thousands(number: impl std::fmt::Display) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// What the rounds gave: the median, and how far they lie apart.
#[derive(Clone, Copy)]
pub struct Spread {
    median: f64,
    low: f64,
    high: f64,
}

impl Spread {
    /// Of the rounds' values; there is at least one.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        Self { median: values[values.len() / 2], low: values[0], high: values[values.len() - 1] }
    }

    /// Of the ratios round by round: what slows a whole round down slows both sides of it.
    pub fn of_ratios(these: &[f64], those: &[f64]) -> Self {
        Self::of(these.iter().zip(those).map(|(this, that)| this / that))
    }
}

/// One target of the load, through all rounds.
pub struct Series {
    name: String,
    bursts: Vec<Burst>,
}

impl Series {
    /// Before the first round.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), bursts: Vec::new() }
    }

    /// Adds a round.
    pub fn push(&mut self, burst: Burst) {
        self.bursts.push(burst);
    }

    /// Requests a second, round by round.
    pub fn rates(&self) -> Vec<f64> {
        self.bursts.iter().map(|burst| burst.per_second).collect()
    }

    fn median(&self, of: impl Fn(&Burst) -> f64) -> f64 {
        Spread::of(self.bursts.iter().map(of)).median
    }
}

/// Prints how the targets of the load did.
pub fn print_series(series: &[Series]) {
    let header = ["", "requests/s", "p50 ms", "p99 ms"].map(str::to_owned).to_vec();
    let rows = series.iter().map(|one| {
        vec![
            one.name.clone(),
            thousands(format!("{:.0}", one.median(|burst| burst.per_second))),
            format!("{:.2}", one.median(|burst| milliseconds(burst.p50))),
            format!("{:.2}", one.median(|burst| milliseconds(burst.p99))),
        ]
    });
    print_table(header, rows);
}

/// What a number counts.
#[derive(Clone, Copy)]
pub enum Unit {
    /// A ratio; 1 is 100 %.
    Percent,
    /// Times a second.
    PerSecond,
    /// Calls.
    Calls,
    /// Thousandths of a second.
    Milliseconds,
    /// Thousands of bytes.
    Kilobytes,
    /// Millions of bytes.
    Megabytes,
}

impl Unit {
    fn write(self, value: f64) -> String {
        match self {
            Self::Percent => format!("{:.0} %", value * 100.0),
            Self::PerSecond => format!("{}/s", thousands(format!("{value:.0}"))),
            Self::Calls => format!("{value:.2}"),
            Self::Milliseconds => format!("{value:.0} ms"),
            Self::Kilobytes => format!("{value:.1} KB"),
            Self::Megabytes => format!("{value:.1} MB"),
        }
    }
}

/// What is to be held.
#[derive(Clone, Copy)]
pub enum Bar {
    /// Nothing.
    None,
    /// This or more.
    AtLeast(f64),
    /// This or less.
    AtMost(f64),
    /// As far from 1 as this.
    Within(f64),
    /// This.
    Exactly(f64),
}

impl Bar {
    fn write(self, unit: Unit) -> String {
        match self {
            Self::None => String::new(),
            Self::AtLeast(bar) => format!("≥ {}", unit.write(bar)),
            Self::AtMost(bar) => format!("≤ {}", unit.write(bar)),
            Self::Within(distance) => format!("{} ± {}", unit.write(1.0), unit.write(distance)),
            Self::Exactly(bar) => format!("= {}", unit.write(bar)),
        }
    }

    fn verdict(self, value: f64) -> &'static str {
        let held = match self {
            Self::None => return "",
            Self::AtLeast(bar) => value >= bar,
            Self::AtMost(bar) => value <= bar,
            Self::Within(distance) => (value - 1.0).abs() <= distance,
            Self::Exactly(bar) => (value - bar).abs() < 1e-9,
        };
        if held { "held" } else { "missed" }
    }
}

/// One line of the table of bars.
pub struct Row {
    what: String,
    unit: Unit,
    value: Spread,
    bar: Bar,
    aim: Option<f64>,
}

impl Row {
    /// A number without a bar.
    pub fn new(what: impl Into<String>, unit: Unit, value: Spread) -> Self {
        Self { what: what.into(), unit, value, bar: Bar::None, aim: None }
    }

    /// With what is to be held.
    pub fn bar(self, bar: Bar) -> Self {
        Self { bar, ..self }
    }

    /// With what would be even better.
    pub fn aim(self, aim: f64) -> Self {
        Self { aim: Some(aim), ..self }
    }
}

/// Prints numbers beside their bars.
pub fn print_rows(rows: &[Row]) {
    let header = ["", "measured", "lowest", "highest", "bar", "", "aim"].map(str::to_owned).to_vec();
    let rows = rows.iter().map(|row| {
        let Spread { median, low, high } = row.value;
        let outer = |value: f64| if low < high { row.unit.write(value) } else { String::new() };
        vec![
            row.what.clone(),
            row.unit.write(median),
            outer(low),
            outer(high),
            row.bar.write(row.unit),
            row.bar.verdict(median).to_owned(),
            row.aim.map(|aim| row.unit.write(aim)).unwrap_or_default(),
        ]
    });
    print_table(header, rows);
}

/// Prints columns: the first one to the left, the others to the right.
pub fn print_table(header: Vec<String>, rows: impl Iterator<Item = Vec<String>>) {
    let lines: Vec<Vec<String>> = std::iter::once(header).chain(rows).collect();
    let widths: Vec<usize> = (0..lines[0].len())
        .map(|column| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0))
        .collect();
    println!();
    for line in &lines {
        let mut text = format!("{:<width$}", line[0], width = widths[0]);
        for (cell, &width) in line.iter().zip(&widths).skip(1) {
            text.push_str(&format!("  {cell:>width$}"));
        }
        println!("{}", text.trim_end());
    }
}
