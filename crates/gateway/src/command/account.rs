//! `ostiary account`: what only the operator can do for an account.

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use ostiary_api::Freshness;
use ostiary_model::{AccountId, AuditAction, AuditActor, AuditEntry, Clock as _, PlanName, Slug, SystemClock};
use ostiary_storage::Store;
use serde_json::json;

use crate::backend::Sole;
use crate::cli::Settings;
use crate::command::serve::block_on;
use crate::config::Config;
use crate::counting;

/// Arguments of `ostiary account`.
#[derive(Debug, Args)]
pub struct AccountArgs {
    #[command(subcommand)]
    command: AccountCommand,
}

#[derive(Debug, Subcommand)]
enum AccountCommand {
    /// Put an account on another plan, any of those in the configuration.
    Plan(PlanArgs),
}

#[derive(Debug, Args)]
struct PlanArgs {
    /// The slug of the account, as it stands in its gateway URL
    #[arg(value_name = "ACCOUNT", value_parser = slug)]
    account: Slug,
    /// The name of the plan
    #[arg(value_name = "PLAN", value_parser = plan_name)]
    plan: PlanName,
    #[command(flatten)]
    settings: Settings,
}

fn slug(text: &str) -> Result<Slug, String> {
    Slug::parse(text).map_err(|error| error.to_string())
}

fn plan_name(text: &str) -> Result<PlanName, String> {
    PlanName::parse(text).map_err(|error| error.to_string())
}

/// Does what the command line says: with Redis beside the processes that serve, and otherwise while none does, since a
/// process that counts in itself hears of no change from outside.
///
/// # Errors
///
/// No such account or plan; a database or a Redis that cannot be used; a process that serves and would not hear of it.
pub fn run(args: &AccountArgs) -> anyhow::Result<ExitCode> {
    let AccountCommand::Plan(args) = &args.command;
    let config = Config::read(&args.settings.given())?;
    if config.plans.get(&args.plan).is_none() {
        let known: Vec<&str> = config.plans.iter().map(|plan| plan.name.as_str()).collect();
        bail!("there is no plan `{}` in the configuration; there are: {}", args.plan, known.join(", "));
    }
    block_on(async {
        let sole = Sole::open(&config).await?;
        let freshness = counting::word(&config)?;
        change(&*sole.store(), &*freshness, &args.account, &args.plan).await
    })?;
    println!("{} is on the plan {}", args.account, args.plan);
    Ok(ExitCode::SUCCESS)
}

async fn change(store: &dyn Store, freshness: &dyn Freshness, slug: &Slug, plan: &PlanName) -> anyhow::Result<()> {
    let account = store.find_account_by_slug(slug).await.context("cannot read the accounts")?;
    let id = account.with_context(|| format!("there is no account `{slug}`"))?.id;
    freshness.prepare(id).await.context("the processes that serve cannot be told; nothing was changed")?;
    set(store, id, plan).await.context("cannot write")?;
    freshness.advance(id).await.context("changed, but the processes that serve may not know yet; run it again")
}

async fn set(store: &dyn Store, id: AccountId, plan: &PlanName) -> anyhow::Result<()> {
    let mut transaction = store.begin().await?;
    let before = transaction.lock_account(id).await?.context("the account is gone")?;
    let now = SystemClock.now();
    transaction.set_account_plan(id, plan, now).await?;
    let event = AuditEntry::new(id, now, AuditActor::system("operator"), AuditAction::AccountPlanChanged, id);
    let event = event.before(&json!({ "plan": before.plan })).after(&json!({ "plan": plan }));
    transaction.commit(event.into()).await?;
    Ok(())
}
