//! What must not matter does not: the scale of price and volume, and who else is in the panel.

use naeil_domain::Bar;
use naeil_features::{FeaturePanel, FeatureSpec};
use proptest::prelude::*;

use crate::no_look_ahead::bits;
use crate::synthetic::{Series, eventful_market, panel, quiet_series, raw_columns, traded};

fn scaled(series: &Series, price: f64, volume: f64) -> Series {
    let scale = |bar: &Bar| Bar {
        open: bar.open * price,
        high: bar.high * price,
        low: bar.low * price,
        close: bar.close * price,
        volume: bar.volume * volume,
        ..*bar
    };
    series.iter().map(|bar| bar.as_ref().map(scale)).collect()
}

fn assert_same_values(a: &FeaturePanel, b: &FeaturePanel) {
    let mut n_rows = 0;
    for session_idx in 0..a.sessions().len() {
        for stock_idx in 0..a.stocks().len() {
            let (a_row, b_row) = (a.row(session_idx, stock_idx), b.row(session_idx, stock_idx));
            assert_eq!(a_row.is_some(), b_row.is_some());
            for ((x, y), name) in a_row
                .iter()
                .flat_map(|r| r.iter())
                .zip(b_row.iter().flat_map(|r| r.iter()))
                .zip(a.spec().names())
            {
                // Both are rounded to single precision: neighbours there may differ by its step.
                let step = f32::EPSILON * x.abs();
                assert!(
                    (x - y).abs() <= 1e-9 + step,
                    "{name} at {session_idx}: {x} {y}"
                );
                n_rows += 1;
            }
        }
    }
    assert!(n_rows > 1_000, "only {n_rows} values compared");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn the_scale_of_prices_and_volumes_does_not_matter(seed: u64) {
        let market = eventful_market(seed, 6, 240);
        let larger: Vec<Series> = market.iter().map(|s| scaled(s, 7.0, 3.0)).collect();
        // Rounding may order two stocks anew that are as good as equal: ranks are not compared.
        let spec = raw_columns();
        assert_same_values(
            &FeaturePanel::compute(&spec, &panel(&market)).unwrap(),
            &FeaturePanel::compute(&spec, &panel(&larger)).unwrap(),
        );
    }

    #[test]
    fn the_raw_columns_of_a_stock_alone_are_those_in_its_market(seed: u64) {
        // More stocks than are computed in one block.
        let bars = panel(&eventful_market(seed, 140, 160));
        let spec = raw_columns();
        let market = FeaturePanel::compute(&spec, &bars).unwrap();
        for stock_idx in [0, 1, 77, 127, 128, 139] {
            let alone = bars.retain_stocks(|i, _| i == stock_idx);
            let alone = FeaturePanel::compute(&spec, &alone).unwrap();
            for session_idx in 0..160 {
                prop_assert_eq!(
                    market.window(session_idx, stock_idx).map(|w| bits(&w)),
                    alone.window(session_idx, 0).map(|w| bits(&w))
                );
            }
        }
    }
}

#[test]
fn a_split_with_its_factor_changes_nothing() {
    let plain = quiet_series(5, 200);
    let mut split = plain.clone();
    for bar in split[150..].iter_mut().flatten() {
        *bar = Bar {
            adjustment_factor: 5.0,
            ..traded(bar.close / 5.0, bar.volume * 5.0)
        };
    }
    let spec = FeatureSpec::v2();
    assert_same_values(
        &FeaturePanel::compute(&spec, &panel(&[plain])).unwrap(),
        &FeaturePanel::compute(&spec, &panel(&[split])).unwrap(),
    );
}
