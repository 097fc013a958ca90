//! With strength 0 the right answer is "none": standard factors find nothing at any horizon.

use naeil_domain::bar_panel::StockBars;
use naeil_domain::{BarPanel, Horizon};
use naeil_simulator::MarketConfig;

use crate::{generate, mean_and_error, rank_correlation};

type Factor = (&'static str, fn(&StockBars<'_>, usize) -> f64);

const FACTORS: [Factor; 6] = [
    ("1-session return", |bars, t| {
        bars.close[t] / bars.close[t - 1]
    }),
    ("5-session return", |bars, t| {
        bars.close[t] / bars.close[t - 5]
    }),
    ("20-session return", |bars, t| {
        bars.close[t] / bars.close[t - 20]
    }),
    ("volatility", |bars, t| {
        let squares = bars.close[t - 20..=t].windows(2);
        squares.map(|pair| (pair[1] / pair[0]).ln().powi(2)).sum()
    }),
    ("volume ratio", |bars, t| {
        bars.volume[t] / bars.volume[t - 19..=t].iter().sum::<f64>()
    }),
    ("price level", |bars, t| bars.close[t]),
];

/// Mean over sessions of a factor's rank IC.
fn mean_rank_ic(panel: &BarPanel, factor: &Factor, horizon: Horizon) -> f64 {
    let steps = horizon.steps();
    let n_sessions = panel.sessions().len();
    let daily: Vec<f64> = (20..n_sessions - steps)
        .map(|t| {
            let pairs: Vec<(f64, f64)> = (0..panel.stocks().len())
                .filter_map(|stock_idx| {
                    let bars = panel.stock_bars(stock_idx);
                    let (score, outcome) =
                        (factor.1(&bars, t), bars.close[t + steps] / bars.close[t]);
                    let usable = score.is_finite() && outcome.is_finite();
                    usable.then_some((score, outcome))
                })
                .collect();
            rank_correlation(&pairs)
        })
        .collect();
    daily.iter().sum::<f64>() / daily.len() as f64
}

#[test]
fn without_a_signal_no_factor_predicts() {
    let panels: Vec<BarPanel> = (100..112)
        .map(|seed| {
            let config = MarketConfig {
                seed,
                n_stocks: 200,
                n_sessions: 500,
                signal_strength: 0.0,
                ..MarketConfig::default()
            };
            generate(&config).panel()
        })
        .collect();
    for horizon in Horizon::ALL {
        for factor in &FACTORS {
            // Markets are independent, so the spread between them is the error of their mean.
            let by_market: Vec<f64> = panels
                .iter()
                .map(|panel| mean_rank_ic(panel, factor, horizon))
                .collect();
            let (mean, error) = mean_and_error(&by_market);
            assert!(
                mean.abs() < 4.0 * error,
                "{} at {horizon}: {mean} +/- {error}",
                factor.0
            );
        }
    }
}

#[test]
fn without_a_signal_rises_are_as_frequent_as_falls() {
    for horizon in Horizon::ALL {
        let shares: Vec<f64> = (200..212)
            .map(|seed| {
                let config = MarketConfig {
                    seed,
                    n_stocks: 100,
                    n_sessions: 500,
                    signal_strength: 0.0,
                    ..MarketConfig::default()
                };
                let panel = generate(&config).panel();
                let (mut rises, mut falls) = (0_u32, 0_u32);
                for stock_idx in 0..panel.stocks().len() {
                    for window in panel
                        .stock_bars(stock_idx)
                        .close
                        .windows(horizon.steps() + 1)
                    {
                        let (first, last) = (window[0], window[horizon.steps()]);
                        rises += u32::from(last > first);
                        falls += u32::from(last < first);
                    }
                }
                f64::from(rises) / f64::from(rises + falls) - 0.5
            })
            .collect();
        let (mean, error) = mean_and_error(&shares);
        assert!(mean.abs() < 4.0 * error, "{horizon}: {mean} +/- {error}");
    }
}
