//! The arguments, as typed. No effect and no meaning yet: `setup` gives them that.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::cli::arg_groups::{FamilyArgs, RegistryArgs, ResolverArgs};
use crate::cli::audit::AuditCommand;
use crate::cli::baseline::BaselineCommand;
use crate::cli::hooks::{HookArgs, typed_only};
use crate::cli::init::InitCommand;
use crate::cli::journals::JournalsCommand;
use crate::cli::marker::MarkerCommand;
use crate::cli::replay::ReplayCommand;
use crate::cli::report::ReportCommand;
use crate::cli::resolvers_check::CheckResolversCommand;
use crate::cli::taste::TasteArgs;
use crate::cli::wait::WaitCommand;
use crate::drill::front::DrillClock;

/// How many samples may be asked for, of `--samples` and `--confidence`.
pub const SAMPLES: RangeInclusive<u16> = 1..=300;

const EXAMPLES: &str = "Examples:
  unpark drill                                                  learn it: an outage in a box, offline
  unpark brevo.com --expect ns1.example.net,ns2.example.net     watch live
  unpark check brevo.com --expect ns1.example.net --json        one round, for scripts
  unpark wait brevo.com --until recovered --timeout 6h          for scripts: exits when it is so
  unpark trace brevo.com                                        root, parent, authoritative servers
  unpark flush brevo.com --host www,api --dry-run               what a flush would send
  unpark registration brevo.com                                 is it held or unpaid; whom to call
  unpark report FILE --output report.html                       the post-mortem of a recorded watch
  unpark audit zones.txt --html audit.html                      many zones, before it happens

Exit codes: 0 as expected or recovered, 1 not (yet), 2 usage or configuration error,
3 could not tell because our side failed.";

const FLUSH_EXAMPLES: &str = "Examples:
  unpark flush brevo.com --expect ns1.example.net --dry-run     what would be sent, and why each step
  unpark flush brevo.com --expect ns1.example.net --when-right  armed: sent as soon as the source is right
  unpark flush brevo.com --only cloudflare --host www,api       without the steps that need a person
  unpark flush brevo.com --only cloudflare --skip MX,TXT        some of it
  unpark flush brevo.com --only google --open                   Google's list, and its page in your browser

Exit codes: 0 everything stale was accepted and confirmed by asking the caches again (or nothing was stale),
1 refused, not accepted, not confirmed within about a minute, or left to a person,
2 usage or configuration error, 3 nothing could leave this machine.";

/// Shows the truth about a domain outage: what is wrong, whether it is fixed at the source, who still sees the parked
/// zone and until when, and what can be flushed.
#[derive(Debug, Parser)]
#[command(name = "unpark", version, after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
#[command(subcommand_negates_reqs = true, max_term_width = 100)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub watch: WatchCommand,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Watch live (the same as giving only the domain); lines instead of a screen when stdout is no terminal
    Watch(WatchCommand),
    /// One honest round, then exit
    Check(CheckCommand),
    /// Watch until something is reached, then exit: a line for each change, for scripts
    Wait(WaitCommand),
    /// The source ladder only: root, parent and authoritative servers, every one
    Trace(TraceCommand),
    /// Flush the public caches that offer it: guard, plan, send, prove. Never earlier than it helps
    Flush(FlushCommand),
    /// The whole live tool on a simulated internet that suffers an outage; no packet leaves this machine
    Drill(DrillCommand),
    /// Print a record to add to the correct zone, by which its servers are known beyond doubt
    Marker(MarkerCommand),
    /// What registry and registrar say about the domain (RDAP, else WHOIS), in plain words first
    Registration(RegistrationCommand),
    /// Many zones at once: expiry, delegation, locks, what hangs on what, status pages and failover domains
    Audit(AuditCommand),
    /// The public resolvers that are asked
    Resolvers {
        #[command(subcommand)]
        what: ResolversCommand,
    },
    /// Write an unpark.toml for a zone, from how it is now
    Init(InitCommand),
    /// Keep how a zone is while it is healthy; hold a later day against it
    Baseline {
        #[command(subcommand)]
        what: BaselineCommand,
    },
    /// Tell a journal again: how it stood at any moment, by the rules of today
    Replay(ReplayCommand),
    /// What happened, after it happened: a journal written down for people (HTML, Markdown) and programs (JSON, CSV)
    Report(ReportCommand),
    /// The journals of earlier watches
    Journals {
        #[command(subcommand)]
        what: JournalsCommand,
    },
    /// Print completions for a shell
    Completions {
        /// Which shell
        shell: Shell,
    },
    /// Print the manual page
    Man,
}

