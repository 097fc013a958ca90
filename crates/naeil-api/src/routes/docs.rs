//! The documentation page and its assets.

use std::io::Read as _;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use flate2::read::GzDecoder;

use super::{READ, others};
use crate::error_code::ErrorCode;
use crate::pages::{ASSETS, Asset, DOCS_PAGE, DOCS_POLICY};
use crate::problem::ApiError;

/// Adds the page and its assets.
pub(crate) fn configure(config: &mut web::ServiceConfig) {
    config.service(
        web::resource(["/docs", "/docs/"])
            .route(web::get().to(page))
            .default_service(others(READ)),
    );
    for asset in &ASSETS {
        let serve = move |request: HttpRequest| async move { reply(asset, &request) };
        config.service(
            web::resource(asset.path)
                .route(web::get().to(serve))
                .default_service(others(READ)),
        );
    }
}

async fn page() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((header::CONTENT_SECURITY_POLICY, DOCS_POLICY))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .body(DOCS_PAGE.as_str())
}

fn reply(asset: &'static Asset, request: &HttpRequest) -> Result<HttpResponse, ApiError> {
    let mut reply = HttpResponse::Ok();
    reply
        .insert_header((header::CONTENT_TYPE, asset.media_type))
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"));
    if !asset.gzipped {
        return Ok(reply.body(asset.bytes));
    }
    reply.insert_header((header::VARY, "Accept-Encoding"));
    if takes_gzip(request) {
        reply.insert_header((header::CONTENT_ENCODING, "gzip"));
        return Ok(reply.body(asset.bytes));
    }
    let mut plain = Vec::new();
    GzDecoder::new(asset.bytes)
        .read_to_end(&mut plain)
        .map_err(|error| ApiError::plain(ErrorCode::InternalError).caused_by(error))?;
    Ok(reply.body(plain))
}

fn takes_gzip(request: &HttpRequest) -> bool {
    request
        .headers()
        .get_all(header::ACCEPT_ENCODING)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|coding| {
            let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
            let weight = weight.trim().strip_prefix("q=").map(str::parse::<f32>);
            let name = name.trim();
            (name.eq_ignore_ascii_case("gzip") || name == "*")
                && weight.is_some_and(|weight| weight.is_ok_and(|weight| weight > 0.0))
        })
}
