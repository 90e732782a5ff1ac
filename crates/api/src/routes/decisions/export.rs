//! `GET /decisions/export`

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::{Stream, stream};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use ostiary_model::{AccountId, DecisionId};
use ostiary_storage::{DecisionFilter, PageRequest, StorageError};

use super::{Filter, FilterParams};
use crate::dto::decision::Decision;
use crate::error::ApiError;
use crate::extract::{FromQuery, May, Query, QueryInput, View};
use crate::ops::export::{self, Format, FormatParam};
use crate::problems::{Always, Guarded, Parameters};
use crate::state::ApiState;

/// What to export, and how.
#[derive(Debug)]
pub(crate) struct Export {
    format: Format,
    filter: DecisionFilter,
}

impl FromQuery for Export {
    fn from_query(input: &mut QueryInput) -> Self {
        let format = input.optional("format", "must be `jsonl` or `csv`").unwrap_or(Format::Jsonl);
        Self { format, filter: Filter::from_query(input).0 }
    }
}

/// All decisions that fit, the newest first, streamed: there is no limit.
#[utoipa::path(
    get,
    path = "/decisions/export",
    operation_id = "export_decisions",
    tag = "decisions",
    params(FormatParam, FilterParams),
    responses(
        (status = 200, description = "The decisions.", content(
            (String = "application/jsonl"),
            (String = "text/csv")
        )),
        Parameters, Guarded, Always
    )
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<View>,
    Query(Export { format, mut filter }): Query<Export>,
) -> Result<Response, ApiError> {
    // Decisions that are made meanwhile are not part of it.
    let now = state.clock.now();
    filter.until = Some(filter.until.map_or(now, |until| until.min(now)));
    let disposition = match format {
        Format::Jsonl => "attachment; filename=\"decisions.jsonl\"",
        Format::Csv => "attachment; filename=\"decisions.csv\"",
    };
    let body = Body::from_stream(pages(state, current.account_id(), filter, format));
    Ok(([(CONTENT_TYPE, format.content_type()), (CONTENT_DISPOSITION, disposition)], body).into_response())
}

/// Where an export is.
enum Position {
    Start,
    After(DecisionId),
    End,
}

/// One chunk a page. A failure on the way breaks the body off, so that a part never passes for the whole.
fn pages(
    state: ApiState,
    account_id: AccountId,
    filter: DecisionFilter,
    format: Format,
) -> impl Stream<Item = Result<Bytes, StorageError>> {
    stream::try_unfold((state, filter, Position::Start), move |(state, filter, position)| async move {
        let (after, is_first) = match position {
            Position::Start => (None, true),
            Position::After(id) => (Some(id), false),
            Position::End => return Ok(None),
        };
        let page = state.store.list_decisions(account_id, &filter, PageRequest { limit: 200, after }).await?;
        let next = match page.items.last() {
            Some(last) if page.has_more => Position::After(last.id),
            _ => Position::End,
        };
        let mut chunk = Vec::new();
        export::write(page.items.into_iter().map(Decision::from), format, is_first, &mut chunk);
        Ok(Some((Bytes::from(chunk), (state, filter, next))))
    })
}
