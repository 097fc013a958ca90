//! Limits on the head of a request, tighter than the framework's.

use actix_web::dev::ServiceRequest;

use crate::error_code::ErrorCode;
use crate::problem::ApiError;

/// The longest path with query.
const MAX_URI_BYTES: usize = 8 * 1024;

/// The largest sum of header names and values.
const MAX_HEADER_BYTES: usize = 32 * 1024;

/// Refuses heads that no honest client sends.
///
/// # Errors
/// [`ErrorCode::UriTooLong`] or [`ErrorCode::HeadersTooLarge`], naming the limit.
pub(crate) fn check(request: &ServiceRequest) -> Result<(), ApiError> {
    let uri = request.uri();
    let uri_bytes = uri.path().len() + uri.query().map_or(0, str::len);
    if uri_bytes > MAX_URI_BYTES {
        return Err(ApiError::new(
            ErrorCode::UriTooLong,
            format!("the address has {uri_bytes} bytes, the limit is {MAX_URI_BYTES}"),
        ));
    }
    let header_bytes: usize = request
        .headers()
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum();
    if header_bytes > MAX_HEADER_BYTES {
        return Err(ApiError::new(
            ErrorCode::HeadersTooLarge,
            format!("the headers have {header_bytes} bytes, the limit is {MAX_HEADER_BYTES}"),
        ));
    }
    Ok(())
}
