//! Three servers of which one is the first, and three sentinels that make another the first when it is gone.

use rustix::process::Signal;

use super::is_installed;
use super::server::{Server, wait};

/// What the sentinels call the servers.
const NAME: &str = "ostiary";

/// Servers and sentinels of one test. They end when this is dropped.
#[derive(Debug)]
pub struct TestSentinels {
    servers: Vec<Server>,
    sentinels: Vec<Server>,
}

impl TestSentinels {
    /// Starts all of them, and waits until every sentinel knows every server and every other sentinel.
    ///
    /// # Panics
    ///
    /// When they do not come together.
    #[must_use]
    pub fn start() -> Option<Self> {
        if !is_installed() {
            return None;
        }
        let careful =
            ["--min-replicas-to-write", "1", "--min-replicas-max-lag", "10", "--repl-diskless-sync-delay", "0"];
        let first = Server::start(&careful);
        let (host, port) = ("127.0.0.1", first.port.to_string());
        let replicas = (0..2).map(|_| {
            let mut settings = careful.to_vec();
            settings.extend(["--replicaof", host, &port]);
            Server::start(&settings)
        });
        let replicas: Vec<Server> = replicas.collect();
        wait("the replicas are there", || first.cli(&["info", "replication"]).contains("min_slaves_good_slaves:2"));
        let configuration = format!(
            "sentinel monitor {NAME} {host} {port} 2\n\
             sentinel down-after-milliseconds {NAME} 1000\n\
             sentinel failover-timeout {NAME} 5000\n"
        );
        let sentinels: Vec<Server> = (0..3).map(|_| Server::start_sentinel(&configuration)).collect();
        for sentinel in &sentinels {
            wait("the sentinels know each other", || {
                let known = sentinel.cli(&["sentinel", "master", NAME]);
                let words: Vec<&str> = known.lines().map(str::trim).collect();
                let says = |name: &str, value: &str| words.windows(2).any(|pair| pair == [name, value]);
                says("num-other-sentinels", "2") && says("num-slaves", "2") && says("flags", "master")
            });
        }
        Some(Self { servers: std::iter::once(first).chain(replicas).collect(), sentinels })
    }

    /// Their address, as the gateway takes it.
    #[must_use]
    pub fn url(&self) -> String {
        let hosts: Vec<String> = self.sentinels.iter().map(|sentinel| format!("127.0.0.1:{}", sentinel.port)).collect();
        format!("redis-sentinel://{}/{NAME}", hosts.join(","))
    }

    /// `kill -9` of the server that is the first now.
    ///
    /// # Panics
    ///
    /// When no sentinel names one.
    pub fn kill_first(&self) {
        self.first().signal(Signal::KILL);
    }

    /// `SIGSTOP` of the server that is the first now, and of one sentinel: connections stay, and nothing answers.
    ///
    /// # Panics
    ///
    /// When no sentinel names one.
    pub fn freeze_first(&self) {
        self.first().signal(Signal::STOP);
        if let Some(sentinel) = self.sentinels.first() {
            sentinel.signal(Signal::STOP);
        }
    }

    /// Undoes [`TestSentinels::freeze_first`].
    pub fn thaw(&self) {
        for server in self.servers.iter().chain(&self.sentinels) {
            server.signal(Signal::CONT);
        }
    }

    /// The port of the server that is the first now.
    ///
    /// # Panics
    ///
    /// When no sentinel names one.
    #[must_use]
    pub fn first_port(&self) -> u16 {
        self.first().port
    }

    fn first(&self) -> &Server {
        // The last one: the first may be frozen.
        let answer = self.sentinels.last().expect("a sentinel").cli(&["sentinel", "get-master-addr-by-name", NAME]);
        let port = answer.lines().last().and_then(|port| port.trim().parse::<u16>().ok()).expect("a port");
        self.servers.iter().find(|server| server.port == port).expect("one of the servers")
    }
}
