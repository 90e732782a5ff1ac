//! Parameters that ask for what a tool has no use for.

use serde_json::Value;

use super::{Finding, FindingCode, FindingSeverity};
use crate::Definition;
use crate::text::{name_words, text_words};

/// What is asked for, and words of a purpose that needs it.
struct Secret {
    what: &'static str,
    phrases: &'static [&'static [&'static str]],
    purposes: &'static [&'static str],
}

const SECRETS: [Secret; 4] = [
    Secret {
        what: "the conversation",
        phrases: &[
            &["conversation", "history"],
            &["chat", "history"],
            &["full", "conversation"],
            &["entire", "conversation"],
            &["previous", "messages"],
            &["earlier", "messages"],
            &["historial", "de", "la", "conversacion"],
            &["historico", "da", "conversa"],
        ],
        purposes: &[
            "chat",
            "conversation",
            "message",
            "messages",
            "thread",
            "channel",
            "inbox",
            "conversacion",
            "conversa",
            "prompt",
            "session",
            "memory",
        ],
    },
    Secret {
        what: "the model's instructions",
        phrases: &[&["system", "prompt"], &["your", "instructions"], &["your", "reasoning"]],
        purposes: &[
            "prompt",
            "prompts",
            "llm",
            "completion",
            "model",
            "agent",
            "assistant",
            "chat",
            "think",
            "thinking",
            "thought",
            "reasoning",
        ],
    },
    Secret {
        what: "private keys",
        phrases: &[&["private", "key"], &["ssh", "key"], &["id", "rsa"], &["ssh", "keys"], &["seed", "phrase"]],
        purposes: &[
            "ssh",
            "key",
            "keys",
            "sign",
            "wallet",
            "deploy",
            "git",
            "connect",
            "server",
            "certificate",
            "tls",
            "ssl",
            "jwt",
            "token",
            "encrypt",
            "decrypt",
            "import",
            "auth",
            "account",
            "chain",
            "transaction",
            "droplet",
            "vm",
            "instance",
            "machine",
            "host",
            "sftp",
        ],
    },
    Secret {
        what: "the environment or its files",
        phrases: &[
            &["your", "environment", "variables"],
            &["all", "environment", "variables"],
            &["contents", "of", "env"],
            &["etc", "passwd"],
            &["home", "directory", "contents"],
        ],
        purposes: &["env", "environment", "deploy", "container", "process", "shell", "run", "service", "config"],
    },
];

/// Parameters that ask for something the tool's name and text do not speak of.
pub(super) fn find(definition: &Definition<'_>) -> Vec<Finding> {
    let properties = definition.input_schema.and_then(|schema| schema.get("properties")).and_then(Value::as_object);
    let mut purpose = name_words(definition.name);
    purpose.extend(name_words(definition.server));
    purpose.extend(text_words(definition.description.unwrap_or_default()).into_iter().map(|word| word.text));
    let mut findings = Vec::new();
    for (name, schema) in properties.into_iter().flatten() {
        let text = schema.get("description").and_then(Value::as_str).unwrap_or_default();
        let of_text: Vec<String> = text_words(text).into_iter().map(|word| word.text).collect();
        let of_name = name_words(name);
        let asks = |secret: &&Secret| {
            let has = |words: &[String]| secret.phrases.iter().any(|phrase| stands_in(words, phrase));
            (has(&of_name) || has(&of_text)) && !purpose.iter().any(|word| secret.purposes.contains(&word.as_str()))
        };
        if let Some(secret) = SECRETS.iter().find(asks) {
            findings.push(Finding {
                code: FindingCode::UnrelatedRequest,
                severity: FindingSeverity::High,
                place: format!("inputSchema.properties.{}", name.chars().take(100).collect::<String>()),
                message: format!("It asks for {}, of which the tool's own text says nothing.", secret.what),
            });
        }
    }
    findings
}

fn stands_in(words: &[String], phrase: &[&str]) -> bool {
    words.windows(phrase.len()).any(|window| window.iter().map(String::as_str).eq(phrase.iter().copied()))
}
