//! Fairness: what one account does to the gateway slows no other.
//!
//! One account floods: calls to an upstream that is slow, large bodies, calls above its limits, connections that come and
//! go. Beside it a quiet account makes one call after another, and before it the same calls alone. All of its calls must
//! succeed, and the noisy account must be refused with the answers that are documented.
//!
//! The long form judges times, too, as ratios within one run: how many times as long the quiet account's calls take beside
//! the flood as alone; and that they take less than beside the same flood where the gateway's bounds are lifted.

mod flood;
mod quiet;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use ostiary_testkit::Tenant;
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use crate::Figures;
use crate::installation::{Installation, Pass, Shape, agent, pass};
use crate::load::Course;
use crate::noisy::flood::{Answers, Aside, TOOLS};
use crate::noisy::quiet::{Measured, measured};
use crate::process;
use crate::upstream::Upstream;

/// How long the slow tool takes.
const SLOW: Duration = Duration::from_millis(100);

/// How long the flood may take to come, and to end once it is told to.
const PATIENCE: Duration = Duration::from_secs(30);

/// Calls that the noisy account's plan allows at once, over all gateways.
const AT_ONCE: u64 = 16;

/// One time of a measurement, in microseconds.
type Time = fn(&Measured) -> u64;

const MIDDLE: &str = "in the middle";

/// Times that are compared, each with how many times as long as alone it may be beside the flood.
const TIMES: [(&str, Time, f64); 3] = [
    (MIDDLE, |measured| measured.at(0.5), 4.0),
    ("on average", Measured::average, 6.0),
    ("99 %", |measured| measured.at(0.99), 10.0),
];

/// Answers that the noisy account may get.
const DOCUMENTED: [&str; 6] = [
    "forwarded",
    "denied: plan_limit_reached",
    "denied: limit_exceeded",
    // While many records wait to be moved, an account adds no more than its share.
    "denied: log_unavailable",
    // On a machine that the flood takes whole, Redis may not be heard in time; the quiet account must not notice.
    "denied: limits_unavailable",
    "HTTP 429",
];

/// How much is done.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Of `ostiary proxy`.
    pub proxies: usize,
    /// Calls of the quiet account in each measurement, at most.
    pub calls: usize,
    /// How long a measurement takes, at most.
    pub most: Duration,
    /// Connections of the noisy account.
    pub connections: usize,
    /// Bytes of a large body.
    pub body: usize,
    /// How long a connection of the noisy account rests after a call.
    pub rest: Duration,
    /// Whether times are judged, against a gateway without bounds, too.
    pub in_time: bool,
}

impl Size {
    /// The figures of the promise; takes less than three minutes.
    #[must_use]
    pub const fn long() -> Self {
        Self {
            proxies: 2,
            calls: 3_000,
            most: Duration::from_secs(30),
            connections: 160,
            body: 1024 * 1024,
            rest: Duration::from_millis(1),
            in_time: true,
        }
    }

    /// For a test.
    #[must_use]
    pub const fn short() -> Self {
        Self {
            proxies: 2,
            calls: 30,
            most: PATIENCE,
            connections: 48,
            body: 64 * 1024,
            rest: Duration::from_millis(50),
            in_time: false,
        }
    }
}

/// The bounds of the gateways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bounds {
    /// As they are where nobody sets them, but for the calls at once.
    InForce,
    /// So high that they are never met.
    Lifted,
}

impl Bounds {
    const fn settings(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::InForce => &[("OSTIARY_LIMITS_CALLS_PER_ACCOUNT", "32")],
            Self::Lifted => &[
                ("OSTIARY_LIMITS_CALLS_PER_ACCOUNT", "1000000"),
                ("OSTIARY_LIMITS_CALLS_PER_SECOND_PER_ACCOUNT", "4294967295"),
            ],
        }
    }
}

/// What came of one flood.
struct Outcome {
    alone: Measured,
    beside: Measured,
    answers: BTreeMap<String, usize>,
    flooded: Duration,
    most_at_once: u64,
}

