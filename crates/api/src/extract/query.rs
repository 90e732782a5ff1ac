//! Query parameters: unknown, repeated and wrong ones are reported, all at once.

use std::collections::BTreeMap;
use std::str::FromStr;

use axum::extract::FromRequestParts;
use chrono::{DateTime, Utc};
use http::request::Parts;
use ostiary_edge::FieldError;
use ostiary_storage::PageRequest;

use crate::error::ApiError;
use crate::ops::cursor::CursorKey;

/// Items of a page when nobody says how many.
const DEFAULT_LIMIT: u32 = 50;
/// Most items of a page.
const MAX_LIMIT: u32 = 200;

/// Something that is read from the query.
pub trait FromQuery: Sized {
    /// Takes the parameters. Failures are noted in `input`.
    fn from_query(input: &mut QueryInput) -> Self;
}

/// Query parameters.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: FromQuery> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let mut input = QueryInput::parse(parts.uri.query().unwrap_or_default());
        let value = T::from_query(&mut input);
        let errors = input.into_errors();
        if errors.is_empty() { Ok(Self(value)) } else { Err(ApiError::InvalidInput(errors)) }
    }
}

/// The parameters that were not taken yet, and what was wrong with those that were.
#[derive(Debug)]
pub struct QueryInput {
    parameters: BTreeMap<String, String>,
    errors: Vec<FieldError>,
}

impl QueryInput {
    fn parse(query: &str) -> Self {
        let mut input = Self { parameters: BTreeMap::new(), errors: Vec::new() };
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            if input.parameters.insert(name.clone().into_owned(), value.into_owned()).is_some() {
                input.note(&name, "duplicate_parameter", "is there twice");
            }
        }
        input
    }

    /// A parameter that may be left out.
    pub fn optional<T: FromStr>(&mut self, name: &str, detail: &str) -> Option<T> {
        let value = self.parameters.remove(name)?;
        let parsed = value.parse().ok();
        if parsed.is_none() {
            self.note(name, "invalid", detail);
        }
        parsed
    }

    /// A text that may be left out; an empty one is left out.
    pub fn text(&mut self, name: &str) -> Option<String> {
        self.parameters.remove(name).filter(|value| !value.is_empty())
    }

    /// A time that may be left out.
    pub fn time(&mut self, name: &str) -> Option<DateTime<Utc>> {
        let value = self.parameters.remove(name)?;
        let time = DateTime::parse_from_rfc3339(&value).ok();
        if time.is_none() {
            self.note(name, "invalid", "must be an RFC 3339 time, like 2026-11-20T10:00:00Z");
        }
        time.map(|time| time.with_timezone(&Utc))
    }

    /// `limit` and `cursor`.
    pub fn page<K: CursorKey>(&mut self) -> PageRequest<K> {
        let detail = "must be a whole number from 1 to 200";
        let limit = self.optional::<u32>("limit", detail).unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            self.note("limit", "out_of_range", detail);
        }
        let after = self.parameters.remove("cursor").and_then(|cursor| {
            let key = K::from_cursor(&cursor);
            if key.is_none() {
                self.note("cursor", "invalid", "must be the `next_cursor` of the page before");
            }
            key
        });
        PageRequest { limit, after }
    }

    /// Notes a failure of a parameter.
    pub fn note(&mut self, name: &str, code: &'static str, detail: impl Into<String>) {
        self.errors.push(FieldError::new(format!("?{name}"), code, detail));
    }

    fn into_errors(self) -> Vec<FieldError> {
        let mut errors = self.errors;
        let unknown = self.parameters.keys();
        errors
            .extend(unknown.map(|name| FieldError::new(format!("?{name}"), "unknown_parameter", "is not known here")));
        errors
    }
}

/// Nothing but a page.
impl<K: CursorKey> FromQuery for PageRequest<K> {
    fn from_query(input: &mut QueryInput) -> Self {
        input.page()
    }
}

/// No parameters at all.
impl FromQuery for () {
    fn from_query(_: &mut QueryInput) -> Self {}
}
