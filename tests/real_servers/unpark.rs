//! Running the real `unpark` binary against the world, once or for as long as a watch lasts.
//!
//! It sees nothing of the caller's configuration: its home, its state and its environment are the test's.

use std::env;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::namespace::run;
use crate::resolvers::Resolver;
use crate::wait::until;
use crate::world::World;
use crate::zones::{CORRECT_NAMES, ZONE};

/// How long one round may take, silent servers and a busy machine included.
const ROUND: Duration = Duration::from_secs(30);

/// The binary with the flags of one scenario.
#[derive(Clone)]
pub struct Unpark {
    directory: PathBuf,
    flags: Vec<String>,
    environment: Vec<(String, String)>,
}

impl Unpark {
    /// Without a world: built-in root hints and resolvers. Only where no packet can leave.
    pub fn alone(directory: &Path) -> Self {
        let flags = vec!["--no-system-resolvers".to_owned()];
        Self { directory: directory.to_path_buf(), flags, environment: Vec::new() }
    }

    /// Asking the world's root and these resolvers only.
    pub fn watching(world: &World, resolvers: &[Resolver]) -> Self {
        let mut program = Self::alone(world.directory());
        program.flag("--root-hints", &world.hints().display());
        for resolver in resolvers {
            program.flag("--resolver", &resolver.address());
        }
        program
    }

    /// Asking the world's root and these resolvers only, which Cloudflare is said to run: so its flush is theirs.
    pub fn watching_as_cloudflare(world: &World, resolvers: &[Resolver]) -> Self {
        let mut program = Self::alone(world.directory());
        program.flag("--root-hints", &world.hints().display());
        let entry = |resolver: &Resolver| {
            let (kind, address) = (format!("{:?}", resolver.kind()).to_lowercase(), resolver.address());
            format!(
                "[[resolver]]\nid = \"{kind}\"\noperator = \"Cloudflare\"\nipv4 = [\"{address}\"]\nflush = \"cloudflare\"\n"
            )
        };
        let list = world.directory().join("cloudflare.toml");
        fs::write(&list, resolvers.iter().map(entry).collect::<String>()).expect("the list can be written");
        program.flag("--resolvers", &list.display());
        program
    }

    /// Told which name servers are correct.
    pub fn expecting_the_correct_servers(mut self) -> Self {
        self.flag("--expect", &CORRECT_NAMES.join(","));
        self
    }

    /// Told which name servers are parked.
    pub fn knowing_as_parked(mut self, names: [&str; 2]) -> Self {
        self.flag("--parked", &names.join(","));
        self
    }

    /// With one more environment variable.
    pub fn with_environment(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// `unpark check ZONE --json`. What holds for every such output is asserted here.
    pub fn check(&self) -> Check {
        self.check_within(ROUND)
    }

    /// The same, with another limit on the time it may take.
    pub fn check_within(&self, limit: Duration) -> Check {
        let run = self.run_within("check", &["--json"], limit);
        println!("check: exit {:?}\n{}{}", run.code, run.stdout, run.stderr);
        let json: Value = serde_json::from_str(&run.stdout).expect("check --json writes one JSON document to stdout");
        assert_eq!(json["schema"], "unpark.check/1");
        assert_eq!(json["zone"], ZONE);
        assert_eq!(json["exit_code"].as_i64(), run.code.map(i64::from), "exit_code is the exit code");
        Check { code: run.code, json }
    }

    /// `unpark SUBCOMMAND ZONE …`, to its end.
    pub fn run(&self, subcommand: &str, extra: &[&str]) -> Run {
        self.run_within(subcommand, extra, ROUND)
    }

    /// Starts `unpark SUBCOMMAND ZONE …` and lets it run beside the test.
    pub fn start(&self, subcommand: &str, extra: &[&str]) -> Running {
        let out = tempfile::NamedTempFile::new_in(&self.directory).expect("a file for stdout").into_temp_path();
        let err = tempfile::NamedTempFile::new_in(&self.directory).expect("a file for stderr").into_temp_path();
        let mut command = self.command(&[subcommand, ZONE]);
        command.args(extra);
        command.stdout(File::create(&out).expect("the file for stdout opens"));
        command.stderr(File::create(&err).expect("the file for stderr opens"));
        Running { process: command.spawn().expect("the binary starts"), out, err }
    }

    /// `unpark ZONE`, its stdout no terminal: one line for each change.
    pub fn watch(&self) -> Watch {
        self.watch_zone(ZONE)
    }

    /// With more flags.
    pub fn with_flags(mut self, flags: &[String]) -> Self {
        self.flags.extend_from_slice(flags);
        self
    }

    /// The same as [`Self::watch`] of another zone.
    pub fn watch_zone(&self, zone: &str) -> Watch {
        let errors = File::create(self.directory.join(format!("{zone}unpark-watch.log"))).expect("a log file");
        let mut process =
            self.command(&[zone]).stdout(Stdio::piped()).stderr(errors).spawn().expect("the binary starts");
        let stdout = process.stdout.take().expect("stdout is piped");
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                println!("watch: {line}");
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Watch { process, lines }
    }

    fn flag(&mut self, name: &str, value: &impl ToString) {
        self.flags.extend([name.to_owned(), value.to_string()]);
    }

    fn run_within(&self, subcommand: &str, extra: &[&str], limit: Duration) -> Run {
        self.start(subcommand, extra).finish_within(limit)
    }

    fn command(&self, leading: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_unpark"));
        command.args(leading).args(&self.flags).stdin(Stdio::null()).current_dir(&self.directory);
        for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("UNPARK_")) {
            command.env_remove(name);
        }
        for name in ["HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"] {
            command.env(name, &self.directory);
        }
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }
}

