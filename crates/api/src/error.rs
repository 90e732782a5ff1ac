//! What can go wrong in a request, and how the caller sees it.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use ostiary_auth::PasswordsError;
use ostiary_edge::{FieldError, Problem};
use ostiary_model::PlanName;
use ostiary_storage::StorageError;

use crate::freshness::{FreshnessError, NotPreparedError};

/// Everything the API answers instead of what was asked for.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// The body is not JSON.
    #[error("the body is not JSON: {0}")]
    InvalidJson(String),
    /// No credentials, or none that are good.
    #[error("no valid session or API key")]
    Unauthenticated,
    /// E-mail address and password do not belong together.
    #[error("wrong e-mail address or password")]
    WrongCredentials,
    /// Allowed to know, not to do.
    #[error("the role does not allow this")]
    Forbidden,
    /// The account is going to be deleted.
    #[error("the account is going to be deleted")]
    AccountClosing,
    /// Something for people, and not for API keys.
    #[error("this is for signed-in people only")]
    PeopleOnly,
    /// Somebody else is signed in than who is invited.
    #[error("the invitation is for another address")]
    InvitedSomebodyElse,
    /// Somebody has signed up with the address that is invited.
    #[error("somebody has signed up with the address")]
    SignInFirst,
    /// Somebody has signed up with the address.
    #[error("the e-mail address is taken")]
    EmailTaken,
    /// The plan of the account allows no more of something.
    #[error("the plan allows no more {what}")]
    PlanLimitReached {
        /// Of what.
        what: &'static str,
        /// The plan.
        plan: PlanName,
        /// How many it allows.
        max: u32,
    },
    /// There must be an owner.
    #[error("the account would be without an owner")]
    LastOwner,
    /// The second factor is asked for already.
    #[error("the second factor is enabled")]
    SecondFactorEnabled,
    /// Nobody else is asked who people are.
    #[error("there is no provider of sign-ins")]
    NoProvider,
    /// The provider of sign-ins does not work.
    #[error("the provider of sign-ins cannot be asked")]
    ProviderFailed(#[source] crate::provider::ProviderError),
    /// Browsers have no passkeys for where the installation is.
    #[error("there are no passkeys at this address")]
    NoPasskeys,
    /// No second factor is asked for.
    #[error("the second factor is not enabled")]
    SecondFactorNotEnabled,
    /// The installation sends no mail.
    #[error("no mail server is configured")]
    NoMail,
    /// The mail server did not take a mail.
    #[error("the mail was not sent")]
    MailNotSent(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A page of another site sent the request.
    #[error("the request comes from another site")]
    CrossSite,
    /// Not there, or another account's.
    #[error("there is no such object")]
    NotFound,
    /// The path is there, the method is not.
    #[error("the method is not allowed here")]
    MethodNotAllowed,
    /// The slug of the server belongs to another one of the account.
    #[error("another server has this slug")]
    ServerSlugTaken,
    /// The name of the policy belongs to another one of the server.
    #[error("another policy of the server has this name")]
    PolicyNameTaken,
    /// The policy decides for a grant.
    #[error("a grant is bound to the policy")]
    PolicyInUse,
    /// The idempotency key stands for another request.
    #[error("the idempotency key was used for another request")]
    IdempotencyKeyReused,
    /// The request of the idempotency key has no answer yet.
    #[error("the request of the idempotency key is under way")]
    IdempotencyKeyPending,
    /// The request of the idempotency key was done, and nobody knows the answer.
    #[error("the request of the idempotency key wrote something and ended without an answer")]
    IdempotencyKeyUnanswered,
    /// The object was changed since the caller read it.
    #[error("the object was changed since it was read")]
    StaleVersion,
    /// The body has more bytes than are taken.
    #[error("the body is too large")]
    BodyTooLarge,
    /// The body is not sent as JSON.
    #[error("the body must be sent as application/json")]
    UnsupportedMediaType,
    /// The input is well formed, and says something that cannot be.
    #[error("the input is not valid")]
    InvalidInput(Vec<FieldError>),
    /// The document of a policy has errors.
    #[error("the policy is not valid")]
    InvalidPolicy(Vec<FieldError>),
    /// An edit must say which version it starts from.
    #[error("`If-Match` is missing")]
    PreconditionRequired,
    /// Too many attempts.
    #[error("too many attempts")]
    RateLimited {
        /// After how many milliseconds the next one is taken.
        retry_after_ms: u64,
    },
    /// Something of ours cannot be reached.
    #[error("a dependency is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A defect.
    #[error("internal error")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl ApiError {
    /// One failure of the input.
    #[must_use]
    pub fn invalid(pointer: &str, code: &'static str, detail: impl Into<String>) -> Self {
        Self::InvalidInput(vec![FieldError::new(pointer, code, detail)])
    }

    /// The error as the caller sees it; causes stay here.
    #[must_use]
    pub fn problem(&self) -> Problem {
        let (status, code, title, detail) = self.parts();
        let problem = Problem::new(status, code, title, detail);
        match self {
            Self::InvalidInput(errors) | Self::InvalidPolicy(errors) => problem.with_errors(errors.clone()),
            Self::EmailTaken => problem.with_errors(vec![FieldError::new(
                "/email",
                "email_taken",
                "somebody has signed up with this address; sign in instead",
            )]),
            Self::RateLimited { retry_after_ms } => problem.with_retry_after_ms(*retry_after_ms),
            Self::Unavailable(_) | Self::IdempotencyKeyPending => problem.with_retry_after_ms(1_000),
            _ => problem,
        }
    }

    fn parts(&self) -> (StatusCode, &'static str, &'static str, String) {
        use StatusCode as S;
        let (status, code, title, detail) = match self {
            Self::InvalidJson(reason) => {
                let detail = format!("The body cannot be read as JSON: {reason}.");
                return (S::BAD_REQUEST, "invalid_json", "The body is not JSON", detail);
            }
            Self::PlanLimitReached { what, plan, max } => {
                let detail = format!(
                    "The plan `{plan}` of this account allows {max} {what}: there is no room for another. Remove one, or \
                     have an owner change the plan."
                );
                return (S::CONFLICT, "plan_limit_reached", "The plan allows no more", detail);
            }
            Self::Unauthenticated => {
                (S::UNAUTHORIZED, "unauthenticated", "Not signed in", "Sign in, or send an API key as bearer token.")
            }
            Self::WrongCredentials => (
                S::UNAUTHORIZED,
                "wrong_credentials",
                "Wrong credentials",
                "E-mail address and password do not belong together.",
            ),
            Self::Forbidden => {
                (S::FORBIDDEN, "forbidden", "Not allowed", "Your role in this account does not allow this.")
            }
            Self::AccountClosing => (
                S::FORBIDDEN,
                "account_closing",
                "The account is going to be deleted",
                "Nothing can be changed in it; an owner can restore it.",
            ),
            Self::PeopleOnly => (
                S::FORBIDDEN,
                "people_only",
                "Not for API keys",
                "Only a person who is signed in in a browser can do this.",
            ),
            Self::InvitedSomebodyElse => (
                S::CONFLICT,
                "invited_somebody_else",
                "The invitation is for another address",
                "Sign out, and open the link again.",
            ),
            Self::SignInFirst => (
                S::CONFLICT,
                "sign_in_first",
                "Sign in to accept",
                "Somebody has signed up with the address that is invited; sign in with it, and open the link again.",
            ),
            Self::LastOwner => (
                S::CONFLICT,
                "last_owner",
                "The last owner",
                "The account would be without an owner; make another member its owner first.",
            ),
            Self::SecondFactorEnabled => (
                S::CONFLICT,
                "second_factor_enabled",
                "The second factor is enabled",
                "Disable the one there is before you set up another one.",
            ),
            Self::NoProvider => (
                S::CONFLICT,
                "no_provider",
                "No provider of sign-ins",
                "This installation asks nobody else who people are; sign in with a password.",
            ),
            Self::ProviderFailed(_) => (
                S::BAD_GATEWAY,
                "provider_failed",
                "The provider of sign-ins does not answer",
                "Try again later, or sign in with a password.",
            ),
            Self::NoPasskeys => (
                S::CONFLICT,
                "no_passkeys",
                "No passkeys at this address",
                "Browsers offer passkeys where the public URL has a name and https.",
            ),
            Self::SecondFactorNotEnabled => (
                S::CONFLICT,
                "second_factor_not_enabled",
                "The second factor is not enabled",
                "Set up an app, or add a passkey, first.",
            ),
            Self::NoMail => (
                S::CONFLICT,
                "no_mail",
                "No mail is sent here",
                "This installation has no mail server; ask the people who run it.",
            ),
            Self::MailNotSent(_) => (
                S::BAD_GATEWAY,
                "mail_not_sent",
                "The mail was not sent",
                "The mail server did not take the mail; do the same again later.",
            ),
            Self::CrossSite => {
                (S::FORBIDDEN, "cross_site", "Request from another site", "Another site must not use your session.")
            }
            Self::NotFound => (S::NOT_FOUND, "not_found", "Not found", "There is no such object in this account."),
            Self::MethodNotAllowed => (
                S::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "Method not allowed",
                "`Allow` lists what can be done here.",
            ),
            Self::ServerSlugTaken => (
                S::CONFLICT,
                "server_slug_taken",
                "The slug is taken",
                "Another server of the account has this slug; choose another one.",
            ),
            Self::PolicyNameTaken => (
                S::CONFLICT,
                "policy_name_taken",
                "The name is taken",
                "Another policy of the server has this name; choose another one.",
            ),
            Self::PolicyInUse => (
                S::CONFLICT,
                "policy_in_use",
                "The policy is in use",
                "Grants are bound to this policy; bind them to another one first.",
            ),
            Self::IdempotencyKeyReused => (
                S::UNPROCESSABLE_ENTITY,
                "idempotency_key_reused",
                "The idempotency key is used",
                "This `Idempotency-Key` was sent with another request; choose a new one.",
            ),
            Self::IdempotencyKeyPending => (
                S::CONFLICT,
                "idempotency_key_pending",
                "No answer yet",
                "The first request with this `Idempotency-Key` is under way; wait for it.",
            ),
            Self::IdempotencyKeyUnanswered => (
                S::CONFLICT,
                "idempotency_key_unanswered",
                "Done, and not answered",
                "The first request with this `Idempotency-Key` was carried out, and failed before it was answered. Look \
                 at the object; to do more, choose another key.",
            ),
            Self::StaleVersion => (
                S::PRECONDITION_FAILED,
                "stale_version",
                "Changed meanwhile",
                "The object was changed since you read it; read it again and repeat your change.",
            ),
            Self::BodyTooLarge => {
                (S::PAYLOAD_TOO_LARGE, "body_too_large", "The body is too large", "Bodies may have up to 1 MiB.")
            }
            Self::UnsupportedMediaType => (
                S::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                "Unsupported media type",
                "Send the body with `Content-Type: application/json`.",
            ),
            Self::InvalidInput(_) | Self::EmailTaken => {
                (S::UNPROCESSABLE_ENTITY, "invalid_input", "The input is not valid", "`errors` says what to change.")
            }
            Self::InvalidPolicy(_) => {
                (S::UNPROCESSABLE_ENTITY, "invalid_policy", "The policy is not valid", "`errors` says what to change.")
            }
            Self::PreconditionRequired => (
                S::PRECONDITION_REQUIRED,
                "precondition_required",
                "If-Match is required",
                "Send the `ETag` of the version you started from as `If-Match`.",
            ),
            Self::RateLimited { .. } => {
                (S::TOO_MANY_REQUESTS, "rate_limited", "Too many requests", "Wait before you try again.")
            }
            Self::Unavailable(_) => (
                S::SERVICE_UNAVAILABLE,
                "unavailable",
                "Temporarily unavailable",
                "Something this needs cannot be reached at the moment; try again.",
            ),
            Self::Internal(_) => {
                (S::INTERNAL_SERVER_ERROR, "internal", "Internal error", "This is a defect; the log has its cause.")
            }
        };
        (status, code, title, detail.to_owned())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        match &self {
            Self::Unavailable(source) => tracing::error!(error = %chain(&**source), "dependency unavailable"),
            Self::Internal(source) => tracing::error!(error = %chain(&**source), "request failed"),
            Self::MailNotSent(source) => tracing::error!(error = %chain(&**source), "a mail was not sent"),
            _ => {}
        }
        self.problem().into_response()
    }
}

/// An error with its causes, for the log.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

impl From<StorageError> for ApiError {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Stale => Self::StaleVersion,
            StorageError::NotFound => Self::NotFound,
            StorageError::Unavailable(_) => Self::Unavailable(error.into()),
            // A conflict that the route did not expect is a defect of the route.
            StorageError::Conflict { .. } | StorageError::Inconsistent { .. } | StorageError::Other(_) => {
                Self::Internal(error.into())
            }
        }
    }
}

impl From<PasswordsError> for ApiError {
    fn from(error: PasswordsError) -> Self {
        match error {
            PasswordsError::Busy => Self::Unavailable(error.into()),
            PasswordsError::Broken => Self::Internal(error.into()),
        }
    }
}

impl From<NotPreparedError> for ApiError {
    fn from(error: NotPreparedError) -> Self {
        Self::Unavailable(error.into())
    }
}

impl From<FreshnessError> for ApiError {
    fn from(error: FreshnessError) -> Self {
        Self::Unavailable(error.into())
    }
}

/// Names the constraint that a write may break.
pub trait OnConflict<T> {
    /// Turns a broken `constraint` into `error`; everything else goes its usual way.
    ///
    /// # Errors
    ///
    /// As the result it is called on.
    fn on_conflict(self, constraint: &str, error: ApiError) -> Result<T, ApiError>;
}

impl<T> OnConflict<T> for Result<T, StorageError> {
    fn on_conflict(self, constraint: &str, error: ApiError) -> Result<T, ApiError> {
        self.map_err(|cause| match cause {
            StorageError::Conflict { constraint: broken } if broken == constraint => error,
            other => other.into(),
        })
    }
}
