//! What the standalone stream of a pooled session says of changes, for everybody who listens.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full};
use ostiary_egress::UpstreamClient;
use ostiary_mcp::sse::SseParser;
use ostiary_mcp::subscription::Change;
use tokio::sync::{Mutex, broadcast};

/// Changes that a slow listener may be behind; then it is told of all.
const BEHIND: usize = 16;
/// How long the upstream may take to open the stream.
const OPENING: Duration = Duration::from_secs(10);
/// How often it is looked whether anybody still listens.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Largest event that is read: the notifications that matter here are small.
const EVENT_MAX_BYTES: usize = 1024 * 1024;

/// The standalone stream of one session, opened while somebody listens.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    open: Arc<Mutex<Option<broadcast::Sender<Change>>>>,
}

impl Changes {
    /// What is told from now on. The stream is opened for the first who listens.
    pub(super) async fn subscribe(
        &self,
        client: &UpstreamClient<Full<Bytes>>,
        uri: &Uri,
        headers: &HeaderMap,
    ) -> broadcast::Receiver<Change> {
        let mut open = self.open.lock().await;
        if let Some(sender) = open.as_ref() {
            return sender.subscribe();
        }
        let (sender, receiver) = broadcast::channel(BEHIND);
        *open = Some(sender.clone());
        let mut request = Request::new(Full::new(Bytes::new()));
        *request.method_mut() = Method::GET;
        *request.uri_mut() = uri.clone();
        *request.headers_mut() = headers.clone();
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static("text/event-stream"));
        request.headers_mut().remove(CONTENT_TYPE);
        let (client, table) = (client.clone(), Arc::clone(&self.open));
        tokio::spawn(async move {
            read(&client, request, &sender, &table).await;
            // Whoever listens now hears the end, and whoever comes next tries again.
            table.lock().await.take();
        });
        receiver
    }
}

/// Reads the stream until it ends, or nobody listens.
async fn read(
    client: &UpstreamClient<Full<Bytes>>,
    request: Request<Full<Bytes>>,
    sender: &broadcast::Sender<Change>,
    table: &Mutex<Option<broadcast::Sender<Change>>>,
) {
    let Ok(answer) = client.send(request, OPENING).await else { return };
    if answer.status() != StatusCode::OK {
        return;
    }
    let mut body = answer.into_body();
    let mut parser = SseParser::new(EVENT_MAX_BYTES);
    // However much the upstream has to say.
    let mut look = tokio::time::interval(LOOK_EVERY);
    loop {
        let part = tokio::select! {
            part = body.frame() => part,
            _ = look.tick() => {
                // Nobody can begin to listen while the table is locked.
                let mut open = table.lock().await;
                if sender.receiver_count() == 0 {
                    open.take();
                    return;
                }
                continue;
            }
        };
        let Some(Ok(part)) = part else { return };
        let Ok(data) = part.into_data() else { continue };
        parser.push(data);
        loop {
            match parser.next_frame() {
                Ok(Some(frame)) => {
                    if let Some(change) = frame.data.as_deref().and_then(Change::of) {
                        // Nobody may listen just now.
                        let _ = sender.send(change);
                    }
                }
                Ok(None) => break,
                Err(_) => return,
            }
        }
    }
}
