//! The planted signal: what a perfect model would know.
//!
//! A stock that has fallen over five sessions, that closes low in its range of fourteen and that
//! trades more than usual is more likely to rise. The score says how much so, against the other
//! stocks of the session. It reads bars up to its session and nothing else, no state of the
//! simulator, so that whoever has the bars can compute it.

use naeil_domain::BarPanel;
use naeil_domain::bar_panel::StockBars;

/// Bars, the as-of session's among them, that a score needs.
pub const HISTORY: usize = VOLATILITY_SESSIONS + 1;

const REVERSAL_SESSIONS: usize = 5;
const RANGE_SESSIONS: usize = 14;
const VOLATILITY_SESSIONS: usize = 20;
const VOLUME_SESSIONS: usize = 20;

/// Fewer stocks make no session to stand out in.
const MIN_STOCKS: usize = 5;
/// Standardised indicators are clipped here, so that one outlier does not carry the score.
const CLIP: f64 = 3.0;

/// Each indicator, larger meaning a higher return to come, and its weight.
const N_INDICATORS: usize = 3;
const WEIGHTS: [f64; N_INDICATORS] = [0.40, 0.40, 0.55];

/// Scores every stock of `panel` in one session, in the panel's order.
///
/// `None` for a stock without [`HISTORY`] bars up to the session, halted in it, or whose price has
/// not moved since; and for all when fewer than five remain.
///
/// # Units
/// Standard deviations from the session's mean.
///
/// # Panics
/// If `session_idx` is not below the panel's number of sessions.
pub fn score_session(panel: &BarPanel, session_idx: usize) -> Vec<Option<f64>> {
    let from = (session_idx + 1).saturating_sub(HISTORY);
    let indicators: Vec<_> = (0..panel.stocks().len())
        .map(|stock_idx| {
            let bars = panel.stock_bars(stock_idx);
            indicators(StockBars {
                open: &bars.open[from..=session_idx],
                high: &bars.high[from..=session_idx],
                low: &bars.low[from..=session_idx],
                close: &bars.close[from..=session_idx],
                volume: &bars.volume[from..=session_idx],
            })
        })
        .collect();
    combine(&indicators)
}

/// Computes the indicators of one stock from its last [`HISTORY`] adjusted bars.
pub(crate) fn indicators(bars: StockBars<'_>) -> Option<[f64; N_INDICATORS]> {
    let n = bars.close.len();
    let is_halted = bars.volume.last() == Some(&0.0);
    if n != HISTORY || is_halted || bars.close.iter().any(|close| close.is_nan()) {
        return None;
    }
    let last = n - 1;
    let close = bars.close[last];
    let volatility = log_return_deviation(bars.close);
    let highest = bars.high[n - RANGE_SESSIONS..]
        .iter()
        .copied()
        .fold(f64::MIN, f64::max);
    let lowest = bars.low[n - RANGE_SESSIONS..]
        .iter()
        .copied()
        .fold(f64::MAX, f64::min);
    if volatility == 0.0 || highest <= lowest {
        return None;
    }
    let five_sessions = (close / bars.close[last - REVERSAL_SESSIONS]).ln();
    let usual_volume = mean(bars.volume[n - VOLUME_SESSIONS..].iter().copied());
    Some([
        -five_sessions / (volatility * (REVERSAL_SESSIONS as f64).sqrt()),
        -(close - lowest) / (highest - lowest),
        (bars.volume[last] / usual_volume).ln(),
    ])
}

/// Standardises each indicator within the session, weighs them, and standardises the sum.
pub(crate) fn combine(stocks: &[Option<[f64; N_INDICATORS]>]) -> Vec<Option<f64>> {
    let scored: Vec<[f64; N_INDICATORS]> = stocks.iter().copied().flatten().collect();
    if scored.len() < MIN_STOCKS {
        return vec![None; stocks.len()];
    }
    let mut sums = vec![0.0; scored.len()];
    for (column, weight) in WEIGHTS.into_iter().enumerate() {
        let values: Vec<f64> = scored.iter().map(|indicators| indicators[column]).collect();
        for (sum, value) in sums.iter_mut().zip(standardised(&values)) {
            *sum += weight * value.clamp(-CLIP, CLIP);
        }
    }
    let mut scores = standardised(&sums).into_iter();
    stocks
        .iter()
        .map(|indicators| indicators.and_then(|_| scores.next()))
        .collect()
}

