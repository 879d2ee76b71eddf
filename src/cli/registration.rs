//! `unpark registration`: what registry and registrar say, held against what is expected. Asks no resolver and no name server of
//! the domain; only the hosts of the registries are looked up, from the root.

use std::io::IsTerminal as _;

use crate::catalog::ParkingCatalog;
use crate::cli::arg_groups::ResolverArgs;
use crate::cli::args::{ColorArg, ProbeArgs, RegistrationCommand};
use crate::cli::config::Settings;
use crate::cli::exit::Exit;
use crate::cli::look::plain_look;
use crate::cli::network::{Ready, ready};
use crate::cli::print::{print, remark};
use crate::cli::registry::registries;
use crate::cli::setup::{Plan, Sampling};
use crate::http::RDAP_LIMITS;
use crate::registration::{Evidence, Standing, causes};
use crate::schedule::Mode;
use crate::time::ReadClock as _;
use crate::view::lines::Look;
use crate::view::{json, lines};

/// Runs the command.
pub async fn run(command: RegistrationCommand) -> anyhow::Result<Exit> {
    let settings = Settings::load(command.config.as_deref())?;
    let plan = Plan::make(&command.domain, &probe(&command), settings, Sampling { needed: 1, confidence: 1 }, false)?;
    // Only the walker and the clock are used: no round is run.
    let Ready { walker, clock, .. } = ready(&plan, Mode::Round { samples: 1, resolvers: false })?;
    let total = command.timeout.map_or(RDAP_LIMITS.total, |span| span.min(RDAP_LIMITS.total));
    let registries = registries(&plan.settings, &command.registry, &walker, total)?;
    if std::io::stderr().is_terminal() && !command.quiet && !command.json {
        remark("asking the registry …");
    }
    let (hearing, refreshed) =
        tokio::join!(registries.client.hear(&plan.opening.zone, clock.as_ref()), registries.refresh_table());
    if let (Err(why), true) = (refreshed, command.verbose) {
        remark(&format!("IANA's table of RDAP servers could not be renewed: {why}"));
    }
    let now = clock.now();
    let parking = ParkingCatalog::embedded();
    let expected = plan.opening.expectation.as_ref().map(|expectation| &expectation.ns);
    let evidence = Evidence { hearing: &hearing, expected, parked: &plan.opening.parked, parking: &parking };
    let findings = causes(&evidence, now);
    let exit = match Standing::of(&hearing, &findings) {
        Standing::Trouble => Exit::NotYet,
        Standing::NothingFound => Exit::Good,
        Standing::Unknown => Exit::CannotTell,
    };
    let text = if command.json {
        json::registration(&evidence, &findings, now, exit.code())
    } else {
        let look = Look { quiet: command.quiet, verbose: command.verbose, ..plain_look() };
        lines::registration_text(&evidence, &findings, now, look)
    };
    print(&text)?;
    Ok(exit)
}

/// The arguments in the form that gives them their meaning for every command.
fn probe(command: &RegistrationCommand) -> ProbeArgs {
    ProbeArgs {
        expect: command.expect.clone(),
        baseline: None,
        no_baseline: false,
        parked: command.parked.clone(),
        hosts: Vec::new(),
        varying_addresses: false,
        marker: None,
        whom: ResolverArgs { no_system_resolvers: true, ..ResolverArgs::default() },
        root_hints: command.root_hints.clone(),
        family: command.family,
        survey: None,
        rate: None,
        timeout: command.timeout,
        no_registration: true,
        config: command.config.clone(),
        journal: None,
        json: command.json,
        quiet: command.quiet,
        verbose: command.verbose,
        color: ColorArg::Auto,
    }
}
