//! Predictions and their log entries.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeZone as _, Utc};
use naeil_domain::{
    CacheKey, Digest, Direction, Horizon, LoggedPrediction, Prediction, Reason, RelativePlace,
    ReturnInterval, Session, TradingCalendar,
};

use super::bars::session;
use super::stocks::code;

/// Builds a prediction of one stock; by default one session ahead, as of 2024-01-31, up at 0.62.
#[derive(Debug, Clone)]
pub struct PredictionBuilder {
    key: CacheKey,
    probability_up: f64,
    predicted_at: DateTime<Utc>,
}

impl PredictionBuilder {
    /// A prediction of the stock `stock_code`.
    pub fn new(stock_code: &str) -> Self {
        let predicted_at = Utc.with_ymd_and_hms(2024, 1, 31, 8, 0, 0).single();
        Self {
            key: CacheKey {
                stock_code: code(stock_code),
                horizon: Horizon::OneDay,
                model_digest: Digest::of(b"a model"),
                calibration_digest: Some(Digest::of(b"a calibration")),
                as_of: session("2024-01-31"),
                data_revision: 1,
            },
            probability_up: 0.62,
            predicted_at: predicted_at.expect("that moment exists in UTC"),
        }
    }

    /// Looks `horizon` ahead.
    #[must_use]
    pub fn horizon(mut self, horizon: Horizon) -> Self {
        self.key.horizon = horizon;
        self
    }

    /// Has seen bars up to `as_of`.
    #[must_use]
    pub fn as_of(mut self, as_of: Session) -> Self {
        self.key.as_of = as_of;
        self
    }

    /// Comes from the model with this digest.
    #[must_use]
    pub fn model_digest(mut self, digest: Digest) -> Self {
        self.key.model_digest = digest;
        self
    }

    /// Has seen this revision of the bars.
    #[must_use]
    pub fn data_revision(mut self, data_revision: u64) -> Self {
        self.key.data_revision = data_revision;
        self
    }

    /// Says up with this probability, which must lie above one half.
    #[must_use]
    pub fn probability_up(mut self, probability_up: f64) -> Self {
        self.probability_up = probability_up;
        self
    }

    /// The question that the prediction answers.
    pub fn key(&self) -> CacheKey {
        self.key.clone()
    }

    /// The prediction.
    pub fn build(&self) -> Prediction {
        let target_session = TradingCalendar::xkrx()
            .nth_session_after(self.key.as_of, self.key.horizon.steps())
            .expect("a test stays within the calendar");
        Prediction {
            id: self.key.prediction_id(),
            stock_code: self.key.stock_code.clone(),
            horizon: self.key.horizon,
            direction: Direction::Up,
            confidence: self.probability_up,
            probability_up: self.probability_up,
            relative: RelativePlace {
                percentile: 0.75,
                of: 200,
            },
            model_version: "1".to_owned(),
            return_interval: Some(ReturnInterval {
                lower: -0.04,
                median: 0.002,
                upper: 0.05,
                level: 0.9,
            }),
            model_digest: self.key.model_digest,
            calibration_digest: self.key.calibration_digest,
            as_of: self.key.as_of,
            target_session,
            data_revision: self.key.data_revision,
            predicted_at: self.predicted_at,
            features_used: Arc::from(["return_1".to_owned(), "rsi_14".to_owned()]),
            reasons: vec![Reason::Stale, Reason::SimulatedData],
        }
    }

    /// The prediction as it was given to the request `request_id`.
    pub fn logged(&self, request_id: &str) -> LoggedPrediction {
        LoggedPrediction {
            prediction: Arc::new(self.build()),
            request_id: request_id.to_owned(),
            subject: Some("tester".to_owned()),
            answered_at: self.predicted_at + Duration::from_millis(250),
            latency: Duration::from_micros(1500),
            cache_hit: false,
        }
    }
}
