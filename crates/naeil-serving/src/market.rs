//! The market as the service keeps it in memory.

use std::collections::HashMap;
use std::sync::Arc;

use naeil_domain::ports::{BarRequest, BarSource, DataState, StockDirectory, WindowBatch};
use naeil_domain::{BarPanel, Horizon, Market, Session, Stock, StockCode};
use naeil_features::{FeaturePanel, FeatureSpec, SERVING_SESSIONS};

use crate::error::{PredictError, ServingError};

/// How often bars are read again when they change under the reader.
const READ_ATTEMPTS: usize = 3;

/// The windows of every stock at the as-of session: all that predictions need of the bars.
///
/// # Shapes
/// `windows`: `[n_windows, lookback, n_features]`, unscaled; only stocks with a valid window have
/// one, and its position is the stock's *row*.
#[derive(Debug)]
pub(crate) struct MarketSnapshot {
    data: DataState,
    as_of: Session,
    lookback: usize,
    n_features: usize,
    windows: Vec<f32>,
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
        let panel = FeaturePanel::compute(spec, bars)?;
        let window_len = spec.lookback() * spec.n_columns();
        let mut snapshot = Self {
            data,
            as_of,
            lookback: spec.lookback(),
            n_features: spec.n_columns(),
            windows: Vec::with_capacity(panel.stocks().len() * window_len),
            row_markets: Vec::new(),
            stocks: HashMap::with_capacity(panel.stocks().len()),
        };
        for (stock_idx, stock) in panel.stocks().iter().enumerate() {
            let row = panel
                .window(as_of_idx, stock_idx)
                .map_err(|void| void.to_string())
                .and_then(|window| {
                    let row = snapshot.row_markets.len();
                    snapshot.windows.resize((row + 1) * window_len, 0.0);
                    let slot = &mut snapshot.windows[row * window_len..];
                    window.copy_into(slot);
                    if slot.iter().all(|value| value.is_finite()) {
                        snapshot.row_markets.push(stock.market);
                        return Ok(row);
                    }
                    // The model refuses a batch with such a window, and the first batch is the
                    // whole market: one absurd bar must not silence every other stock.
                    snapshot.windows.truncate(row * window_len);
                    Err("its bars are too extreme for features to be computed".to_owned())
                });
            snapshot.stocks.insert(stock.code.clone(), row);
        }
        for stock in listed {
            snapshot.stocks.entry(stock.code).or_insert_with(|| {
                Err(format!(
                    "its last bar is of {}, more than {SERVING_SESSIONS} sessions ago",
                    stock.last_session
                ))
            });
        }
        snapshot.windows.shrink_to_fit();
        Ok(Some(snapshot))
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

    /// The windows of some rows, in the order given.
    pub(crate) fn windows_of(&self, rows: impl ExactSizeIterator<Item = usize>) -> WindowBatch {
        let window_len = self.lookback * self.n_features;
        let n_windows = rows.len();
        let mut values = Vec::with_capacity(n_windows * window_len);
        for row in rows {
            values.extend_from_slice(&self.windows[row * window_len..(row + 1) * window_len]);
        }
        WindowBatch {
            values,
            n_windows,
            lookback: self.lookback,
            n_features: self.n_features,
        }
    }
}
