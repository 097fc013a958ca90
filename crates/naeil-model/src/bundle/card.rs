//! `MODEL_CARD.md`: the model in words, for people. It begins with the fields that Hugging Face's
//! hub reads of a card.

mod sections;

use std::fmt::Write as _;

use chrono::SecondsFormat;

use naeil_domain::model::REGISTERED_MODEL;
use naeil_domain::{DataOrigin, Horizon, HorizonEvaluation, Scores};

use super::BundleContents;
use crate::error::ModelError;
use crate::summary::TrainingSummary;

pub use sections::{
    CardSections, CoverageRow, DirectionShares, LeakageCheck, ReliabilityRow, ReliabilityTable,
};

const DISCLAIMER: &str = "For information only. A forecast of this model is not investment advice; \
     past patterns may not repeat.";

/// Renders the card.
///
/// # Errors
/// [`ModelError::Contents`] naming the part that a card needs and this one would lack.
pub(crate) fn render(contents: &BundleContents<'_>) -> Result<String, ModelError> {
    check(contents)
        .map_err(|missing| ModelError::Contents(format!("the model card would lack {missing}")))?;
    let mut card = String::new();
    let written = head(&mut card, contents)
        .and_then(|()| data(&mut card, contents))
        .and_then(|()| training(&mut card, &contents.model.summary))
        .and_then(|()| evaluation(&mut card, contents))
        .and_then(|()| sections::calibration(&mut card, contents))
        .and_then(|()| sections::directions(&mut card, contents))
        .and_then(|()| sections::walk_forward(&mut card, contents.card))
        .and_then(|()| sections::leakage(&mut card, contents.card))
        .and_then(|()| limits(&mut card, contents));
    written.expect("writing into a string cannot fail");
    Ok(card)
}

/// Looks for what no card may be without.
fn check(contents: &BundleContents<'_>) -> Result<(), String> {
    if contents.code_version.is_empty() {
        return Err("the version of the code: code_version is empty".to_owned());
    }
    if contents.n_stocks == 0 {
        return Err("the number of stocks: data.n_stocks is 0".to_owned());
    }
    for horizon in Horizon::ALL {
        let part = contents
            .evaluation
            .horizon(horizon)
            .filter(|part| part.n_rows > 0)
            .ok_or_else(|| format!("an evaluation at {horizon}"))?;
        if part.base_rate.is_none() {
            return Err(format!("the share of rises at {horizon}"));
        }
        if part.model.brier.is_none() {
            return Err(format!("the Brier score at {horizon}"));
        }
        if part.baselines.is_empty() {
            return Err(format!("baselines at {horizon}"));
        }
    }
    sections::check(contents.card)
}

fn head(card: &mut String, contents: &BundleContents<'_>) -> std::fmt::Result {
    let trained_at = contents
        .trained_at
        .to_rfc3339_opts(SecondsFormat::Secs, true);
    let horizons = Horizon::ALL.map(Horizon::as_str).join(", ");
    write!(
        card,
        "---
model_name: {REGISTERED_MODEL}
library_name: naeil
pipeline_tag: time-series-forecasting
tags: [finance, lstm, korea]
trained_at: {trained_at}
code_version: {code_version:?}
data_origin: {origin}
horizons: [{horizons}]
model-index:
- name: {REGISTERED_MODEL}
  results:
",
        code_version = contents.code_version,
        origin = contents.data_origin.as_str(),
    )?;
    for part in &contents.evaluation.horizons {
        index_entry(card, part, contents)?;
    }
    write!(
        card,
        "---

# {REGISTERED_MODEL}

Members whose outputs are averaged: {n_members}. Each: {network}; dropout {dropout}. The model takes the last
{seq_length} sessions of {n_columns} columns of one stock and, of the last session, all
{n_features}; it answers how the stock will rank within its market and how likely its close is
higher 1, 5 and 20 sessions later, with quantiles of the return.

**Intended use:** ranking and screening stocks of the market it was trained on, beside other
information. **Not for:** automatic trading, other markets, intraday decisions.

{DISCLAIMER}
",
        n_members = contents.model.members.len(),
        network = contents.model.network.summary(),
        dropout = contents.model.network.dropout,
        seq_length = contents.model.network.seq_length,
        n_columns = contents.model.network.sequence_columns.len(),
        n_features = contents.spec.n_columns(),
    )
}

/// One horizon's scores in the words of a card's `model-index`.
fn index_entry(
    card: &mut String,
    part: &HorizonEvaluation,
    contents: &BundleContents<'_>,
) -> std::fmt::Result {
    let report = contents.evaluation;
    write!(
        card,
        "  - task: {{type: time-series-forecasting, name: direction and rank {horizon} ahead}}
    dataset: {{type: daily-bars, name: {origin} daily bars {first} to {last}}}
    metrics:
",
        horizon = part.horizon,
        origin = contents.data_origin.as_str(),
        first = report.first_session,
        last = report.last_session,
    )?;
    let metrics = [
        ("rank_ic", part.model.rank_ic),
        ("auc", part.model.auc),
        ("brier", part.model.brier),
        ("log_loss", part.model.log_loss),
        ("accuracy", part.model.accuracy),
    ];
    for (name, value) in metrics {
        if let Some(value) = value {
            writeln!(card, "    - {{type: {name}, value: {value:.6}}}")?;
        }
    }
    Ok(())
}

