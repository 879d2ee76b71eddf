//! What an idle watch costs: `cargo bench --bench idle`. Linux only.
//!
//! Runs the real binary in a terminal of 120x40: the drill of a healthy zone, with every public resolver of the catalog's drill
//! world, so that its share of a core and its memory hold for the tool and the simulated internet together. Measured once the
//! first samples are in. To stay below: 2 % of a core, 60 MB.

#[cfg(target_os = "linux")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    use portable_pty::{CommandBuilder, PtySize, native_pty_system};
    use std::io::Read as _;
    use std::time::Duration;

    let full = std::env::args().any(|argument| argument == "--bench");
    let (warm, span) = if full { (60, 60) } else { (1, 1) };
    let pair = native_pty_system().openpty(PtySize { rows: 40, cols: 120, pixel_width: 0, pixel_height: 0 })?;
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_unpark"));
    command.env("TERM", "xterm-256color");
    command.args(["drill", "healthy"]);
    let mut child = pair.slave.spawn_command(command)?;
    let mut reader = pair.master.try_clone_reader()?;
    std::thread::spawn(move || {
        let mut octets = [0; 8192];
        while matches!(reader.read(&mut octets), Ok(1..)) {}
    });
    let process = child.process_id().ok_or("no process")?;
    std::thread::sleep(Duration::from_secs(warm));
    let before = ticks(process)?;
    std::thread::sleep(Duration::from_secs(span));
    let spent = ticks(process)?.saturating_sub(before);
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let memory =
        |field: &str| status.lines().find_map(|l| l.strip_prefix(field)).map_or("unknown", str::trim).to_owned();
    // Linux counts in hundredths of a second on every usual build.
    println!(
        "idle watch: {:.2} % of a core over {span} s, {} resident, {} at most",
        spent as f64 / span as f64,
        memory("VmRSS:"),
        memory("VmHWM:")
    );
    child.kill()?;
    child.wait()?;
    Ok(())
}

/// Processor time of a process so far, in hundredths of a second (proc(5): fields 14 and 15).
#[cfg(target_os = "linux")]
fn ticks(process: u32) -> Result<u64, Box<dyn std::error::Error>> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    let fields: Vec<&str> = stat.rsplit(") ").next().ok_or("no fields")?.split(' ').collect();
    let field = |at: usize| fields.get(at).and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
    Ok(field(11) + field(12))
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("measured on Linux only");
}