/// What every probing command takes.
#[derive(Debug, Clone, Args)]
pub struct ProbeArgs {
    /// The correct name servers, exactly; NAME=ADDRESS where a name inside the zone cannot be looked up
    #[arg(long, value_name = "NS,…", value_delimiter = ',', env = "UNPARK_EXPECT", hide_env_values = true)]
    pub expect: Vec<String>,
    /// What is correct is in this baseline, where --expect does not say it [default: the one saved for the zone]
    #[arg(long, value_name = "FILE", env = "UNPARK_BASELINE", hide_env_values = true)]
    pub baseline: Option<PathBuf>,
    /// Read no baseline
    #[arg(long, conflicts_with = "baseline")]
    pub no_baseline: bool,
    /// A set of name servers known to be parked; repeat for several sets
    #[arg(long, value_name = "NS,…", env = "UNPARK_PARKED", hide_env_values = true)]
    pub parked: Vec<String>,
    /// Names to watch besides the apex, relative (www) or absolute (www.example.com.)
    #[arg(long = "host", value_name = "NAME,…", value_delimiter = ',', env = "UNPARK_HOST", hide_env_values = true)]
    pub hosts: Vec<String>,
    /// The zone answers by place or load: an unknown address under the correct delegation is then right
    #[arg(long)]
    pub varying_addresses: bool,
    /// A record that only the correct zone has: TOKEN for *._unpark-TOKEN TXT "TOKEN", or NAME=TEXT (see `unpark marker`)
    #[arg(long, value_name = "TOKEN", env = "UNPARK_MARKER", hide_env_values = true)]
    pub marker: Option<String>,
    #[command(flatten)]
    pub whom: ResolverArgs,
    /// Start the walk from these root servers (IANA's hints format; an address may carry `#PORT`, which then holds for
    /// every server found below it)
    #[arg(long, value_name = "FILE", env = "UNPARK_ROOT_HINTS", hide_env_values = true)]
    pub root_hints: Option<PathBuf>,
    #[command(flatten)]
    pub family: FamilyArgs,
    /// How often resolvers are asked to recurse while the parent is wrong; each time a cold cache stores the parked
    /// delegation
    #[arg(long, value_name = "WHEN", env = "UNPARK_SURVEY", hide_env_values = true)]
    pub survey: Option<SurveyArg>,
    /// Most queries a second, in all [default: 500 in the first round, then 20]
    #[arg(long, value_name = "N", env = "UNPARK_RATE", hide_env_values = true, value_parser = read_rate)]
    pub rate: Option<f64>,
    /// Give up on a round, and on any one answer, after this long (90s, 2m) [default: 10s; 3s for an answer]
    #[arg(long, value_name = "TIME", env = "UNPARK_TIMEOUT", hide_env_values = true, value_parser = read_span)]
    pub timeout: Option<Duration>,
    /// Do not ask registry and registrar about the registration
    #[arg(long)]
    pub no_registration: bool,
    /// Settings file [default: ./unpark.toml, then the user's configuration folder]
    #[arg(long, value_name = "FILE", env = "UNPARK_CONFIG", hide_env_values = true)]
    pub config: Option<PathBuf>,
    /// Write the journal of this run to this file, or beside it with a number where that exists
    #[arg(long, value_name = "FILE", env = "UNPARK_JOURNAL", hide_env_values = true)]
    pub journal: Option<PathBuf>,
    /// Machine-readable output
    #[arg(long)]
    pub json: bool,
    /// Say only what matters most
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Show every server and resolver
    #[arg(short, long)]
    pub verbose: bool,
    /// Colours; `NO_COLOR` is honoured too
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: ColorArg,
}

