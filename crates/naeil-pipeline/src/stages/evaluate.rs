//! Stage 4: calibrates, fits the policy, scores the test window and writes the bundle.

mod card;

use naeil_domain::ports::{Forecaster, WindowBatch};
use naeil_domain::{
    Calibration, DateWindow, DecisionPolicy, EvaluationReport, Horizon, HorizonEvaluation,
};
use naeil_evaluation::{
    ScoredRow, TrainingRates, evaluate_horizon, fit_thresholds, render_table, score,
};
use naeil_model::{BundleContents, training_curves, write_bundle};

use crate::CODE_VERSION;
use crate::calibrated::{Calibrated, calibration_of};
use crate::config::PolicyMode;
use crate::context::StageContext;
use crate::dataset::Dataset;
use crate::error::StageError;
use crate::evaluation_file::EvaluationFile;
use crate::quality_file::QualityFile;
use crate::score::{ForecastRow, HorizonRows, score_rows, training_rates, usable_windows};
use crate::split::window_of;
use crate::stage::Stage;
use crate::stages::train::DraftModel;

/// Name of the bundle's directory in the stage's folder.
pub(crate) const BUNDLE_DIR: &str = "bundle";
const EVALUATION_FILE: &str = "evaluation.json";
const TABLE_FILE: &str = "evaluation.txt";

/// The greatest share of answers of the validation window that a fitted policy says a direction
/// for.
const MAX_DIRECTIONAL_SHARE: f64 = 0.40;

/// Windows whose answers the bundle keeps: enough to notice wrong arithmetic, few enough that
/// replaying them at every load costs nothing.
const GOLDEN_WINDOWS: usize = 16;

/// Calibrates the trained model on every session after those it was trained on, as time goes; scores
/// the test window beside the baselines; fits the policy on the validation window; and writes
/// evaluation and bundle, which carries the calibration as of the newest session.
///
/// # Errors
/// [`StageError::NoRows`] if no label of the training window is known, or what model, features and
/// disk say.
pub async fn run(context: &StageContext) -> Result<EvaluationReport, StageError> {
    context.compute(evaluate).await
}

fn evaluate(context: &StageContext) -> Result<EvaluationReport, StageError> {
    let mut folder = context.begin(Stage::Evaluate)?;
    let dataset = Dataset::load(&mut folder)?;
    let accepted_checks = QualityFile::read(&mut folder)?.accepted_failures();
    let DraftModel { model, trained_at } = DraftModel::read(&mut folder)?;
    let mut forecaster = model.forecaster();
    let rows = unseen_rows(&mut forecaster, &dataset)?;
    let mut calibrated = Calibrated::as_time_goes(&rows, &context.config.calibration);
    let report = report(&calibrated, &rows, &dataset)?;
    let calibration = calibration_of(&mut calibrated.calibrator, dataset.panel.sessions())?;
    let policy = fit_policy(context.config.policy, &calibration, &rows, &dataset);
    let reference = card::reference(&mut forecaster, &dataset)?;
    let mut card = card::sections(&calibrated, &policy, dataset.split.test.start);
    card.leakage_checks = card::leakage_checks(model.scaler(), &dataset)?;
    for leak in card.leakage_checks.iter().filter(|check| !check.passed) {
        let said = format!("a leak, {}: {}", leak.name, leak.detail);
        tracing::warn!(leak = leak.name, "{said}");
        context.progress.note(&said);
    }
    let curves = training_curves(model.summary())
        .inspect_err(|reason| tracing::warn!(reason, "the training's curves cannot be drawn"))
        .ok();
    let windows = Windows::of(&dataset);
    let contents = BundleContents {
        model: &model,
        spec: dataset.panel.spec(),
        policy,
        calibration: Some(&calibration),
        evaluation: &report,
        train_window: windows.train,
        validation_window: windows.validation,
        test_window: windows.test,
        data_digest: dataset.snapshot.digest,
        data_origin: dataset.snapshot.origin,
        n_stocks: dataset.universe().len(),
        accepted_checks: &accepted_checks,
        trained_at,
        code_version: CODE_VERSION,
        golden_windows: &golden_windows(&forecaster, &dataset)?,
        reference: Some(&reference),
        card: &card,
        training_curves: curves.as_deref(),
        signing_key: context.ports.signing_key.as_ref(),
    };
    let digest = write_bundle(&folder.path(BUNDLE_DIR), &contents)?;
    folder.write_json(EVALUATION_FILE, &EvaluationFile::from(&report))?;
    folder.write(TABLE_FILE, render_table(&report).as_bytes())?;
    folder.finish()?;
    context.progress.note(&format!(
        "scored {} sessions from {}, bundle {}",
        dataset.split.test.len(),
        windows.test,
        digest.short()
    ));
    Ok(report)
}

