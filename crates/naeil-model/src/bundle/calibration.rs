//! The wire form of a calibration.

use serde::{Deserialize, Serialize};

use naeil_domain::calibration::{HorizonCalibration, IntervalCalibration};
use naeil_domain::{Calibration, Horizon, Session};

/// A calibration in a manifest.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CalibrationWire {
    fitted_through: String,
    n_sessions: usize,
    horizons: Vec<HorizonWire>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HorizonWire {
    horizon: String,
    intercept: f64,
    slope: f64,
    interval: Option<IntervalWire>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct IntervalWire {
    level: f64,
    lower_scale: f64,
    upper_scale: f64,
}

impl CalibrationWire {
    pub(crate) fn from_domain(calibration: &Calibration) -> Self {
        let horizons = Horizon::ALL.map(|horizon| {
            let part = calibration.horizon(horizon);
            HorizonWire {
                horizon: horizon.as_str().to_owned(),
                intercept: part.intercept,
                slope: part.slope,
                interval: part.interval.map(|interval| IntervalWire {
                    level: interval.level,
                    lower_scale: interval.lower_scale,
                    upper_scale: interval.upper_scale,
                }),
            }
        });
        Self {
            fitted_through: calibration.fitted_through.to_string(),
            n_sessions: calibration.n_sessions,
            horizons: horizons.to_vec(),
        }
    }

    /// # Errors
    /// Text for people: what is wrong with it.
    pub(crate) fn to_domain(&self) -> Result<Calibration, String> {
        let names: Vec<&str> = self.horizons.iter().map(|h| h.horizon.as_str()).collect();
        if names != Horizon::ALL.map(Horizon::as_str) {
            return Err(format!("the calibration has the horizons {names:?}"));
        }
        let fitted_through = Session::parse(&self.fitted_through)
            .map_err(|error| format!("the calibration: {error}"))?;
        let part = |wire: &HorizonWire| HorizonCalibration {
            intercept: wire.intercept,
            slope: wire.slope,
            interval: wire.interval.as_ref().map(|interval| IntervalCalibration {
                level: interval.level,
                lower_scale: interval.lower_scale,
                upper_scale: interval.upper_scale,
            }),
        };
        let parts = std::array::from_fn(|idx| part(&self.horizons[idx]));
        Calibration::new(fitted_through, self.n_sessions, parts).map_err(|error| error.to_string())
    }
}
