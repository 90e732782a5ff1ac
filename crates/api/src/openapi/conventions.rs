//! What holds for every operation, said once: bounds on requests, keys for writes that may be repeated.

use std::collections::btree_map::Entry;

use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{Header, OpenApi, RefOr, Required, Response};

use crate::error::ApiError;
use crate::problems;

/// Adds them to every operation that they hold for.
pub(super) fn apply(document: &mut OpenApi) {
    for (path, item) in &mut document.paths.paths {
        let has_caller = !path.starts_with("/api/v1/auth/");
        if let Some(operation) = &mut item.post
            && has_caller
        {
            may_be_repeated(operation);
        }
        let is_versioned = [&item.put, &item.patch].into_iter().flatten().any(takes_if_match);
        for operation in [&mut item.get, &mut item.put, &mut item.patch].into_iter().flatten() {
            if is_versioned {
                is_tagged(operation);
            }
        }
        let operations = [&mut item.get, &mut item.put, &mut item.post, &mut item.patch, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            is_bounded(operation);
        }
    }
}

/// `Idempotency-Key`, and what is answered instead of doing the same twice.
fn may_be_repeated(operation: &mut Operation) {
    operation.parameters.get_or_insert_default().push(key_parameter().into());
    let errors = [
        ApiError::IdempotencyKeyPending,
        ApiError::IdempotencyKeyUnanswered,
        ApiError::IdempotencyKeyReused,
        ApiError::BodyTooLarge,
        problems::invalid_key(),
    ];
    add(operation, &errors);
}

fn key_parameter() -> Parameter {
    let schema = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(255));
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "Chosen by the caller, new for each thing to do. The same request with the same key again, within a day, \
             is answered as the first time and writes nothing.",
        ))
        .schema(Some(schema.pattern(Some("^[!-~]{1,255}$"))))
        .example(Some("7f3c0e52-create-agent".into()))
        .build()
}

fn takes_if_match(operation: &Operation) -> bool {
    operation
        .parameters
        .iter()
        .flatten()
        .any(|parameter| matches!(parameter, RefOr::T(parameter) if parameter.name == "If-Match"))
}

/// `ETag`, on what shows an object that is edited.
fn is_tagged(operation: &mut Operation) {
    if let Some(RefOr::T(response)) = operation.responses.responses.get_mut("200") {
        let description = "Names this version of the object; an edit that starts from it sends it as `If-Match`.";
        response.headers.insert("ETag".to_owned(), header(description, Type::String).into());
    }
}

/// How near a caller is to a bound.
const STANDING: [(&str, &str); 2] = [
    (
        "RateLimit-Policy",
        "The bound: whose it is, requests, and within how many seconds, such as `\"account\";q=6000;w=60`.",
    ),
    (
        "RateLimit",
        "How many requests remain, and in how many seconds all of them are there again, such as `\"account\";r=5999;t=1`.",
    ),
];

/// 429, and how near a caller is to it.
fn is_bounded(operation: &mut Operation) {
    add(operation, &[ApiError::RateLimited { retry_after_ms: 30_000 }]);
    for response in operation.responses.responses.values_mut() {
        if let RefOr::T(response) = response {
            for (name, description) in STANDING {
                response.headers.insert(name.to_owned(), header(description, Type::String).into());
            }
        }
    }
    if let Some(RefOr::T(response)) = operation.responses.responses.get_mut("429") {
        let description = "After how many seconds the next request is taken.";
        response.headers.insert("Retry-After".to_owned(), header(description, Type::Integer).into());
    }
}

fn header(description: &str, of: Type) -> Header {
    HeaderBuilder::new()
        .schema(Some(ObjectBuilder::new().schema_type(of).build()))
        .description(Some(description))
        .build()
}

/// Adds problems to those that an operation has already.
fn add(operation: &mut Operation, errors: &[ApiError]) {
    for (status, added) in problems::document(errors) {
        let RefOr::T(added) = added else { continue };
        match operation.responses.responses.get_mut(&status) {
            Some(RefOr::T(known)) => merge(known, added),
            Some(RefOr::Ref(_)) => {}
            None => {
                operation.responses.responses.insert(status, RefOr::T(added));
            }
        }
    }
}

fn merge(known: &mut Response, added: Response) {
    for (media, content) in added.content {
        match known.content.get_mut(&media) {
            Some(RefOr::T(there)) => {
                let RefOr::T(content) = content else { continue };
                for (code, example) in content.examples {
                    if let Entry::Vacant(place) = there.examples.entry(code) {
                        known.description = format!("{} or `{}`", known.description, place.key());
                        place.insert(example);
                    }
                }
            }
            Some(RefOr::Ref(_)) => {}
            None => {
                known.content.insert(media, content);
            }
        }
    }
}
