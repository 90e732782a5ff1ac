//! How a list goes on from page to page.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::DiscoveryError;

/// Where a list is.
#[derive(Debug)]
pub(super) struct Cursor {
    next: Next,
    seen: HashSet<String>,
    pages_left: usize,
}

#[derive(Debug)]
enum Next {
    First,
    After(String),
    Done,
}

impl Cursor {
    pub(super) fn new(max_pages: usize) -> Self {
        Self { next: Next::First, seen: HashSet::new(), pages_left: max_pages }
    }

    /// The parameters of the next request; none after the last page.
    pub(super) fn next_params(&mut self) -> Result<Option<Value>, DiscoveryError> {
        let params = match &self.next {
            Next::First => json!({}),
            Next::After(cursor) => json!({"cursor": cursor}),
            Next::Done => return Ok(None),
        };
        let left = self.pages_left.checked_sub(1);
        self.pages_left = left.ok_or(DiscoveryError::Garbage { reason: "a list of it does not end" })?;
        Ok(Some(params))
    }

    /// Takes from a page where the list goes on. An empty text is a cursor, too; only none is the end.
    pub(super) fn take(&mut self, page: &Value) -> Result<(), DiscoveryError> {
        self.next = match page.get("nextCursor") {
            None | Some(Value::Null) => Next::Done,
            Some(Value::String(cursor)) => {
                if !self.seen.insert(cursor.clone()) {
                    return Err(DiscoveryError::Garbage { reason: "a list of it goes round in circles" });
                }
                Next::After(cursor.clone())
            }
            Some(_) => return Err(DiscoveryError::Garbage { reason: "a cursor of it is none" }),
        };
        Ok(())
    }
}
