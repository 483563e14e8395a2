//! Tests from the outside: doors (one request at a time), flows (whole journeys), rules (how the code is laid out).
//! Everything that touches rows runs on SQLite and, where `TEST_DATABASE_URL` names a server, on PostgreSQL.
#![cfg(feature = "ssr")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on says so by panicking")]

mod doors;
mod flows;
mod rules;
mod support;
