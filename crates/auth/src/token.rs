//! Tokens of grants, API keys and links: how they look, and what is kept of them.
//!
//! `<prefix><52 characters of 32 random bytes><7 characters of a checksum>`, both parts in
//! lower-case base32 (RFC 4648 section 6, no padding). The prefix lets secret scanners find
//! leaked tokens; the checksum tells a mistyped one apart without a lookup. Only the SHA-256 is
//! stored: with 256 random bits, a slow hash would protect nothing.

use std::fmt;

use data_encoding::{BASE32_NOPAD, Encoding, Specification};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

const SECRET_BYTES: usize = 32;
const BODY_CHARS: usize = 52 + 7;

/// What a token opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// The gateway, for an agent.
    Grant,
    /// The REST API.
    ApiKey,
    /// Membership, once.
    Invitation,
    /// A new password, once.
    PasswordReset,
    /// The proof that mail reaches somebody, once.
    EmailProof,
}

impl TokenKind {
    /// What every token of the kind begins with.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Grant => "ost_grant_",
            Self::ApiKey => "ost_key_",
            Self::Invitation => "ost_invite_",
            Self::PasswordReset => "ost_reset_",
            Self::EmailProof => "ost_verify_",
        }
    }
}

/// A text that is no token of the wanted kind. Carries no part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text is no token of this kind")]
pub struct TokenError;

/// A token that was just minted: the only moment at which it is known.
pub struct Token {
    text: Zeroizing<String>,
    hash: TokenHash,
}

impl Token {
    /// Mints a token from 32 bytes of the operating system's random source.
    #[must_use]
    pub fn mint(kind: TokenKind) -> Self {
        let mut secret = Zeroizing::new([0_u8; SECRET_BYTES]);
        rand::fill(&mut secret[..]);
        Self::from_secret(kind, &secret)
    }

    fn from_secret(kind: TokenKind, secret: &[u8; SECRET_BYTES]) -> Self {
        let mut text = Zeroizing::new(String::with_capacity(kind.prefix().len() + BODY_CHARS));
        text.push_str(kind.prefix());
        base32().encode_append(secret, &mut text);
        let checksum = checksum(text.as_bytes());
        base32().encode_append(&checksum, &mut text);
        let hash = TokenHash(Sha256::digest(text.as_bytes()).into());
        Self { text, hash }
    }

    /// The token itself, to be shown once.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// What is stored of it.
    #[must_use]
    pub const fn hash(&self) -> TokenHash {
        self.hash
    }

    /// Its last four characters, which tell tokens apart in lists.
    #[must_use]
    pub fn hint(&self) -> Box<str> {
        let start = self.text.len().saturating_sub(4);
        self.text.get(start..).unwrap_or_default().into()
    }
}

// SECURITY: neither the token nor its hash is printed.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").finish_non_exhaustive()
    }
}

/// The SHA-256 of a well-formed token: what is stored and looked up.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// The hash of a token that a caller presents.
    ///
    /// # Errors
    ///
    /// [`TokenError`] when prefix, length, alphabet or checksum are wrong; such a token was never
    /// minted here, so there is nothing to look up.
    pub fn of(kind: TokenKind, text: &str) -> Result<Self, TokenError> {
        let body = text.strip_prefix(kind.prefix()).ok_or(TokenError)?;
        if body.len() != BODY_CHARS || !body.is_ascii() {
            return Err(TokenError);
        }
        let (secret, check) = body.split_at(52);
        let secret = base32().decode(secret.as_bytes()).map(Zeroizing::new).map_err(|_| TokenError)?;
        let check = base32().decode(check.as_bytes()).map_err(|_| TokenError)?;
        let covered = text.get(..kind.prefix().len() + 52).ok_or(TokenError)?;
        if secret.len() != SECRET_BYTES || check != checksum(covered.as_bytes()) {
            return Err(TokenError);
        }
        Ok(Self(Sha256::digest(text.as_bytes()).into()))
    }

    /// The 32 bytes that are stored.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

// SECURITY: the hash finds the grant; it is not printed either.
impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenHash").finish_non_exhaustive()
    }
}

fn checksum(covered: &[u8]) -> [u8; 4] {
    crc32fast::hash(covered).to_be_bytes()
}

fn base32() -> &'static Encoding {
    static ENCODING: std::sync::OnceLock<Encoding> = std::sync::OnceLock::new();
    ENCODING.get_or_init(|| {
        let mut specification = Specification::new();
        specification.symbols.push_str("abcdefghijklmnopqrstuvwxyz234567");
        // The symbols are a constant of 32 distinct characters, the only thing that can be wrong.
        specification.encoding().unwrap_or(BASE32_NOPAD)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_minted_and_presented_has_the_same_hash() {
        for kind in [TokenKind::Grant, TokenKind::ApiKey, TokenKind::Invitation, TokenKind::EmailProof] {
            let token = Token::mint(kind);
            assert!(token.reveal().starts_with(kind.prefix()));
            assert_eq!(token.reveal().len(), kind.prefix().len() + BODY_CHARS);
            assert_eq!(TokenHash::of(kind, token.reveal()), Ok(token.hash()));
            assert!(token.reveal().ends_with(&*token.hint()));
            assert_eq!(token.hint().len(), 4);
        }
    }

    #[test]
    fn token_is_stable_for_the_same_secret() {
        // A change of the format would lock out every token there is.
        let token = Token::from_secret(TokenKind::Grant, &[7; 32]);
        assert_eq!(token.reveal(), "ost_grant_a4dqobyha4dqobyha4dqobyha4dqobyha4dqobyha4dqobyha4dqifdiojq");
    }

    #[test]
    fn token_with_one_character_changed_is_refused() {
        let token = Token::mint(TokenKind::Grant);
        let text = token.reveal();
        for position in TokenKind::Grant.prefix().len()..text.len() {
            let mut bytes = text.as_bytes().to_vec();
            bytes[position] = if bytes[position] == b'a' { b'b' } else { b'a' };
            let changed = String::from_utf8(bytes).expect("ASCII");
            assert_eq!(TokenHash::of(TokenKind::Grant, &changed), Err(TokenError), "position {position}");
        }
    }

    #[test]
    fn token_of_another_kind_or_shape_is_refused() {
        let key = Token::mint(TokenKind::ApiKey);
        assert!(TokenHash::of(TokenKind::Grant, key.reveal()).is_err());
        let upper = key.reveal().to_uppercase();
        let long = format!("{}a", key.reveal());
        let umlauts = format!("ost_key_{}", "ä".repeat(30));
        for text in ["", "ost_key_", &upper, &long, &umlauts] {
            assert!(TokenHash::of(TokenKind::ApiKey, text).is_err(), "{text}");
        }
    }

    #[test]
    fn token_debug_shows_nothing_of_it() {
        let token = Token::mint(TokenKind::Grant);
        assert_eq!(format!("{token:?} {:?}", token.hash()), "Token { .. } TokenHash { .. }");
    }
}
