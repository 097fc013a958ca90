//! The market as the service keeps it in memory.

use std::collections::HashMap;
use std::sync::Arc;

use naeil_domain::ports::{
    BarRequest, BarSource, DataState, StockDirectory, WindowBatch, WindowShape,
};
use naeil_domain::{BarPanel, Horizon, Market, Session, Stock, StockCode};
use naeil_features::{FeaturePanel, FeatureSpec, SERVING_SESSIONS};

use crate::error::{PredictError, ServingError};

/// How often bars are read again when they change under the reader.
const READ_ATTEMPTS: usize = 3;

/// The features of the market's last sessions, and which stocks have a window in them: all that
/// predictions need of the bars.
///
/// Only stocks with a valid window have a *row*. Their windows are views of the panel, unscaled.
#[derive(Debug)]
pub(crate) struct MarketSnapshot {
    data: DataState,
    as_of: Session,
    panel: FeaturePanel,
    /// Where in the panel the as-of session is.
    as_of_idx: usize,
    /// The stock of each row, as an index into the panel's stocks.
    row_stocks: Vec<usize>,
    /// The market that lists the stock of each row.
    row_markets: Vec<Market>,
    /// Every stock of the directory: its row, or why it has none.
    stocks: HashMap<StockCode, Result<usize, String>>,
}

/// The newest session in which at least half as many stocks have a bar as in the fullest of the
/// sessions shortly before it.
///
/// The first bars of a new session must not move the whole market there: every other stock would
/// have no bar in it. They are used once most of the session has arrived.
fn newest_full_session(bars: &BarPanel) -> Option<usize> {
    let n_bars: Vec<usize> = (0..bars.sessions().len())
        .map(|session_idx| {
            (0..bars.stocks().len())
                .filter(|&stock_idx| !bars.stock_bars(stock_idx).close[session_idx].is_nan())
                .count()
        })
        .collect();
    let recent = n_bars.len().saturating_sub(Horizon::MAX_STEPS + 1);
    let fullest = n_bars[recent..].iter().copied().max()?;
    n_bars.iter().rposition(|&n| n > 0 && 2 * n >= fullest)
}

impl MarketSnapshot {
    /// Reads the last sessions and computes their features; `None` while there is not one bar.
    pub(crate) async fn read(
        bars: &dyn BarSource,
        directory: &dyn StockDirectory,
        spec: &Arc<FeatureSpec>,
    ) -> Result<Option<Self>, ServingError> {
        for _ in 0..READ_ATTEMPTS {
            let Some(data) = bars.data_state().await? else {
                return Ok(None);
            };
            let panel = bars
                .bars(&BarRequest {
                    last_sessions: Some(SERVING_SESSIONS),
                    until: Some(data.last_session),
                    ..BarRequest::default()
                })
                .await?;
            let listed = directory.stocks().await?;
            // The revision is part of every answer's name: it must be that of the bars read.
            if bars.data_state().await? == Some(data) {
                let spec = Arc::clone(spec);
                return tokio::task::spawn_blocking(move || {
                    Self::compute(data, &panel, listed, &spec)
                })
                .await?;
            }
        }
        Err(ServingError::BarsMoving {
            attempts: READ_ATTEMPTS,
        })
    }

    fn compute(
        data: DataState,
        bars: &BarPanel,
        listed: Vec<Stock>,
        spec: &FeatureSpec,
    ) -> Result<Option<Self>, ServingError> {
        let Some(as_of_idx) = newest_full_session(bars) else {
            return Ok(None);
        };
        let as_of = bars.sessions()[as_of_idx];
        // A server's memory holds the sessions of the windows, not all that were read for them.
        let n_kept = bars.sessions().len() - (as_of_idx + 1).saturating_sub(spec.lookback());
        let panel = FeaturePanel::compute_last(spec, bars, n_kept)?;
        let as_of_idx = as_of_idx + n_kept - bars.sessions().len();
        let mut row_stocks = Vec::new();
        let mut row_markets = Vec::new();
        let mut stocks = HashMap::with_capacity(panel.stocks().len());
        for (stock_idx, stock) in panel.stocks().iter().enumerate() {
            let row = match panel.window(as_of_idx, stock_idx) {
                // The model refuses a batch with such a window, and the first batch is the whole
                // market: one absurd bar must not silence every other stock.
                Ok(window) if !window.rows().flatten().all(|value| value.is_finite()) => {
                    Err("its bars are too extreme for features to be computed".to_owned())
                }
                Ok(_) => {
                    row_stocks.push(stock_idx);
                    row_markets.push(stock.market);
                    Ok(row_stocks.len() - 1)
                }
                Err(void) => Err(void.to_string()),
            };
            stocks.insert(stock.code.clone(), row);
        }
        for stock in listed {
            stocks.entry(stock.code).or_insert_with(|| {
                Err(format!(
                    "its last bar is of {}, more than {SERVING_SESSIONS} sessions ago",
                    stock.last_session
                ))
            });
        }
        Ok(Some(Self {
            data,
            as_of,
            panel,
            as_of_idx,
            row_stocks,
            row_markets,
            stocks,
        }))
    }

    pub(crate) fn data(&self) -> DataState {
        self.data
    }

    /// The last session whose bars are in the windows.
    pub(crate) fn as_of(&self) -> Session {
        self.as_of
    }

    pub(crate) fn n_stocks(&self) -> usize {
        self.stocks.len()
    }

    pub(crate) fn row_markets(&self) -> &[Market] {
        &self.row_markets
    }

    /// The row of a stock's window.
    ///
    /// # Errors
    /// [`PredictError::UnknownStock`] or [`PredictError::NotEnoughHistory`].
    pub(crate) fn row(&self, code: &StockCode) -> Result<usize, PredictError> {
        match self.stocks.get(code) {
            Some(Ok(row)) => Ok(*row),
            Some(Err(reason)) => Err(PredictError::NotEnoughHistory {
                code: code.clone(),
                reason: reason.clone(),
            }),
            None => Err(PredictError::UnknownStock { code: code.clone() }),
        }
    }

    /// The windows of some rows as a model takes them, in the order given.
    pub(crate) fn windows_of(
        &self,
        shape: &WindowShape,
        rows: impl ExactSizeIterator<Item = usize>,
    ) -> WindowBatch {
        let places = rows.map(|row| (self.as_of_idx, self.row_stocks[row]));
        self.panel
            .gather(shape, places)
            .expect("rows are of stocks with a window")
    }
}
