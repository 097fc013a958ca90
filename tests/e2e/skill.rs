//! Skill where the answer is known: nothing may be found where nothing is.

use naeil_domain::Horizon;
use naeil_tests::skill::{SkillConfig, mean_and_error, measure};

/// A tenth of what `cargo xtask prove skill` runs would be two; six give an error worth the name.
const MARKETS: u64 = 6;

#[test]
fn nothing_is_found_where_nothing_is() {
    let mut rank_ics: [Vec<f64>; Horizon::COUNT] = Default::default();
    for seed in 1..=MARKETS {
        for skill in measure(&SkillConfig::nothing_to_find(seed)).unwrap() {
            rank_ics[skill.horizon.index()].push(skill.rank_ic);
        }
    }
    for horizon in Horizon::ALL {
        let (mean, error) = mean_and_error(&rank_ics[horizon.index()]);
        eprintln!("{horizon}: mean rank IC {mean:.4}, standard error {error:.4}");
        assert!(
            mean.abs() < 4.0 * error,
            "{horizon}: {mean} is not 0 within 4 x {error}"
        );
    }
}
