//! Proving who one is.

pub(crate) mod begin_passkey_proof;
pub(crate) mod begin_provider;
pub(crate) mod change_password;
pub(crate) mod confirm_password_reset;
pub(crate) mod link_provider;
pub(crate) mod methods;
pub(crate) mod password_reset;
pub(crate) mod prove_passkey;
pub(crate) mod provider_callback;
pub(crate) mod second_factor;
pub(crate) mod send_verification;
pub(crate) mod sign_in;
pub(crate) mod sign_out;
pub(crate) mod sign_up;
pub(crate) mod verify_email;
