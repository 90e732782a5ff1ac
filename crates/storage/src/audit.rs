//! The chain of audit events: how its hashes are made, and whether they hold.

use ostiary_model::{AccountId, AuditEntry, AuditEvent, AuditHead};
use sha2::{Digest as _, Sha256};

use crate::{ReadAuditEvents, StorageError};

/// Events that are read at once while a chain is checked.
const BATCH: u32 = 500;

/// What the hashed bytes begin with; another form of them gets another one.
const DOMAIN: &[u8] = b"ostiary audit event v1";

/// Puts an entry at the end of a chain. Times are kept to the millisecond.
#[must_use]
pub fn chain(head: &AuditHead, mut entry: AuditEntry) -> AuditEvent {
    let ms = entry.time.timestamp_millis();
    entry.time = chrono::DateTime::from_timestamp_millis(ms).unwrap_or(entry.time);
    let number = head.number.saturating_add(1);
    let hash = hash(&head.hash, number, &entry);
    AuditEvent { number, entry, previous_hash: head.hash, hash }
}

/// SHA-256 of an event: a fixed text, the hash of the event before, the number, the time in milliseconds, then each
/// member as its length and its bytes. Numbers have eight bytes, the highest first; a member that is not there has a
/// length of all ones.
fn hash(previous: &[u8; 32], number: i64, entry: &AuditEntry) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(DOMAIN);
    hasher.update(previous);
    hasher.update(number.to_be_bytes());
    hasher.update(entry.time.timestamp_millis().to_be_bytes());
    let (account_id, id) = (entry.account_id.to_string(), entry.id.to_string());
    let members = [
        Some(account_id.as_str()),
        Some(id.as_str()),
        Some(entry.actor.kind.as_str()),
        entry.actor.id.as_deref(),
        Some(entry.actor.name.as_str()),
        Some(entry.action.as_str()),
        Some(entry.object.kind.as_str()),
        Some(entry.object.id.as_str()),
        entry.before.as_deref(),
        entry.after.as_deref(),
    ];
    for member in members {
        match member {
            Some(text) => {
                hasher.update(u64::try_from(text.len()).unwrap_or(u64::MAX - 1).to_be_bytes());
                hasher.update(text.as_bytes());
            }
            None => hasher.update(u64::MAX.to_be_bytes()),
        }
    }
    hasher.finalize().into()
}

/// What is wrong with a chain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// An event is not what was written.
    #[error("event {number} was altered")]
    Altered {
        /// Its number.
        number: i64,
    },
    /// An event is not there.
    #[error("event {number} was removed")]
    Removed {
        /// Its number.
        number: i64,
    },
    /// The newest event is not the one that the account's head names.
    #[error("event {number} is not the one that the head names")]
    Head {
        /// Its number.
        number: i64,
    },
    /// The event that was noted elsewhere is another one here.
    #[error("event {number} is not the one with the noted hash")]
    Anchor {
        /// Its number.
        number: i64,
    },
}

/// Why a chain could not be said to hold.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// It does not.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// It could not be read.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Checks every event of an account up to its head, and answers the head. Events that are written meanwhile are not
/// looked at. `anchor` is the number and the hash of an event as they were noted elsewhere: whoever can write to the
/// database can make a new chain, but not one with that hash.
///
/// # Errors
///
/// The first event that is not what was written.
pub async fn verify<S: ReadAuditEvents + ?Sized>(
    store: &S,
    account_id: AccountId,
    anchor: Option<(i64, [u8; 32])>,
) -> Result<AuditHead, VerifyError> {
    let head = store.get_audit_head(account_id).await?;
    let mut reached = AuditHead::start(account_id);
    while reached.number < head.number {
        let events = store.list_audit_chain(account_id, reached.number, BATCH).await?;
        if events.is_empty() {
            return Err(ChainError::Removed { number: reached.number + 1 }.into());
        }
        for event in events.into_iter().filter(|event| event.number <= head.number) {
            reached = follow(&reached, &event)?;
            if anchor.is_some_and(|(number, hash)| number == event.number && hash != event.hash) {
                return Err(ChainError::Anchor { number: event.number }.into());
            }
        }
    }
    if reached.hash != head.hash {
        return Err(ChainError::Head { number: head.number }.into());
    }
    // Events behind the head are of later transactions, unless there is no head at all.
    if head.number == 0 && !store.list_audit_chain(account_id, 0, 1).await?.is_empty() {
        return verify_again(store, account_id).await;
    }
    match anchor {
        Some((number, _)) if number > head.number => Err(ChainError::Removed { number }.into()),
        _ => Ok(head),
    }
}

