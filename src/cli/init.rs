//! `unpark init`: writes an `unpark.toml` for a zone from one look at its source, with every key explained.

use std::path::PathBuf;

use clap::Args;

use crate::baseline::{Baseline, Sight};
use crate::cli::args::ProbeArgs;
use crate::cli::baseline::{look_at, refuse, write};
use crate::cli::complain::Complaint;
use crate::cli::exit::Exit;
use crate::cli::print::remark;
use crate::dns::Name;
use crate::view::model::Board;

const EXAMPLES: &str = "Examples:
  unpark init brevo.com --host www,api        write ./unpark.toml from how the zone is now
  unpark init brevo.com --file dns/unpark.toml

Asks the source once and no resolver. A zone that is parked, broken or undecided is refused, and so is a file that
is already there: --force writes all the same.";

#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES)]
pub struct InitCommand {
    /// The domain
    pub domain: String,
    #[command(flatten)]
    pub probe: ProbeArgs,
    /// The file to write
    #[arg(long, value_name = "FILE", default_value = "unpark.toml")]
    pub file: PathBuf,
    /// Write although the zone is not healthy, or the file is already there
    #[arg(long)]
    pub force: bool,
}

/// Runs the command.
pub async fn run(command: InitCommand) -> anyhow::Result<Exit> {
    if command.file.exists() && !command.force {
        let what = format!("{} is already there; nothing was written", command.file.display());
        return Err(Complaint::usage(what, "--force writes it anew, --file FILE another one").into());
    }
    let (incident, at) = look_at(&command.domain, command.probe.clone()).await?;
    let board = Board::of(&incident, at);
    let seen = match Sight::of(&incident, at).to_baseline(command.force) {
        Ok(seen) => seen,
        Err(reason) => return Ok(refuse("written", &reason, &board, Exit::of_phase(incident.phase()))),
    };
    if command.force && !incident.phase().is_good() {
        remark(&format!("warning: written although the zone is {}: {}", incident.phase().word(), board.headline));
    }
    write(&command.file, &profile(&seen, incident.hosts()))?;
    remark(&format!("{} was written; check it, and keep it where unpark is started", command.file.display()));
    Ok(Exit::Good)
}

/// The text: what was seen, and every other key as a comment with what it would do.
fn profile(seen: &Baseline, hosts: &[Name]) -> String {
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let zone = seen.zone.without_dot();
    let inside = |name: &Name| {
        let address = seen.servers.get(name).filter(|_| name.is_at_or_below(&seen.zone)).and_then(|a| a.first());
        address.map_or_else(
            || name.without_dot(),
            |a| format!("{}={}", name.without_dot(), crate::observation::address_text(*a)),
        )
    };
    let expect: Vec<String> = seen.ns.iter().map(|name| quoted(&inside(name))).collect();
    let hosts: Vec<String> = hosts.iter().map(|host| quoted(&host.relative_to(&seen.zone))).collect();
    let hosts = if hosts.is_empty() {
        "# hosts = [\"www\", \"api\"]".to_owned()
    } else {
        format!("hosts = [{}]", hosts.join(", "))
    };
    format!(
        r#"# Settings of unpark. Flags and UNPARK_* variables outrank this file; docs/settings.md has every key.
# Read when unpark is started in this folder, or with --config.

# How often resolvers are asked to recurse while the parent is wrong: off, once or always.
# survey = "once"
# Most queries a second, in all.
# rate = 50.0
# Whom to ask: a list of your own, single addresses; with add they come on top of the built-in list.
# resolvers = "resolvers.toml"
# resolver = ["192.0.2.53"]
# add = true
# At each change of phase: a program (run with sh -c, JSON on its standard input), and a webhook (a secret: better in
# the environment, as UNPARK_WEBHOOK).
# on-change = "./page-somebody"
# webhook = "https://hooks.example.com/…"

[zone.{}]
# The correct name servers, exactly, as seen on {}. NAME=ADDRESS for those inside the zone, which
# cannot be looked up while it is parked.
expect = [{}]
# Names to watch besides the apex.
{hosts}
# Sets of name servers known to be parked.
# parked = [["ns1.parked.example", "ns2.parked.example"]]
# The zone answers by place or load: an unknown address under the correct delegation is then right.
# varying-addresses = true
# What those on duty should know: shown at the start, kept in the timeline and in the report.
# notes = ["registrar: account 4711, emergency number …"]
"#,
        quoted(&zone),
        seen.taken.date_and_minute(),
        expect.join(", "),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::config::Settings;

    #[test]
    fn what_is_written_is_read_back_as_settings() {
        let zone: Name = "brevo.com.".parse().unwrap();
        let text = "format = \"unpark.baseline/1\"\nzone = \"brevo.com.\"\ntaken = \"2026-11-01T09:12:00Z\"\n\
            [delegation]\nns = [\"ns1.brevo.com\", \"ns2.good.example\"]\n\
            [[name-server]]\nname = \"ns1.brevo.com\"\naddresses = [\"192.0.2.1\"]\n";
        let seen = Baseline::parse(text, "b.toml").unwrap();
        let written = profile(&seen, &["www.brevo.com.".parse().unwrap()]);
        let settings = Settings::parse(&written, std::path::Path::new("unpark.toml")).unwrap();
        let own = settings.zone(&zone).unwrap();
        assert_eq!(own.expect, ["ns1.brevo.com=192.0.2.1", "ns2.good.example"]);
        assert_eq!(own.hosts, ["www"]);
        // What is only shown is right as well.
        let shown: String = written
            .lines()
            .map(|line| line.strip_prefix("# ").filter(|l| l.contains(" = ")).unwrap_or(line))
            .map(|line| format!("{line}\n"))
            .collect();
        Settings::parse(&shown, std::path::Path::new("unpark.toml")).unwrap();
    }
}
