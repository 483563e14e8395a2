//! How long it takes to look up a token that opens nothing: whether most of it is right must not show (A04).
//! `speed.rs` calls it on the large database, and prints both distributions side by side; people compare them.

use super::{
    database::Stored,
    report::{percentile, print_table},
};
use grantlink::{
    clock::Randomness,
    db::Db,
    links::queries,
    secret::{Purpose, Token},
};
use std::time::{Duration, Instant};

/// Look-ups that are not counted: connections are opened and pages read.
const WARM_UP: usize = 500;

/// The times of both kinds of wrong tokens, sorted.
pub struct Lookups {
    near: Vec<Duration>,
    random: Vec<Duration>,
}

/// Looks up wrong tokens of both kinds in turn. Who begins changes, so that neither always finds what the other left.
pub async fn compare(stored: &Stored, count: usize) -> Lookups {
    let db = stored.database.open().await;
    let (mut near, mut random) = (Vec::new(), Vec::new());
    for number in 0..WARM_UP + count {
        let live = &stored.tokens[number * 7_919 % stored.tokens.len()];
        let (close, far) = (near_miss(live, number), Token::generate(&Randomness).expose().to_owned());
        let (took_close, took_far) = if number.is_multiple_of(2) {
            let first = time(&db, &close).await;
            (first, time(&db, &far).await)
        } else {
            let first = time(&db, &far).await;
            (time(&db, &close).await, first)
        };
        if number >= WARM_UP {
            near.push(took_close);
            random.push(took_far);
        }
    }
    near.sort_unstable();
    random.sort_unstable();
    Lookups { near, random }
}

/// A live token whose first 36 to 42 characters of 43 are kept; the next one is wrong, the others are chance.
fn near_miss(live: &str, number: usize) -> String {
    let kept = 36 + number % 7;
    let wrong = if live.as_bytes()[kept] == b'A' { 'B' } else { 'A' };
    let chance = Token::generate(&Randomness);
    format!("{}{wrong}{}", &live[..kept], &chance.expose()[kept + 1..])
}

/// What `connect::service` does to find a link, from the text in the address on.
async fn time(db: &Db, text: &str) -> Duration {
    let began = Instant::now();
    let token = Token::parse(text).unwrap();
    let found = queries::find_by_token(&mut db.read().await.unwrap(), token.hash(Purpose::Link)).await.unwrap();
    let took = began.elapsed();
    assert!(found.is_none(), "a wrong token opens a link");
    took
}

/// Prints both distributions.
pub fn print(lookups: &Lookups) {
    const PERCENTS: [usize; 4] = [10, 50, 90, 99];
    let Lookups { near, random } = lookups;
    let header: Vec<String> = std::iter::once(format!("A04 look-up of a wrong token, {} each (µs)", near.len()))
        .chain(PERCENTS.map(|percent| format!("p{percent}")))
        .collect();
    let row = |what: &str, times: &[Duration]| -> Vec<String> {
        let cells = PERCENTS.map(|percent| format!("{:.1}", percentile(times, percent).as_secs_f64() * 1_000_000.0));
        std::iter::once(what.to_owned()).chain(cells).collect()
    };
    let rows = [row("   36 to 42 of 43 characters are right", near), row("   random", random)];
    print_table(header, rows.into_iter());
}
