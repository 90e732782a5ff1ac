//! What is kept of one shard.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::time::Instant;

use crate::redis::record::EndingRecord;

/// What an entry takes besides its texts, about.
const OVERHEAD: usize = 160;

/// Places for so many entries are kept though nothing is in them.
const FEW: usize = 1_024;

/// The id of an entry of a stream: the server's time in ms, and a number within it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RecordId {
    ms: u64,
    number: u64,
}

/// How what a shard holds began, as the scripts write it: the history, its first record's predecessor, the time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Beginning {
    /// Without what was found out later.
    text: String,
    history: String,
    ms: u64,
    /// It was found to be an old copy of the data.
    pub(super) is_old: bool,
}

/// What was appended.
#[derive(Clone, Debug)]
pub(in crate::redis) enum Written {
    /// A record as it was sent, and where the limits refused it, their findings and the plan they are of.
    Decision(String, Option<(String, String)>),
    /// How a call ended.
    Ending(EndingRecord),
}

#[derive(Debug)]
pub(super) struct Entry {
    history: Arc<str>,
    id: RecordId,
    pub(super) written: Written,
    pub(super) bytes: usize,
    /// How often the log refused it.
    pub(super) refused: u32,
}

/// What is kept of one shard.
#[derive(Debug, Default)]
pub(super) struct Part {
    begun: Option<Beginning>,
    /// The newest that was acknowledged since then.
    newest: RecordId,
    entries: VecDeque<Entry>,
    /// What may be lost, and is to be written by this process.
    pub(super) orphans: Vec<Entry>,
    pub(super) silent_since: Option<Instant>,
    history: Option<Arc<str>>,
}

impl RecordId {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (ms, number) = text.split_once('-')?;
        Some(Self { ms: ms.parse().ok()?, number: number.parse().ok()? })
    }
}

impl Beginning {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (begun, is_old) = text.strip_suffix(" old").map_or((text, false), |begun| (begun, true));
        let mut words = begun.split(' ');
        let (history, _last, ms) = (words.next()?, words.next()?, words.next()?.parse().ok()?);
        Some(Self { text: begun.to_owned(), history: history.to_owned(), ms, is_old })
    }

    /// Whether a record was appended since.
    fn has(&self, entry: &Entry) -> bool {
        *entry.history == *self.history && entry.id.ms > self.ms
    }
}

impl Part {
    /// Keeps one; answers how many bytes more that are.
    pub(super) fn push(&mut self, history: &str, id: RecordId, written: Written) -> usize {
        let history = match &self.history {
            Some(known) if **known == *history => Arc::clone(known),
            _ => Arc::clone(self.history.insert(history.into())),
        };
        let texts = match &written {
            Written::Decision(record, None) => record.capacity(),
            Written::Decision(record, Some((findings, plan))) => record.capacity() + findings.len() + plan.capacity(),
            Written::Ending(_) => 0,
        };
        let entry = Entry { history, id, written, bytes: texts + OVERHEAD, refused: 0 };
        let bytes = entry.bytes;
        if self.begun.as_ref().is_none_or(|begun| begun.has(&entry)) {
            self.newest = self.newest.max(id);
        }
        self.entries.push_back(entry);
        bytes
    }

    pub(super) fn is_news(&self, beginning: &str) -> bool {
        Beginning::parse(beginning)
            .is_some_and(|begun| self.begun.as_ref().is_none_or(|known| known.text != begun.text))
    }

    /// Whether there is anything to look for.
    pub(super) fn is_used(&self) -> bool {
        self.begun.is_some() || !self.entries.is_empty()
    }

    /// How what this process knows began, and the newest record of it, as the script takes them.
    pub(super) fn seen(&self) -> (String, String) {
        let begun = self.begun.as_ref().map(|begun| begun.text.clone()).unwrap_or_default();
        (begun, format!("{}-{}", self.newest.ms, self.newest.number))
    }

