//! Exponential averages side by side.
//!
//! Each value of an average waits for the one before it, so a core computes several in the time
//! of one.

/// One average: where it reads and writes, and how it stands.
pub(super) struct Average<'a> {
    pub(super) x: &'a [f64],
    pub(super) out: &'a mut [f64],
    pub(super) weight: f64,
    pub(super) count: usize,
    pub(super) start: usize,
}

/// The mean that an average begins with: of the values given, added from the oldest on.
#[inline(always)]
pub(in crate::indicators) fn seed(sum: f64, count: usize) -> f64 {
    sum / count as f64
}

/// One step of an average. A value equal to the average leaves it in place to the last bit.
#[inline(always)]
pub(in crate::indicators) fn step(average: f64, x: f64, weight: f64) -> f64 {
    average + weight * (x - average)
}

/// Most averages in one loop: more would not fit the registers.
const WIDTH: usize = 8;

/// Computes every average of the bank from its start on.
pub(super) fn run(mut bank: Vec<Average<'_>>) {
    bank.retain(|average| average.start < average.out.len());
    // Averages of like start share the longest loops.
    bank.sort_by_key(|average| average.start);
    let mut rest = bank.as_mut_slice();
    while !rest.is_empty() {
        let (now, later) = rest.split_at_mut(rest.len().min(WIDTH));
        match now.len() {
            8 => together::<8>(now),
            7 => together::<7>(now),
            6 => together::<6>(now),
            5 => together::<5>(now),
            4 => together::<4>(now),
            3 => together::<3>(now),
            2 => together::<2>(now),
            _ => together::<1>(now),
        }
        rest = later;
    }
}

fn together<const N: usize>(bank: &mut [Average<'_>]) {
    let from = bank.iter().map(|average| average.start + 1).max();
    let from = from.unwrap_or(0);
    let mut state = [0.0; N];
    let mut weight = [0.0; N];
    for (k, average) in bank.iter_mut().enumerate() {
        let &mut Average {
            x,
            count,
            start,
            weight: w,
            ref mut out,
        } = average;
        let first = &x[start + 1 - count..=start];
        let mut value = seed(first.iter().fold(0.0, |sum, x| sum + x), count);
        out[start] = value;
        for t in start + 1..from {
            value = step(value, x[t], w);
            out[t] = value;
        }
        (state[k], weight[k]) = (value, w);
    }
    let Some(n) = bank.first().map(|average| average.out.len()) else {
        return;
    };
    let mut averages = bank.iter_mut();
    let mut series: [(&[f64], &mut [f64]); N] = std::array::from_fn(|_| {
        let average = averages.next().expect("the bank holds N averages");
        (&average.x[from..n], &mut average.out[from..n])
    });
    for i in 0..n - from {
        for k in 0..N {
            let (x, out) = &mut series[k];
            state[k] = step(state[k], x[i], weight[k]);
            out[i] = state[k];
        }
    }
}
