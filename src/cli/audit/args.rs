//! The arguments of `unpark audit`, as typed.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::audit::input::Format;
use crate::cli::arg_groups::{FamilyArgs, RegistryArgs};
use crate::cli::args::{ColorArg, check_rate, read_span};

const EXAMPLES: &str = "Examples:
  unpark audit zones.txt                                     one zone a line
  unpark audit portfolio.toml --html audit.html              a profile with expectations, status pages, failover domains
  unpark audit domains.csv --csv > findings.csv              a spreadsheet in, a spreadsheet out
  unpark audit - --fail-on 'expiry<30d,delegation' --quiet   from standard input, for cron
  unpark audit zones.txt --no-dns                            registrations only

Exit codes: 0 nothing fails, 1 a condition of --fail-on is met, 2 usage error or bad lines in the list,
3 something could not be learned, or the run was stopped.";

/// `unpark audit`.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES)]
pub struct AuditCommand {
    /// The list: a TOML profile, CSV, or one zone a line; - reads standard input
    #[arg(value_name = "FILE")]
    pub list: PathBuf,
    /// The form of the list [default: by the file's name, else by its first line]
    #[arg(long, value_name = "FORM")]
    pub format: Option<FormatArg>,
    /// Audit the rest although some lines of the list cannot be used
    #[arg(long)]
    pub keep_going: bool,
    /// What fails the run: expiry<30d, a topic (delegation, authority, dnssec, …), a code, gap, unreachable, critical, warning,
    /// notice [default: critical]
    #[arg(long, value_name = "CONDITION,…", value_delimiter = ',', env = "UNPARK_FAIL_ON", hide_env_values = true)]
    pub fail_on: Vec<String>,
    /// Warn of registrations that end within so many days
    #[arg(long, value_name = "DAYS", default_value = "30", value_parser = clap::value_parser!(u16).range(0..=3650))]
    pub warn_days: u16,
    /// A set of name servers known to be parked; repeat for several sets
    #[arg(long, value_name = "NS,…", env = "UNPARK_PARKED", hide_env_values = true)]
    pub parked: Vec<String>,
    /// Do not ask registries: nothing about expiry, locks and registrars
    #[arg(long, conflicts_with = "no_dns")]
    pub no_registration: bool,
    /// Do not ask registrars for their own date
    #[arg(long)]
    pub no_registrars: bool,
    /// Do not ask the DNS: nothing about delegations and name servers
    #[arg(long)]
    pub no_dns: bool,
    /// Where answers are kept, so that a stopped run goes on [default: the user's state folder, a file for each list]
    #[arg(long, value_name = "FILE", conflicts_with = "no_state")]
    pub state: Option<PathBuf>,
    /// Keep nothing, and use nothing that was kept
    #[arg(long)]
    pub no_state: bool,
    /// Use kept answers that are not older than this
    #[arg(long, value_name = "TIME", default_value = "12h", value_parser = read_span)]
    pub fresh_for: Duration,
    /// Machine-readable output
    #[arg(long, conflicts_with = "csv")]
    pub json: bool,
    /// Comma-separated values, one zone a line
    #[arg(long)]
    pub csv: bool,
    /// Write the audit as one HTML page, too
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Most DNS queries a second, in all [default: 200]
    #[arg(long, value_name = "N", value_parser = read_rate)]
    pub rate: Option<f64>,
    /// Most questions a second to each registry, instead of what each is known to bear
    #[arg(long, value_name = "N", value_parser = read_registry_rate)]
    pub registry_rate: Option<f64>,
    /// Most zones under way at once [default: 64]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub at_once: Option<u16>,
    #[command(flatten)]
    pub registry: RegistryArgs,
    /// Start the walk from these root servers (IANA's hints format)
    #[arg(long, value_name = "FILE", env = "UNPARK_ROOT_HINTS", hide_env_values = true)]
    pub root_hints: Option<PathBuf>,
    #[command(flatten)]
    pub family: FamilyArgs,
    /// Give up on one answer after this long [default: 3s in the DNS, 10s at a registry]
    #[arg(long, value_name = "TIME", env = "UNPARK_TIMEOUT", hide_env_values = true, value_parser = read_span)]
    pub timeout: Option<Duration>,
    /// Settings file [default: ./unpark.toml, then the user's configuration folder]
    #[arg(long, value_name = "FILE", env = "UNPARK_CONFIG", hide_env_values = true)]
    pub config: Option<PathBuf>,
    /// Only the sentence and the conditions that are met; no progress
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Every zone, every finding, with evidence
    #[arg(short, long)]
    pub verbose: bool,
    /// Colours; `NO_COLOR` is honoured too
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: ColorArg,
}

/// The form of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FormatArg {
    /// A profile
    Toml,
    /// Comma-separated values
    Csv,
    /// One zone a line
    Lines,
}

impl From<FormatArg> for Format {
    fn from(format: FormatArg) -> Self {
        match format {
            FormatArg::Toml => Self::Toml,
            FormatArg::Csv => Self::Csv,
            FormatArg::Lines => Self::Lines,
        }
    }
}

fn read_rate(text: &str) -> Result<f64, String> {
    check_rate(text.trim().parse().map_err(|_| "not a number".to_owned())?)
}

fn read_registry_rate(text: &str) -> Result<f64, String> {
    let rate: f64 = text.trim().parse().map_err(|_| "not a number".to_owned())?;
    (0.01..=10_000.0).contains(&rate).then_some(rate).ok_or_else(|| "give between 0.01 and 10000".to_owned())
}
