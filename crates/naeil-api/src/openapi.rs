//! The OpenAPI document: what apistos cannot derive is written here, above all the error bodies.

use std::collections::BTreeMap;

use apistos::info::{Info, License};
use apistos::paths::{
    Example, ExampleValue, Examples, Header, MediaType, ParameterDefinition, Response, Responses,
};
use apistos::reference_or::ReferenceOr;
use apistos::server::Server;
use apistos::spec::Spec;
use apistos::tag::Tag;
use apistos::{ApiComponent, ApiErrorComponent, InstanceType, Schema, SchemaObject, SingleOrVec};

use crate::dto::problem::Problem;
use crate::error_code::ErrorCode;
use crate::problem::{ApiError, PROBLEM_JSON};

const DESCRIPTION: &str = "Daily stock predictions for the Korea Exchange: up, down or neutral 1, 5 and 20 sessions \
     ahead.\n\nEvery error has the media type `application/problem+json` (RFC 9457) and a stable \
     `code`; /docs shows one example of each. Every reply carries `X-Request-Id`. Only bytes \
     that do not parse as HTTP get a bare 400, 408 or 431. Times are RFC 3339 with offset, sessions are \
     exchange dates, stock codes are text.";

/// Title, version, licence, tags and servers of the document.
pub(crate) fn spec() -> Spec {
    let tag = |name: &str, description: &str| Tag {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        ..Tag::default()
    };
    Spec {
        info: Info {
            title: "naeil".to_owned(),
            description: Some(DESCRIPTION.to_owned()),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            license: Some(License {
                name: env!("CARGO_PKG_LICENSE").to_owned(),
                ..License::default()
            }),
            ..Info::default()
        },
        tags: vec![
            tag("predictions", "Questions about stocks; they need a token."),
            tag("model", "The model that answers."),
            tag("operations", "Health and metrics."),
        ],
        servers: vec![Server {
            url: "/".to_owned(),
            description: Some("This server".to_owned()),
            ..Server::default()
        }],
        ..Spec::default()
    }
}

/// A header of a successful reply.
pub(crate) type HeaderDoc = (&'static str, &'static str);

/// The headers that say where a prediction comes from.
pub(crate) const CACHE_HEADERS: [HeaderDoc; 4] = [
    (
        "X-Cache",
        "`hit` if the answer was remembered, else `miss`.",
    ),
    ("Age", "Seconds since the answer was first computed."),
    ("Cache-Control", "`private, max-age=60`."),
    ("ETag", "Names these bytes; send it as `If-None-Match`."),
];

/// The description of a 200 reply in JSON whose body is a `T`.
pub(crate) fn json_reply<T: ApiComponent>(
    description: &str,
    headers: &[HeaderDoc],
) -> BTreeMap<String, ReferenceOr<Response>> {
    let schema = T::schema().map(|(name, schema)| match schema {
        // A list is written out, anything else is a component.
        ReferenceOr::Object(Schema::Object(list)) if list.array.is_some() => {
            ReferenceOr::Object(Schema::Object(list))
        }
        _ => component(&name),
    });
    reply("application/json", schema, description, headers)
}

/// The description of a 200 reply that is plain text.
pub(crate) fn text_reply(
    media_type: &str,
    description: &str,
) -> BTreeMap<String, ReferenceOr<Response>> {
    reply(media_type, Some(text_schema()), description, &[])
}

fn reply(
    media_type: &str,
    schema: Option<ReferenceOr<Schema>>,
    description: &str,
    headers: &[HeaderDoc],
) -> BTreeMap<String, ReferenceOr<Response>> {
    let media = MediaType {
        schema,
        ..MediaType::default()
    };
    let response = Response {
        description: description.to_owned(),
        headers: header_docs(headers),
        content: BTreeMap::from([(media_type.to_owned(), media)]),
        ..Response::default()
    };
    BTreeMap::from([("200".to_owned(), ReferenceOr::Object(response))])
}

/// A reply without a body.
pub(crate) fn empty_reply(description: &str) -> ReferenceOr<Response> {
    ReferenceOr::Object(Response {
        description: description.to_owned(),
        ..Response::default()
    })
}

/// Wraps replies for apistos.
pub(crate) fn responses(replies: BTreeMap<String, ReferenceOr<Response>>) -> Option<Responses> {
    Some(Responses {
        responses: replies,
        ..Responses::default()
    })
}

impl ApiErrorComponent for ApiError {
    fn schemas_by_status_code() -> BTreeMap<String, (String, ReferenceOr<Schema>)> {
        let schema = Problem::schema().expect("Problem derives its schema");
        ErrorCode::ALL
            .iter()
            .map(|code| (code.status().as_str().to_owned(), schema.clone()))
            .collect()
    }

    fn error_responses() -> Vec<(String, Response)> {
        let mut codes: BTreeMap<u16, Vec<ErrorCode>> = BTreeMap::new();
        for code in ErrorCode::ALL {
            codes.entry(code.status().as_u16()).or_default().push(code);
        }
        codes
            .into_iter()
            .map(|(status, codes)| (status.to_string(), error_response(status, &codes)))
            .collect()
    }
}

fn error_response(status: u16, codes: &[ErrorCode]) -> Response {
    let titles: Vec<_> = codes.iter().map(|code| code.title()).collect();
    let examples = codes.iter().map(|&code| {
        let example = Example {
            summary: Some(code.title().to_owned()),
            description: None,
            value: ExampleValue::Value(example_of(code)),
            extensions: Default::default(),
        };
        (code.as_str().to_owned(), ReferenceOr::Object(example))
    });
    let media = MediaType {
        schema: Some(component("Problem")),
        example: Some(Examples::Examples(examples.collect())),
        ..MediaType::default()
    };
    let headers: &[HeaderDoc] = match status {
        401 | 403 => &[(
            "WWW-Authenticate",
            "The scheme, and what was wrong with the token.",
        )],
        503 => &[("Retry-After", "Seconds to wait before trying again.")],
        _ => &[],
    };
    Response {
        description: titles.join("; "),
        headers: header_docs(headers),
        content: BTreeMap::from([(PROBLEM_JSON.to_owned(), media)]),
        ..Response::default()
    }
}

/// The body of an error of this kind, as the documentation shows it.
pub(crate) fn example_of(code: ErrorCode) -> serde_json::Value {
    let problem = Problem::new(
        &ApiError::plain(code),
        "0197f0a4-7c1e-7d2a-9a53-2f0c8c6b4e11",
        "/api/v1/ai/predict/005930",
    );
    serde_json::to_value(problem).expect("a problem is plain data")
}

fn component(name: &str) -> ReferenceOr<Schema> {
    ReferenceOr::Reference {
        _ref: format!("#/components/schemas/{name}"),
    }
}

fn text_schema() -> ReferenceOr<Schema> {
    ReferenceOr::Object(Schema::Object(SchemaObject {
        instance_type: Some(SingleOrVec::Single(Box::new(InstanceType::String))),
        ..SchemaObject::default()
    }))
}

fn header_docs(headers: &[HeaderDoc]) -> BTreeMap<String, ReferenceOr<Header>> {
    headers
        .iter()
        .map(|(name, description)| {
            let header = Header {
                description: Some((*description).to_owned()),
                definition: Some(ParameterDefinition::Schema(Box::new(text_schema()))),
                ..Header::default()
            };
            ((*name).to_owned(), ReferenceOr::Object(header))
        })
        .collect()
}
