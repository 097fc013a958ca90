//! `MODEL_CARD.md`: the model in words, for people.

use std::fmt::Write as _;

use chrono::SecondsFormat;

use naeil_domain::model::REGISTERED_MODEL;
use naeil_domain::{DataOrigin, Horizon, HorizonEvaluation, Scores};

use super::BundleContents;
use crate::config::TrainingSummary;

const DISCLAIMER: &str = "For information only. A forecast of this model is not investment advice; \
     past patterns may not repeat.";

/// Renders the card.
pub(crate) fn render(contents: &BundleContents<'_>) -> String {
    let mut card = String::new();
    let written = head(&mut card, contents)
        .and_then(|()| data(&mut card, contents))
        .and_then(|()| training(&mut card, &contents.model.summary))
        .and_then(|()| evaluation(&mut card, contents))
        .and_then(|()| limits(&mut card, contents));
    written.expect("writing into a string cannot fail");
    card
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
trained_at: {trained_at}
code_version: {code_version:?}
data_origin: {origin}
horizons: [{horizons}]
---

# {REGISTERED_MODEL}

{network}; dropout {dropout} on its last state, one output a horizon. It takes {lookback} sessions
of {n_features} features of one stock and answers the probability that the close is higher 1, 5 and
20 sessions later.

**Intended use:** ranking and screening stocks of the market it was trained on, beside other
information. **Not for:** automatic trading, other markets, intraday decisions.

{DISCLAIMER}
",
        code_version = contents.code_version,
        origin = contents.data_origin.as_str(),
        network = contents.model.network.summary(),
        dropout = contents.model.network.dropout,
        lookback = contents.spec.lookback(),
        n_features = contents.spec.n_columns(),
    )
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
| validation (chose the epoch) | {validation} |
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

{epochs} epochs ({reason}), epoch {best} kept; {seen} windows seen of {available} there are, \
{seconds:.0} s. Adam at {rate}, batches of {batch}, seed {seed}. Each session's share of rises
entered the loss as a constant, so an answer is the probability of a rise in a session as good as
the training window was on average. Share of rises in the training window: {rates}.
",
        epochs = summary.epochs_run,
        reason = summary.stop_reason.as_str(),
        best = summary.best_epoch,
        seen = summary.windows_seen,
        available = summary.train_windows,
        seconds = summary.seconds,
        rate = summary.config.learning_rate,
        batch = summary.config.batch_size,
        seed = summary.config.seed,
        rates = rates.join(", "),
    )
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

- The market's own move is not predicted; the probability assumes the training window's share of
  rises, and that share drifts.
- Stocks with a short or often interrupted history get no answer.
- Scores are of one period. A market unlike the training window makes them worse.
",
    );
    Ok(())
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.4}"))
}
