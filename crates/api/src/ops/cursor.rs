//! Cursors: the key of the last item of a page, as text that callers do not look into.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ostiary_model::{ApiKeyId, DecisionId, GrantId, InvitationId, PolicyId, ServerId, SessionId, ToolChangeId, UserId};

use crate::dto::page::Page;

/// A key that pages begin after.
pub trait CursorKey: Sized {
    /// The cursor.
    fn to_cursor(&self) -> String;
    /// The key of a cursor; `None` for a text that is no cursor of this list.
    fn from_cursor(cursor: &str) -> Option<Self>;
}

macro_rules! by_text {
    ($($type:ty),+) => {
        $(
            impl CursorKey for $type {
                fn to_cursor(&self) -> String {
                    URL_SAFE_NO_PAD.encode(self.to_string())
                }

                fn from_cursor(cursor: &str) -> Option<Self> {
                    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
                    String::from_utf8(bytes).ok()?.parse().ok()
                }
            }
        )+
    };
}

by_text!(ApiKeyId, DecisionId, GrantId, InvitationId, PolicyId, ServerId, SessionId, ToolChangeId, String, UserId, i64);

/// A page for the wire; `key` is what the list is ordered by.
pub fn page<T, U, K: CursorKey>(
    page: ostiary_storage::Page<T>,
    key: impl Fn(&T) -> K,
    into: impl FnMut(T) -> U,
) -> Page<U> {
    let next_cursor = page.items.last().filter(|_| page.has_more).map(|item| key(item).to_cursor());
    Page { items: page.items.into_iter().map(into).collect(), next_cursor }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursor_made_of_a_key_gives_it_back() {
        let id = GrantId::generate();
        assert_eq!(GrantId::from_cursor(&id.to_cursor()), Some(id));
        assert_eq!(String::from_cursor(&"a/ü b".to_owned().to_cursor()).as_deref(), Some("a/ü b"));
        assert_eq!(i64::from_cursor(&7.to_cursor()), Some(7));
    }

    #[test]
    fn cursor_of_another_list_is_none() {
        assert_eq!(GrantId::from_cursor(&ServerId::generate().to_cursor()), None);
        assert_eq!(i64::from_cursor("not base64!"), None);
    }
}
