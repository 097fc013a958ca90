//! The demo's signal can be learned from ordinary indicators: a model that misses it is at fault.

use naeil_domain::Horizon;
use naeil_domain::bar_panel::StockBars;

use crate::{default_market, rank_correlation};

const N_COLUMNS: usize = 6;

/// Indicators as a feature pipeline has them, not standardised within the session, and a constant.
fn columns(bars: &StockBars<'_>, t: usize) -> [f64; N_COLUMNS] {
    let close = bars.close[t];
    let highest = bars.high[t - 13..=t]
        .iter()
        .copied()
        .fold(f64::MIN, f64::max);
    let lowest = bars.low[t - 13..=t]
        .iter()
        .copied()
        .fold(f64::MAX, f64::min);
    let average = bars.close[t - 19..=t].iter().sum::<f64>() / 20.0;
    let usual_volume = bars.volume[t - 19..=t].iter().sum::<f64>() / 20.0;
    [
        1.0,
        close / bars.close[t - 1] - 1.0,
        close / bars.close[t - 5] - 1.0,
        (close - lowest) / (highest - lowest),
        close / average - 1.0,
        (bars.volume[t] / usual_volume).min(5.0),
    ]
}

/// Least squares by the normal equations, solved by Gauss-Jordan elimination.
fn fit(rows: &[([f64; N_COLUMNS], f64)]) -> [f64; N_COLUMNS] {
    let mut system = [[0.0; N_COLUMNS + 1]; N_COLUMNS];
    for (x, y) in rows {
        for i in 0..N_COLUMNS {
            for j in 0..N_COLUMNS {
                system[i][j] += x[i] * x[j];
            }
            system[i][N_COLUMNS] += x[i] * y;
        }
    }
    for pivot in 0..N_COLUMNS {
        let scale = system[pivot][pivot];
        system[pivot].iter_mut().for_each(|value| *value /= scale);
        let pivot_row = system[pivot];
        for (i, row) in system.iter_mut().enumerate() {
            if i != pivot {
                let factor = row[pivot];
                for (value, other) in row.iter_mut().zip(pivot_row) {
                    *value -= factor * other;
                }
            }
        }
    }
    system.map(|row| row[N_COLUMNS])
}

#[test]
fn a_line_through_raw_indicators_recovers_most_of_it_from_directions_alone() {
    let market = default_market();
    let panel = market.panel();
    let n_stocks = panel.stocks().len();
    let observe = |t: usize, stock_idx: usize| {
        let bars = panel.stock_bars(stock_idx);
        let x = columns(&bars, t);
        let forward_return = bars.close[t + 1] / bars.close[t] - 1.0;
        let traded = bars.volume[t] > 0.0;
        (traded && forward_return.is_finite() && x.iter().all(|value| value.is_finite()))
            .then_some((x, forward_return))
    };
    let training: Vec<_> = (20..480)
        .flat_map(|t| (0..n_stocks).filter_map(move |i| observe(t, i)))
        .map(|(x, forward_return)| (x, f64::from(u8::from(forward_return > 0.0))))
        .collect();
    let weights = fit(&training);
    let test = 500..749;
    let daily: Vec<f64> = test
        .clone()
        .map(|t| {
            let pairs: Vec<(f64, f64)> = (0..n_stocks)
                .filter_map(|stock_idx| observe(t, stock_idx))
                .map(|(x, forward_return)| {
                    let score: f64 = x.iter().zip(weights).map(|(x, weight)| x * weight).sum();
                    (score, forward_return)
                })
                .collect();
            rank_correlation(&pairs)
        })
        .collect();
    let found = daily.iter().sum::<f64>() / daily.len() as f64;
    let oracle = market.oracle_rank_ic(test, Horizon::OneDay).unwrap();
    assert!(found > 0.8 * oracle, "{found} of {oracle}");
}
