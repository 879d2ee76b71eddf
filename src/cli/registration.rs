//! `unpark registration`: what registry and registrar say, held against what is expected. Asks no resolver and no name server of
//! the domain; only the hosts of the registries are looked up, from the root.

use std::io::IsTerminal as _;
use std::path::Path;
use std::time::Duration;

use crate::catalog::{ParkingCatalog, RdapTable};
use crate::cli::args::{ColorArg, ProbeArgs, RegistrationCommand};
use crate::cli::complain::Complaint;
use crate::cli::config::{Settings, read_text};
use crate::cli::exit::Exit;
use crate::cli::look::plain_look;
use crate::cli::network::{Ready, look_up, ready};
use crate::cli::print::{print, remark};
use crate::cli::setup::{Plan, Sampling};
use crate::http::{
    HttpClient, HttpError, Limits, ProxySettings, RDAP_LIMITS, RdapClient, RegistryClient, WHOIS_LIMITS, WhoisClient,
    WhoisServer,
};
use crate::registration::{Evidence, Standing, causes, read_bootstrap};
use crate::schedule::Mode;
use crate::time::ReadClock as _;
use crate::view::lines::Look;
use crate::view::{json, lines};

/// The largest table of RDAP servers that is read.
const LARGEST_TABLE: u64 = 8 << 20;

/// Runs the command.
pub async fn run(command: RegistrationCommand) -> anyhow::Result<Exit> {
    let settings = Settings::load(command.config.as_deref())?;
    let plan = Plan::make(&command.domain, &probe(&command), settings, Sampling { needed: 1, confidence: 1 }, false)?;
    let table = table(command.rdap_table.as_deref().or(plan.settings.rdap_table.as_deref()))?;
    let server = command.whois_server.as_deref().or(plan.settings.whois_server.as_deref());
    let server = server.filter(|text| !text.trim().is_empty()).map(str::parse::<WhoisServer>).transpose();
    let server = server.map_err(|e| wrong("the WHOIS server", &e))?;
    // Only the walker and the clock are used: no round is run.
    let Ready { walker, clock, .. } = ready(&plan, Mode::Round { samples: 1, resolvers: false })?;
    let total = command.timeout.map_or(RDAP_LIMITS.total, |span| span.min(RDAP_LIMITS.total));
    let proxy = ProxySettings::from_environment().map_err(|e| wrong("the proxy in the environment", &e))?;
    let look_up = look_up(&walker);
    let client =
        HttpClient::new(&look_up, &proxy, within(RDAP_LIMITS, total)).map_err(|e| wrong("the HTTP client", &e))?;
    let whois = WhoisClient::new(&look_up, server, within(WHOIS_LIMITS, total));
    if std::io::stderr().is_terminal() && !command.quiet && !command.json {
        remark("asking the registry …");
    }
    let client = RegistryClient::new(table, RdapClient::new(client, total), whois);
    let hearing = client.hear(&plan.opening.zone, clock.as_ref()).await;
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

fn within(limits: Limits, total: Duration) -> Limits {
    Limits { connect: limits.connect.min(total), total, ..limits }
}

fn wrong(what: &str, error: &HttpError) -> Complaint {
    Complaint::usage(format!("{what}: {error}"), error.hint().unwrap_or("see unpark registration --help"))
}

/// The built-in table, or the file's: of the same form, or IANA's own, to which the built-in servers that IANA lacks are added.
fn table(file: Option<&Path>) -> Result<RdapTable, Complaint> {
    let Some(path) = file.filter(|path| !path.as_os_str().is_empty()) else { return Ok(RdapTable::embedded()) };
    let text = read_text(path, LARGEST_TABLE)?;
    let hint = "docs/data.md describes the form; IANA's dns.json is read too";
    if text.trim_start().starts_with('{') {
        let table = read_bootstrap(&text);
        let table = table.map_err(|e| Complaint::usage(format!("{}: {e}", path.display()), hint))?;
        return Ok(table.filled_from(&RdapTable::embedded()));
    }
    RdapTable::parse(&text, &path.display().to_string()).map_err(|e| Complaint::usage(e.to_string(), hint))
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
        resolvers: None,
        resolver: Vec::new(),
        add: false,
        no_system_resolvers: true,
        root_hints: command.root_hints.clone(),
        ipv4_only: command.ipv4_only,
        ipv6_only: command.ipv6_only,
        survey: None,
        rate: None,
        timeout: command.timeout,
        config: command.config.clone(),
        json: command.json,
        quiet: command.quiet,
        verbose: command.verbose,
        color: ColorArg::Auto,
    }
}
