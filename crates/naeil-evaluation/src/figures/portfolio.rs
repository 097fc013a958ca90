//! What trading the deciles of a score would have returned.

use crate::metrics::deciles::{N_DECILES, SessionDeciles};
use crate::{Outcomes, Statistic};

/// Statistics of the decile portfolios.
pub(super) struct Portfolios {
    /// Mean forward return of each decile.
    pub(super) deciles: Vec<Statistic>,
    pub(super) spread: Statistic,
    pub(super) spread_after_costs: Statistic,
    pub(super) turnover: Statistic,
}

/// Every session a tranche, one h-th of the capital, is put into the decile and held for h sessions
/// (overlapping portfolios, Jegadeesh and Titman 1993); a tranche that ends is renewed as the
/// session's own decile. So returns are over h sessions, and turnover is between a session's decile
/// and that of h sessions before; the whole portfolio turns over an h-th of it each session.
///
/// Costs: what is bought and what is sold, on both sides of the spread, pays the one-way cost:
/// net = spread - cost x 2 x (turnover of the top + turnover of the bottom). A session without one h
/// sessions before it is charged the mean turnover of the others, so that figures before and after costs
/// are of the same sessions; without any turnover there is no figure after costs.
pub(super) fn portfolios(
    outcomes: &Outcomes,
    relative: &[f64],
    horizon_steps: usize,
    one_way_cost_bps: f64,
) -> Portfolios {
    let sessions = outcomes.sessions();
    let sorted: Vec<Option<SessionDeciles>> = sessions
        .iter()
        .map(|rows| {
            let rows = rows.clone();
            let stocks = &outcomes.stock_idx()[rows.clone()];
            let returns = &outcomes.forward_return()[rows.clone()];
            SessionDeciles::sort(&relative[rows], stocks, returns)
        })
        .collect();
    let session_idx: Vec<u32> = sessions
        .iter()
        .map(|rows| outcomes.session_idx()[rows.start])
        .collect();
    let earlier = |session: usize| -> Option<&SessionDeciles> {
        let step = u32::try_from(horizon_steps).ok()?;
        let idx = session_idx[session].checked_sub(step)?;
        sorted[session_idx.binary_search(&idx).ok()?].as_ref()
    };
    let turnover: Vec<Option<f64>> = (sorted.iter().enumerate())
        .map(|(session, deciles)| Some(deciles.as_ref()?.turnover_from(earlier(session)?)))
        .collect();
    let cost = one_way_cost_bps * 1e-4;
    let spreads = || {
        sorted
            .iter()
            .map(|d| d.as_ref().map(SessionDeciles::spread))
    };
    let mean_turnover = Statistic::mean(turnover.iter().copied()).value();
    let net = spreads()
        .zip(&turnover)
        // The turnover is the mean of two sides, each of which sells and buys.
        .map(|(spread, turnover)| Some(spread? - cost * 4.0 * turnover.or(mean_turnover)?));
    Portfolios {
        deciles: (0..N_DECILES)
            .map(|at| Statistic::mean(sorted.iter().map(|d| d.as_ref().map(|d| d.returns[at]))))
            .collect(),
        spread: Statistic::mean(spreads()),
        spread_after_costs: Statistic::mean(net),
        turnover: Statistic::mean(turnover.iter().copied()),
    }
}
