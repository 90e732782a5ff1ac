//! Everything in one process, on PostgreSQL.

use ostiary_testkit::{TestGateway, TestPostgres};

const KEY: &str = "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=";

fn program(database: &TestPostgres, arguments: &[&str], key: Option<&str>) -> std::process::Output {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_ostiary"));
    command.args(arguments).env("OSTIARY_DATABASE_URL", database.url()).env_remove("OSTIARY_SECRET_KEY");
    if let Some(key) = key {
        command.env("OSTIARY_SECRET_KEY", key);
    }
    command.output().unwrap()
}

fn stderr(output: &std::process::Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gateway_on_postgres_serves_and_finds_its_data_again() {
    let Some(database) = TestPostgres::create().await else { return };
    let start = || TestGateway::builder().set("database_url", database.url()).set("secret_key", KEY).start();
    let first = start().await;
    let tenant = first.tenant("acme").await;
    assert!(tenant.decisions().await.is_empty());

    // A second one would count for itself.
    let output = program(&database, &["serve", "--listen", "127.0.0.1:0"], Some(KEY));
    assert!(!output.status.success());
    assert!(stderr(&output).contains("another `ostiary serve` uses this database"), "{}", stderr(&output));

    first.stop().await;
    let second = start().await;
    second.tenant("other").await;
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_that_was_not_migrated_says_what_to_run() {
    let Some(database) = TestPostgres::create_empty().await else { return };
    let output = program(&database, &["serve", "--listen", "127.0.0.1:0"], Some(KEY));
    assert!(!output.status.success());
    assert!(stderr(&output).contains("run `ostiary migrate`"), "{}", stderr(&output));
    for _ in 0..2 {
        let output = program(&database, &["migrate"], None);
        assert!(output.status.success(), "{}", stderr(&output));
    }
    let output = program(&database, &["serve", "--listen", "127.0.0.1:0"], None);
    assert!(stderr(&output).contains("OSTIARY_SECRET_KEY is needed"), "{}", stderr(&output));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gateway_told_to_migrate_does_so_at_its_start() {
    let Some(database) = TestPostgres::create_empty().await else { return };
    let gateway = TestGateway::builder()
        .set("database_url", database.url())
        .set("secret_key", KEY)
        .set("database.migrate", "true")
        .start()
        .await;
    gateway.tenant("acme").await;
    gateway.stop().await;
}
