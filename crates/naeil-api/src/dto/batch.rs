//! Batches of predictions.

use apistos::ApiComponent;
use naeil_domain::Horizon;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::dto::prediction::PredictionBody;
use crate::dto::words::HorizonWord;
use crate::error_code::ErrorCode;
use crate::extract::fields::{Fields, FromFields, kind_of};
use crate::extract::query::parse_horizon;
use crate::problem::{ApiError, shown};

/// The most stock codes in one batch.
pub const MAX_BATCH: usize = 100;

const EXAMPLE: &str = r#"{"stock_codes": ["005930", "000660"], "horizon": "1d"}"#;

/// A question about several stocks; codes are still text, as each may fail on its own.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, ApiComponent)]
#[schemars(deny_unknown_fields, example = "example")]
pub struct BatchRequest {
    /// 1 to 100 stock codes, as text; a repeated one is computed once and answered at every place.
    #[schemars(length(min = 1, max = 100))]
    pub stock_codes: Vec<String>,
    /// How far ahead; `1d` unless given.
    #[schemars(default)]
    pub horizon: HorizonWord,
}

fn example() -> Value {
    serde_json::from_str(EXAMPLE).expect("the example is JSON")
}

impl FromFields for BatchRequest {
    const FIELDS: &'static [&'static str] = &["stock_codes", "horizon"];

    fn from_fields(mut fields: Fields) -> Result<Self, ApiError> {
        let codes = match fields.require("stock_codes", EXAMPLE)? {
            Value::Array(codes) => codes,
            other => {
                return Err(wrong_type(format!(
                    "stock_codes must be a list of stock codes in quotes, not {}",
                    kind_of(&other)
                )));
            }
        };
        if codes.is_empty() {
            return Err(ApiError::plain(ErrorCode::EmptyBatch));
        }
        if codes.len() > MAX_BATCH {
            return Err(ApiError::new(
                ErrorCode::BatchTooLarge,
                format!(
                    "a batch of {} stock codes exceeds limit of {MAX_BATCH}, split it",
                    codes.len()
                ),
            ));
        }
        let horizon = match fields.take("horizon") {
            None => Horizon::OneDay,
            Some(Value::String(text)) => parse_horizon(&text)?,
            Some(other) => {
                return Err(wrong_type(format!(
                    "horizon must be one of \"1d\", \"5d\", \"20d\", not {}",
                    kind_of(&other)
                )));
            }
        };
        let stock_codes = codes
            .into_iter()
            .enumerate()
            .map(|(place, code)| code_text(place, code))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            stock_codes,
            horizon: horizon.into(),
        })
    }
}

fn code_text(place: usize, code: Value) -> Result<String, ApiError> {
    match code {
        Value::String(code) => Ok(code),
        Value::Number(number) => {
            let number = shown(&number.to_string());
            Err(wrong_type(format!(
                "stock_codes[{place}] is the number {number}; write it as text in quotes, \
                 \"{number:0>6}\", because a number loses its leading zeros"
            )))
        }
        other => Err(wrong_type(format!(
            "stock_codes[{place}] must be text such as \"005930\", not {}",
            kind_of(&other)
        ))),
    }
}

fn wrong_type(detail: String) -> ApiError {
    ApiError::new(ErrorCode::WrongType, detail)
}

/// One place of a batch: its prediction, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema, ApiComponent)]
#[serde(untagged)]
pub enum BatchItemBody {
    /// The prediction.
    Prediction(Box<PredictionBody>),
    /// Why there is none.
    Failure(BatchFailureBody),
}

/// A stock that could not be predicted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema, ApiComponent)]
pub struct BatchFailureBody {
    /// The code as it was sent.
    pub stock_code: String,
    /// What was wrong.
    pub error: BatchErrorBody,
}

/// What was wrong with one place of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema, ApiComponent)]
pub struct BatchErrorBody {
    /// A stable word to match on, the same as in a problem.
    pub code: String,
    /// What kind of error it is.
    pub title: String,
    /// What was wrong and what to do about it.
    pub detail: String,
}

impl BatchItemBody {
    pub(crate) fn failure(stock_code: &str, error: &ApiError) -> Self {
        Self::Failure(BatchFailureBody {
            stock_code: shown(stock_code),
            error: BatchErrorBody {
                code: error.code().as_str().to_owned(),
                title: error.code().title().to_owned(),
                detail: error.detail().to_owned(),
            },
        })
    }
}
