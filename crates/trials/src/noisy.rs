//! Fairness: what one account does to the gateway slows no other.
//!
//! One account floods: calls to an upstream that is slow, large bodies, calls above its limits, connections that come and
//! go. Beside it a quiet account makes one call after another. All of its calls must succeed, and the noisy account must
//! be refused with the answers that are documented. How long the quiet account's calls take, alone and beside the flood,
//! is printed and not judged: it depends on the machine.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use ostiary_testkit::Tenant;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::Figures;
use crate::agent::{Agent, Answer};
use crate::installation::{Installation, Pass, Shape, agent, pass};
use crate::load::{Course, label, quantile};
use crate::upstream::Upstream;

/// How long the slow tool takes.
const SLOW: Duration = Duration::from_millis(100);

/// Requests of an account that a gateway has under way at once.
const PER_ACCOUNT: &str = "32";

/// Calls that the noisy account's plan allows at once, over all gateways.
const PLANS: &str = "{ noisy = { calls_at_once = 16, self_service = true } }";

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
    /// Calls of the quiet account, in each of the two measurements.
    pub calls: usize,
    /// Connections of the noisy account.
    pub connections: usize,
    /// Bytes of a large body.
    pub body: usize,
    /// How long a connection of the noisy account rests after a call.
    pub rest: Duration,
}

impl Size {
    /// The figures of the promise.
    #[must_use]
    pub const fn long() -> Self {
        Self { proxies: 2, calls: 3_000, connections: 160, body: 1024 * 1024, rest: Duration::from_millis(1) }
    }

    /// For a test.
    #[must_use]
    pub const fn short() -> Self {
        Self { proxies: 2, calls: 30, connections: 48, body: 64 * 1024, rest: Duration::from_millis(50) }
    }
}

/// What a connection of the noisy account does.
#[derive(Clone, Copy, Debug)]
enum Noise {
    Slow,
    Large,
    AboveLimits,
    NewConnections,
}

impl Noise {
    const fn of(connection: usize) -> Self {
        match connection % 8 {
            0..=4 => Self::Slow,
            5 => Self::Large,
            6 => Self::AboveLimits,
            _ => Self::NewConnections,
        }
    }
}

/// Runs the trial; none without PostgreSQL or Redis.
///
/// # Errors
///
/// What keeps it from being run.
pub async fn run(program: &Path, size: Size) -> anyhow::Result<Option<Figures>> {
    let shape = Shape { apis: 1, proxies: size.proxies };
    let settings = [("OSTIARY_LIMITS_CALLS_PER_ACCOUNT", PER_ACCOUNT), ("OSTIARY_PLANS", PLANS)];
    let Some(installation) = Installation::start_with(program, shape, &settings).await? else { return Ok(None) };
    let course = Course::begin();
    let upstream = Upstream::start(course.began, &["look", "hold", "few"], SLOW).await?;
    let (quiet, pass_of_quiet) = tenant(&installation, "quiet", &upstream, &json!({})).await;
    let few = json!({"few": {"limits": [{"counter": "few", "window": "minute", "max": 5, "scope": "account"}]}});
    let (noisy, pass_of_noisy) = tenant(&installation, "noisy", &upstream, &few).await;
    noisy.owner.patch("/account", &json!({"plan": "noisy"})).await.expect(200);

    let mut agents = Vec::new();
    for proxy in installation.proxies() {
        agents.push(agent(proxy, &quiet, "shop", &pass_of_quiet).await?);
    }
    let alone = measured(&mut agents, &course, size.calls).await;

    let mut flood = JoinSet::new();
    let proxies = installation.proxies();
    for connection in 0..size.connections {
        let Some(proxy) = proxies.get(connection % proxies.len()) else { continue };
        let agent = Agent::new(*proxy, &format!("/mcp/{}/shop", noisy.slug), &pass_of_noisy.token)?;
        flood.spawn(noise(agent, Noise::of(connection / proxies.len()), course.clone(), size));
    }
    // Until the flood is there.
    while upstream.most_in_flight("hold") == 0 {
        sleep(Duration::from_millis(10)).await;
    }
    let beside = measured(&mut agents, &course, size.calls).await;
    course.end();
    let mut answers = BTreeMap::<String, usize>::new();
    while let Some(done) = flood.join_next().await {
        for (answer, count) in done? {
            *answers.entry(answer).or_default() += count;
        }
    }
    Ok(Some(figures(size, &alone, &beside, &answers, &upstream)))
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

/// Times of calls in microseconds, and what was answered but a result.
#[derive(Debug, Default)]
struct Measured {
    times: Vec<u64>,
    failures: Vec<Answer>,
}

/// One call after another, through each gateway in turn.
async fn measured(agents: &mut [Agent], course: &Course, calls: usize) -> Measured {
    let mut measured = Measured::default();
    let count = agents.len().max(1);
    for call in 0..calls {
        let Some(agent) = agents.get_mut(call % count) else { break };
        let began = Instant::now();
        let answer = agent.call(u128::from(course.number()), "look", "{}").await;
        measured.times.push(u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX));
        if answer != Answer::Result {
            measured.failures.push(answer);
        }
    }
    measured.times.sort_unstable();
    measured
}

