//! Bearer tokens: who asks, and what they may do.
//!
//! [`TokenVerifier`] accepts HS256 and nothing else, whatever a token says of itself;
//! [`TokenIssuer`] makes the tokens it accepts.

mod authorized;
mod claims;
mod issuer;
mod secret;
mod verifier;

pub use authorized::{Authorized, Caller, Predict, RequiredScope};
pub use issuer::{TokenError, TokenIssuer, TokenRequest};
pub use secret::{JwtSecret, WeakSecret};
pub use verifier::{Refusal, TokenVerifier, VerifiedToken};

use std::time::Duration;

/// How tokens are judged beyond their signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JwtSettings {
    /// The `iss` that a token must carry; not looked at when `None`.
    pub issuer: Option<String>,
    /// The `aud` that a token must name; not looked at when `None`.
    pub audience: Option<String>,
    /// How far clocks may differ.
    pub leeway: Duration,
}

impl Default for JwtSettings {
    fn default() -> Self {
        Self {
            issuer: None,
            audience: None,
            leeway: Duration::from_secs(30),
        }
    }
}

/// The scope that predictions need.
pub const SCOPE_PREDICT: &str = "predict";

#[cfg(test)]
mod tests;
