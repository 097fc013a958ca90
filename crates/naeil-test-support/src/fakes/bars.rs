//! Bars from memory.

use std::io;
use std::sync::{Mutex, MutexGuard};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use naeil_domain::ports::{
    BarHistory, BarRequest, BarSink, BarSource, DataState, RefusedBar, StockDirectory, StoreError,
    StoredBar,
};
use naeil_domain::{
    Bar, BarPanel, CorporateAction, DataOrigin, PriceBasis, Stock, StockCode, StockDetails,
};

/// Serves a panel that a test can replace, or fails.
#[derive(Debug)]
pub struct FakeBars(Mutex<Held>);

#[derive(Debug)]
struct Held {
    panel: Option<BarPanel>,
    origin: DataOrigin,
    revision: u64,
    /// Stocks of the directory that have no bar.
    bare: Vec<Stock>,
    moves_while_read: bool,
    broken: bool,
}

impl FakeBars {
    /// A source without one bar.
    pub fn empty() -> Self {
        Self(Mutex::new(Held {
            panel: None,
            origin: DataOrigin::Recorded,
            revision: 0,
            bare: Vec::new(),
            moves_while_read: false,
            broken: false,
        }))
    }

    /// A source of these bars at revision 1.
    pub fn new(panel: BarPanel, origin: DataOrigin) -> Self {
        let bars = Self::empty();
        bars.replace(panel, origin);
        bars
    }

    /// Replaces the bars, which makes a new revision.
    pub fn replace(&self, panel: BarPanel, origin: DataOrigin) {
        let mut held = self.held();
        held.panel = Some(panel);
        held.origin = origin;
        held.revision += 1;
    }

    /// Adds a stock to the directory that has no bar in the panel.
    pub fn list(&self, stock: Stock) {
        self.held().bare.push(stock);
    }

    /// From now on, every reading of bars is overtaken by a new revision, as during an import.
    pub fn keep_moving(&self, moving: bool) {
        self.held().moves_while_read = moving;
    }

    /// From now on, every question fails, or none does.
    pub fn break_down(&self, broken: bool) {
        self.held().broken = broken;
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().expect("no holder of this lock panics")
    }

    fn working(&self, doing: &'static str) -> Result<MutexGuard<'_, Held>, StoreError> {
        let held = self.held();
        if held.broken {
            return Err(StoreError::Unavailable {
                doing,
                source: Box::new(io::Error::other("told to fail")),
            });
        }
        Ok(held)
    }
}

#[async_trait]
impl BarSource for FakeBars {
    async fn data_state(&self) -> Result<Option<DataState>, StoreError> {
        let held = self.working("asking for the state of the bars")?;
        let last_session = held.panel.as_ref().and_then(|p| p.sessions().last());
        Ok(last_session.map(|&last_session| DataState {
            revision: held.revision,
            last_session,
            origin: held.origin,
        }))
    }

    async fn bars(&self, request: &BarRequest) -> Result<BarPanel, StoreError> {
        let mut held = self.working("reading bars")?;
        if held.moves_while_read {
            held.revision += 1;
        }
        let Some(panel) = &held.panel else {
            return Err(StoreError::Corrupt("there is not one bar".to_owned()));
        };
        let mut panel = panel.clone();
        if let Some(until) = request.until {
            panel = panel.truncated_after(until);
        }
        if let Some(n) = request.last_sessions {
            panel = panel.last_sessions(n);
        }
        let first = panel.sessions().first().copied();
        Ok(panel.retain_stocks(|_, stock| {
            let listed = first.is_some_and(|first| stock.last_session >= first);
            let asked = request.codes.as_ref();
            listed && asked.is_none_or(|codes| codes.contains(&stock.code))
        }))
    }
}

#[async_trait]
impl StockDirectory for FakeBars {
    async fn stocks(&self) -> Result<Vec<Stock>, StoreError> {
        let held = self.working("reading stocks")?;
        let mut stocks = held
            .panel
            .as_ref()
            .map_or_else(Vec::new, |p| p.stocks().to_vec());
        stocks.extend(held.bare.iter().cloned());
        stocks.sort_by(|a, b| a.code.cmp(&b.code));
        Ok(stocks)
    }

    async fn details(&self) -> Result<Vec<(StockCode, StockDetails)>, StoreError> {
        let stocks = self.stocks().await?;
        let unknown = |stock: Stock| (stock.code, StockDetails::default());
        Ok(stocks.into_iter().map(unknown).collect())
    }
}

/// Every bar of the panel as back-adjusted, without corrections, actions or refused rows.
#[async_trait]
impl BarHistory for FakeBars {
    async fn scan(&self, request: &BarRequest, sink: &mut BarSink<'_>) -> Result<(), StoreError> {
        let panel = self.bars(request).await?;
        for (stock_idx, stock) in panel.stocks().iter().enumerate() {
            let bars = panel.stock_bars(stock_idx);
            for (i, &session) in panel.sessions().iter().enumerate() {
                if bars.close[i].is_nan() {
                    continue;
                }
                sink(StoredBar {
                    stock,
                    session,
                    bar: Bar {
                        open: bars.open[i],
                        high: bars.high[i],
                        low: bars.low[i],
                        close: bars.close[i],
                        volume: bars.volume[i],
                        adjustment_factor: 1.0,
                        basis: PriceBasis::BackAdjusted,
                    },
                    revision: 1,
                });
            }
        }
        Ok(())
    }

    async fn actions(
        &self,
        _as_known_at: Option<DateTime<Utc>>,
    ) -> Result<Vec<CorporateAction>, StoreError> {
        Ok(Vec::new())
    }

    async fn refused(&self) -> Result<Vec<RefusedBar>, StoreError> {
        Ok(Vec::new())
    }
}
