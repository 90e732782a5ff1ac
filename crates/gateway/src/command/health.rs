//! `ostiary health`: asks a process of this machine how it is, for containers that have no other program to ask with.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Args;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::cli::Settings;
use crate::command::serve::block_on;
use crate::config::Config;
use crate::service::Service;

/// How long the answer may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// The most of an answer that is read: what comes is a word, or the reason for a refusal.
const ANSWER_MAX: u64 = 4 * 1024;

/// Arguments of `ostiary health`.
#[derive(Debug, Args)]
pub struct HealthArgs {
    /// Ask where `ostiary proxy` listens, if that is elsewhere
    #[arg(long)]
    proxy: bool,
    /// Ask whether calls would be decided, not only whether the process is alive
    #[arg(long)]
    ready: bool,
    #[command(flatten)]
    settings: Settings,
}

/// Asks the process that listens where this configuration says.
///
/// # Errors
///
/// No answer in time, or one that says why it is not well.
pub fn run(args: &HealthArgs) -> anyhow::Result<ExitCode> {
    let config = Config::read(&args.settings.given())?;
    let service = if args.proxy { Service::Proxy } else { Service::Everything };
    let (address, _) = service.address(&config);
    let path = if args.ready { "/readyz" } else { "/healthz" };
    let answer = block_on(async {
        let asked = tokio::time::timeout(PATIENCE, ask(reachable(address), path)).await;
        asked.with_context(|| format!("{address} does not answer in time"))?
    })?;
    println!("{}", answer.trim_end());
    Ok(ExitCode::SUCCESS)
}

/// Where one who listens on all addresses is reached from the same machine.
const fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

async fn ask(address: SocketAddr, path: &str) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect(address).await.with_context(|| format!("nothing listens on {address}"))?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.context("cannot ask")?;
    let mut answer = String::new();
    stream.take(ANSWER_MAX).read_to_string(&mut answer).await.context("cannot read the answer")?;
    let (head, body) = answer.split_once("\r\n\r\n").context("the answer is none of ostiary's")?;
    let status = head.split(' ').nth(1).context("the answer is none of ostiary's")?;
    if status != "200" {
        bail!("{path} answers {status}: {}", body.trim_end());
    }
    Ok(body.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listener_on_all_addresses_is_asked_on_loopback() {
        for (listens, asked) in
            [("0.0.0.0:1", "127.0.0.1:1"), ("[::]:2", "[::1]:2"), ("10.0.0.1:3", "10.0.0.1:3"), ("[::1]:4", "[::1]:4")]
        {
            assert_eq!(reachable(listens.parse().unwrap()), asked.parse().unwrap());
        }
    }
}
