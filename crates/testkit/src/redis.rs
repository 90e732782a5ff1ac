//! A Redis of one test: one server, or a cluster of three, made of the machine's own programs.

mod sentinels;
mod server;

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::process::Signal;

pub use self::sentinels::TestSentinels;
use self::server::{Server, wait};
use crate::{TestAuthority, skip};

/// Commands that a user of the gateway needs: those of the documentation.
const COMMANDS: &str = "-@all +eval +evalsha +info +time +get +set +del +exists +pttl +pexpire +hget +hmget +hset +hdel +hincrby \
                        +zadd +zcard +zrem +zscore +zremrangebyscore +xadd +xdel +xlen +xrange";

/// The password of a guarded server.
const PASSWORD: &str = "guarded";

/// How a server of a cluster is set up.
const CLUSTER: [&str; 4] = ["--cluster-enabled", "yes", "--cluster-node-timeout", "5000"];

/// A Redis for one test. It ends when it is dropped.
#[derive(Debug)]
pub struct TestRedis {
    url: String,
    /// None of a Redis that others brought.
    servers: Vec<Server>,
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

    /// What is at an address, and belongs to somebody else.
    #[must_use]
    pub const fn at(url: String) -> Self {
        Self { url, servers: Vec::new() }
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
        let server = Server::start(&[]);
        Some(Self { url: server.url(), servers: vec![server] })
    }

    /// One server of the test's own that is set up as given, such as `["--maxmemory", "1mb"]`.
    ///
    /// # Panics
    ///
    /// When it does not start.
    #[must_use]
    pub fn with(settings: &[&str]) -> Option<Self> {
        if !is_installed() {
            return None;
        }
        let server = Server::start(settings);
        Some(Self { url: server.url(), servers: vec![server] })
    }

    /// One server of the test's own that is talked to over TLS only, with a certificate of the authority, by a user who
    /// has a password and may do no more than the gateway needs, with keys that begin with `prefix`.
    ///
    /// # Panics
    ///
    /// When it does not start.
    #[must_use]
    pub fn guarded(authority: &TestAuthority, prefix: &str) -> Option<Self> {
        if !is_installed() {
            return None;
        }
        let user = format!("ostiary on >{PASSWORD} ~{prefix}:* {COMMANDS}");
        let mut settings = vec!["--user", "default", "off", "--user"];
        settings.extend(user.split_whitespace());
        let server = Server::start_tls(authority, &settings);
        Some(Self { url: format!("rediss://ostiary:{PASSWORD}@localhost:{}/", server.port), servers: vec![server] })
    }

    /// Another server that follows this one, and has all that it has.
    ///
    /// # Panics
    ///
    /// When it does not start or catch up.
    #[must_use]
    pub fn replica(&self) -> Self {
        let first = self.first().port.to_string();
        // Told, and not set up: started again, it is nobody's replica.
        let server = Server::start(&[]);
        assert_eq!(server.cli(&["replicaof", "127.0.0.1", &first]), "OK");
        wait("the replica follows", || server.cli(&["info", "replication"]).contains("master_link_status:up"));
        Self { url: server.url(), servers: vec![server] }
    }

    /// Makes a replica a server that takes writes.
    ///
    /// # Panics
    ///
    /// When it does not.
    pub fn promote(&self) {
        assert_eq!(self.cli(&["replicaof", "no", "one"]), "OK");
    }

    /// Where the first server listens.
    ///
    /// # Panics
    ///
    /// When the Redis is not the test's own.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.first().port))
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
        let servers: Vec<Server> = (0..3).map(|_| Server::start(&CLUSTER)).collect();
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
            for entry in fs::read_dir(server.data()).expect("the directory").flatten() {
                let path = entry.path();
                let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
                removed.expect("the data is removed");
            }
        }
    }

    fn signal(&self, signal: Signal) {
        for server in &self.servers {
            server.signal(signal);
        }
    }

    fn first(&self) -> &Server {
        self.servers.first().expect("a server of the test's own")
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