/// A run of the binary that has ended.
pub struct Run {
    /// Its exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// What it wrote to stdout.
    pub stdout: String,
    /// What it wrote to stderr.
    pub stderr: String,
}

impl Run {
    /// Whether it said this, in any case of letters, on either stream.
    pub fn says(&self, text: &str) -> bool {
        let said = format!("{}\n{}", self.stdout, self.stderr).to_lowercase();
        said.contains(&text.to_lowercase())
    }
}

/// A run of the binary that may still go on.
pub struct Running {
    process: Child,
    out: tempfile::TempPath,
    err: tempfile::TempPath,
}

impl Running {
    /// Waits for its end; kills it and panics when `limit` passes first.
    pub fn finish_within(mut self, limit: Duration) -> Run {
        let status = wait_for_end(&mut self.process, limit);
        let read = |path: &Path| String::from_utf8_lossy(&fs::read(path).expect("output can be read")).into_owned();
        let (stdout, stderr) = (read(&self.out), read(&self.err));
        let status = status.unwrap_or_else(|| panic!("still running after {limit:?}:\n{stdout}{stderr}"));
        Run { code: status.code(), stdout, stderr }
    }
}

/// One output of `check --json`.
pub struct Check {
    /// The exit code.
    pub code: Option<i32>,
    /// The whole document.
    pub json: Value,
}

impl Check {
    /// The phase's word.
    pub fn phase(&self) -> &str {
        self.json["phase"].as_str().expect("phase is a string")
    }

    /// (address, verdict) of every row of `parents`, `authoritative` or `resolvers`, sorted by address.
    pub fn verdicts(&self, section: &str) -> Vec<(String, String)> {
        let text = |row: &Value, field: &str| row[field].as_str().expect("address and verdict are strings").to_owned();
        let rows = self.json[section].as_array().expect("each section is an array");
        let mut verdicts: Vec<_> = rows.iter().map(|row| (text(row, "address"), text(row, "verdict"))).collect();
        verdicts.sort();
        verdicts
    }

    /// Whether the headline, the next action or a finding names any of these.
    pub fn names(&self, marks: &[String]) -> bool {
        let told = ["headline", "next_action", "findings"].map(|field| self.json[field].to_string()).join("\n");
        marks.iter().any(|mark| told.contains(mark.as_str()))
    }

    /// The codes of all findings.
    pub fn finding_codes(&self) -> Vec<&str> {
        let findings = self.json["findings"].as_array().expect("findings is an array");
        findings.iter().map(|finding| finding["code"].as_str().expect("code is a string")).collect()
    }
}

/// The live tool, writing lines.
pub struct Watch {
    process: Child,
    lines: Receiver<String>,
}

impl Watch {
    /// Waits for a line with this text; panics when `limit` passes or the program ends first.
    pub fn wait_for(&self, text: &str, limit: Duration) {
        let end = Instant::now() + limit;
        loop {
            match self.lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(line) if line.contains(text) => return,
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout) => panic!("no line with {text:?} within {limit:?}"),
                Err(RecvTimeoutError::Disconnected) => panic!("the program ended without a line with {text:?}"),
            }
        }
    }

    /// Asks it to end (SIGTERM) and waits; panics when it is still there after `limit`.
    pub fn terminate(mut self, limit: Duration) -> ExitStatus {
        run("sh", &["-c", &format!("kill -TERM {}", self.process.id())]);
        wait_for_end(&mut self.process, limit).unwrap_or_else(|| panic!("still running {limit:?} after SIGTERM"))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The exit status, or `None` when the process had to be killed after `limit`.
fn wait_for_end(process: &mut Child, limit: Duration) -> Option<ExitStatus> {
    let end = Instant::now() + limit;
    let ended = until("the process to end or its time to pass", limit + ROUND, || {
        match process.try_wait().expect("a child can be waited for") {
            Some(status) => Some(Some(status)),
            None => (Instant::now() >= end).then_some(None),
        }
    });
    if ended.is_none() {
        let _ = process.kill();
        let _ = process.wait();
    }
    ended
}
