//! Decisions, as people read them. How calls write them is [`DecisionLog`](crate::DecisionLog).

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use ostiary_model::decision::{Decision, Outcome};
use ostiary_model::{AccountId, DecisionId, GrantId, PolicyId, ServerId};

use crate::{Page, PageRequest, StorageError};

/// Which decisions: those that fit every member that is given.
#[derive(Clone, Debug, Default)]
pub struct DecisionFilter {
    /// Of this server.
    pub server_id: Option<ServerId>,
    /// Of this grant.
    pub grant_id: Option<GrantId>,
    /// Decided by this policy.
    pub policy_id: Option<PolicyId>,
    /// Of this tool, resource or prompt, exactly.
    pub target: Option<String>,
    /// Of this MCP method.
    pub method: Option<String>,
    /// With this outcome.
    pub outcome: Option<Outcome>,
    /// With this code.
    pub code: Option<String>,
    /// At or after.
    pub since: Option<DateTime<Utc>>,
    /// Before.
    pub until: Option<DateTime<Utc>>,
}

/// Reads decisions.
#[async_trait]
pub trait ReadDecisions {
    /// The decision.
    async fn get_decision(&self, account_id: AccountId, id: DecisionId) -> Result<Option<Decision>, StorageError>;

    /// Decisions, the newest first: by time, then by id. After an id that is not there comes nothing.
    async fn list_decisions(
        &self,
        account_id: AccountId,
        filter: &DecisionFilter,
        page: PageRequest<DecisionId>,
    ) -> Result<Page<Decision>, StorageError>;
}
