//! Bars with another future.

use naeil_domain::{Bar, BarPanel, BarPanelBuilder, PriceBasis};

use crate::random::Rng;

/// The same bars up to and including a session; after it, each stock's bars in another order, at
/// other prices, some of them gone.
pub(super) fn shuffled_after(bars: &BarPanel, session_idx: usize, rng: &mut Rng) -> BarPanel {
    let mut builder = BarPanelBuilder::new(bars.sessions().to_vec(), bars.stocks().to_vec());
    let n_sessions = bars.sessions().len();
    for stock_idx in 0..bars.stocks().len() {
        let mut order: Vec<usize> = (0..n_sessions).collect();
        for i in (session_idx + 2..n_sessions).rev() {
            order.swap(i, session_idx + 1 + rng.below(i - session_idx));
        }
        for (to, from) in order.into_iter().enumerate() {
            let Some(mut bar) = bar(bars, stock_idx, from) else {
                continue;
            };
            if to > session_idx {
                if rng.below(20) == 0 {
                    continue;
                }
                let factor = 0.1 + rng.below(1_000) as f64 / 100.0;
                bar.open *= factor;
                bar.high *= factor;
                bar.low *= factor;
                bar.close *= factor;
                bar.volume *= rng.below(3) as f64;
            }
            builder.set(stock_idx, to, &bar);
        }
    }
    builder.build()
}

/// The bars of one session.
pub(super) fn one_session(bars: &BarPanel, session_idx: usize) -> BarPanel {
    let session = bars.sessions()[session_idx];
    let mut builder = BarPanelBuilder::new(vec![session], bars.stocks().to_vec());
    for stock_idx in 0..bars.stocks().len() {
        if let Some(bar) = bar(bars, stock_idx, session_idx) {
            builder.set(stock_idx, 0, &bar);
        }
    }
    builder.build()
}

/// The adjusted bar as one that needs no adjusting.
fn bar(bars: &BarPanel, stock_idx: usize, session_idx: usize) -> Option<Bar> {
    let of_stock = bars.stock_bars(stock_idx);
    let close = of_stock.close[session_idx];
    (!close.is_nan()).then(|| Bar {
        open: of_stock.open[session_idx],
        high: of_stock.high[session_idx],
        low: of_stock.low[session_idx],
        close,
        volume: of_stock.volume[session_idx],
        adjustment_factor: 1.0,
        basis: PriceBasis::BackAdjusted,
    })
}
