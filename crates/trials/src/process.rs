//! What a process has used, as the system counts it.

use std::process::Command;
use std::time::Duration;

use anyhow::Context as _;

/// Ticks of the system's clock in a second; the same on every Linux.
const TICKS: u64 = 100;

/// CPU time of a process, its own and the system's on its behalf.
///
/// # Errors
///
/// When there is no such process, or the system is no Linux.
pub fn cpu_time(id: u32) -> anyhow::Result<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).context("the process has ended")?;
    // Behind the name, which may hold anything; the fields are those of proc(5), from the third.
    let fields: Vec<&str> =
        stat.rsplit_once(')').map(|(_, rest)| rest.split_whitespace().collect()).unwrap_or_default();
    let ticks = |at: usize| fields.get(at).and_then(|text| text.parse::<u64>().ok()).context("the fields of a process");
    Ok(Duration::from_millis((ticks(11)? + ticks(12)?) * 1_000 / TICKS))
}

/// Memory of a process that is not elsewhere, in KiB.
///
/// # Errors
///
/// As [`cpu_time`].
pub fn resident_kib(id: u32) -> anyhow::Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).context("the process has ended")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("the memory of a process")?;
    line.split_whitespace().next().and_then(|text| text.parse().ok()).context("a number of KiB")
}

/// Leaves the first core to others, with all that is started from here on; answers whether there are others to go to.
#[must_use]
pub fn leave_first_core() -> bool {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    cores > 1 && pin(std::process::id(), &format!("1-{}", cores - 1))
}

/// Puts a process on the first core alone.
pub fn take_first_core(id: u32) {
    // Where it cannot be done, everybody is everywhere.
    let _everywhere = pin(id, "0");
}

fn pin(id: u32, cores: &str) -> bool {
    let pinned = Command::new("taskset").args(["-a", "-c", "-p", cores, &id.to_string()]).output();
    pinned.is_ok_and(|output| output.status.success())
}

/// Has this thread run when no other wants to.
pub fn give_way() {
    let id = std::fs::read_link("/proc/thread-self").ok();
    let id = id.as_deref().and_then(std::path::Path::file_name).map(std::ffi::OsStr::to_owned);
    // Where it cannot be done, it runs as others do.
    let _as_others = id.map(|id| Command::new("renice").args(["-n", "19", "-p"]).arg(id).output());
}
