//! How much is in the catalogue, counted now and then.

use chrono::{DateTime, TimeDelta, Utc};
use maud::{Markup, html};
use ostiary_model::catalogue::CatalogueTotals;
use ostiary_storage::StorageError;
use tokio::sync::Mutex;

use crate::state::ApiState;

/// How old the numbers may be. Counting looks at every row.
const KEPT: TimeDelta = TimeDelta::seconds(60);

/// The numbers that were counted last, and when.
#[derive(Debug, Default)]
pub(crate) struct Totals(Mutex<Option<(DateTime<Utc>, CatalogueTotals)>>);

impl Totals {
    /// The numbers; whoever asks while they are counted waits for them.
    pub(super) async fn of(state: &ApiState) -> Result<CatalogueTotals, StorageError> {
        let now = state.clock.now();
        let mut kept = state.totals.0.lock().await;
        if let Some((_, totals)) = kept.filter(|(at, _)| now - *at < KEPT && now >= *at) {
            return Ok(totals);
        }
        let totals = state.store.count_catalogue().await?;
        *kept = Some((now, totals));
        Ok(totals)
    }
}

/// As a line of a page.
pub(super) fn line(totals: CatalogueTotals) -> Markup {
    html! { p class="dim" { "Catalogued and classified: " (totals.tools) " tools of " (totals.servers) " servers." } }
}
