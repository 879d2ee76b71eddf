//! The command line: arguments, configuration, subcommands, exit codes.
//!
//! Data goes to standard output, everything else to standard error: `error:` with the reason, then `hint:` with what to
//! do next.

mod arg_groups;
mod args;
mod audit;
mod baseline;
mod check;
mod complain;
mod config;
mod drill;
mod exit;
mod flush;
mod hooks;
mod init;
mod journal;
mod journals;
mod look;
mod marker;
mod network;
mod print;
mod registration;
mod registry;
mod remember;
mod replay;
mod report;
mod resolvers;
mod resolvers_check;
mod setup;
mod taste;
mod trace;
mod wait;
mod watch;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory as _, FromArgMatches as _};

use args::{Arguments, Command, ResolversCommand};
use complain::{Complaint, complain, complain_of_arguments};
use exit::Exit;
use print::{print, remark};

/// Parses the arguments, runs what they ask for, and says how it ended.
pub fn run(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let matches = match Arguments::command().try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) if error.use_stderr() => {
            complain_of_arguments(&error);
            return Exit::Usage.into();
        }
        // Help and version are data. Where nobody reads them there is nothing to say.
        Err(error) => {
            let _ = error.print();
            return Exit::Good.into();
        }
    };
    let arguments = match Arguments::from_arg_matches(&matches) {
        Ok(arguments) => arguments,
        Err(error) => {
            complain_of_arguments(&error);
            return Exit::Usage.into();
        }
    };
    note_what_has_no_effect(&matches);
    match dispatch(arguments) {
        Ok(exit) => exit.into(),
        Err(error) => {
            complain(&error);
            error.downcast_ref::<Complaint>().map_or(Exit::CannotTell, Complaint::exit).into()
        }
    }
}

/// Flags about resolvers, for the commands that ask none.
const ABOUT_RESOLVERS: [(&str, &str); 6] = [
    ("resolvers", "--resolvers"),
    ("resolver", "--resolver"),
    ("add", "--add"),
    ("no_system_resolvers", "--no-system-resolvers"),
    ("survey", "--survey"),
    ("varying_addresses", "--varying-addresses"),
];

/// Every probing command takes the same flags. What was typed and changes nothing is said.
fn note_what_has_no_effect(matches: &ArgMatches) {
    let Some((command @ "trace", given)) = matches.subcommand() else { return };
    let typed = |id: &str| given.value_source(id) == Some(ValueSource::CommandLine);
    let idle: Vec<&str> = ABOUT_RESOLVERS.iter().filter(|(id, _)| typed(id)).map(|(_, flag)| *flag).collect();
    if !idle.is_empty() {
        let verb = if idle.len() == 1 { "has" } else { "have" };
        remark(&format!("note: {command} asks no resolvers; {} {verb} no effect", idle.join(", ")));
    }
}

fn dispatch(arguments: Arguments) -> anyhow::Result<Exit> {
    match arguments.command {
        Some(Command::Completions { shell }) => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "unpark", &mut script);
            print(&String::from_utf8_lossy(&script))?;
            return Ok(Exit::Good);
        }
        Some(Command::Man) => {
            print(&manual_page()?)?;
            return Ok(Exit::Good);
        }
        Some(Command::Marker(command)) => return marker::run(&command),
        Some(Command::Resolvers { what: ResolversCommand::List { all, resolvers, add, json } }) => {
            return resolvers::run(all, resolvers.as_deref(), add, json);
        }
        Some(Command::Replay(command)) if !command.wants_screen() => return replay::run(&command),
        Some(Command::Report(command)) => return report::run(&command),
        Some(Command::Journals { what }) => return journals::run(&what),
        _ => {}
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let exit = runtime.block_on(async {
        match arguments.command {
            Some(Command::Init(command)) => init::run(command).await,
            Some(Command::Baseline { what }) => baseline::run(what).await,
            Some(Command::Check(command)) => check::run(command).await,
            Some(Command::Wait(command)) => wait::run(command).await,
            Some(Command::Trace(command)) => trace::run(command).await,
            Some(Command::Flush(command)) => flush::run(command).await,
            Some(Command::Drill(command)) => drill::run(command).await,
            Some(Command::Resolvers { what: ResolversCommand::Check(command) }) => resolvers_check::run(command).await,
            Some(Command::Audit(command)) => audit::run(command).await,
            Some(Command::Registration(command)) => registration::run(command).await,
            Some(Command::Replay(command)) => replay::run_on_screen(&command).await,
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

/// One page (roff) for the program, with a section for the options of each subcommand.
fn manual_page() -> std::io::Result<String> {
    let mut command = Arguments::command();
    command.build();
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut page)?;
    for subcommand in command.get_subcommands().filter(|s| s.get_name() != "help") {
        page.extend_from_slice(format!(".SH UNPARK {}\n", subcommand.get_name().to_uppercase()).as_bytes());
        let own = clap_mangen::Man::new(subcommand.clone());
        let mut sections = Vec::new();
        own.render_synopsis_section(&mut sections)?;
        own.render_description_section(&mut sections)?;
        own.render_options_section(&mut sections)?;
        // Its sections are parts of one section here.
        page.extend_from_slice(String::from_utf8_lossy(&sections).replace(".SH ", ".SS ").as_bytes());
    }
    Ok(String::from_utf8_lossy(&page).into_owned())
}
