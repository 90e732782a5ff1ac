//! A decision as it stands in the table.

use ostiary_model::decision::{Decision, Ending};
use ostiary_model::{AccountId, DecisionId, GrantId, PolicyId, ServerId};
use ostiary_storage::StorageError;
use uuid::Uuid;

use crate::row::Place;

/// The columns of a decision.
#[derive(sqlx::FromRow)]
pub(super) struct DecisionRow {
    pub(super) account_id: Uuid,
    pub(super) id: Uuid,
    pub(super) time: i64,
    pub(super) server_id: Uuid,
    pub(super) server_slug: String,
    pub(super) grant_id: Uuid,
    pub(super) grant_label: String,
    pub(super) session: Option<String>,
    pub(super) client_name: Option<String>,
    pub(super) client_version: Option<String>,
    pub(super) protocol_version: Option<String>,
    pub(super) method: String,
    pub(super) target: Option<String>,
    pub(super) category: Option<String>,
    pub(super) policy_id: Option<Uuid>,
    pub(super) policy_version: Option<i64>,
    pub(super) mode: String,
    pub(super) outcome: String,
    pub(super) code: Option<String>,
    pub(super) rule: Option<String>,
    pub(super) message: Option<String>,
    pub(super) argument_names: String,
    pub(super) argument_hash: Option<String>,
    pub(super) trace_id: Option<String>,
    pub(super) bytes_in: i64,
    pub(super) gateway_us: i64,
    pub(super) ending_result: Option<String>,
    pub(super) ending_upstream_status: Option<i32>,
    pub(super) ending_bytes_out: Option<i64>,
    pub(super) ending_upstream_ms: Option<i64>,
}

impl TryFrom<DecisionRow> for Decision {
    type Error = StorageError;

    fn try_from(row: DecisionRow) -> Result<Self, StorageError> {
        let id = DecisionId::from_uuid(row.id);
        let place = Place::new("decisions", id);
        let ending = match row.ending_result {
            None => None,
            Some(result) => Some(Ending {
                result: place.parse("ending_result", &result)?,
                upstream_status: row
                    .ending_upstream_status
                    .map(|status| place.value("ending_upstream_status", u16::try_from(status)))
                    .transpose()?,
                bytes_out: row.ending_bytes_out.ok_or_else(|| place.broken("ending_bytes_out"))?,
                upstream_ms: row.ending_upstream_ms.ok_or_else(|| place.broken("ending_upstream_ms"))?,
            }),
        };
        Ok(Self {
            id,
            time: place.time("time", row.time)?,
            account_id: AccountId::from_uuid(row.account_id),
            server_id: ServerId::from_uuid(row.server_id),
            server_slug: row.server_slug,
            grant_id: GrantId::from_uuid(row.grant_id),
            grant_label: row.grant_label,
            session: row.session,
            client_name: row.client_name,
            client_version: row.client_version,
            protocol_version: row.protocol_version,
            method: row.method,
            target: row.target,
            category: row.category.map(|category| place.parse("category", &category)).transpose()?,
            policy_id: row.policy_id.map(PolicyId::from_uuid),
            policy_version: row.policy_version,
            mode: place.parse("mode", &row.mode)?,
            outcome: place.parse("outcome", &row.outcome)?,
            code: row.code,
            rule: row.rule,
            message: row.message,
            argument_names: place.json("argument_names", &row.argument_names)?,
            argument_hash: row.argument_hash,
            trace_id: row.trace_id,
            bytes_in: row.bytes_in,
            gateway_us: row.gateway_us,
            ending,
        })
    }
}
