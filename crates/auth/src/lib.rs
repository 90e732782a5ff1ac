//! Who is calling, and what is kept secret: passwords, tokens, sessions, sealed credentials.
//!
//! No I/O beyond random bytes, no storage, no rules about who may do what (that is
//! [`Role::allows`](ostiary_model::Role::allows)). Nothing here prints a secret: every type that
//! holds one has a `Debug` that leaves it out, and errors never carry the text they refused.
//!
//! To seal something new: a variant of [`keyring::Purpose`] with its own label, so that what was
//! sealed for one purpose cannot be opened for another. To add a kind of token: a variant of
//! [`token::TokenKind`] with its own prefix.
#![warn(missing_docs)]

pub mod bearer;
pub mod credentials;
pub mod device;
pub mod errand;
pub mod halfway;
pub mod keyed_hash;
pub mod keyring;
pub mod passkey;
pub mod password;
pub mod recovery;
pub mod seal;
pub mod session;
pub mod token;
pub mod totp;

pub use bearer::bearer;
pub use credentials::{Credentials, CredentialsError, UpstreamHeader, UpstreamHeaderError};
pub use device::{DeviceId, Devices};
pub use errand::Errand;
pub use halfway::Halfway;
pub use keyed_hash::KeyedHasher;
pub use keyring::{Keyring, Purpose, SecretKey, SecretKeyError};
pub use passkey::{PasskeyCredential, PasskeyError, Passkeys};
pub use password::{PasswordError, PasswordSettings, Passwords, PasswordsError, Verdict, check_password};
pub use recovery::RecoveryCode;
pub use seal::{SealError, SealedBy, Sealer};
pub use session::{SessionClaims, SessionKeys, SessionTokenError, SessionTokens};
pub use token::{Token, TokenError, TokenHash, TokenKind};
pub use totp::TotpSecret;
