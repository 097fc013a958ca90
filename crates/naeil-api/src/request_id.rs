//! The name of a request, in headers, problems, logs and the prediction log.

use std::sync::Arc;

use actix_web::HttpMessage;
use actix_web::http::header::{HeaderMap, HeaderName};
use uuid::Uuid;

/// The header that carries it both ways.
pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id taken from a client.
const MAX_LEN: usize = 128;

/// A client's own id if it is visible ASCII of a sane length, else a new UUID (version 7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RequestId(Arc<str>);

impl RequestId {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let sane = |id: &&str| {
            (1..=MAX_LEN).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic())
        };
        let sent = headers.get(X_REQUEST_ID).and_then(|id| id.to_str().ok());
        match sent.filter(sane) {
            Some(id) => Self(id.into()),
            None => Self(Uuid::now_v7().to_string().into()),
        }
    }

    /// The id that the outermost layer gave to a request.
    pub(crate) fn of_request(request: &impl HttpMessage) -> Self {
        request
            .extensions()
            .get::<Self>()
            .cloned()
            .expect("the outermost layer names every request")
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn id_for(sent: &[u8]) -> RequestId {
        let mut headers = HeaderMap::new();
        headers.insert(X_REQUEST_ID, HeaderValue::from_bytes(sent).unwrap());
        RequestId::of(&headers)
    }

    #[test]
    fn sane_ids_are_kept_and_others_replaced() {
        assert_eq!(id_for(b"order-42/7").as_str(), "order-42/7");
        assert_eq!(id_for(&[b'x'; 128]).as_str().len(), 128);
        let too_long = [b'x'; 129];
        for odd in [
            &b"two words"[..],
            b"",
            "\u{e9}t\u{e9}".as_bytes(),
            &too_long,
        ] {
            let id = Uuid::parse_str(id_for(odd).as_str()).unwrap();
            assert_eq!(id.get_version_num(), 7);
        }
    }
}