    /// Takes in what a shard says: how what it holds began, the first record that waits and the last that there ever was.
    /// Answers whether it began anew, and how many bytes are kept no longer.
    pub(super) fn heard(&mut self, begun: Beginning, first: Option<RecordId>, last: RecordId) -> (bool, usize) {
        let is_other = self.begun.as_ref().is_some_and(|known| known.text != begun.text);
        let mut freed = 0;
        self.newest = if is_other { RecordId::default() } else { self.newest };
        // Once around, in place: there may be very many.
        for _ in 0..self.entries.len() {
            let Some(entry) = self.entries.pop_front() else { break };
            if !begun.has(&entry) {
                self.orphans.push(entry);
            } else if first.map_or(entry.id <= last, |first| entry.id < first) {
                self.newest = self.newest.max(entry.id);
                freed += entry.bytes;
            } else {
                self.newest = self.newest.max(entry.id);
                self.entries.push_back(entry);
            }
        }
        if self.entries.capacity() > FEW.max(self.entries.len() * 4) {
            self.entries.shrink_to(self.entries.len() * 2);
        }
        self.begun = Some(begun);
        (is_other, freed)
    }

    /// Counts everything as lost; answers how many records that are.
    pub(super) fn give_up(&mut self) -> usize {
        let records = self.entries.len();
        self.orphans.extend(self.entries.drain(..));
        records
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> RecordId {
        RecordId::parse(text).expect("an id")
    }

    fn begun(text: &str) -> Beginning {
        Beginning::parse(text).expect("a beginning")
    }

    fn part(history: &str, ids: &[&str]) -> Part {
        let mut part = Part::default();
        for one in ids {
            part.push(history, id(one), Written::Decision(String::new(), None));
        }
        part
    }

    #[test]
    fn record_is_kept_until_it_is_moved() {
        let mut part = part("aa", &["11-0", "12-0", "12-1"]);
        assert_eq!(part.heard(begun("aa 0-0 10"), Some(id("11-0")), id("12-1")), (false, 0));
        assert_eq!(part.heard(begun("aa 0-0 10"), Some(id("12-1")), id("12-1")), (false, 2 * OVERHEAD));
        assert_eq!(part.entries.len(), 1);
        assert_eq!(part.heard(begun("aa 0-0 10"), None, id("12-0")), (false, 0), "it came after the answer");
        assert_eq!(part.heard(begun("aa 0-0 10"), None, id("12-1")), (false, OVERHEAD));
        assert!(part.orphans.is_empty());
        assert_eq!(part.seen(), ("aa 0-0 10".to_owned(), "12-1".to_owned()));
    }

    #[test]
    fn record_of_another_history_may_be_lost() {
        let mut part = part("aa", &["11-0"]);
        part.heard(begun("aa 0-0 10"), Some(id("11-0")), id("11-0"));
        part.push("bb", id("21-0"), Written::Decision(String::new(), None));
        assert_eq!(
            part.seen().1,
            "11-0",
            "what comes after a beginning that is not known yet says nothing of the old one"
        );
        assert!(part.is_news("bb 11-0 20") && part.is_news("bb 11-0 20 old") && !part.is_news("aa 0-0 10"));
        assert_eq!(part.heard(begun("bb 11-0 20 old"), Some(id("21-0")), id("21-0")), (true, 0));
        assert_eq!((part.orphans.len(), part.entries.len()), (1, 1));
        assert!(!part.is_news("bb 11-0 20"), "that it is old is found out later");
        assert_eq!(part.seen(), ("bb 11-0 20".to_owned(), "21-0".to_owned()));
    }

    #[test]
    fn record_before_the_data_was_removed_may_be_lost() {
        let mut part = part("aa", &["11-0"]);
        part.heard(begun("aa 0-0 10"), Some(id("11-0")), id("11-0"));
        part.push("aa", id("16-0"), Written::Decision(String::new(), None));
        assert_eq!(part.heard(begun("aa 0-0 15"), Some(id("16-0")), id("16-0")), (true, 0));
        assert_eq!((part.orphans.len(), part.entries.len()), (1, 1));
    }
}
