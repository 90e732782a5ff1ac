//! Mail through a real mail server: links that reach people, and failures that are told.

use std::process::Stdio;
use std::time::Duration;

use ostiary_testkit::{TestGateway, clients_dir, python_of_clients, skip};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// The server of `tests/clients/smtp_server.py`.
struct MailServer {
    _process: Child,
    port: u16,
    mails: Lines<BufReader<ChildStdout>>,
}

impl MailServer {
    async fn start() -> Option<Self> {
        let (Some(python), Some(dir)) = (python_of_clients(), clients_dir()) else {
            skip("the Python environment of tests/clients is not installed");
            return None;
        };
        let mut process = Command::new(python)
            .arg(dir.join("smtp_server.py"))
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("a mail server");
        let mut mails = BufReader::new(process.stdout.take().expect("its output")).lines();
        let port = mails.next_line().await.expect("a line").expect("a port").parse().expect("a port");
        Some(Self { _process: process, port, mails })
    }

    async fn next(&mut self) -> Value {
        let line = tokio::time::timeout(Duration::from_secs(20), self.mails.next_line()).await.expect("a mail in time");
        serde_json::from_str(&line.expect("a line").expect("a mail")).expect("JSON")
    }
}

fn token(mail: &Value, page: &str) -> String {
    let text = mail["text"].as_str().expect("a text");
    let (_, rest) = text.split_once(&format!("/{page}#")).expect("a link");
    rest.split_whitespace().next().expect("a token").to_owned()
}

async fn post(gateway: &TestGateway, cookie: Option<&str>, path: &str, body: &Value) -> (u16, String, Value) {
    let request = reqwest::Client::new().post(format!("{}/api/v1{path}", gateway.base())).json(body);
    let request = match cookie {
        Some(cookie) => request.header("cookie", cookie),
        None => request,
    };
    let answer = request.send().await.expect("an answer");
    let cookie = answer.headers().get("set-cookie").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
    (answer.status().as_u16(), cookie, answer.json().await.unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn links_that_are_mailed_reach_people_and_work() {
    let Some(mut server) = MailServer::start().await else { return };
    let gateway = TestGateway::builder()
        .set("mail.url", &format!("smtp://127.0.0.1:{}", server.port))
        .set("mail.from", "Ostiary <door@example.com>")
        .start()
        .await;
    let person = json!({"email": "ada@example.com", "password": "a lantern over it", "account_name": "Acme"});
    let (status, cookie, _) = post(&gateway, None, "/auth/sign-up", &person).await;
    assert_eq!(status, 201);
    let mail = server.next().await;
    assert_eq!((&mail["from"], &mail["to"]), (&json!("door@example.com"), &json!(["ada@example.com"])));
    let body = json!({"token": token(&mail, "verify-email")});
    assert_eq!(post(&gateway, None, "/auth/verify-email", &body).await.0, 204);

    let invitation = json!({"email": "grace@example.com", "role": "viewer"});
    let (status, _, invited) = post(&gateway, Some(&cookie), "/invitations", &invitation).await;
    assert_eq!((status, &invited["link"]), (201, &json!(null)));
    let mail = server.next().await;
    assert_eq!(mail["subject"], "You are invited to Acme on Ostiary");
    let body = json!({"token": token(&mail, "accept"), "password": "a lantern over it"});
    let (status, _, me) = post(&gateway, None, "/invitations/accept", &body).await;
    assert_eq!((status, &me["user"]["is_email_verified"]), (200, &json!(true)));

    let forgotten = json!({"email": "grace@example.com"});
    assert_eq!(post(&gateway, None, "/auth/password-reset", &forgotten).await.0, 202);
    let mail = server.next().await;
    let body = json!({"token": token(&mail, "reset-password"), "password": "another lantern"});
    assert_eq!(post(&gateway, None, "/auth/password-reset/confirm", &body).await.0, 204);
    assert_eq!(server.next().await["subject"], "Your password for Ostiary was changed");

    let refused = json!({"email": "refused@example.com", "role": "viewer"});
    let (status, _, problem) = post(&gateway, Some(&cookie), "/invitations", &refused).await;
    assert_eq!((status, &problem["code"]), (502, &json!("mail_not_sent")));
    gateway.stop().await;
}
