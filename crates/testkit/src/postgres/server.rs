//! A PostgreSQL server made of the machine's own programs, in a directory that goes away.
//!
//! Every process that wants it joins the one that is there or starts it; a moment after the last has left, or was
//! killed, the server ends and its directory is emptied. Held together by locks on two files: a process holds `users`
//! as long as it lives, and `start` while it looks whether there is a server.

use std::collections::hash_map::DefaultHasher;
use std::fs::{self, File};
use std::hash::{Hash as _, Hasher as _};
use std::io::Read as _;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use rustix::process::geteuid;

/// How long the server may take to start on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Who owns the data.
const USER: &str = "ostiary";

/// Ends the server when nobody has held `users` for three rounds. Arguments: the directory, the server's process id.
const WATCH: &str = r#"
cd "$1" || exit 1
idle=0
while sleep 2; do
    kill -0 "$2" 2>/dev/null || exit 0
    if flock --exclusive --nonblock users true; then idle=$((idle + 1)); else idle=0; fi
    if [ "$idle" -ge 3 ]; then
        exec 9>start
        flock --exclusive 9
        if flock --exclusive --nonblock users true; then
            rm -f port
            kill -QUIT "$2"
            while kill -0 "$2" 2>/dev/null; do sleep 0.1; done
            rm -rf data
            exit 0
        fi
        exec 9>&-
        idle=0
    fi
done
"#;

/// The server, as long as this process uses it.
#[derive(Debug)]
pub(crate) struct SharedServer {
    port: u16,
    _user: File,
}

impl SharedServer {
    /// Whether the machine has the programs.
    pub(crate) fn is_installed() -> bool {
        programs().is_some() && on_path("flock").is_some()
    }

    /// Joins the server of this working tree and this user, and starts it when there is none.
    ///
    /// # Errors
    ///
    /// What keeps it from starting.
    pub(crate) fn join() -> anyhow::Result<Self> {
        let home = &home()?;
        let start = lock_file(&home.join("start"))?;
        start.lock()?;
        let user = lock_file(&home.join("users"))?;
        user.lock_shared()?;
        let port_file = home.join("port");
        if let Some(port) = fs::read_to_string(&port_file).ok().and_then(|text| text.trim().parse().ok())
            && answers(port)
        {
            return Ok(Self { port, _user: user });
        }
        let port = start_in(home)?;
        fs::write(&port_file, port.to_string())?;
        Ok(Self { port, _user: user })
    }

    /// The URL of a database of the server.
    pub(crate) fn url(&self, database: &str) -> String {
        url(self.port, database)
    }
}

/// The URL of a database of the server at a port.
pub(super) fn url(port: u16, database: &str) -> String {
    format!("postgres://{USER}@127.0.0.1:{port}/{database}?sslmode=disable")
}

/// The server's directory: outside the working tree, which another user may not be able to read.
fn home() -> anyhow::Result<PathBuf> {
    let mut hasher = DefaultHasher::new();
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).hash(&mut hasher);
    let user = geteuid().as_raw();
    let home = std::env::temp_dir().join(format!("ostiary-postgres-{user}-{:016x}", hasher.finish()));
    fs::create_dir_all(&home).with_context(|| format!("cannot make {}", home.display()))?;
    if fs::metadata(&home)?.uid() != user {
        bail!("{} belongs to another user", home.display());
    }
    Ok(home)
}

pub(super) fn lock_file(path: &Path) -> anyhow::Result<File> {
    let file = File::options().create(true).truncate(false).write(true).open(path);
    file.with_context(|| format!("cannot open {}", path.display()))
}

/// The directory with `initdb` and `postgres`: the newest that Debian has installed, or the one on the path.
fn programs() -> Option<PathBuf> {
    let version = |path: &Path| path.file_name()?.to_str()?.parse::<u32>().ok();
    let installed = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path());
    let newest = installed.max_by_key(|path| version(path)).map(|path| path.join("bin"));
    newest
        .filter(|dir| dir.join("initdb").is_file())
        .or_else(|| on_path("initdb")?.parent().map(Path::to_owned))
        .filter(|dir| dir.join("postgres").is_file())
}

fn on_path(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?).map(|dir| dir.join(name)).find(|path| path.is_file())
}

/// Makes a new cluster and starts its server; answers the port.
fn start_in(home: &Path) -> anyhow::Result<u16> {
    make_cluster(home)?;
    let port = free_port()?;
    let child = launch(home, port, &[])?;
    watch(home, child.id())?;
    Ok(port)
}

