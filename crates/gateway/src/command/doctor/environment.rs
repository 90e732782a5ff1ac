//! What needs no connection: the clock, the data directory, addresses, keys.

use std::path::Path;

use ostiary_auth::SecretKey;
use ostiary_model::{Clock as _, SystemClock};

use super::check::Check;
use crate::config::{self, Config, Given};
use crate::first_run::DataDir;

/// No clock of a machine that is set at all is before this, in seconds since the Unix epoch: 2026-01-01.
const EARLIEST_S: i64 = 1_767_225_600;

pub(super) fn check(config: &Config, given: &Given) -> Vec<Check> {
    let mut checks = Vec::new();
    for name in config::unknown_variables(given) {
        let advice = "remove it, or correct its name; `ostiary config` lists them";
        checks.push(Check::doubtful("variable", format!("there is no setting {name}"), advice));
    }
    checks.push(clock());
    checks.push(address(config));
    if config.database_url.is_none() {
        checks.extend(data_directory(&config.data_dir));
    }
    checks.push(key(config));
    checks
}

fn clock() -> Check {
    let now = SystemClock.now();
    if now.timestamp() < EARLIEST_S {
        let advice = "set the clock, best by NTP: limits, expiries and sessions depend on it";
        return Check::bad("clock", format!("says {}", now.to_rfc3339()), advice);
    }
    Check::good("clock", now.to_rfc3339())
}

fn address(config: &Config) -> Check {
    let Some(url) = &config.listen.public_url else {
        if config.listen.is_loopback_only() {
            return Check::good(
                "public URL",
                format!("none: only this machine is served, on {}", config.listen.address),
            );
        }
        let advice = "set OSTIARY_PUBLIC_URL to how people reach it; cookies and gateway URLs depend on it";
        return Check::doubtful("public URL", format!("none, and it listens on {}", config.listen.address), advice);
    };
    if url.scheme() == "http" && !config.listen.is_local_only() {
        let advice = "put TLS in front of it and set OSTIARY_PUBLIC_URL to https://…";
        return Check::doubtful("public URL", format!("{url} goes over the network unencrypted"), advice);
    }
    if url.scheme() == "https" && config.http.trusted_proxies.is_empty() {
        let advice = "set OSTIARY_HTTP_TRUSTED_PROXIES to the proxy's address, or all people share its bounds";
        return Check::doubtful("public URL", format!("{url}, behind a proxy that is not believed"), advice);
    }
    Check::good("public URL", url.to_string())
}

fn data_directory(path: &Path) -> Vec<Check> {
    let shown = path.display();
    let Ok(metadata) = path.metadata() else {
        return vec![Check::good("data directory", format!("{shown} is not there; it is made on first start"))];
    };
    let mut checks = Vec::new();
    if !metadata.is_dir() {
        return vec![Check::bad("data directory", format!("{shown} is no directory"), "set OSTIARY_DATA_DIR")];
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        for place in [path.to_owned(), path.join(DataDir::KEY_FILE)] {
            let mode = place.metadata().map_or(0, |metadata| metadata.permissions().mode());
            if mode & 0o077 != 0 {
                let advice = format!("chmod go= {}", place.display());
                checks.push(Check::bad("data directory", format!("others may open {}", place.display()), advice));
            }
        }
    }
    if checks.is_empty() {
        checks.push(Check::good("data directory", shown.to_string()));
    }
    checks
}

fn key(config: &Config) -> Check {
    if config.secret_key.is_some() {
        return Check::good("secret key", "is configured");
    }
    if config.database_url.is_some() {
        let advice = "set OSTIARY_SECRET_KEY to 32 bytes in base64, the same for every process";
        return Check::bad("secret key", "is needed with a PostgreSQL database", advice);
    }
    let path = config.data_dir.join(DataDir::KEY_FILE);
    match std::fs::read_to_string(&path).map(zeroize::Zeroizing::new) {
        Ok(text) if SecretKey::from_base64(&text).is_ok() => Check::good("secret key", path.display().to_string()),
        Ok(_) => {
            Check::bad("secret key", format!("{} holds none", path.display()), "put the key of a backup in its place")
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            if DataDir::database_in(&config.data_dir).exists() {
                let advice = "put the key of a backup there: a new one would not open what is stored";
                return Check::bad("secret key", format!("{} is not there", path.display()), advice);
            }
            Check::good("secret key", "is made on first start")
        }
        Err(error) => {
            Check::bad("secret key", format!("{} cannot be read: {error}", path.display()), "run this as its owner")
        }
    }
}
