//! The way to the database: what its URL says, and what every connection is told.

use std::str::FromStr as _;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _, PgConnection, PgPool, Row as _};

use crate::error::{ConnectError, storage_error};
use crate::settings::PgSettings;
use crate::within::Within as _;

/// The oldest major version that has what the statements and the partitions need.
const OLDEST: i32 = 15;

/// How long a transaction may be open without a statement: one whose process was frozen must not hold its locks.
const IDLE_TRANSACTION: Duration = Duration::from_secs(30);

/// How long one connection may take to be made.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// What the URL says, TLS included (`sslmode`, `sslrootcert`), with the limits of the settings.
pub(crate) fn options(url: &str, settings: &PgSettings) -> Result<PgConnectOptions, ConnectError> {
    if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
        return Err(ConnectError::Url(None));
    }
    let options = PgConnectOptions::from_str(url).map_err(|error| ConnectError::Url(Some(error)))?;
    Ok(options.application_name("ostiary").options([
        ("statement_timeout", millis(settings.statement_timeout)),
        ("lock_timeout", millis(settings.lock_timeout)),
        ("idle_in_transaction_session_timeout", millis(IDLE_TRANSACTION)),
        // The statements are written for it, whatever the server's default is.
        ("default_transaction_isolation", "read committed".to_owned()),
    ]))
}

/// A time as the server's settings take it; 0 would mean no limit.
pub(crate) fn millis(time: Duration) -> String {
    time.as_millis().max(1).to_string()
}

/// One connection outside the pools.
pub(crate) async fn single(options: &PgConnectOptions) -> Result<PgConnection, sqlx::Error> {
    options.connect().within(HANDSHAKE).await
}

/// The first connection, and that its session is its own.
pub(crate) async fn first(options: &PgConnectOptions) -> Result<PgConnection, ConnectError> {
    let mut connection = single(options).await.map_err(|error| match error.as_database_error() {
        Some(database) if database.message().contains("unsupported startup parameter") => ConnectError::Startup(error),
        _ => storage_error(error).into(),
    })?;
    if shares_sessions(&mut connection, options).within(HANDSHAKE).await.map_err(storage_error)? {
        return Err(ConnectError::SharedSessions);
    }
    Ok(connection)
}

/// How often sessions are looked at: who else comes and goes may hide once that they are shared.
const LOOKS: usize = 3;

/// Whether two connections are given the same session. Statements without preparation only: where sessions are shared,
/// a prepared one may be looked for in another.
async fn shares_sessions(connection: &mut PgConnection, options: &PgConnectOptions) -> Result<bool, sqlx::Error> {
    let mut other = options.connect().await?;
    for _ in 0..LOOKS {
        let before = session(connection).await?;
        sqlx::raw_sql("begin").execute(&mut other).await?;
        let others = session(&mut other).await?;
        let after = session(connection).await?;
        sqlx::raw_sql("rollback").execute(&mut other).await?;
        if before == others || before != after {
            return Ok(true);
        }
    }
    other.close().await?;
    Ok(false)
}

async fn session(connection: &mut PgConnection) -> Result<String, sqlx::Error> {
    sqlx::raw_sql("select pg_backend_pid()::text").fetch_one(connection).await?.try_get(0)
}

/// Checks that the server is one that will do; answers whether commits wait until they are durable.
pub(crate) async fn inspect(connection: &mut PgConnection) -> Result<bool, ConnectError> {
    let found = sqlx::query!(
        r#"
        select
            current_setting('server_version_num')::int / 10000 as "version!",
            current_setting('synchronous_commit') <> 'off' as "durable!"
        "#
    )
    .fetch_one(connection)
    .within(HANDSHAKE)
    .await
    .map_err(storage_error)?;
    if found.version < OLDEST {
        return Err(ConnectError::TooOld { found: found.version, needed: OLDEST });
    }
    Ok(found.durable)
}

/// A pool that makes its connections when they are needed.
pub(crate) fn pool(options: &PgConnectOptions, connections: u32, settings: &PgSettings) -> PgPool {
    PgPoolOptions::new()
        .max_connections(connections.max(1))
        .acquire_timeout(settings.acquire_timeout)
        .connect_lazy_with(options.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn url_of_another_database_is_refused_without_being_repeated() {
        for url in ["sqlite:secret.db", "mysql://u:secret@h/d", "postgres://u:secret@h:port/d", "secret"] {
            let error = options(url, &PgSettings::default()).expect_err("no URL of ours");
            assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");
        }
    }

    #[test]
    fn url_says_how_tls_is_used() {
        let url = "postgres://u@h/d?sslmode=verify-full";
        let options = options(url, &PgSettings::default()).expect("a URL");
        assert!(matches!(options.get_ssl_mode(), sqlx::postgres::PgSslMode::VerifyFull));
    }
}
