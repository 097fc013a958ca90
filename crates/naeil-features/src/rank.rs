//! Ranks: where a stock stands among the eligible stocks of its session.

#[cfg(test)]
mod tests;

use std::ops::Range;

/// Bits sorted by in one pass: three passes cover 32 bits, and the counters stay in the first
/// level of the cache.
const RADIX_BITS: u32 = 11;
const RADIX: usize = 1 << RADIX_BITS;
const PASSES: usize = 32_usize.div_ceil(RADIX_BITS as usize);

/// What ranking one session needs, kept from session to session so that none allocates.
#[derive(Debug, Default)]
pub(crate) struct RankBuffers {
    /// The eligible stocks.
    eligible: Vec<u32>,
    /// `[column, eligible stock]`: the values, as integers of the same order.
    keys: Vec<u32>,
    /// Pairs of key and position in `eligible`, as one integer.
    pairs: Vec<u64>,
    sorted: Vec<u64>,
    /// `[column, eligible stock]`.
    ranks: Vec<f32>,
}

/// Replaces the values in `columns` of one session's rows by their ranks among the stocks for
/// which `is_eligible` holds; 0 for the others, and for a value that is not a number.
///
/// A rank is `((r - 0.5) / n - 0.5) * sqrt(12)`, where r is the rank from 1 (the mean of the ranks
/// for equal values) among n values: centred, of variance `1 - 1 / n²` without ties, and between
/// plus and minus the root of 3.
///
/// # Shapes
/// - `rows`: `[stock, width]`
pub(crate) fn rank_columns(
    rows: &mut [f32],
    width: usize,
    columns: &[usize],
    is_eligible: impl Fn(usize) -> bool,
    buffers: &mut RankBuffers,
) {
    let RankBuffers {
        eligible,
        keys,
        pairs,
        sorted,
        ranks,
    } = buffers;
    let n_stocks = rows.len() / width;
    eligible.clear();
    eligible.extend((0..n_stocks as u32).filter(|&i| is_eligible(i as usize)));
    let n = eligible.len();
    keys.resize(columns.len() * n, 0);
    ranks.resize(columns.len() * n, 0.0);
    // Rows are far apart, so each is visited once for all its columns.
    for (i, &stock_idx) in eligible.iter().enumerate() {
        let row = &rows[stock_idx as usize * width..][..width];
        for (of_column, &column) in keys.chunks_exact_mut(n).zip(columns) {
            of_column[i] = sortable(row[column]);
        }
    }
    for row in rows.chunks_exact_mut(width) {
        columns.iter().for_each(|&column| row[column] = 0.0);
    }
    if n == 0 {
        return;
    }
    for (keys, ranks) in keys.chunks_exact(n).zip(ranks.chunks_exact_mut(n)) {
        pairs.clear();
        pairs.extend(
            (0_u64..)
                .zip(keys)
                .map(|(i, &key)| u64::from(key) << 32 | i),
        );
        sort(pairs, sorted);
        rank_sorted(pairs, ranks);
    }
    for (i, &stock_idx) in eligible.iter().enumerate() {
        let row = &mut rows[stock_idx as usize * width..][..width];
        for (of_column, &column) in ranks.chunks_exact(n).zip(columns) {
            row[column] = of_column[i];
        }
    }
}

/// The value's bits, changed so that integers order as the numbers do; `NaN` comes last.
fn sortable(value: f32) -> u32 {
    if value.is_nan() {
        return u32::MAX;
    }
    // Minus zero equals zero, and must share its rank.
    let bits = (value + 0.0).to_bits();
    if bits >> 31 == 1 {
        !bits
    } else {
        bits | 1 << 31
    }
}

fn key(pair: u64) -> u32 {
    (pair >> 32) as u32
}

/// Sorts by the key in the upper half, from the lowest digit to the highest.
fn sort(pairs: &mut Vec<u64>, other: &mut Vec<u64>) {
    let mut counts = [[0_u32; RADIX]; PASSES];
    for &pair in pairs.iter() {
        for (pass, counts) in counts.iter_mut().enumerate() {
            counts[digit(pair, pass)] += 1;
        }
    }
    other.resize(pairs.len(), 0);
    for (pass, counts) in counts.iter_mut().enumerate() {
        // All in one place: this digit orders nothing.
        if counts[digit(pairs[0], pass)] as usize == pairs.len() {
            continue;
        }
        let mut start = 0;
        for count in counts.iter_mut() {
            (*count, start) = (start, start + *count);
        }
        for &pair in pairs.iter() {
            let place = &mut counts[digit(pair, pass)];
            other[*place as usize] = pair;
            *place += 1;
        }
        std::mem::swap(pairs, other);
    }
}

fn digit(pair: u64, pass: usize) -> usize {
    (key(pair) >> (pass as u32 * RADIX_BITS)) as usize & (RADIX - 1)
}

/// Writes every pair's rank to its position.
fn rank_sorted(pairs: &[u64], ranks: &mut [f32]) {
    let n_values = pairs.partition_point(|&pair| key(pair) != u32::MAX);
    for &pair in &pairs[n_values..] {
        ranks[pair as u32 as usize] = 0.0;
    }
    let mut start = 0;
    for ties in pairs[..n_values].chunk_by(|&a, &b| key(a) == key(b)) {
        let rank = scaled(start..start + ties.len(), n_values);
        for &pair in ties {
            ranks[pair as u32 as usize] = rank;
        }
        start += ties.len();
    }
}

/// The rank that the values at these places share, places counted from 0.
fn scaled(places: Range<usize>, n: usize) -> f32 {
    // The mean rank from 1, less one half.
    let below = (places.start + places.end) as f64 / 2.0;
    ((below / n as f64 - 0.5) * 12.0_f64.sqrt()) as f32
}
