//! Three servers of which one is the first, and three sentinels that make another the first when it is gone.

use rustix::process::Signal;

use super::server::{Server, wait};
use super::{PASSWORD, is_installed, user};
use crate::TestAuthority;

/// What the sentinels call the servers.
const NAME: &str = "ostiary";

/// Who may do everything: sentinels, and servers that follow another.
const OPERATOR: [&str; 2] = ["operator", "operates"];

/// Whom the sentinels take the gateway for, and its password.
const ASKER: [&str; 2] = ["asker", "asks"];

/// Servers and sentinels of one test. They end when this is dropped.
#[derive(Debug)]
pub struct TestSentinels {
    url: String,
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
        Self::start_with(None, "")
    }

    /// As [`TestSentinels::start`]; everybody talks to everybody over TLS with a certificate of the authority, and has to
    /// say who they are. The gateway's user may do no more than it needs, with keys that begin with `prefix`; and may ask
    /// the sentinels for the first server, as another user.
    ///
    /// # Panics
    ///
    /// As [`TestSentinels::start`].
    #[must_use]
    pub fn guarded(authority: &TestAuthority, prefix: &str) -> Option<Self> {
        Self::start_with(Some(authority), prefix)
    }

    fn start_with(authority: Option<&TestAuthority>, prefix: &str) -> Option<Self> {
        if !is_installed() {
            return None;
        }
        let operator = format!("{} on >{} ~* &* +@all", OPERATOR[0], OPERATOR[1]);
        let gateway = user(prefix);
        let mut careful =
            vec!["--min-replicas-to-write", "1", "--min-replicas-max-lag", "10", "--repl-diskless-sync-delay", "0"];
        if authority.is_some() {
            careful.extend(["--tls-replication", "yes", "--masteruser", OPERATOR[0], "--masterauth", OPERATOR[1]]);
            careful.extend(["--user", "default", "off"]);
            for user in [&operator, &gateway] {
                careful.push("--user");
                careful.extend(user.split_whitespace());
            }
        }
        let start = |settings: &[&str]| match authority {
            Some(authority) => Server::start_tls(authority, Some(OPERATOR), settings),
            None => Server::start(settings),
        };
        let first = start(&careful);
        let (host, port) = ("127.0.0.1", first.port.to_string());
        let replicas = (0..2).map(|_| {
            let mut settings = careful.clone();
            settings.extend(["--replicaof", host, &port]);
            start(&settings)
        });
        let replicas: Vec<Server> = replicas.collect();
        wait("the replicas are there", || first.cli(&["info", "replication"]).contains("min_slaves_good_slaves:2"));
        let mut configuration = format!(
            "sentinel monitor {NAME} {host} {port} 2\n\
             sentinel down-after-milliseconds {NAME} 1000\n\
             sentinel failover-timeout {NAME} 5000\n"
        );
        if authority.is_some() {
            let ([operating, password], [asking, asks]) = (OPERATOR, ASKER);
            configuration = format!(
                "tls-replication yes\nuser default off\nuser {operator}\n\
                 user {asking} on >{asks} -@all +sentinel|get-master-addr-by-name\n\
                 sentinel sentinel-user {operating}\nsentinel sentinel-pass {password}\n{configuration}\
                 sentinel auth-user {NAME} {operating}\nsentinel auth-pass {NAME} {password}\n"
            );
        }
        let sentinels: Vec<Server> =
            (0..3).map(|_| Server::start_sentinel(&configuration, authority, Some(OPERATOR))).collect();
        for sentinel in &sentinels {
            wait("the sentinels know each other", || {
                let known = sentinel.cli(&["sentinel", "master", NAME]);
                let words: Vec<&str> = known.lines().map(str::trim).collect();
                let says = |name: &str, value: &str| words.windows(2).any(|pair| pair == [name, value]);
                says("num-other-sentinels", "2") && says("num-slaves", "2") && says("flags", "master")
            });
        }
        let hosts: Vec<String> = sentinels.iter().map(|sentinel| format!("127.0.0.1:{}", sentinel.port)).collect();
        let (hosts, [asking, asks]) = (hosts.join(","), ASKER);
        let url = match authority {
            Some(_) => format!(
                "rediss-sentinel://ostiary:{PASSWORD}@{hosts}/{NAME}/0?sentinel_user={asking}&sentinel_password={asks}"
            ),
            None => format!("redis-sentinel://{hosts}/{NAME}"),
        };
        Some(Self { url, servers: std::iter::once(first).chain(replicas).collect(), sentinels })
    }

    /// Their address, as the gateway takes it.
    #[must_use]
    pub fn url(&self) -> String {
        self.url.clone()
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
