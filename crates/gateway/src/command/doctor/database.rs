//! The database: whether it is there, whole, at the right version, with a clock that agrees, and sealed with our key.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use ostiary_auth::{Credentials, Purpose};
use ostiary_model::{Clock as _, PlanName, Server, SystemClock};
use ostiary_storage::{PageRequest, StorageError, Store};
use ostiary_storage_sqlite::copy;

use super::check::Check;
use crate::backend;
use crate::command::secrets;
use crate::config::Config;
use crate::first_run::{DataDir, Keys};

/// Clocks further apart than this make expiries and sessions of processes disagree.
const APART: TimeDelta = TimeDelta::seconds(2);

/// Accounts whose plans are read together.
const PAGE: u32 = 1_000;

/// Accounts of which one server's credentials are opened.
const SAMPLE: u32 = 20;

pub(super) async fn check(config: &Config) -> Vec<Check> {
    if config.database_url.is_none() {
        let path = DataDir::database_in(&config.data_dir);
        if !path.exists() {
            return vec![Check::good(
                "database",
                format!("{} is not there; it is made on first start", path.display()),
            )];
        }
        let file = file(&path).await;
        if file.verdict != super::Verdict::Good {
            return vec![file];
        }
        let mut checks = vec![file];
        checks.extend(stored(config).await);
        return checks;
    }
    stored(config).await
}

async fn file(path: &std::path::Path) -> Check {
    let shown = path.display();
    match copy::examine(path).await {
        Ok(state) if !state.is_whole => {
            Check::bad("database", format!("{shown} is damaged"), "stop the process and run `ostiary restore`")
        }
        Ok(state) if state.ahead > 0 => {
            let advice = "run the newer version again, or restore a backup of before";
            Check::bad("database", format!("{shown} was written by a newer version"), advice)
        }
        Ok(state) if state.behind > 0 => {
            let advice = "`ostiary serve` runs them when it starts, and so does `ostiary migrate`";
            Check::doubtful("database", format!("{shown} lacks {} migrations", state.behind), advice)
        }
        Ok(_) => Check::good("database", format!("{shown} is whole and up to date")),
        Err(error) => {
            Check::bad("database", format!("{shown} cannot be read: {error}"), "look at its owner and permissions")
        }
    }
}

/// What is to be seen through the store: with PostgreSQL, whether it can be reached and is up to date, too.
async fn stored(config: &Config) -> Vec<Check> {
    let store = match backend::open_to_read(config).await {
        Ok(store) => store,
        Err(error) => {
            let advice =
                "look at OSTIARY_DATABASE_URL and at the server; `ostiary migrate` brings its tables up to date";
            return vec![Check::bad("database", format!("{error:#}"), advice)];
        }
    };
    let mut checks = Vec::new();
    if config.database_url.is_some() {
        checks.push(Check::good("database", "answers, and is up to date"));
        checks.push(clocks(&*store).await);
    }
    checks.push(sealed(config, &*store).await);
    checks.push(plans(config, &*store).await);
    checks.push(exchange(config, &*store).await);
    checks
}

async fn clocks(store: &dyn Store) -> Check {
    match store.clock().await {
        Ok(theirs) => {
            let apart = (SystemClock.now() - theirs).abs();
            let found = format!("{} ms from the database's", apart.num_milliseconds());
            if apart > APART {
                return Check::bad("clocks", found, "set both by NTP");
            }
            Check::good("clocks", found)
        }
        Err(error) => Check::bad("clocks", error.to_string(), "look at the database"),
    }
}

/// Whether the key opens what is stored.
async fn sealed(config: &Config, store: &dyn Store) -> Check {
    let Ok(keys) = Keys::read(config) else {
        return Check::doubtful("stored credentials", "were not looked at", "there is no key to try");
    };
    let credentials = Credentials::new(keys.keyring().sealer(Purpose::UpstreamCredentials));
    let servers = match sample(store).await {
        Ok(servers) => servers,
        Err(error) => return Check::bad("stored credentials", error.to_string(), "look at the database"),
    };
    let refused = servers.iter().filter(|server| credentials.open(server.id, &server.auth).is_err()).count();
    if refused > 0 {
        let found = format!("{refused} of {} cannot be opened with this key", servers.len());
        return Check::bad("stored credentials", found, "set OSTIARY_SECRET_KEY to the key they were stored with");
    }
    Check::good("stored credentials", format!("{} looked at, all can be opened", servers.len()))
}

/// Whether every account's plan is in the configuration.
async fn plans(config: &Config, store: &dyn Store) -> Check {
    const NAME: &str = "plans";
    let (mut after, mut accounts, mut unknown) = (None, 0_usize, BTreeMap::<PlanName, usize>::new());
    loop {
        let page = match store.list_account_plans(after, PAGE).await {
            Ok(page) => page,
            Err(error) => return Check::bad(NAME, error.to_string(), "look at the database"),
        };
        let Some((last, _)) = page.last() else { break };
        after = Some(*last);
        accounts += page.len();
        for (_, plan) in page.into_iter().filter(|(_, plan)| config.plans.get(plan).is_none()) {
            *unknown.entry(plan).or_default() += 1;
        }
    }
    if unknown.is_empty() {
        return Check::good(NAME, format!("{accounts} accounts, all of a plan that is configured"));
    }
    let named: Vec<String> = unknown.iter().map(|(plan, count)| format!("`{plan}` of {count}")).collect();
    let default = &config.plans.default_plan().name;
    let found = format!("plans of accounts that are not configured: {}; `{default}` counts instead", named.join(", "));
    Check::doubtful(NAME, found, "describe them in [plans.NAME], or run `ostiary account plan ACCOUNT PLAN`")
}

/// How far the exchange of the secret key is.
async fn exchange(config: &Config, store: &dyn Store) -> Check {
    const NAME: &str = "key exchange";
    let Ok(keys) = Keys::read(config) else {
        return Check::doubtful(NAME, "there is none", "start ostiary once, or set OSTIARY_SECRET_KEY");
    };
    let count = match secrets::count(store, &keys).await {
        Ok(count) => count,
        Err(error) => return Check::bad(NAME, format!("{error:#}"), "look at the database"),
    };
    match (count.other, count.unknown, keys.other.is_some()) {
        (_, 1.., _) => Check::bad(NAME, count.to_string(), "set the key that sealed them: OSTIARY_SECRET_KEY_OTHER"),
        (1.., 0, _) => Check::doubtful(NAME, count.to_string(), "run `ostiary secrets rotate`"),
        (0, 0, true) => {
            Check::doubtful(NAME, count.to_string(), "the other key is needed no more: `ostiary secrets forget`")
        }
        (0, 0, false) => Check::good(NAME, count.to_string()),
    }
}

async fn sample(store: &dyn Store) -> Result<Vec<Server>, StorageError> {
    let accounts = store.list_audit_heads(PageRequest { limit: SAMPLE, after: None }).await?;
    let mut servers = Vec::new();
    for head in accounts.items {
        let page = store.list_servers(head.account_id, PageRequest { limit: 3, after: None }).await?;
        servers.extend(page.items);
    }
    Ok(servers)
}
