//! A PgBouncer in front of a database.

use std::fs::{self, Permissions};
use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use url::Url;

use crate::postgres::TestPostgres;
use crate::postgres::server::free_port;
use crate::skip;

/// How long it may take to start.
const PATIENCE: Duration = Duration::from_secs(60);

/// Starts it and kills it when the input ends, which it does when the test does, however that ends.
const KEEP: &str = r#""$@" >/dev/null 2>&1 </dev/null & echo $!; cat >/dev/null; kill -9 $!"#;

/// A PgBouncer of one test. It ends when it is dropped.
#[derive(Debug)]
pub struct TestPooler {
    url: Url,
    keeper: Child,
    _dir: tempfile::TempDir,
}

impl TestPooler {
    /// Starts one in front of a database, with a `pool_mode` and more settings of its own. None, said visibly, where
    /// PgBouncer is not installed.
    ///
    /// # Panics
    ///
    /// When it does not start.
    #[must_use]
    pub fn start(database: &TestPostgres, mode: &str, settings: &[&str]) -> Option<Self> {
        let Some(program) = program() else {
            skip("PgBouncer is not installed");
            return None;
        };
        let behind: Url = database.url().parse().expect("a URL");
        let (host, port) = (behind.host_str().unwrap_or("127.0.0.1"), behind.port().unwrap_or(5432));
        let own = free_port().expect("a port");
        let dir = tempfile::tempdir().expect("a directory");
        let text = format!(
            "[databases]\n* = host={host} port={port} user={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {own}\n\
             unix_socket_dir =\nauth_type = any\npool_mode = {mode}\n{}\n",
            behind.username(),
            settings.join("\n")
        );
        let file = dir.path().join("pgbouncer.ini");
        fs::write(&file, text).expect("the configuration is written");
        // It refuses to be root, and reads its file as somebody else.
        fs::set_permissions(dir.path(), Permissions::from_mode(0o755)).expect("permissions");
        let mut shell = Command::new("sh");
        shell.args(["-c", KEEP, "keep"]).arg(program);
        if rustix::process::geteuid().is_root() {
            shell.args(["-u", "nobody"]);
        }
        let mut keeper = shell.arg(&file).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("sh starts");
        let mut line = String::new();
        BufReader::new(keeper.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect((Ipv4Addr::LOCALHOST, own)).is_err() {
            assert!(Instant::now() < deadline, "PgBouncer does not listen");
            std::thread::sleep(Duration::from_millis(10));
        }
        let mut url = behind;
        url.set_host(Some("127.0.0.1")).expect("a host");
        url.set_port(Some(own)).expect("a port");
        Some(Self { url, keeper, _dir: dir })
    }

    /// The database by way of it.
    #[must_use]
    pub fn url(&self) -> &str {
        self.url.as_str()
    }
}

impl Drop for TestPooler {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        drop(self.keeper.wait());
    }
}

/// Where it is: in a directory of administrators, most often.
fn program() -> Option<PathBuf> {
    let on_path = std::env::var_os("PATH")?;
    let dirs = std::env::split_paths(&on_path).chain([PathBuf::from("/usr/sbin")]);
    dirs.map(|dir| dir.join("pgbouncer")).find(|path| path.is_file())
}
