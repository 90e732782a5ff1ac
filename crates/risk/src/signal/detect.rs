//! Which signals a definition gives.

use super::Signal;
use crate::Definition;
use crate::lexicon::{self, Act};
use crate::schema::Parameters;
use crate::text::name_words;

/// More parameters than this are many.
const PARAMETERS_MANY: usize = 10;

/// The signals of a definition, in the order of [`Signal::ALL`].
pub(crate) fn detect(definition: &Definition<'_>, name: &[String], parameters: &Parameters<'_>) -> Vec<Signal> {
    let parameter_words: Vec<Vec<String>> = parameters.names().map(name_words).collect();
    let takes = |words: &[&str]| parameter_words.iter().flatten().any(|word| words.contains(&word.as_str()));
    let named = |words: &[&str]| name.iter().any(|word| words.contains(&word.as_str()));
    let has_format = |wanted: &str| {
        parameters.iter().any(|(_, schema)| schema.get("format").and_then(serde_json::Value::as_str) == Some(wanted))
    };
    let describes = |phrase: &str| definition.description.is_some_and(|text| text.to_lowercase().contains(phrase));
    let gives = |signal: &Signal| match signal {
        Signal::FreeFormCode => {
            parameters.code().is_some()
                || (takes(&["query", "statement"]) && (named(&["sql", "cypher", "graphql"]) || describes("sql")))
        }
        Signal::TakesUrl => takes(&["url", "urls", "uri", "endpoint", "href", "webhook"]) || has_format("uri"),
        Signal::TakesPath => {
            takes(&["path", "paths", "filepath", "filename", "directory", "dir", "folder", "caminho", "ruta"])
        }
        Signal::Credentials => {
            const WORDS: &[&str] = &[
                "password",
                "secret",
                "secrets",
                "token",
                "tokens",
                "credential",
                "credentials",
                "apikey",
                "senha",
                "contrasena",
                "pin",
                "cvv",
                "otp",
            ];
            takes(WORDS) || named(WORDS) || parameter_words.iter().any(|words| is_key(words)) || is_key(name)
        }
        Signal::BulkOperation => {
            named(&["bulk", "batch", "all", "many", "multiple", "mass", "lote", "todos", "masivo"])
        }
        Signal::Administrative => {
            named(&[
                "user",
                "users",
                "role",
                "roles",
                "permission",
                "permissions",
                "admin",
                "policy",
                "policies",
                "grant",
                "grants",
                "org",
                "organization",
                "member",
                "members",
                "settings",
                "config",
                "usuario",
                "usuarios",
                "permissao",
                "permiso",
            ]) && !reads(name)
        }
        Signal::MovesDataOutward => {
            named(&[
                "send",
                "post",
                "upload",
                "share",
                "publish",
                "email",
                "export",
                "forward",
                "push",
                "webhook",
                "enviar",
                "publicar",
                "compartilhar",
                "compartir",
                "subir",
                "exportar",
            ]) && !reads(name)
        }
        Signal::ManyParameters => parameters.len() > PARAMETERS_MANY,
    };
    Signal::ALL.into_iter().filter(|signal| gives(signal)).collect()
}

/// An API key, an access key, a private key; not the key of a sort.
fn is_key(words: &[String]) -> bool {
    words.windows(2).any(|pair| {
        matches!(pair, [first, second] if second == "key" && matches!(first.as_str(), "api" | "access" | "private" | "secret" | "encryption"))
    })
}

fn reads(name: &[String]) -> bool {
    name.first().and_then(|word| lexicon::verb(word)).is_some_and(|verb| verb.is_strict && verb.act == Act::Read)
}
