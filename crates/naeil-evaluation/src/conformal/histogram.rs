//! Conformity scores counted on a logarithmic grid.

/// Steps of the grid in a doubling: a step is 1.4 %, and quantiles are interpolated within it.
const PER_OCTAVE: i32 = 50;
/// Doublings below and above 1 that the grid covers; what lies outside is counted at its ends.
const OCTAVES: i32 = 6;
const N_STEPS: usize = (2 * OCTAVES * PER_OCTAVE) as usize;

/// The greatest score that is told from greater ones.
pub(crate) const GREATEST: f64 = (1_u32 << OCTAVES) as f64;

/// Counts of scores. Counts are whole numbers, so that what was added and taken away again leaves
/// no trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Histogram {
    counts: Vec<u64>,
    n: u64,
}

impl Histogram {
    pub(crate) fn new() -> Self {
        Self {
            counts: vec![0; N_STEPS + 2],
            n: 0,
        }
    }

    /// Where a score is counted: 0 below the grid, the last above it.
    pub(crate) fn place(score: f64) -> u16 {
        // NaN falls below, like everything that is no positive number.
        if score.is_nan() || score < 1.0 / GREATEST {
            return 0;
        }
        let step = (score.min(GREATEST).log2() * f64::from(PER_OCTAVE)).floor() as i32;
        // In bounds: from 1 to one past the steps.
        (step + OCTAVES * PER_OCTAVE + 1).clamp(1, N_STEPS as i32 + 1) as u16
    }

    pub(crate) fn add(&mut self, places: &[u16]) {
        for &place in places {
            self.counts[usize::from(place)] += 1;
        }
        self.n += places.len() as u64;
    }

    pub(crate) fn remove(&mut self, places: &[u16]) {
        for &place in places {
            self.counts[usize::from(place)] -= 1;
        }
        self.n -= places.len() as u64;
    }

    /// The score that a share `tail` of the counted ones exceeds; `None` without any.
    pub(crate) fn upper_quantile(&self, tail: f64) -> Option<f64> {
        if self.n == 0 {
            return None;
        }
        // Split-conformal's finite-sample correction: one more score, at infinity.
        let mut left = tail * (self.n + 1) as f64 - 1.0;
        for (place, &count) in self.counts.iter().enumerate().rev() {
            let count = count as f64;
            if left >= count {
                left -= count;
                continue;
            }
            let share = (left / count).clamp(0.0, 1.0);
            return Some(Self::score_at(place, share));
        }
        Some(0.0)
    }

    /// The score at a share from the upper end of a place to its lower end.
    fn score_at(place: usize, share: f64) -> f64 {
        if place == 0 {
            return (1.0 - share) / GREATEST;
        }
        if place > N_STEPS {
            return GREATEST;
        }
        let upper = place as f64 - f64::from(OCTAVES * PER_OCTAVE);
        ((upper - share) / f64::from(PER_OCTAVE)).exp2()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_evenly_spread_scores() {
        let places: Vec<u16> = (1..=10_000)
            .map(|i| Histogram::place(f64::from(i) / 5_000.0))
            .collect();
        let mut histogram = Histogram::new();
        assert_eq!(histogram.upper_quantile(0.1), None);
        histogram.add(&places);
        // A tenth of the scores from 0 to 2 exceeds 1.8.
        for (tail, expected) in [(0.1, 1.8), (0.05, 1.9), (0.5, 1.0)] {
            let found = histogram.upper_quantile(tail).unwrap();
            assert!((found - expected).abs() < 2e-3, "{tail}: {found}");
        }
        let before = histogram.clone();
        let strange = [f64::NAN, -3.0, 0.0, 1e9, f64::INFINITY, 63.99].map(Histogram::place);
        histogram.add(&strange);
        histogram.remove(&strange);
        assert_eq!(histogram, before);
    }

    #[test]
    fn the_ends_of_the_grid() {
        let mut histogram = Histogram::new();
        histogram.add(&[Histogram::place(f64::INFINITY)]);
        assert_eq!(histogram.upper_quantile(0.05), Some(GREATEST));
        let mut histogram = Histogram::new();
        histogram.add(&[Histogram::place(-1.0); 99]);
        assert!(histogram.upper_quantile(0.05).unwrap() <= 1.0 / GREATEST);
    }
}
