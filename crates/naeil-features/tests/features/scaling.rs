//! The scaler on a real panel.

use naeil_features::{FeatureError, FeaturePanel, FeatureSpec, Form, Scaler};

use crate::synthetic::{both_forms, eventful_market, panel};

#[test]
fn training_rows_come_out_centred_with_deviation_one() {
    let bars = panel(&eventful_market(21, 30, 300));
    let panel = FeaturePanel::compute(&both_forms(), &bars).unwrap();
    let scaler = Scaler::fit(&panel, 60..200).unwrap();
    assert_eq!(scaler.n_columns(), panel.spec().n_columns());
    let n_columns = scaler.n_columns();
    let mut sums = vec![(0.0, 0.0); n_columns];
    let mut n = 0.0;
    for session_idx in 60..200 {
        for stock_idx in 0..30 {
            let eligible = panel.is_eligible(session_idx, stock_idx);
            let Some(row) = panel.row(session_idx, stock_idx).filter(|_| eligible) else {
                continue;
            };
            let raw = row;
            let mut row = row.to_vec();
            scaler.transform(&mut row);
            for ((column, raw), scaled) in panel.spec().columns().iter().zip(raw).zip(&row) {
                assert!(column.form == Form::Raw || raw == scaled, "{}", column.name);
            }
            n += 1.0;
            for ((sum, squares), z) in sums.iter_mut().zip(row) {
                *sum += f64::from(z);
                *squares += f64::from(z) * f64::from(z);
            }
        }
    }
    for ((sum, squares), name) in sums.into_iter().zip(panel.spec().names()) {
        let (mean, variance) = (sum / n, squares / n - (sum / n) * (sum / n));
        assert!(mean.abs() < 1e-4, "{name}: mean {mean}");
        // Equal values share a rank, which takes variance from it.
        let least = if name.ends_with("_rank") { 0.1 } else { 0.999 };
        assert!(
            (least..1.001).contains(&variance),
            "{name}: variance {variance}"
        );
    }
}

#[test]
fn only_the_training_sessions_count() {
    let bars = panel(&eventful_market(22, 10, 300));
    let spec = both_forms();
    let whole = FeaturePanel::compute(&spec, &bars).unwrap();
    let known = bars.truncated_after(bars.sessions()[199]);
    let known = FeaturePanel::compute(&spec, &known).unwrap();
    let scaler = Scaler::fit(&whole, 0..200).unwrap();
    assert_eq!(scaler, Scaler::fit(&known, 0..200).unwrap());
    assert_ne!(scaler, Scaler::fit(&whole, 0..300).unwrap());
}

#[test]
fn sessions_without_rows_cannot_be_fitted() {
    let bars = panel(&eventful_market(23, 2, 100));
    let panel = FeaturePanel::compute(&FeatureSpec::v2(), &bars).unwrap();
    for sessions in [0..60, 100..200] {
        let error = Scaler::fit(&panel, sessions).unwrap_err();
        assert!(
            matches!(error, FeatureError::NoTrainingRows { .. }),
            "{error}"
        );
    }
}
