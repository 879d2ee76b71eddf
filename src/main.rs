//! The `unpark` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    unpark::cli::run(std::env::args_os())
}
