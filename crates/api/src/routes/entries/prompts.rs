//! `GET /servers/{id}/prompts`

use axum::Json;
use axum::extract::State;
use ostiary_model::{EntryKind, ServerId};
use ostiary_storage::PageRequest;

use crate::dto::entry::ServerPrompt;
use crate::dto::page::Page;
use crate::error::ApiError;
use crate::extract::{May, Path, Query, View};
use crate::ops;
use crate::ops::cursor::page;
use crate::ops::entry::prompt;
use crate::problems::{Always, Guarded, Missing, Parameters};
use crate::routes::PageParams;
use crate::state::ApiState;

/// The prompts that a server offered when they were last read, by name.
#[utoipa::path(
    get,
    path = "/servers/{id}/prompts",
    operation_id = "list_prompts",
    tag = "servers",
    params(("id" = String, Path, description = "The server."), PageParams),
    responses(
        (status = 200, description = "A page of prompts.", body = Page<ServerPrompt>),
        Parameters, Guarded, Missing, Always
    )
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<View>,
    Path(id): Path<ServerId>,
    Query(request): Query<PageRequest<String>>,
) -> Result<Json<Page<ServerPrompt>>, ApiError> {
    let server = ops::server::get(&state, current.account_id(), id).await?;
    let found = state.store.list_entries(server.account_id, id, EntryKind::Prompt, request).await?;
    Ok(Json(page(found, |entry| entry.key.clone(), prompt)))
}
