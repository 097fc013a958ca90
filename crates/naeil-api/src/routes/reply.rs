//! A plain JSON reply.

use actix_web::body::BoxBody;
use actix_web::{HttpRequest, HttpResponse, Responder};
use apistos::paths::Responses;
use apistos::reference_or::ReferenceOr;
use apistos::{ApiComponent, Schema};
use serde::Serialize;

use crate::openapi;

/// A body that has its own description in the OpenAPI document.
pub(crate) trait Described: Serialize + ApiComponent {
    /// What the reply says.
    const DESCRIPTION: &'static str;
}

/// Replies 200 with a JSON body that nobody should keep.
#[derive(Debug)]
pub(crate) struct JsonReply<T>(pub(crate) T);

impl<T: Serialize> Responder for JsonReply<T> {
    type Body = BoxBody;

    fn respond_to(self, _request: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok().json(self.0)
    }
}

impl<T: Described> ApiComponent for JsonReply<T> {
    fn child_schemas() -> Vec<(String, ReferenceOr<Schema>)> {
        T::child_schemas()
    }

    fn schema() -> Option<(String, ReferenceOr<Schema>)> {
        T::schema()
    }

    fn responses(_content_type: Option<String>) -> Option<Responses> {
        openapi::responses(openapi::json_reply::<T>(T::DESCRIPTION, &[]))
    }
}
