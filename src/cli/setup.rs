//! What the arguments mean: an incident to open, and whom to ask how fast.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::baseline::Baseline;
use crate::catalog::{Neutral, ResolverCatalog, ResolverEntry, RootHints, read_address};
use crate::cli::arg_groups::ResolverArgs;
use crate::cli::args::{ProbeArgs, SurveyArg};
use crate::cli::baseline;
use crate::cli::complain::Complaint;
use crate::cli::config::{Settings, ZoneSettings, read_text};
use crate::cli::print::remark;
use crate::dns::{Name, NsSet};
use crate::incident::{Opening, ResolverTarget, Survey};
use crate::judge::{Expectation, ExpectationSource, Marker};
use crate::probe::{Families, system_resolvers};
use crate::schedule::Rates;

/// The largest resolver list and hints file that is read.
const LARGEST_LIST: u64 = 8 << 20;
/// How long one answer is waited for, unless told otherwise.
pub const USUAL_WAIT: Duration = Duration::from_secs(3);
/// How long a round may take, unless told otherwise.
const USUAL_ROUND: Duration = Duration::from_secs(10);
/// How many resolvers are asked at most.
const MOST_RESOLVERS: usize = 20_000;

/// How many samples a command takes.
#[derive(Debug, Clone, Copy)]
pub struct Sampling {
    /// Good samples a resolver needs to be called correct.
    pub needed: usize,
    /// Good samples each needs before the incident counts as recovered.
    pub confidence: usize,
}

/// Addresses of name servers that the operator gave.
type KnownAddresses = BTreeMap<Name, Vec<SocketAddr>>;

/// Everything a probing command starts from.
pub struct Plan {
    /// What the incident starts from.
    pub opening: Opening,
    /// Addresses of name servers that the operator gave.
    pub known_addresses: KnownAddresses,
    /// Root servers to start from.
    pub hints: RootHints,
    /// Which address families may be asked.
    pub families: Families,
    /// What resolvers are asked off the zone, to learn what they can do.
    pub neutral: Neutral,
    /// How fast.
    pub rates: Rates,
    /// How long one answer is waited for.
    pub wait: Duration,
    /// How long a round may take.
    pub round: Duration,
    /// Whether registry and registrar are asked.
    pub registration: bool,
    /// What the settings file notes of the zone.
    pub notes: Vec<String>,
    /// The settings file.
    pub settings: Settings,
    /// Where a journal was asked for.
    pub journal: Option<PathBuf>,
}

impl Plan {
    /// Gives the arguments their meaning.
    ///
    /// # Errors
    /// Names the argument, file or entry that cannot be used, and says what to do.
    pub fn make(
        domain: &str,
        args: &ProbeArgs,
        settings: Settings,
        sampling: Sampling,
        with_resolvers: bool,
    ) -> Result<Self, Complaint> {
        let zone = read_zone(domain)?;
        let own = settings.zone(&zone)?;
        let families = args.family.families();
        let (mut expectation, mut known_addresses) = expectation(args, &own)?;
        let wanted = expectation.is_none() && !args.no_baseline;
        let saved = if wanted { baseline::expected(args.baseline.as_deref(), &zone)? } else { None };
        if let Some((file, saved)) = saved {
            let source = ExpectationSource::Baseline { taken: saved.taken };
            expectation = Some(Expectation { ns: saved.ns.clone(), source });
            known_addresses = addresses_within(&saved, &zone, families);
            if !args.quiet {
                let date: String = saved.taken.date_and_minute().chars().take(10).collect();
                remark(&format!("note: what is correct is taken from the baseline of {date}, {}", file.display()));
            }
        }
        if !args.quiet {
            own.notes.iter().for_each(|text| remark(&format!("note: {text}")));
        }
        // Read also where none is asked: a list that cannot be used is an error whatever it was given for.
        let mut resolvers = resolvers(&args.whom, false, &settings, families)?;
        if !with_resolvers {
            resolvers.clear();
        } else if resolvers.is_empty() {
            return Err(Complaint::usage(
                "no resolver is left to ask",
                "check -4, -6 and the resolver list: entries need default = true and an address of the right family",
            ));
        }
        let timeout = match (args.timeout, &settings.timeout) {
            (Some(span), _) => Some(span),
            (None, Some(text)) => Some(crate::cli::args::read_span(text).map_err(|e| settings.wrong("timeout", &e))?),
            (None, None) => None,
        };
        let rate = args.rate.or(settings.rate);
        let marker = marker(args, &own, &zone)?;
        let opening = Opening {
            hosts: hosts(args, &own, &zone)?,
            zone,
            expectation,
            parked: parked(&args.parked, &own.parked)?,
            survey: survey(args, &settings)?,
            samples_needed: sampling.needed,
            confidence: sampling.confidence,
            addresses_vary: args.varying_addresses || own.varying_addresses,
            marker,
            resolvers,
        };
        let hints = hints(args.root_hints.as_ref(), &settings)?;
        if !hints.servers.iter().flat_map(|server| &server.addresses).any(|address| families.allow(*address)) {
            return Err(Complaint::usage("no root server is left to ask", "check -4, -6 and the root hints"));
        }
        Ok(Self {
            opening,
            known_addresses,
            neutral: neutral(&settings, families)?,
            hints,
            families,
            rates: rate.map_or_else(Rates::default, |rate| Rates::default().at_most(rate)),
            wait: timeout.map_or(USUAL_WAIT, |t| t.min(USUAL_WAIT)),
            round: timeout.unwrap_or(USUAL_ROUND),
            registration: !args.no_registration && settings.registration.unwrap_or(true),
            notes: own.notes,
            settings,
            journal: args.journal.clone(),
        })
    }
}