#[derive(Debug, Clone, Args)]
pub struct WatchCommand {
    /// The domain
    pub domain: Option<String>,
    #[command(flatten)]
    pub probe: ProbeArgs,
    /// Good samples each resolver needs before the incident counts as recovered: 14 say "fewer than 20 % of its caches
    /// are stale" at 95 %, 59 say 5 % [default: 14]
    #[arg(long, value_name = "N", env = "UNPARK_CONFIDENCE", hide_env_values = true, value_parser = read_samples)]
    pub confidence: Option<u16>,
    /// Write no journal
    #[arg(long, conflicts_with = "journal")]
    pub no_journal: bool,
    #[command(flatten)]
    pub hooks: HookArgs,
    #[command(flatten)]
    pub taste: TasteArgs,
}

#[derive(Debug, Clone, Args)]
pub struct CheckCommand {
    /// The domain
    pub domain: String,
    #[command(flatten)]
    pub probe: ProbeArgs,
    /// Samples taken of each resolver once the parent is right [default: 3]
    #[arg(long, value_name = "N", env = "UNPARK_SAMPLES", hide_env_values = true, value_parser = read_samples)]
    pub samples: Option<u16>,
}

#[derive(Debug, Clone, Args)]
pub struct TraceCommand {
    /// The domain
    pub domain: String,
    #[command(flatten)]
    pub probe: ProbeArgs,
}

#[derive(Debug, Clone, Args)]
#[command(after_help = FLUSH_EXAMPLES)]
pub struct FlushCommand {
    /// The domain
    pub domain: String,
    #[command(flatten)]
    pub probe: ProbeArgs,
    /// Print the exact requests and send none
    #[arg(long)]
    pub dry_run: bool,
    /// Only these operators
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    pub only: Vec<String>,
    /// Leave out types (MX), hosts (www, @ for the domain itself) or both (www/AAAA)
    #[arg(long, value_name = "ITEM,…", value_delimiter = ',')]
    pub skip: Vec<String>,
    /// The whole list, and not only what the operators' own resolvers were seen to hold
    #[arg(long)]
    pub all: bool,
    /// Wait until the source is right, then flush; with --timeout no longer than that
    #[arg(long, conflicts_with_all = ["even_if_parked", "dry_run"])]
    pub when_right: bool,
    /// Flush although the source is not right: the parked answer is then stored again with a full TTL
    #[arg(long)]
    pub even_if_parked: bool,
    /// Do not wait for the proof: end when the requests are out
    #[arg(long)]
    pub no_proof: bool,
    /// Open the pages that need a person in a browser
    #[arg(long)]
    pub open: bool,
}

#[derive(Debug, Clone, Args)]
#[command(mut_args(typed_only))]
pub struct DrillCommand {
    /// Which built-in scenario [default: brevo]
    pub scenario: Option<String>,
    /// List the built-in scenarios and what each teaches
    #[arg(long)]
    pub list: bool,
    /// Play the scenario of this file
    #[arg(long, value_name = "SCENARIO.toml", conflicts_with = "scenario")]
    pub file: Option<PathBuf>,
    /// How fast time passes, 0.1 to 30
    #[arg(long, value_name = "N", default_value = "1", value_parser = read_speed)]
    pub speed: f64,
    /// Write a journal of the drill, marked as one, to this file, or beside it with a number where that exists
    #[arg(long, value_name = "FILE")]
    pub journal: Option<PathBuf>,
    /// Seed of the scenario's chances [default: the scenario's own]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Run to the end without a screen, a line for each change; the exit code tells the final phase
    #[arg(long)]
    pub headless: bool,
    /// Good samples each resolver needs before the incident counts as recovered [default: 14]
    #[arg(long, value_name = "N", value_parser = read_samples)]
    pub confidence: Option<u16>,
    #[command(flatten)]
    pub hooks: HookArgs,
    #[command(flatten)]
    pub taste: TasteArgs,
    /// Colours; `NO_COLOR` is honoured too
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: ColorArg,
}

