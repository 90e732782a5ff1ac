//! Changes of one thing, again and again.

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::agent::{Agent, Answer};
use crate::freshness::Stage;
use crate::freshness::judge::{Change, Judged, Observed, Seen, judge};
use crate::installation::{Pass, agent, pass};
use crate::load::Course;

/// A policy that is edited: by the rest of its number divided by three it allows the tool, denies it with the number as
/// the reason, or hides it.
const KINDS: u64 = 3;

fn edited(state: u64) -> Value {
    match state % KINDS {
        0 => json!({"version": "1", "default": "deny", "tools": {"look": {}}}),
        1 => json!({
            "version": "1", "default": "deny",
            "tools": {"look": {"action": "deny", "reason": format!("state {state}.")}},
        }),
        _ => json!({"version": "1", "default": "allow", "hide": ["look"]}),
    }
}

/// Edits of a policy, under calls and lists.
pub(super) async fn edits(stage: &Stage) -> anyhow::Result<Judged> {
    let policy = stage.tenant.policy(&stage.server, "edited", &edited(0)).await;
    let pass = pass(&stage.tenant, "edited", &[(&stage.server, &policy)]).await;
    let line = Line::start(stage, &pass, true).await?;
    let mut changes = Vec::new();
    for state in 1..=stage.size.changes {
        line.some_calls().await;
        let begun_us = stage.course.now_us();
        stage.tenant.edit_policy(&policy, &edited(state)).await;
        changes.push(Change { begun_us, acknowledged_us: stage.course.now_us() });
    }
    Ok(judge("edit", &changes, &line.end().await?))
}

/// So many policies are bound in turns.
const BOUND: u64 = 4;

/// Bindings of a grant that are replaced.
pub(super) async fn rebindings(stage: &Stage) -> anyhow::Result<Judged> {
    let mut policies = Vec::new();
    for number in 0..BOUND {
        let rule = json!({"action": "deny", "reason": format!("bound {number}.")});
        let document = json!({"version": "1", "default": "deny", "tools": {"look": rule}});
        policies.push(stage.tenant.policy(&stage.server, &format!("bound {number}"), &document).await);
    }
    let first = policies.first().map(String::as_str).unwrap_or_default();
    let pass = pass(&stage.tenant, "rebound", &[(&stage.server, first)]).await;
    let line = Line::start(stage, &pass, false).await?;
    let path = format!("/grants/{}/bindings/{}", pass.id, stage.server);
    let mut changes = Vec::new();
    for state in 1..=stage.size.changes {
        line.some_calls().await;
        let policy = policies.get((state % BOUND) as usize);
        let begun_us = stage.course.now_us();
        let answer = stage.tenant.owner.put(&path, &json!({"policy_id": policy, "mode": "enforce"})).await;
        anyhow::ensure!(answer.status.is_success(), "{:#}", answer.body);
        changes.push(Change { begun_us, acknowledged_us: stage.course.now_us() });
    }
    Ok(judge("rebinding", &changes, &line.end().await?))
}

/// Agents that call until they are told to stop.
struct Line {
    course: Course,
    agents: JoinSet<Vec<Seen>>,
}

impl Line {
    async fn start(stage: &Stage, pass: &Pass, with_lists: bool) -> anyhow::Result<Self> {
        // Of its own: it is over when its changes are.
        let course = stage.course.beside();
        let mut agents = JoinSet::new();
        for proxy in &stage.proxies {
            let opened = agent(*proxy, &stage.tenant, "shop", pass).await?;
            for _ in 0..stage.size.connections {
                agents.spawn(traffic(opened.at(*proxy)?, course.clone(), with_lists));
            }
        }
        Ok(Self { course, agents })
    }

    /// Waits until every agent may have made a call or two.
    async fn some_calls(&self) {
        let enough = self.course.made() + 2 * self.agents.len() as u64;
        while self.course.made() < enough {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
    }

    async fn end(mut self) -> anyhow::Result<Vec<Seen>> {
        self.some_calls().await;
        self.course.end();
        let mut seen = Vec::new();
        while let Some(agent) = self.agents.join_next().await {
            seen.extend(agent?);
        }
        Ok(seen)
    }
}

async fn traffic(mut agent: Agent, course: Course, with_lists: bool) -> Vec<Seen> {
    let mut seen = Vec::new();
    while !course.is_over() {
        let number = course.number();
        let started_us = course.now_us();
        let observed = if with_lists && number.is_multiple_of(4) {
            observe_list(agent.send(r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#.to_owned()).await)
        } else {
            observe(agent.call(u128::from(number), "look", "{}").await)
        };
        seen.push(Seen { started_us, ended_us: course.now_us(), observed });
    }
    seen
}

fn observe(answer: Answer) -> Observed {
    match answer {
        Answer::Result => Observed::Kind(0, KINDS),
        Answer::Denied(code, _) if code == "unavailable" => Observed::Kind(2, KINDS),
        Answer::Denied(code, text) => {
            let number = |mark: &str| text.split_once(mark)?.1.split_once('.')?.0.parse().ok();
            match (number("state "), number("bound ")) {
                (Some(state), _) => Observed::State(state),
                (None, Some(bound)) => Observed::Kind(bound, BOUND),
                (None, None) => Observed::Odd(format!("{code}: {text}")),
            }
        }
        other => Observed::Odd(format!("{other:?}")),
    }
}

fn observe_list(answer: Result<(u16, bytes::Bytes), Answer>) -> Observed {
    match answer {
        Ok((200, body)) if String::from_utf8_lossy(&body).contains("\"look\"") => Observed::NotKind(2, KINDS),
        Ok((200, _)) => Observed::Kind(2, KINDS),
        other => Observed::Odd(format!("{other:?}")),
    }
}