/// Calls until the trial is over; answers how many there were of each kind of answer.
async fn noise(mut agent: Agent, noise: Noise, course: Course, size: Size) -> BTreeMap<String, usize> {
    let mut answers = BTreeMap::new();
    let large = format!(r#"{{"text":"{}"}}"#, "x".repeat(size.body));
    let mut session = open(&mut agent, &course, &mut answers).await;
    while session && !course.is_over() {
        let number = u128::from(course.number());
        let answer = match noise {
            Noise::Slow => agent.call(number, "hold", "{}").await,
            Noise::Large => agent.call(number, "look", &large).await,
            Noise::AboveLimits => agent.call(number, "few", "{}").await,
            Noise::NewConnections => match agent.at(agent.address()) {
                Ok(mut other) => other.call(number, "look", "{}").await,
                Err(_) => Answer::Broken,
            },
        };
        *answers.entry(label(&answer)).or_default() += 1;
        session = !matches!(answer, Answer::Status(404));
        sleep(size.rest).await;
    }
    answers
}

/// Opens a session, again and again while the account has too much under way.
async fn open(agent: &mut Agent, course: &Course, answers: &mut BTreeMap<String, usize>) -> bool {
    while !course.is_over() {
        match agent.open_session().await {
            Ok(()) => return true,
            Err(error) if error.to_string().starts_with("429") => {
                *answers.entry(label(&Answer::Status(429))).or_default() += 1;
            }
            Err(error) => {
                *answers.entry(format!("no session: {error}")).or_default() += 1;
                return false;
            }
        }
        sleep(Duration::from_millis(20)).await;
    }
    false
}

fn figures(
    size: Size,
    alone: &Measured,
    beside: &Measured,
    answers: &BTreeMap<String, usize>,
    upstream: &Upstream,
) -> Figures {
    let mut figures = Figures::of("noisy");
    figures.add("proxies", size.proxies);
    figures.add("connections of the noisy account", size.connections);
    for (answer, count) in answers {
        figures.add(format!("the noisy account's calls, {answer}"), count);
        figures.check(DOCUMENTED.contains(&answer.as_str()), || format!("the noisy account was answered: {answer}"));
    }
    figures.add("the noisy account's slow calls, most at once", upstream.most_in_flight("hold"));
    figures.check(upstream.most_in_flight("hold") <= 16, || String::from("more at once than the plan allows"));
    let refused = |answer: &str| answers.get(answer).copied().unwrap_or_default() > 0;
    figures.check(refused("denied: limit_exceeded"), || String::from("its policy refused the noisy account nothing"));
    figures.check(refused("denied: plan_limit_reached") || refused("HTTP 429"), || {
        String::from("the noisy account was never told that it has too much under way")
    });
    for (name, measured) in [("alone", alone), ("beside the noisy one", beside)] {
        let [middle, slow] = [0.5, 0.99].map(|at| quantile(&measured.times, at));
        figures.add(format!("the quiet account {name}, calls"), measured.times.len());
        figures.add(format!("the quiet account {name}, middle and 99 % of calls"), format!("{middle} µs, {slow} µs"));
        figures.add(format!("the quiet account {name}, failures"), measured.failures.len());
        figures.check(measured.failures.is_empty(), || {
            format!("the quiet account {name} was answered {:?}", measured.failures.first())
        });
    }
    for (name, at) in [("middle", 0.5), ("99 %", 0.99)] {
        let ratio = quantile(&beside.times, at) as f64 / quantile(&alone.times, at).max(1) as f64;
        figures.add(format!("beside the noisy one, times as long, {name}"), format!("{ratio:.2}"));
    }
    figures
}
