//! Fail closed and recover: Redis and PostgreSQL stopped, frozen, emptied, failed over, out of connections, while agents
//! call and people change things. `docs/failures.md` says what each is answered; [`answers`] is that table as code.

mod answers;
mod probe;
mod stage;

use std::path::Path;
use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::Figures;
use crate::faults::probe::{Probe, Seen};
use crate::faults::stage::Stage;
use crate::load::by_number;

/// How much is done.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// How long each fault lasts.
    pub fault: Duration,
    /// Whether answers that come late are a failure; the machine of a test may be busy.
    pub in_time: bool,
}

impl Size {
    /// The figures of the promise.
    #[must_use]
    pub const fn long() -> Self {
        Self { fault: Duration::from_secs(15), in_time: true }
    }

    /// For a test.
    #[must_use]
    pub const fn short() -> Self {
        Self { fault: Duration::from_millis(1_500), in_time: false }
    }
}

/// What breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    PostgresStopped,
    PostgresFrozen,
    PostgresFull,
    RedisStopped,
    RedisFrozen,
    RedisFailedOver,
    RedisOld,
    RedisEmptied,
}

/// In this order: what Redis forgets stays forgotten.
const FAULTS: [Fault; 8] = [
    Fault::PostgresStopped,
    Fault::PostgresFrozen,
    Fault::PostgresFull,
    Fault::RedisStopped,
    Fault::RedisFrozen,
    Fault::RedisFailedOver,
    Fault::RedisOld,
    Fault::RedisEmptied,
];

impl Fault {
    const fn name(self) -> &'static str {
        match self {
            Self::PostgresStopped => "PostgreSQL stopped",
            Self::PostgresFrozen => "PostgreSQL frozen",
            Self::PostgresFull => "PostgreSQL out of connections",
            Self::RedisStopped => "Redis stopped",
            Self::RedisFrozen => "Redis frozen",
            Self::RedisFailedOver => "Redis failed over",
            Self::RedisOld => "Redis restarted with an old copy",
            Self::RedisEmptied => "Redis restarted empty",
        }
    }

    /// Whether what was taken from limits is not known any more.
    const fn forgets(self) -> bool {
        matches!(self, Self::RedisOld | Self::RedisEmptied)
    }
}

/// No fault may cost more time to recover from once it is over.
const RECOVERED: Duration = Duration::from_secs(30);

/// How long recovery is waited for, on any machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// Runs the trial; none without PostgreSQL or Redis.
///
/// # Errors
///
/// What keeps it from being run.
pub async fn run(program: &Path, size: Size) -> anyhow::Result<Option<Figures>> {
    let Some(mut stage) = Stage::start(program).await? else { return Ok(None) };
    let mut figures = Figures::of("faults");
    recover(&mut stage, Fault::PostgresStopped).await?;
    for fault in FAULTS {
        stage.begin(fault).await?;
        let broken_us = stage.course.now_us();
        let probes = stage.probe();
        sleep(size.fault).await;
        let mended_us = stage.course.now_us();
        stage.end(fault).await?;
        let ended = Instant::now();
        // An answer that is under way when the fault ends is no answer to it.
        let seen = probes.end().await?;
        report(&mut figures, fault, size, broken_us, mended_us, &seen);
        let recovered = recover(&mut stage, fault).await?;
        figures.add(format!("{}: all is well again after", fault.name()), format!("{:.1} s", recovered.as_secs_f64()));
        figures.check(!size.in_time || recovered < ended.elapsed() + RECOVERED && recovered < RECOVERED, || {
            format!("{}: recovered after {recovered:?}", fault.name())
        });
    }
    settle_accounts(&stage, &mut figures).await?;
    Ok(Some(figures))
}

/// Waits until every probe has the answer of a whole installation; answers how long that took.
async fn recover(stage: &mut Stage, fault: Fault) -> anyhow::Result<Duration> {
    let began = Instant::now();
    // Changes make gateways read again: what is read once more at the end is there when the next fault begins.
    for probe in Probe::ALL.into_iter().chain([Probe::Free, Probe::Few, Probe::Brisk, Probe::List]) {
        loop {
            let answer = stage.once(probe).await?;
            if answers::is_well(fault, probe, &answer) {
                break;
            }
            anyhow::ensure!(began.elapsed() < PATIENCE, "{}: {probe:?} is still answered {answer}", fault.name());
            sleep(Duration::from_millis(50)).await;
        }
    }
    Ok(began.elapsed())
}

fn report(figures: &mut Figures, fault: Fault, size: Size, from_us: u64, until_us: u64, seen: &[Seen]) {
    for probe in Probe::ALL {
        let mut kinds = std::collections::BTreeMap::<&str, (usize, u64)>::new();
        let of_it = seen.iter().filter(|seen| seen.probe == probe);
        for seen in of_it.filter(|seen| seen.started_us >= from_us && seen.ended_us <= until_us) {
            let (count, slowest) = kinds.entry(&seen.answer).or_default();
            *count += 1;
            *slowest = (*slowest).max(seen.ended_us - seen.started_us);
            figures.check(answers::is_documented(fault, probe, &seen.answer), || {
                format!("{}: {} was answered {}", fault.name(), probe.name(), seen.answer)
            });
        }
        let text: Vec<String> = kinds
            .iter()
            .map(|(answer, (count, slowest))| format!("{answer} ({count}, at most {} ms)", slowest / 1_000))
            .collect();
        let text = if text.is_empty() { "no answer while it lasted".to_owned() } else { text.join(", ") };
        figures.add(format!("{}: {}", fault.name(), probe.name()), text);
        let slowest = kinds.values().map(|(_, slowest)| *slowest).max().unwrap_or_default();
        let bound = answers::bound(probe);
        figures.check(!size.in_time || slowest <= u64::try_from(bound.as_micros()).unwrap_or(u64::MAX), || {
            format!("{}: {} was answered after {} ms", fault.name(), probe.name(), slowest / 1_000)
        });
        figures.check(!size.in_time || size.fault < bound * 2 || !kinds.is_empty(), || {
            format!("{}: {} was not answered", fault.name(), probe.name())
        });
    }
}

/// How long records of which Redis has lost its own may take to arrive.
const WRITTEN: Duration = Duration::from_secs(30);

/// The upstream's count against the log and the limits.
async fn settle_accounts(stage: &Stage, figures: &mut Figures) -> anyhow::Result<()> {
    let arrivals = by_number(&stage.upstream.arrivals());
    let (began, mut records) = (Instant::now(), stage.records().await?);
    while arrivals.keys().any(|number| !records.contains_key(number)) && began.elapsed() < WRITTEN {
        sleep(Duration::from_secs(1)).await;
        records = stage.records().await?;
    }
    figures.add("calls that the upstream counted", arrivals.len());
    let mut once = 0_u64;
    for (number, times) in &arrivals {
        figures.check(times.len() == 1, || format!("call {number} arrived {} times", times.len()));
        match records.get(number).copied().unwrap_or_default() {
            1 => once += 1,
            count => figures.broke(format!("call {number} reached the upstream and has {count} records")),
        }
    }
    figures.add("of which there is one record each", once);
    let few = arrivals.keys().filter(|number| stage::is_few(**number)).count() as u64;
    figures.add(format!("calls of the tool with {} a day", stage::FEW), few);
    figures.check(few <= stage::FEW, || format!("{few} calls where {} may be", stage::FEW));
    Ok(())
}
