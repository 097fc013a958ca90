//! The market as a whole, session by session, for reports.

use naeil_domain::{BarPanel, Session};
use rayon::prelude::*;

use crate::carried::{CarriedBars, SessionState};
use crate::trading_record::{GreatestMoves, is_impossible};

/// What the stocks of a market did together in one session.
///
/// Counted are stocks that traded and had a close before; a move beyond the exchange's limit is a
/// corporate action and is left out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MarketState {
    /// The session.
    pub session: Session,
    /// Stocks that traded.
    pub n_traded: usize,
    /// Equally weighted mean of ln(close / close before), over the stocks counted; `None` if there
    /// is none.
    pub mean_log_return: Option<f64>,
    /// Share of the stocks counted whose close rose; an unchanged one did not.
    pub share_of_rises: Option<f64>,
}

/// One session's sums.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    traded: usize,
    counted: usize,
    rises: usize,
    log_return: f64,
}

impl MarketState {
    /// Every session of `bars`, in their order.
    pub fn by_session(bars: &BarPanel) -> Vec<Self> {
        let greatest_moves = GreatestMoves::new(bars.sessions(), bars.stocks());
        let lives: Vec<CarriedBars> = (0..bars.stocks().len())
            .into_par_iter()
            .map(|stock_idx| CarriedBars::new(bars.stock_bars(stock_idx)))
            .collect();
        let mut sums = vec![Sums::default(); bars.sessions().len()];
        // One stock after the other, so that the sums do not depend on the number of threads.
        for ((stock_idx, stock), life) in bars.stocks().iter().enumerate().zip(&lives) {
            let limits = greatest_moves.of(stock.market);
            let seams: Vec<usize> = bars.seams(stock_idx).collect();
            for i in (0..life.len()).filter(|&i| life.states[i] == SessionState::Traded) {
                let session_idx = life.first + i;
                let sums = &mut sums[session_idx];
                sums.traded += 1;
                let Some(before) = i.checked_sub(1).map(|before| life.close[before]) else {
                    continue;
                };
                if !is_impossible(before, life.close[i], limits[session_idx])
                    && !seams.contains(&session_idx)
                {
                    sums.counted += 1;
                    sums.rises += usize::from(life.close[i] > before);
                    sums.log_return += (life.close[i] / before).ln();
                }
            }
        }
        let state = |(&session, sums): (&Session, Sums)| {
            let mean = |sum: f64| (sums.counted > 0).then(|| sum / sums.counted as f64);
            Self {
                session,
                n_traded: sums.traded,
                mean_log_return: mean(sums.log_return),
                share_of_rises: mean(sums.rises as f64),
            }
        };
        bars.sessions().iter().zip(sums).map(state).collect()
    }
}
