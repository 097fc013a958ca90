//! `naeil calibrate`: the nightly refit of the champion's probabilities and intervals.

use naeil_domain::{Calibration, Horizon};
use naeil_pipeline::{CalibrateError, CalibrateOutcome};
use serde_json::{Value, json};

use super::retrain;
use crate::cli::{Report, RetrainArgs, spinner};
use crate::context::Context;
use crate::exit::{CommandError, CommandResult, Failure};

pub(crate) async fn run(context: &Context) -> CommandResult {
    let config = retrain::pipeline_config(context.config(), &RetrainArgs::default())?;
    let ports = retrain::ports(context, config.data.exchange).await?;
    let waiting = spinner("calibrating");
    let outcome = naeil_pipeline::calibrate(&ports, &config).await;
    waiting.finish_and_clear();
    let outcome = outcome.map_err(|error| CommandError::new(failure_of(&error), error))?;
    report(&outcome).print(context.output)?;
    Ok(())
}

/// What a retrain or newer bars would mend deserves a code of its own.
fn failure_of(error: &CalibrateError) -> Failure {
    match error {
        CalibrateError::NoChampion
        | CalibrateError::NoBars
        | CalibrateError::NothingKnown { .. } => Failure::NotReady,
        _ => Failure::Failed,
    }
}

fn report(outcome: &CalibrateOutcome) -> Report {
    let rows = Horizon::ALL
        .into_iter()
        .map(|horizon| row(outcome, horizon))
        .collect();
    let json = json!({
        "version": outcome.version,
        "before": outcome.before.as_ref().map(in_json),
        "after": in_json(&outcome.after),
        "calibrators": Horizon::ALL
            .into_iter()
            .map(|horizon| (horizon.to_string(), calibrators(outcome, horizon)))
            .collect::<serde_json::Map<_, _>>(),
    });
    Report::new(
        vec![
            "horizon",
            "model",
            "through",
            "sessions",
            "base rate",
            "before",
            "slope",
            "before",
            "interval",
            "lower scale",
            "upper scale",
        ],
        rows,
        json,
    )
}

/// The probability of a rise where the direction output is 0.
fn base_rate(calibration: &Calibration, horizon: Horizon) -> f64 {
    1.0 / (1.0 + (-calibration.horizon(horizon).intercept).exp())
}

fn row(outcome: &CalibrateOutcome, horizon: Horizon) -> Vec<String> {
    let CalibrateOutcome { before, after, .. } = outcome;
    let before = before.as_ref();
    let number = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |v| format!("{v:.4}"));
    let part = after.horizon(horizon);
    vec![
        horizon.to_string(),
        outcome.version.clone(),
        after.fitted_through.to_string(),
        after.n_sessions.to_string(),
        number(Some(base_rate(after, horizon))),
        number(before.map(|before| base_rate(before, horizon))),
        number(Some(part.slope)),
        number(before.map(|before| before.horizon(horizon).slope)),
        number(part.interval.map(|interval| interval.level)),
        number(part.interval.map(|interval| interval.lower_scale)),
        number(part.interval.map(|interval| interval.upper_scale)),
    ]
}

fn in_json(calibration: &Calibration) -> Value {
    let horizons: serde_json::Map<String, Value> = Horizon::ALL
        .into_iter()
        .map(|horizon| {
            let part = calibration.horizon(horizon);
            let interval = part.interval.map(|interval| {
                json!({
                    "level": interval.level,
                    "lower_scale": interval.lower_scale,
                    "upper_scale": interval.upper_scale,
                })
            });
            let entry = json!({
                "base_rate": base_rate(calibration, horizon),
                "intercept": part.intercept,
                "slope": part.slope,
                "interval": interval,
            });
            (horizon.to_string(), entry)
        })
        .collect();
    json!({
        "digest": calibration.digest().to_string(),
        "fitted_through": calibration.fitted_through.to_string(),
        "n_sessions": calibration.n_sessions,
        "horizons": horizons,
    })
}

/// Every calibrator of a horizon, and its weight in the blend.
fn calibrators(outcome: &CalibrateOutcome, horizon: Horizon) -> Value {
    outcome.standings[horizon.index()]
        .iter()
        .map(|standing| {
            json!({
                "name": standing.name,
                "weight": standing.weight,
                "excess_loss": standing.excess_loss,
                "intercept": standing.fit.intercept,
                "slope": standing.fit.slope,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use naeil_domain::{HorizonCalibration, IntervalCalibration, Session};

    use super::*;

    #[test]
    fn the_report_says_what_changed() {
        let of = |intercept| {
            let part = HorizonCalibration {
                intercept,
                slope: 0.5,
                interval: Some(IntervalCalibration {
                    level: 0.9,
                    lower_scale: 1.25,
                    upper_scale: 0.75,
                }),
            };
            let through = Session::parse("2024-06-28").unwrap();
            Calibration::new(through, 240, [part; Horizon::COUNT]).unwrap()
        };
        let mut outcome = CalibrateOutcome {
            version: "3".to_owned(),
            before: Some(of(0.0)),
            after: of(1.0),
            standings: Default::default(),
        };
        // sigmoid(1) = 0.731059
        let expected = [
            "1d",
            "3",
            "2024-06-28",
            "240",
            "0.7311",
            "0.5000",
            "0.5000",
            "0.5000",
            "0.9000",
            "1.2500",
            "0.7500",
        ];
        assert_eq!(row(&outcome, Horizon::OneDay), expected);
        let json = report(&outcome).json().clone();
        assert_eq!(json["after"]["horizons"]["20d"]["interval"]["level"], 0.9);
        assert_ne!(json["after"]["digest"], json["before"]["digest"]);
        outcome.before = None;
        assert_eq!(row(&outcome, Horizon::OneDay)[5], "-");
        assert!(report(&outcome).json()["before"].is_null());
    }

    #[test]
    fn what_can_be_done_before_has_its_own_exit_code() {
        assert_eq!(failure_of(&CalibrateError::NoChampion), Failure::NotReady);
        let version = "1".to_owned();
        let other = failure_of(&CalibrateError::OtherFeatures { version });
        assert_eq!(other, Failure::Failed);
    }
}
