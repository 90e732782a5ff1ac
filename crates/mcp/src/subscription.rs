//! What a client of the modern era listens for.

use std::borrow::Cow;

use crate::json;
use crate::modern::SUBSCRIPTION_ID;
use crate::object::{EditError, object_in, once, quoted, with};

/// A list that changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// The tools.
    Tools,
    /// The prompts.
    Prompts,
    /// The resources.
    Resources,
}

impl Change {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Tools, Self::Prompts, Self::Resources];

    const fn method(self) -> &'static str {
        match self {
            Self::Tools => "notifications/tools/list_changed",
            Self::Prompts => "notifications/prompts/list_changed",
            Self::Resources => "notifications/resources/list_changed",
        }
    }

    /// The change that a message tells of; `None` for every other message.
    #[must_use]
    pub fn of(message: &[u8]) -> Option<Self> {
        let method = once(json::check(message).ok()?, "method").ok()?.and_then(json::string)?;
        Self::ALL.into_iter().find(|change| change.method() == method)
    }

    /// The notification of it; on a subscription, with the raw id of the request that opened it.
    #[must_use]
    pub fn notification(self, subscription: Option<&str>) -> Vec<u8> {
        let params = subscription.map(|id| format!(r#","params":{{"_meta":{{"{SUBSCRIPTION_ID}":{id}}}}}"#));
        let params = params.unwrap_or_default();
        format!(r#"{{"jsonrpc":"2.0","method":"{}"{params}}}"#, self.method()).into_bytes()
    }
}

/// What a client wants to be told of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// That the list of tools changed.
    pub tools: bool,
    /// That the list of prompts changed.
    pub prompts: bool,
    /// That the list of resources changed.
    pub resources: bool,
    /// That one of these resources changed.
    pub uris: Vec<String>,
}

impl Filter {
    /// Reads the `notifications` of a request or an acknowledgement.
    ///
    /// # Errors
    /// [`EditError`] when it is not of that form.
    pub fn read(raw: &str) -> Result<Self, EditError> {
        let is_set = |name| once(raw, name).map(|value| value == Some("true"));
        let uris = once(raw, "resourceSubscriptions")?.filter(|raw| *raw != "null").unwrap_or("[]");
        if !json::is_array(uris) {
            return Err(EditError::Shape);
        }
        let uris = json::elements(uris).map(|uri| json::string(uri).map(Cow::into_owned).ok_or(EditError::Shape));
        Ok(Self {
            tools: is_set("toolsListChanged")?,
            prompts: is_set("promptsListChanged")?,
            resources: is_set("resourcesListChanged")?,
            uris: uris.collect::<Result<_, _>>()?,
        })
    }

    /// The same without some of the resources.
    #[must_use]
    pub fn without_resources(mut self, mut is_refused: impl FnMut(&str) -> bool) -> Self {
        self.uris.retain(|uri| !is_refused(uri));
        self
    }

    /// Whether a change is among what is wanted.
    #[must_use]
    pub const fn wants(&self, change: Change) -> bool {
        match change {
            Change::Tools => self.tools,
            Change::Prompts => self.prompts,
            Change::Resources => self.resources,
        }
    }

    /// The first message of a subscription: what of it is granted. `id` is the raw id of the request that opened it.
    #[must_use]
    pub fn acknowledged(&self, id: &str) -> Vec<u8> {
        format!(
            r#"{{"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{{"notifications":{},"_meta":{{"{SUBSCRIPTION_ID}":{id}}}}}}}"#,
            self.to_json()
        )
        .into_bytes()
    }

    /// The filter as it is written.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut members = Vec::new();
        let kinds = [
            ("toolsListChanged", self.tools),
            ("promptsListChanged", self.prompts),
            ("resourcesListChanged", self.resources),
        ];
        for (name, _) in kinds.into_iter().filter(|(_, is_set)| *is_set) {
            members.push(format!("\"{name}\":true"));
        }
        if !self.uris.is_empty() {
            let uris: Vec<String> = self.uris.iter().map(|uri| quoted(uri)).collect();
            members.push(format!("\"resourceSubscriptions\":[{}]", uris.join(",")));
        }
        format!("{{{}}}", members.join(","))
    }
}

/// A request to listen with another filter.
///
/// # Errors
/// [`EditError`]; the request must then not be sent.
pub fn with_filter(body: &[u8], filter: &Filter) -> Result<Vec<u8>, EditError> {
    let text = json::check(body)?;
    let params = with(object_in(text, "params")?, &[("notifications", Some(filter.to_json().into()))])?;
    with(text, &[("params", Some(params.into()))]).map(String::into_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filter_is_read_and_written() {
        let raw = r#"{"toolsListChanged":true,"promptsListChanged":false,"resourceSubscriptions":["a:\u0062","c:"]}"#;
        let filter = Filter::read(raw).unwrap();
        assert_eq!(filter, Filter { tools: true, uris: vec!["a:b".into(), "c:".into()], ..Filter::default() });
        let fewer = filter.without_resources(|uri| uri == "c:");
        assert_eq!(fewer.to_json(), r#"{"toolsListChanged":true,"resourceSubscriptions":["a:b"]}"#);
        let body = br#"{"id":1,"params":{"notifications":{},"x":1}}"#;
        let out = String::from_utf8(with_filter(body, &fewer).unwrap()).unwrap();
        assert!(
            out.starts_with(r#"{"id":1,"params":{"notifications":{"toolsL"#) && out.ends_with(r#""x":1}}"#),
            "{out}"
        );
    }

    #[test]
    fn changes_are_told_with_the_subscription_they_belong_to() {
        for change in Change::ALL {
            assert_eq!(Change::of(&change.notification(None)), Some(change));
            assert_eq!(Change::of(&change.notification(Some("\"l\""))), Some(change));
        }
        assert_eq!(Change::of(br#"{"method":"notifications/message"}"#), None);
        let ack = Filter { tools: true, ..Filter::default() }.acknowledged("7");
        let ack: serde_json::Value = serde_json::from_slice(&ack).unwrap();
        assert_eq!(ack["params"]["notifications"], serde_json::json!({"toolsListChanged": true}));
        assert_eq!(ack["params"]["_meta"][SUBSCRIPTION_ID], 7);
    }

    #[test]
    fn filter_of_another_form_is_refused() {
        for raw in
            [r#"{"resourceSubscriptions":{}}"#, r#"{"resourceSubscriptions":[1]}"#, r#"{"toolslistchanged":true}"#]
        {
            assert!(Filter::read(raw).is_err(), "{raw}");
        }
    }
}