fn data(card: &mut String, contents: &BundleContents<'_>) -> std::fmt::Result {
    let origin = match contents.data_origin {
        DataOrigin::Recorded => "The bars were recorded on an exchange.",
        DataOrigin::Simulated => {
            "**The bars are simulated.** No price in them was ever paid, and nothing here says \
             anything about a real stock."
        }
        DataOrigin::Mixed => {
            "**Some of the bars are simulated**, so nothing here says anything about a real stock."
        }
    };
    write!(
        card,
        "
## Data

{origin}

| part | as-of sessions |
|---|---|
| training | {train} |
| validation (judged each epoch; fitted calibration and policy) | {validation} |
| test (the scores below) | {test} |

{n_stocks} stocks; digest of the bars `{digest}`. Between the parts the longest horizon is left out.
Feature spec version {spec_version}, `{spec_hash}`.
",
        train = contents.train_window,
        validation = contents.validation_window,
        test = contents.test_window,
        n_stocks = contents.n_stocks,
        digest = contents.data_digest,
        spec_version = contents.spec.version(),
        spec_hash = contents.spec.hash(),
    )?;
    if contents.accepted_checks.is_empty() {
        return Ok(());
    }
    let checks = contents.accepted_checks.join(", ");
    writeln!(
        card,
        "\n**Trained although the data failed a check:** {checks}, accepted by whoever started the run."
    )
}

fn training(card: &mut String, summary: &TrainingSummary) -> std::fmt::Result {
    let rates: Vec<String> = Horizon::ALL
        .iter()
        .zip(summary.base_rates)
        .map(|(horizon, rate)| format!("{rate:.3} at {horizon}"))
        .collect();
    write!(
        card,
        "
## Training

{seen} windows seen of {available} in {sessions} sessions, {seconds:.0} s in all. A step is one
session with a share of {codes:.2} of its stocks; greatest rate {rate}, weight decay {decay}. What is
learned is a stock's place within its session, and its direction given the session's share of rises;
the market's own move is taken out. Share of rises in the training window: {rates}.

| member | seed | epoch kept | stopped | seconds |
|---|---|---|---|---|
",
        seen = summary.windows_seen(),
        available = summary.train_windows,
        sessions = summary.train_sessions,
        seconds = summary.seconds(),
        codes = summary.config.codes_per_step,
        rate = summary.config.learning_rate,
        decay = summary.config.weight_decay,
        rates = rates.join(", "),
    )?;
    for (idx, member) in summary.members.iter().enumerate() {
        writeln!(
            card,
            "| {idx} | {} | {} of {} | {} | {:.0} |",
            member.seed,
            member.kept_epoch,
            summary.config.epochs,
            member.stop_reason.as_str(),
            member.seconds
        )?;
    }
    Ok(())
}

fn evaluation(card: &mut String, contents: &BundleContents<'_>) -> std::fmt::Result {
    let report = contents.evaluation;
    write!(
        card,
        "
## Evaluation

As-of sessions {} to {}, all after training. A dash is a score that is not defined.
",
        report.first_session, report.last_session
    )?;
    for part in &report.horizons {
        horizon_table(card, part)?;
    }
    Ok(())
}

fn horizon_table(card: &mut String, part: &HorizonEvaluation) -> std::fmt::Result {
    write!(
        card,
        "
### {} ({} rows of {} sessions, share of rises {})

| | accuracy | precision | recall | F1 | AUC | Brier | log loss | IC | rank IC |
|---|---|---|---|---|---|---|---|---|---|
",
        part.horizon,
        part.n_rows,
        part.n_sessions,
        number(part.base_rate),
    )?;
    score_row(card, "model", &part.model)?;
    for (baseline, scores) in &part.baselines {
        score_row(card, baseline.as_str(), scores)?;
    }
    Ok(())
}

fn score_row(card: &mut String, name: &str, scores: &Scores) -> std::fmt::Result {
    let rank_ic = match scores.rank_ic_standard_error {
        Some(error) => format!("{} ± {error:.4}", number(scores.rank_ic)),
        None => number(scores.rank_ic),
    };
    let cells = [
        scores.accuracy,
        scores.precision,
        scores.recall,
        scores.f1,
        scores.auc,
        scores.brier,
        scores.log_loss,
        scores.ic,
    ]
    .map(number)
    .join(" | ");
    writeln!(card, "| {name} | {cells} | {rank_ic} |")
}

fn limits(card: &mut String, contents: &BundleContents<'_>) -> std::fmt::Result {
    card.push_str(
        "
## Decision policy

| horizon | up from | down until |
|---|---|---|
",
    );
    for horizon in Horizon::ALL {
        let thresholds = contents.policy.thresholds(horizon);
        writeln!(
            card,
            "| {horizon} | {} | {} |",
            number(thresholds.up),
            number(thresholds.down)
        )?;
    }
    card.push_str(
        "
A dash is a direction that is never said. Between the two the answer is neutral.

## Limits

- The market's own move is not predicted; a probability without calibration assumes the training
  window's share of rises, and that share drifts.
- Stocks with a short or often interrupted history get no answer.
- Scores are of one period. A market unlike the training window makes them worse.
",
    );
    Ok(())
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.4}"))
}
