//! The service itself: what callers hold.

use std::sync::Arc;
use std::time::Instant;

use arc_swap::{ArcSwap, ArcSwapOption};
use naeil_domain::ports::{
    BarSource, Clock, ForecasterLoader, ModelRegistry, PredictionCache, PredictionLog,
    StockDirectory,
};
use naeil_domain::{
    Horizon, LiveCalendar, LoggedPrediction, Prediction, StockCode, TradingCalendar,
};
use naeil_features::FeatureSpec;

use crate::config::ServiceConfig;
use crate::error::{PredictError, ServingError};
use crate::log_writer::LogWriter;
use crate::metrics::ServingMetrics;
use crate::model_info::ServingModel;
use crate::state::ServingState;
use crate::target::TargetMemo;

/// What the service needs from outside.
#[derive(Clone)]
pub struct ServicePorts {
    /// Bars of the market.
    pub bars: Arc<dyn BarSource>,
    /// Which stocks there are, those without recent bars included.
    pub stocks: Arc<dyn StockDirectory>,
    /// Where the champion is registered.
    pub registry: Arc<dyn ModelRegistry>,
    /// Turns its bundle into a model.
    pub loader: Arc<dyn ForecasterLoader>,
    /// Remembers answers.
    pub cache: Arc<dyn PredictionCache>,
    /// Keeps every answer.
    pub log: Arc<dyn PredictionLog>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Knows the sessions. Shared with the store behind `bars`; once it is replaced, answers name
    /// the new target sessions at once, and the next refresh lays the bars out anew.
    pub calendar: LiveCalendar,
}

/// Who asks, for the prediction log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asker {
    /// The request's id; a batch asks several stocks under one.
    pub request_id: String,
    /// The token's subject, if there is a token.
    pub subject: Option<String>,
}

/// An answer as it is given.
#[derive(Debug, Clone, PartialEq)]
pub struct Served {
    /// The answer.
    pub prediction: Arc<Prediction>,
    /// Whether it had been computed before this question.
    pub cache_hit: bool,
}

/// Answers questions about stocks.
///
/// One service serves a whole process: share it behind an [`Arc`]. Every method may be called at
/// any time from any task.
pub struct PredictionService {
    pub(crate) ports: ServicePorts,
    pub(crate) config: ServiceConfig,
    pub(crate) spec: Arc<FeatureSpec>,
    pub(crate) metrics: ServingMetrics,
    pub(crate) state: ArcSwap<ServingState>,
    /// Held by the one refresh that runs.
    pub(crate) refreshing: tokio::sync::Mutex<()>,
    /// Why the last refresh failed, if it did.
    pub(crate) trouble: ArcSwapOption<String>,
    /// The calendar along whose sessions the market is laid out.
    pub(crate) market_calendar: ArcSwap<TradingCalendar>,
    pub(crate) targets: TargetMemo,
    log: LogWriter,
}

impl std::fmt::Debug for PredictionService {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PredictionService")
            .field("config", &self.config)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

impl PredictionService {
    /// Starts the service with the champion and the bars there are.
    ///
    /// It also starts without them, and when they cannot be had: then it answers
    /// [`PredictError::NoModel`] until a [`Self::refresh`] succeeds.
    ///
    /// # Errors
    /// [`ServingError::Config`] if a setting makes no sense.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub async fn start(ports: ServicePorts, config: ServiceConfig) -> Result<Self, ServingError> {
        config.validate()?;
        let metrics = ServingMetrics::default();
        let log = LogWriter::spawn(Arc::clone(&ports.log), &config, &metrics);
        let service = Self {
            market_calendar: ArcSwap::new(ports.calendar.current()),
            targets: TargetMemo::default(),
            ports,
            config,
            spec: Arc::new(FeatureSpec::v2()),
            metrics,
            state: ArcSwap::default(),
            refreshing: tokio::sync::Mutex::default(),
            trouble: ArcSwapOption::empty(),
            log,
        };
        if let Err(error) = service.refresh().await {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "starting without all of champion and bars"
            );
        }
        Ok(service)
    }

    /// Predicts one stock.
    ///
    /// # Errors
    /// [`PredictError`]; each is counted, and nothing is logged as an answer.
    pub async fn predict(
        &self,
        asker: Asker,
        code: &StockCode,
        horizon: Horizon,
    ) -> Result<Served, PredictError> {
        let started = Instant::now();
        let result = self.within_deadline(self.answer_one(code, horizon)).await;
        self.record(&asker, started, &result);
        result
    }

    /// Predicts several stocks in one pass, answered in the order of the question. A code that
    /// stands there twice is computed once and answered at both places.
    ///
    /// # Errors
    /// What concerns one stock (unknown, not enough history) stands at its place; what concerns
    /// the service (no model, overload, deadline) fails the whole.
    pub async fn predict_batch(
        &self,
        asker: Asker,
        codes: &[StockCode],
        horizon: Horizon,
    ) -> Result<Vec<Result<Served, PredictError>>, PredictError> {
        let started = Instant::now();
        let results = self
            .within_deadline(self.answer_many(codes, horizon))
            .await
            .inspect_err(|error| self.metrics.refused(error.code()))?;
        for result in &results {
            self.record(&asker, started, result);
        }
        Ok(results)
    }

    /// The model that serves, if one does.
    pub fn model(&self) -> Option<ServingModel> {
        ServingModel::of(&self.state.load())
    }

    /// Whether questions can be answered.
    pub fn is_ready(&self) -> bool {
        self.state.load().ready().is_some()
    }

    /// Why the last refresh failed; `None` if it did not. Answers go on meanwhile, from what was
    /// there before.
    pub fn trouble(&self) -> Option<Arc<String>> {
        self.trouble.load_full()
    }

    /// What the service counts.
    pub fn metrics(&self) -> &ServingMetrics {
        &self.metrics
    }

    /// Writes what still waits to the prediction log. Answers given afterwards go unlogged.
    pub async fn shutdown(&self) {
        self.log.shutdown().await;
    }

    async fn within_deadline<T>(
        &self,
        answer: impl Future<Output = Result<T, PredictError>>,
    ) -> Result<T, PredictError> {
        tokio::time::timeout(self.config.deadline, answer)
            .await
            .unwrap_or(Err(PredictError::DeadlineExceeded))
    }

    /// Counts an outcome and logs an answer.
    fn record(&self, asker: &Asker, started: Instant, result: &Result<Served, PredictError>) {
        let served = match result {
            Ok(served) => served,
            Err(error) => return self.metrics.refused(error.code()),
        };
        let Served {
            prediction,
            cache_hit,
        } = served;
        self.metrics.answered(
            prediction.horizon,
            prediction.direction,
            prediction.confidence,
            *cache_hit,
        );
        self.log.write(LoggedPrediction {
            prediction: Arc::clone(prediction),
            request_id: asker.request_id.clone(),
            subject: asker.subject.clone(),
            answered_at: self.ports.clock.now(),
            latency: started.elapsed(),
            cache_hit: *cache_hit,
        });
    }
}
