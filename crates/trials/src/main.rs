//! Runs one trial and prints its figures.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Parser, ValueEnum};
use ostiary_trials::{Figures, catalogue, cost, faults, freshness, kill, leaks, limits, noisy, rolling, scale};

/// Puts a promise of the product to the proof.
#[derive(Debug, Parser)]
struct Arguments {
    /// Which.
    trial: Trial,
    /// The built `ostiary`.
    #[arg(long)]
    program: PathBuf,
    /// The form that the tests run.
    #[arg(long)]
    short: bool,
    /// How the figures are written.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Trial {
    /// No limit is exceeded, over four proxies and 64 connections.
    Limits,
    /// What the API acknowledged is enforced for every call that starts afterwards.
    Freshness,
    /// Every call that the upstream counted is in the log once, whatever was killed.
    Kill,
    /// The same of `ostiary serve` on SQLite.
    KillEmbedded,
    /// Redis and PostgreSQL break in every way; each is answered as documented, and recovered from.
    Faults,
    /// An account that floods slows no other.
    Noisy,
    /// Every process is restarted in turn, and nobody notices.
    Rolling,
    /// CPU time and time of a call, against nginx and a bare proxy.
    Cost,
    /// Ten minutes of a mixed load leave nothing behind.
    Leaks,
    /// Much of everything makes nothing dearer or slower.
    Scale,
    /// The catalogue at the size of the public index is imported and searched.
    Catalogue,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Text,
    Json,
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    // One of the trials is against a process that this program can be, too.
    let mut words = std::env::args().skip(1);
    if words.next().as_deref() == Some("bare-proxy") {
        let upstream = words.next().context("the address of the upstream")?.parse()?;
        return cost::bare::run(upstream).await.map(|()| ExitCode::SUCCESS);
    }
    let arguments = Arguments::parse();
    let program = arguments.program.canonicalize().context("there is no such program; build it first")?;
    let short = arguments.short;
    let figures: Option<Figures> = match arguments.trial {
        Trial::Limits => limits::run(&program, if short { limits::Size::short() } else { limits::Size::long() }).await,
        Trial::Freshness => {
            freshness::run(&program, if short { freshness::Size::short() } else { freshness::Size::long() }).await
        }
        Trial::Kill => kill::run(&program, if short { kill::Size::short() } else { kill::Size::long() }).await,
        Trial::Faults => faults::run(&program, if short { faults::Size::short() } else { faults::Size::long() }).await,
        Trial::Noisy => noisy::run(&program, if short { noisy::Size::short() } else { noisy::Size::long() }).await,
        Trial::Rolling => {
            rolling::run(&program, if short { rolling::Size::short() } else { rolling::Size::long() }).await
        }
        Trial::Scale => scale::run(&program, if short { scale::Size::short() } else { scale::Size::long() }).await,
        Trial::KillEmbedded => {
            kill::run_embedded(&program, if short { kill::Size::short() } else { kill::Size::long() }).await.map(Some)
        }
        Trial::Cost => cost::run(&program, if short { cost::Size::short() } else { cost::Size::long() }).await,
        Trial::Catalogue => {
            catalogue::run(&program, if short { catalogue::Size::short() } else { catalogue::Size::long() })
                .await
                .map(Some)
        }
        Trial::Leaks => {
            leaks::run(&program, if short { leaks::Size::short() } else { leaks::Size::long() }).await.map(Some)
        }
    }?;
    let figures = figures.context("PostgreSQL or Redis is not installed")?;
    match arguments.format {
        Format::Text => print!("{figures}"),
        Format::Json => println!("{}", serde_json::to_string_pretty(&figures)?),
    }
    Ok(if figures.held() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
