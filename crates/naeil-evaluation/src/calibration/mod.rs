//! From direction outputs to probabilities, by outcomes that are known.
//!
//! Start at [`HorizonCalibrator`]: several calibrators of Platt's form ([`Member`]) are fitted and
//! scored side by side as time goes, and blended between logits by their running score, so that the
//! blend is of Platt's form too. [`calibrate_as_time_goes`] does it for recorded rows, and
//! [`trailing_base_rate`] is the forecaster to beat.

mod baseline;
mod blend;
mod config;
mod horizon;
mod member;
mod platt;
mod summary;

#[cfg(test)]
mod tests;

pub use baseline::trailing_base_rate;
pub use config::{CalibrationConfig, Member};
pub use horizon::{HorizonCalibrator, MemberStanding};
pub use platt::{Bin, Platt, PlattPrior};

use naeil_domain::Horizon;

use crate::Outcomes;

/// Probability up of every row, calibrated by what was known at the row's own session.
///
/// # Shapes
/// `direction`: one logit a row of `outcomes`; so is the result.
///
/// # Panics
/// If the two differ in length.
pub fn calibrate_as_time_goes(
    outcomes: &Outcomes,
    direction: &[f64],
    horizon: Horizon,
    config: &CalibrationConfig,
) -> Vec<f64> {
    assert_eq!(outcomes.len(), direction.len(), "one score a row");
    let mut calibrator = HorizonCalibrator::new(horizon, config);
    let mut probabilities = Vec::with_capacity(outcomes.len());
    for rows in outcomes.sessions() {
        let session_idx = outcomes.session_idx()[rows.start];
        let platt = calibrator.at(session_idx);
        let scores = &direction[rows.clone()];
        probabilities.extend(scores.iter().map(|&z| platt.probability(z)));
        calibrator.push(
            session_idx,
            scores,
            &outcomes.forward_return()[rows.clone()],
        );
    }
    probabilities
}
