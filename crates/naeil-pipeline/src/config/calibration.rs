//! How forecasts are calibrated.

use naeil_evaluation::Calibrator;
use naeil_evaluation::calibration::CalibrationConfig;
use naeil_evaluation::conformal::ConformalConfig;
use serde::{Deserialize, Serialize};

/// How forecasts are calibrated. Which calibrators there are and how they are weighed is not a
/// setting: it was chosen on years of bars, and a few hundred sessions could not tell better.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CalibrationSettings {
    /// Share of outcomes that return intervals are to hold. Default: 0.90.
    pub interval_level: f64,
}

impl Default for CalibrationSettings {
    fn default() -> Self {
        Self {
            interval_level: ConformalConfig::default().level,
        }
    }
}

impl CalibrationSettings {
    /// A calibrator that knows nothing yet.
    pub(crate) fn calibrator(&self) -> Calibrator {
        let conformal = ConformalConfig {
            level: self.interval_level,
            ..ConformalConfig::default()
        };
        Calibrator::new(&CalibrationConfig::default(), conformal)
    }
}
