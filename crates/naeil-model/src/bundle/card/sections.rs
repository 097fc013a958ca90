//! What a card says beyond the scores: plain data that the run fills in, and its text.

use std::fmt::Write as _;

use naeil_domain::Horizon;

use super::number;
use crate::bundle::BundleContents;

/// What a run knows of its model besides the evaluation. A part that is empty is told as not known.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CardSections {
    /// How probabilities compare with what happened, a table a horizon.
    pub reliability: Vec<ReliabilityTable>,
    /// How often return intervals held the outcome.
    pub coverage: Vec<CoverageRow>,
    /// How often each direction was said.
    pub direction_shares: Vec<DirectionShares>,
    /// Checks that nothing of the future was known.
    pub leakage_checks: Vec<LeakageCheck>,
    /// The walk-forward evaluation in a few sentences (Markdown).
    pub walk_forward: Option<String>,
}

/// How probabilities at one horizon compare with what happened.
#[derive(Debug, Clone, PartialEq)]
pub struct ReliabilityTable {
    /// The horizon.
    pub horizon: Horizon,
    /// Past cases the table rests on.
    pub n_cases: usize,
    /// Share of rises among them.
    pub base_rate: f64,
    /// Mean squared error of the probability.
    pub brier: f64,
    /// Mean distance between probability and share of rises, weighted by cases.
    pub calibration_error: f64,
    /// The bins, ascending.
    pub rows: Vec<ReliabilityRow>,
}

/// The cases whose probability lies in one bin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReliabilityRow {
    /// Where the bin begins.
    pub from: f64,
    /// Where it ends.
    pub to: f64,
    /// Cases in it.
    pub n_cases: usize,
    /// Mean of their probabilities.
    pub probability: f64,
    /// Share of rises among them.
    pub rises: f64,
}

/// How often the return intervals of one horizon held the outcome.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CoverageRow {
    /// The horizon.
    pub horizon: Horizon,
    /// How often they should.
    pub level: f64,
    /// How often they did.
    pub coverage: f64,
    /// Past cases counted.
    pub n_cases: usize,
}

/// How often each direction was said at one horizon.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DirectionShares {
    /// The horizon.
    pub horizon: Horizon,
    /// Share of "up".
    pub up: f64,
    /// Share of "down".
    pub down: f64,
    /// Share of "neutral".
    pub neutral: f64,
}

/// A check that the model knew nothing of the future.
#[derive(Debug, Clone, PartialEq)]
pub struct LeakageCheck {
    /// What was checked.
    pub name: String,
    /// Whether it found nothing.
    pub passed: bool,
    /// What was found, or how it was looked for.
    pub detail: String,
}

/// Looks for parts that are there and say nothing, or nothing true.
pub(super) fn check(sections: &CardSections) -> Result<(), String> {
    for table in &sections.reliability {
        if table.rows.is_empty() || table.n_cases == 0 {
            return Err(format!(
                "the rows of the reliability table at {}",
                table.horizon
            ));
        }
    }
    for check in &sections.leakage_checks {
        if check.name.trim().is_empty() {
            return Err("the name of a leakage check".to_owned());
        }
    }
    for shares in &sections.direction_shares {
        let total = shares.up + shares.down + shares.neutral;
        let sound = (total - 1.0).abs() < 1e-6;
        if !sound {
            return Err(format!(
                "shares of directions at {} that add up to 1",
                shares.horizon
            ));
        }
    }
    let numbers = (sections.reliability.iter())
        .flat_map(|table| [table.base_rate, table.brier, table.calibration_error])
        .chain(
            sections
                .coverage
                .iter()
                .flat_map(|row| [row.level, row.coverage]),
        );
    match numbers.into_iter().find(|number| !number.is_finite()) {
        Some(number) => Err(format!("a number where it says {number}")),
        None if sections
            .walk_forward
            .as_ref()
            .is_some_and(|text| text.trim().is_empty()) =>
        {
            Err("the text about the walk-forward evaluation".to_owned())
        }
        None => Ok(()),
    }
}

