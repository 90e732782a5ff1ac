//! One account's calls, an admission to run them through, and a look inside.

use chrono::DateTime;
use ostiary_model::decision::{Decision, Outcome};
use ostiary_model::server::OnLimitsUnavailable;
use ostiary_model::{AccountId, DecisionId, GrantId, ManualClock, Mode, PolicyId, ServerId};
use ostiary_policy::{
    Charge, Counter, LimitPlan, PlannedLimit, RulePointer, Scope, Window as PolicyWindow, WindowName,
};

use super::super::*;
use super::log::TestLog;
use crate::permit::Permit;

/// One account's calls through an admission that can be stopped and started over.
pub(super) struct Bed {
    pub(super) log: Arc<TestLog>,
    pub(super) clock: Arc<ManualClock>,
    pub(super) epochs: Arc<Epochs>,
    pub(super) config: EmbeddedConfig,
    pub(super) account_id: AccountId,
    pub(super) server_id: ServerId,
    pub(super) grant_id: GrantId,
    pub(super) policy_id: PolicyId,
}

/// A running admission.
pub(super) struct Run {
    pub(super) admission: Arc<EmbeddedAdmission>,
    pub(super) tasks: TaskTracker,
    pub(super) shutdown: CancellationToken,
}

impl Bed {
    pub(super) fn new() -> Self {
        Self {
            log: TestLog::new(),
            clock: Arc::new(ManualClock::new(DateTime::UNIX_EPOCH)),
            epochs: Arc::new(Epochs::new()),
            config: EmbeddedConfig { patience: Duration::from_secs(2), ..EmbeddedConfig::default() },
            account_id: AccountId::generate(),
            server_id: ServerId::generate(),
            grant_id: GrantId::generate(),
            policy_id: PolicyId::generate(),
        }
    }

    pub(super) async fn start(&self) -> Run {
        let (tasks, shutdown) = (TaskTracker::new(), CancellationToken::new());
        let admission = EmbeddedAdmission::start(
            Arc::clone(&self.log) as Arc<dyn DecisionLog>,
            Arc::clone(&self.clock) as Arc<dyn Clock>,
            Arc::clone(&self.epochs),
            self.config,
            &tasks,
            shutdown.clone(),
        );
        Run { admission: admission.await.unwrap(), tasks, shutdown }
    }

    pub(super) fn decision(&self) -> Decision {
        Decision {
            id: DecisionId::generate(),
            time: self.clock.now(),
            account_id: self.account_id,
            server_id: self.server_id,
            server_slug: "s".to_owned(),
            grant_id: self.grant_id,
            grant_label: "g".to_owned(),
            session: None,
            client_name: None,
            client_version: None,
            protocol_version: None,
            method: "tools/call".to_owned(),
            target: Some("t".to_owned()),
            category: None,
            policy_id: Some(self.policy_id),
            policy_version: Some(1),
            mode: Mode::Enforce,
            outcome: Outcome::Allowed,
            code: None,
            rule: None,
            message: None,
            argument_names: Vec::new(),
            argument_hash: None,
            trace_id: None,
            bytes_in: 0,
            gateway_us: 0,
            ending: None,
        }
    }

    pub(super) fn request<'a>(&self, limits: &'a LimitPlan) -> AdmissionRequest<'a> {
        AdmissionRequest {
            epoch: 0,
            limits: Some(limits),
            plan: None,
            session: None,
            on_limits_unavailable: OnLimitsUnavailable::Deny,
            decision: self.decision(),
        }
    }
}

impl Run {
    pub(super) async fn stop(self) {
        self.shutdown.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// At most `max` calls an hour, each with an amount of five millionths beside it.
pub(super) fn at_most(max: u64) -> LimitPlan {
    let counter =
        Counter { name: "calls".into(), scope: Scope::Grant, window: PolicyWindow::Sliding { ms: 3_600_000 } };
    LimitPlan {
        charges: vec![Charge { counter: Arc::new(counter), bounds: None, count_micros: 1_000_000, amount_micros: 5 }],
        limits: vec![PlannedLimit {
            charge: 0,
            max_micros: max * 1_000_005,
            rule: RulePointer::from("/tools/t/limits/0"),
            on_deny: None,
            window: WindowName::Seconds(3_600),
        }],
    }
}

pub(super) fn admitted(outcome: Result<AdmitOutcome, AdmissionError>) -> Permit {
    match outcome {
        Ok(AdmitOutcome::Admitted(permit)) => permit,
        other => panic!("not admitted: {other:?}"),
    }
}

/// What the counters hold, read through what a call that does not fit is told.
pub(super) fn used_micros(bed: &Bed, run: &Run) -> u64 {
    let mut plan = at_most(0);
    plan.limits[0].max_micros = 0;
    match run.admission.take(&bed.request(&plan)) {
        Verdict::Refused(denial, _) => {
            let used = serde_json::to_value(denial.limit.unwrap().used).unwrap();
            (used.as_f64().unwrap() * 1e6).round() as u64
        }
        _ => panic!("a call fits into nothing"),
    }
}

/// Waits for something that other tasks do.
pub(super) async fn until(mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !is_so() {
        assert!(Instant::now() < deadline, "waited in vain");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Polls a future once.
pub(super) async fn poll_once<F: Future + Unpin>(mut future: F) -> Option<F::Output> {
    std::future::poll_fn(|context| {
        let polled = std::pin::Pin::new(&mut future).poll(context);
        std::task::Poll::Ready(match polled {
            std::task::Poll::Ready(output) => Some(output),
            std::task::Poll::Pending => None,
        })
    })
    .await
}
