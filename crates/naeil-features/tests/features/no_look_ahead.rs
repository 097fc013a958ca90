//! Nothing after a session changes what is said about it.

use naeil_domain::Horizon;
use naeil_features::{FeaturePanel, FeatureSpec, Labels, Window};
use proptest::prelude::*;

use crate::synthetic::{eventful_market, panel};

pub(crate) fn bits(window: &Window<'_>) -> Vec<u32> {
    window.rows().flatten().map(|x| x.to_bits()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn cutting_the_future_off_leaves_every_bit_in_place(seed: u64, cut in 130_usize..259) {
        let bars = panel(&eventful_market(seed, 10, 260));
        let known = bars.truncated_after(bars.sessions()[cut]);
        let spec = FeatureSpec::v1();
        let whole = FeaturePanel::compute(&spec, &bars).unwrap();
        let truncated = FeaturePanel::compute(&spec, &known).unwrap();
        prop_assert_eq!(truncated.sessions().len(), cut + 1);
        let mut n_windows = 0;
        for session_idx in 0..=cut {
            for stock_idx in 0..10 {
                let row = |panel: &FeaturePanel| {
                    let row = panel.row(session_idx, stock_idx)?;
                    Some(row.iter().map(|x| x.to_bits()).collect::<Vec<_>>())
                };
                prop_assert_eq!(row(&whole), row(&truncated));
                let expected = whole.window(session_idx, stock_idx).map(|w| bits(&w));
                n_windows += usize::from(expected.is_ok());
                let found = truncated.window(session_idx, stock_idx).map(|w| bits(&w));
                prop_assert_eq!(found, expected);
            }
        }
        prop_assert!(n_windows > 0, "a market without a single window proves nothing");
    }

    #[test]
    fn labels_know_their_target_and_nothing_after_it(seed: u64, cut in 30_usize..119) {
        let bars = panel(&eventful_market(seed, 6, 120));
        let whole = Labels::compute(&bars);
        let truncated = Labels::compute(&bars.truncated_after(bars.sessions()[cut]));
        for session_idx in 0..=cut {
            for stock_idx in 0..6 {
                for horizon in Horizon::ALL {
                    let found = truncated.forward_return(session_idx, stock_idx, horizon);
                    let expected = if session_idx + horizon.steps() <= cut {
                        whole.forward_return(session_idx, stock_idx, horizon)
                    } else {
                        None
                    };
                    prop_assert_eq!(found.map(f32::to_bits), expected.map(f32::to_bits));
                }
            }
        }
    }
}

#[test]
fn a_server_s_sessions_give_what_the_whole_history_gives() {
    // Recursions that began at different sessions agree once 260 sessions have passed.
    let bars = panel(&eventful_market(3, 40, 730));
    let spec = FeatureSpec::v1();
    let whole = FeaturePanel::compute(&spec, &bars).unwrap();
    let served = bars.last_sessions(naeil_features::SERVING_SESSIONS);
    let served = FeaturePanel::compute(&spec, &served).unwrap();
    let mut n_compared = 0;
    for stock_idx in 0..40 {
        let last = (whole.sessions().len() - 1, served.sessions().len() - 1);
        let (Ok(trained), Ok(served)) = (
            whole.window(last.0, stock_idx),
            served.window(last.1, stock_idx),
        ) else {
            continue;
        };
        for (expected, found) in trained.rows().flatten().zip(served.rows().flatten()) {
            // Single precision of values up to about 1, and the recursions' residual of 5e-9.
            assert!(
                (expected - found).abs() <= 1.2e-7 * expected.abs().max(0.1),
                "{expected} {found}"
            );
        }
        n_compared += 1;
    }
    assert!(n_compared > 10, "only {n_compared} windows to compare");
}
