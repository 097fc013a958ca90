//! From a question to an answer: the cache first, else one forward pass.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use naeil_domain::{
    CacheKey, CalendarError, Horizon, HorizonForecast, Prediction, StockCode, TradingCalendar,
};

use crate::error::{InferenceError, PredictError};
use crate::expiry::expiry;
use crate::prediction::{Ingredients, compose};
use crate::scores::MarketScores;
use crate::service::{PredictionService, Served};
use crate::state::{Ready, ServingState};

/// A stock whose answer was not in the cache.
struct Miss {
    row: usize,
    /// Landings on its runway before the cache was asked.
    landings: u64,
    key: CacheKey,
}

/// The time and the calendar of one pass: its answers are of one calendar, whatever replaces it.
struct Moment {
    now: DateTime<Utc>,
    calendar: Arc<TradingCalendar>,
}

enum Lookup {
    Hit(Served),
    Miss(Miss),
}

impl PredictionService {
    pub(crate) async fn answer_one(
        &self,
        code: &StockCode,
        horizon: Horizon,
    ) -> Result<Served, PredictError> {
        let state = self.state.load_full();
        let ready = state.ready().ok_or(PredictError::NoModel)?;
        match self.look_up(&state, ready, code, horizon).await? {
            Lookup::Hit(served) => Ok(served),
            Lookup::Miss(miss) => {
                let computed = self.compute(&state, ready, vec![miss]).await?;
                computed.into_values().next().ok_or(PredictError::Internal)
            }
        }
    }

    pub(crate) async fn answer_many(
        &self,
        codes: &[StockCode],
        horizon: Horizon,
    ) -> Result<Vec<Result<Served, PredictError>>, PredictError> {
        let state = self.state.load_full();
        let ready = state.ready().ok_or(PredictError::NoModel)?;
        let mut misses = BTreeMap::new();
        let mut answers = HashMap::with_capacity(codes.len());
        for code in codes {
            if answers.contains_key(code) {
                continue;
            }
            let answer = match self.look_up(&state, ready, code, horizon).await {
                Ok(Lookup::Hit(served)) => Some(Ok(served)),
                Ok(Lookup::Miss(miss)) => {
                    misses.insert(miss.row, miss);
                    None
                }
                Err(error) => Some(Err(error)),
            };
            answers.insert(code, answer);
        }
        let computed = if misses.is_empty() {
            BTreeMap::new()
        } else {
            let misses = misses.into_values().collect();
            self.compute(&state, ready, misses).await?
        };
        codes
            .iter()
            .map(|code| match answers.get(code) {
                Some(Some(answer)) => Ok(answer.clone()),
                _ => {
                    let row = ready.market.row(code)?;
                    let served = computed.get(&row).cloned();
                    served.map(Ok).ok_or(PredictError::Internal)
                }
            })
            .collect()
    }

    async fn look_up(
        &self,
        state: &ServingState,
        ready: Ready<'_>,
        code: &StockCode,
        horizon: Horizon,
    ) -> Result<Lookup, PredictError> {
        let row = ready.market.row(code)?;
        let landings = state.runway(row).landings();
        let key = ready.key(code, horizon);
        let miss = Miss { row, landings, key };
        let cached = self.cached(&miss.key).await;
        Ok(cached.map_or(Lookup::Miss(miss), Lookup::Hit))
    }

    async fn cached(&self, key: &CacheKey) -> Option<Served> {
        let now = self.ports.clock.now();
        let prediction = self.ports.cache.get(key, now).await?;
        let calendar = self.ports.calendar.current();
        if !self.targets.is_current(&calendar, key, &prediction) {
            return None;
        }
        Some(Served {
            prediction,
            cache_hit: true,
        })
    }

    /// Computes answers in one forward pass, by row. `misses` ascend by row, so that two batches
    /// with stocks in common wait for each other and never in a circle.
    async fn compute(
        &self,
        state: &ServingState,
        ready: Ready<'_>,
        misses: Vec<Miss>,
    ) -> Result<BTreeMap<usize, Served>, PredictError> {
        let mut runways = Vec::with_capacity(misses.len());
        for miss in &misses {
            runways.push(state.runway(miss.row).enter().await);
        }
        let mut answers = BTreeMap::new();
        let mut still_missing = Vec::with_capacity(misses.len());
        for miss in misses {
            // Someone may have computed the same while this request waited.
            let has_landed = state.runway(miss.row).landings() != miss.landings;
            let landed = if has_landed {
                self.cached(&miss.key).await
            } else {
                None
            };
            match landed {
                Some(served) => {
                    answers.insert(miss.row, served);
                }
                None => still_missing.push(miss),
            }
        }
        if still_missing.is_empty() {
            return Ok(answers);
        }
        let max_batch = self.config.max_batch;
        let scores = state.scores(ready, max_batch).await.map_err(refusal)?;
        let rows = still_missing.iter().map(|miss| miss.row);
        let windows = ready.market.windows_of(ready.champion.model.shape(), rows);
        let forecasts = ready
            .champion
            .model
            .forecast(windows)
            .await
            .map_err(refusal)?;
        let now = self.ports.clock.now();
        let moment = Moment {
            now,
            calendar: self.ports.calendar.current(),
        };
        for (miss, forecast) in still_missing.into_iter().zip(forecasts.rows) {
            let row = miss.row;
            let prediction = self.keep(ready, scores, miss, forecast, &moment).await?;
            state.runway(row).landed();
            answers.insert(
                row,
                Served {
                    prediction,
                    cache_hit: false,
                },
            );
        }
        Ok(answers)
    }

    /// Puts the answers at all horizons into the cache, since one pass gave them all, and gives
    /// the one that was asked for.
    async fn keep(
        &self,
        ready: Ready<'_>,
        scores: &MarketScores,
        miss: Miss,
        forecast: [HorizonForecast; Horizon::COUNT],
        moment: &Moment,
    ) -> Result<Arc<Prediction>, PredictError> {
        let expiry = expiry(&moment.calendar, moment.now);
        if !expiry.is_known {
            self.metrics.calendar_unknown.inc();
        }
        let asked = miss.key.horizon;
        let mut answer = Err(PredictError::Internal);
        for horizon in Horizon::ALL {
            let key = CacheKey {
                horizon,
                ..miss.key.clone()
            };
            let composed = compose(
                ready.champion,
                &moment.calendar,
                Ingredients {
                    key: key.clone(),
                    forecast: forecast[horizon.index()],
                    relative: scores.place(miss.row, horizon),
                    origin: ready.market.data().origin,
                    now: moment.now,
                },
            )
            .map(Arc::new);
            if let Ok(prediction) = &composed {
                let prediction = Arc::clone(prediction);
                self.ports.cache.put(key, prediction, expiry.at).await;
            }
            // A target session that the calendar does not know yet spoils its own horizon only.
            if horizon == asked {
                answer = composed.map_err(|error: CalendarError| error.into());
            }
        }
        answer
    }
}

/// What a caller is told when the model gave nothing; the model's thread has logged it.
fn refusal(error: InferenceError) -> PredictError {
    match error {
        InferenceError::QueueFull => PredictError::Overloaded,
        InferenceError::ThreadEnded | InferenceError::Panicked(_) | InferenceError::Failed(_) => {
            PredictError::Internal
        }
    }
}
