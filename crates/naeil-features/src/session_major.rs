//! Computes stock by stock in parallel, stores session by session.

use rayon::prelude::*;

/// Stocks computed before their rows are copied into place: enough to keep every core busy, few
/// enough that the copies stay small beside the whole.
const BLOCK_STOCKS: usize = 128;

/// What one stock contributes.
pub(crate) struct StockRows<T> {
    /// Session index of its first row.
    pub(crate) first: usize,
    /// `[session, width]`, contiguous.
    pub(crate) values: Vec<f32>,
    /// What else was learnt about the stock.
    pub(crate) rest: T,
}

/// Fills `[session, stock, width]` with what `compute` returns for each stock; `NaN` elsewhere.
///
/// `compute` gets what it works in, which is kept from stock to stock. Stocks are independent of each other, so the result does not depend on the number of threads.
pub(crate) fn session_major<T: Send, W: Default>(
    n_sessions: usize,
    n_stocks: usize,
    width: usize,
    compute: impl Fn(&mut W, usize) -> StockRows<T> + Sync,
) -> (Vec<f32>, Vec<T>) {
    // Zeroed memory costs nothing until it is written, and below every thread writes its share.
    let mut values = vec![0.0; n_sessions * n_stocks * width];
    let mut rest = Vec::with_capacity(n_stocks);
    for block_start in (0..n_stocks).step_by(BLOCK_STOCKS) {
        let block_end = (block_start + BLOCK_STOCKS).min(n_stocks);
        let block: Vec<StockRows<T>> = (block_start..block_end)
            .into_par_iter()
            .map_init(W::default, &compute)
            .collect();
        let columns: Vec<(usize, &[f32])> = block
            .iter()
            .map(|rows| (rows.first, rows.values.as_slice()))
            .collect();
        values
            .par_chunks_exact_mut(n_stocks * width)
            .enumerate()
            .for_each(|(session_idx, session)| {
                let places = session[block_start * width..].chunks_exact_mut(width);
                for (place, (first, rows)) in places.zip(&columns) {
                    let row = session_idx
                        .checked_sub(*first)
                        .and_then(|i| rows.get(i * width..(i + 1) * width));
                    match row {
                        Some(row) => place.copy_from_slice(row),
                        None => place.fill(f32::NAN),
                    }
                }
            });
        rest.extend(block.into_iter().map(|rows| rows.rest));
    }
    (values, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stock_lands_in_its_own_column_from_its_first_session_on() {
        // More stocks than a block; stock s starts in session s % 3 and holds 100 * s + session.
        let n_stocks = BLOCK_STOCKS + 3;
        let (values, rest) = session_major(4, n_stocks, 1, |(), stock_idx| {
            let first = stock_idx % 3;
            let value = |session_idx: usize| (100 * stock_idx + session_idx) as f32;
            StockRows {
                first,
                values: (first..4).map(value).collect(),
                rest: stock_idx,
            }
        });
        assert_eq!(rest, (0..n_stocks).collect::<Vec<_>>());
        for session_idx in 0..4 {
            for stock_idx in 0..n_stocks {
                let value = values[session_idx * n_stocks + stock_idx];
                if session_idx < stock_idx % 3 {
                    assert!(value.is_nan());
                } else {
                    assert_eq!(value, (100 * stock_idx + session_idx) as f32);
                }
            }
        }
    }
}
