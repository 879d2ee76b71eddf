//! The command line: arguments, configuration, subcommands, exit codes.
//!
//! Data goes to standard output, everything else to standard error: `error:` with the reason, then `hint:` with what to
//! do next.

mod args;
mod check;
mod complain;
mod config;
mod drill;
mod exit;
mod flush;
mod look;
mod network;
mod resolvers;
mod setup;
mod trace;
mod watch;

use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};

use args::{Arguments, Command};
use complain::{Complaint, complain};
use exit::Exit;

/// Parses the arguments, runs what they ask for, and says how it ended.
pub fn run(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are data (exit 0); anything else is a usage error (exit 2).
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage.into() } else { Exit::Good.into() };
        }
    };
    match dispatch(arguments) {
        Ok(exit) => exit.into(),
        Err(error) => {
            if is_broken_pipe(&error) {
                return Exit::Good.into();
            }
            complain(&error);
            error.downcast_ref::<Complaint>().map_or(Exit::CannotTell, Complaint::exit).into()
        }
    }
}

fn dispatch(arguments: Arguments) -> anyhow::Result<Exit> {
    match arguments.command {
        Some(Command::Completions { shell }) => {
            clap_complete::generate(shell, &mut Arguments::command(), "unpark", &mut std::io::stdout());
            return Ok(Exit::Good);
        }
        Some(Command::Man) => {
            let mut page = Vec::new();
            clap_mangen::Man::new(Arguments::command()).render(&mut page)?;
            std::io::stdout().write_all(&page)?;
            return Ok(Exit::Good);
        }
        Some(Command::Resolvers { what }) => return resolvers::run(&what),
        _ => {}
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let exit = runtime.block_on(async {
        match arguments.command {
            Some(Command::Check(command)) => check::run(command).await,
            Some(Command::Trace(command)) => trace::run(command).await,
            Some(Command::Flush(command)) => flush::run(command).await,
            Some(Command::Drill(command)) => drill::run(command).await,
            Some(Command::Watch(command)) => watch::run(command).await,
            _ => match arguments.watch.domain {
                Some(_) => watch::run(arguments.watch).await,
                None => Err(Complaint::usage("no domain was given", "unpark brevo.com, or unpark --help").into()),
            },
        }
    });
    // Blocking work that is still under way (a page being opened) must not hold up the end.
    runtime.shutdown_background();
    exit
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let io = error.chain().find_map(|cause| cause.downcast_ref::<std::io::Error>());
    io.is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
}
