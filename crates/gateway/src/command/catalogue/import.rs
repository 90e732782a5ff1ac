//! `ostiary catalogue import`: the public registry's pages and files of definitions, into the catalogue.
//!
//! An import may be stopped and started again: what is there already is not written again, and a registry goes on at
//! the page where it was, or with what was changed since it was complete.

mod definitions;
mod endpoint;
mod entry;
mod registry;
mod writer;

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use ostiary_egress::{ControlClient, ControlSettings, EgressPolicy, Guard};
use url::Url;

use crate::backend;
use crate::cli::Settings;
use crate::command::serve::block_on;
use crate::config::Config;
pub(super) use entry::Entry;
pub(super) use writer::Writer;

#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    /// Files of definitions (JSON lines, or a registry's page), directories of such files, the URL of a registry's
    /// `/v0.1/servers`, or the URL of a server
    #[arg(required = true)]
    sources: Vec<String>,
    #[command(flatten)]
    settings: Settings,
}

pub(super) fn run(args: &ImportArgs) -> anyhow::Result<ExitCode> {
    let config = Config::read(&args.settings.given())?;
    block_on(async {
        let store = backend::open_beside(&config).await?;
        let mut writer = Writer::new(store);
        for source in &args.sources {
            import(&config, source, &mut writer).await.with_context(|| format!("cannot import {source}"))?;
        }
        let report = writer.finish().await?;
        eprintln!("{report}");
        Ok(ExitCode::SUCCESS)
    })
}

async fn import(config: &Config, source: &str, writer: &mut Writer) -> anyhow::Result<()> {
    if source.starts_with("http://") || source.starts_with("https://") {
        let url = Url::parse(source).context("not a URL")?;
        let client = client(config)?;
        // The one path that a registry's list has.
        return if url.path().ends_with("/servers") {
            registry::import_url(&client, source, &url, writer).await
        } else {
            endpoint::import(client, source, &url, writer).await
        };
    }
    for path in files(Path::new(source))? {
        let name = path.display().to_string();
        if path.extension().is_some_and(|extension| extension == "json") {
            let page = serde_json::from_reader(BufReader::new(File::open(&path)?))
                .with_context(|| format!("{name} is not JSON"))?;
            registry::import_page(&name, &page, writer).await?;
        } else {
            definitions::import(&name, BufReader::new(File::open(&path)?), writer).await?;
        }
    }
    Ok(())
}

/// Goes where this installation lets its gateway go, and nowhere else.
fn client(config: &Config) -> anyhow::Result<ControlClient> {
    let policy = EgressPolicy::public_only().allowing(config.upstream.allow.iter().copied());
    let policy = if config.listen.is_local_only() { policy.with_loopback() } else { policy };
    Ok(ControlClient::new(Guard::new(policy), &ControlSettings::default())?)
}

/// The file, or those of the directory that hold definitions, in the order of their names.
fn files(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "json" || extension == "jsonl") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
