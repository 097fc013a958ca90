//! Stage 4: fits the policy, scores the test window and writes the bundle.

use std::ops::Range;

use naeil_domain::ports::{Forecaster, WindowBatch};
use naeil_domain::{DateWindow, DecisionPolicy, EvaluationReport, Horizon};
use naeil_evaluation::{ScoredRow, evaluate_horizon, fit_thresholds, render_table};
use naeil_model::{BundleContents, write_bundle};

use crate::CODE_VERSION;
use crate::config::PolicyMode;
use crate::context::StageContext;
use crate::dataset::Dataset;
use crate::error::StageError;
use crate::evaluation_file::EvaluationFile;
use crate::quality_file::QualityFile;
use crate::score::{HorizonRows, gather_windows, score_rows, training_rates, usable_windows};
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

/// Scores the trained model on the test window beside the baselines, fits the policy on the
/// validation window, and writes evaluation and bundle.
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
    let policy = fit_policy(context.config.policy, &mut forecaster, &dataset)?;
    let report = report(&mut forecaster, &dataset)?;
    let windows = Windows::of(&dataset);
    let contents = BundleContents {
        model: &model,
        spec: dataset.panel.spec(),
        policy,
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
        golden_windows: &golden_windows(&dataset),
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

fn fit_policy(
    mode: PolicyMode,
    forecaster: &mut dyn Forecaster,
    dataset: &Dataset,
) -> Result<DecisionPolicy, StageError> {
    if mode == PolicyMode::Fixed {
        return Ok(DecisionPolicy::fixed());
    }
    let rows = rows_of(forecaster, dataset, "validation", &dataset.split.validation)?;
    let thresholds = rows.map(|rows| {
        let probabilities: Vec<f64> = rows.iter().map(|row| row.probability_up).collect();
        fit_thresholds(&probabilities, MAX_DIRECTIONAL_SHARE)
    });
    Ok(DecisionPolicy::new(thresholds).expect("fitted thresholds lie on their side of one half"))
}

fn report(
    forecaster: &mut dyn Forecaster,
    dataset: &Dataset,
) -> Result<EvaluationReport, StageError> {
    let rows = rows_of(forecaster, dataset, "test", &dataset.split.test)?;
    let rates = training_rates(
        &dataset.panel,
        &dataset.labels,
        dataset.split.train.clone(),
        dataset.universe(),
    );
    let evaluate = |horizon: Horizon, rows: &[ScoredRow]| {
        let rates = rates[horizon.index()].ok_or_else(|| StageError::NoRows {
            part: "training",
            hint: format!("no outcome at {horizon} is known"),
        })?;
        Ok(evaluate_horizon(horizon, rows, &rates))
    };
    let DateWindow { first, last } = Windows::of(dataset).test;
    Ok(EvaluationReport {
        first_session: first,
        last_session: last,
        horizons: Horizon::ALL
            .into_iter()
            .zip(&rows)
            .map(|(horizon, rows)| evaluate(horizon, rows))
            .collect::<Result<_, StageError>>()?,
    })
}

fn rows_of(
    forecaster: &mut dyn Forecaster,
    dataset: &Dataset,
    part: &'static str,
    sessions: &Range<usize>,
) -> Result<HorizonRows, StageError> {
    let (panel, labels) = (&dataset.panel, &dataset.labels);
    score_rows(
        forecaster,
        panel,
        labels,
        sessions.clone(),
        dataset.universe(),
    )
    .map_err(|source| StageError::Forecast {
        who: "candidate",
        part,
        source,
    })
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
fn golden_windows(dataset: &Dataset) -> WindowBatch {
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
    gather_windows(&dataset.panel, &spread)
}

#[cfg(test)]
mod tests;
