//! A PostgreSQL server of one test, which may stop, freeze and kill it.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Child;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use rustix::process::{Pid, Signal, kill_process};

use crate::postgres::server::{free_port, launch, lock_file, make_cluster, url, watch};

/// How long a server may take to end.
const PATIENCE: Duration = Duration::from_secs(60);

/// The server. It ends when it is dropped, or a moment after the process that started it was killed.
#[derive(Debug)]
pub(super) struct OwnServer {
    home: PathBuf,
    port: u16,
    settings: Vec<String>,
    child: Mutex<Child>,
    _user: File,
}

impl OwnServer {
    /// Makes a cluster and starts its server, with these settings besides the usual ones.
    pub(super) fn start(settings: &[&str]) -> anyhow::Result<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        // Not below a directory that only its owner may enter: the server runs as another user.
        let home = std::env::temp_dir().join(format!("ostiary-postgres-own-{}-{number}", std::process::id()));
        fs::create_dir_all(&home).with_context(|| format!("cannot make {}", home.display()))?;
        let user = lock_file(&home.join("users"))?;
        user.lock_shared()?;
        make_cluster(&home)?;
        let port = free_port()?;
        let child = launch(&home, port, settings)?;
        watch(&home, child.id())?;
        let settings = settings.iter().copied().map(str::to_owned).collect();
        Ok(Self { home, port, settings, child: Mutex::new(child), _user: user })
    }

    pub(super) fn url(&self, database: &str) -> String {
        url(self.port, database)
    }

    /// Sends a signal to the server and to every process of it.
    pub(super) fn signal(&self, signal: Signal) {
        let parent = self.child.lock().expect("nobody panics with it").id();
        for id in children(parent).into_iter().chain([parent]) {
            if let Some(id) = i32::try_from(id).ok().and_then(Pid::from_raw) {
                // One that is gone needs no signal.
                let _gone = kill_process(id, signal);
            }
        }
    }

    /// Waits until it has ended, and starts it again with what its files hold.
    pub(super) fn start_again(&self) -> anyhow::Result<()> {
        let mut child = self.child.lock().expect("nobody panics with it");
        end(&mut child)?;
        let settings: Vec<&str> = self.settings.iter().map(String::as_str).collect();
        let deadline = Instant::now() + PATIENCE;
        *child = loop {
            match launch(&self.home, self.port, &settings) {
                Ok(child) => break child,
                // The last of the killed processes may still hold the memory.
                Err(_) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(50)),
                Err(error) => return Err(error),
            }
        };
        watch(&self.home, child.id())
    }
}

impl Drop for OwnServer {
    fn drop(&mut self) {
        self.signal(Signal::CONT);
        self.signal(Signal::QUIT);
        if let Ok(child) = self.child.get_mut() {
            drop(end(child));
        }
        drop(fs::remove_dir_all(&self.home));
    }
}

/// Waits for its end, and helps when it does not come.
fn end(child: &mut Child) -> anyhow::Result<()> {
    let deadline = Instant::now() + PATIENCE;
    while child.try_wait()?.is_none() {
        if Instant::now() > deadline {
            child.kill()?;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

/// Processes whose parent this is.
fn children(parent: u32) -> Vec<u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let is_child = |id: &u32| {
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        // Behind the name, which may hold anything: the state, then the parent.
        let fields = stat.rsplit_once(')').map(|(_, fields)| fields).unwrap_or_default();
        fields.split_whitespace().nth(1).and_then(|id| id.parse().ok()) == Some(parent)
    };
    ids.filter(is_child).collect()
}
