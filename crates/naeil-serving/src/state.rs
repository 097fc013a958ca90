//! What answers come from at one moment.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use naeil_domain::{CacheKey, Horizon, StockCode};
use tokio::sync::{Mutex, MutexGuard, OnceCell};

use crate::champion::Champion;
use crate::error::InferenceError;
use crate::market::MarketSnapshot;
use crate::scores::MarketScores;

/// A champion and a market. It is never changed; the next one takes its place.
#[derive(Debug, Default)]
pub(crate) struct ServingState {
    pub(crate) champion: Option<Arc<Champion>>,
    pub(crate) market: Option<Arc<MarketSnapshot>>,
    /// Computed once, by whoever needs them first.
    scores: OnceCell<MarketScores>,
    /// One runway for each row of the market.
    runways: Vec<Runway>,
}

/// Both halves of a state that can answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ready<'a> {
    pub(crate) champion: &'a Champion,
    pub(crate) market: &'a MarketSnapshot,
}

impl ServingState {
    pub(crate) fn new(
        champion: Option<Arc<Champion>>,
        market: Option<Arc<MarketSnapshot>>,
    ) -> Self {
        let n_rows = market.as_ref().map_or(0, |m| m.row_markets().len());
        Self {
            champion,
            market,
            scores: OnceCell::new(),
            runways: (0..n_rows).map(|_| Runway::default()).collect(),
        }
    }

    /// Champion and market, if both are there.
    pub(crate) fn ready(&self) -> Option<Ready<'_>> {
        let champion = self.champion.as_deref()?;
        let market = self.market.as_deref()?;
        Some(Ready { champion, market })
    }

    /// The places of all stocks; the first to ask computes them, others wait for it.
    pub(crate) async fn scores(
        &self,
        ready: Ready<'_>,
        max_batch: usize,
    ) -> Result<&MarketScores, InferenceError> {
        self.scores
            .get_or_try_init(|| {
                MarketScores::compute(ready.market, &ready.champion.model, max_batch)
            })
            .await
    }

    /// The runway of a row.
    pub(crate) fn runway(&self, row: usize) -> &Runway {
        &self.runways[row]
    }
}

impl Ready<'_> {
    /// What makes a question to this state the same question.
    pub(crate) fn key(&self, stock_code: &StockCode, horizon: Horizon) -> CacheKey {
        CacheKey {
            stock_code: stock_code.clone(),
            horizon,
            model_digest: self.champion.version.digest,
            calibration_digest: self
                .champion
                .calibration
                .map(|calibrated| calibrated.digest),
            as_of: self.market.as_of(),
            data_revision: self.market.data().revision,
        }
    }
}

/// Lets one computation of a stock's answers run at a time: who comes meanwhile waits and then
/// finds them in the cache.
#[derive(Debug, Default)]
pub(crate) struct Runway {
    in_use: Mutex<()>,
    landings: AtomicU64,
}

impl Runway {
    /// How often answers have landed here; read it before looking into the cache.
    pub(crate) fn landings(&self) -> u64 {
        self.landings.load(Ordering::Acquire)
    }

    /// Waits for the runway to be free.
    pub(crate) async fn enter(&self) -> MutexGuard<'_, ()> {
        self.in_use.lock().await
    }

    /// Says that the answers are in the cache. To be called while the runway is held.
    pub(crate) fn landed(&self) {
        self.landings.fetch_add(1, Ordering::Release);
    }
}
