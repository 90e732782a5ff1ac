//! The files of `deploy/`: what they name is there, and the reverse proxy they ship serves the whole installation.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use clap::CommandFactory as _;
use ostiary_gateway::cli::Cli;
use ostiary_gateway::config::setting::SETTINGS;
use ostiary_gateway::config::{Config, Given};
use ostiary_testkit::{Program, Tenant, TestPostgres, TestRedis, wait_until};
use serde_json::json;

use crate::documents;

const PROGRAM: &str = env!("CARGO_BIN_EXE_ostiary");
const KEY: &str = "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=";

/// Variables that docker-compose.yml reads itself.
const OF_COMPOSE: [&str; 2] = ["OSTIARY_VERSION", "OSTIARY_PORT"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

/// The text of every file of `deploy/`, and of docker-compose.yml.
fn files() -> Vec<(String, String)> {
    let mut paths = vec![root().join("docker-compose.yml")];
    let mut directories = vec![root().join("deploy")];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { directories.push(path) } else { paths.push(path) }
        }
    }
    paths.into_iter().map(|path| (path.display().to_string(), fs::read_to_string(path).unwrap())).collect()
}

#[test]
fn every_variable_that_is_set_is_a_setting() {
    let mut seen = BTreeSet::new();
    for (path, text) in files() {
        let words = text.split(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'));
        for word in words.filter(|word| word.starts_with("OSTIARY_")) {
            let is_known = SETTINGS.iter().any(|setting| setting.variable == word) || OF_COMPOSE.contains(&word);
            assert!(is_known, "{path} names {word}, which is no setting");
            seen.insert(word.to_owned());
        }
    }
    assert!(seen.len() > 8, "{seen:?}");
}

#[test]
fn every_command_that_is_run_is_one() {
    let cli = Cli::command();
    let commands: BTreeSet<&str> = cli.get_subcommands().map(clap::Command::get_name).collect();
    let mut seen = BTreeSet::new();
    for (path, text) in files() {
        for line in text.lines().map(str::trim) {
            let word =
                ["command: [\"", "args: [", "ExecStart=/usr/bin/ostiary ", "CMD [\"", "\"/usr/local/bin/ostiary\", \""]
                    .iter()
                    .find_map(|before| line.split_once(before))
                    .map(|(_, rest)| rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').next().unwrap());
            // What begins otherwise is the program of another image, or a path.
            if let Some(word) =
                word.filter(|word| !word.is_empty() && !line.contains("pg_isready") && !line.contains("redis-cli"))
            {
                assert!(commands.contains(word), "{path} runs `{word}`: {line}");
                seen.insert(word.to_owned());
            }
        }
    }
    for command in ["api", "proxy", "migrate", "serve", "health", "sample-upstream"] {
        assert!(seen.contains(command), "{command} is not run by any of them: {seen:?}");
    }
}

#[test]
fn settings_of_the_units_are_settings() {
    let text = fs::read_to_string(root().join("deploy/systemd/ostiary.toml")).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("ostiary.toml");
    fs::write(&file, text.replace("secret_key = \"\"", &format!("secret_key = \"{KEY}\""))).unwrap();
    Config::read(&Given { file: Some(file), ..Given::default() }).unwrap();
}

/// nginx with the shipped configuration, on ports of the test's.
struct Nginx {
    child: Child,
    base: String,
    _dir: tempfile::TempDir,
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // The master ends its workers when it is told to, not when it is killed.
        let _stopped = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ended = self.child.wait();
    }
}

impl Nginx {
    /// None, said visibly, where it is not installed.
    fn start(api: &Program, proxies: [&Program; 2]) -> Option<Self> {
        let paths = ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx"];
        let Some(program) = paths.into_iter().find(|path| Path::new(path).is_file()) else {
            ostiary_testkit::skip("nginx is not installed");
            return None;
        };
        let dir = tempfile::tempdir().unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut text = fs::read_to_string(root().join("deploy/nginx/nginx.conf")).unwrap();
        let address = |program: &Program| program.base().trim_start_matches("http://").to_owned();
        for (from, to) in [
            ("server api:8080;", format!("server {};", address(api))),
            ("server proxy-1:8080;", format!("server {};", address(proxies[0]))),
            ("server proxy-2:8080;", format!("server {};", address(proxies[1]))),
            ("listen 8080;", format!("listen 127.0.0.1:{port};")),
            ("/tmp/", format!("{}/", dir.path().display())),
            ("worker_processes auto;", "worker_processes 1;".to_owned()),
            ("/dev/stdout", "off".to_owned()),
            ("access_log off plain;", "access_log off;".to_owned()),
        ] {
            assert!(text.contains(from), "{from}");
            text = text.replace(from, &to);
        }
        let file = dir.path().join("nginx.conf");
        fs::write(&file, text).unwrap();
        let mut command = Command::new(program);
        command.arg("-c").arg(&file).args(["-g", "daemon off;"]).stdin(Stdio::null());
        let child = command.spawn().unwrap();
        let base = format!("http://127.0.0.1:{port}");
        let deadline = Instant::now() + Duration::from_secs(30);
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < deadline, "nginx does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(Self { child, base, _dir: dir })
    }
}

/// The shape of docker-compose.yml, with the programs themselves in place of the containers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn installation_behind_the_shipped_proxy_serves_people_agents_and_streams() {
    let Some(database) = TestPostgres::create_empty().await else { return };
    let Some(redis) = TestRedis::own() else { return };
    let variables = [
        ("OSTIARY_DATABASE_URL", database.url()),
        ("OSTIARY_REDIS_URL", redis.url()),
        ("OSTIARY_SECRET_KEY", KEY),
        ("OSTIARY_UPSTREAM_ALLOW", "127.0.0.0/8"),
    ];
    let migrated = Command::new(PROGRAM).arg("migrate").envs(variables).output().unwrap();
    assert!(migrated.status.success(), "{}", String::from_utf8_lossy(&migrated.stderr));
    let api = Program::replica(PROGRAM, "api", &variables).await;
    let first = Program::replica(PROGRAM, "proxy", &variables).await;
    let second = Program::replica(PROGRAM, "proxy", &variables).await;
    let Some(nginx) = Nginx::start(&api, [&first, &second]) else { return };
    let http = reqwest::Client::new();

    // People.
    let tenant = Tenant::sign_up(&nginx.base, "acme").await;
    for (path, expected) in [("/", 200), ("/healthz", 200), ("/metrics", 404), ("/readyz", 404), ("/mcpx", 200)] {
        assert_eq!(http.get(format!("{}{path}", nginx.base)).send().await.unwrap().status(), expected, "{path}");
    }

    // Agents: sessions that open at one gateway go on at the other.
    let upstream = Program::sample_upstream(PROGRAM).await;
    let server = tenant.server("shop", upstream.base()).await;
    let policy = tenant.policy(&server, "sessions", &documents::ten_sessions_a_minute()).await;
    let grant = tenant.grant("agent", &server, &policy).await;
    let grant = ostiary_testkit::Grant { url: grant.url.replace(api.base(), &nginx.base), ..grant };
    let session = grant.connect().await;
    let minted = tenant.owner.post("/api-keys", &json!({"label": "watcher", "role": "viewer"})).await.expect(201);
    let watch =
        http.get(format!("{}/api/v1/decisions/stream", nginx.base)).bearer_auth(minted["key"].as_str().unwrap());
    let mut stream = watch.send().await.unwrap();
    assert_eq!(stream.status(), 200);
    let request = json!({"amount": 12.5, "currency": "EUR"});
    for call in 0..12 {
        let refused = session.refusal("create_session", &request).await;
        assert_eq!(refused.as_deref(), (call >= 10).then_some("limit_exceeded"), "call {call}");
    }
    // Streams are not held back until they end.
    let event = tokio::time::timeout(Duration::from_secs(15), async {
        loop {
            let piece = stream.chunk().await.unwrap().expect("an open stream");
            let text = String::from_utf8_lossy(&piece).into_owned();
            if text.contains("create_session") {
                return text;
            }
        }
    });
    assert!(event.await.expect("an event in time").contains("data:"));

    // One gateway leaves: nobody notices.
    let (ended_well, _) = first.terminate().await;
    assert!(ended_well);
    for _ in 0..6 {
        assert!(session.tools().await.contains(&"create_session".to_owned()));
    }
    assert_eq!(
        wait_until("every decision is in the log", async || {
            let count = tenant.decisions().await.len();
            (count >= 12).then_some(count)
        })
        .await,
        12
    );
    for program in [second, api] {
        let (ended_well, _) = program.terminate().await;
        assert!(ended_well);
    }
}
