//! What a model says before calibration.

/// Levels of the return quantiles, ascending.
pub const QUANTILE_LEVELS: [f64; 5] = [0.05, 0.25, 0.50, 0.75, 0.95];

/// What a model says of one stock at one horizon.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HorizonForecast {
    /// The relative output, a logit: the higher, the further up in its session the stock's return is
    /// expected. Only its order within one session means anything.
    pub relative: f64,
    /// The direction output, a logit: of a rise in a session whose market is like the average of the
    /// training sessions. A [`Calibration`](crate::Calibration) makes a probability of it.
    pub direction: f64,
    /// Quantiles of the simple return at [`QUANTILE_LEVELS`], ascending; `None` from a model without
    /// them.
    pub quantiles: Option<[f64; QUANTILE_LEVELS.len()]>,
}

impl HorizonForecast {
    /// A forecast that knows only a direction.
    pub const fn of_direction(direction: f64) -> Self {
        Self {
            relative: direction,
            direction,
            quantiles: None,
        }
    }

    /// Whether every number is one, and the quantiles ascend.
    pub fn is_sound(&self) -> bool {
        self.relative.is_finite()
            && self.direction.is_finite()
            && self.quantiles.is_none_or(|quantiles| {
                quantiles.iter().all(|q| q.is_finite()) && quantiles.is_sorted()
            })
    }
}
