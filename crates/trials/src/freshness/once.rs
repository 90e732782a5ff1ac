//! Changes that nothing comes after: each round makes a grant, calls with it, and takes it away.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use reqwest::Method;
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::agent::{Agent, Answer};
use crate::freshness::Stage;
use crate::freshness::judge::{Change, Judged, Observed, Seen, judge};
use crate::installation::{Pass, agent, pass};
use crate::load::Course;

/// How a grant is taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Once {
    /// It is revoked.
    Revocation,
    /// It is given an end, which comes.
    Expiry,
    /// Its server is deleted.
    Deletion,
}

/// How long after the change a grant still lives that is given an end.
const REST: Duration = Duration::from_millis(300);

/// Calls that each agent makes after the change.
const AFTERWARDS: u64 = 3;

pub(super) async fn run(stage: &Stage, once: Once) -> anyhow::Result<Judged> {
    let mut judged = Judged::default();
    let open = json!({"version": "1", "default": "allow"});
    let policy = stage.tenant.policy(&stage.server, &format!("open for {once:?}"), &open).await;
    for round in 0..stage.size.changes {
        let slug = if once == Once::Deletion { format!("passing-{round}") } else { "shop".to_owned() };
        let (server, policy) = if once == Once::Deletion {
            let server = stage.tenant.server(&slug, &stage.upstream_url).await;
            let policy = stage.tenant.policy(&server, "open", &open).await;
            (server, policy)
        } else {
            (stage.server.clone(), policy.clone())
        };
        let pass = pass(&stage.tenant, &format!("{once:?} {round}"), &[(&server, &policy)]).await;
        let agents = Agents::start(stage, &slug, &pass, once).await?;
        agents.some_calls().await;
        let begun_us = stage.course.now_us();
        let change = match once {
            Once::Revocation => {
                let answer = stage.tenant.owner.delete(&format!("/grants/{}", pass.id)).await;
                anyhow::ensure!(answer.status == 204, "{:#}", answer.body);
                Change { begun_us, acknowledged_us: stage.course.now_us() }
            }
            Once::Deletion => {
                let answer = stage.tenant.owner.delete(&format!("/servers/{server}")).await;
                anyhow::ensure!(answer.status == 204, "{:#}", answer.body);
                Change { begun_us, acknowledged_us: stage.course.now_us() }
            }
            Once::Expiry => expire(stage, &pass).await?,
        };
        let seen = agents.end().await?;
        judged.add(judge(&format!("{once:?} {round}"), &[change], &seen));
    }
    Ok(judged)
}

/// Gives a grant its end, and waits for it. The change happens at the end, provided that it was acknowledged before.
async fn expire(stage: &Stage, pass: &Pass) -> anyhow::Result<Change> {
    let path = format!("/grants/{}", pass.id);
    let current = stage.tenant.owner.get(&path).await;
    let etag = current.headers.get("etag").and_then(|etag| etag.to_str().ok()).unwrap_or_default().to_owned();
    let end = SystemTime::now() + REST;
    let end_us = stage.course.now_us() + u64::try_from(REST.as_micros())?;
    let body = json!({"expires_at": rfc3339(end)?}).to_string();
    let answer = stage.tenant.owner.send(Method::PATCH, &path, Some(body), &[("If-Match", &etag)]).await;
    anyhow::ensure!(answer.status == 200, "{:#}", answer.body);
    let acknowledged_us = stage.course.now_us().max(end_us);
    sleep(Duration::from_micros(acknowledged_us.saturating_sub(stage.course.now_us()))).await;
    // The end is told in milliseconds, and two clocks were read for it.
    Ok(Change { begun_us: end_us.saturating_sub(2_000), acknowledged_us: acknowledged_us + 2_000 })
}

/// A time of today and later, to the millisecond.
fn rfc3339(time: SystemTime) -> anyhow::Result<String> {
    let time = chrono::DateTime::<chrono::Utc>::from(time);
    Ok(time.to_rfc3339_opts(chrono::SecondsFormat::Millis, true))
}

/// Agents that call until a little after the change.
struct Agents {
    course: Course,
    changed: Arc<AtomicBool>,
    made: Arc<AtomicU64>,
    tasks: JoinSet<Vec<Seen>>,
}

impl Agents {
    async fn start(stage: &Stage, slug: &str, pass: &Pass, once: Once) -> anyhow::Result<Self> {
        let (changed, made) = (Arc::<AtomicBool>::default(), Arc::<AtomicU64>::default());
        let mut tasks = JoinSet::new();
        let mut opened: Option<Agent> = None;
        for proxy in &stage.proxies {
            // One session for all of them: it is sealed, and any proxy opens it.
            let first = match &opened {
                Some(first) => first.at(*proxy)?,
                None => agent(*proxy, &stage.tenant, slug, pass).await?,
            };
            for _ in 0..stage.size.connections {
                let (changed, made) = (Arc::clone(&changed), Arc::clone(&made));
                tasks.spawn(traffic(first.at(*proxy)?, stage.course.clone(), once, changed, made));
            }
            opened = Some(first);
        }
        Ok(Self { course: stage.course.clone(), changed, made, tasks })
    }

    async fn some_calls(&self) {
        while self.made.load(Ordering::Relaxed) < 2 * self.tasks.len() as u64 && !self.course.is_over() {
            sleep(Duration::from_millis(1)).await;
        }
    }

    async fn end(mut self) -> anyhow::Result<Vec<Seen>> {
        self.changed.store(true, Ordering::Relaxed);
        let mut seen = Vec::new();
        while let Some(agent) = self.tasks.join_next().await {
            seen.extend(agent?);
        }
        Ok(seen)
    }
}

async fn traffic(
    mut agent: Agent,
    course: Course,
    once: Once,
    changed: Arc<AtomicBool>,
    made: Arc<AtomicU64>,
) -> Vec<Seen> {
    let (mut seen, mut left) = (Vec::new(), AFTERWARDS);
    while left > 0 {
        if changed.load(Ordering::Relaxed) {
            left -= 1;
        }
        let started_us = course.now_us();
        let answer = agent.call(u128::from(course.number()), "look", "{}").await;
        seen.push(Seen { started_us, ended_us: course.now_us(), observed: observe(once, &answer) });
        made.fetch_add(1, Ordering::Relaxed);
    }
    seen
}

fn observe(once: Once, answer: &Answer) -> Observed {
    match (once, answer) {
        (_, Answer::Result) => Observed::State(0),
        (Once::Revocation | Once::Expiry, Answer::Status(401)) => Observed::State(1),
        (Once::Deletion, Answer::Status(404)) => Observed::State(1),
        (_, other) => Observed::Odd(format!("{other:?}")),
    }
}
