//! Runs the official suite, and reads what it found.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use ostiary_testkit::{conformance_dir, skip};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// What became of a check. In the order of how bad it is: of a check that is made several times the worst counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Status {
    Success,
    Skipped,
    Warning,
    Failure,
}

/// The checks of scenarios, by `scenario: check`.
pub(super) type Findings = BTreeMap<String, Status>;

/// The suite as it is installed.
#[derive(Debug)]
pub(super) struct Suite {
    dir: PathBuf,
    node: PathBuf,
}

/// A script that runs until this is dropped, and the URL that it printed.
#[derive(Debug)]
pub(super) struct Script {
    _child: Child,
    pub(super) url: String,
}

impl Suite {
    /// None, said visibly, where it is not installed.
    pub(super) fn find() -> Option<Self> {
        let Some((dir, node)) = conformance_dir() else {
            skip("the packages of tests/conformance are not installed");
            return None;
        };
        Some(Self { dir, node })
    }

    /// Starts one of its scripts and waits for its URL.
    pub(super) async fn start(&self, script: &str, variables: &[(&str, &str)]) -> Script {
        let mut child = Command::new(&self.node)
            .arg(self.dir.join(script))
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let url = lines.next_line().await.unwrap().unwrap();
        // Whatever it says later is read, or it would wait for somebody to read it.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Script { _child: child, url }
    }

    /// Has the suite judge a server by every scenario of a revision.
    pub(super) async fn judge_server(&self, url: &str, revision: &str) -> Findings {
        let out = tempfile::tempdir().unwrap();
        self.run(&["server", "--url", url, "--suite", "all", "--spec-version", revision], &[], out.path()).await;
        read(out.path(), "server-")
    }

    /// Has the suite judge the reference client by one scenario.
    pub(super) async fn judge_client(&self, scenario: &str, revision: &str, variables: &[(&str, &str)]) -> Findings {
        let out = tempfile::tempdir().unwrap();
        let command = format!("{} {}", self.node.display(), self.dir.join("client.mjs").display());
        let arguments = ["client", "--command", &command, "--scenario", scenario, "--spec-version", revision];
        self.run(&arguments, variables, out.path()).await;
        read(out.path(), "")
    }

    /// The client scenarios of a revision but those of OAuth, in which a client is judged by what it does alone.
    pub(super) async fn client_scenarios(&self, revision: &str) -> Vec<String> {
        let listed = self.command(&["list", "--client", "--spec-version", revision]).output().await.unwrap();
        let listed = String::from_utf8(listed.stdout).unwrap();
        let names = listed.lines().filter_map(|line| line.trim().strip_prefix("- "));
        let names = names.filter_map(|line| line.split(' ').next()).filter(|name| !name.starts_with("auth/"));
        names.map(str::to_owned).collect()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.node);
        command
            .arg(self.dir.join("node_modules/@modelcontextprotocol/conformance/dist/index.js"))
            .args(arguments)
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }

    async fn run(&self, arguments: &[&str], variables: &[(&str, &str)], out: &Path) {
        let mut command = self.command(arguments);
        command.arg("--output-dir").arg(out).envs(variables.iter().copied());
        // How it ends says whether all checks passed, which is judged here and check by check.
        command.output().await.unwrap();
    }
}

/// The checks in a directory of the suite's, which has one directory for each scenario: its name and the time.
fn read(out: &Path, prefix: &str) -> Findings {
    let mut findings = Findings::new();
    for checks in files(out) {
        let directory = checks.parent().unwrap().strip_prefix(out).unwrap().to_str().unwrap().to_owned();
        let scenario = directory.strip_prefix(prefix).unwrap();
        let scenario = scenario.get(..scenario.len() - "-2026-01-01T00-00-00-000Z".len()).unwrap();
        let checks: Vec<Value> = serde_json::from_slice(&std::fs::read(&checks).unwrap()).unwrap();
        for check in &checks {
            let status = match check["status"].as_str().unwrap() {
                "SUCCESS" => Status::Success,
                "SKIPPED" => Status::Skipped,
                "WARNING" => Status::Warning,
                "FAILURE" => Status::Failure,
                // What was said on the wire.
                _ => continue,
            };
            let text = |name: &str| check[name].as_str().unwrap();
            let check = format!("{scenario}: {} {}", text("id"), text("name"));
            let worst = findings.entry(check).or_insert(status);
            *worst = status.max(*worst);
        }
    }
    findings
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.ends_with("checks.json") {
            found.push(path);
        }
    }
    found
}