/// The addresses of those of a baseline's name servers that lie inside the zone: while its delegation is wrong, they cannot
/// be looked up.
fn addresses_within(baseline: &Baseline, zone: &Name, families: Families) -> KnownAddresses {
    let inside = baseline.servers.iter().filter(|(name, _)| name.is_at_or_below(zone) && baseline.ns.contains(name));
    let allowed = |addresses: &std::collections::BTreeSet<SocketAddr>| -> Vec<SocketAddr> {
        addresses.iter().copied().filter(|address| families.allow(*address)).collect()
    };
    inside.map(|(name, all)| (name.clone(), allowed(all))).filter(|(_, allowed)| !allowed.is_empty()).collect()
}

/// Reads the domain as typed.
pub fn read_zone(domain: &str) -> Result<Name, Complaint> {
    let zone = read_name(domain, "the domain")?;
    if zone.is_root() {
        return Err(Complaint::usage("the root zone has no parent that could delegate it", "give a domain"));
    }
    Ok(zone)
}

fn read_name(text: &str, what: &str) -> Result<Name, Complaint> {
    Name::from_user(text).map_err(|e| {
        let shown = crate::dns::shown::text(text);
        Complaint::usage(
            format!("{what} '{shown}' is no domain name: {e}"),
            "write it like brevo.com or bücher.example",
        )
    })
}

/// `--expect`, else the settings file's. Each item is a name, or NAME=ADDRESS.
fn expectation(args: &ProbeArgs, own: &ZoneSettings) -> Result<(Option<Expectation>, KnownAddresses), Complaint> {
    let (items, source) = if args.expect.iter().any(|item| !item.trim().is_empty()) {
        (&args.expect, ExpectationSource::Flag)
    } else {
        (&own.expect, ExpectationSource::File)
    };
    let mut names = Vec::new();
    let mut known = KnownAddresses::new();
    for item in items.iter().map(|item| item.trim()).filter(|item| !item.is_empty()) {
        let (name, address) = match item.split_once('=') {
            Some((name, address)) => (name, Some(address)),
            None => (item, None),
        };
        let name = read_name(name, "the expected name server")?;
        if let Some(address) = address {
            let address = read_address(address)
                .map_err(|e| Complaint::usage(format!("--expect {item}: {e}"), "write NAME=192.0.2.1"))?;
            known.entry(name.clone()).or_default().push(address);
        }
        names.push(name);
    }
    let ns: NsSet = names.into_iter().collect();
    Ok(((!ns.is_empty()).then_some(Expectation { ns, source }), known))
}

/// The sets given, else the settings file's.
pub fn parked(given: &[String], own: &[Vec<String>]) -> Result<Vec<NsSet>, Complaint> {
    let from_flags = given.iter().map(|set| set.split(',').map(str::to_owned).collect::<Vec<_>>());
    let sets: Vec<Vec<String>> = if given.is_empty() { own.to_vec() } else { from_flags.collect() };
    sets.iter()
        .map(|set| {
            let names = set.iter().map(|n| n.trim()).filter(|n| !n.is_empty());
            names.map(|n| read_name(n, "the parked name server")).collect::<Result<NsSet, _>>()
        })
        .filter(|set| !matches!(set, Ok(set) if set.is_empty()))
        .collect()
}

