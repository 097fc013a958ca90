//! Rows for tests.

use rand::{RngExt as _, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::tabular::TabularData;

/// Uniform columns in [-1, 1], and at every horizon returns made of them by `signal` and noise of
/// deviation `noise` (uniform), with a drift per session that has nothing to do with any column.
pub(crate) fn simulated(
    n_sessions: usize,
    n_stocks: usize,
    n_columns: usize,
    noise: f64,
    seed: u64,
    signal: impl Fn(&[f32]) -> f64,
) -> TabularData {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut uniform = move || rng.random::<f64>() * 2.0 - 1.0;
    let mut columns = vec![Vec::new(); n_columns];
    let (mut session_idx, mut stock_idx, mut returns) = (Vec::new(), Vec::new(), Vec::new());
    for session in 0..n_sessions {
        let drift = 0.3 * uniform();
        for stock in 0..n_stocks {
            let row: Vec<f32> = (0..n_columns).map(|_| uniform() as f32).collect();
            for (column, value) in columns.iter_mut().zip(&row) {
                column.push(*value);
            }
            session_idx.push(session as u32);
            stock_idx.push(stock as u32);
            let shock = noise * 3.0_f64.sqrt() * uniform();
            returns.push((drift + signal(&row) + shock) as f32);
        }
    }
    TabularData::from_columns(
        (0..n_columns).map(|i| format!("column_{i}")).collect(),
        columns,
        session_idx,
        stock_idx,
        [returns.clone(), returns.clone(), returns],
    )
}
