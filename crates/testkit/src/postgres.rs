//! A PostgreSQL database of one test.

mod own;
mod pooler;
mod server;

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ostiary_storage_pg::{PgSettings, PgStore};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, PgConnection};
use url::Url;

use rustix::process::Signal;

pub use self::pooler::TestPooler;

use self::own::OwnServer;
use self::server::{SharedServer, User};
use crate::{TestAuthority, skip};

/// What names of databases of tests begin with.
const PREFIX: &str = "ostiary_test_";

/// The advisory lock of whoever makes a database: `ostitest` in ASCII.
const MAKER: i64 = 0x6f73_7469_7465_7374;

/// No test is still at work after so long: what it left behind is removed.
const LEFT_BEHIND: Duration = Duration::from_secs(3600);

/// A database with all tables and no rows, of this test alone. Removed when it is dropped.
#[derive(Debug)]
pub struct TestPostgres {
    admin: Url,
    url: Url,
    name: String,
    // Behind the rest: the server ends when nobody holds it.
    server: Server,
}

/// Whose the server is.
#[derive(Debug)]
enum Server {
    /// Others brought it.
    Foreign,
    /// Every test's.
    Shared(#[expect(dead_code, reason = "held")] SharedServer),
    /// This test's.
    Own(OwnServer),
}

impl TestPostgres {
    /// Makes a database on the server of `TEST_POSTGRES_URL`, or on one of the machine's own programs. None, said
    /// visibly, where there is neither.
    ///
    /// # Panics
    ///
    /// When there is a server, and it does not do what it is asked.
    pub async fn create() -> Option<Self> {
        let (admin, server) = match std::env::var("TEST_POSTGRES_URL") {
            Ok(url) => (url, Server::Foreign),
            Err(_) if SharedServer::is_installed() => {
                let server = SharedServer::join().expect("a server");
                (server.url("postgres"), Server::Shared(server))
            }
            Err(_) => {
                skip("PostgreSQL is not installed, and TEST_POSTGRES_URL is not set");
                return None;
            }
        };
        Some(Self::create_on(&admin, server).await)
    }

    /// Makes a database on a server of the test's own, which it may stop, freeze and kill. None, said visibly, where
    /// PostgreSQL is not installed.
    ///
    /// # Panics
    ///
    /// When the server does not start.
    pub async fn own() -> Option<Self> {
        Self::own_with(&[]).await
    }

    /// As [`TestPostgres::own`], over TLS with a certificate of the authority, which its URL names and checks.
    ///
    /// # Panics
    ///
    /// As [`TestPostgres::own`].
    pub async fn guarded(authority: &TestAuthority) -> Option<Self> {
        if !SharedServer::is_installed() {
            skip("PostgreSQL is not installed");
            return None;
        }
        User::find().and_then(|user| user.own(&authority.key())).expect("a key of the server's user");
        let certificate = format!("ssl_cert_file={}", authority.certificate().display());
        let key = format!("ssl_key_file={}", authority.key().display());
        let mut made = Self::own_with(&["ssl=on", &certificate, &key]).await?;
        made.url.set_host(Some("localhost")).expect("a host");
        let root = authority.root();
        made.url
            .query_pairs_mut()
            .clear()
            .append_pair("sslmode", "verify-full")
            .append_pair("sslrootcert", root.to_str().expect("a path of text"));
        Some(made)
    }

    /// As [`TestPostgres::own`], with settings of the server: `max_connections=20`.
    ///
    /// # Panics
    ///
    /// When the server does not start.
    pub async fn own_with(settings: &[&str]) -> Option<Self> {
        if !SharedServer::is_installed() {
            skip("PostgreSQL is not installed");
            return None;
        }
        let server = OwnServer::start(settings).expect("a server");
        Some(Self::create_on(&server.url("postgres"), Server::Own(server)).await)
    }

    async fn create_on(admin: &str, server: Server) -> Self {
        let admin: Url = admin.parse().expect("TEST_POSTGRES_URL is a URL");
        let mut connection = connect(&admin).await;
        sqlx::query("select pg_advisory_lock($1)").bind(MAKER).execute(&mut connection).await.expect("a lock");
        sweep(&mut connection).await;
        let template = template(&mut connection, &admin).await;
        let name = name();
        define(&mut connection, format!("create database {name} template {template}")).await;
        // Ends the lock, too.
        connection.close().await.expect("close");
        Self { url: with_database(&admin, &name), admin, name, server }
    }

