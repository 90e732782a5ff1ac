//! Reading inventories on a schedule, so that a change is seen even where no agent asks for lists.

use std::time::Duration;

use chrono::TimeDelta;
use ostiary_api::{ApiState, ops};
use ostiary_model::AuditActor;
use ostiary_storage::Unrecorded;

use crate::shutdown::Shutdown;

/// How often it is looked whether an inventory is due.
const LOOK_EVERY: Duration = Duration::from_secs(30);
/// Inventories that are read by one process between two looks.
const AT_ONCE: u32 = 20;

/// Reads every inventory once in `every`, until the shutdown. Of several processes, each reads some.
pub(crate) async fn read_inventories(state: ApiState, every: Duration, shutdown: Shutdown) {
    let Ok(every) = TimeDelta::from_std(every) else { return };
    loop {
        tokio::select! {
            () = shutdown.token.cancelled() => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
        tokio::select! {
            () = shutdown.token.cancelled() => return,
            read = read_due(&state, every) => if let Err(error) = read {
                tracing::warn!(%error, "inventories cannot be read on schedule");
            }
        }
    }
}

async fn read_due(state: &ApiState, every: TimeDelta) -> anyhow::Result<()> {
    let now = state.clock.now();
    let mut transaction = state.store.begin().await?;
    let due = transaction.take_servers_to_read(now - every, now, AT_ONCE).await?;
    transaction.commit(Unrecorded::Housekeeping.into()).await?;
    for (account_id, server_id) in due {
        // One that is deleted meanwhile needs no reading; one that cannot be read must not keep the others.
        let Some(server) = state.store.get_server(account_id, server_id).await? else { continue };
        let actor = AuditActor::system("schedule");
        if let Err(error) = ops::inventory::refresh(state, account_id, &server, actor).await {
            tracing::warn!(server.id = %server_id, %error, "an inventory could not be read on schedule");
        }
    }
    Ok(())
}
