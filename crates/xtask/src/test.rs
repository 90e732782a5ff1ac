//! `cargo xtask test`: every test there is, with what they need.

use std::env;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail};

use crate::exec::{self, Show};
use crate::servers::{self, Running};
use crate::step::Steps;
use crate::tally::Tally;
use crate::{api_document, cargo, clients, paths, port, tools, web};

/// The plan that the browser tests change to, and meet the limits of.
const PLANS: &str = "{ small = { servers = 1, calls_a_month = 3, calls_at_once = 5, self_service = true } }";

/// Runs every test.
///
/// # Errors
/// When one fails.
pub(crate) fn run(_arguments: &[String]) -> anyhow::Result<()> {
    let mut steps = Steps::start();
    run_in(&mut steps);
    steps.finish()
}

/// Runs every test as steps of a larger task.
pub(crate) fn run_in(steps: &mut Steps) {
    let has_node = tools::has_node();
    if has_node {
        steps.run("dashboard", || web::build().map(|()| Tally::default()));
        steps.run("packages for foreign clients", || {
            clients::install_npm()?;
            clients::install_python()?;
            Ok(Tally::default())
        });
    } else {
        steps.run("dashboard", no_node);
    }
    steps.run("rust tests", rust);
    steps.run("rust examples in docs", doc);
    steps.run("api against its document", api_document::check);
    if has_node {
        steps.run("dashboard lint and types", web::check);
        steps.run("dashboard tests", web::test);
        steps.run("dashboard in a browser", browser);
    }
}

/// Whether a test that cannot run is a failure.
fn nothing_is_skipped() -> bool {
    env::var_os("REQUIRE_BACKENDS").is_some_and(|value| value == "1")
}

fn no_node() -> anyhow::Result<Tally> {
    if nothing_is_skipped() {
        bail!("node 20 or newer is missing");
    }
    eprintln!("    node 20 or newer is missing: the dashboard and the foreign clients are not tested");
    Ok(Tally { skipped: 1, ..Tally::default() })
}

/// Cargo with the colours of the terminal, which it does not see through a pipe.
fn colourful(arguments: &[&str]) -> Command {
    let mut cargo = cargo::command(arguments);
    if std::io::IsTerminal::is_terminal(&std::io::stderr()) {
        cargo.env("CARGO_TERM_COLOR", "always");
    }
    cargo
}

fn rust() -> anyhow::Result<Tally> {
    let skips = paths::own().join("skipped");
    fs::create_dir_all(paths::own())?;
    fs::write(&skips, "")?;
    backends()?;
    let nextest = tools::find("cargo-nextest").is_some();
    let arguments: &[&str] = if nextest {
        &["nextest", "run", "--workspace", "--no-fail-fast"]
    } else {
        &["test", "--workspace", "--lib", "--bins", "--tests", "--no-fail-fast"]
    };
    let mut command = colourful(arguments);
    command.env("OSTIARY_TEST_SKIPS", &skips);
    let (succeeded, output) = exec::run_to_end(&mut command, Show::Stream)?;
    let mut tally = if nextest { Tally::of_nextest(&output) } else { Tally::of_cargo_test(&output) };
    if !succeeded && tally.failed == 0 {
        bail!("the tests could not be built or run");
    }
    tally = tally + skipped(&skips)?;
    Ok(tally)
}

/// The databases, counters and the reverse proxy that tests start for themselves.
fn backends() -> anyhow::Result<()> {
    let postgres = if env::var_os("TEST_POSTGRES_URL").is_none() { tools::postgres() } else { Ok(()) };
    for found in [postgres, tools::redis(), tools::program("nginx", "nginx-light").map(drop)] {
        match found {
            Ok(()) => {}
            Err(error) if nothing_is_skipped() => return Err(error),
            // Each test that needs it says so once more, and is counted.
            Err(error) => eprintln!("    {error:#}"),
        }
    }
    Ok(())
}

/// Tests that said they could not run: they end well, so a runner counts them as passed.
fn skipped(skips: &Path) -> anyhow::Result<Tally> {
    let mut tally = Tally::default();
    for line in fs::read_to_string(skips)?.lines() {
        eprintln!("    skipped: {line}");
        tally.skipped += 1;
    }
    Ok(tally)
}

fn doc() -> anyhow::Result<Tally> {
    let (succeeded, output) =
        exec::run_to_end(&mut cargo::command(&["test", "--workspace", "--doc"]), Show::OnFailure)?;
    let tally = Tally::of_cargo_test(&output);
    if !succeeded && tally.failed == 0 {
        bail!("the examples could not be built");
    }
    Ok(tally)
}

fn browser() -> anyhow::Result<Tally> {
    let chromium = match tools::chromium() {
        Ok(path) => path,
        Err(error) if nothing_is_skipped() => return Err(error),
        Err(error) => {
            eprintln!("    {error:#}");
            return Ok(Tally { skipped: 1, ..Tally::default() });
        }
    };
    exec::run(&mut cargo::build_program(), Show::OnFailure)?;
    let program = paths::program(false);
    let data = paths::own().join("browser-data");
    if data.exists() {
        fs::remove_dir_all(&data).context("cannot remove the data of an earlier run")?;
    }
    let listen = SocketAddr::from(([127, 0, 0, 1], port::free()?));
    let sample_listen = SocketAddr::from(([127, 0, 0, 1], port::free()?));
    let log = paths::own().join("browser-ostiary.log");
    let mut sample = Running::start(
        "the sample MCP server",
        into_log(&mut servers::sample_upstream(&program, sample_listen), &log)?,
    )?;
    // By its name: browsers have passkeys for names only.
    let address = format!("http://localhost:{}", listen.port());
    let mut serve = servers::gateway(&program, listen, &data);
    serve.env("OSTIARY_PUBLIC_URL", &address).env("OSTIARY_PLANS", PLANS);
    let mut gateway = Running::start("ostiary", into_log(&mut serve, &log)?)?;
    sample.wait_until_ready(sample_listen, "/mcp", true)?;
    gateway.wait_until_ready(listen, "/readyz", false)?;
    let sample_url = format!("http://{sample_listen}/mcp");
    let mut import = Command::new(&program);
    import.args(["catalogue", "import", &sample_url]).env("OSTIARY_DATA_DIR", &data);
    exec::run(&mut import, Show::OnFailure)?;
    let mut npm = web::npm(&["run", "e2e"]);
    npm.env("OSTIARY_URL", address).env("OSTIARY_SAMPLE_URL", &sample_url).env("OSTIARY_CHROMIUM", chromium);
    let (succeeded, output) = exec::run_to_end(&mut npm, Show::OnFailure)?;
    let tally = Tally::of_vitest(&output);
    if !succeeded {
        eprintln!("    the program's log is {}", log.display());
        if tally.failed == 0 {
            bail!("the browser tests ended with an error");
        }
    }
    Ok(tally)
}

/// Sends both streams of a program to the end of a file.
pub(crate) fn into_log<'a>(command: &'a mut Command, path: &Path) -> anyhow::Result<&'a mut Command> {
    let file = fs::File::options().create(true).append(true).open(path)?;
    Ok(command.stdout(file.try_clone()?).stderr(file))
}
