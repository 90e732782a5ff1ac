//! One run of the script for one call.

use std::sync::Arc;

use ostiary_counters::Charge;
use ostiary_model::decision::{Ending, EndingResult, Outcome};
use ostiary_model::server::OnLimitsUnavailable;
use ostiary_model::{AccountId, DecisionId, Mode};
use ostiary_policy::DenialCode;
use redis::Value;
use tokio::time::Instant;

use crate::permit::Permit;
use crate::quota::Quota;
use crate::redis::charge::{self, Taken};
use crate::redis::epochs::{history, new_token};
use crate::redis::hold::{Hold, Leases};
use crate::redis::kept::{Kept, Written};
use crate::redis::keys::Shard;
use crate::redis::link::LinkError;
use crate::redis::record;
use crate::redis::script::{self, ADMIT};
use crate::redis::settlement::{Settlement, Settlements};
use crate::redis::value::{list, number, text};
use crate::redis::{Call, RedisAdmission, RedisEpochs};
use crate::refusal;

/// Everything that the run needs, so that it can outlive the caller.
#[derive(Debug)]
pub(super) struct Attempt {
    epochs: Arc<RedisEpochs>,
    settlements: Settlements,
    leases: Arc<Leases>,
    shard: Shard,
    account_id: AccountId,
    decision_id: DecisionId,
    outcome: Outcome,
    mode: Mode,
    on_limits_unavailable: OnLimitsUnavailable,
    /// The plan's first, so many of them.
    charges: Vec<Charge>,
    quota: usize,
    /// The history of the data that must go on for the call to be taken.
    history: String,
    kept: Arc<Kept>,
    /// None when the record cannot be written down.
    call: Option<script::Call>,
}

/// Where in the script's arguments the record is, and what it needs should it be refused.
const RECORD: usize = 7;
const REFUSAL: usize = 8;

/// What came of it.
#[derive(Debug)]
pub(super) enum Attempted {
    /// Something newer is known.
    Stale,
    /// A calendar window does not contain the time of Redis, in milliseconds since the Unix epoch.
    Passed(i64),
    /// Everything was taken and the record appended; with a permit if the call is one to be forwarded.
    Recorded(Option<Permit>),
    /// The limits refuse it, and so says the record; with a permit if it is forwarded all the same.
    Refused(String, Option<Permit>),
    /// Too many records wait to be moved.
    Backlog,
    /// There is no answer.
    Away,
}

impl Attempt {
    pub(super) fn new(admission: &RedisAdmission, call: &Call<'_>, charges: Vec<Charge>, expected: &str) -> Self {
        let (epochs, decision) = (&admission.epochs, &call.decision);
        let shard = epochs.keys.shard(decision.account_id);
        let texts = json(decision).and_then(|record| {
            let refusal = call.refusal().map(|refusal| json(&refusal)).transpose()?;
            Ok((record, refusal.unwrap_or_default()))
        });
        let script = texts.ok().map(|(record, refusal)| {
            let account_id = decision.account_id;
            let keys = &epochs.keys;
            let mut script = ADMIT.on(vec![
                keys.epoch(account_id),
                keys.time(shard),
                keys.records(shard),
                keys.index(account_id),
                keys.since(shard),
                keys.beginning(shard),
                keys.shares(shard),
            ]);
            script.arg(expected);
            script.arg(new_token());
            script.arg(epochs.given_ms.text());
            script.arg(admission.config.records);
            script.arg(admission.config.counters);
            script.arg(made_ms(account_id));
            script.arg(charge::holder(decision.id));
            script.arg(record);
            script.arg(refusal);
            script.arg(call.quota.as_ref().map_or(0, Quota::len));
            for code in [DenialCode::LimitExceeded, DenialCode::LimitsUnavailable] {
                let outcome = refusal::outcome_of(decision.mode, call.on_limits_unavailable, code);
                script.arg(u8::from(refusal::is_forwarded(outcome)));
            }
            script.arg(admission.config.share);
            charge::write(&mut script, keys, shard, &charges);
            script
        });
        Self {
            epochs: Arc::clone(epochs),
            settlements: admission.settlements.clone(),
            leases: Arc::clone(&admission.leases),
            shard,
            account_id: decision.account_id,
            decision_id: decision.id,
            outcome: decision.outcome,
            mode: decision.mode,
            on_limits_unavailable: call.on_limits_unavailable,
            charges,
            quota: call.quota.as_ref().map_or(0, Quota::len),
            history: history(expected).to_owned(),
            kept: Arc::clone(&admission.kept),
            call: script,
        }
    }

