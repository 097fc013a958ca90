//! Taking up a new champion or new bars while serving.

use std::error::Error;
use std::sync::Arc;

use naeil_domain::Alias;

use crate::champion::Champion;
use crate::error::ServingError;
use crate::market::MarketSnapshot;
use crate::service::PredictionService;
use crate::state::ServingState;

/// What a refresh has taken up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RefreshOutcome {
    /// Another model answers now.
    pub champion_changed: bool,
    /// The same model answers with another calibration now.
    pub calibration_changed: bool,
    /// Answers come from other bars now.
    pub market_changed: bool,
}

impl RefreshOutcome {
    /// Whether anything changed.
    pub fn changed(self) -> bool {
        self.champion_changed || self.calibration_changed || self.market_changed
    }
}

impl PredictionService {
    /// Takes up a new champion and new bars, if there are any; cheap if there are none.
    ///
    /// A new state is built and tried on the whole market aside, then swapped in as one pointer;
    /// questions are answered from the old one meanwhile. Bars and champion are taken up one
    /// after the other, so that a champion that is refused does not hold up new bars.
    ///
    /// # Errors
    /// [`ServingError`]; the half concerned stays as it was.
    pub async fn refresh(&self) -> Result<RefreshOutcome, ServingError> {
        let _alone = self.refreshing.lock().await;
        let market = self.refresh_market().await;
        let champion = self.refresh_champion().await;
        let outcome = match (champion, market) {
            (Ok(model), Ok(market_changed)) => Ok(RefreshOutcome {
                market_changed,
                ..model
            }),
            (Err(champion_error), Err(market_error)) => {
                // Only one of them can be returned.
                tracing::error!(
                    error = &market_error as &dyn Error,
                    "new bars were not taken up"
                );
                Err(champion_error)
            }
            (Err(error), Ok(_)) | (Ok(_), Err(error)) => Err(error),
        };
        match &outcome {
            Ok(_) => self.trouble.store(None),
            Err(error) => {
                self.metrics.refresh_failures.inc();
                self.trouble.store(Some(Arc::new(with_sources(error))));
            }
        }
        outcome
    }

    /// Takes up new bars; says whether there were any.
    async fn refresh_market(&self) -> Result<bool, ServingError> {
        let current = self.state.load_full();
        let data = self.ports.bars.data_state().await?;
        let known = current.market.as_ref().map(|market| market.data());
        let calendar = self.ports.calendar.current();
        let is_laid_out = Arc::ptr_eq(&calendar, &self.market_calendar.load());
        if data.is_none() || (data == known && is_laid_out) {
            return Ok(false);
        }
        let bars = self.ports.bars.as_ref();
        let Some(market) =
            MarketSnapshot::read(bars, self.ports.stocks.as_ref(), &self.spec).await?
        else {
            return Ok(false);
        };
        let as_of = market.as_of();
        let next = ServingState::new(current.champion.clone(), Some(Arc::new(market)));
        self.adopt(&current, next).await?;
        self.metrics.serving_session(as_of);
        if !is_laid_out {
            // Keys name the bars by their revision, which has not changed; their windows may have.
            self.ports.cache.clear().await;
            self.market_calendar.store(calendar);
        }
        tracing::info!(%as_of, "serving from new bars");
        Ok(true)
    }

    /// Takes up another champion, or another calibration of the one that serves. If the alias points
    /// nowhere, the model that serves stays.
    async fn refresh_champion(&self) -> Result<RefreshOutcome, ServingError> {
        let current = self.state.load_full();
        let registry = self.ports.registry.as_ref();
        let Some(version) = registry.by_alias(Alias::Champion).await? else {
            return Ok(RefreshOutcome::default());
        };
        let known = current.champion.as_ref().filter(|champion| {
            champion.version.version == version.version && champion.version.digest == version.digest
        });
        if let Some(champion) = known {
            let calibration_changed = self.refresh_calibration(&current, champion).await?;
            return Ok(RefreshOutcome {
                calibration_changed,
                ..RefreshOutcome::default()
            });
        }
        let loader = Arc::clone(&self.ports.loader);
        let champion = Champion::load(
            version.clone(),
            registry,
            loader,
            &self.spec,
            &self.config,
            &self.metrics,
        )
        .await?;
        let next = ServingState::new(Some(Arc::new(champion)), current.market.clone());
        self.adopt(&current, next).await?;
        self.metrics.serving_model(&version);
        tracing::info!(
            model.version = version.version,
            model.digest = %version.digest.short(),
            "serving a new champion"
        );
        Ok(RefreshOutcome {
            champion_changed: true,
            ..RefreshOutcome::default()
        })
    }

    /// Takes up a newer calibration of the model that serves; says whether there was one.
    async fn refresh_calibration(
        &self,
        current: &ServingState,
        champion: &Champion,
    ) -> Result<bool, ServingError> {
        let version = &champion.version.version;
        let published = self.ports.registry.calibration(version).await?;
        let recalibrated = champion.calibrated(published);
        if recalibrated.calibration == champion.calibration {
            return Ok(false);
        }
        let through = published.map(|calibration| calibration.fitted_through.to_string());
        let next = ServingState::new(Some(Arc::new(recalibrated)), current.market.clone());
        self.adopt(current, next).await?;
        tracing::info!(
            model.version = version,
            calibration.fitted_through = through.as_deref().unwrap_or("as in the bundle"),
            "serving with a new calibration"
        );
        Ok(true)
    }

    /// Lets `next` serve. While an older state answers, it is first tried on the whole market,
    /// which it needs for places anyway; the first of all serves at once and is tried in the
    /// background.
    async fn adopt(&self, current: &ServingState, next: ServingState) -> Result<(), ServingError> {
        let next = Arc::new(next);
        let max_batch = self.config.max_batch;
        if current.ready().is_some() {
            if let Some(ready) = next.ready() {
                next.scores(ready, max_batch).await?;
            }
        } else {
            let next = Arc::clone(&next);
            tokio::spawn(async move {
                if let Some(ready) = next.ready()
                    && let Err(error) = next.scores(ready, max_batch).await
                {
                    tracing::error!(%error, "the first pass over the market failed");
                }
            });
        }
        self.state.store(next);
        self.metrics.swaps.inc();
        Ok(())
    }
}

/// An error and what lies beneath it, in one line.
fn with_sources(error: &ServingError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}
