//! Portfolios of deciles of a session's scores.

use std::collections::BTreeMap;

/// Number of portfolios.
pub const N_DECILES: usize = 10;

/// The deciles of one session.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionDeciles {
    /// Mean forward return of each decile, ascending in score.
    pub returns: [f64; N_DECILES],
    /// What the highest decile holds: stock and weight, weights adding up to 1, ascending in stock.
    pub top: BTreeMap<u32, f64>,
    /// The same of the lowest decile.
    pub bottom: BTreeMap<u32, f64>,
}

impl SessionDeciles {
    /// Sorts a session's stocks into deciles, each of exactly a tenth of them; `None` for fewer
    /// stocks than deciles.
    ///
    /// A decile's edge may cut through a stock, and through a group of equal scores: each of the group
    /// then belongs to each decile by the same fraction. So the order of the rows does not matter,
    /// and a score that says nothing has ten equal deciles.
    ///
    /// # Shapes
    /// All slices: one value a stock.
    pub fn sort(scores: &[f64], stock_idx: &[u32], returns: &[f64]) -> Option<Self> {
        let n = scores.len();
        if n < N_DECILES {
            return None;
        }
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_unstable_by(|&a, &b| {
            // By stock among equals: sums are then the same in whatever order rows come.
            (scores[a].total_cmp(&scores[b])).then(stock_idx[a].cmp(&stock_idx[b]))
        });
        let size = n as f64 / N_DECILES as f64;
        let mut deciles = Self {
            returns: [0.0; N_DECILES],
            top: BTreeMap::new(),
            bottom: BTreeMap::new(),
        };
        let mut start = 0;
        for group in order.chunk_by(|&a, &b| scores[a] == scores[b]) {
            let end = start + group.len();
            let first = start * N_DECILES / n;
            let last = ((end * N_DECILES).div_ceil(n)).min(N_DECILES);
            for decile in first..last {
                let lower = (start as f64).max(decile as f64 * size);
                let upper = (end as f64).min((decile + 1) as f64 * size);
                let weight = (upper - lower).max(0.0) / (group.len() as f64 * size);
                for &row in group.iter().filter(|_| weight > 0.0) {
                    deciles.returns[decile] += weight * returns[row];
                    if decile == N_DECILES - 1 {
                        deciles.top.insert(stock_idx[row], weight);
                    } else if decile == 0 {
                        deciles.bottom.insert(stock_idx[row], weight);
                    }
                }
            }
            start = end;
        }
        Some(deciles)
    }

    /// Mean return of the highest decile minus that of the lowest.
    pub fn spread(&self) -> f64 {
        self.returns[N_DECILES - 1] - self.returns[0]
    }

    /// Share of the portfolio that is replaced when it is renewed as this one: half the sum of the
    /// absolute changes of weight, mean of the highest and the lowest decile. Price moves in between
    /// are not counted.
    pub fn turnover_from(&self, earlier: &Self) -> f64 {
        (replaced(&earlier.top, &self.top) + replaced(&earlier.bottom, &self.bottom)) / 2.0
    }
}

fn replaced(earlier: &BTreeMap<u32, f64>, later: &BTreeMap<u32, f64>) -> f64 {
    let bought: f64 = later
        .iter()
        .map(|(stock, weight)| (weight - earlier.get(stock).unwrap_or(&0.0)).max(0.0))
        .sum();
    // What is bought is what is sold: both portfolios add up to 1.
    bought
}

#[cfg(test)]
mod tests;
