//! Reading of settings one by one, so that all problems are found in one go.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use figment::Figment;
use figment::value::{Dict, Value};
use secrecy::SecretString;

use super::plans;
use super::setting::{self, SETTINGS, Setting};
use super::source::{self, Given};

/// One thing that is wrong with the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The setting, as it was given: a variable, a flag or a path in the file.
    pub setting: String,
    /// What is wrong with it.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.setting, self.message)
    }
}

/// A setting as it is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InForce {
    /// Its path.
    pub path: &'static str,
    /// Its variable.
    pub variable: &'static str,
    /// Its value as text; none when it has none. Secrets are masked.
    pub value: Option<String>,
    /// Where the value came from.
    pub source: &'static str,
}

/// What stands for a secret.
const MASK: &str = "********";

/// Reads settings and collects what is wrong with them.
pub(super) struct Reader {
    figment: Figment,
    problems: Vec<Problem>,
}

impl Reader {
    pub(super) fn new(given: &Given) -> Self {
        let figment = given.figment();
        let mut problems = Vec::new();
        match figment.extract::<Dict>() {
            Ok(all) => unknown_settings(&all, "", &mut problems),
            Err(error) => problems.extend(error.into_iter().map(|error| Problem {
                setting: given.file.as_ref().map_or_else(String::new, |file| file.display().to_string()),
                message: error.kind.to_string(),
            })),
        }
        Self { figment, problems }
    }

    pub(super) fn problems(&self) -> &[Problem] {
        &self.problems
    }

    pub(super) fn into_problems(self) -> Vec<Problem> {
        self.problems
    }

    /// Records that something is wrong with a setting.
    pub(super) fn problem(&mut self, path: &str, message: impl Into<String>) {
        let setting = self.name_of(path);
        self.problems.push(Problem { setting, message: message.into() });
    }

    /// A setting that has a value, most often a default. None: it is wrong, which is recorded.
    pub(super) fn required<T>(&mut self, path: &str, parse: impl FnOnce(&Value) -> Result<T, String>) -> Option<T> {
        let read = self.optional(path, parse)?;
        if read.is_none() {
            self.problem(path, "has no value");
        }
        read
    }

    /// A setting that may be absent. None: it is wrong, which is recorded.
    #[expect(clippy::option_option, reason = "wrong and absent are two things")]
    pub(super) fn optional<T>(
        &mut self,
        path: &str,
        parse: impl FnOnce(&Value) -> Result<T, String>,
    ) -> Option<Option<T>> {
        let Ok(value) = self.figment.find_value(path) else { return Some(None) };
        match parse(&value) {
            Ok(parsed) => Some(Some(parsed)),
            Err(message) => {
                self.problem(path, message);
                None
            }
        }
    }

    pub(super) fn in_force(&self) -> Vec<InForce> {
        SETTINGS.iter().map(|setting| self.in_force_of(setting)).collect()
    }

    fn in_force_of(&self, setting: &Setting) -> InForce {
        let value = self.figment.find_value(setting.path).ok();
        let shown = value.as_ref().map(|value| if setting.is_secret { MASK.to_owned() } else { shown(value) });
        InForce { path: setting.path, variable: setting.variable, value: shown, source: self.source_of(setting.path) }
    }

    fn source_of(&self, path: &str) -> &'static str {
        let name = self.figment.find_metadata(path).map_or(source::DEFAULT, |metadata| metadata.name.as_ref());
        [source::FILE, source::ENVIRONMENT, source::FLAG]
            .into_iter()
            .find(|source| *source == name)
            .unwrap_or(source::DEFAULT)
    }

    /// The setting as the person who gave it wrote it.
    fn name_of(&self, path: &str) -> String {
        match self.source_of(path) {
            source::ENVIRONMENT => setting::find(path).map_or(path, |setting| setting.variable).to_owned(),
            source::FLAG => format!("{path} (flag)"),
            source::FILE => format!("{path} (file)"),
            _ => path.to_owned(),
        }
    }
}

fn unknown_settings(dict: &Dict, prefix: &str, problems: &mut Vec<Problem>) {
    for (name, value) in dict {
        let path = format!("{prefix}{name}");
        let is_section = SETTINGS.iter().any(|setting| setting.path.starts_with(&format!("{path}.")));
        match value {
            Value::Dict(_, inner) if is_section => unknown_settings(inner, &format!("{path}."), problems),
            _ if is_section => {
                problems.push(Problem { setting: path, message: "is a section, not a value".to_owned() });
            }
            _ if setting::find(&path).is_none() => {
                problems.push(Problem { setting: path, message: "there is no such setting".to_owned() });
            }
            _ => {}
        }
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Dict(_, plans) => plans::shown(plans),
        Value::Array(_, items) => items.iter().map(shown).collect::<Vec<_>>().join(","),
        other => text(other).unwrap_or_default(),
    }
}

/// A value as text.
pub(super) fn text(value: &Value) -> Result<String, String> {
    match value {
        Value::String(_, text) => Ok(text.clone()),
        Value::Char(_, character) => Ok(character.to_string()),
        Value::Bool(_, truth) => Ok(truth.to_string()),
        Value::Num(_, number) => number
            .to_i128()
            .map(|number| number.to_string())
            .or_else(|| number.to_u128().map(|number| number.to_string()))
            .or_else(|| number.to_f64().map(|number| number.to_string()))
            .ok_or_else(|| "is no number".to_owned()),
        _ => Err("must be a text".to_owned()),
    }
}

/// A value as a text that is not printed.
pub(super) fn secret(value: &Value) -> Result<SecretString, String> {
    text(value).map(SecretString::from)
}

/// A value that parses from its text; `what` completes "must be".
pub(super) fn parsed<T: FromStr>(value: &Value, what: &str) -> Result<T, String> {
    text(value)?.trim().parse().map_err(|_| format!("must be {what}"))
}

/// A whole number between two bounds, both included.
pub(super) fn number<T>(value: &Value, least: T, most: T) -> Result<T, String>
where
    T: FromStr + PartialOrd + fmt::Display + Copy,
{
    let wrong = || format!("must be a whole number from {least} to {most}");
    let number: T = text(value)?.trim().replace('_', "").parse().map_err(|_| wrong())?;
    if number < least || number > most { Err(wrong()) } else { Ok(number) }
}

/// A time in milliseconds, from one to a day.
pub(super) fn millis(value: &Value) -> Result<Duration, String> {
    number(value, 1, 86_400_000).map(Duration::from_millis)
}

/// A list: of texts in a file, or one text with commas.
pub(super) fn items<T>(value: &Value, parse: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, String> {
    let texts = match value {
        Value::Array(_, items) => items.iter().map(text).collect::<Result<Vec<_>, _>>()?,
        other => text(other)?.split(',').map(|item| item.trim().to_owned()).filter(|item| !item.is_empty()).collect(),
    };
    texts.iter().map(|text| parse(text)).collect()
}
