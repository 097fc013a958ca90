//! The signing secret.

use std::collections::BTreeSet;
use std::fmt;

/// Fewest bytes of a secret: as many as HS256's digest has (RFC 7518, section 3.2).
const MIN_BYTES: usize = 32;

/// Fewest different bytes. 32 random hexadecimal digits have fewer than eight different ones less
/// than once in ten million times: 11,440 choices of seven digits, each (7/16)^32 likely.
const MIN_DISTINCT_BYTES: usize = 8;

/// What stands in example files and never in a real secret.
const PLACEHOLDERS: [&str; 6] = [
    "changeme",
    "change-me",
    "change_me",
    "your-secret",
    "your_secret",
    "placeholder",
];

/// A secret strong enough to sign tokens with. It never shows itself.
#[derive(Clone)]
pub struct JwtSecret(Box<[u8]>);

/// Why a secret is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WeakSecret {
    /// There is none.
    #[error("the token secret is missing, set at least {MIN_BYTES} random bytes")]
    Missing,
    /// It is shorter than the signature it makes.
    #[error("the token secret is too short: {bytes} bytes, it needs at least {MIN_BYTES}")]
    TooShort {
        /// How long it is.
        bytes: usize,
    },
    /// It repeats itself or comes from an example.
    #[error("the token secret can be guessed, set at least {MIN_BYTES} random bytes")]
    Obvious,
}

impl JwtSecret {
    /// Takes a secret, if nobody can guess it.
    ///
    /// # Errors
    /// [`WeakSecret`], which says what to do and never repeats the secret.
    pub fn new(secret: &str) -> Result<Self, WeakSecret> {
        if secret.trim().is_empty() {
            return Err(WeakSecret::Missing);
        }
        let bytes = secret.as_bytes();
        if bytes.len() < MIN_BYTES {
            return Err(WeakSecret::TooShort { bytes: bytes.len() });
        }
        let distinct = bytes.iter().collect::<BTreeSet<_>>().len();
        let lower = secret.to_lowercase();
        if distinct < MIN_DISTINCT_BYTES || PLACEHOLDERS.iter().any(|word| lower.contains(word)) {
            return Err(WeakSecret::Obvious);
        }
        Ok(Self(bytes.into()))
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for JwtSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JwtSecret(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_secrets_are_refused_by_kind() {
        let check = |secret: &str, expected| {
            assert_eq!(JwtSecret::new(secret).unwrap_err(), expected, "{secret}");
        };
        check("", WeakSecret::Missing);
        check("   ", WeakSecret::Missing);
        check("0123456789abcdef", WeakSecret::TooShort { bytes: 16 });
        check(&"x".repeat(64), WeakSecret::Obvious);
        check(&"abc123".repeat(8), WeakSecret::Obvious);
        check(
            "changeme-0123456789-changeme-0123456789",
            WeakSecret::Obvious,
        );
    }

    #[test]
    fn a_strong_secret_never_shows_itself() {
        let text = "9f86d081884c7d659a2feaa0c55ad015";
        let secret = JwtSecret::new(text).unwrap();
        assert_eq!(secret.bytes(), text.as_bytes());
        assert_eq!(format!("{secret:?}"), "JwtSecret(redacted)");
    }
}
