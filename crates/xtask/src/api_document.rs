//! The API held to its OpenAPI document: schemathesis against a gateway of its own, for a bounded time.

use std::fs;
use std::net::SocketAddr;
use std::process::Command;

use anyhow::Context as _;

use crate::exec::{self, Show};
use crate::servers::{self, Running};
use crate::tally::Tally;
use crate::test::into_log;
use crate::{cargo, clients, paths, port};

/// Starts what is needed, and sends what the document allows and what it does not.
///
/// # Errors
/// A 5xx, or an answer that the document does not have.
pub(crate) fn check() -> anyhow::Result<Tally> {
    let directory = paths::root().join("tests").join("api");
    let environment = paths::target().join("api-venv");
    clients::install_python_in(&environment, &directory)?;
    exec::run(&mut cargo::build_program(), Show::OnFailure)?;
    let program = paths::program(false);
    let data = paths::own().join("api-data");
    if data.exists() {
        fs::remove_dir_all(&data).context("cannot remove the data of an earlier run")?;
    }
    let listen = SocketAddr::from(([127, 0, 0, 1], port::free()?));
    let sample_listen = SocketAddr::from(([127, 0, 0, 1], port::free()?));
    let log = paths::own().join("api-ostiary.log");
    let mut sample = Running::start(
        "the sample MCP server",
        into_log(&mut servers::sample_upstream(&program, sample_listen), &log)?,
    )?;
    let mut gateway = servers::gateway(&program, listen, &data);
    for bound in ["OSTIARY_LIMITS_API_REQUESTS_PER_ACCOUNT", "OSTIARY_LIMITS_API_REQUESTS_PER_ADDRESS"] {
        gateway.env(bound, "1000000");
    }
    let mut gateway = Running::start("ostiary", into_log(&mut gateway, &log)?)?;
    sample.wait_until_ready(sample_listen, "/mcp", true)?;
    gateway.wait_until_ready(listen, "/readyz", false)?;
    let mut python = Command::new(environment.join("bin").join("python"));
    python
        .arg("run.py")
        .current_dir(&directory)
        .env("OSTIARY_URL", format!("http://{listen}"))
        .env("OSTIARY_SAMPLE_URL", format!("http://{sample_listen}/mcp"));
    exec::run(&mut python, Show::OnFailure)?;
    Ok(Tally { passed: 1, ..Tally::default() })
}
