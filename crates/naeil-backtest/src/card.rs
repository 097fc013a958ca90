//! What an evaluation contributes to a model card.

use naeil_domain::Horizon;
use naeil_evaluation::Metric;
use naeil_model::{CardSections, CoverageRow, LeakageCheck, ReliabilityRow, ReliabilityTable};

use crate::judge::{BOOSTING, NETWORK, interval_level};
use crate::report::{HorizonReport, Report};

impl Report {
    /// The sections of a model card that this evaluation can fill: reliability and coverage of the
    /// averaged seeds, the leakage checks, and the walk-forward figures in a few sentences.
    pub fn card_sections(&self) -> CardSections {
        let horizons = || {
            let named = Horizon::ALL.into_iter();
            named.filter_map(|horizon| Some((horizon, self.horizon(horizon)?)))
        };
        CardSections {
            reliability: horizons()
                .filter_map(|(horizon, report)| reliability(horizon, report))
                .collect(),
            coverage: horizons()
                .filter_map(|(horizon, report)| {
                    let network = report.model(NETWORK)?;
                    Some(CoverageRow {
                        horizon,
                        level: interval_level(),
                        coverage: network.figure(Metric::IntervalCoverage)?.value,
                        n_cases: report.n_rows,
                    })
                })
                .collect(),
            direction_shares: Vec::new(),
            leakage_checks: (self.leakage.iter())
                .map(|finding| LeakageCheck {
                    name: finding.leak.as_str().to_owned(),
                    passed: finding.passed,
                    detail: finding.summary.clone(),
                })
                .collect(),
            walk_forward: Some(self.in_words()),
        }
    }

    fn in_words(&self) -> String {
        let parts: Vec<String> = (self.folds.iter())
            .map(|fold| format!("{} to {}", fold.test.first, fold.test.last))
            .collect();
        let mut words = format!(
            "{} folds, {} seeds; judged on {}.",
            self.folds.len(),
            self.seeds.len(),
            parts.join(", ")
        );
        for report in &self.horizons {
            let rank_ic = |name: &str| {
                let figure = report.model(name)?.figure(Metric::RankIc)?;
                let (value, low, high) = (figure.value, figure.low, figure.high);
                Some(format!("{value:+.4} ({low:+.4} to {high:+.4})"))
            };
            let Some(network) = rank_ic(NETWORK) else {
                continue;
            };
            words += &format!(" Rank IC at {}: {network}", report.horizon);
            for name in [Some(BOOSTING), report.best_factor.as_deref()] {
                if let Some((name, figure)) = name.and_then(|name| Some((name, rank_ic(name)?))) {
                    words += &format!(", {name} {figure}");
                }
            }
            let worst = report
                .model(NETWORK)
                .and_then(|model| model.worst_quarter.as_ref());
            if let Some(worst) = worst {
                words += &format!("; worst quarter {:+.4} in {}", worst.rank_ic, worst.quarter);
            }
            words += ".";
        }
        words
    }
}

fn reliability(horizon: Horizon, report: &HorizonReport) -> Option<ReliabilityTable> {
    let network = report.model(NETWORK)?;
    let bins = &report.reliability;
    // Bins are of equal count: each reaches half way to its neighbours' means.
    let between = |a: usize, b: usize| (bins[a].said + bins[b].said) / 2.0;
    let rows: Vec<ReliabilityRow> = (0..bins.len())
        .map(|i| ReliabilityRow {
            from: if i == 0 { 0.0 } else { between(i - 1, i) },
            to: if i + 1 == bins.len() {
                1.0
            } else {
                between(i, i + 1)
            },
            n_cases: bins[i].n_rows,
            probability: bins[i].said,
            rises: bins[i].happened,
        })
        .collect();
    (!rows.is_empty()).then_some(ReliabilityTable {
        horizon,
        n_cases: report.n_rows,
        base_rate: report.base_rate,
        brier: network.figure(Metric::Brier)?.value,
        calibration_error: network.figure(Metric::CalibrationError)?.value,
        rows,
    })
}
