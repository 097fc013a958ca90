//! The extractor that lets only authorised callers in.

use std::collections::BTreeMap;
use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderMap};
use actix_web::{FromRequest, HttpRequest, web};
use apistos::reference_or::ReferenceOr;
use apistos::security::{Http, SecurityScheme, SecurityType};
use apistos::{ApiComponent, Schema};

use super::{Refusal, SCOPE_PREDICT, TokenVerifier};
use crate::error_code::ErrorCode;
use crate::problem::ApiError;
use crate::state::ApiState;

/// The name of the security scheme in the OpenAPI document.
const SCHEME: &str = "bearer";

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The token's subject.
    pub subject: Arc<str>,
    /// The tier of its limits.
    pub tier: Option<String>,
}

/// A scope that a route needs.
pub trait RequiredScope: 'static {
    /// Its name in a token's `scope`.
    const NAME: &'static str;
}

/// Predictions may be asked for.
#[derive(Debug, Clone, Copy)]
pub struct Predict;

impl RequiredScope for Predict {
    const NAME: &'static str = SCOPE_PREDICT;
}

/// A caller whose token was accepted and has the scope `S`. As a handler's first argument it
/// refuses everybody else before any other part of the request is looked at.
#[derive(Debug)]
pub struct Authorized<S> {
    /// Who asks.
    pub caller: Caller,
    scope: PhantomData<S>,
}

impl<S: RequiredScope> FromRequest for Authorized<S> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let state = request
            .app_data::<web::Data<ApiState>>()
            .expect("the app factory sets the state");
        ready(
            authorize(request.headers(), state.verifier(), S::NAME).map(|caller| Self {
                caller,
                scope: PhantomData,
            }),
        )
    }
}

fn authorize(
    headers: &HeaderMap,
    verifier: &TokenVerifier,
    scope: &str,
) -> Result<Caller, ApiError> {
    let token = verifier
        .verify(bearer_token(headers)?)
        .map_err(|refusal| refused(&refusal))?;
    if !token.scopes.contains(scope) {
        return Err(ApiError::new(
            ErrorCode::InsufficientScope,
            format!("the token lacks the scope '{scope}', ask for one that has it"),
        )
        .challenged(format!(
            r#"Bearer realm="naeil", error="insufficient_scope", scope="{scope}""#
        )));
    }
    Ok(Caller {
        subject: token.subject.into(),
        tier: token.tier,
    })
}

/// The one bearer token of a request.
fn bearer_token(headers: &HeaderMap) -> Result<&str, ApiError> {
    let mut values = headers.get_all(header::AUTHORIZATION);
    let challenge = |detail: &str| {
        ApiError::new(ErrorCode::MissingToken, detail)
            .challenged(r#"Bearer realm="naeil""#.to_owned())
    };
    let value = values
        .next()
        .ok_or_else(|| challenge("send the header 'Authorization: Bearer TOKEN'"))?;
    if values.next().is_some() {
        return Err(challenge("there are two Authorization headers, send one"));
    }
    let malformed = || {
        challenge(
            "the Authorization header is malformed, it must read 'Authorization: Bearer TOKEN'",
        )
    };
    let (scheme, token) = value
        .to_str()
        .ok()
        .and_then(|text| text.split_once(' '))
        .ok_or_else(malformed)?;
    let token = token.trim();
    if !scheme.eq_ignore_ascii_case("bearer") || token.is_empty() || token.contains([' ', ',']) {
        return Err(malformed());
    }
    Ok(token)
}

/// What a client is told of a refusal: what it can act on, and no more.
fn refused(refusal: &Refusal) -> ApiError {
    let (code, detail) = match refusal {
        Refusal::Expired => (
            ErrorCode::ExpiredToken,
            "the token has expired, get a new one".to_owned(),
        ),
        Refusal::NotYetValid => (
            ErrorCode::InvalidToken,
            "the token is not valid yet, check the clocks of both sides".to_owned(),
        ),
        Refusal::MissingClaim(claim) => (
            ErrorCode::InvalidToken,
            format!("the token has no claim '{claim}', get one that has"),
        ),
        _ => (
            ErrorCode::InvalidToken,
            "the token is not accepted, get a new one from whoever runs this server".to_owned(),
        ),
    };
    let challenge =
        format!(r#"Bearer realm="naeil", error="invalid_token", error_description="{detail}""#);
    ApiError::new(code, detail)
        .caused_by(refusal)
        .challenged(challenge)
}

impl<S> ApiComponent for Authorized<S> {
    fn child_schemas() -> Vec<(String, ReferenceOr<Schema>)> {
        Vec::new()
    }

    fn schema() -> Option<(String, ReferenceOr<Schema>)> {
        None
    }

    fn securities() -> BTreeMap<String, SecurityScheme> {
        let scheme = SecurityScheme {
            _type: SecurityType::Http(Http {
                scheme: "bearer".to_owned(),
                bearer_format: Some("JWT".to_owned()),
            }),
            description: Some(
                "A JWT signed with HS256, with `sub`, `exp` and the scope that the route needs."
                    .to_owned(),
            ),
            extensions: Default::default(),
        };
        BTreeMap::from([(SCHEME.to_owned(), scheme)])
    }

    fn security_requirement_name() -> Option<String> {
        Some(SCHEME.to_owned())
    }
}
