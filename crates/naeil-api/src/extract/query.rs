//! The query string.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use apistos::paths::{Parameter, RequestBody};
use apistos::reference_or::ReferenceOr;
use apistos::{ApiComponent, Schema};
use naeil_domain::Horizon;

use super::suggestion;
use crate::error_code::ErrorCode;
use crate::problem::{ApiError, shown};

/// Query parameters that a request may carry.
pub(crate) trait FromParameters: Sized + 'static {
    /// The parameters it knows.
    const PARAMETERS: &'static [&'static str];

    /// Makes it; `parameters` holds known names only, each once.
    ///
    /// # Errors
    /// An [`ApiError`] that names the parameter.
    fn from_parameters(parameters: &[(String, String)]) -> Result<Self, ApiError>;
}

/// A query with known parameters, each once.
#[derive(Debug)]
pub(crate) struct StrictQuery<T>(pub(crate) T);

impl<T: FromParameters> FromRequest for StrictQuery<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(parse(request.query_string()).map(Self))
    }
}

fn parse<T: FromParameters>(query: &str) -> Result<T, ApiError> {
    let parameters = web::Query::<Vec<(String, String)>>::from_query(query)
        .map_err(|error| {
            ApiError::new(ErrorCode::BadRequest, "the query string cannot be read").caused_by(error)
        })?
        .into_inner();
    for (place, (name, _)) in parameters.iter().enumerate() {
        let wrong = |detail| Err(ApiError::new(ErrorCode::UnknownParameter, detail));
        if !T::PARAMETERS.contains(&name.as_str()) {
            let hint = suggestion(name, T::PARAMETERS);
            return wrong(format!("unknown query parameter '{}'; {hint}", shown(name)));
        }
        if parameters[..place]
            .iter()
            .any(|(earlier, _)| earlier == name)
        {
            return wrong(format!("the query parameter '{name}' stands there twice"));
        }
    }
    T::from_parameters(&parameters)
}

/// Reads a horizon.
///
/// # Errors
/// [`ErrorCode::InvalidHorizon`], naming the choices.
pub(crate) fn parse_horizon(text: &str) -> Result<Horizon, ApiError> {
    Horizon::parse(text).map_err(|_| {
        ApiError::new(
            ErrorCode::InvalidHorizon,
            format!(
                "unknown horizon '{}', choose one of 1d, 5d, 20d",
                shown(text)
            ),
        )
    })
}

impl<T> ApiComponent for StrictQuery<T>
where
    web::Query<T>: ApiComponent,
{
    fn child_schemas() -> Vec<(String, ReferenceOr<Schema>)> {
        web::Query::<T>::child_schemas()
    }

    fn schema() -> Option<(String, ReferenceOr<Schema>)> {
        None
    }

    fn request_body() -> Option<RequestBody> {
        None
    }

    fn parameters() -> Vec<Parameter> {
        web::Query::<T>::parameters()
    }
}
