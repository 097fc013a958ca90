//! The top level of a JSON body, field by field.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::suggestion;
use crate::error_code::ErrorCode;
use crate::problem::{ApiError, shown};

/// The fields of a JSON object in the order sent, repeated ones included.
#[derive(Debug)]
pub(crate) struct Fields(Vec<(String, Value)>);

/// A request body that is made from a JSON object.
pub(crate) trait FromFields: Sized + 'static {
    /// The fields it knows.
    const FIELDS: &'static [&'static str];

    /// Makes it.
    ///
    /// # Errors
    /// An [`ApiError`] that names the field.
    fn from_fields(fields: Fields) -> Result<Self, ApiError>;
}

/// What stood at the top level.
enum TopLevel {
    Object(Fields),
    Other(&'static str),
}

impl Fields {
    /// Reads a body that must be one JSON object with known fields, each once.
    ///
    /// # Errors
    /// An [`ApiError`] that says where the JSON breaks or which field is wrong.
    pub(crate) fn parse(body: &[u8], known: &[&'static str]) -> Result<Self, ApiError> {
        let fields = match serde_json::from_slice(body).map_err(|error| broken(body, &error))? {
            TopLevel::Object(fields) => fields,
            TopLevel::Other(found) => {
                return Err(ApiError::new(
                    ErrorCode::WrongType,
                    format!("the body must be a JSON object, not {found}"),
                ));
            }
        };
        for (place, (name, _)) in fields.0.iter().enumerate() {
            if !known.contains(&name.as_str()) {
                let detail = format!(
                    "unknown field '{}'; {}",
                    shown(name),
                    suggestion(name, known)
                );
                return Err(ApiError::new(ErrorCode::UnknownField, detail));
            }
            if fields.0[..place].iter().any(|(earlier, _)| earlier == name) {
                return Err(ApiError::new(
                    ErrorCode::DuplicateField,
                    format!("the field '{name}' stands there twice"),
                ));
            }
        }
        Ok(fields)
    }

    /// Takes a field out, if it is there.
    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        let place = self.0.iter().position(|(field, _)| field == name)?;
        Some(self.0.swap_remove(place).1)
    }

    /// Takes out a field that must be there.
    ///
    /// # Errors
    /// [`ErrorCode::MissingField`].
    pub(crate) fn require(&mut self, name: &str, example: &str) -> Result<Value, ApiError> {
        self.take(name).ok_or_else(|| {
            ApiError::new(
                ErrorCode::MissingField,
                format!("the field '{name}' is missing, for example {example}"),
            )
        })
    }
}

/// The kind of a JSON value, for people.
pub(crate) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// Says where the JSON breaks; the parser's own words stay inside.
fn broken(body: &[u8], error: &serde_json::Error) -> ApiError {
    let detail = if body.is_empty() {
        "the body is empty, send a JSON object".to_owned()
    } else {
        format!(
            "the body is not valid JSON at line {}, column {}",
            error.line(),
            error.column()
        )
    };
    ApiError::new(ErrorCode::InvalidJson, detail).caused_by(error)
}

impl<'de> Deserialize<'de> for TopLevel {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TopLevelVisitor)
    }
}

struct TopLevelVisitor;

impl<'de> Visitor<'de> for TopLevelVisitor {
    type Value = TopLevel;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<TopLevel, A::Error> {
        let mut fields = Vec::new();
        while let Some(field) = map.next_entry()? {
            fields.push(field);
        }
        Ok(TopLevel::Object(Fields(fields)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<TopLevel, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(TopLevel::Other("a list"))
    }

    fn visit_bool<E>(self, _: bool) -> Result<TopLevel, E> {
        Ok(TopLevel::Other("true or false"))
    }

    fn visit_u64<E>(self, _: u64) -> Result<TopLevel, E> {
        Ok(TopLevel::Other("a number"))
    }

    fn visit_i64<E>(self, _: i64) -> Result<TopLevel, E> {
        Ok(TopLevel::Other("a number"))
    }

    fn visit_f64<E>(self, _: f64) -> Result<TopLevel, E> {
        Ok(TopLevel::Other("a number"))
    }

    fn visit_str<E>(self, _: &str) -> Result<TopLevel, E> {
        Ok(TopLevel::Other("text"))
    }

    fn visit_unit<E>(self) -> Result<TopLevel, E> {
        Ok(TopLevel::Other("null"))
    }
}
