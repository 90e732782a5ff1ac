//! One server with its data.

use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::TestAuthority;

/// How long a server may take to start on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Starts a server, says its process id, and kills it when the input ends, which it does when the test does, however
/// that ends.
const KEEP: &str = r#""$@" >/dev/null 2>&1 </dev/null & echo $!; cat >/dev/null; kill -9 $!"#;

/// A server that ends when this is dropped, however the test ends.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) port: u16,
    program: &'static str,
    arguments: Vec<String>,
    /// How `redis-cli` gets in.
    entrance: Vec<String>,
    dir: tempfile::TempDir,
    keeper: Child,
    id: Pid,
}

impl Server {
    /// A server that keeps an append-only file, with these settings besides.
    pub(super) fn start(settings: &[&str]) -> Self {
        let port = free_port();
        let mut arguments = vec!["--port".to_owned(), port.to_string()];
        arguments.extend(settings.iter().map(|&setting| setting.to_owned()));
        Self::start_server(port, arguments)
    }

    /// As [`Server::start`], over TLS only. `user` is whom `redis-cli` says it is.
    pub(super) fn start_tls(authority: &TestAuthority, user: Option<[&str; 2]>, settings: &[&str]) -> Self {
        let port = free_port();
        let mut arguments = Vec::new();
        for [name, value] in tls(authority, port) {
            arguments.extend([format!("--{name}"), value]);
        }
        arguments.extend(settings.iter().map(|&setting| setting.to_owned()));
        let mut server = Self::start_server(port, arguments);
        server.entrance = entrance(authority, user);
        server
    }

    fn start_server(port: u16, mut arguments: Vec<String>) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let data = dir.path().to_str().expect("a path of text");
        let kept =
            ["--bind", "127.0.0.1", "--save", "", "--appendonly", "yes", "--appendfsync", "everysec", "--dir", data];
        // In front: what a test sets comes last and counts.
        arguments.splice(0..0, kept.map(str::to_owned));
        Self::run("redis-server", port, arguments, dir)
    }

    /// A sentinel, which keeps what it knows in its configuration. Over TLS only, if there is an authority.
    pub(super) fn start_sentinel(
        configuration: &str,
        authority: Option<&TestAuthority>,
        user: Option<[&str; 2]>,
    ) -> Self {
        let (dir, port) = (tempfile::tempdir().expect("a directory"), free_port());
        let file = dir.path().join("sentinel.conf");
        let door = match authority {
            Some(authority) => tls(authority, port).map(|setting| setting.join(" ")).join("\n"),
            None => format!("port {port}"),
        };
        let text = format!("{door}\nbind 127.0.0.1\ndir {}\n{configuration}", dir.path().display());
        std::fs::write(&file, text).expect("the configuration is written");
        let arguments = vec![file.to_str().expect("a path of text").to_owned(), "--sentinel".to_owned()];
        let mut sentinel = Self::run("redis-server", port, arguments, dir);
        sentinel.entrance = authority.map(|authority| entrance(authority, user)).unwrap_or_default();
        sentinel
    }

    fn run(program: &'static str, port: u16, arguments: Vec<String>, dir: tempfile::TempDir) -> Self {
        let (keeper, id) = spawn(program, port, &arguments);
        Self { port, program, arguments, entrance: Vec::new(), dir, keeper, id }
    }

    /// Starts it over, on its port, with what its files hold.
    pub(super) fn start_again(&mut self) {
        self.end();
        (self.keeper, self.id) = spawn(self.program, self.port, &self.arguments);
    }

    /// Its address, without TLS.
    pub(super) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    /// Where its files are.
    pub(super) fn data(&self) -> &Path {
        self.dir.path()
    }

    /// Runs a command on it; answers what it says.
    pub(super) fn cli(&self, words: &[&str]) -> String {
        let mut cli = Command::new("redis-cli");
        cli.args(["-p", &self.port.to_string()]).args(&self.entrance);
        let output = cli.args(words).stdin(Stdio::null()).output();
        String::from_utf8_lossy(&output.expect("redis-cli starts").stdout).trim().to_owned()
    }

    pub(super) fn signal(&self, signal: Signal) {
        // One that is gone needs no signal.
        let _gone = kill_process(self.id, signal);
    }

    fn end(&mut self) {
        drop(self.keeper.stdin.take());
        drop(self.keeper.wait());
    }
}

/// Settings of a server that is talked to over TLS only.
fn tls(authority: &TestAuthority, port: u16) -> [[String; 2]; 6] {
    let path = |path: &Path| path.to_str().expect("a path of text").to_owned();
    [
        ("port", "0".to_owned()),
        ("tls-port", port.to_string()),
        ("tls-auth-clients", "no".to_owned()),
        ("tls-cert-file", path(&authority.certificate())),
        ("tls-key-file", path(&authority.key())),
        ("tls-ca-cert-file", path(&authority.root())),
    ]
    .map(|(name, value)| [name.to_owned(), value])
}

fn entrance(authority: &TestAuthority, user: Option<[&str; 2]>) -> Vec<String> {
    let root = authority.root();
    let mut entrance = vec!["--tls".to_owned(), "--cacert".to_owned(), root.to_str().expect("a path").to_owned()];
    if let Some([user, password]) = user {
        entrance.extend(["--no-auth-warning", "--user", user, "--pass", password].map(str::to_owned));
    }
    entrance
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

/// Starts a server and waits until it answers. One that ends at once is started again: its port may have been somebody's
/// connection's for a moment.
fn spawn(program: &str, port: u16, arguments: &[String]) -> (Child, Pid) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let (mut keeper, id) = spawn_once(program, arguments);
        while !has_ended(id) {
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
            if TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok() {
                return (keeper, id);
            }
            assert!(Instant::now() < deadline, "Redis does not listen");
            std::thread::sleep(Duration::from_millis(10));
        }
        drop(keeper.stdin.take());
        drop(keeper.wait());
        assert!(Instant::now() < deadline, "Redis does not start");
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// Whether a process is gone, or waits to be asked how it ended; where that cannot be seen it runs.
fn has_ended(id: Pid) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", id.as_raw_nonzero()));
    stat.is_ok_and(|stat| stat.rsplit_once(')').is_some_and(|(_, rest)| rest.trim_start().starts_with('Z')))
}

fn spawn_once(program: &str, arguments: &[String]) -> (Child, Pid) {
    let mut shell = Command::new("sh");
    shell.args(["-c", KEEP, "keep", program]).args(arguments);
    let mut keeper = shell.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("sh starts");
    let mut line = String::new();
    BufReader::new(keeper.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
    let id = line.trim().parse().ok().and_then(Pid::from_raw).expect("a process id");
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

pub(super) fn wait(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
