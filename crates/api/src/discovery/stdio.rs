//! Reading what a server offers over its standard input and output: one JSON-RPC message a line.

use serde_json::{Value, json};
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use super::client::{DiscoverySettings, identity, initialize_params, session_revision};
use super::pages::Pages;
use super::{Discovered, DiscoveryError};

/// Initializes, and reads every page of `tools/list`. `reader` is what the server writes.
///
/// # Errors
///
/// The one thing that kept it from being read in full; a part of it is never returned.
pub async fn read_stdio(
    reader: impl AsyncBufRead + Unpin + Send,
    writer: impl AsyncWrite + Unpin + Send,
    settings: &DiscoverySettings,
) -> Result<Discovered, DiscoveryError> {
    let reading = read_all(Lines { reader, writer, last_id: 0, bytes_left: settings.max_bytes }, settings);
    tokio::time::timeout(settings.timeout, reading).await.unwrap_or(Err(DiscoveryError::Timeout))
}

async fn read_all<R, W>(mut lines: Lines<R, W>, settings: &DiscoverySettings) -> Result<Discovered, DiscoveryError>
where
    R: AsyncBufRead + Unpin + Send,
    W: AsyncWrite + Unpin + Send,
{
    let refuses = |reason| DiscoveryError::Garbage { reason };
    let result = lines.request("initialize", initialize_params()).await?.ok_or(refuses("it refuses to initialize"))?;
    let version = session_revision(&result)?;
    lines.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"})).await?;
    let mut pages = Pages::new(settings.max_tools, settings.max_pages);
    if result.pointer("/capabilities/tools").is_some() {
        while let Some(params) = pages.next_params()? {
            let page = lines.request("tools/list", params).await?;
            pages.take(page.ok_or(refuses("it refuses to list its tools"))?)?;
        }
    }
    // Nothing but tools is published.
    Ok(Discovered { identity: identity(&result, &version), tools: pages.into_tools(), ..Discovered::default() })
}

/// Messages of one server.
struct Lines<R, W> {
    reader: R,
    writer: W,
    last_id: i64,
    bytes_left: usize,
}

impl<R: AsyncBufRead + Unpin + Send, W: AsyncWrite + Unpin + Send> Lines<R, W> {
    async fn send(&mut self, message: &Value) -> Result<(), DiscoveryError> {
        let line = format!("{message}\n");
        let written = async {
            self.writer.write_all(line.as_bytes()).await?;
            self.writer.flush().await
        };
        written.await.map_err(|_| DiscoveryError::Unreachable)
    }

    /// The result; none when the server answers with an error. What it asks meanwhile is refused, but for a ping.
    async fn request(&mut self, method: &str, params: Value) -> Result<Option<Value>, DiscoveryError> {
        self.last_id += 1;
        let id = self.last_id;
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})).await?;
        loop {
            let mut message = self.next().await?;
            let asked = message.get("method").and_then(Value::as_str);
            let theirs = message.get("id").cloned();
            match (asked, theirs) {
                (Some(asked), Some(theirs)) => {
                    let answer = if asked == "ping" {
                        json!({"jsonrpc": "2.0", "id": theirs, "result": {}})
                    } else {
                        let error = json!({"code": -32601, "message": "not offered by this client"});
                        json!({"jsonrpc": "2.0", "id": theirs, "error": error})
                    };
                    self.send(&answer).await?;
                }
                (None, Some(theirs)) if theirs == id => {
                    return Ok(message.get_mut("result").map(Value::take));
                }
                _ => {}
            }
        }
    }

    /// The next line that is a message. Servers print other things, too, which they should not.
    async fn next(&mut self) -> Result<Value, DiscoveryError> {
        loop {
            let mut line = Vec::new();
            let most = u64::try_from(self.bytes_left).unwrap_or(u64::MAX);
            let read = (&mut self.reader).take(most).read_until(b'\n', &mut line).await;
            let read = read.map_err(|_| DiscoveryError::Unreachable)?;
            self.bytes_left = self.bytes_left.saturating_sub(read);
            if self.bytes_left == 0 {
                return Err(DiscoveryError::Garbage { reason: "it says too much" });
            }
            if read == 0 {
                return Err(DiscoveryError::Unreachable);
            }
            if let Ok(message @ Value::Object(_)) = serde_json::from_slice(&line) {
                return Ok(message);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::BufReader;

    use super::*;

    /// A server that answers each request with the next of these lines, whatever it was.
    async fn read(answers: &[&str]) -> Result<Discovered, DiscoveryError> {
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        let (reader, writer) = tokio::io::split(ours);
        let server = async move {
            let (asked, mut out) = tokio::io::split(theirs);
            let mut asked = BufReader::new(asked).lines();
            let mut answers = answers.iter();
            while let Ok(Some(line)) = asked.next_line().await {
                if line.contains("\"method\":\"initialize\"") || line.contains("tools/list") {
                    let Some(answer) = answers.next() else { return };
                    out.write_all(format!("{answer}\n").as_bytes()).await.unwrap();
                }
            }
        };
        let settings =
            DiscoverySettings { timeout: Duration::from_secs(5), max_bytes: 4_096, ..DiscoverySettings::default() };
        let (found, ()) = tokio::join!(
            async {
                let reader = BufReader::new(reader);
                read_stdio(reader, writer, &settings).await
            },
            server
        );
        found
    }

    const HELLO: &str = r#"{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"x","version":"1.2.0"}}}"#;

    #[tokio::test]
    async fn tools_of_all_pages_are_read_between_other_messages() {
        let found = read(&[
            HELLO,
            "starting…\n{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"roots/list\"}\n{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{\"tools\":[{\"name\":\"a\"}],\"nextCursor\":\"n\"}}",
            r#"{"jsonrpc":"2.0","id":3,"result":{"tools":[{"name":"b"}]}}"#,
        ])
        .await
        .unwrap();
        let names: Vec<_> = found.tools.iter().map(|tool| tool.name.as_str()).collect();
        assert_eq!((names.as_slice(), found.identity.version.as_deref()), (["a", "b"].as_slice(), Some("1.2.0")));
    }

    #[tokio::test]
    async fn server_that_ends_refuses_or_talks_too_much_is_not_read() {
        assert_eq!(read(&[]).await, Err(DiscoveryError::Unreachable));
        let refuses = read(&[HELLO, r#"{"jsonrpc":"2.0","id":2,"error":{"code":-1,"message":"no"}}"#]).await;
        assert!(matches!(refuses, Err(DiscoveryError::Garbage { .. })), "{refuses:?}");
        let long = "x".repeat(10_000);
        assert_eq!(read(&[HELLO, &long]).await, Err(DiscoveryError::Garbage { reason: "it says too much" }));
    }
}
