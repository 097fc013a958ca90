//! What the HTTP side counts.

use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// Upper bounds in seconds. They straddle the limits people ask about: 1, 5, 50, 200 and 500 ms
/// and 10 s each have a bound at, below and above them.
const LATENCY_BUCKETS: [f64; 23] = [
    0.000_1, 0.000_25, 0.000_5, 0.000_75, 0.001, 0.001_5, 0.002_5, 0.004, 0.005, 0.007_5, 0.015,
    0.03, 0.05, 0.075, 0.15, 0.2, 0.3, 0.5, 0.75, 2.0, 7.5, 10.0, 15.0,
];

/// Counters and histograms of the HTTP side; clones share their values. Whoever prints `/metrics`
/// registers them under a prefix.
#[derive(Debug, Clone)]
pub struct ApiMetrics {
    /// Requests answered.
    requests: Family<RequestLabels, Counter>,
    /// Time from the request's head to the reply.
    duration: Family<RequestLabels, Histogram>,
    /// Handlers that panicked.
    pub(crate) panics: Counter,
}

/// Labels from closed sets: routes are templates, methods the known ones, statuses classes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct RequestLabels {
    route: String,
    method: MethodLabel,
    status: &'static str,
}

impl RequestLabels {
    pub(crate) fn new(route: &str, method: MethodLabel, status: StatusCode) -> Self {
        let status = match status.as_u16() {
            100..=199 => "1xx",
            200..=299 => "2xx",
            300..=399 => "3xx",
            400..=499 => "4xx",
            _ => "5xx",
        };
        Self {
            route: route.to_owned(),
            method,
            status,
        }
    }
}

/// An HTTP method, or `_OTHER` for one that nobody uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct MethodLabel(&'static str);

impl MethodLabel {
    const KNOWN: [&'static str; 9] = [
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT",
    ];

    pub(crate) fn of(method: &Method) -> Self {
        let known = |name: &&&str| **name == method.as_str();
        Self(Self::KNOWN.iter().find(known).copied().unwrap_or("_OTHER"))
    }

    pub(crate) fn as_str(self) -> &'static str {
        self.0
    }
}

impl EncodeLabelValue for MethodLabel {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), std::fmt::Error> {
        EncodeLabelValue::encode(&self.0, encoder)
    }
}

impl Default for ApiMetrics {
    fn default() -> Self {
        Self {
            requests: Family::default(),
            duration: Family::new_with_constructor(|| Histogram::new(LATENCY_BUCKETS)),
            panics: Counter::default(),
        }
    }
}

impl ApiMetrics {
    /// Adds every metric to a registry; counters get their `_total` there.
    pub fn register(&self, registry: &mut Registry) {
        registry.register("http_requests", "Requests answered", self.requests.clone());
        registry.register_with_unit(
            "http_request_duration",
            "Time from the head of a request to its reply",
            Unit::Seconds,
            self.duration.clone(),
        );
        registry.register("http_panics", "Handlers that panicked", self.panics.clone());
    }

    pub(crate) fn observe(&self, labels: &RequestLabels, latency: Duration) {
        self.requests.get_or_create(labels).inc();
        self.duration
            .get_or_create(labels)
            .observe(latency.as_secs_f64());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_ascend_and_straddle_the_limits_people_ask_about() {
        assert!(LATENCY_BUCKETS.is_sorted());
        for limit in [0.001, 0.005, 0.05, 0.2, 0.5, 10.0] {
            let at = LATENCY_BUCKETS.iter().position(|&bound| bound == limit);
            let at = at.unwrap_or_else(|| panic!("no bound at {limit}"));
            assert!(
                LATENCY_BUCKETS[at - 1] >= limit / 2.0 - 1e-12,
                "below {limit}"
            );
            assert!(
                LATENCY_BUCKETS[at + 1] <= limit * 2.0 + 1e-12,
                "above {limit}"
            );
        }
    }

    #[test]
    fn strange_methods_share_one_label() {
        let strange = Method::from_bytes(b"BREW").unwrap();
        assert_eq!(MethodLabel::of(&strange).as_str(), "_OTHER");
        assert_eq!(MethodLabel::of(&Method::POST).as_str(), "POST");
    }
}
