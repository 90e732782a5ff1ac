//! A JSON object that is read member by member, so that every failure is reported at once.
//!
//! Serde stops at the first failure; people who fill in a form want all of them.

use std::collections::BTreeMap;
use std::fmt;

use ostiary_edge::FieldError;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// Something that is read from a JSON object.
pub trait FromInput: Sized {
    /// Takes the members; `None` when one that is needed fails. Failures are noted in `input`.
    fn from_input(input: &mut Input<'_>) -> Option<Self>;
}

/// Something that is read from one JSON value.
pub trait ReadValue: Sized {
    /// Reads a value; failures have pointers relative to it.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the value.
    fn read(raw: &RawValue) -> Result<Self, Vec<FieldError>>;
}

/// The members of a JSON object that were not taken yet, and what was wrong with those that were.
#[derive(Debug)]
pub struct Input<'a> {
    members: BTreeMap<String, &'a RawValue>,
    errors: Vec<FieldError>,
}

impl<'a> Input<'a> {
    /// Reads the members of an object.
    ///
    /// # Errors
    ///
    /// When the value is not an object; a member that is there twice is noted.
    pub fn parse(raw: &'a RawValue) -> Result<Self, Vec<FieldError>> {
        let Members { members, twice } = serde_json::from_str(raw.get())
            .map_err(|_| vec![FieldError::new("", "wrong_type", "must be an object")])?;
        let errors =
            twice.iter().map(|name| FieldError::new(pointer_of(name), "duplicate_member", "is there twice")).collect();
        Ok(Self { members, errors })
    }

    /// A member that must be there and not null.
    pub fn required<T: ReadValue>(&mut self, name: &str) -> Option<T> {
        match self.members.remove(name) {
            Some(raw) if !is_null(raw) => self.read(name, raw),
            _ => {
                self.note(name, "required", "must be given");
                None
            }
        }
    }

    /// A member that may be left out, or be null.
    pub fn optional<T: ReadValue>(&mut self, name: &str) -> Option<T> {
        let raw = self.members.remove(name)?;
        if is_null(raw) { None } else { self.read(name, raw) }
    }

    /// A member for which null says something else than leaving it out.
    pub fn nullable<T: ReadValue>(&mut self, name: &str) -> Option<Option<T>> {
        let raw = self.members.remove(name)?;
        if is_null(raw) { Some(None) } else { self.read(name, raw).map(Some) }
    }

    /// Notes a failure of a member.
    pub fn note(&mut self, name: &str, code: &'static str, detail: impl Into<String>) {
        self.errors.push(FieldError::new(pointer_of(name), code, detail));
    }

    fn read<T: ReadValue>(&mut self, name: &str, raw: &RawValue) -> Option<T> {
        match T::read(raw) {
            Ok(value) => Some(value),
            Err(errors) => {
                self.errors.extend(errors.into_iter().map(|error| within(name, error)));
                None
            }
        }
    }

    /// What was wrong; members that nobody took are wrong, too.
    fn into_errors(self) -> Vec<FieldError> {
        let mut errors = self.errors;
        let unknown = self.members.keys();
        errors.extend(unknown.map(|name| FieldError::new(pointer_of(name), "unknown_member", "is not known here")));
        errors
    }
}

/// Every type that is read from an object is read from a value, which must be one.
impl<T: FromInput> ReadValue for T {
    fn read(raw: &RawValue) -> Result<Self, Vec<FieldError>> {
        let mut input = Input::parse(raw)?;
        let value = T::from_input(&mut input);
        let errors = input.into_errors();
        match value {
            Some(value) if errors.is_empty() => Ok(value),
            _ => Err(errors),
        }
    }
}

/// The text of a JSON object, byte for byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonObject(pub String);

/// The JSON Pointer of a member (RFC 6901).
#[must_use]
pub fn pointer_of(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// A failure seen from one level further out.
#[must_use]
pub fn within(name: &str, error: FieldError) -> FieldError {
    FieldError { pointer: format!("{}{}", pointer_of(name), error.pointer), ..error }
}

fn is_null(raw: &RawValue) -> bool {
    raw.get() == "null"
}

struct Members<'a> {
    members: BTreeMap<String, &'a RawValue>,
    twice: Vec<String>,
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ObjectVisitor;

        impl<'de> Visitor<'de> for ObjectVisitor {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = BTreeMap::new();
                let mut twice = Vec::new();
                while let Some((name, raw)) = map.next_entry::<String, &RawValue>()? {
                    if members.insert(name.clone(), raw).is_some() {
                        twice.push(name);
                    }
                }
                Ok(Members { members, twice })
            }
        }

        deserializer.deserialize_map(ObjectVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq)]
    struct Sample {
        a: String,
        b: Option<u32>,
        inner: Option<Inner>,
    }

    #[derive(Debug, PartialEq)]
    struct Inner {
        c: Option<Option<bool>>,
    }

    impl FromInput for Sample {
        fn from_input(input: &mut Input<'_>) -> Option<Self> {
            let (a, b, inner) = (input.required("a"), input.optional("b"), input.optional("inner"));
            Some(Self { a: a?, b, inner })
        }
    }

    impl FromInput for Inner {
        fn from_input(input: &mut Input<'_>) -> Option<Self> {
            Some(Self { c: input.nullable("c") })
        }
    }

    fn read(text: &str) -> Result<Sample, Vec<(String, String)>> {
        let raw = RawValue::from_string(text.to_owned()).expect("JSON");
        Sample::read(&raw)
            .map_err(|errors| errors.into_iter().map(|error| (error.pointer, error.code.into_owned())).collect())
    }

    #[test]
    fn input_with_all_members_is_read() {
        let sample = read(r#"{"a": "x", "b": null, "inner": {"c": null}}"#);
        assert_eq!(sample, Ok(Sample { a: "x".to_owned(), b: None, inner: Some(Inner { c: Some(None) }) }));
    }

    #[test]
    fn input_with_several_failures_reports_all_of_them() {
        let errors = read(r#"{"b": "1", "inner": {"c": 1, "d/e": 2}, "z": 0, "z": 1}"#).expect_err("five failures");
        let expected = [
            ("/z", "duplicate_member"),
            ("/a", "required"),
            ("/b", "wrong_type"),
            ("/inner/c", "wrong_type"),
            ("/inner/d~1e", "unknown_member"),
            ("/z", "unknown_member"),
        ];
        assert_eq!(errors, expected.map(|(pointer, code)| (pointer.to_owned(), code.to_owned())));
    }

    #[test]
    fn input_that_is_no_object_is_refused() {
        for text in ["[]", "1", "\"x\"", "null"] {
            assert_eq!(read(text), Err(vec![(String::new(), "wrong_type".to_owned())]), "{text}");
        }
    }
}