/// The server takes no port 0; the port is free a moment before it binds it.
pub(super) fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// Makes a new cluster in a directory.
pub(super) fn make_cluster(home: &Path) -> anyhow::Result<()> {
    let programs = programs().context("PostgreSQL is not installed")?;
    let data = home.join("data");
    if data.exists() {
        fs::remove_dir_all(&data).with_context(|| format!("cannot empty {}", data.display()))?;
    }
    fs::create_dir(&data)?;
    let user = User::find()?;
    user.own(&data)?;
    let log = File::create(home.join("log"))?;
    let mut initdb = user.command(&programs.join("initdb"), home);
    initdb.args(["--username", USER, "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--pgdata"]);
    initdb.arg(&data).stdout(log.try_clone()?).stderr(log.try_clone()?);
    if !initdb.status().context("cannot start initdb")?.success() {
        bail!("initdb failed: {}", tail(home));
    }
    Ok(())
}

/// Starts the server of a cluster and waits until it is ready; the later of two settings of one name counts.
pub(super) fn launch(home: &Path, port: u16, settings: &[&str]) -> anyhow::Result<Child> {
    let programs = programs().context("PostgreSQL is not installed")?;
    let log = File::create(home.join("log"))?;
    let mut postgres = User::find()?.command(&programs.join("postgres"), home);
    postgres.arg("-D").arg(home.join("data")).arg("-p").arg(port.to_string());
    let usual = [
        "listen_addresses=127.0.0.1",
        "unix_socket_directories=",
        "max_connections=300",
        "shared_buffers=64MB",
        // Its data outlives no test.
        "fsync=off",
        "full_page_writes=off",
        "autovacuum=off",
    ];
    for setting in usual.iter().chain(settings) {
        postgres.arg("-c").arg(setting);
    }
    // Out of reach of a Ctrl-C at the terminal: the watch ends it.
    postgres.stdout(log.try_clone()?).stderr(log).process_group(0);
    let mut child = postgres.spawn().context("cannot start postgres")?;
    let deadline = Instant::now() + PATIENCE;
    while !(answers(port) && tail(home).contains("ready to accept connections")) {
        if child.try_wait()?.is_some() {
            bail!("postgres ended while it started: {}", tail(home));
        }
        if Instant::now() > deadline {
            child.kill()?;
            bail!("postgres is not ready in time: {}", tail(home));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(child)
}

/// Starts what ends the server when nobody needs it any more.
pub(super) fn watch(home: &Path, server: u32) -> anyhow::Result<()> {
    let mut watch = Command::new("sh");
    watch.args(["-c", WATCH, "watch"]).arg(home).arg(server.to_string());
    watch.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    watch.spawn().context("cannot start the watch of the server")?;
    Ok(())
}

fn answers(port: u16) -> bool {
    TcpStream::connect_timeout(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)), Duration::from_secs(1)).is_ok()
}

/// The last lines of the server's log.
fn tail(home: &Path) -> String {
    let mut text = String::new();
    let read = File::open(home.join("log")).and_then(|mut file| file.read_to_string(&mut text));
    if let Err(error) = read {
        return error.to_string();
    }
    let lines: Vec<&str> = text.lines().collect();
    lines.split_at(lines.len().saturating_sub(5)).1.join("\n")
}

/// Whom the server runs as: PostgreSQL refuses to run as root.
pub(super) struct User(Option<(u32, u32)>);

impl User {
    /// This user, or one without rights when this is root.
    pub(super) fn find() -> anyhow::Result<Self> {
        if !geteuid().is_root() {
            return Ok(Self(None));
        }
        let accounts = fs::read_to_string("/etc/passwd").context("cannot read /etc/passwd")?;
        let ids = ["postgres", "nobody"].into_iter().find_map(|name| {
            let mut fields =
                accounts.lines().map(|line| line.split(':')).find(|fields| fields.clone().next() == Some(name))?;
            Some((fields.nth(2)?.parse().ok()?, fields.next()?.parse().ok()?))
        });
        Ok(Self(Some(ids.context("there is neither a user postgres nor a user nobody to run PostgreSQL as")?)))
    }

    pub(super) fn own(&self, path: &Path) -> anyhow::Result<()> {
        if let Some((user, group)) = self.0 {
            chown(path, Some(user), Some(group)).with_context(|| format!("cannot give {} away", path.display()))?;
        }
        Ok(())
    }

    fn command(&self, program: &Path, directory: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(directory).stdin(Stdio::null()).env("LC_MESSAGES", "C");
        if let Some((user, group)) = self.0 {
            command.uid(user).gid(group);
        }
        command
    }
}
