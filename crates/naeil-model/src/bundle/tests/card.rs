use super::*;

fn card_of(change: impl FnOnce(&mut BundleContents<'_>)) -> String {
    let bundle = Bundle::with(change);
    fs::read_to_string(bundle.dir.join(CARD)).unwrap()
}

fn check_contains(card: &str, parts: &[&str]) {
    for part in parts {
        assert!(card.contains(part), "no '{part}' in\n{card}");
    }
}

#[test]
fn a_card_has_every_part_even_where_little_is_known() {
    let card = card_of(|_| {});
    assert!(card.starts_with("---\nmodel_name: stock_prediction_lstm\n"));
    check_contains(
        &card,
        &[
            "model-index:\n- name: stock_prediction_lstm\n  results:\n  - task: ",
            "    - {type: brier, value: 0.248100}\n",
            "data_origin: simulated",
            "**The bars are simulated.**",
            "**Intended use:**",
            "not investment advice",
            "| training | 2020-01-01 to 2020-06-30 |",
            "share of rises 0.4700",
            "| model | 0.6100 | - |",
            "| majority | 0.5300 | - |",
            "0.0310 ± 0.0100",
            "| 1d | 0.6000 | 0.4000 |",
            "**Not calibrated in this bundle:**",
            "**None were run for this bundle.**",
            "## Limits",
        ],
    );
}

#[test]
fn what_a_run_found_is_in_the_card() {
    let sections = CardSections {
        reliability: vec![ReliabilityTable {
            horizon: Horizon::OneDay,
            n_cases: 1_234,
            base_rate: 0.481,
            brier: 0.2493,
            calibration_error: 0.0071,
            rows: vec![ReliabilityRow {
                from: 0.45,
                to: 0.5,
                n_cases: 900,
                probability: 0.478,
                rises: 0.4712,
            }],
        }],
        coverage: vec![CoverageRow {
            horizon: Horizon::FiveDays,
            level: 0.9,
            coverage: 0.887,
            n_cases: 1_200,
        }],
        direction_shares: vec![DirectionShares {
            horizon: Horizon::OneDay,
            up: 0.11,
            down: 0.24,
            neutral: 0.65,
        }],
        leakage_checks: vec![
            LeakageCheck {
                name: "labels shuffled | within sessions".to_owned(),
                passed: true,
                detail: "rank IC 0.001".to_owned(),
            },
            LeakageCheck {
                name: "scaler".to_owned(),
                passed: false,
                detail: "saw the test".to_owned(),
            },
        ],
        walk_forward: Some("Four folds, **worst quarter** 0.02.".to_owned()),
    };
    let card = card_of(|contents| contents.card = Box::leak(Box::new(sections)));
    check_contains(
        &card,
        &[
            "### Reliability at 1d (1234 past cases, share of rises 0.4810, Brier 0.2493, calibration error 0.0071)",
            "| 0.45 to 0.50 | 900 | 0.4780 | 0.4712 |",
            "| 5d | 0.900 | 0.887 | 1200 |",
            "| 1d | 0.4700 | 0.1100 | 0.2400 | 0.6500 |",
            "| labels shuffled \\| within sessions | nothing found | rank IC 0.001 |",
            "| scaler | **leak** | saw the test |",
            "Four folds, **worst quarter** 0.02.",
        ],
    );
}

#[test]
fn a_card_that_would_lack_a_part_is_not_written() {
    let check = |change: &dyn Fn(&mut BundleContents<'_>), message: &str| {
        let parent = TempDir::new().unwrap();
        let dir = parent.path().join("bundle");
        let error = write(&dir, |contents| change(contents)).unwrap_err().to_string();
        assert!(error.contains(message), "'{error}' lacks '{message}'");
        assert!(!dir.exists());
    };
    let evaluation_with = |change: &dyn Fn(&mut EvaluationReport)| {
        let mut report = evaluation();
        change(&mut report);
        &*Box::leak(Box::new(report))
    };
    let no_rows = evaluation_with(&|report| report.horizons[1].n_rows = 0);
    check(&|c| c.evaluation = no_rows, "would lack an evaluation at 5d");
    let no_baselines = evaluation_with(&|report| report.horizons[2].baselines.clear());
    check(&|c| c.evaluation = no_baselines, "would lack baselines at 20d");
    let no_rate = evaluation_with(&|report| report.horizons[0].base_rate = None);
    check(&|c| c.evaluation = no_rate, "would lack the share of rises at 1d");
    let no_brier = evaluation_with(&|report| report.horizons[0].model.brier = None);
    check(&|c| c.evaluation = no_brier, "would lack the Brier score at 1d");
    let empty_text: &CardSections = Box::leak(Box::new(CardSections {
        walk_forward: Some("  ".to_owned()),
        ..CardSections::default()
    }));
    check(&|c| c.card = empty_text, "would lack the text about the walk-forward");
}
