//! Which blocks of sessions each bootstrap sample holds.

use super::statistic::Statistic;

/// The starts of the blocks of every draw.
pub(super) struct Draws {
    /// Row by row, one draw a row.
    starts: Vec<u32>,
    /// Blocks of a draw.
    n_blocks: usize,
    block_length: usize,
    /// Sessions of a draw's last block: what is left of the sessions.
    last_length: usize,
}

impl Draws {
    pub(super) fn new(n_draws: usize, n_sessions: usize, block_length: usize, seed: u64) -> Self {
        let n_blocks = n_sessions.div_ceil(block_length);
        let mut random = SplitMix64(seed);
        Self {
            starts: (0..n_draws * n_blocks)
                .map(|_| random.below(n_sessions as u64) as u32)
                .collect(),
            n_blocks,
            block_length,
            last_length: n_sessions - (n_blocks - 1) * block_length,
        }
    }

    /// The starts of one draw; the last block is the shorter one.
    pub(super) fn of(&self, draw: usize) -> &[u32] {
        &self.starts[draw * self.n_blocks..(draw + 1) * self.n_blocks]
    }
}

/// The sums of one statistic over every block that a draw may hold.
pub(super) struct BlockSums<'a> {
    statistic: &'a Statistic,
    /// Sums over the whole block that starts at each session, all columns of a session together.
    whole: Vec<f64>,
    /// The same over the shorter last block.
    last: Vec<f64>,
}

impl<'a> BlockSums<'a> {
    pub(super) fn new(statistic: &'a Statistic, draws: &Draws) -> Self {
        let over = |length: usize| {
            let n = statistic.n_sessions();
            let mut sums = Vec::with_capacity(n * statistic.width());
            for start in 0..n {
                for column in statistic.columns() {
                    let sum: f64 = (start..start + length).map(|at| column[at % n]).sum();
                    sums.push(sum);
                }
            }
            sums
        };
        Self {
            statistic,
            whole: over(draws.block_length),
            last: over(draws.last_length),
        }
    }

    /// The statistic over the blocks that start there.
    pub(super) fn value(&self, starts: &[u32]) -> Option<f64> {
        let width = self.statistic.width();
        let mut sums = [0.0; Statistic::MAX_WIDTH];
        let (&last, whole) = starts.split_last()?;
        let of = |sums: &mut [f64], blocks: &[f64], start: u32| {
            let block = &blocks[start as usize * width..][..width];
            sums.iter_mut().zip(block).for_each(|(sum, x)| *sum += x);
        };
        for &start in whole {
            of(&mut sums, &self.whole, start);
        }
        of(&mut sums, &self.last, last);
        self.statistic.value_of(&sums[..width])
    }
}

/// A small generator whose numbers are the same on every machine.
///
/// # Source
/// Steele, Lea and Flood (2014), "Fast splittable pseudorandom number generators".
pub(super) struct SplitMix64(pub(super) u64);

impl SplitMix64 {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A whole number below `end`; its bias, `end` in 2^64, is nothing here.
    fn below(&mut self, end: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(end)) >> 64) as u64
    }
}
