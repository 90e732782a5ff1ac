//! A Redis of one test: one server, or a cluster of three, made of the machine's own programs.

mod sentinels;
mod server;

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::process::Signal;

pub use self::sentinels::TestSentinels;
use self::server::{Server, wait};
use crate::{TestAuthority, skip};

/// Commands that a user of the gateway needs: those of the documentation.
const COMMANDS: &str = "-@all +eval +evalsha +info +time +get +set +del +exists +pttl +pexpire +hget +hmget +hset +hdel +hincrby \
                        +zadd +zcard +zrem +zscore +zremrangebyscore +xadd +xdel +xlen +xrange +xinfo";

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
        let user = user(prefix);
        let mut settings = vec!["--user", "default", "off", "--user"];
        settings.extend(user.split_whitespace());
        let server = Server::start_tls(authority, None, &settings);
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
        let hosts = join(&servers);
        Some(Self { url: format!("redis-cluster://{hosts}"), servers })
    }

    /// As [`TestRedis::guarded`], a cluster of three whose servers talk to each other over TLS, too.
    ///
    /// # Panics
    ///
    /// When it does not come together.
    #[must_use]
    pub fn guarded_cluster(authority: &TestAuthority, prefix: &str) -> Option<Self> {
        if !is_installed() {
            return None;
        }
        // Whoever makes the cluster is another user.
        let user = format!("{} +cluster", user(prefix));
        let mut settings = CLUSTER.to_vec();
        settings.extend(["--tls-cluster", "yes", "--user"]);
        settings.extend(user.split_whitespace());
        let servers: Vec<Server> = (0..3).map(|_| Server::start_tls(authority, None, &settings)).collect();
        let hosts = join(&servers);
        Some(Self { url: format!("rediss-cluster://ostiary:{PASSWORD}@{hosts}"), servers })
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

    /// A copy of the first server's files as they are now.
    ///
    /// # Panics
    ///
    /// When they cannot be copied.
    #[must_use]
    pub fn copy(&self) -> TestRedisCopy {
        let copy = TestRedisCopy(tempfile::tempdir().expect("a directory"));
        put(self.first().data(), copy.0.path());
        copy
    }

    /// Puts a copy into the place of the files of a killed server.
    ///
    /// # Panics
    ///
    /// When it cannot be put there.
    pub fn restore(&self, copy: &TestRedisCopy) {
        self.forget();
        put(copy.0.path(), self.first().data());
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

/// A user who may do what the documentation says, and no more.
fn user(prefix: &str) -> String {
    format!("ostiary on >{PASSWORD} ~{prefix}:* {COMMANDS}")
}

/// Makes a cluster of servers; answers their addresses.
fn join(servers: &[Server]) -> String {
    let hosts: Vec<String> = servers.iter().map(|server| format!("127.0.0.1:{}", server.port)).collect();
    let mut create = vec!["--cluster", "create"];
    create.extend(hosts.iter().map(String::as_str));
    create.extend(["--cluster-replicas", "0", "--cluster-yes"]);
    let made = servers.first().map(|server| server.cli(&create)).unwrap_or_default();
    assert!(made.contains("All 16384 slots covered"), "no cluster: {made}");
    for server in servers {
        wait("the cluster is whole", || server.cli(&["cluster", "info"]).contains("cluster_state:ok"));
    }
    hosts.join(",")
}

/// The files of a server as they were at some time.
#[derive(Debug)]
pub struct TestRedisCopy(tempfile::TempDir);

fn put(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").arg(from.join(".")).arg(to).status().expect("cp starts");
    assert!(copied.success(), "the files are not copied");
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
