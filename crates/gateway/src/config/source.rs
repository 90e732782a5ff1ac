//! Where values come from, in rising order: defaults, file, environment, flags.

use std::collections::BTreeMap;
use std::path::PathBuf;

use figment::providers::{Format as _, Toml};
use figment::value::{Dict, Map, Value};
use figment::{Figment, Metadata, Profile, Provider};

use super::setting::SETTINGS;

const DEFAULTS: &str = include_str!("../config.default.toml");

/// Names of the sources, as people read them.
pub(super) const DEFAULT: &str = "default";
pub(super) const FILE: &str = "file";
pub(super) const ENVIRONMENT: &str = "environment";
pub(super) const FLAG: &str = "flag";

/// Variables that begin like settings and are none: other commands and the tests read them.
const OTHERS: &[&str] = &["OSTIARY_CONFIG", "OSTIARY_SAMPLE_LISTEN"];

/// What the program was given besides its defaults.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// A TOML file.
    pub file: Option<PathBuf>,
    /// Environment variables, by name.
    pub variables: BTreeMap<String, String>,
    /// Flags, by the path of their setting.
    pub flags: BTreeMap<String, String>,
}

impl Given {
    /// Nothing but the environment of the process. An empty variable counts as absent.
    #[must_use]
    pub fn environment() -> Self {
        let variables = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .filter(|(name, value)| name.starts_with("OSTIARY_") && !value.is_empty())
            .collect();
        Self { variables, ..Self::default() }
    }

    /// The layers on top of each other.
    pub(super) fn figment(&self) -> Figment {
        let mut figment = Figment::new().merge(Named(DEFAULT, Toml::string(DEFAULTS)));
        if let Some(file) = &self.file {
            figment = figment.merge(Named(FILE, Toml::file_exact(file)));
        }
        let variables = SETTINGS
            .iter()
            .filter_map(|setting| Some((setting.path.to_owned(), self.variables.get(setting.variable)?.clone())))
            .collect();
        figment.merge(Texts(ENVIRONMENT, variables)).merge(Texts(FLAG, self.flags.clone()))
    }
}

/// Variables that look like settings and are none: most often a name mistyped.
#[must_use]
pub fn unknown_variables(given: &Given) -> Vec<&str> {
    let is_known = |name: &str| {
        SETTINGS.iter().any(|setting| setting.variable == name)
            || OTHERS.contains(&name)
            || name.starts_with("OSTIARY_TEST_")
    };
    given.variables.keys().map(String::as_str).filter(|name| !is_known(name)).collect()
}

/// A provider under another name.
struct Named<P>(&'static str, P);

impl<P: Provider> Provider for Named<P> {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.0)
    }

    fn data(&self) -> figment::Result<Map<Profile, Dict>> {
        self.1.data()
    }
}

/// Values that are texts, by the path of their setting. They stay texts: a key of digits is no number.
struct Texts(&'static str, BTreeMap<String, String>);

impl Provider for Texts {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.0)
    }

    fn data(&self) -> figment::Result<Map<Profile, Dict>> {
        let mut all = Dict::new();
        for (path, text) in &self.1 {
            let value = Value::from(text.clone());
            match path.split_once('.') {
                None => {
                    all.insert(path.clone(), value);
                }
                Some((section, name)) => {
                    let section = all.entry(section.to_owned()).or_insert_with(|| Value::from(Dict::new()));
                    if let Value::Dict(_, section) = section {
                        section.insert(name.to_owned(), value);
                    }
                }
            }
        }
        Ok(Profile::Default.collect(all))
    }
}
