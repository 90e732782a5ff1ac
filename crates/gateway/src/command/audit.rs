//! `ostiary audit verify`: whether the audit events are what was written.

use std::process::ExitCode;
use std::str::FromStr;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use ostiary_model::{AccountId, AuditHead, Slug};
use ostiary_storage::audit::{VerifyError, verify};
use ostiary_storage::{PageRequest, StorageError, Store};

use crate::backend;
use crate::cli::Settings;
use crate::command::serve::block_on;
use crate::config::Config;

/// Arguments of `ostiary audit`.
#[derive(Debug, Args)]
pub struct AuditArgs {
    #[command(subcommand)]
    command: AuditCommand,
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    /// Follow the chain of every account, or of one, from its first event to its newest.
    Verify(VerifyArgs),
}

#[derive(Debug, Args)]
struct VerifyArgs {
    /// The slug of one account
    #[arg(long, value_name = "SLUG", value_parser = slug)]
    account: Option<Slug>,
    /// An event as an earlier run printed it: whoever can write to the database can make a whole new chain, but none
    /// with a hash that was noted elsewhere
    #[arg(long, value_name = "NUMBER:HASH", requires = "account")]
    anchor: Option<Anchor>,
    #[command(flatten)]
    settings: Settings,
}

fn slug(text: &str) -> Result<Slug, String> {
    Slug::parse(text).map_err(|error| error.to_string())
}

/// An event that was noted elsewhere.
#[derive(Clone, Copy, Debug)]
struct Anchor(i64, [u8; 32]);

impl FromStr for Anchor {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORM: &str = "must be a number, a colon, and 64 hexadecimal digits";
        let (number, hash) = text.split_once(':').ok_or(FORM)?;
        let hash = ostiary_api::ops::tool::from_hex(hash).ok_or(FORM)?;
        Ok(Self(number.parse().map_err(|_| FORM)?, hash))
    }
}

/// Follows the chains, beside the processes that go on writing to them.
///
/// # Errors
///
/// A database that cannot be read. A broken chain is an exit code of 1.
pub fn run(args: AuditArgs) -> anyhow::Result<ExitCode> {
    let AuditCommand::Verify(args) = args.command;
    let config = Config::read(&args.settings.given())?;
    block_on(async {
        let store = backend::open_to_read(&config).await?;
        let accounts = accounts(&*store, args.account.as_ref()).await?;
        let anchor = args.anchor.map(|Anchor(number, hash)| (number, hash));
        let mut broken = 0;
        for account_id in &accounts {
            let name = name(&*store, *account_id).await?;
            match verify(&*store, *account_id, anchor).await {
                Ok(head) => println!("{name}: {}", describe(&head)),
                Err(VerifyError::Chain(error)) => {
                    broken += 1;
                    println!("{name}: BROKEN: {error}");
                }
                // A word that nothing of ours writes is an alteration, too.
                Err(VerifyError::Storage(error @ StorageError::Inconsistent { .. })) => {
                    broken += 1;
                    println!("{name}: BROKEN: {error}");
                }
                Err(VerifyError::Storage(error)) => return Err(error).context("cannot read the audit events"),
            }
        }
        if broken > 0 {
            println!("{broken} of {} chains are broken", accounts.len());
            return Ok(ExitCode::FAILURE);
        }
        println!("{} chains are as they were written", accounts.len());
        Ok(ExitCode::SUCCESS)
    })
}

/// The head in the form that `--anchor` takes.
fn describe(head: &AuditHead) -> String {
    format!("{} events, anchor {}:{}", head.number, head.number, ostiary_api::ops::tool::hex(&head.hash))
}

async fn name(store: &dyn Store, account_id: AccountId) -> anyhow::Result<String> {
    let account = store.get_account(account_id).await.context("cannot read the accounts")?;
    Ok(account.map_or_else(|| account_id.to_string(), |account| account.slug.to_string()))
}

async fn accounts(store: &dyn Store, slug: Option<&Slug>) -> anyhow::Result<Vec<AccountId>> {
    if let Some(slug) = slug {
        let Some(account) = store.find_account_by_slug(slug).await.context("cannot read the accounts")? else {
            bail!("there is no account with the slug `{slug}`");
        };
        return Ok(vec![account.id]);
    }
    let mut found: Vec<AccountId> = Vec::new();
    loop {
        let request = PageRequest { limit: 500, after: found.last().copied() };
        let page = store.list_audit_heads(request).await.context("cannot read the audit events")?;
        found.extend(page.items.iter().map(|head| head.account_id));
        if !page.has_more {
            return Ok(found);
        }
    }
}
