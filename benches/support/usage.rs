//! What a benchmark's process takes of the machine, as Linux tells it in `/proc`; elsewhere it is not known.

use std::io;
use std::time::Duration;

/// Processor time of this process so far, over all its threads.
///
/// # Errors
/// Where there is no `/proc`.
pub fn cpu_of_process() -> io::Result<Duration> {
    let mut sum = Duration::ZERO;
    for task in std::fs::read_dir("/proc/self/task")? {
        let id = task?.file_name().to_string_lossy().parse().map_err(io::Error::other)?;
        sum += cpu_of_thread(id).unwrap_or_default(); // a thread may end meanwhile
    }
    Ok(sum)
}

/// The same of one thread of this process.
///
/// # Errors
/// Where there is no `/proc`, or no such thread.
pub fn cpu_of_thread(id: u32) -> io::Result<Duration> {
    // First field: nanoseconds on the CPU (Documentation/scheduler/sched-stats in the Linux source).
    let text = std::fs::read_to_string(format!("/proc/self/task/{id}/schedstat"))?;
    let nanos = text.split_whitespace().next().and_then(|field| field.parse().ok());
    nanos.map(Duration::from_nanos).ok_or_else(|| io::Error::other("schedstat has no number"))
}

/// Memory of this process in MiB: `VmRSS:` now, `VmHWM:` at the most.
#[must_use]
pub fn memory(field: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(field))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? / 1024)
}

/// Lets the most memory be counted anew from now on.
pub fn forget_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}
