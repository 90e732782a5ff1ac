//! How much is in the catalogue, counted now and then.

use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use maud::{Markup, html};
use ostiary_model::catalogue::CatalogueTotals;
use ostiary_storage::StorageError;
use tokio::sync::Mutex as Turn;

use crate::state::ApiState;

/// How old the numbers may be before they are counted again. Counting looks at every row, so nobody waits for it.
const FRESH: TimeDelta = TimeDelta::seconds(60);

/// How old they may be while that is done.
const KEPT: TimeDelta = TimeDelta::hours(1);

/// The numbers that were counted last, and when.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    kept: Mutex<Option<(DateTime<Utc>, CatalogueTotals)>>,
    counting: Turn<()>,
}

impl Totals {
    /// The numbers; whoever asks before there are any waits for them.
    pub(super) async fn of(state: &ApiState) -> Result<CatalogueTotals, StorageError> {
        if let Some(totals) = state.totals.younger_than(KEPT, state.clock.now()) {
            if state.totals.younger_than(FRESH, state.clock.now()).is_none() && state.totals.counting.try_lock().is_ok()
            {
                let state = state.clone();
                tokio::spawn(async move {
                    if let Err(error) = Self::counted(&state).await {
                        tracing::warn!(%error, "the catalogue cannot be counted");
                    }
                });
            }
            return Ok(totals);
        }
        Self::counted(state).await
    }

    /// Counts, unless somebody else has meanwhile.
    async fn counted(state: &ApiState) -> Result<CatalogueTotals, StorageError> {
        let _turn = state.totals.counting.lock().await;
        if let Some(totals) = state.totals.younger_than(FRESH, state.clock.now()) {
            return Ok(totals);
        }
        let totals = state.store.count_catalogue().await?;
        *state.totals.kept() = Some((state.clock.now(), totals));
        Ok(totals)
    }

    fn younger_than(&self, age: TimeDelta, now: DateTime<Utc>) -> Option<CatalogueTotals> {
        self.kept().filter(|(at, _)| now - *at < age && now >= *at).map(|(_, totals)| totals)
    }

    fn kept(&self) -> MutexGuard<'_, Option<(DateTime<Utc>, CatalogueTotals)>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// As a line of a page.
pub(super) fn line(CatalogueTotals { tools, servers }: CatalogueTotals) -> Markup {
    let (of_tools, of_servers) =
        (if tools == 1 { "tool" } else { "tools" }, if servers == 1 { "server" } else { "servers" });
    html! { p class="dim" { "Catalogued and classified: " (tools) " " (of_tools) " of " (servers) " " (of_servers) "." } }
}
