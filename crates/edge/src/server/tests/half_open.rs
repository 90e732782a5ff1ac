//! Connections whose other side vanished without a goodbye: in a network of their own, whose only interface goes down.

use std::process::Command;

use http_body_util::channel::Channel;

use super::*;

/// Runs `ip`; whether it did as it was told.
fn ip(arguments: &[&str]) -> bool {
    Command::new("ip").args(arguments).status().is_ok_and(|status| status.success())
}

/// Set in the process that has a network of its own.
const INSIDE: &str = "OSTIARY_TEST_OWN_NETWORK";

#[test]
fn connection_whose_other_side_vanished_is_given_up() {
    if std::env::var_os(INSIDE).is_some() {
        tokio::runtime::Runtime::new().unwrap().block_on(in_a_network_of_its_own());
        return;
    }
    let name = "server::tests::half_open::connection_whose_other_side_vanished_is_given_up";
    let own_network = ["--user", "--map-root-user", "--net"];
    let can = Command::new("unshare").args(own_network).args(["ip", "link", "show", "lo"]).output();
    if !can.is_ok_and(|output| output.status.success()) {
        assert!(std::env::var_os("REQUIRE_BACKENDS").is_none(), "this system gives no network of its own to a test");
        eprintln!("SKIPPED: this system gives no network of its own to a test");
        return;
    }
    let program = std::env::current_exe().unwrap();
    let mut command = Command::new("unshare");
    command.args(own_network).arg(program).args([name, "--exact", "--nocapture"]).env(INSIDE, "1");
    let output = command.output().unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

async fn in_a_network_of_its_own() {
    assert!(ip(&["link", "set", "lo", "up"]));
    let silence = Duration::from_secs(8);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (shutdown, tasks) = (CancellationToken::new(), TaskTracker::new());
    let handle = |request: Request<Incoming>| async move {
        let (mut sender, body) = Channel::<Bytes, Infallible>::new(1);
        let is_silent = request.uri().path() == "/silent";
        tokio::spawn(async move {
            while sender.send_data(Bytes::from_static(b": still here\n\n")).await.is_ok() {
                sleep(if is_silent { Duration::from_secs(3600) } else { Duration::from_millis(200) }).await;
            }
        });
        Ok(Response::new(body))
    };
    let settings = ServerSettings { header_timeout: Duration::from_secs(60), silence, ..settings() };
    tasks.spawn(serve(listener, handle, settings, shutdown, tasks.clone()));
    let mut open = Vec::new();
    for path in ["/silent", "/stream"] {
        let mut stream = request(address, path).await;
        let mut head = [0; 64];
        stream.read_exact(&mut head).await.unwrap();
        open.push(stream);
    }
    open.push(TcpStream::connect(address).await.unwrap());
    sleep(Duration::from_millis(300)).await;
    assert_eq!(tasks.len(), 1 + open.len());

    assert!(ip(&["link", "set", "lo", "down"]));
    let began = std::time::Instant::now();
    while tasks.len() > 1 {
        assert!(began.elapsed() < silence * 3, "{} connections are kept", tasks.len() - 1);
        sleep(Duration::from_millis(100)).await;
    }
    assert!(began.elapsed() > silence / 2, "they were given up because of something else");
}
