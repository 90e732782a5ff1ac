//! `cargo xtask deploy`: the files of `deploy/` and `docker-compose.yml`, looked at by the programs and schemas that know
//! their kinds. No engine is needed; what runs them is tried by a test of the gateway with the real reverse proxy.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};

use crate::exec::{self, Show};
use crate::tally::Tally;
use crate::{clients, paths, tools};

/// The version of Kubernetes that the manifests are for.
const KUBERNETES: &str = "1.31";

/// The most that a unit may be exposed, in tenths, as `systemd-analyze security` counts.
const EXPOSURE: &str = "20";

/// One kind of file, and how it is checked.
type Check = (&'static str, fn() -> anyhow::Result<()>);

const CHECKS: &[Check] = &[
    ("secrets", secrets),
    ("docker-compose.yml", compose),
    ("Dockerfile", dockerfile),
    ("Kubernetes manifests", kubernetes),
    ("nginx configuration", nginx),
    ("systemd units", systemd),
];

/// Runs every check.
///
/// # Errors
/// What is wrong with a file.
pub(crate) fn run(_arguments: &[String]) -> anyhow::Result<()> {
    check().map(drop)
}

/// As a step of a larger task.
///
/// # Errors
/// What is wrong with a file, or a program that is missing and cannot be installed.
pub(crate) fn check() -> anyhow::Result<Tally> {
    let mut failed = Vec::new();
    for (name, check) in CHECKS {
        if let Err(error) = check().with_context(|| format!("the check of the {name}")) {
            eprintln!("    {error:#}");
            failed.push(*name);
        }
    }
    if failed.is_empty() { Ok(Tally::default()) } else { bail!("wrong: {}", failed.join(", ")) }
}

fn deploy() -> PathBuf {
    paths::root().join("deploy")
}

/// A directory of this task's own, empty.
fn scratch(name: &str) -> anyhow::Result<PathBuf> {
    let path = paths::own().join("deploy").join(name);
    if path.exists() {
        fs::remove_dir_all(&path)?;
    }
    fs::create_dir_all(&path)?;
    Ok(path)
}

/// The files of a directory of `deploy/` that end so.
fn files(directory: &Path, extension: &str) -> anyhow::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(directory).with_context(|| format!("cannot list {}", directory.display()))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    paths.retain(|path| path.extension().is_some_and(|found| found == extension));
    paths.sort();
    if paths.is_empty() { bail!("there is no .{extension} in {}", directory.display()) } else { Ok(paths) }
}

/// The script makes secrets once, for their owner only.
fn secrets() -> anyhow::Result<()> {
    let file = scratch("secrets")?.join("env");
    let make = || exec::run(Command::new("sh").arg(deploy().join("make-secrets")).arg(&file), Show::OnFailure);
    make()?;
    let made = fs::read_to_string(&file)?;
    make()?;
    if fs::read_to_string(&file)? != made {
        bail!("secrets that were there were written over");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        if file.metadata()?.permissions().mode() & 0o077 != 0 {
            bail!("others can read the secrets");
        }
    }
    for name in ["OSTIARY_SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD"] {
        let value = made.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        if value.is_none_or(|value| value.len() < 44) {
            bail!("{name} is missing or short");
        }
    }
    Ok(())
}

/// The file is one that `docker compose` understands, with the secrets that the script makes.
fn compose() -> anyhow::Result<()> {
    let env = scratch("compose")?.join("env");
    exec::run(Command::new("sh").arg(deploy().join("make-secrets")).arg(&env), Show::OnFailure)?;
    let program = tools::program("docker-compose", "docker-compose")?;
    let mut compose = Command::new(program);
    compose.arg("--env-file").arg(&env).args(["--file", "docker-compose.yml", "config"]).current_dir(paths::root());
    let said = exec::run(&mut compose, Show::OnFailure)?;
    for service in ["postgres:", "redis:", "migrate:", "api:", "proxy-1:", "proxy-2:", "front:"] {
        if !said.lines().any(|line| line.trim() == service) {
            bail!("the service {service} is missing");
        }
    }
    Ok(())
}

fn dockerfile() -> anyhow::Result<()> {
    let checks = paths::deploy_checks();
    clients::install_npm_in(&checks)?;
    let lint = checks.join("node_modules").join(".bin").join("dockerfile-utils");
    let said = exec::run(Command::new(lint).arg("lint").arg(deploy().join("Dockerfile")), Show::OnFailure)?;
    if said.trim().is_empty() { Ok(()) } else { bail!("{}", said.trim()) }
}

/// Every manifest is one of its kind to the letter, and named by the kustomization.
fn kubernetes() -> anyhow::Result<()> {
    let environment = paths::target().join("deploy-venv");
    clients::install_python_in(&environment, &paths::deploy_checks())?;
    let directory = deploy().join("kubernetes");
    let kustomization = fs::read_to_string(directory.join("kustomization.yaml"))?;
    for file in files(&directory, "yaml")? {
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name == "kustomization.yaml" {
            continue;
        }
        let is_named = kustomization.lines().any(|line| line.trim().strip_prefix("- ") == Some(name));
        // What is secret is no part of what is applied.
        if is_named == (name == "secret.example.yaml") {
            bail!("kustomization.yaml and {name} do not agree");
        }
        let mut validate = Command::new(environment.join("bin").join("kubernetes-validate"));
        validate.args(["--strict", "--kubernetes-version", KUBERNETES]).arg(&file);
        exec::run(&mut validate, Show::OnFailure)?;
    }
    Ok(())
}

/// nginx takes the file. The names of the services mean nothing outside of their network.
fn nginx() -> anyhow::Result<()> {
    let program = tools::program("nginx", "nginx-light")?;
    let mut text = fs::read_to_string(deploy().join("nginx").join("nginx.conf"))?;
    for service in ["api", "proxy-1", "proxy-2"] {
        let named = format!("server {service}:8080;");
        if !text.contains(&named) {
            bail!("`{named}` is missing");
        }
        text = text.replace(&named, "server 127.0.0.1:8080;");
    }
    let file = scratch("nginx")?.join("nginx.conf");
    fs::write(&file, text)?;
    exec::run(Command::new(program).arg("-t").arg("-q").arg("-c").arg(&file), Show::OnFailure)?;
    Ok(())
}

/// systemd takes the units, and finds little that they may do.
fn systemd() -> anyhow::Result<()> {
    let program = tools::program("systemd-analyze", "systemd")?;
    let directory = scratch("systemd")?;
    // Where the program will be, there is none now; any other is as good for the check.
    let stand_in = env::current_exe()?;
    let mut units = Vec::new();
    for file in files(&deploy().join("systemd"), "service")? {
        let text = fs::read_to_string(&file)?.replace("/usr/bin/ostiary", &stand_in.display().to_string());
        let unit = directory.join(file.file_name().unwrap_or_default());
        fs::write(&unit, text)?;
        units.push(unit);
    }
    let said = exec::run(Command::new(&program).args(["verify", "--man=no"]).args(&units), Show::OnFailure)?;
    // Of directives that it does not know it says so, and succeeds.
    if let Some(line) = said.lines().find(|line| line.contains(&directory.display().to_string())) {
        bail!("{line}");
    }
    let mut security = Command::new(&program);
    security.args(["security", "--offline=true", "--threshold", EXPOSURE]).args(&units);
    exec::run(&mut security, Show::OnFailure)?;
    Ok(())
}