    /// Makes a database without any tables.
    ///
    /// # Panics
    ///
    /// As [`TestPostgres::create`].
    pub async fn create_empty() -> Option<Self> {
        let made = Self::create().await?;
        let mut connection = connect(&made.admin).await;
        define(&mut connection, format!("drop database {}", made.name)).await;
        define(&mut connection, format!("create database {}", made.name)).await;
        connection.close().await.expect("close");
        Some(made)
    }

    /// Its URL.
    #[must_use]
    pub fn url(&self) -> &str {
        self.url.as_str()
    }

    /// `SIGSTOP`: the connections stay, and nothing answers.
    ///
    /// # Panics
    ///
    /// Here and below, when the server is not the test's own.
    pub fn freeze(&self) {
        self.own_server().signal(Signal::STOP);
    }

    /// Undoes [`TestPostgres::freeze`].
    pub fn thaw(&self) {
        self.own_server().signal(Signal::CONT);
    }

    /// `kill -9` of all its processes. What was committed stays.
    pub fn kill(&self) {
        self.own_server().signal(Signal::KILL);
    }

    /// Starts the server over, on its port, with what its files hold.
    pub fn start_again(&self) {
        self.own_server().start_again().expect("the server starts again");
    }

    fn own_server(&self) -> &OwnServer {
        match &self.server {
            Server::Own(server) => server,
            Server::Foreign | Server::Shared(_) => panic!("the server is not the test's own"),
        }
    }
}

impl Drop for TestPostgres {
    fn drop(&mut self) {
        if matches!(self.server, Server::Own(_)) {
            return;
        }
        // On a thread of its own: this one may be in the middle of a runtime.
        let (admin, name) = (self.admin.clone(), self.name.clone());
        let remove = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let Ok(runtime) = runtime else { return };
            runtime.block_on(async {
                if let Ok(mut connection) = options(&admin).connect().await {
                    let sql = format!("drop database if exists {name} with (force)");
                    // What is left is swept by a later test.
                    drop(connection.execute(AssertSqlSafe(sql)).await);
                }
            });
        };
        drop(std::thread::spawn(remove).join());
    }
}

fn options(url: &Url) -> PgConnectOptions {
    url.as_str().parse().expect("a URL of PostgreSQL")
}

async fn connect(url: &Url) -> PgConnection {
    options(url).connect().await.expect("a connection to the test server")
}

fn with_database(url: &Url, name: &str) -> Url {
    let mut url = url.clone();
    url.set_path(name);
    url
}

/// A name that no other test has, and that says when it was made.
fn name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("{PREFIX}{}_{}_{count}", now().as_secs(), std::process::id())
}

fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("a time after 1970")
}

/// Runs a statement about databases, which takes no parameters; names are made of numbers here.
async fn define(connection: &mut PgConnection, sql: String) {
    connection.execute(AssertSqlSafe(sql.as_str())).await.unwrap_or_else(|error| panic!("`{sql}`: {error}"));
}

/// Removes databases whose tests were killed.
async fn sweep(connection: &mut PgConnection) {
    let names: Vec<String> = sqlx::query_scalar("select datname::text from pg_database where starts_with(datname, $1)")
        .bind(PREFIX)
        .fetch_all(&mut *connection)
        .await
        .expect("databases");
    for name in names {
        let made = name.trim_start_matches(PREFIX).split('_').next().and_then(|made| made.parse().ok());
        if made.is_some_and(|made| now().saturating_sub(LEFT_BEHIND) > Duration::from_secs(made)) {
            define(connection, format!("drop database if exists {name} with (force)")).await;
        }
    }
}

/// The database that others are made of: migrated once, and again when a migration changes.
async fn template(connection: &mut PgConnection, admin: &Url) -> String {
    let template = format!("ostiary_template_{:016x}", migrations());
    let is_there: bool = sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
        .bind(&template)
        .fetch_one(&mut *connection)
        .await
        .expect("an answer");
    if !is_there {
        // Under another name until it is whole.
        let draft = format!("{template}_draft");
        define(connection, format!("drop database if exists {draft} with (force)")).await;
        define(connection, format!("create database {draft}")).await;
        PgStore::migrate(with_database(admin, &draft).as_str(), &PgSettings::default()).await.expect("migrations");
        define(connection, format!("alter database {draft} rename to {template}")).await;
    }
    template
}

/// A digest of the migrations as they are now.
fn migrations() -> u64 {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let directory = manifest.ancestors().nth(2).unwrap_or(manifest).join("migrations/postgres");
    let entries = fs::read_dir(&directory).expect("the migrations");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("a migration").path()).collect();
    paths.sort();
    let mut hasher = DefaultHasher::new();
    for path in paths {
        fs::read(&path).expect("a migration").hash(&mut hasher);
    }
    hasher.finish()
}
