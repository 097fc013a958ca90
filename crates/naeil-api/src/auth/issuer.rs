//! Making tokens.

use std::sync::Arc;
use std::time::Duration;

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use naeil_domain::ports::Clock;

use super::claims::{Audience, Claims, MAX_TIME};
use super::{JwtSecret, JwtSettings};

/// Makes tokens that a [`super::TokenVerifier`] with the same secret and settings accepts.
pub struct TokenIssuer {
    key: EncodingKey,
    settings: JwtSettings,
    clock: Arc<dyn Clock>,
}

/// What a token should say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRequest {
    /// Whose it is; not empty.
    pub subject: String,
    /// What it allows, for instance `predict`.
    pub scopes: Vec<String>,
    /// How long it is good.
    pub ttl: Duration,
    /// The tier of its limits.
    pub tier: Option<String>,
}

/// Why no token was made.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Nobody would own it.
    #[error("a token needs a subject, name whose it is")]
    NoSubject,
    /// It would never be good, or for longer than any calendar.
    #[error("a token cannot be good for {0:?}, choose between a second and some years")]
    BadLifetime(Duration),
    /// Scopes are separated by spaces, so none may contain one.
    #[error("'{0}' cannot be a scope, it is empty or holds a space")]
    BadScope(String),
    /// The library could not sign it.
    #[error("the token cannot be signed")]
    Signing(#[source] jsonwebtoken::errors::Error),
}

impl TokenIssuer {
    /// An issuer that signs with `secret`.
    pub fn new(secret: &JwtSecret, settings: JwtSettings, clock: Arc<dyn Clock>) -> Self {
        Self {
            key: EncodingKey::from_secret(secret.bytes()),
            settings,
            clock,
        }
    }

    /// Makes a token.
    ///
    /// # Errors
    /// [`TokenError`] if the request makes no sense.
    pub fn issue(&self, request: &TokenRequest) -> Result<String, TokenError> {
        if request.subject.trim().is_empty() {
            return Err(TokenError::NoSubject);
        }
        let bad = |scope: &&String| scope.is_empty() || scope.contains(char::is_whitespace);
        if let Some(scope) = request.scopes.iter().find(bad) {
            return Err(TokenError::BadScope(scope.clone()));
        }
        let now = u64::try_from(self.clock.now().timestamp()).unwrap_or(0);
        let expires = now.saturating_add(request.ttl.as_secs());
        if request.ttl.as_secs() == 0 || expires > MAX_TIME {
            return Err(TokenError::BadLifetime(request.ttl));
        }
        let claims = Claims {
            sub: Some(request.subject.clone()),
            exp: Some(expires),
            iat: Some(now),
            nbf: None,
            iss: self.settings.issuer.clone(),
            aud: self.settings.audience.clone().map(Audience::One),
            scope: Some(request.scopes.join(" ")),
            tier: request.tier.clone(),
        };
        encode(&Header::new(Algorithm::HS256), &claims, &self.key).map_err(TokenError::Signing)
    }
}

impl std::fmt::Debug for TokenIssuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenIssuer")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
