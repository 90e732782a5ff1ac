//! What is told of changed lists on an open stream.

use bytes::Bytes;
use ostiary_mcp::ListKind;
use ostiary_mcp::envelope::RequestIdBuf;
use ostiary_mcp::modern::SUBSCRIPTION_ID;
use ostiary_mcp::sse;
use ostiary_mcp::subscription::Filter;

/// How changes are told on one stream.
#[derive(Clone, Debug)]
pub(crate) enum Notices {
    /// None: somebody else tells.
    Silent,
    /// All of them: the stream of a session.
    Session,
    /// Those that were asked for, each with the id of the request that asked.
    Subscription { id: RequestIdBuf, wanted: Filter },
}

impl Notices {
    /// The events for lists that changed; none when the client does not want to know.
    pub(crate) fn events(&self, changed: &[ListKind]) -> Option<Bytes> {
        let mut out = Vec::new();
        for method in changed.iter().filter(|kind| self.wants(**kind)).filter_map(|kind| method(*kind)) {
            let params = match self {
                Self::Silent | Self::Session => String::new(),
                Self::Subscription { id, .. } => format!(r#","params":{}"#, stamped(id, "")),
            };
            let message = format!(r#"{{"jsonrpc":"2.0","method":"{method}"{params}}}"#);
            sse::write_event(&mut out, None, Some("message"), message.as_bytes());
        }
        Some(Bytes::from(out)).filter(|events| !events.is_empty())
    }

    const fn wants(&self, kind: ListKind) -> bool {
        match self {
            Self::Silent => false,
            Self::Session => true,
            Self::Subscription { wanted, .. } => match kind {
                ListKind::Tools => wanted.tools,
                ListKind::Prompts => wanted.prompts,
                ListKind::Resources | ListKind::ResourceTemplates => wanted.resources,
            },
        }
    }
}

/// The first event of a subscription: what of it is granted.
pub(crate) fn acknowledged(id: &RequestIdBuf, granted: &Filter) -> Bytes {
    let params = stamped(id, &format!(r#","notifications":{}"#, granted.to_json()));
    let message =
        format!(r#"{{"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{params}}}"#);
    let mut out = Vec::new();
    sse::write_event(&mut out, None, Some("message"), message.as_bytes());
    out.into()
}

/// Params that name the subscription.
fn stamped(id: &RequestIdBuf, more: &str) -> String {
    format!(r#"{{"_meta":{{"{SUBSCRIPTION_ID}":{}}}{more}}}"#, id.as_ref().as_raw())
}

const fn method(kind: ListKind) -> Option<&'static str> {
    match kind {
        ListKind::Tools => Some("notifications/tools/list_changed"),
        ListKind::Prompts => Some("notifications/prompts/list_changed"),
        ListKind::Resources => Some("notifications/resources/list_changed"),
        // Told together with resources.
        ListKind::ResourceTemplates => None,
    }
}

#[cfg(test)]
mod tests {
    use ostiary_mcp::Envelope;

    use super::*;

    fn id() -> RequestIdBuf {
        let body = br#"{"jsonrpc":"2.0","id":"l","method":"subscriptions/listen"}"#;
        Envelope::parse(body).expect("message").id().expect("id").to_owned()
    }

    #[test]
    fn notices_of_a_session_tell_every_change() {
        let events = Notices::Session.events(&[ListKind::Tools, ListKind::Prompts]).expect("events");
        let events = String::from_utf8(events.to_vec()).expect("text");
        assert!(events.contains(r#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#), "{events}");
        assert!(events.contains("notifications/prompts/list_changed"), "{events}");
        assert!(Notices::Session.events(&[]).is_none());
    }

    #[test]
    fn notices_of_a_subscription_tell_what_was_asked_for_with_its_id() {
        let wanted = Filter { tools: true, ..Filter::default() };
        let notices = Notices::Subscription { id: id(), wanted: wanted.clone() };
        assert!(notices.events(&[ListKind::Resources]).is_none());
        let events = notices.events(&[ListKind::Tools]).expect("events");
        let events = String::from_utf8(events.to_vec()).expect("text");
        assert!(events.contains(r#""params":{"_meta":{"io.modelcontextprotocol/subscriptionId":"l"}}"#), "{events}");
        let first = String::from_utf8(acknowledged(&id(), &wanted).to_vec()).expect("text");
        assert!(first.contains(r#""notifications":{"toolsListChanged":true}"#), "{first}");
    }
}