    pub(super) async fn run(mut self) -> Attempted {
        let Some(mut call) = self.call.take() else { return Attempted::Away };
        match self.epochs.link.run(&call).await {
            Ok(answer) => {
                let Some(attempted) = self.read(&answer) else {
                    tracing::error!(decision.id = %self.decision_id, "the answer of Redis to a call cannot be read");
                    self.abandon();
                    return Attempted::Away;
                };
                self.keep(&mut call, &answer, &attempted);
                if matches!(attempted, Attempted::Stale) {
                    Box::pin(self.look(&answer)).await;
                }
                attempted
            }
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "a call could not be taken to Redis");
                if !matches!(error, LinkError::NotDone(_)) {
                    self.abandon();
                }
                Attempted::Away
            }
        }
    }

    fn read(&self, answer: &Value) -> Option<Attempted> {
        let parts = list(answer)?;
        let (word, rest) = parts.split_first()?;
        Some(match text(word)? {
            "stale" => {
                self.epochs.learn(self.account_id, text(rest.first()?)?);
                Attempted::Stale
            }
            "backlog" => Attempted::Backlog,
            "passed" => Attempted::Passed(number(rest.first()?)?),
            "taken" => {
                let slots = rest.get(1..)?;
                let taken = charge::read_taken(&self.epochs.keys, self.shard, &self.charges, slots)?;
                Attempted::Recorded(self.permit(self.outcome, taken))
            }
            "exceeded" => self.refused(DenialCode::LimitExceeded, rest)?,
            "unjudged" => {
                let findings = text(rest.get(1)?)?;
                tracing::warn!(
                    account.id = %self.account_id,
                    reason = findings,
                    "limits cannot be judged: Redis has too many counters of the account, or has lost what was counted"
                );
                self.refused(DenialCode::LimitsUnavailable, rest)?
            }
            _ => return None,
        })
    }

    /// A refusal, with what was taken for the plan of a call that is forwarded all the same.
    fn refused(&self, code: DenialCode, answer: &[Value]) -> Option<Attempted> {
        let findings = text(answer.get(1)?)?.to_owned();
        if record::is_of_quota(&findings, self.quota) {
            return Some(Attempted::Refused(findings, None));
        }
        let outcome = refusal::outcome_of(self.mode, self.on_limits_unavailable, code);
        let charges = self.charges.get(..self.quota)?;
        let taken = match answer.get(2..)? {
            [] => Vec::new(),
            slots => charge::read_taken(&self.epochs.keys, self.shard, charges, slots)?,
        };
        Some(Attempted::Refused(findings, self.permit(outcome, taken)))
    }

    /// Keeps the record, if one was appended, until it is in the log.
    fn keep(&self, call: &mut script::Call, answer: &Value, attempted: &Attempted) {
        let refused = match attempted {
            Attempted::Recorded(_) => None,
            Attempted::Refused(findings, _) => Some((findings.clone(), call.take(REFUSAL))),
            Attempted::Stale | Attempted::Passed(_) | Attempted::Backlog | Attempted::Away => return,
        };
        if let Some(id) = list(answer).and_then(|parts| text(parts.get(1)?)) {
            self.kept.push(self.shard, &self.history, id, Written::Decision(call.take(RECORD), refused));
        }
    }

    /// Where what the shard holds began anew, says what this process has seen before the call is tried again.
    async fn look(&self, answer: &Value) {
        let begun = list(answer).and_then(|parts| text(parts.get(2)?)).unwrap_or_default();
        if self.kept.is_news(self.shard, begun)
            && let Err(error) = self.kept.look(self.shard).await
        {
            tracing::warn!(error = &error as &dyn std::error::Error, "Redis does not say what it holds");
        }
    }

    fn permit(&self, outcome: Outcome, taken: Vec<Taken>) -> Option<Permit> {
        if !refusal::is_forwarded(outcome) {
            return None;
        }
        self.leases.hold(self.shard, self.decision_id, &taken);
        let hold = Hold {
            account_id: self.account_id,
            decision_id: self.decision_id,
            history: self.history.clone(),
            taken,
            settlements: self.settlements.clone(),
            leases: Arc::clone(&self.leases),
        };
        Some(Permit::new(self.decision_id, outcome, Box::new(hold)))
    }

    /// Nobody knows whether the record is there, and the call is surely not sent. If it is there, it ends here. What it
    /// took stays charged, because nobody knows from which slots; its places in flight are free.
    fn abandon(&self) {
        if !refusal::is_forwarded(self.outcome) {
            return;
        }
        let ending = Ending { result: EndingResult::ClientGone, upstream_status: None, bytes_out: 0, upstream_ms: 0 };
        self.settlements.send(Settlement {
            account_id: self.account_id,
            decision_id: self.decision_id,
            ending: Some(ending),
            history: String::new(),
            shares: Vec::new(),
            leases: charge::lease_keys(&self.epochs.keys, self.shard, &self.charges),
            since: Instant::now(),
        });
    }
}

/// Most records are shorter, and none has to grow again and again.
const RECORD_BYTES: usize = 1_024;

fn json(value: &impl serde::Serialize) -> Result<String, serde_json::Error> {
    let mut text = Vec::with_capacity(RECORD_BYTES);
    serde_json::to_writer(&mut text, value)?;
    String::from_utf8(text).map_err(serde::ser::Error::custom)
}

/// When an account was made, in milliseconds since the Unix epoch: its id begins with it.
fn made_ms(account_id: AccountId) -> u128 {
    account_id.as_uuid().as_u128() >> 80
}