/// Forecasts from the validation window to the newest session: what calibration learns from. Those
/// between the windows are left out of the evaluation, but their outcomes are known like any other.
fn unseen_rows(
    forecaster: &mut dyn Forecaster,
    dataset: &Dataset,
) -> Result<HorizonRows, StageError> {
    let (panel, labels) = (&dataset.panel, &dataset.labels);
    let sessions = dataset.split.validation.start..dataset.split.test.end;
    score_rows(forecaster, panel, labels, sessions, dataset.universe()).map_err(|source| {
        StageError::Forecast {
            who: "candidate",
            part: "validation or test",
            source,
        }
    })
}

/// Thresholds for the calibration that the bundle is published with, on the forecasts of the
/// validation window: those of the test window have no say in what is said of them.
fn fit_policy(
    mode: PolicyMode,
    calibration: &Calibration,
    rows: &HorizonRows,
    dataset: &Dataset,
) -> DecisionPolicy {
    if mode == PolicyMode::Fixed {
        return DecisionPolicy::fixed();
    }
    let end = dataset.split.validation.end;
    let thresholds = Horizon::ALL.map(|horizon| {
        let part = calibration.horizon(horizon);
        let in_validation = |row: &&ForecastRow| (row.session_idx as usize) < end;
        let rows = rows[horizon.index()].iter().take_while(in_validation);
        let probabilities: Vec<f64> = rows.map(|row| part.probability_up(&row.forecast)).collect();
        fit_thresholds(&probabilities, MAX_DIRECTIONAL_SHARE)
    });
    DecisionPolicy::new(thresholds).expect("fitted thresholds lie on their side of one half")
}

/// Scores the test window, with probabilities calibrated as time goes.
fn report(
    calibrated: &Calibrated,
    forecasts: &HorizonRows,
    dataset: &Dataset,
) -> Result<EvaluationReport, StageError> {
    let rates = training_rates(
        &dataset.panel,
        &dataset.labels,
        dataset.split.train.clone(),
        dataset.universe(),
    );
    let scored = calibrated.since(dataset.split.test.start);
    let horizon = |horizon: Horizon| {
        let rates = rates[horizon.index()].ok_or_else(|| StageError::NoRows {
            part: "training",
            hint: format!("no outcome at {horizon} is known"),
        })?;
        let rows = scored[horizon.index()];
        let forecasts = &forecasts[horizon.index()];
        let forecasts = &forecasts[forecasts.len() - rows.len()..];
        Ok(judge(horizon, rows, forecasts, &rates))
    };
    let DateWindow { first, last } = Windows::of(dataset).test;
    Ok(EvaluationReport {
        first_session: first,
        last_session: last,
        horizons: Horizon::ALL
            .into_iter()
            .map(horizon)
            .collect::<Result<_, StageError>>()?,
    })
}

/// Probabilities are judged as such; the order of a session's stocks is judged by the relative
/// output, which is what rankings show.
fn judge(
    horizon: Horizon,
    rows: &[ScoredRow],
    forecasts: &[ForecastRow],
    rates: &TrainingRates,
) -> HorizonEvaluation {
    let mut evaluation = evaluate_horizon(horizon, rows, rates);
    let ordered: Vec<ScoredRow> = rows
        .iter()
        .zip(forecasts)
        .map(|(row, forecast)| ScoredRow {
            probability_up: 1.0 / (1.0 + (-forecast.forecast.relative).exp()),
            ..*row
        })
        .collect();
    let order = score(horizon, &ordered);
    evaluation.model.ic = order.ic;
    evaluation.model.rank_ic = order.rank_ic;
    evaluation.model.rank_ic_standard_error = order.rank_ic_standard_error;
    evaluation
}

/// The dates of the three parts.
struct Windows {
    train: DateWindow,
    validation: DateWindow,
    test: DateWindow,
}

impl Windows {
    fn of(dataset: &Dataset) -> Self {
        let sessions = dataset.panel.sessions();
        Self {
            train: window_of(sessions, &dataset.split.train),
            validation: window_of(sessions, &dataset.split.validation),
            test: window_of(sessions, &dataset.split.test),
        }
    }
}

/// Windows spread evenly over the test window.
fn golden_windows(
    forecaster: &dyn Forecaster,
    dataset: &Dataset,
) -> Result<WindowBatch, StageError> {
    let places: Vec<_> = usable_windows(
        &dataset.panel,
        dataset.split.test.clone(),
        dataset.universe(),
    )
    .collect();
    let n_golden = places.len().min(GOLDEN_WINDOWS);
    let spread: Vec<_> = (0..n_golden)
        .map(|i| places[i * places.len() / n_golden])
        .collect();
    let windows = dataset.panel.gather(forecaster.shape(), spread.into_iter());
    windows.map_err(|void| StageError::NoRows {
        part: "test",
        hint: format!("a golden window is void: {void}"),
    })
}

#[cfg(test)]
mod tests;