/// Subtracts the mean and divides by the standard deviation; all 0 where nothing varies.
fn standardised(values: &[f64]) -> Vec<f64> {
    let centre = mean(values.iter().copied());
    let variance = mean(values.iter().map(|value| (value - centre).powi(2)));
    let scale = if variance > 0.0 {
        variance.sqrt().recip()
    } else {
        0.0
    };
    values
        .iter()
        .map(|value| (value - centre) * scale)
        .collect()
}

fn log_return_deviation(closes: &[f64]) -> f64 {
    let returns = closes.windows(2).map(|pair| (pair[1] / pair[0]).ln());
    let centre = mean(returns.clone());
    mean(returns.map(|value| (value - centre).powi(2))).sqrt()
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let n = values.len() as f64;
    values.sum::<f64>() / n
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 21 closes that alternate 100, 110, ..., 100, with a range of one won around each.
    struct Zigzag {
        close: Vec<f64>,
        high: Vec<f64>,
        low: Vec<f64>,
        volume: Vec<f64>,
    }

    impl Zigzag {
        fn new() -> Self {
            let close: Vec<f64> = (0..HISTORY)
                .map(|i| if i % 2 == 0 { 100.0 } else { 110.0 })
                .collect();
            Self {
                high: close.iter().map(|c| c + 1.0).collect(),
                low: close.iter().map(|c| c - 1.0).collect(),
                volume: vec![50.0; HISTORY],
                close,
            }
        }

        fn indicators(&self) -> Option<[f64; N_INDICATORS]> {
            indicators(StockBars {
                open: &self.close,
                high: &self.high,
                low: &self.low,
                close: &self.close,
                volume: &self.volume,
            })
        }
    }

    #[test]
    fn indicators_agree_with_hand_work() {
        let mut bars = Zigzag::new();
        bars.volume[HISTORY - 1] = 250.0;
        let [reversal, position, volume] = bars.indicators().unwrap();
        // The log returns are +/- ln 1.1, ten each: mean 0, deviation ln 1.1. Five sessions ago
        // the close was 110: -(-ln 1.1) / (ln 1.1 x sqrt 5) = 1 / sqrt 5.
        assert!((reversal - 1.0 / 5.0_f64.sqrt()).abs() < 1e-12);
        // Range 99 to 111, close 100: 1 / 12 from the bottom.
        assert!((position + 1.0 / 12.0).abs() < 1e-12);
        // The 20-session mean is (19 x 50 + 250) / 20 = 60.
        assert!((volume - (250.0_f64 / 60.0).ln()).abs() < 1e-12);
    }

    #[test]
    fn what_cannot_be_scored_is_none() {
        let mut halted = Zigzag::new();
        halted.volume[HISTORY - 1] = 0.0;
        assert_eq!(halted.indicators(), None);
        let mut gap = Zigzag::new();
        gap.close[3] = f64::NAN;
        assert_eq!(gap.indicators(), None);
        let mut flat = Zigzag::new();
        flat.close = vec![100.0; HISTORY];
        assert_eq!(flat.indicators(), None);
        assert_eq!(combine(&[Some([1.0, 2.0, 3.0]), None]), [None, None]);
    }

    #[test]
    fn scores_are_standardised_within_the_session_and_keep_their_places() {
        let stocks: Vec<_> = (0..20)
            .map(|i| {
                (i % 4 != 0).then(|| [f64::from(i * 7 % 11), f64::from(i * 3 % 5), f64::from(i)])
            })
            .collect();
        let scores = combine(&stocks);
        for (score, indicators) in scores.iter().zip(&stocks) {
            assert_eq!(score.is_some(), indicators.is_some());
        }
        let defined: Vec<f64> = scores.into_iter().flatten().collect();
        let n = defined.len() as f64;
        assert!(defined.iter().sum::<f64>().abs() < 1e-9);
        assert!((defined.iter().map(|s| s * s).sum::<f64>() / n - 1.0).abs() < 1e-9);
    }
}