/// Whether an account got its first event just now, or lost its head.
async fn verify_again<S: ReadAuditEvents + ?Sized>(store: &S, account_id: AccountId) -> Result<AuditHead, VerifyError> {
    let head = store.get_audit_head(account_id).await?;
    if head.number == 0 { Err(ChainError::Head { number: 0 }.into()) } else { Ok(head) }
}

fn follow(reached: &AuditHead, event: &AuditEvent) -> Result<AuditHead, ChainError> {
    let number = reached.number + 1;
    if event.number != number {
        return Err(ChainError::Removed { number });
    }
    let is_sound = event.previous_hash == reached.hash
        && event.hash == hash(&event.previous_hash, event.number, &event.entry)
        && event.entry.account_id == reached.account_id;
    if is_sound { Ok(AuditHead { number, hash: event.hash, ..*reached }) } else { Err(ChainError::Altered { number }) }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use ostiary_model::{AuditAction, AuditActor};

    use super::*;

    fn entry(account_id: AccountId) -> AuditEntry {
        let time = DateTime::<Utc>::from_timestamp(1_772_000_000, 123_456_789).expect("a time");
        let actor = AuditActor::system("test");
        AuditEntry::new(account_id, time, actor, AuditAction::AccountUpdated, account_id)
    }

    #[test]
    fn event_followed_by_the_one_after_it_is_sound() {
        let start = AuditHead::start(AccountId::generate());
        let first = chain(&start, entry(start.account_id));
        let head = follow(&start, &first).expect("sound");
        let second = chain(&head, entry(start.account_id));
        assert_eq!((second.number, second.previous_hash), (2, first.hash));
        assert!(follow(&head, &second).is_ok());
        assert_eq!(follow(&start, &second), Err(ChainError::Removed { number: 1 }));
    }

    #[test]
    fn event_with_any_member_altered_is_found() {
        let start = AuditHead::start(AccountId::generate());
        let event = chain(&start, entry(start.account_id));
        let alterations: [fn(&mut AuditEvent); 7] = [
            |event| event.entry.time += chrono::TimeDelta::milliseconds(1),
            |event| event.entry.actor.name.push('x'),
            |event| event.entry.actor.id = Some(String::new()),
            |event| event.entry.action = AuditAction::AccountCreated,
            |event| event.entry.object.id.push('x'),
            |event| event.entry.before = Some(String::new()),
            |event| event.previous_hash = [1; 32],
        ];
        for alter in alterations {
            let mut altered = event.clone();
            alter(&mut altered);
            assert_eq!(follow(&start, &altered), Err(ChainError::Altered { number: 1 }), "{altered:?}");
        }
    }

    #[test]
    fn members_moved_into_each_other_are_another_event() {
        let start = AuditHead::start(AccountId::generate());
        let mut one = entry(start.account_id);
        one.actor.name = "ab".to_owned();
        let mut other = one.clone();
        other.actor.name = "a".to_owned();
        other.actor.id = Some("b".to_owned());
        assert_ne!(chain(&start, one).hash, chain(&start, other).hash);
    }

    #[test]
    fn hash_of_an_event_vouches_for_all_before_it() {
        let start = AuditHead::start(AccountId::generate());
        let last = entry(start.account_id);
        let after = |name: &str| {
            let mut first = entry(start.account_id);
            first.actor.name = name.to_owned();
            let head = follow(&start, &chain(&start, first)).expect("sound");
            chain(&head, last.clone())
        };
        assert_ne!(after("one").hash, after("another").hash);
    }
}
