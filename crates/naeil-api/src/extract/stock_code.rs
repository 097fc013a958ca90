//! The stock code in a path.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use apistos::paths::{Examples, Parameter, ParameterDefinition, ParameterIn, RequestBody};
use apistos::reference_or::ReferenceOr;
use apistos::{ApiComponent, InstanceType, Schema, SchemaObject, SingleOrVec};
use naeil_domain::StockCode;

use crate::problem::{ApiError, unknown_stock_code};

/// The stock code of a path; text that cannot be one is refused before anything is looked up.
#[derive(Debug)]
pub(crate) struct StockCodeInPath(pub(crate) StockCode);

impl FromRequest for StockCodeInPath {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let raw = request.match_info().get("stock_code").unwrap_or_default();
        // Extracting decodes what the router leaves encoded, such as %2F.
        let text = web::Path::<String>::extract(request)
            .into_inner()
            .map_or_else(|_| raw.to_owned(), web::Path::into_inner);
        ready(parse(&text).map(Self))
    }
}

/// Reads a stock code.
///
/// # Errors
/// The same "unknown stock code" that a well-formed code without a stock gets.
pub(crate) fn parse(text: &str) -> Result<StockCode, ApiError> {
    StockCode::parse(text).map_err(|_| unknown_stock_code(text))
}

/// What is wrong with the shape of a KRX short code, or `None` if nothing is.
pub(crate) fn shape_hint(text: &str) -> Option<String> {
    let is_krx = |text: &str| StockCode::parse(text).is_ok_and(|code| code.has_krx_shape());
    if is_krx(text) {
        return None;
    }
    let corrected = text.trim().to_ascii_uppercase();
    if is_krx(&corrected) {
        return Some(format!("did you mean {corrected}?"));
    }
    if !corrected.is_empty() && corrected.len() < 6 && corrected.bytes().all(|b| b.is_ascii_digit())
    {
        return Some(format!(
            "codes have six characters and keep their leading zeros, did you mean {corrected:0>6}?"
        ));
    }
    Some("a KRX code has four digits and then two digits or capital letters, such as 005930".into())
}

impl ApiComponent for StockCodeInPath {
    fn child_schemas() -> Vec<(String, ReferenceOr<Schema>)> {
        Vec::new()
    }

    fn schema() -> Option<(String, ReferenceOr<Schema>)> {
        None
    }

    fn request_body() -> Option<RequestBody> {
        None
    }

    fn parameters() -> Vec<Parameter> {
        let schema = SchemaObject {
            instance_type: Some(SingleOrVec::Single(Box::new(InstanceType::String))),
            ..SchemaObject::default()
        };
        vec![Parameter {
            name: "stock_code".to_owned(),
            _in: ParameterIn::Path,
            description: Some("The KRX short code, with its leading zeros.".to_owned()),
            required: Some(true),
            definition: Some(ParameterDefinition::Schema(Box::new(ReferenceOr::Object(
                Schema::Object(schema),
            )))),
            example: Some(Examples::Example("005930".into())),
            ..Parameter::default()
        }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_name_the_likely_code() {
        let check = |text: &str, expected: &str| {
            let hint = shape_hint(text).unwrap();
            assert!(hint.contains(expected), "{text}: {hint}");
        };
        check("5930", "did you mean 005930?");
        check("00104k", "did you mean 00104K?");
        check("005930 ", "did you mean 005930?");
        check("INVALID", "such as 005930");
        check("", "such as 005930");
        check("０５９３０", "such as 005930");
        assert_eq!(shape_hint("005930"), None);
        assert_eq!(shape_hint("00104K"), None);
    }
}