impl Outcome {
    /// How many times as long as alone the quiet account's calls took.
    fn ratio(&self, time: Time) -> f64 {
        time(&self.beside) as f64 / time(&self.alone).max(1) as f64
    }
}

/// Runs the trial; none without PostgreSQL or Redis.
///
/// # Errors
///
/// What keeps it from being run.
pub async fn run(program: &Path, size: Size) -> anyhow::Result<Option<Figures>> {
    // What is started from here on leaves the first core to the gateways.
    let is_pinned = size.in_time && process::leave_first_core();
    let Some(outcome) = flooded(program, size, Bounds::InForce).await? else { return Ok(None) };
    let mut figures = Figures::of("noisy");
    figures.add("proxies", size.proxies);
    figures.add("connections of the noisy account", size.connections);
    if size.in_time {
        figures.add("the gateways have a core for themselves", if is_pinned { "yes" } else { "no" });
    }
    promised(&mut figures, &outcome);
    described(&mut figures, "", &outcome);
    if size.in_time {
        let Some(lifted) = flooded(program, size, Bounds::Lifted).await? else { return Ok(None) };
        described(&mut figures, " without bounds", &lifted);
        judged(&mut figures, &outcome, &lifted);
    }
    Ok(Some(figures))
}

fn progress(what: &str) {
    eprintln!("noisy: {what}");
}

/// One installation, its two accounts, and what the quiet one measures.
async fn flooded(program: &Path, size: Size, bounds: Bounds) -> anyhow::Result<Option<Outcome>> {
    progress(if bounds == Bounds::InForce { "an installation as it is" } else { "one whose bounds are lifted" });
    let plans = format!("{{ noisy = {{ calls_at_once = {AT_ONCE}, self_service = true }} }}");
    let mut settings = vec![("OSTIARY_PLANS", plans.as_str())];
    settings.extend(bounds.settings());
    let shape = Shape { apis: 1, proxies: size.proxies };
    let Some(installation) = Installation::start_with(program, shape, &settings).await? else { return Ok(None) };
    if size.in_time {
        (0..size.proxies).for_each(|proxy| process::take_first_core(installation.proxy_id(proxy)));
    }
    let (course, aside) = (Course::begin(), Aside::start()?);
    let upstream = Upstream::start(course.began, &TOOLS, SLOW).await?;
    let slow = aside.upstream(&course, SLOW).await?;
    let (quiet, pass_of_quiet) = tenant(&installation, "quiet", &upstream, &json!({})).await;
    let few = json!({"few": {"limits": [{"counter": "few", "window": "minute", "max": 5, "scope": "account"}]}});
    let (noisy, pass_of_noisy) = tenant(&installation, "noisy", &slow, &few).await;
    noisy.owner.patch("/account", &json!({"plan": "noisy"})).await.expect(200);

    let mut agents = Vec::new();
    for proxy in installation.proxies() {
        agents.push(agent(proxy, &quiet, "shop", &pass_of_quiet).await?);
    }
    progress("the quiet account alone");
    let alone = measured(&mut agents, &course, size).await;

    progress("the quiet account beside the flood");
    let (path, began) = (format!("/mcp/{}/shop", noisy.slug), course.now_us());
    let answers = Answers::default();
    let flood = aside.flood(installation.proxies(), path, pass_of_noisy.token, course.clone(), answers.clone(), size);
    let quiet = async {
        let came = async {
            while slow.most_in_flight("hold") == 0 {
                sleep(Duration::from_millis(10)).await;
            }
        };
        let came = timeout(PATIENCE, came).await;
        let beside = measured(&mut agents, &course, size).await;
        // A few calls may be over before it was refused anything.
        let refused = async {
            while !answers.are_complete() {
                sleep(Duration::from_millis(10)).await;
            }
        };
        let _judged_by_what_there_is = timeout(PATIENCE, refused).await;
        course.end();
        (came, beside)
    };
    let both = async { tokio::join!(flood, quiet) };
    let (ended, (came, beside)) = timeout(3 * PATIENCE + size.most, both).await.context("the flood does not end")?;
    ended?;
    came.context("the flood does not come")?;
    let flooded = Duration::from_micros(course.now_us().saturating_sub(began));
    let most_at_once = slow.most_in_flight("hold");
    Ok(Some(Outcome { alone, beside, answers: answers.counts(), flooded, most_at_once }))
}

