//! From a model's outputs to probabilities and intervals, by outcomes that are known.

use crate::digest::Digest;
use crate::forecast::HorizonForecast;
use crate::horizon::Horizon;
use crate::session::Session;

/// How one horizon's outputs are corrected.
///
/// Every calibrator of naeil (fixed, rolling, shrunk, blended) is of this form, as blends are
/// taken between logits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HorizonCalibration {
    /// Logit of a rise where the direction output is 0: the moving base rate.
    pub intercept: f64,
    /// What the direction output is multiplied by; below 1 it was overconfident.
    pub slope: f64,
    /// How the return quantiles are stretched; `None` without them.
    pub interval: Option<IntervalCalibration>,
}

/// How return quantiles become an interval that holds the outcome as often as it says.
///
/// ```text
/// lower = median - lower_scale (median - q05)        upper = median + upper_scale (q95 - median)
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IntervalCalibration {
    /// Share of outcomes that the interval holds, above 0 and below 1.
    pub level: f64,
    /// At least 0.
    pub lower_scale: f64,
    /// At least 0.
    pub upper_scale: f64,
}

/// An interval for the simple return from the as-of close to the target close.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReturnInterval {
    /// Lower end, at least -1.
    pub lower: f64,
    /// The return that is exceeded half of the time.
    pub median: f64,
    /// Upper end.
    pub upper: f64,
    /// Share of outcomes that lie inside.
    pub level: f64,
}

/// A calibration of one model: small, dated, replaced every night; the weights stay as they are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Calibration {
    /// The newest session whose bars it has used.
    pub fitted_through: Session,
    /// As-of sessions with known outcomes that it was fitted on, over all horizons.
    pub n_sessions: usize,
    horizons: [HorizonCalibration; Horizon::COUNT],
}

/// A calibration that cannot be.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("the calibration of horizon {horizon} is invalid: {problem}")]
pub struct InvalidCalibration {
    /// The horizon concerned.
    pub horizon: Horizon,
    /// What is wrong.
    pub problem: String,
}

impl Calibration {
    /// A calibration from its parts, in the order of [`Horizon::ALL`].
    ///
    /// # Errors
    /// [`InvalidCalibration`] for a number that is not finite, a negative slope or scale, or a level
    /// outside 0 to 1.
    pub fn new(
        fitted_through: Session,
        n_sessions: usize,
        horizons: [HorizonCalibration; Horizon::COUNT],
    ) -> Result<Self, InvalidCalibration> {
        for horizon in Horizon::ALL {
            if let Some(problem) = horizons[horizon.index()].problem() {
                return Err(InvalidCalibration { horizon, problem });
            }
        }
        Ok(Self {
            fitted_through,
            n_sessions,
            horizons,
        })
    }

    /// The part of one horizon.
    pub fn horizon(&self, horizon: Horizon) -> &HorizonCalibration {
        &self.horizons[horizon.index()]
    }

    /// Names it; part of every prediction id.
    pub fn digest(&self) -> Digest {
        let mut parts = vec![self.fitted_through.to_string(), self.n_sessions.to_string()];
        for part in &self.horizons {
            let interval = part.interval.map_or([f64::NAN; 3], |interval| {
                [interval.level, interval.lower_scale, interval.upper_scale]
            });
            let values = [part.intercept, part.slope].into_iter().chain(interval);
            parts.extend(values.map(|value| value.to_bits().to_string()));
        }
        Digest::of_parts(parts.iter().map(String::as_str))
    }
}

impl HorizonCalibration {
    /// Takes the direction output as it is: the probability is the network's own.
    pub const IDENTITY: Self = Self {
        intercept: 0.0,
        slope: 1.0,
        interval: None,
    };

    /// Probability that the close is higher.
    pub fn probability_up(&self, forecast: &HorizonForecast) -> f64 {
        let logit = self.intercept + self.slope * forecast.direction;
        1.0 / (1.0 + (-logit).exp())
    }

    /// The interval of the return, if the model has quantiles and they are calibrated.
    pub fn return_interval(&self, forecast: &HorizonForecast) -> Option<ReturnInterval> {
        let interval = self.interval?;
        let [lowest, _, median, _, highest] = forecast.quantiles?;
        Some(ReturnInterval {
            lower: (median - interval.lower_scale * (median - lowest)).max(-1.0),
            median,
            upper: median + interval.upper_scale * (highest - median),
            level: interval.level,
        })
    }

    fn problem(&self) -> Option<String> {
        if !self.intercept.is_finite() {
            return Some(format!("the intercept is {}", self.intercept));
        }
        if !(self.slope >= 0.0 && self.slope.is_finite()) {
            return Some(format!(
                "the slope is {}, it has to be at least 0",
                self.slope
            ));
        }
        let interval = self.interval?;
        if !(interval.level > 0.0 && interval.level < 1.0) {
            return Some(format!(
                "the level is {}, it has to be above 0 and below 1",
                interval.level
            ));
        }
        let scales = [interval.lower_scale, interval.upper_scale];
        let wrong = scales
            .into_iter()
            .find(|scale| !(*scale >= 0.0 && scale.is_finite()))?;
        Some(format!("a scale is {wrong}, it has to be at least 0"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part() -> HorizonCalibration {
        HorizonCalibration {
            intercept: -0.2,
            slope: 0.5,
            interval: Some(IntervalCalibration {
                level: 0.9,
                lower_scale: 1.5,
                upper_scale: 0.5,
            }),
        }
    }

    #[test]
    fn probabilities_and_intervals_worked_by_hand() {
        let forecast = HorizonForecast {
            relative: 0.3,
            direction: 0.4,
            quantiles: Some([-0.04, -0.01, 0.01, 0.02, 0.05]),
        };
        // -0.2 + 0.5 * 0.4 = 0: one half.
        assert!((part().probability_up(&forecast) - 0.5).abs() < 1e-12);
        let interval = part().return_interval(&forecast).unwrap();
        // 0.01 - 1.5 * 0.05 = -0.065; 0.01 + 0.5 * 0.04 = 0.03.
        assert!((interval.lower + 0.065).abs() < 1e-12);
        assert!((interval.upper - 0.03).abs() < 1e-12);
        assert_eq!(
            part().return_interval(&HorizonForecast::of_direction(0.4)),
            None
        );
    }

    #[test]
    fn every_part_changes_the_digest_and_nonsense_is_refused() {
        let through = Session::parse("2024-12-30").unwrap();
        let of = |horizons| Calibration::new(through, 250, horizons);
        let base = of([part(); 3]).unwrap();
        let mut other = [part(); 3];
        other[2].slope = 0.6;
        assert_ne!(base.digest(), of(other).unwrap().digest());
        assert_eq!(base.digest(), of([part(); 3]).unwrap().digest());
        other[1].slope = -0.1;
        assert_eq!(of(other).unwrap_err().horizon, Horizon::FiveDays);
        other[1] = part();
        other[1].interval = Some(IntervalCalibration {
            level: 1.0,
            lower_scale: 1.0,
            upper_scale: 1.0,
        });
        assert!(of(other).unwrap_err().to_string().contains("level"));
    }
}
