//! The second factor.

use chrono::{DateTime, Utc};
use ostiary_model::{Label, PasskeyId};
use ostiary_storage::StoredPasskey;
use serde::Serialize;
use utoipa::ToSchema;
use zeroize::Zeroizing;

use crate::extract::input::JsonObject;
use crate::extract::{FromInput, Input};

/// What else than the password somebody needs to sign in.
#[derive(Debug, Serialize, ToSchema)]
pub struct SecondFactor {
    /// Whether anything is asked for: a code of an app, or a passkey.
    pub is_enabled: bool,
    /// Whether an app makes codes.
    pub has_app: bool,
    /// The passkeys, the oldest first.
    pub passkeys: Vec<Passkey>,
    /// Whether browsers have passkeys for this installation: it needs a name and https.
    pub can_have_passkeys: bool,
    /// How many recovery codes are left.
    pub recovery_codes_left: u64,
}

/// A device that proves who somebody is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Passkey {
    /// Id.
    #[schema(value_type = String)]
    pub id: PasskeyId,
    /// What its owner calls it.
    #[schema(value_type = String, example = "Laptop")]
    pub name: Label,
    /// When it was added.
    pub created_at: DateTime<Utc>,
    /// When somebody last signed in with it.
    pub last_used_at: Option<DateTime<Utc>>,
}

impl From<StoredPasskey> for Passkey {
    fn from(stored: StoredPasskey) -> Self {
        let StoredPasskey { id, name, created_at, last_used_at, .. } = stored;
        Self { id, name, created_at, last_used_at }
    }
}

/// What a browser is asked about passkeys.
#[derive(Serialize, ToSchema)]
pub struct PasskeyCeremony {
    /// To be sent with the answer.
    #[schema(value_type = String)]
    pub ceremony: PasskeyId,
    /// What `navigator.credentials` takes (WebAuthn level 3, as JSON).
    #[schema(value_type = Object)]
    pub options: serde_json::Value,
}

/// A second factor that was added.
#[derive(Serialize, ToSchema)]
pub struct SecondFactorAdded {
    /// Recovery codes, which are shown this once; none when there were some already.
    #[schema(example = json!(["abcd-efgh-ijkl-mnop"]))]
    pub recovery_codes: Option<Vec<String>>,
}

/// The password was right; the second factor is to come.
#[derive(Serialize, ToSchema)]
pub struct SecondFactorNeeded {
    /// To be sent with the code or the passkey, within 5 minutes.
    pub token: String,
    /// Whether an app makes codes; recovery codes work in any case.
    pub has_app: bool,
    /// Whether a passkey would do.
    pub has_passkeys: bool,
}

/// An app to set up.
#[derive(Serialize, ToSchema)]
pub struct TotpSetup {
    /// The secret, to be typed into the app.
    #[schema(example = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")]
    pub secret: String,
    /// The same as a URI, to be shown as a picture.
    #[schema(example = "otpauth://totp/Ostiary:ada@example.com?secret=…&issuer=Ostiary")]
    pub uri: String,
}

/// Recovery codes, which are shown this once.
#[derive(Serialize, ToSchema)]
pub struct RecoveryCodes {
    /// The codes; each works once in place of the app.
    #[schema(example = json!(["abcd-efgh-ijkl-mnop"]))]
    pub recovery_codes: Vec<String>,
}

macro_rules! unprinted {
    ($($type:ident),+) => {
        $(
            // SECURITY: what opens something is not printed.
            impl std::fmt::Debug for $type {
                fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.debug_struct(stringify!($type)).finish_non_exhaustive()
                }
            }
        )+
    };
}

unprinted!(SecondFactorNeeded, TotpSetup, RecoveryCodes, PasskeyCeremony, SecondFactorAdded);

/// The second step of signing in.
#[derive(Debug, ToSchema)]
pub struct SecondFactorRequest {
    /// What the first step answered.
    #[schema(value_type = String, format = Password)]
    pub token: Zeroizing<String>,
    /// A code of the app, or a recovery code.
    #[schema(value_type = String, example = "123456")]
    pub code: Zeroizing<String>,
}

/// The second step of signing in, with a passkey: asks what to prove.
#[derive(Debug, ToSchema)]
pub struct BeginPasskeyProofRequest {
    /// What the first step answered.
    #[schema(value_type = String, format = Password)]
    pub token: Zeroizing<String>,
}

/// The second step of signing in, with a passkey.
#[derive(Debug, ToSchema)]
pub struct PasskeyProofRequest {
    /// What the first step answered.
    #[schema(value_type = String, format = Password)]
    pub token: Zeroizing<String>,
    /// Which question this answers.
    #[schema(value_type = String)]
    pub ceremony: PasskeyId,
    /// What the browser answered, as JSON.
    #[schema(value_type = Object)]
    pub credential: JsonObject,
}

/// A new passkey.
#[derive(Debug, ToSchema)]
pub struct ConfirmPasskeyRequest {
    /// Which question this answers.
    #[schema(value_type = String)]
    pub ceremony: PasskeyId,
    /// What to call it.
    #[schema(value_type = String, example = "Laptop")]
    pub name: Label,
    /// What the browser answered, as JSON.
    #[schema(value_type = Object)]
    pub credential: JsonObject,
}

/// The caller's password, once more.
#[derive(Debug, ToSchema)]
pub struct OwnPasswordRequest {
    /// Password.
    #[schema(value_type = String, format = Password)]
    pub password: Zeroizing<String>,
}

/// A code of the app that is set up.
#[derive(Debug, ToSchema)]
pub struct ConfirmTotpRequest {
    /// The code.
    #[schema(value_type = String, example = "123456")]
    pub code: Zeroizing<String>,
}

impl FromInput for SecondFactorRequest {
    fn from_input(input: &mut Input<'_>) -> Option<Self> {
        let (token, code) = (input.required("token"), input.required("code"));
        Some(Self { token: token?, code: code? })
    }
}

impl FromInput for BeginPasskeyProofRequest {
    fn from_input(input: &mut Input<'_>) -> Option<Self> {
        Some(Self { token: input.required("token")? })
    }
}

impl FromInput for PasskeyProofRequest {
    fn from_input(input: &mut Input<'_>) -> Option<Self> {
        let (token, ceremony, credential) =
            (input.required("token"), input.required("ceremony"), input.required("credential"));
        Some(Self { token: token?, ceremony: ceremony?, credential: credential? })
    }
}

impl FromInput for ConfirmPasskeyRequest {
    fn from_input(input: &mut Input<'_>) -> Option<Self> {
        let (ceremony, name, credential) =
            (input.required("ceremony"), input.required("name"), input.required("credential"));
        Some(Self { ceremony: ceremony?, name: name?, credential: credential? })
    }
}

impl FromInput for OwnPasswordRequest {
    fn from_input(input: &mut Input<'_>) -> Option<Self> {
        Some(Self { password: input.required("password")? })
    }
}

impl FromInput for ConfirmTotpRequest {
    fn from_input(input: &mut Input<'_>) -> Option<Self> {
        Some(Self { code: input.required("code")? })
    }
}
