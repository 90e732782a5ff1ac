//! A Redis of one test: one server, or a cluster of three, made of the machine's own programs.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::skip;

/// How long a server may take to start on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Starts a server, says its process id, and kills it when the input ends, which it does when the test does, however
/// that ends.
const KEEP: &str = r#""$@" >/dev/null 2>&1 </dev/null & echo $!; cat >/dev/null; kill -9 $!"#;

/// A Redis for one test. It ends when it is dropped.
#[derive(Debug)]
pub struct TestRedis {
    url: String,
    /// None of a Redis that others brought.
    servers: Vec<Server>,
}

/// One server with its data.
#[derive(Debug)]
struct Server {
    port: u16,
    is_cluster: bool,
    dir: tempfile::TempDir,
    keeper: Child,
    id: Pid,
}

impl TestRedis {
    /// One server: that of `TEST_REDIS_URL`, or one of the test's own. None, said visibly, where there is neither.
    ///
    /// # Panics
    ///
    /// When a server does not start.
    #[must_use]
    pub fn single() -> Option<Self> {
        if let Ok(url) = std::env::var("TEST_REDIS_URL") {
            return Some(Self { url, servers: Vec::new() });
        }
        Self::own()
    }

    /// One server of the test's own, which it may stop and kill.
    ///
    /// # Panics
    ///
    /// When it does not start.
    #[must_use]
    pub fn own() -> Option<Self> {
        if !is_installed() {
            return None;
        }
        let server = Server::start(false);
        Some(Self { url: format!("redis://127.0.0.1:{}/", server.port), servers: vec![server] })
    }

    /// A cluster: that of `TEST_REDIS_CLUSTER_URL`, or three servers of the test's own.
    ///
    /// # Panics
    ///
    /// When it does not come together.
    #[must_use]
    pub fn cluster() -> Option<Self> {
        if let Ok(url) = std::env::var("TEST_REDIS_CLUSTER_URL") {
            return Some(Self { url, servers: Vec::new() });
        }
        if !is_installed() {
            return None;
        }
        let servers: Vec<Server> = (0..3).map(|_| Server::start(true)).collect();
        let hosts: Vec<String> = servers.iter().map(|server| format!("127.0.0.1:{}", server.port)).collect();
        let mut create = Command::new("redis-cli");
        create.args(["--cluster", "create"]).args(&hosts).args(["--cluster-replicas", "0", "--cluster-yes"]);
        let made = create.stdin(Stdio::null()).output().expect("redis-cli starts");
        assert!(made.status.success(), "no cluster: {}", String::from_utf8_lossy(&made.stdout));
        let made = Self { url: format!("redis-cluster://{}", hosts.join(",")), servers };
        for server in &made.servers {
            wait("the cluster is whole", || server.cli(&["cluster", "info"]).contains("cluster_state:ok"));
        }
        Some(made)
    }

    /// Its address, as the gateway takes it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What the names of one test's keys begin with, in a Redis that others use, too.
    #[must_use]
    pub fn prefix() -> String {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let time = std::time::SystemTime::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_nanos());
        format!("test-{:x}-{time:x}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
    }

    /// Runs a command on the first server; answers what it says.
    ///
    /// # Panics
    ///
    /// When the Redis is not the test's own.
    #[must_use]
    pub fn cli(&self, words: &[&str]) -> String {
        self.first().cli(words)
    }

    /// `SIGSTOP`: the connections stay, and nothing answers.
    pub fn freeze(&self) {
        self.signal(Signal::STOP);
    }

    /// Undoes [`TestRedis::freeze`].
    pub fn thaw(&self) {
        self.signal(Signal::CONT);
    }

    /// `kill -9` of every server. What was written to the files stays.
    pub fn kill(&self) {
        self.signal(Signal::KILL);
    }

    /// Starts every server over, on its port, with what its files hold.
    ///
    /// # Panics
    ///
    /// When it does not start.
    pub fn start_again(&mut self) {
        for server in &mut self.servers {
            server.start_again();
        }
    }

    /// Removes the files of killed servers: they start with nothing.
    ///
    /// # Panics
    ///
    /// When they cannot be removed.
    pub fn forget(&self) {
        for server in &self.servers {
            for entry in fs::read_dir(server.dir.path()).expect("the directory").flatten() {
                let path = entry.path();
                let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
                removed.expect("the data is removed");
            }
        }
    }

    fn signal(&self, signal: Signal) {
        for server in &self.servers {
            // One that is gone needs no signal.
            let _gone = kill_process(server.id, signal);
        }
    }

    fn first(&self) -> &Server {
        self.servers.first().expect("a server of the test's own")
    }
}

impl Server {
    fn start(is_cluster: bool) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let port = free_port();
        let (keeper, id) = spawn(port, is_cluster, dir.path());
        Self { port, is_cluster, dir, keeper, id }
    }

    fn start_again(&mut self) {
        self.end();
        (self.keeper, self.id) = spawn(self.port, self.is_cluster, self.dir.path());
    }

    fn cli(&self, words: &[&str]) -> String {
        let mut cli = Command::new("redis-cli");
        let output = cli.args(["-p", &self.port.to_string()]).args(words).stdin(Stdio::null()).output();
        String::from_utf8_lossy(&output.expect("redis-cli starts").stdout).trim().to_owned()
    }

    fn end(&mut self) {
        drop(self.keeper.stdin.take());
        drop(self.keeper.wait());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

/// Starts a server and waits until it answers.
fn spawn(port: u16, is_cluster: bool, dir: &Path) -> (Child, Pid) {
    let mut shell = Command::new("sh");
    shell.args(["-c", KEEP, "keep", "redis-server", "--port", &port.to_string(), "--bind", "127.0.0.1", "--dir"]);
    shell.arg(dir).args(["--save", "", "--appendonly", "yes", "--appendfsync", "everysec"]);
    if is_cluster {
        shell.args(["--cluster-enabled", "yes", "--cluster-node-timeout", "5000"]);
    }
    let mut keeper = shell.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("sh starts");
    let mut line = String::new();
    BufReader::new(keeper.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
    let id = line.trim().parse().ok().and_then(Pid::from_raw).expect("a process id");
    wait("Redis listens", || {
        TcpStream::connect_timeout(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)), Duration::from_secs(1)).is_ok()
    });
    (keeper, id)
}

/// A port that nobody has, and whose port for the bus of a cluster is a port, too.
fn free_port() -> u16 {
    loop {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let port = listener.local_addr().expect("its address").port();
        let bus = port.checked_add(10_000);
        if bus.is_some_and(|bus| TcpListener::bind((Ipv4Addr::LOCALHOST, bus)).is_ok()) {
            return port;
        }
    }
}

fn wait(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Whether the machine has the programs; says so where it has not.
fn is_installed() -> bool {
    let on_path = |name: &str| -> Option<PathBuf> {
        std::env::split_paths(&std::env::var_os("PATH")?).map(|dir| dir.join(name)).find(|path| path.is_file())
    };
    let is_installed = on_path("redis-server").is_some() && on_path("redis-cli").is_some();
    if !is_installed {
        skip("Redis is not installed, and TEST_REDIS_URL is not set");
    }
    is_installed
}
