//! `GET /decisions/stream`

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::{Stream, StreamExt};

use super::{Filter, FilterParams};
use crate::dto::decision::Decision;
use crate::error::ApiError;
use crate::extract::{May, Query, View};
use crate::ops::watch::Watch;
use crate::problems::{Always, Guarded, Parameters};
use crate::state::ApiState;

/// Decisions as they are made, as server-sent events: `event: decision`, `id` the decision's id,
/// `data` the decision. One is sent again when its ending is known. A comment keeps the connection
/// open every 15 seconds. A stream begins with the next decision; fill in what came before from the list.
#[utoipa::path(
    get,
    path = "/decisions/stream",
    operation_id = "stream_decisions",
    tag = "decisions",
    params(FilterParams),
    responses(
        (status = 200, description = "Decisions, one an event.", body = Decision, content_type = "text/event-stream"),
        Parameters, Guarded, Always
    )
)]
pub(crate) async fn handler(
    State(state): State<ApiState>,
    current: May<View>,
    Query(Filter(filter)): Query<Filter>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    let watch = Watch::new(state.clone(), (*current).clone(), filter).await?;
    let shutdown = state.shutdown.clone();
    let events = watch.into_stream().map(|decision| Ok(event(decision.into())));
    // A stream never ends by itself, and must not keep the process from ending.
    let events = events.take_until(async move { shutdown.cancelled().await });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(15)).text("keep-alive")))
}

fn event(decision: Decision) -> Event {
    let event = Event::default().event("decision").id(decision.id.to_string());
    // A decision always serialises: it has no maps and no numbers that JSON lacks.
    event.json_data(decision).unwrap_or_default()
}
