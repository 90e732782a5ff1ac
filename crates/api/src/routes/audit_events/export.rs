//! `GET /audit-events/export`

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::{Stream, stream};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use ostiary_model::AccountId;
use ostiary_storage::{AuditFilter, PageRequest, StorageError};

use super::{Filter, FilterParams};
use crate::dto::audit::AuditEvent;
use crate::error::ApiError;
use crate::extract::{FromQuery, ManageMembers, May, Query, QueryInput};
use crate::ops::export::{self, Format, FormatParam};
use crate::problems::{Always, Guarded, Parameters};
use crate::state::ApiState;

/// What to export, and how.
#[derive(Debug)]
pub(crate) struct Export {
    format: Format,
    filter: AuditFilter,
}

impl FromQuery for Export {
    fn from_query(input: &mut QueryInput) -> Self {
        let format = input.optional("format", "must be `jsonl` or `csv`").unwrap_or(Format::Jsonl);
        Self { format, filter: Filter::from_query(input).0 }
    }
}

/// All audit events that fit, the newest first, streamed: there is no limit.
#[utoipa::path(
    get,
    path = "/audit-events/export",
    operation_id = "export_audit_events",
    tag = "audit-events",
    params(FormatParam, FilterParams),
    responses(
        (status = 200, description = "The audit events.", content(
            (String = "application/jsonl"),
            (String = "text/csv")
        )),
        Parameters, Guarded, Always
    )
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<ManageMembers>,
    Query(Export { format, filter }): Query<Export>,
) -> Result<Response, ApiError> {
    let disposition = match format {
        Format::Jsonl => "attachment; filename=\"audit-events.jsonl\"",
        Format::Csv => "attachment; filename=\"audit-events.csv\"",
    };
    let body = Body::from_stream(pages(state, current.account_id(), filter, format));
    Ok(([(CONTENT_TYPE, format.content_type()), (CONTENT_DISPOSITION, disposition)], body).into_response())
}

/// Where an export is.
enum Position {
    Start,
    After(i64),
    End,
}

/// One chunk a page. A failure on the way breaks the body off, so that a part never passes for the whole.
fn pages(
    state: ApiState,
    account_id: AccountId,
    filter: AuditFilter,
    format: Format,
) -> impl Stream<Item = Result<Bytes, StorageError>> {
    stream::try_unfold((state, filter, Position::Start), move |(state, filter, position)| async move {
        let (after, is_first) = match position {
            Position::Start => (None, true),
            Position::After(number) => (Some(number), false),
            Position::End => return Ok(None),
        };
        let page = state.store.list_audit_events(account_id, &filter, PageRequest { limit: 200, after }).await?;
        let next = match page.items.last() {
            Some(last) if page.has_more => Position::After(last.number),
            _ => Position::End,
        };
        let mut chunk = Vec::new();
        export::write(page.items.into_iter().map(AuditEvent::from), format, is_first, &mut chunk);
        Ok(Some((Bytes::from(chunk), (state, filter, next))))
    })
}
