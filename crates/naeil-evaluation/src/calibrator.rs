//! Everything that is refitted every night, over all horizons: one [`Calibration`].

use naeil_domain::{
    Calibration, Horizon, HorizonCalibration, HorizonForecast, InvalidCalibration, Session,
};

use crate::calibration::{CalibrationConfig, HorizonCalibrator, MemberStanding};
use crate::conformal::{ConformalConfig, IntervalCalibrator};

/// Calibrates a model's forecasts as time goes: probabilities and intervals of every horizon.
#[derive(Debug, Clone)]
pub struct Calibrator {
    horizons: [HorizonCalibrator; Horizon::COUNT],
    intervals: [IntervalCalibrator; Horizon::COUNT],
    has_quantiles: bool,
}

impl Calibrator {
    /// A calibrator that knows nothing yet.
    pub fn new(calibration: &CalibrationConfig, conformal: ConformalConfig) -> Self {
        Self {
            horizons: Horizon::ALL.map(|horizon| HorizonCalibrator::new(horizon, calibration)),
            intervals: Horizon::ALL.map(|horizon| IntervalCalibrator::new(horizon, conformal)),
            has_quantiles: false,
        }
    }

    /// Adds a session's rows of one horizon: only those whose outcome is known by now or will be;
    /// each is used from the session on in which it is known.
    ///
    /// # Shapes
    /// `forecasts` and `forward_return` (simple returns): one entry a row.
    ///
    /// # Panics
    /// If a horizon's sessions do not ascend or the slices differ in length.
    pub fn push(
        &mut self,
        horizon: Horizon,
        session_idx: u32,
        forecasts: &[HorizonForecast],
        forward_return: &[f64],
    ) {
        let direction: Vec<f64> = forecasts
            .iter()
            .map(|forecast| forecast.direction)
            .collect();
        self.horizons[horizon.index()].push(session_idx, &direction, forward_return);
        let quantiles: Option<Vec<_>> = forecasts
            .iter()
            .map(|forecast| forecast.quantiles)
            .collect();
        if let Some(quantiles) = quantiles.filter(|quantiles| !quantiles.is_empty()) {
            self.has_quantiles = true;
            self.intervals[horizon.index()].push(session_idx, &quantiles, forward_return);
        }
    }

    /// The part of one horizon as of the close of a session.
    ///
    /// # Panics
    /// If time goes backwards.
    pub fn horizon_at(&mut self, horizon: Horizon, session_idx: u32) -> HorizonCalibration {
        let platt = self.horizons[horizon.index()].at(session_idx);
        let interval = self.intervals[horizon.index()].at(session_idx);
        HorizonCalibration {
            intercept: platt.intercept,
            slope: platt.slope,
            interval: self.has_quantiles.then_some(interval),
        }
    }

    /// The calibration as of the close of a session.
    ///
    /// # Errors
    /// [`InvalidCalibration`] if forecasts were not finite.
    ///
    /// # Panics
    /// If time goes backwards.
    pub fn calibration(
        &mut self,
        session_idx: u32,
        session: Session,
    ) -> Result<Calibration, InvalidCalibration> {
        let horizons = Horizon::ALL.map(|horizon| self.horizon_at(horizon, session_idx));
        let n_sessions = self.horizons.each_ref().map(HorizonCalibrator::n_sessions);
        Calibration::new(session, n_sessions.into_iter().max().unwrap_or(0), horizons)
    }

    /// The calibrators of one horizon side by side.
    pub fn standings(&self, horizon: Horizon) -> Vec<MemberStanding> {
        self.horizons[horizon.index()].standings()
    }
}
