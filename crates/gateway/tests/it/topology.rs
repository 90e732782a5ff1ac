//! What may run beside what, on which Redis.

use std::process::Output;

use ostiary_testkit::{Program, TestAuthority, TestPostgres, TestRedis};

const PROGRAM: &str = env!("CARGO_BIN_EXE_ostiary");
const KEY: &str = "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=";

/// Runs a command to its end.
fn run(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = std::process::Command::new(PROGRAM);
    command.args(arguments).env("OSTIARY_LISTEN", "127.0.0.1:0").envs(variables.iter().copied());
    command.output().unwrap()
}

/// What a command that must fail says.
fn refused(arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let output = run(arguments, variables);
    assert!(!output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn process_that_counts_in_itself_and_those_that_count_in_redis_exclude_each_other() {
    let Some(database) = TestPostgres::create().await else { return };
    let Some(redis) = TestRedis::own() else { return };
    let alone = [("OSTIARY_DATABASE_URL", database.url()), ("OSTIARY_SECRET_KEY", KEY)];
    let together = [alone[0], alone[1], ("OSTIARY_REDIS_URL", redis.url())];

    let proxy = Program::replica(PROGRAM, "proxy", &together).await;
    let error = refused(&["serve"], &alone);
    assert!(error.contains("count calls in Redis"), "{error}");
    let api = Program::replica(PROGRAM, "api", &together).await;
    proxy.terminate().await;
    api.terminate().await;

    let serve = Program::replica(PROGRAM, "serve", &alone).await;
    let error = refused(&["proxy"], &together);
    assert!(error.contains("`ostiary serve` without OSTIARY_REDIS_URL"), "{error}");
    serve.terminate().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_that_removes_keys_is_refused_at_start() {
    let Some(database) = TestPostgres::create().await else { return };
    let Some(redis) = TestRedis::with(&["--maxmemory", "64mb", "--maxmemory-policy", "volatile-lru"]) else { return };
    let variables =
        [("OSTIARY_DATABASE_URL", database.url()), ("OSTIARY_SECRET_KEY", KEY), ("OSTIARY_REDIS_URL", redis.url())];
    let error = refused(&["proxy"], &variables);
    assert!(error.contains("maxmemory-policy volatile-lru"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_behind_tls_a_user_and_a_prefix_serves_and_says_that_it_is_ready() {
    let (authority, prefix) = (TestAuthority::new(), TestRedis::prefix());
    let Some(database) = TestPostgres::create().await else { return };
    let Some(redis) = TestRedis::guarded(&authority, &prefix) else { return };
    let root = authority.root();
    let variables = [
        ("OSTIARY_DATABASE_URL", database.url()),
        ("OSTIARY_SECRET_KEY", KEY),
        ("OSTIARY_REDIS_URL", redis.url()),
        ("OSTIARY_REDIS_CA_FILE", root.to_str().unwrap()),
        ("OSTIARY_REDIS_PREFIX", &prefix),
    ];
    let proxy = Program::replica(PROGRAM, "proxy", &variables).await;
    let address = proxy.base().trim_start_matches("http://").to_owned();
    let at = [("OSTIARY_PROXY_LISTEN", address.as_str())];
    for arguments in [&["health", "--proxy"][..], &["health", "--proxy", "--ready"]] {
        let output = run(arguments, &at);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    redis.kill();
    let error = refused(&["health", "--proxy", "--ready"], &at);
    assert!(error.contains("/readyz answers 503: Redis does not answer"), "{error}");
    proxy.terminate().await;
    let error = refused(&["health", "--proxy"], &at);
    assert!(error.contains("nothing listens"), "{error}");
}
