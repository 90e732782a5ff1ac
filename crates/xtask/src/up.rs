//! `cargo xtask up`: from a fresh clone to a dashboard in the browser.

use std::env;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use signal_hook::consts::{SIGINT, SIGTERM};

use crate::servers::{self, Running};
use crate::{cargo, paths, port, tools, web};

const DEFAULT_LISTEN: &str = "127.0.0.1:8080";
const DEFAULT_SAMPLE_LISTEN: &str = "127.0.0.1:8090";

/// Builds and starts everything, and stops it on Ctrl-C.
///
/// # Errors
/// What cannot be built or started, in words for the person at the terminal.
pub(crate) fn run(arguments: &[String]) -> anyhow::Result<()> {
    let release = match arguments {
        [] => false,
        [flag] if flag == "--release" => true,
        _ => bail!("`up` takes `--release` and nothing else"),
    };
    let listen = address("OSTIARY_LISTEN", DEFAULT_LISTEN)?;
    let sample_listen = address("OSTIARY_SAMPLE_LISTEN", DEFAULT_SAMPLE_LISTEN)?;
    // Asked before the build, so that nobody waits for minutes to be told.
    refuse_taken(listen, "OSTIARY_LISTEN")?;
    refuse_taken(sample_listen, "OSTIARY_SAMPLE_LISTEN")?;

    let stopping = Arc::new(AtomicBool::new(false));
    build(release)?;
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&stopping))?;
    }

    let program = paths::program(release);
    let data = env::var_os("OSTIARY_DATA_DIR").map_or_else(|| paths::root().join("data"), PathBuf::from);
    let mut sample = Running::start(
        "the sample MCP server",
        servers::sample_upstream(&program, sample_listen).current_dir(paths::root()),
    )?;
    let mut gateway = Running::start("ostiary", servers::gateway(&program, listen, &data).current_dir(paths::root()))?;
    sample.wait_until_ready(sample_listen, "/mcp", true)?;
    gateway.wait_until_ready(listen, "/readyz", false)?;
    greet(listen, sample_listen, &data);

    while !stopping.load(Ordering::Relaxed) {
        for running in [&mut gateway, &mut sample] {
            if let Some(status) = running.ended()? {
                bail!("one of the two programs ended by itself ({status}); see its last lines above");
            }
        }
        thread::sleep(Duration::from_millis(100));
    }
    eprintln!("\nstopping");
    gateway.stop();
    sample.stop();
    eprintln!("stopped; the data stays in {}", data.display());
    Ok(())
}

fn address(variable: &str, default: &str) -> anyhow::Result<SocketAddr> {
    let text = env::var(variable).unwrap_or_else(|_| default.to_owned());
    text.parse().with_context(|| format!("{variable} is `{text}`, which is no address and port such as {default}"))
}

fn refuse_taken(address: SocketAddr, variable: &str) -> anyhow::Result<()> {
    if port::is_taken(address) {
        bail!(
            "something listens on {address} already; stop it, or choose another address, for example {variable}={}:{}",
            address.ip(),
            address.port().saturating_add(1000)
        );
    }
    Ok(())
}

fn build(release: bool) -> anyhow::Result<()> {
    if !web::exists() || !tools::has_node() {
        eprintln!("node 20 or newer is missing: going on without the dashboard");
    } else {
        timed("dashboard", web::build)?;
    }
    timed("ostiary", || {
        let mut cargo = cargo::build_program();
        if release {
            cargo.arg("--release");
        }
        // Its own streams: cargo's progress bar needs the terminal.
        let status = cargo.status().context("cannot start cargo")?;
        if !status.success() {
            bail!("the build failed; its messages are above");
        }
        Ok(())
    })
}

fn timed(name: &str, step: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<()> {
    eprintln!("==> building {name}");
    let began = Instant::now();
    step()?;
    eprintln!("    ok {name} ({:.1} s)", began.elapsed().as_secs_f64());
    Ok(())
}

fn greet(listen: SocketAddr, sample: SocketAddr, data: &std::path::Path) {
    println!(
        "\n  Ostiary is ready.\n\n    dashboard   http://{listen}\n    sample MCP server   http://{sample}/mcp\n    data   {}\n\n  \
         Next: open the dashboard, sign up, and register http://{sample}/mcp as your first server.\n  \
         Ctrl-C stops everything; the data stays.\n",
        data.display()
    );
}
