//! What the service counts. Whoever prints `/metrics` registers these fields under a prefix.

use naeil_domain::{Direction, Horizon, ModelVersion, Session};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// Both sides of each limit that is promised: 1 and 5 ms, 50 ms for a cached answer, 200 and
/// 500 ms for a computed one, 10 s for a cold batch.
const SECONDS_BUCKETS: [f64; 18] = [
    0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.075, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 2.5, 5.0,
    10.0, 20.0,
];

/// Confidence lies between 0.5 and 1, most of it close to 0.5.
const CONFIDENCE_BUCKETS: [f64; 9] = [0.5, 0.525, 0.55, 0.575, 0.6, 0.65, 0.7, 0.8, 0.9];

/// Labels of answers.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct PredictionLabels {
    /// `1d`, `5d` or `20d`.
    pub horizon: &'static str,
    /// `up`, `down` or `neutral`.
    pub direction: &'static str,
}

/// Label of what is told apart by horizon alone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct HorizonLabels {
    /// `1d`, `5d` or `20d`.
    pub horizon: &'static str,
}

/// Label of questions without an answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct RefusalLabels {
    /// The word of the error.
    pub reason: &'static str,
}

/// Labels of the model that serves.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ModelLabels {
    /// The registry's version.
    pub version: String,
    /// The first digits of its digest.
    pub digest: String,
}

/// The service's metrics; clones share their values.
#[derive(Debug, Clone)]
pub struct ServingMetrics {
    /// Answers given, cached ones included.
    pub predictions: Family<PredictionLabels, Counter>,
    /// Confidence of the answers given; sum over count is the average.
    pub prediction_confidence: Family<HorizonLabels, Histogram>,
    /// Answers found in the cache.
    pub cache_hits: Counter,
    /// Answers that had to be computed.
    pub cache_misses: Counter,
    /// Questions that got no answer.
    pub refusals: Family<RefusalLabels, Counter>,
    /// Answers computed while the calendar did not know when the exchange opens next.
    pub calendar_unknown: Counter,
    /// Time of one forward pass.
    pub inference_seconds: Histogram,
    /// Windows that went through the model.
    pub inference_windows: Counter,
    /// Requests that wait for the model.
    pub inference_queue_depth: Gauge,
    /// Answers that could not be logged.
    pub log_dropped: Counter,
    /// New champions and new bars taken up.
    pub swaps: Counter,
    /// Attempts to take up a new champion or new bars that failed.
    pub refresh_failures: Counter,
    /// The as-of session, as seconds from 1970 to the midnight (UTC) that begins its date.
    pub as_of_session_seconds: Gauge,
    /// 1 for the model that serves.
    pub model_info: Family<ModelLabels, Gauge>,
}

impl Default for ServingMetrics {
    fn default() -> Self {
        Self {
            predictions: Family::default(),
            prediction_confidence: Family::new_with_constructor(|| {
                Histogram::new(CONFIDENCE_BUCKETS)
            }),
            cache_hits: Counter::default(),
            cache_misses: Counter::default(),
            refusals: Family::default(),
            calendar_unknown: Counter::default(),
            inference_seconds: Histogram::new(SECONDS_BUCKETS),
            inference_windows: Counter::default(),
            inference_queue_depth: Gauge::default(),
            log_dropped: Counter::default(),
            swaps: Counter::default(),
            refresh_failures: Counter::default(),
            as_of_session_seconds: Gauge::default(),
            model_info: Family::default(),
        }
    }
}

impl ServingMetrics {
    /// Adds every metric to a registry; counters get their `_total` there.
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "predictions",
            "Answers given, cached ones included",
            self.predictions.clone(),
        );
        registry.register(
            "prediction_confidence",
            "Confidence of the answers given",
            self.prediction_confidence.clone(),
        );
        registry.register(
            "prediction_cache_hits",
            "Answers found in the cache",
            self.cache_hits.clone(),
        );
        registry.register(
            "prediction_cache_misses",
            "Answers that had to be computed",
            self.cache_misses.clone(),
        );
        registry.register(
            "prediction_refusals",
            "Questions that got no answer",
            self.refusals.clone(),
        );
        registry.register(
            "prediction_calendar_unknown",
            "Answers computed beyond the trading calendar: refused, or kept for 15 minutes",
            self.calendar_unknown.clone(),
        );
        registry.register(
            "inference_seconds",
            "Time of one forward pass",
            self.inference_seconds.clone(),
        );
        registry.register(
            "inference_windows",
            "Windows that went through the model",
            self.inference_windows.clone(),
        );
        registry.register(
            "inference_queue_depth",
            "Requests that wait for the model",
            self.inference_queue_depth.clone(),
        );
        registry.register(
            "prediction_log_dropped",
            "Answers that could not be logged",
            self.log_dropped.clone(),
        );
        registry.register(
            "serving_swaps",
            "New champions and new bars taken up",
            self.swaps.clone(),
        );
        registry.register(
            "serving_refresh_failures",
            "Failed attempts to take up a new champion or new bars",
            self.refresh_failures.clone(),
        );
        registry.register(
            "as_of_session_seconds",
            "The as-of session, as seconds from 1970 to midnight UTC of its date",
            self.as_of_session_seconds.clone(),
        );
        registry.register(
            "model_info",
            "1 for the model that serves",
            self.model_info.clone(),
        );
    }

    pub(crate) fn answered(
        &self,
        horizon: Horizon,
        direction: Direction,
        confidence: f64,
        cache_hit: bool,
    ) {
        let horizon = horizon.as_str();
        let labels = PredictionLabels {
            horizon,
            direction: direction.as_str(),
        };
        self.predictions.get_or_create(&labels).inc();
        self.prediction_confidence
            .get_or_create(&HorizonLabels { horizon })
            .observe(confidence);
        if cache_hit {
            self.cache_hits.inc();
        } else {
            self.cache_misses.inc();
        }
    }

    pub(crate) fn refused(&self, reason: &'static str) {
        self.refusals.get_or_create(&RefusalLabels { reason }).inc();
    }

    pub(crate) fn serving_model(&self, version: &ModelVersion) {
        self.model_info.clear();
        let labels = ModelLabels {
            version: version.version.clone(),
            digest: version.digest.short(),
        };
        self.model_info.get_or_create(&labels).set(1);
    }

    pub(crate) fn serving_session(&self, as_of: Session) {
        let midnight = as_of.date().and_time(chrono::NaiveTime::MIN).and_utc();
        self.as_of_session_seconds.set(midnight.timestamp());
    }
}
