//! The program: reads its arguments and does as they say.

use clap::Parser;
use grantlink::server::cli::{Arguments, run};
use std::process::ExitCode;

fn main() -> ExitCode {
    run(Arguments::parse())
}