/// An account with one server, whose policy allows everything but what `tools` limits.
async fn tenant(installation: &Installation, name: &str, upstream: &Upstream, tools: &Value) -> (Tenant, Pass) {
    let tenant = Tenant::sign_up(&installation.base(0), name).await;
    let server = tenant.server("shop", &upstream.url()).await;
    let document = json!({"version": "1", "default": "allow", "tools": tools});
    let policy = tenant.policy(&server, "rules", &document).await;
    let pass = pass(&tenant, "agent", &[(&server, &policy)]).await;
    (tenant, pass)
}

/// What holds whatever the machine.
fn promised(figures: &mut Figures, outcome: &Outcome) {
    for answer in outcome.answers.keys() {
        figures.check(DOCUMENTED.contains(&answer.as_str()), || format!("the noisy account was answered: {answer}"));
    }
    figures.check(outcome.most_at_once <= AT_ONCE, || String::from("more at once than the plan allows"));
    let refused = |answer: &str| outcome.answers.contains_key(answer);
    figures.check(refused("denied: limit_exceeded"), || String::from("its policy refused the noisy account nothing"));
    figures.check(refused("denied: plan_limit_reached") || refused("HTTP 429"), || {
        String::from("the noisy account was never told that it has too much under way")
    });
    for measured in [&outcome.alone, &outcome.beside] {
        figures.check(measured.failures.is_empty() && !measured.times.is_empty(), || {
            format!("the quiet account was answered {:?}", measured.failures.first())
        });
    }
}

/// What there is to read.
fn described(figures: &mut Figures, which: &str, outcome: &Outcome) {
    for (answer, count) in &outcome.answers {
        figures.add(format!("the noisy account's calls{which}, {answer}"), count);
    }
    let calls: usize = outcome.answers.values().sum();
    let per_second = calls as f64 / outcome.flooded.as_secs_f64().max(0.001);
    figures.add(format!("the noisy account's calls{which}, in a second"), format!("{per_second:.0}"));
    figures.add(format!("the noisy account's slow calls{which}, most at once"), outcome.most_at_once);
    for (name, measured) in [("alone", &outcome.alone), ("beside the noisy one", &outcome.beside)] {
        figures.add(format!("the quiet account {name}{which}, calls"), measured.times.len());
        figures.add(format!("the quiet account {name}{which}, failures"), measured.failures.len());
        for (share, time, _) in TIMES {
            figures.add(format!("the quiet account {name}{which}, {share}"), format!("{} µs", time(measured)));
        }
    }
    for (share, time, _) in TIMES {
        let ratio = outcome.ratio(time);
        figures.add(format!("beside the noisy one{which}, times as long as alone, {share}"), format!("{ratio:.2}"));
    }
}

/// Times, where they are judged. Without bounds the call in the middle may be as fast as with them, while many others wait
/// for very long: that one is not compared.
fn judged(figures: &mut Figures, outcome: &Outcome, lifted: &Outcome) {
    for (share, time, most) in TIMES {
        let (ratio, without) = (outcome.ratio(time), lifted.ratio(time));
        figures.check(ratio <= most, || {
            format!("beside the noisy one, calls took {ratio:.2} times as long as alone {share}, not {most}")
        });
        figures.check(share == MIDDLE || ratio < without, || {
            format!("calls took {ratio:.2} times as long as alone {share}, and without bounds {without:.2}")
        });
    }
}
