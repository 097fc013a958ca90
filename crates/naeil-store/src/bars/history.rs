//! The history behind the bars, as far as the adjusted panel shows it.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use naeil_domain::ports::{
    BarHistory, BarRequest, BarSink, BarSource as _, RefusedBar, StoreError, StoredBar,
};
use naeil_domain::{Bar, CorporateAction, PriceBasis};

use crate::store::Store;

#[async_trait]
impl BarHistory for Store {
    async fn scan(&self, request: &BarRequest, sink: &mut BarSink<'_>) -> Result<(), StoreError> {
        let panel = self.bars(request).await?;
        for (stock_idx, stock) in panel.stocks().iter().enumerate() {
            let bars = panel.stock_bars(stock_idx);
            for (at, &session) in panel.sessions().iter().enumerate() {
                if bars.close[at].is_nan() {
                    continue;
                }
                sink(StoredBar {
                    stock,
                    session,
                    bar: Bar {
                        open: bars.open[at],
                        high: bars.high[at],
                        low: bars.low[at],
                        close: bars.close[at],
                        volume: bars.volume[at],
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
