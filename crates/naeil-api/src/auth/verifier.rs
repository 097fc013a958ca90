//! Judging tokens.

use std::collections::BTreeSet;
use std::sync::Arc;

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use naeil_domain::ports::Clock;

use super::claims::{Claims, MAX_TIME};
use super::{JwtSecret, JwtSettings};

/// The longest token that is looked at.
const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// Accepts tokens signed with one secret, with HS256 and nothing else.
pub struct TokenVerifier {
    key: DecodingKey,
    validation: Validation,
    settings: JwtSettings,
    clock: Arc<dyn Clock>,
}

/// A token that was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedToken {
    /// Whose it is.
    pub subject: String,
    /// What it allows.
    pub scopes: BTreeSet<String>,
    /// The tier of its limits.
    pub tier: Option<String>,
}

/// Why a token is refused. Only expiry and missing claims are told to the client in words; the
/// rest goes to our log alone, so that a forger learns nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The token is longer than any of ours.
    #[error("the token is longer than {MAX_TOKEN_BYTES} bytes")]
    TooLong,
    /// It is not a token, or a claim has the wrong type.
    #[error("the token cannot be read: {0}")]
    Unreadable(String),
    /// Its header names something we would have to understand and do not.
    #[error("the token has critical header parameters")]
    CriticalHeader,
    /// Its header names another algorithm than HS256.
    #[error("the token names another algorithm than HS256")]
    WrongAlgorithm,
    /// The signature is not ours.
    #[error("the token's signature does not match")]
    BadSignature,
    /// A claim is missing or empty.
    #[error("the token has no claim '{0}'")]
    MissingClaim(&'static str),
    /// A time claim lies outside any calendar.
    #[error("the token's claim '{0}' is not a time")]
    ImpossibleTime(&'static str),
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// Its time has not come.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// It was made for somebody else, or by somebody else.
    #[error("the token's claim '{0}' does not name what this server expects")]
    WrongParty(&'static str),
}

impl TokenVerifier {
    /// A verifier for tokens signed with `secret`.
    pub fn new(secret: &JwtSecret, settings: JwtSettings, clock: Arc<dyn Clock>) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        // The signature is the library's business. Claims are judged here: the library takes a
        // missing `aud` or `iss` for a good one, floats for times, and its own clock.
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.validate_aud = false;
        Self {
            key: DecodingKey::from_secret(secret.bytes()),
            validation,
            settings,
            clock,
        }
    }

    /// Judges a token.
    ///
    /// # Errors
    /// [`Refusal`], for our log.
    pub fn verify(&self, token: &str) -> Result<VerifiedToken, Refusal> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(Refusal::TooLong);
        }
        let header = decode_header(token).map_err(|error| refusal_of(&error))?;
        if header.alg != Algorithm::HS256 {
            return Err(Refusal::WrongAlgorithm);
        }
        if header.crit.is_some() {
            return Err(Refusal::CriticalHeader);
        }
        let claims = decode::<Claims>(token, &self.key, &self.validation)
            .map_err(|error| refusal_of(&error))?
            .claims;
        self.check_times(&claims)?;
        self.check_parties(&claims)?;
        let subject = claims.sub.filter(|subject| !subject.trim().is_empty());
        Ok(VerifiedToken {
            subject: subject.ok_or(Refusal::MissingClaim("sub"))?,
            scopes: claims
                .scope
                .unwrap_or_default()
                .split_ascii_whitespace()
                .map(str::to_owned)
                .collect(),
            tier: claims.tier,
        })
    }

    fn check_times(&self, claims: &Claims) -> Result<(), Refusal> {
        let now = u64::try_from(self.clock.now().timestamp()).unwrap_or(0);
        let leeway = self.settings.leeway.as_secs();
        let possible = |name, time: Option<u64>| match time {
            Some(time) if time > MAX_TIME => Err(Refusal::ImpossibleTime(name)),
            time => Ok(time),
        };
        let expires = possible("exp", claims.exp)?.ok_or(Refusal::MissingClaim("exp"))?;
        if expires + leeway <= now {
            return Err(Refusal::Expired);
        }
        for (name, begins) in [("nbf", claims.nbf), ("iat", claims.iat)] {
            if possible(name, begins)?.is_some_and(|begins| begins > now + leeway) {
                return Err(Refusal::NotYetValid);
            }
        }
        Ok(())
    }

    fn check_parties(&self, claims: &Claims) -> Result<(), Refusal> {
        if let Some(issuer) = &self.settings.issuer
            && claims.iss.as_ref() != Some(issuer)
        {
            return Err(Refusal::WrongParty("iss"));
        }
        if let Some(audience) = &self.settings.audience
            && !claims.aud.as_ref().is_some_and(|aud| aud.names(audience))
        {
            return Err(Refusal::WrongParty("aud"));
        }
        Ok(())
    }
}

impl std::fmt::Debug for TokenVerifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenVerifier")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

fn refusal_of(error: &jsonwebtoken::errors::Error) -> Refusal {
    use jsonwebtoken::errors::ErrorKind;
    match error.kind() {
        ErrorKind::InvalidSignature => Refusal::BadSignature,
        ErrorKind::InvalidAlgorithm
        | ErrorKind::InvalidAlgorithmName
        | ErrorKind::UnsupportedAlgorithm => Refusal::WrongAlgorithm,
        _ => Refusal::Unreadable(error.to_string()),
    }
}
