//! `GET /audit-events`

use axum::Json;
use axum::extract::State;
use ostiary_storage::PageRequest;

use super::{Filter, FilterParams};
use crate::dto::audit::AuditEvent;
use crate::dto::page::Page;
use crate::error::ApiError;
use crate::extract::{FromQuery, ManageMembers, May, Query, QueryInput};
use crate::ops::cursor::page;
use crate::problems::{Always, Guarded, Parameters};
use crate::routes::PageParams;
use crate::state::ApiState;

/// Which audit events, and which page of them.
#[derive(Debug)]
pub(crate) struct FilterAndPage {
    filter: Filter,
    page: PageRequest<i64>,
}

impl FromQuery for FilterAndPage {
    fn from_query(input: &mut QueryInput) -> Self {
        Self { filter: Filter::from_query(input), page: input.page() }
    }
}

/// Who changed what, the newest first.
#[utoipa::path(
    get,
    path = "/audit-events",
    operation_id = "list_audit_events",
    tag = "audit-events",
    params(FilterParams, PageParams),
    responses(
        (status = 200, description = "A page of audit events.", body = Page<AuditEvent>),
        Parameters, Guarded, Always
    )
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<ManageMembers>,
    Query(request): Query<FilterAndPage>,
) -> Result<Json<Page<AuditEvent>>, ApiError> {
    let found = state.store.list_audit_events(current.account_id(), &request.filter.0, request.page).await?;
    Ok(Json(page(found, |event| event.number, AuditEvent::from)))
}
