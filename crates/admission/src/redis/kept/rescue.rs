//! Writing to the log what Redis may have lost.

use std::sync::atomic::Ordering;

use ostiary_storage::{LogBatch, StorageError};
use tokio::time::timeout;

use crate::redis::kept::part::{Entry, Written};
use crate::redis::kept::{Kept, LAST};
use crate::redis::record::{Record, read_record};

/// Records in one transaction.
const BATCH: usize = 500;

/// How often a record that the log refuses is tried.
const ATTEMPTS: u32 = 5;

/// Writes what all shards may have lost, as far as the log takes it; the rest is tried again the next time.
pub(super) async fn rescue(kept: &Kept) {
    for shard in kept.epochs.keys.shards() {
        let Some(orphans) = kept.part(shard).map(|mut part| std::mem::take(&mut part.orphans)) else { continue };
        let mut left = Vec::new();
        let (mut written, mut orphans) = (0, orphans.into_iter().peekable());
        let mut is_away = false;
        while orphans.peek().is_some() {
            let batch: Vec<Entry> = orphans.by_ref().take(BATCH).collect();
            if is_away {
                left.extend(batch);
                continue;
            }
            match write(kept, &batch).await {
                Ok(()) => {
                    written += batch.len();
                    free(kept, &batch);
                }
                Err(Refused::Away) => {
                    is_away = true;
                    left.extend(batch);
                }
                Err(Refused::Record) => left.extend(one_by_one(kept, batch, &mut written).await),
            }
        }
        if written > 0 {
            tracing::info!(
                shard = shard.number(),
                records = written,
                "records that Redis may have lost are in the log"
            );
        }
        if let Some(mut part) = kept.part(shard) {
            // In front of what has come meanwhile.
            left.append(&mut part.orphans);
            part.orphans = left;
        }
    }
}

/// Why nothing was written.
enum Refused {
    /// The log does not take anything.
    Away,
    /// It does not take one of these.
    Record,
}

async fn one_by_one(kept: &Kept, batch: Vec<Entry>, written: &mut usize) -> Vec<Entry> {
    let mut left = Vec::new();
    for mut entry in batch {
        match write(kept, std::slice::from_ref(&entry)).await {
            Ok(()) => {
                *written += 1;
                free(kept, std::slice::from_ref(&entry));
            }
            Err(Refused::Record) => {
                entry.refused += 1;
                if entry.refused < ATTEMPTS {
                    left.push(entry);
                } else {
                    tracing::error!("the log refuses a record of a call that Redis may have lost");
                    free(kept, std::slice::from_ref(&entry));
                }
            }
            Err(Refused::Away) => left.push(entry),
        }
    }
    left
}

fn free(kept: &Kept, entries: &[Entry]) {
    kept.bytes.fetch_sub(entries.iter().map(|entry| entry.bytes).sum(), Ordering::Relaxed);
}

async fn write(kept: &Kept, entries: &[Entry]) -> Result<(), Refused> {
    let mut batch = LogBatch::default();
    for entry in entries {
        match &entry.written {
            Written::Decision(record, refused) => {
                let refused = refused.as_ref().map(|(findings, plan)| (findings.as_str(), plan.as_str()));
                // Written by this very process.
                let decision = read_record(Record { decision: record, refused }).map_err(|_| Refused::Record)?;
                batch.decisions.push(decision);
            }
            Written::Ending(one) => batch.endings.push((one.account, one.id, one.ending.clone())),
        }
    }
    match timeout(LAST, kept.log.commit(&batch)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(StorageError::Unavailable(_))) | Err(_) => Err(Refused::Away),
        Ok(Err(error)) => {
            tracing::error!(error = &error as &dyn std::error::Error, "the log refuses records of calls");
            Err(Refused::Record)
        }
    }
}
