//! What a process holds, as the system and the process itself say.

use ostiary_testkit::Program;

/// Memory, tasks and open files of a process.
#[derive(Clone, Copy, Debug)]
pub(super) struct Held {
    /// Resident, in bytes.
    pub(super) memory: u64,
    /// Of its runtime.
    pub(super) tasks: u64,
    /// Sockets included.
    pub(super) files: u64,
}

impl Held {
    /// None where the system does not say.
    pub(super) async fn by(program: &Program) -> Option<Self> {
        let proc = format!("/proc/{}", program.id());
        let status = std::fs::read_to_string(format!("{proc}/status")).ok()?;
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kib: u64 = resident.trim().strip_suffix("kB")?.trim().parse().ok()?;
        // Asked over a connection of its own, which is not counted: it is there each time.
        let metrics = reqwest::Client::new().get(format!("{}/metrics", program.base())).send().await.ok()?;
        let metrics = metrics.text().await.ok()?;
        let tasks = metrics.lines().find_map(|line| line.strip_prefix("ostiary_tasks "))?.trim().parse().ok()?;
        let files = std::fs::read_dir(format!("{proc}/fd")).ok()?.count() as u64;
        Some(Self { memory: kib * 1024, tasks, files })
    }
}
