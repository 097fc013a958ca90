//! The simulated market as its users see it, one file a claim.

mod bars;
mod learnable;
mod oracle;
mod reproducible;
mod stylised_facts;
mod unpredictable;

use naeil_domain::TradingCalendar;
use naeil_simulator::{MarketConfig, SimulatedMarket};

/// The demo's market.
fn default_market() -> SimulatedMarket {
    generate(&MarketConfig::default())
}

fn generate(config: &MarketConfig) -> SimulatedMarket {
    SimulatedMarket::generate(config, &TradingCalendar::xkrx()).expect("the settings are valid")
}

/// Mean and standard error of independent values.
fn mean_and_error(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, (squares / (n - 1.0) / n).sqrt())
}

/// Spearman's correlation with average ranks; 0 where a side does not vary.
fn rank_correlation(pairs: &[(f64, f64)]) -> f64 {
    let centred_ranks = |values: Vec<f64>| -> Vec<f64> {
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
        let mut ranks = vec![0.0; values.len()];
        let mut start = 0;
        for tied in order.chunk_by(|&a, &b| values[a] == values[b]) {
            let place = start as f64 + (tied.len() as f64 - values.len() as f64) / 2.0;
            tied.iter().for_each(|&position| ranks[position] = place);
            start += tied.len();
        }
        ranks
    };
    let left = centred_ranks(pairs.iter().map(|pair| pair.0).collect());
    let right = centred_ranks(pairs.iter().map(|pair| pair.1).collect());
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
    let scale = (product(&left, &left) * product(&right, &right)).sqrt();
    if scale > 0.0 {
        product(&left, &right) / scale
    } else {
        0.0
    }
}