/// `--marker`, else the settings file's.
fn marker(args: &ProbeArgs, own: &ZoneSettings, zone: &Name) -> Result<Option<Marker>, Complaint> {
    let written = args.marker.as_ref().or(own.marker.as_ref()).map(|text| text.trim()).filter(|text| !text.is_empty());
    let read = |text: &str| {
        Marker::read(text, zone).map_err(|reason| {
            let what = format!("the marker '{}': {reason}", crate::dns::shown::text(text));
            Complaint::usage(what, "give TOKEN or NAME=TEXT; `unpark marker DOMAIN` makes one up")
        })
    };
    written.map(read).transpose()
}

/// Watched names: absolute when they end in a dot or in the zone's name, otherwise relative to the zone.
fn hosts(args: &ProbeArgs, own: &ZoneSettings, zone: &Name) -> Result<Vec<Name>, Complaint> {
    let items = if args.hosts.is_empty() { &own.hosts } else { &args.hosts };
    let mut names: Vec<Name> = Vec::new();
    for item in items.iter().map(|i| i.trim()).filter(|i| !i.is_empty()) {
        let name = read_host(item, zone)?;
        if name != *zone && !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(names)
}

/// Reads one watched name.
pub fn read_host(item: &str, zone: &Name) -> Result<Name, Complaint> {
    if item == "@" {
        return Ok(zone.clone());
    }
    let name = read_name(item, "the host")?;
    let whole = if item.ends_with('.') || name.is_at_or_below(zone) {
        name
    } else {
        let labels: Vec<&[u8]> = name.labels().chain(zone.labels()).collect();
        Name::from_labels(labels)
            .map_err(|e| Complaint::usage(format!("the host '{item}': {e}"), "give a shorter name"))?
    };
    if whole.is_at_or_below(zone) {
        return Ok(whole);
    }
    let hint = "only names inside the zone can be watched; start another unpark for another zone";
    Err(Complaint::usage(format!("the host {whole} does not lie in {zone}"), hint))
}

fn survey(args: &ProbeArgs, settings: &Settings) -> Result<Survey, Complaint> {
    match (args.survey, settings.survey.as_deref()) {
        (Some(SurveyArg::Off), _) | (None, Some("off")) => Ok(Survey::Off),
        (Some(SurveyArg::Once), _) | (None, Some("once") | None) => Ok(Survey::Once),
        (Some(SurveyArg::Always), _) | (None, Some("always")) => Ok(Survey::Always),
        (None, Some(other)) => Err(settings.wrong("survey", &format!("'{other}' is none of off, once, always"))),
    }
}

/// The root servers of the file given, of the settings' file, or those built in.
pub fn hints(given: Option<&PathBuf>, settings: &Settings) -> Result<RootHints, Complaint> {
    let Some(path) = given.or(settings.root_hints.as_ref()) else {
        return Ok(RootHints::embedded());
    };
    let text = read_text(path, LARGEST_LIST)?;
    RootHints::parse(&text, &path.display().to_string())
        .map_err(|e| Complaint::usage(e.to_string(), "IANA's named.root is a file of this form"))
}

/// What resolvers are asked to learn what they can do: nothing where the operator does not want it.
pub fn neutral(settings: &Settings, families: Families) -> Result<Neutral, Complaint> {
    if settings.calibrate == Some(false) {
        return Ok(Neutral::default());
    }
    let given = std::env::var_os("UNPARK_NEUTRAL").filter(|path| !path.is_empty()).map(std::path::PathBuf::from);
    let mut neutral = match given.as_ref().or(settings.neutral.as_ref()) {
        None => Neutral::embedded(),
        Some(path) => {
            let text = read_text(path, LARGEST_LIST)?;
            Neutral::parse(&text, &path.display().to_string())
                .map_err(|e| Complaint::usage(e.to_string(), "docs/data.md describes the file of neutral names"))?
        }
    };
    neutral.nobody.retain(|address| families.allow(*address));
    Ok(neutral)
}

/// The list of a file, alone or added to the built-in one.
pub fn catalog(file: Option<&Path>, add: bool) -> Result<ResolverCatalog, Complaint> {
    let Some(path) = file else { return Ok(ResolverCatalog::embedded()) };
    let text = read_text(path, LARGEST_LIST)?;
    let own = ResolverCatalog::parse(&text, &path.display().to_string())
        .map_err(|e| Complaint::usage(e.to_string(), "docs/data.md describes the form of a resolver list"))?;
    Ok(if add { ResolverCatalog::embedded().extend(own) } else { own })
}

/// Whom to ask. Single addresses alone replace every list, the machine's own resolvers included.
pub fn resolvers(
    whom: &ResolverArgs,
    all: bool,
    settings: &Settings,
    families: Families,
) -> Result<Vec<ResolverTarget>, Complaint> {
    let add = whom.add || settings.add.unwrap_or(false);
    let file = whom.resolvers.as_deref().or(settings.resolvers.as_deref());
    let single = if whom.resolver.is_empty() { &settings.resolver } else { &whom.resolver };
    if whom.add && file.is_none() && single.is_empty() {
        return Err(Complaint::usage(
            "--add has nothing to add",
            "give --resolver ADDRESS or --resolvers FILE as well",
        ));
    }
    let catalog = catalog(file, add)?;
    let known = ResolverCatalog::embedded();
    let mut targets = Targets { families, found: Vec::new() };
    for text in single {
        let address = read_address(text).map_err(|e| {
            Complaint::usage(
                format!("--resolver {}: {e}", crate::dns::shown::text(text)),
                "write 192.0.2.1, 192.0.2.1:5353 or [2001:db8::1]:53",
            )
        })?;
        let entry = catalog.find_address(address).or_else(|| known.find_address(address));
        let entry = entry.cloned().unwrap_or_else(|| ResolverEntry::from_address(address));
        targets.add(&entry, address, false);
    }
    if single.is_empty() || add {
        for entry in catalog.entries.iter().filter(|entry| entry.default || all) {
            for address in entry.plain_addresses() {
                targets.add(entry, address, false);
            }
        }
        if !whom.no_system_resolvers && settings.system_resolvers != Some(false) {
            // Without a readable configuration there are no such rows; the rest is not held up by that.
            for address in system_resolvers().unwrap_or_default() {
                let entry = known.find_address(address).cloned();
                targets.add(&entry.unwrap_or_else(|| ResolverEntry::from_address(address)), address, true);
            }
        }
    }
    if targets.found.len() > MOST_RESOLVERS {
        let what = format!("{} resolver addresses are too many", targets.found.len());
        return Err(Complaint::usage(what, format!("give at most {MOST_RESOLVERS}")));
    }
    Ok(targets.found)
}

/// What is known of a resolver at an address that the operator named.
pub fn resolver_target(address: SocketAddr) -> ResolverTarget {
    let known = ResolverCatalog::embedded().find_address(address).cloned();
    target_of(&known.unwrap_or_else(|| ResolverEntry::from_address(address)), address, false)
}

fn target_of(entry: &ResolverEntry, address: SocketAddr, system: bool) -> ResolverTarget {
    let addresses: Vec<SocketAddr> = entry.addresses().collect();
    let id = match addresses.iter().position(|a| *a == address) {
        Some(at) if addresses.len() > 1 => format!("{}-{}", entry.id, at + 1),
        _ => entry.id.clone(),
    };
    let city = if entry.anycast { "anycast".to_owned() } else { entry.city.clone().unwrap_or_default() };
    ResolverTarget {
        id,
        operator: entry.operator.clone(),
        city,
        country: entry.country.map(|c| c.to_string()),
        address,
        system,
        flush: entry.flush.operator(),
    }
}

struct Targets {
    families: Families,
    found: Vec<ResolverTarget>,
}

impl Targets {
    fn add(&mut self, entry: &ResolverEntry, address: SocketAddr, system: bool) {
        if let Some(known) = self.found.iter_mut().find(|t| t.address == address) {
            known.system |= system;
            return;
        }
        if !self.families.allow(address) {
            return;
        }
        self.found.push(target_of(entry, address, system));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_relative_unless_they_end_in_the_zone() {
        let zone = Name::from_user("example.com").unwrap();
        for (typed, name) in [
            ("www", "www.example.com."),
            ("www.example.com", "www.example.com."),
            ("api.eu", "api.eu.example.com."),
            ("@", "example.com."),
        ] {
            assert_eq!(read_host(typed, &zone).unwrap().to_string(), name);
        }
        assert!(read_host("www.example.org.", &zone).is_err());
    }

    #[test]
    fn bad_names_are_refused_in_plain_text() {
        for bad in ["", "a..b", "x\u{1b}[2J.com", "."] {
            let error = read_zone(bad).unwrap_err().to_string();
            assert!(error.chars().all(|c| !c.is_control()), "{error:?}");
        }
    }
}
