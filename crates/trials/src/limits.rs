//! Never over the limit: many connections at several proxies, against limits of every window and scope at once.
//!
//! Judged by the upstream's own arrivals, to the call; see [`judge`].

pub mod judge;
mod rules;

use std::path::Path;
use std::time::Duration;

use ostiary_testkit::Tenant;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::Figures;
use crate::agent::Answer;
use crate::figures::share;
use crate::installation::{Installation, Shape, agent, pass};
use crate::limits::judge::{Admitted, judge};
use crate::limits::rules::{HOLD, Rules, SERVERS, TOOLS, Who};
use crate::load::{Course, Made, by_answer, by_number};
use crate::upstream::Upstream;

/// How much is done.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Of `ostiary proxy`.
    pub proxies: usize,
    /// Connections, spread over the proxies.
    pub connections: u64,
    /// Calls in all.
    pub calls: u64,
    /// Calls that come at once.
    pub burst: u64,
    /// From one burst to the next.
    pub period: Duration,
}

impl Size {
    /// The figures of the promise.
    #[must_use]
    pub const fn long() -> Self {
        Self { proxies: 4, connections: 64, calls: 100_000, burst: 2_500, period: Duration::from_millis(2_500) }
    }

    /// For a test.
    #[must_use]
    pub const fn short() -> Self {
        Self { proxies: 2, connections: 32, calls: 3_000, burst: 1_000, period: Duration::from_millis(1_200) }
    }
}

/// The call with this number.
struct Call {
    who: Who,
    tool: usize,
    micros: u64,
}

/// Runs the trial; none without PostgreSQL or Redis.
///
/// # Errors
///
/// What keeps it from being run.
pub async fn run(program: &Path, size: Size) -> anyhow::Result<Option<Figures>> {
    let shape = Shape { apis: 1, proxies: size.proxies };
    let Some(installation) = Installation::start(program, shape).await? else { return Ok(None) };
    let course = Course::begin();
    let upstream = Upstream::start(course.began, &TOOLS, HOLD).await?;
    let rules = Rules::of(size.calls);

    let tenant = Tenant::sign_up(&installation.base(0), "acme").await;
    let mut bindings = Vec::new();
    for slug in SERVERS {
        let server = tenant.server(slug, &upstream.url()).await;
        let policy = tenant.policy(&server, "limits", &rules.document(slug)).await;
        bindings.push((server, policy));
    }
    let bindings: Vec<(&str, &str)> =
        bindings.iter().map(|(server, policy)| (server.as_str(), policy.as_str())).collect();
    let passes = [pass(&tenant, "first", &bindings).await, pass(&tenant, "second", &bindings).await];

    let mut connections = JoinSet::new();
    let proxies = installation.proxies();
    for connection in 0..size.connections {
        let who = Who::of(connection);
        let (Some(pass), Some(server)) = (passes.get(who.grant), SERVERS.get(who.server)) else { continue };
        let Some(proxy) = proxies.get(connection as usize / 4 % proxies.len()) else { continue };
        let agent = agent(*proxy, &tenant, server, pass).await?;
        connections.spawn(traffic(agent, who, course.clone(), size));
    }
    let mut made: Vec<(Call, Made)> = Vec::new();
    while let Some(done) = connections.join_next().await {
        made.extend(done?);
    }
    let took = course.began.elapsed();
    Ok(Some(figures(&rules, &made, &upstream, size, took)))
}

async fn traffic(mut agent: crate::agent::Agent, who: Who, course: Course, size: Size) -> Vec<(Call, Made)> {
    let mut made = Vec::new();
    loop {
        let number = course.number();
        if number > size.calls {
            return made;
        }
        let due = size.period * u32::try_from(number / size.burst).unwrap_or(u32::MAX);
        sleep(due.saturating_sub(course.began.elapsed())).await;
        let (tool, micros) = rules::call(number);
        let Some(name) = TOOLS.get(tool) else { continue };
        let started_us = course.now_us();
        let arguments = format!(r#"{{"amount":{}.{:02}}}"#, micros / 1_000_000, micros / 10_000 % 100);
        let answer = agent.call(u128::from(number), name, &arguments).await;
        let ended_us = course.now_us();
        made.push((Call { who, tool, micros }, Made { number: u128::from(number), started_us, ended_us, answer }));
    }
}

fn figures(rules: &Rules, made: &[(Call, Made)], upstream: &Upstream, size: Size, took: Duration) -> Figures {
    let mut figures = Figures::of("limits");
    let arrivals = by_number(&upstream.arrivals());
    figures.add("proxies", size.proxies);
    figures.add("connections", size.connections);
    figures.add("calls made", made.len());
    figures.add("seconds", format!("{:.1}", took.as_secs_f64()));
    for (kind, count) in by_answer(made.iter().map(|(_, made)| made)) {
        figures.add(kind, count);
    }
    figures.add("calls that the upstream counted", arrivals.len());
    for (number, times) in &arrivals {
        figures.check(times.len() == 1, || format!("call {number} arrived {} times", times.len()));
    }

    for watched in rules.watched() {
        let mut groups = std::collections::BTreeMap::<u64, Vec<Admitted>>::new();
        for (call, made) in made {
            let (Some(micros), Some([at_us, ..])) =
                (watched.charge(call.who, call.tool, call.micros), arrivals.get(&made.number).map(Vec::as_slice))
            else {
                continue;
            };
            let admitted = Admitted { after_us: made.started_us, before_us: *at_us, micros };
            groups.entry(watched.group(call.who)).or_default().push(admitted);
        }
        let mut most = 0;
        for admitted in groups.values_mut() {
            let judged = judge(admitted, watched.window_us(), watched.max_micros);
            most = most.max(judged.most);
            figures.check(judged.over == 0, || {
                format!("{}: {} above {} in one window", watched.name, judged.most, watched.max_micros)
            });
        }
        let (most, max) = (most as f64 / 1e6, watched.max_micros as f64 / 1e6);
        figures.add(
            format!("{}, most of {max} in one window", watched.name),
            format!("{most} ({}), {} buckets", share(most, max), groups.len()),
        );
        // A limit that refused nobody was not asked for as much as it allows.
        let was_met = made.iter().any(|(call, made)| {
            watched.charge(call.who, call.tool, call.micros).is_some() && matches!(made.answer, Answer::Denied(..))
        });
        figures
            .check(!was_met || most >= max * 0.99, || format!("{}: only {most} of {max} could be used", watched.name));
    }
    for (tool, max) in rules.at_once() {
        let most = upstream.most_in_flight(tool);
        figures.add(format!("{tool}, most of {max} at once"), most);
        figures.check(most <= max, || format!("{tool}: {most} at once"));
        figures.check(most * 100 >= max * 99, || format!("{tool}: only {most} at once could be used"));
    }
    figures
}
