//! Bars for the indicators' own tests.

use crate::carried::CarriedBars;

/// Bars whose four prices are the close.
pub(crate) fn of_close(close: &[f64]) -> CarriedBars {
    of_close_and_volume(close, &vec![1.0; close.len()])
}

/// Bars whose four prices are the close.
pub(crate) fn of_close_and_volume(close: &[f64], volume: &[f64]) -> CarriedBars {
    CarriedBars {
        open: close.to_vec(),
        high: close.to_vec(),
        low: close.to_vec(),
        close: close.to_vec(),
        volume: volume.to_vec(),
        ..CarriedBars::default()
    }
}

/// A random walk of whole-won closes with halts, ties, jumps and sessions of no range.
pub(crate) fn life(seed: u64, n: usize) -> CarriedBars {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5851_F42D_4C95_7F2D;
    let mut uniform = move || {
        // SplitMix64.
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut bars = CarriedBars::default();
    let mut close = (1_000.0 + 50_000.0 * uniform()).round();
    let mut halted = 0;
    for _ in 0..n {
        if halted == 0 && uniform() < 0.01 {
            halted = 1 + (90.0 * uniform() * uniform()) as usize;
        }
        let before = close;
        let volume = if halted > 0 {
            halted -= 1;
            0.0
        } else {
            (1.0 + 1e5 * uniform() * uniform()).round()
        };
        let [open, high, low] = if volume == 0.0 {
            [before; 3]
        } else {
            let change = if uniform() < 0.01 { 0.5 } else { 0.06 } * (uniform() - 0.5);
            if uniform() > 0.1 {
                close = (before * (1.0 + change)).round().max(100.0);
            }
            let open = (before * (1.0 + 0.02 * (uniform() - 0.5))).round();
            let spread = |x: f64| (0.02 * x * x).max(0.0);
            let high = open.max(close) * (1.0 + spread(uniform()));
            [open, high, open.min(close) * (1.0 - spread(uniform()))]
        };
        bars.open.push(open);
        bars.high.push(high);
        bars.low.push(low);
        bars.close.push(close);
        bars.volume.push(volume);
    }
    bars
}

/// The bars from session `from` on.
pub(crate) fn tail(bars: &CarriedBars, from: usize) -> CarriedBars {
    let cut = |series: &[f64]| series[from..].to_vec();
    CarriedBars {
        open: cut(&bars.open),
        high: cut(&bars.high),
        low: cut(&bars.low),
        close: cut(&bars.close),
        volume: cut(&bars.volume),
        ..CarriedBars::default()
    }
}

/// The bars before session `end`.
pub(crate) fn head(bars: &CarriedBars, end: usize) -> CarriedBars {
    let cut = |series: &[f64]| series[..end].to_vec();
    CarriedBars {
        open: cut(&bars.open),
        high: cut(&bars.high),
        low: cut(&bars.low),
        close: cut(&bars.close),
        volume: cut(&bars.volume),
        ..CarriedBars::default()
    }
}

/// The bars with every price and every volume multiplied.
pub(crate) fn scaled(bars: &CarriedBars, price: f64, volume: f64) -> CarriedBars {
    let times = |series: &[f64], factor: f64| series.iter().map(|x| x * factor).collect();
    CarriedBars {
        open: times(&bars.open, price),
        high: times(&bars.high, price),
        low: times(&bars.low, price),
        close: times(&bars.close, price),
        volume: times(&bars.volume, volume),
        ..CarriedBars::default()
    }
}
