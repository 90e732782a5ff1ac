//! The problems of operations in the OpenAPI document, with examples made from the errors
//! themselves.

use std::collections::BTreeMap;

use ostiary_edge::problem::CONTENT_TYPE;
use ostiary_edge::{FieldError, Problem};
use utoipa::IntoResponses;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};

use crate::error::ApiError;

pub(crate) fn document(errors: &[ApiError]) -> BTreeMap<String, RefOr<Response>> {
    let mut by_status: BTreeMap<String, Vec<Problem>> = BTreeMap::new();
    for error in errors {
        let problem = error.problem();
        by_status.entry(problem.status().as_str().to_owned()).or_default().push(problem);
    }
    by_status.into_iter().map(|(status, problems)| (status, RefOr::T(response(&problems)))).collect()
}

fn response(problems: &[Problem]) -> Response {
    let codes: Vec<String> = problems.iter().map(|problem| format!("`{}`", problem.code())).collect();
    let examples = problems.iter().map(|problem| {
        let example = ExampleBuilder::new().value(serde_json::to_value(problem).ok()).build();
        (problem.code(), example)
    });
    let schema = Ref::from_schema_name("Problem");
    let content = ContentBuilder::new().schema(Some(schema)).examples_from_iter(examples);
    ResponseBuilder::new().description(codes.join(" or ")).content(CONTENT_TYPE, content.build()).build()
}

fn sample(pointer: &str, code: &'static str, detail: &str) -> Vec<FieldError> {
    vec![FieldError::new(pointer, code, detail)]
}

fn invalid_input() -> ApiError {
    ApiError::InvalidInput(sample("/name", "required", "must be given"))
}

pub(crate) fn invalid_key() -> ApiError {
    ApiError::InvalidInput(sample(
        "Idempotency-Key",
        "invalid",
        "must be one value of 1 to 255 visible ASCII characters",
    ))
}

fn unavailable() -> ApiError {
    ApiError::Unavailable("the database is unavailable".into())
}

fn body() -> Vec<ApiError> {
    vec![
        ApiError::InvalidJson("syntax error at line 1 column 2".to_owned()),
        ApiError::BodyTooLarge,
        ApiError::UnsupportedMediaType,
        invalid_input(),
    ]
}

macro_rules! bundles {
    ($($(#[$doc:meta])* $name:ident => $errors:expr;)+) => {
        $(
            $(#[$doc])*
            pub(crate) struct $name;

            impl IntoResponses for $name {
                fn responses() -> BTreeMap<String, RefOr<Response>> {
                    let errors: Vec<ApiError> = $errors;
                    document(&errors)
                }
            }
        )+
    };
}

bundles! {
    /// Of every operation.
    Always => vec![ApiError::Internal("a defect".into()), unavailable()];
    /// Of operations that need a caller with a role.
    Guarded => vec![ApiError::Unauthenticated, ApiError::Forbidden];
    /// Of operations for people.
    Personal => vec![ApiError::Unauthenticated, ApiError::PeopleOnly];
    /// Of changes for people.
    PersonalChange => vec![ApiError::Unauthenticated, ApiError::PeopleOnly, ApiError::CrossSite];
    /// Of operations that stop after too many attempts.
    TooMany => vec![ApiError::RateLimited { retry_after_ms: 30_000 }];
    /// Of operations with a password or a link in place of a session.
    Open => vec![ApiError::CrossSite, ApiError::RateLimited { retry_after_ms: 30_000 }];
    /// Of accepting an invitation.
    Accepting => vec![
        ApiError::CrossSite, ApiError::RateLimited { retry_after_ms: 30_000 },
        ApiError::InvitedSomebodyElse, ApiError::SignInFirst,
        ApiError::PlanLimitReached { what: "members", plan: ostiary_model::PlanName::standard(), max: 3 },
    ];
    /// Of adding what plans limit.
    PlanLimited => vec![ApiError::PlanLimitReached { what: "servers", plan: ostiary_model::PlanName::standard(), max: 3 }];
    /// Of taking an owner away.
    LastOwner => vec![ApiError::LastOwner];
    /// Of setting up a second factor.
    Enabled => vec![ApiError::SecondFactorEnabled];
    /// Of what goes with a provider of sign-ins.
    WithProvider => vec![
        ApiError::NoProvider,
        ApiError::ProviderFailed(crate::provider::ProviderError::Unavailable("no answer".to_owned())),
    ];
    /// Of ceremonies with passkeys.
    NoPasskeys => vec![ApiError::NoPasskeys];
    /// Of what goes with a second factor.
    NotEnabled => vec![ApiError::SecondFactorNotEnabled];
    /// Of what cannot be done without mail.
    NoMail => vec![ApiError::NoMail];
    /// Of operations that send a mail.
    MailFailed => vec![ApiError::MailNotSent("no answer".into())];
    /// Of changes: [`Guarded`], and a page of another site.
    GuardedChange => vec![
        ApiError::Unauthenticated, ApiError::Forbidden, ApiError::AccountClosing, ApiError::CrossSite,
    ];
    /// Of signing in.
    SigningIn => vec![
        ApiError::WrongCredentials, ApiError::CrossSite, ApiError::RateLimited { retry_after_ms: 30_000 },
    ];
    /// Of signing out.
    NoOtherSite => vec![ApiError::CrossSite];
    /// Of operations on one object.
    Missing => vec![ApiError::NotFound];
    /// Of operations with a body.
    Body => body();
    /// Of operations with parameters.
    Parameters => vec![ApiError::InvalidInput(sample("?limit", "out_of_range", "must be a whole number from 1 to 200"))];
    /// Of operations that take the document of a policy.
    PolicyBody => {
        let mut errors = body();
        errors.push(ApiError::InvalidPolicy(sample("/document/tools/x/limits/0/max", "wrong_type", "must be a number")));
        errors
    };
    /// Of changes that may say which version they start from.
    Stale => vec![ApiError::StaleVersion];
    /// Of changes that must say which version they start from.
    StaleOrMissing => vec![ApiError::StaleVersion, ApiError::PreconditionRequired];
    /// Of adding a server.
    TakenOrLimited => vec![
        ApiError::ServerSlugTaken,
        ApiError::PlanLimitReached { what: "servers", plan: ostiary_model::PlanName::standard(), max: 3 },
    ];
    /// Of operations that set the slug of a server.
    SlugTaken => vec![ApiError::ServerSlugTaken];
    /// Of operations that set the name of a policy.
    NameTaken => vec![ApiError::PolicyNameTaken];
    /// Of removing a policy.
    InUse => vec![ApiError::PolicyInUse];
}
