//! A client whose messages come to another process than the one that holds its call.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use http::StatusCode;
use http_body_util::BodyExt;
use ostiary_model::AccountId;
use ostiary_proxy::{Gateway, Mailbox, MailboxError, Note, Shared};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::bridges::{PATIENCE, asks, call, next};
use super::upstream::{Reply, Sender, Upstream, modern};
use super::world::{Plan, World, whole};

/// What Redis is to processes, but for what is shared for longer.
#[derive(Debug, Default)]
struct MemoryMailbox {
    left: Mutex<HashMap<(AccountId, String), String>>,
    is_away: Mutex<bool>,
    takes: Mutex<usize>,
}

#[async_trait]
impl Mailbox for MemoryMailbox {
    async fn leave(&self, account_id: AccountId, name: &str, text: &str, _: Duration) -> Result<(), MailboxError> {
        if *self.is_away.lock().expect("lock") {
            return Err(MailboxError);
        }
        self.left.lock().expect("lock").insert((account_id, name.to_owned()), text.to_owned());
        Ok(())
    }

    async fn take(&self, account_id: AccountId, names: &[String]) -> Result<Vec<Option<String>>, MailboxError> {
        *self.takes.lock().expect("lock") += 1;
        let mut left = self.left.lock().expect("lock");
        Ok(names.iter().map(|name| left.remove(&(account_id, name.clone()))).collect())
    }

    async fn look(&self, account_id: AccountId, name: &str) -> Result<Option<String>, MailboxError> {
        Ok(self.left.lock().expect("lock").get(&(account_id, name.to_owned())).cloned())
    }

    async fn share(&self, _: AccountId, _: &str, _: &str, _: Duration) -> Result<String, MailboxError> {
        Err(MailboxError)
    }

    async fn shared(&self, _: AccountId, _: &str, _: Duration) -> Result<Shared, MailboxError> {
        Err(MailboxError)
    }

    async fn unshare(&self, _: AccountId, _: &str, _: &str, _: bool) -> Result<bool, MailboxError> {
        Err(MailboxError)
    }

    async fn is_shared(&self, _: AccountId, _: &[String]) -> Result<Vec<bool>, MailboxError> {
        Err(MailboxError)
    }

    async fn note(&self, _: AccountId, _: &str, _: Note<'_>) -> Result<(), MailboxError> {
        Err(MailboxError)
    }
}

/// A modern upstream that answers as `reply` says, a gateway before it, and another one.
async fn two(
    reply: impl Fn(&super::upstream::Seen) -> Option<Reply> + Send + Sync + 'static,
) -> (Upstream, World, Gateway, Arc<MemoryMailbox>) {
    let upstream = Upstream::start(move |seen| reply(seen).or_else(|| Some(modern(seen)))).await;
    let mailbox = Arc::new(MemoryMailbox::default());
    let plan = Plan { mailbox: Some(Arc::clone(&mailbox) as Arc<dyn Mailbox>), ..Plan::default() };
    let world = World::start(&upstream.url(), plan).await;
    let other = world.replica();
    (upstream, world, other, mailbox)
}

async fn post(at: &Gateway, world: &World, session: &str, message: &Value) -> StatusCode {
    whole(at.call(world.post_request(session, message)).await).await.status
}

#[tokio::test]
async fn answer_that_comes_to_another_process_reaches_the_call() {
    let wanted = json!({ "r": { "method": "roots/list" } });
    let (upstream, world, other, mailbox) = two(move |seen| asks(seen, &wanted)).await;
    let session = world.session().await;
    let mut answer = world.gateway.call(world.post_request(&session, &call(7))).await;
    let question = next(answer.body_mut()).await.expect("a question");
    let roots = json!({ "roots": [{ "uri": "file:///secret" }] });
    let reply = json!({ "jsonrpc": "2.0", "id": question["id"], "result": roots });

    let strange = world.session().await;
    assert_eq!(post(&other, &world, &strange, &reply).await, 202);
    let unasked = json!({ "jsonrpc": "2.0", "id": "ostiary-1", "result": {} });
    assert_eq!(post(&other, &world, &session, &unasked).await, 202);
    assert!(mailbox.left.lock().expect("lock").is_empty(), "what nobody asked is left for nobody");

    *mailbox.is_away.lock().expect("lock") = true;
    assert_eq!(post(&other, &world, &session, &reply).await, 503, "an answer that is lost is not said to be taken");
    *mailbox.is_away.lock().expect("lock") = false;
    assert_eq!(post(&other, &world, &session, &reply).await, 202);
    let left: Vec<String> = mailbox.left.lock().expect("lock").values().cloned().collect();
    assert!(left.iter().all(|text| !text.contains("secret")), "what is left is sealed");
    let result = next(answer.body_mut()).await.expect("a result");
    assert_eq!((&result["id"], &result["result"]["content"][0]["text"]), (&json!(7), &json!("done")));
    assert_eq!(upstream.seen_of("tools/call")[1].body()["params"]["inputResponses"], json!({ "r": roots }));
}

#[tokio::test]
async fn cancelling_that_comes_to_another_process_ends_the_request() {
    let (gone, mut goes) = mpsc::unbounded_channel();
    let (_upstream, world, other, _mailbox) = two(move |seen| {
        let gone = gone.clone();
        let go_on = move |mut sender: Sender| {
            tokio::spawn(async move {
                while sender.send_data(": still there\n\n".into()).await.is_ok() {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                gone.send(()).expect("a test that waits");
            });
        };
        (seen.rpc() == "tools/call").then(|| Reply::Stream("text/event-stream", Box::new(go_on)))
    })
    .await;
    let session = world.session().await;
    let answer = world.gateway.call(world.post_request(&session, &call(7))).await;
    let reading = tokio::spawn(async move { answer.into_body().collect().await.map(|_| ()) });
    let cancel = |id| json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": id } });
    let strange = world.session().await;
    assert_eq!(post(&other, &world, &strange, &cancel(7)).await, 202);
    assert_eq!(post(&other, &world, &session, &cancel(8)).await, 202);
    assert!(timeout(Duration::from_millis(300), goes.recv()).await.is_err(), "another request is another");
    assert_eq!(post(&other, &world, &session, &cancel(7)).await, 202);
    timeout(PATIENCE, goes.recv()).await.expect("the upstream is left").expect("a sign");
    reading.await.expect("a reader").expect("the stream ends");
}

#[tokio::test]
async fn level_that_is_set_at_another_process_goes_with_requests() {
    let (upstream, world, other, mailbox) = two(|_| None).await;
    let session = world.session().await;
    let set = json!({ "jsonrpc": "2.0", "id": 1, "method": "logging/setLevel", "params": { "level": "warning" } });
    assert_eq!(post(&other, &world, &session, &set).await, 200);
    world.call_tool(&session, "echo", &json!({})).await;
    let sent = upstream.seen_of("tools/call").pop().expect("the call").body();
    assert_eq!(sent["params"]["_meta"]["io.modelcontextprotocol/logLevel"], "warning");
    assert_eq!(*mailbox.takes.lock().expect("lock"), 0, "calls that end soon are not looked after");
}
