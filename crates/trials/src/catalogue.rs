//! The catalogue at the size of the public index: imported in bounded memory, killed on the way and started again,
//! imported once more for nothing, and searched, on both databases.
//!
//! Everything runs on the cores that the trial itself is given: `taskset -c 0 cargo xtask trial catalogue --release` measures
//! one core, with the database, the made-up registry and the searching clients on it, too.

mod import;
mod index;
mod registry;
mod search;

use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use ostiary_testkit::{Program, TestPostgres};
use tokio::process::Command;

use crate::Figures;
use import::Import;
use index::Index;
use registry::Registry;

/// How much there is.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Servers of the registry.
    pub servers: u32,
    /// Tools of all of them.
    pub tools: u32,
    /// Searches of each kind.
    pub searches: usize,
    /// What the dice begin with.
    pub seed: u64,
    /// How long an import may take, and the slowest of a hundred searches; none where nothing is measured by a clock.
    pub bounds: Option<(Duration, Duration)>,
}

impl Size {
    /// The figures of the promise.
    #[must_use]
    pub const fn long() -> Self {
        let bounds = Some((Duration::from_secs(900), Duration::from_millis(100)));
        Self { servers: 43_000, tools: 500_000, searches: 400, seed: 1, bounds }
    }

    /// For a test.
    #[must_use]
    pub const fn short() -> Self {
        Self { servers: 400, tools: 3_000, searches: 4, seed: 1, bounds: None }
    }
}

/// Most that an import may hold, in bytes, whatever it imports.
const MEMORY_MAX: u64 = 256 * 1024 * 1024;

/// Runs the trial on a file, and on PostgreSQL where there is one.
///
/// # Errors
///
/// What keeps it from being run.
pub async fn run(program: &Path, size: Size) -> anyhow::Result<Figures> {
    let mut figures = Figures::of("catalogue: imported, killed on the way, imported again, and searched");
    let index = Index::new(size);
    let dir = tempfile::tempdir()?;
    let definitions = dir.path().join("tools.jsonl");
    let (tools, bytes) = index.write_definitions(&definitions).context("the definitions cannot be written")?;
    figures.add("servers, tools", format!("{}, {tools} ({} MiB of definitions)", size.servers, bytes >> 20));
    let registry = Registry::start(index).await?;
    let variables = [("OSTIARY_DATA_DIR", dir.path().join("data").display().to_string())];
    on(program, size, tools, "SQLite", &variables, &registry, &definitions, &mut figures).await?;
    if let Some(postgres) = TestPostgres::create().await {
        let variables = [("OSTIARY_DATABASE_URL", postgres.url().to_owned())];
        on(program, size, tools, "PostgreSQL", &variables, &registry, &definitions, &mut figures).await?;
    }
    Ok(figures)
}

#[expect(clippy::too_many_arguments, reason = "what is measured, and where it is written down")]
async fn on(
    program: &Path,
    size: Size,
    tools: u64,
    database: &str,
    variables: &[(&str, String)],
    registry: &Registry,
    definitions: &Path,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let mut migrate = Command::new(program);
    migrate.arg("migrate").envs(variables.iter().map(|(name, value)| (*name, value)));
    anyhow::ensure!(migrate.output().await?.status.success(), "the database cannot be made");
    let import = Import { program, variables };
    let of_registry = registry.url();
    let of_definitions = definitions.display().to_string();
    for (what, source) in [("registry", &of_registry), ("definitions", &of_definitions)] {
        // Killed when it has written something, and then started again.
        let killed = import.run_until(source, size.servers / 4).await?;
        let rest = import.run(source).await?;
        figures.check(rest.is_complete, || format!("{database}: the import of {what} fails: {}", rest.said));
        let took = killed.took + rest.took;
        figures.add(
            format!("{database}, {what}"),
            format!(
                "{took:.1?} in two runs, the first killed; {:.1?} of CPU; at most {} MiB",
                killed.cpu + rest.cpu,
                rest.memory.max(killed.memory) >> 20
            ),
        );
        figures.check(rest.memory.max(killed.memory) <= MEMORY_MAX, || {
            format!("{database}: the import of {what} holds {} bytes", rest.memory)
        });
        if let Some((longest, _)) = size.bounds {
            figures.check(took <= longest, || format!("{database}: the import of {what} takes {took:?}"));
        }
        let again = import.run(source).await?;
        figures.add(
            format!("{database}, {what} again"),
            format!("{:.1?}, {:.1?} of CPU: {}", again.took, again.cpu, again.said.lines().next().unwrap_or_default()),
        );
        figures.check(again.is_complete && again.said.contains("servers: 0 written"), || {
            format!("{database}: {what} are written again: {}", again.said)
        });
    }
    let mut serve = Command::new(program);
    serve.args(["serve", "--listen", "127.0.0.1:0"]).env("OSTIARY_LOG", "off");
    serve
        .env("OSTIARY_SECRET_KEY", crate::installation::KEY)
        .envs(variables.iter().map(|(name, value)| (*name, value)));
    let serving = Program::start(serve).await;
    let totals = format!("{tools} tools of {} servers", size.servers);
    let page = reqwest::get(format!("{}/catalogue", serving.base())).await?.text().await?;
    figures.check(page.contains(&totals), || format!("{database}: the catalogue does not hold {totals}"));
    search::run(serving.base(), size, database, figures).await
}
