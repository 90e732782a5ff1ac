//! The methods of the protocol, and what kind of thing each is to a gateway.

use crate::lists::ListKind;

/// What a method is to a gateway: which rules are asked about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    /// Runs a tool.
    ToolCall,
    /// Asks for one of the lists that policy filters.
    List(ListKind),
    /// Reads a resource or follows its changes.
    Resource,
    /// Fetches a prompt.
    Prompt,
    /// Asks for values to complete an argument of a prompt or a resource template.
    Completion,
    /// Chooses which log messages arrive.
    Logging,
    /// Begins a session or keeps it alive.
    Lifecycle,
    /// Asks what the server is, without a session.
    Discovery,
    /// Opens a stream of change notifications.
    Subscription,
    /// Concerns a long-running task.
    Task,
    /// Tells something and expects no answer.
    Notification,
    /// A method that this crate does not know.
    Unknown,
}

macro_rules! methods {
    ($($variant:ident = $text:literal, $family:expr;)*) => {
        /// A method that a client may send. Closed on purpose: what is not in the table is [`Method::Unknown`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Method {
            $(#[doc = concat!("`", $text, "`")] $variant,)*
            /// Any other method.
            Unknown,
        }

        impl Method {
            /// The method that a message names.
            #[must_use]
            pub fn parse(name: &str) -> Self {
                match name {
                    $($text => Self::$variant,)*
                    _ => Self::Unknown,
                }
            }

            /// The name on the wire; `None` for [`Method::Unknown`].
            #[must_use]
            pub fn as_str(self) -> Option<&'static str> {
                match self {
                    $(Self::$variant => Some($text),)*
                    Self::Unknown => None,
                }
            }

            /// What kind of thing the method is.
            #[must_use]
            pub fn family(self) -> Family {
                match self {
                    $(Self::$variant => $family,)*
                    Self::Unknown => Family::Unknown,
                }
            }
        }

        #[cfg(test)]
        const ALL: &[Method] = &[$(Method::$variant),*];
    };
}

methods! {
    Initialize = "initialize", Family::Lifecycle;
    Ping = "ping", Family::Lifecycle;
    Discover = "server/discover", Family::Discovery;
    Listen = "subscriptions/listen", Family::Subscription;
    ToolsList = "tools/list", Family::List(ListKind::Tools);
    ToolsCall = "tools/call", Family::ToolCall;
    ResourcesList = "resources/list", Family::List(ListKind::Resources);
    ResourceTemplatesList = "resources/templates/list", Family::List(ListKind::ResourceTemplates);
    ResourcesRead = "resources/read", Family::Resource;
    ResourcesSubscribe = "resources/subscribe", Family::Resource;
    ResourcesUnsubscribe = "resources/unsubscribe", Family::Resource;
    PromptsList = "prompts/list", Family::List(ListKind::Prompts);
    PromptsGet = "prompts/get", Family::Prompt;
    Complete = "completion/complete", Family::Completion;
    SetLevel = "logging/setLevel", Family::Logging;
    TasksGet = "tasks/get", Family::Task;
    TasksResult = "tasks/result", Family::Task;
    TasksList = "tasks/list", Family::Task;
    TasksUpdate = "tasks/update", Family::Task;
    TasksCancel = "tasks/cancel", Family::Task;
    Initialized = "notifications/initialized", Family::Notification;
    Cancelled = "notifications/cancelled", Family::Notification;
    Progress = "notifications/progress", Family::Notification;
    RootsListChanged = "notifications/roots/list_changed", Family::Notification;
}

impl Method {
    /// The list that the method asks for.
    #[must_use]
    pub fn list(self) -> Option<ListKind> {
        match self.family() {
            Family::List(kind) => Some(kind),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_of_every_name_gives_its_method_back() {
        for &method in ALL {
            assert_eq!(Method::parse(method.as_str().unwrap()), method);
        }
    }

    #[test]
    fn parse_of_other_spellings_is_unknown() {
        for name in ["", "Tools/call", "tools/call ", "tools//call", "rpc.discover"] {
            assert_eq!(Method::parse(name), Method::Unknown);
        }
    }

    #[test]
    fn list_kinds_name_the_method_that_asks_for_them() {
        for kind in ListKind::ALL {
            assert_eq!(kind.method().list(), Some(kind));
        }
    }
}
