//! Runs the operator's program once for a change, bounded in time, with what it prints kept off the screen.

use std::io::{self, Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::dns::shown;

/// So much of what it says on standard error is kept.
const MOST_SAID: u64 = 4096;
/// How often it is looked whether it has ended.
const GLANCE: Duration = Duration::from_millis(20);
/// What it said is waited for so long after its end: something it started may keep the line open.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// A program to run, as a line for the shell.
#[derive(Debug, Clone)]
pub struct Program {
    /// The line.
    pub line: String,
    /// How long it may run.
    pub patience: Duration,
    /// Set when the watch is over and nothing more is waited for.
    pub over: Arc<AtomicBool>,
}

impl Program {
    /// Runs it with `input` on its standard input. What it prints is dropped, but for the first line of a complaint.
    ///
    /// # Errors
    /// A few words on why it cannot be taken to have worked, safe to show.
    pub async fn run(&self, input: &str) -> Result<(), String> {
        let (program, input) = (self.clone(), format!("{input}\n"));
        let run = tokio::task::spawn_blocking(move || program.run_here(input));
        run.await.unwrap_or_else(|_| Err("this is a fault of unpark: report it".to_owned()))
    }

    /// The same, on a thread that may wait.
    fn run_here(&self, input: String) -> Result<(), String> {
        let mut command = shell(&self.line);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        // What it has no use for it should not inherit.
        command.env_remove("UNPARK_WEBHOOK");
        let mut child =
            command.spawn().map_err(|e| format!("it could not be started: {}", shown::text(&e.to_string())))?;
        let began = Instant::now();
        let said = converse(&mut child, input);
        let status = loop {
            match child.try_wait() {
                Ok(Some(status)) => break status,
                Ok(None) if began.elapsed() < self.patience && !self.over.load(Ordering::Relaxed) => {
                    thread::sleep(GLANCE);
                }
                Ok(None) => {
                    end_group(child.id());
                    let _ = child.kill();
                    let _ = child.wait();
                    return Err(format!("it did not end within {} s and was ended", self.patience.as_secs_f64()));
                }
                Err(error) => return Err(shown::text(&error.to_string())),
            }
        };
        if status.success() {
            return Ok(());
        }
        let said = said.recv_timeout(LAST_WORDS).unwrap_or_default();
        let said = String::from_utf8_lossy(&said);
        let complaint = said.lines().map(str::trim).find(|line| !line.is_empty());
        let complaint = complaint.map_or_else(String::new, |line| format!(": {}", shown::text(line)));
        Err(format!("{status}{complaint}"))
    }
}

/// Gives it its input, and hears what it complains of: what it says first comes out of the channel.
fn converse(child: &mut Child, input: String) -> mpsc::Receiver<Vec<u8>> {
    if let Some(mut stdin) = child.stdin.take() {
        // One that does not read its input has not failed by that; the line breaks when it ends.
        thread::spawn(move || stdin.write_all(input.as_bytes()));
    }
    let (tell, said) = mpsc::channel();
    if let Some(mut stderr) = child.stderr.take() {
        thread::spawn(move || {
            let mut first = Vec::new();
            let _ = (&mut stderr).take(MOST_SAID).read_to_end(&mut first);
            let _ = tell.send(first);
            // The rest is read too, so that it is not held up.
            let _ = io::copy(&mut stderr, &mut io::sink());
        });
    }
    said
}

#[cfg(unix)]
fn shell(line: &str) -> Command {
    use std::os::unix::process::CommandExt as _;
    let mut command = Command::new("sh");
    // A group of its own: Ctrl-C in the terminal is not for it, and what it starts can be ended with it.
    command.args(["-c", line]).process_group(0);
    command
}

#[cfg(not(unix))]
fn shell(line: &str) -> Command {
    let mut command = Command::new("cmd");
    command.args(["/C", line]);
    command
}

/// Ends a program with everything it started.
#[cfg(unix)]
fn end_group(group: u32) {
    let mut kill = Command::new("sh");
    kill.args(["-c", "kill -9 \"-$1\"", "sh", &group.to_string()]);
    let _ = kill.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
}

#[cfg(not(unix))]
fn end_group(_group: u32) {}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn program(line: &str) -> Program {
        Program { line: line.to_owned(), patience: Duration::from_secs(20), over: Arc::default() }
    }

    #[tokio::test]
    async fn it_gets_its_input_and_says_how_it_ended() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        program(&format!("cat > '{}'", out.display())).run("{\"a\":1}").await.unwrap();
        assert_eq!(std::fs::read_to_string(&out).unwrap(), "{\"a\":1}\n");
        let error = program("echo; printf 'no \\033[2Jway\\n' >&2; exit 3").run("x").await.unwrap_err();
        assert_eq!(error, "exit status: 3: no \\u{1b}[2Jway");
        // It need not read, whatever the size.
        program("exit 0").run(&"x".repeat(1 << 20)).await.unwrap();
        program("head -c 1000000 /dev/zero >&2").run("x").await.unwrap();
    }

    #[tokio::test]
    async fn one_that_hangs_is_ended_with_all_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let left = folder.path().join("pid");
        let line = format!("sleep 1000 & echo $! > '{}'; cat > /dev/null; wait", left.display());
        let hanging = Program { line, patience: Duration::from_secs(2), over: Arc::default() };
        let error = hanging.run("x").await.unwrap_err();
        assert!(error.contains("did not end within 2 s"), "{error}");
        let pid = std::fs::read_to_string(&left).unwrap();
        let runs = || {
            let alive =
                std::process::Command::new("sh").args(["-c", &format!("kill -0 {}", pid.trim())]).output().unwrap();
            // A process that nobody waits for may linger as a zombie; it runs no more.
            let state = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
            alive.status.success() && !state.contains(" Z ")
        };
        // A busy machine takes its time to end a process that was killed; one that was not would go on for 1000 s.
        for _ in 0..200 {
            if !runs() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("what it started still runs");
    }
}
