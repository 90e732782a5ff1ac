//! The table of settings: their paths, their variables, and which of them are secret.

/// One setting.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Its path in the file.
    pub path: &'static str,
    /// Its environment variable.
    pub variable: &'static str,
    /// Whether its value is never shown.
    pub is_secret: bool,
}

const fn open(path: &'static str, variable: &'static str) -> Setting {
    Setting { path, variable, is_secret: false }
}

const fn secret(path: &'static str, variable: &'static str) -> Setting {
    Setting { path, variable, is_secret: true }
}

/// Every setting there is.
pub const SETTINGS: &[Setting] = &[
    open("listen", "OSTIARY_LISTEN"),
    open("proxy_listen", "OSTIARY_PROXY_LISTEN"),
    open("public_url", "OSTIARY_PUBLIC_URL"),
    open("data_dir", "OSTIARY_DATA_DIR"),
    // URLs of databases hold passwords.
    secret("database_url", "OSTIARY_DATABASE_URL"),
    secret("redis_url", "OSTIARY_REDIS_URL"),
    secret("secret_key", "OSTIARY_SECRET_KEY"),
    secret("secret_key_other", "OSTIARY_SECRET_KEY_OTHER"),
    open("database.connections", "OSTIARY_DATABASE_CONNECTIONS"),
    open("database.log_connections", "OSTIARY_DATABASE_LOG_CONNECTIONS"),
    open("database.acquire_timeout_ms", "OSTIARY_DATABASE_ACQUIRE_TIMEOUT_MS"),
    open("database.statement_timeout_ms", "OSTIARY_DATABASE_STATEMENT_TIMEOUT_MS"),
    open("database.lock_timeout_ms", "OSTIARY_DATABASE_LOCK_TIMEOUT_MS"),
    open("database.retention_days", "OSTIARY_DATABASE_RETENTION_DAYS"),
    open("database.migrate", "OSTIARY_DATABASE_MIGRATE"),
    open("redis.prefix", "OSTIARY_REDIS_PREFIX"),
    open("redis.ca_file", "OSTIARY_REDIS_CA_FILE"),
    // It may hold a password.
    secret("mail.url", "OSTIARY_MAIL_URL"),
    open("mail.from", "OSTIARY_MAIL_FROM"),
    open("oidc.issuer", "OSTIARY_OIDC_ISSUER"),
    open("oidc.client_id", "OSTIARY_OIDC_CLIENT_ID"),
    open("oidc.client_secret_file", "OSTIARY_OIDC_CLIENT_SECRET_FILE"),
    open("oidc.name", "OSTIARY_OIDC_NAME"),
    open("accounts.deletion_grace_days", "OSTIARY_ACCOUNTS_DELETION_GRACE_DAYS"),
    open("accounts.default_plan", "OSTIARY_ACCOUNTS_DEFAULT_PLAN"),
    open("plans", "OSTIARY_PLANS"),
    open("upstream.allow", "OSTIARY_UPSTREAM_ALLOW"),
    open("upstream.plain_http", "OSTIARY_UPSTREAM_PLAIN_HTTP"),
    open("upstream.connect_timeout_ms", "OSTIARY_UPSTREAM_CONNECT_TIMEOUT_MS"),
    open("upstream.first_byte_timeout_ms", "OSTIARY_UPSTREAM_FIRST_BYTE_TIMEOUT_MS"),
    open("upstream.idle_timeout_ms", "OSTIARY_UPSTREAM_IDLE_TIMEOUT_MS"),
    open("upstream.call_max_ms", "OSTIARY_UPSTREAM_CALL_MAX_MS"),
    open("upstream.inventory_every_ms", "OSTIARY_UPSTREAM_INVENTORY_EVERY_MS"),
    open("limits.headers_max", "OSTIARY_LIMITS_HEADERS_MAX"),
    open("limits.headers_max_bytes", "OSTIARY_LIMITS_HEADERS_MAX_BYTES"),
    open("limits.body_max_bytes", "OSTIARY_LIMITS_BODY_MAX_BYTES"),
    open("limits.json_depth", "OSTIARY_LIMITS_JSON_DEPTH"),
    open("limits.event_max_bytes", "OSTIARY_LIMITS_EVENT_MAX_BYTES"),
    open("limits.list_max_bytes", "OSTIARY_LIMITS_LIST_MAX_BYTES"),
    open("limits.calls_per_account", "OSTIARY_LIMITS_CALLS_PER_ACCOUNT"),
    open("limits.calls_waiting_per_account", "OSTIARY_LIMITS_CALLS_WAITING_PER_ACCOUNT"),
    open("limits.call_wait_ms", "OSTIARY_LIMITS_CALL_WAIT_MS"),
    open("limits.calls_per_second_per_account", "OSTIARY_LIMITS_CALLS_PER_SECOND_PER_ACCOUNT"),
    open("limits.streams_per_grant", "OSTIARY_LIMITS_STREAMS_PER_GRANT"),
    open("limits.streams_per_account", "OSTIARY_LIMITS_STREAMS_PER_ACCOUNT"),
    open("limits.sessions_per_minute", "OSTIARY_LIMITS_SESSIONS_PER_MINUTE"),
    open("limits.connections_per_address", "OSTIARY_LIMITS_CONNECTIONS_PER_ADDRESS"),
    open("limits.api_requests_per_account", "OSTIARY_LIMITS_API_REQUESTS_PER_ACCOUNT"),
    open("limits.api_requests_per_address", "OSTIARY_LIMITS_API_REQUESTS_PER_ADDRESS"),
    open("limits.cache_mib", "OSTIARY_LIMITS_CACHE_MIB"),
    open("http.connections", "OSTIARY_HTTP_CONNECTIONS"),
    open("http.header_timeout_ms", "OSTIARY_HTTP_HEADER_TIMEOUT_MS"),
    open("http.drain_ms", "OSTIARY_HTTP_DRAIN_MS"),
    open("http.allowed_origins", "OSTIARY_HTTP_ALLOWED_ORIGINS"),
    open("http.account_hosts", "OSTIARY_ACCOUNT_HOSTS"),
    open("http.trusted_proxies", "OSTIARY_HTTP_TRUSTED_PROXIES"),
    open("log.filter", "OSTIARY_LOG"),
    open("log.format", "OSTIARY_LOG_FORMAT"),
];

/// The setting with this path.
#[must_use]
pub fn find(path: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.path == path)
}
