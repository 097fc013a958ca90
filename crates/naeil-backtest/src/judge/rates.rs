//! Forecasters that know only how often prices rise.

use naeil_domain::Horizon;
use naeil_evaluation::calibration::trailing_base_rate;
use naeil_evaluation::{Outcomes, TrainingRates};

use crate::rows::Market;
use crate::task::FoldTasks;

/// What one of them says of every test row.
pub(super) struct RateForecast {
    pub(super) name: &'static str,
    /// 0 for every row unless it tells stocks apart.
    pub(super) relative: Vec<f64>,
    pub(super) probability_up: Vec<f64>,
}

/// Windows of the trailing base rates, in sessions.
const TRAILING: [(&str, Option<usize>); 3] = [
    ("base rate of 250 sessions", Some(250)),
    ("base rate of 1,000 sessions", Some(1_000)),
    ("base rate of all sessions", None),
];

/// Whether it is one of the trailing base rates, which are the forecasters to beat in log loss.
pub(super) fn is_trailing(name: &str) -> bool {
    TRAILING.iter().any(|(trailing, _)| *trailing == name)
}

/// Their forecasts of the rows of `test`, which are the last rows of the folds' test parts with a
/// known outcome.
pub(super) fn forecasts(
    market: &Market,
    folds: &[FoldTasks],
    test: &Outcomes,
    horizon: Horizon,
) -> Vec<RateForecast> {
    let mut found = trained(market, folds, test, horizon);
    let long = history(market, folds, test, horizon);
    let n_before = long.len() - test.len();
    for (name, window) in TRAILING {
        found.push(RateForecast {
            name,
            relative: vec![0.0; test.len()],
            probability_up: trailing_base_rate(&long, horizon, window).split_off(n_before),
        });
    }
    found
}

/// Every row of the universe from the beginning to the last test session: trailing rates remember
/// what was known long before the first test session.
fn history(market: &Market, folds: &[FoldTasks], test: &Outcomes, horizon: Horizon) -> Outcomes {
    let mut long = Outcomes::default();
    let narrow = |idx: usize| u32::try_from(idx).expect("a panel has fewer than 2^32 rows");
    let first_test = folds.first().map_or(0, |fold| fold.fold.fold.test.start);
    for session_idx in 0..first_test {
        for &stock_idx in &market.universe {
            let outcome = market
                .labels
                .forward_return(session_idx, stock_idx, horizon);
            if let Some(forward_return) = outcome
                && market.panel.window(session_idx, stock_idx).is_ok()
            {
                let (session, stock) = (narrow(session_idx), narrow(stock_idx));
                long.push(session, stock, f64::from(forward_return));
            }
        }
    }
    for row in 0..test.len() {
        let (session, stock) = (test.session_idx()[row], test.stock_idx()[row]);
        long.push(session, stock, test.forward_return()[row]);
    }
    long
}

/// The majority and the last move, as often as they were right in each fold's own training part.
fn trained(
    market: &Market,
    folds: &[FoldTasks],
    test: &Outcomes,
    horizon: Horizon,
) -> Vec<RateForecast> {
    let mut majority = Vec::with_capacity(test.len());
    let mut last_move = (
        Vec::with_capacity(test.len()),
        Vec::with_capacity(test.len()),
    );
    let mut fold_rates: Option<(usize, TrainingRates)> = None;
    for row in 0..test.len() {
        let session_idx = test.session_idx()[row] as usize;
        let stock_idx = test.stock_idx()[row] as usize;
        let in_fold = |fold: &FoldTasks| fold.fold.fold.test.contains(&session_idx);
        let fold_idx = folds.iter().position(in_fold).unwrap_or(0);
        if fold_rates.is_none_or(|(of, _)| of != fold_idx) {
            fold_rates =
                training_rates(market, &folds[fold_idx], horizon).map(|rates| (fold_idx, rates));
        }
        let move_ = last_return(market, session_idx, stock_idx);
        let (base, after) = fold_rates.map_or((0.5, 0.5), |(_, rates)| {
            let after = if move_ > 0.0 {
                rates.up_after_rise
            } else if move_ < 0.0 {
                rates.up_after_fall
            } else {
                rates.base_rate
            };
            (rates.base_rate, after)
        });
        majority.push(base);
        last_move.0.push(move_);
        last_move.1.push(after);
    }
    vec![
        RateForecast {
            name: "always the majority",
            relative: vec![0.0; test.len()],
            probability_up: majority,
        },
        RateForecast {
            name: "last move",
            relative: last_move.0,
            probability_up: last_move.1,
        },
    ]
}

fn training_rates(market: &Market, fold: &FoldTasks, horizon: Horizon) -> Option<TrainingRates> {
    let train = fold.fold.fold.train.clone();
    let rows = train.flat_map(|session_idx| {
        let of_session = market.universe.iter().filter_map(move |&stock_idx| {
            let up = market.labels.is_up(session_idx, stock_idx, horizon)?;
            market.panel.window(session_idx, stock_idx).ok()?;
            Some((last_return(market, session_idx, stock_idx), up))
        });
        of_session.collect::<Vec<_>>()
    });
    TrainingRates::fit(rows)
}

/// The return of the as-of session; 0 where the session before has no close.
fn last_return(market: &Market, session_idx: usize, stock_idx: usize) -> f64 {
    let close = market.bars.stock_bars(stock_idx).close;
    let before = session_idx.checked_sub(1).map_or(f64::NAN, |at| close[at]);
    let simple = close[session_idx] / before - 1.0;
    if simple.is_finite() { simple } else { 0.0 }
}
