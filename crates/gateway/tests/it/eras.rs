//! Every feature of the protocol in all four pairings of eras, with an official client and an official server of each:
//! what the client sees through the gateway, at the server's endpoint and at the account's, is what it sees without. The
//! tables in `docs` are what was seen.

use std::fmt::Write as _;
use std::path::Path;

use ostiary_testkit::{EraServer, TestGateway, clients_dir};
use serde_json::{Value, json};
use tokio::process::Command;

const ERAS: [&str; 2] = ["legacy", "modern"];
const BEGIN: &str = "<!-- the table begins: written by the test that compares it -->\n";
const END: &str = "<!-- the table ends -->\n";

/// Where a client looks.
struct Place<'a> {
    url: &'a str,
    token: &'a str,
    /// The server's name at the account's endpoint.
    server: &'a str,
}

/// What a client of an era sees, by feature.
async fn look(era: &str, place: Place<'_>) -> Vec<(String, Value)> {
    let script = clients_dir().expect("the packages are installed").join("features.mjs");
    let output = Command::new("node")
        .arg(script)
        .env("OSTIARY_ERA", era)
        .env("OSTIARY_MCP_URL", place.url)
        .env("OSTIARY_MCP_TOKEN", place.token)
        .env("OSTIARY_SERVER", place.server)
        .kill_on_drop(true)
        .output()
        .await
        .expect("node runs");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    let seen = text.lines().map(|line| {
        let line: Value = serde_json::from_str(line).expect("a line of JSON");
        (line["feature"].as_str().expect("a feature").to_owned(), line["saw"].clone())
    });
    seen.collect()
}

/// What a client sees with the gateway before a server.
async fn look_through(client: &str, url: &str, is_at_account: bool) -> Vec<(String, Value)> {
    let gateway = TestGateway::start().await;
    let tenant = gateway.tenant("acme").await;
    let server = tenant.server("features", url).await;
    let policy = tenant.policy(&server, "all", &json!({"version": "1", "default": "allow"})).await;
    let grant = tenant.grant(client, &server, &policy).await;
    let place = if is_at_account {
        Place { url: &format!("{}/mcp/acme", gateway.base()), token: &grant.token, server: "features" }
    } else {
        Place { url: &grant.url, token: &grant.token, server: "" }
    };
    look(client, place).await
}

/// Compares all pairings, and what is seen with the table of a page.
async fn compare(is_at_account: bool, page: &str) {
    let mut servers = Vec::new();
    for era in ERAS {
        let Some(server) = EraServer::start(era).await else { return };
        servers.push(server);
    }
    let mut table = String::from("| client → server |");
    let mut columns: Vec<Vec<(String, String)>> = Vec::new();
    for (client, own) in ERAS.iter().zip(&servers) {
        let direct = look(client, Place { url: own.url(), token: "", server: "" }).await;
        for (era, server) in ERAS.iter().zip(&servers) {
            write!(table, " {client} → {era} |").expect("a string");
            let through = look_through(client, server.url(), is_at_account).await;
            assert_eq!(through.len(), direct.len(), "{client} → {era}: {through:?}");
            let cells = direct.iter().zip(through).map(|((feature, alone), (_, saw))| {
                let cell = match saw {
                    saw if saw == *alone => "the same".to_owned(),
                    saw if saw == "cannot" => "not offered".to_owned(),
                    saw if saw == "of several servers" => "of several servers".to_owned(),
                    saw => format!("{saw} for {alone}"),
                };
                (feature.clone(), cell)
            });
            columns.push(cells.collect());
        }
    }
    table.push_str("\n|---|---|---|---|---|\n");
    for row in 0..columns[0].len() {
        let cells: Vec<&str> = columns.iter().map(|column| column[row].1.as_str()).collect();
        writeln!(table, "| {} | {} |", columns[0][row].0, cells.join(" | ")).expect("a string");
    }

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(page);
    let page = std::fs::read_to_string(&path).expect("the page");
    let (before, rest) = page.split_once(BEGIN).expect("where the table begins");
    let (written, after) = rest.split_once(END).expect("where the table ends");
    if std::env::var_os("OSTIARY_WRITE_DOCS").is_some() {
        std::fs::write(&path, format!("{before}{BEGIN}{table}{END}{after}")).expect("the page is written");
    } else {
        assert_eq!(written, table, "OSTIARY_WRITE_DOCS=1 writes what was seen into docs");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn features_of_all_four_pairings_are_those_of_the_table() {
    compare(false, "protocol.md").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn features_of_the_account_endpoint_are_those_of_its_table() {
    compare(true, "account-endpoint.md").await;
}
