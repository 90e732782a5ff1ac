//! How single values are read.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use ostiary_edge::FieldError;
use ostiary_model::grant::Mode;
use ostiary_model::server::{OnLimitsUnavailable, OnToolChange};
use ostiary_model::tool::{Category, Risk};
use ostiary_model::{Email, Label, Name, PasskeyId, PlanName, PolicyId, Role, ServerId, Slug, UserId};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::input::{JsonObject, ReadValue, within};
use crate::dto::policy::DocumentText;

fn failure(code: &'static str, detail: impl Into<String>) -> Vec<FieldError> {
    vec![FieldError::new("", code, detail)]
}

macro_rules! read_by_serde {
    ($($type:ty => $detail:literal;)+) => {
        $(
            impl ReadValue for $type {
                fn read(raw: &RawValue) -> Result<Self, Vec<FieldError>> {
                    serde_json::from_str(raw.get()).map_err(|_| failure("wrong_type", $detail))
                }
            }
        )+
    };
}

read_by_serde! {
    String => "must be a string";
    bool => "must be true or false";
    u32 => "must be a whole number, not negative";
    i64 => "must be a whole number";
    Map<String, Value> => "must be an object";
}

impl ReadValue for Zeroizing<String> {
    fn read(raw: &RawValue) -> Result<Self, Vec<FieldError>> {
        String::read(raw).map(Self::new)
    }
}

fn read_text<T: FromStr>(raw: &RawValue, code: &'static str, detail: &str) -> Result<T, Vec<FieldError>> {
    String::read(raw)?.parse().map_err(|_| failure(code, detail))
}

macro_rules! read_checked {
    ($($type:ty),+) => {
        $(
            impl ReadValue for $type {
                fn read(raw: &RawValue) -> Result<Self, Vec<FieldError>> {
                    Self::parse(&String::read(raw)?).map_err(|error| failure("invalid", error.to_string()))
                }
            }
        )+
    };
}

read_checked!(Email, Label, Name, PlanName, Slug);

macro_rules! read_words {
    ($($type:ty),+) => {
        $(
            impl ReadValue for $type {
                fn read(raw: &RawValue) -> Result<Self, Vec<FieldError>> {
                    let words: Vec<String> = <$type>::ALL.iter().map(|word| format!("`{word}`")).collect();
                    read_text(raw, "invalid", &format!("must be one of {}", words.join(", ")))
                }
            }
        )+
    };
}

read_words!(Category, Mode, OnLimitsUnavailable, OnToolChange, Risk, Role);

macro_rules! read_ids {
    ($($type:ty),+) => {
        $(
            impl ReadValue for $type {
                fn read(raw: &RawValue) -> Result<Self, Vec<FieldError>> {
                    read_text(raw, "invalid", &format!("must be an id that begins with `{}_`", <$type>::PREFIX))
                }
            }
        )+
    };
}

read_ids!(PasskeyId, PolicyId, ServerId, UserId);

impl ReadValue for DateTime<Utc> {
    fn read(raw: &RawValue) -> Result<Self, Vec<FieldError>> {
        DateTime::parse_from_rfc3339(&String::read(raw)?)
            .map(|time| time.with_timezone(&Utc))
            .map_err(|_| failure("invalid", "must be an RFC 3339 time, like 2026-11-20T10:00:00Z"))
    }
}

impl<T: ReadValue> ReadValue for Vec<T> {
    fn read(raw: &RawValue) -> Result<Self, Vec<FieldError>> {
        let items: Vec<&RawValue> =
            serde_json::from_str(raw.get()).map_err(|_| failure("wrong_type", "must be an array"))?;
        let mut values = Self::with_capacity(items.len());
        let mut errors = Vec::new();
        for (index, item) in items.into_iter().enumerate() {
            match T::read(item) {
                Ok(value) => values.push(value),
                Err(item) => errors.extend(item.into_iter().map(|error| within(&index.to_string(), error))),
            }
        }
        if errors.is_empty() { Ok(values) } else { Err(errors) }
    }
}

impl ReadValue for JsonObject {
    fn read(raw: &RawValue) -> Result<Self, Vec<FieldError>> {
        if raw.get().starts_with('{') {
            Ok(Self(raw.get().to_owned()))
        } else {
            Err(failure("wrong_type", "must be an object"))
        }
    }
}

impl ReadValue for DocumentText {
    fn read(raw: &RawValue) -> Result<Self, Vec<FieldError>> {
        match raw.get().as_bytes().first() {
            Some(b'"') => String::read(raw).map(Self),
            Some(b'{') => Ok(Self(raw.get().to_owned())),
            _ => Err(failure("wrong_type", "must be an object, or a string with the text of one")),
        }
    }
}