/// Calibration, reliability and interval coverage.
pub(super) fn calibration(card: &mut String, contents: &BundleContents<'_>) -> std::fmt::Result {
    card.push_str("\n## Calibration\n\n");
    match contents.calibration {
        Some(calibration) => {
            writeln!(
                card,
                "Probability up is `sigmoid(intercept + slope * direction)`, fitted on {} sessions whose
outcomes were known, through {}. A newer calibration may stand beside the model in the registry.
\n| horizon | intercept | slope |\n|---|---|---|",
                calibration.n_sessions, calibration.fitted_through
            )?;
            for horizon in Horizon::ALL {
                let part = calibration.horizon(horizon);
                writeln!(card, "| {horizon} | {:.4} | {:.4} |", part.intercept, part.slope)?;
            }
        }
        None => card.push_str(
            "**Not calibrated in this bundle:** probabilities are the network's own until a calibration \
             is published beside it.\n",
        ),
    }
    for table in &contents.card.reliability {
        write!(
            card,
            "
### Reliability at {} ({} past cases, share of rises {:.4}, Brier {:.4}, calibration error {:.4})

| probability | cases | said | rose |
|---|---|---|---|
",
            table.horizon, table.n_cases, table.base_rate, table.brier, table.calibration_error
        )?;
        for row in &table.rows {
            writeln!(
                card,
                "| {:.2} to {:.2} | {} | {:.4} | {:.4} |",
                row.from, row.to, row.n_cases, row.probability, row.rises
            )?;
        }
    }
    if contents.card.reliability.is_empty() {
        card.push_str("\nNo reliability table was computed for this bundle.\n");
    }
    if contents.card.coverage.is_empty() {
        card.push_str(
            "\nHow often return intervals hold the outcome was not measured for this bundle.\n",
        );
        return Ok(());
    }
    card.push_str(
        "\n| return intervals | level | held the outcome | past cases |\n|---|---|---|---|\n",
    );
    for row in &contents.card.coverage {
        writeln!(
            card,
            "| {} | {:.3} | {:.3} | {} |",
            row.horizon, row.level, row.coverage, row.n_cases
        )?;
    }
    Ok(())
}

/// How often up, down and neutral were said, beside the share of rises.
pub(super) fn directions(card: &mut String, contents: &BundleContents<'_>) -> std::fmt::Result {
    card.push_str("\n## What it says\n\n");
    if contents.card.direction_shares.is_empty() {
        card.push_str("How often it says up, down and neutral was not counted for this bundle.\n");
        return Ok(());
    }
    card.push_str("| horizon | share of rises | up | down | neutral |\n|---|---|---|---|---|\n");
    for shares in &contents.card.direction_shares {
        let part = contents.evaluation.horizon(shares.horizon);
        writeln!(
            card,
            "| {} | {} | {:.4} | {:.4} | {:.4} |",
            shares.horizon,
            number(part.and_then(|part| part.base_rate)),
            shares.up,
            shares.down,
            shares.neutral
        )?;
    }
    card.push_str("\nNeutral means that there is no edge either way; its confidence is 0.5.\n");
    Ok(())
}

/// The walk-forward evaluation.
pub(super) fn walk_forward(card: &mut String, sections: &CardSections) -> std::fmt::Result {
    match &sections.walk_forward {
        Some(text) => writeln!(card, "\n## Walk-forward\n\n{}", text.trim()),
        None => writeln!(
            card,
            "\n## Walk-forward\n\nNo walk-forward evaluation was run for this bundle."
        ),
    }
}

/// The leakage checks.
pub(super) fn leakage(card: &mut String, sections: &CardSections) -> std::fmt::Result {
    card.push_str("\n## Leakage checks\n\n");
    if sections.leakage_checks.is_empty() {
        card.push_str("**None were run for this bundle.**\n");
        return Ok(());
    }
    card.push_str("| check | result | |\n|---|---|---|\n");
    for check in &sections.leakage_checks {
        let result = if check.passed {
            "nothing found"
        } else {
            "**leak**"
        };
        let cell = |text: &str| text.replace('|', "\\|").replace('\n', " ");
        writeln!(
            card,
            "| {} | {result} | {} |",
            cell(&check.name),
            cell(&check.detail)
        )?;
    }
    Ok(())
}