#[derive(Debug, Clone, Args)]
pub struct RegistrationCommand {
    /// The domain
    pub domain: String,
    /// The correct name servers, exactly: the registry's are held against them
    #[arg(long, value_name = "NS,…", value_delimiter = ',', env = "UNPARK_EXPECT", hide_env_values = true)]
    pub expect: Vec<String>,
    /// A set of name servers known to be parked; repeat for several sets
    #[arg(long, value_name = "NS,…", env = "UNPARK_PARKED", hide_env_values = true)]
    pub parked: Vec<String>,
    #[command(flatten)]
    pub registry: RegistryArgs,
    /// Look up the servers' names from these root servers (IANA's hints format)
    #[arg(long, value_name = "FILE", env = "UNPARK_ROOT_HINTS", hide_env_values = true)]
    pub root_hints: Option<PathBuf>,
    #[command(flatten)]
    pub family: FamilyArgs,
    /// Give up on one question after this long, at most 10s [default: 10s]
    #[arg(long, value_name = "TIME", env = "UNPARK_TIMEOUT", hide_env_values = true, value_parser = read_span)]
    pub timeout: Option<Duration>,
    /// Settings file [default: ./unpark.toml, then the user's configuration folder]
    #[arg(long, value_name = "FILE", env = "UNPARK_CONFIG", hide_env_values = true)]
    pub config: Option<PathBuf>,
    /// Machine-readable output
    #[arg(long)]
    pub json: bool,
    /// Only what is wrong, and whom to call
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Also the answers as they came
    #[arg(short, long)]
    pub verbose: bool,
}

#[derive(Debug, Subcommand)]
pub enum ResolversCommand {
    /// List the resolvers that are asked by default
    List {
        /// All entries, also those that are off
        #[arg(long)]
        all: bool,
        /// Read this file instead of the built-in list (with --add: as well)
        #[arg(long, value_name = "FILE")]
        resolvers: Option<PathBuf>,
        /// Add the file to the built-in list instead of replacing it
        #[arg(long, requires = "resolvers")]
        add: bool,
        /// Machine-readable output
        #[arg(long)]
        json: bool,
    },
    /// Which resolvers answer from here, over UDP and TCP, and what each of them can do; asks about no domain of yours
    Check(CheckResolversCommand),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SurveyArg {
    /// Never
    Off,
    /// Once, so that the spread is known
    Once,
    /// Again and again
    Always,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ColorArg {
    /// When standard output is a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// A span: `90s`, `1h 30m`, or a bare number of seconds.
pub fn read_span(text: &str) -> Result<Duration, String> {
    let span = match text.trim().parse::<f64>() {
        Ok(seconds) => Duration::try_from_secs_f64(seconds).map_err(|e| e.to_string())?,
        Err(_) => humantime::parse_duration(text.trim()).map_err(|e| e.to_string())?,
    };
    let sensible = Duration::from_millis(100)..=Duration::from_secs(7 * 86_400);
    sensible.contains(&span).then_some(span).ok_or_else(|| "give between 0.1 s and 7 days".to_owned())
}

pub fn read_samples(text: &str) -> Result<u16, String> {
    let wrong = || format!("give a whole number between {} and {}", SAMPLES.start(), SAMPLES.end());
    text.trim().parse().ok().filter(|count| SAMPLES.contains(count)).ok_or_else(wrong)
}

pub fn read_rate(text: &str) -> Result<f64, String> {
    let rate: f64 = text.trim().parse().map_err(|_| "not a number".to_owned())?;
    check_rate(rate)
}

/// A rate that can be kept to, in queries a second.
pub fn check_rate(rate: f64) -> Result<f64, String> {
    (1.0..=100_000.0).contains(&rate).then_some(rate).ok_or_else(|| "give between 1 and 100000".to_owned())
}

fn read_speed(text: &str) -> Result<f64, String> {
    let speed: f64 = text.trim().parse().map_err(|_| "not a number".to_owned())?;
    let speeds = DrillClock::SPEEDS;
    speeds.contains(&speed).then_some(speed).ok_or_else(|| format!("give {} to {}", speeds.start(), speeds.end()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_definition_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn spans_are_read_as_people_write_them() {
        assert_eq!(read_span("90"), Ok(Duration::from_secs(90)));
        assert_eq!(read_span("1h 30m"), Ok(Duration::from_secs(5400)));
        assert_eq!(read_span("2.5"), Ok(Duration::from_millis(2500)));
        for bad in ["", "soon", "-1", "0", "1e300", "nan"] {
            assert!(read_span(bad).is_err(), "{bad}");
        }
    }
}
