//! The "fitted" decision policy: directions for the most confident answers only.

use naeil_domain::Thresholds;

/// Sets thresholds at equal distance from one half so that at most `max_directional_share` of
/// `probabilities` are answered with a direction: those farthest from one half.
///
/// A side on which no probability clears one half is never said. When ties at the limit would let
/// more through than allowed, all of them stay neutral. Non-finite probabilities count as answers
/// that are never directional.
///
/// # Units
/// Probabilities of a rise, calibrated, of the window the policy is chosen on.
pub fn fit_thresholds(probabilities: &[f64], max_directional_share: f64) -> Thresholds {
    let allowed = (max_directional_share.clamp(0.0, 1.0) * probabilities.len() as f64).floor();
    let band = Band::narrowest(probabilities, allowed as usize);
    Thresholds {
        up: band
            .filter(|_| probabilities.iter().any(|&p| p > 0.5))
            .map(Band::up),
        down: band
            .filter(|_| probabilities.iter().any(|&p| p < 0.5))
            .map(Band::down),
    }
}

/// Half the width of the neutral zone around one half.
#[derive(Debug, Clone, Copy)]
struct Band(f64);

impl Band {
    /// The narrowest neutral zone that leaves at most `allowed` probabilities outside; `None` if
    /// only silence does.
    fn narrowest(probabilities: &[f64], allowed: usize) -> Option<Self> {
        let mut distances: Vec<f64> = probabilities
            .iter()
            .map(|p| (p - 0.5).abs())
            .filter(|&distance| distance > 0.0 && distance <= 0.5)
            .collect();
        distances.sort_unstable_by(|a, b| b.total_cmp(a));
        distances.truncate(allowed);
        distances.dedup();
        // Counted by the rule that is applied later, so that neither ties nor rounding let one
        // more through.
        distances
            .into_iter()
            .rev()
            .map(Self)
            .find(|band| probabilities.iter().filter(|&&p| band.says(p)).count() <= allowed)
    }

    fn up(self) -> f64 {
        0.5 + self.0
    }

    fn down(self) -> f64 {
        0.5 - self.0
    }

    fn says(self, probability: f64) -> bool {
        probability >= self.up() || probability <= self.down()
    }
}

#[cfg(test)]
mod tests {
    use naeil_domain::{DecisionPolicy, Direction, Horizon};
    use proptest::prelude::*;

    use super::*;

    fn check(probabilities: &[f64], share: f64, up: Option<f64>, down: Option<f64>) {
        let fitted = fit_thresholds(probabilities, share);
        let near = |a: Option<f64>, b: Option<f64>| match (a, b) {
            (Some(a), Some(b)) => (a - b).abs() < 1e-12,
            (a, b) => a.is_none() && b.is_none(),
        };
        assert!(near(fitted.up, up) && near(fitted.down, down), "{fitted:?}");
    }

    #[test]
    fn the_most_confident_answers_are_said() {
        // Distances .2 .1 .05 .04 .01; two of five may speak: the limit is .1.
        let probabilities = [0.70, 0.45, 0.40, 0.54, 0.51];
        check(&probabilities, 0.40, Some(0.60), Some(0.40));
        check(&probabilities, 0.60, Some(0.55), Some(0.45));
        check(&probabilities, 1.00, Some(0.51), Some(0.49));
    }

    #[test]
    fn a_side_that_never_clears_one_half_is_not_said() {
        check(&[0.30, 0.40, 0.45, 0.48, 0.50], 0.40, None, Some(0.40));
        check(&[0.50, 0.50], 0.40, None, None);
    }

    #[test]
    fn ties_at_the_limit_stay_neutral() {
        // Four distances of .1 where two may speak: none does; with one of .2 before them, it does.
        check(&[0.6, 0.6, 0.4, 0.4, 0.5], 0.40, None, None);
        check(&[0.7, 0.6, 0.4, 0.4, 0.5], 0.40, Some(0.7), Some(0.3));
    }

    #[test]
    fn nothing_to_fit_or_no_share_says_nothing() {
        check(&[], 0.40, None, None);
        check(&[0.9, 0.1], 0.0, None, None);
        check(&[f64::NAN, f64::NAN], 1.0, None, None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn the_share_holds_under_the_policy_itself(
            probabilities in prop::collection::vec(0.0..=1.0_f64, 1..200),
            share in 0.0..=1.0_f64,
        ) {
            let policy = DecisionPolicy::new([fit_thresholds(&probabilities, share); 3]).unwrap();
            let said = probabilities
                .iter()
                .filter(|&&p| policy.decide(Horizon::OneDay, p).0 != Direction::Neutral)
                .count();
            prop_assert!(said as f64 <= share * probabilities.len() as f64);
        }

        #[test]
        fn distinct_distances_use_the_whole_share(n in 5_usize..100) {
            // Distances 1/(2n), 2/(2n), ..., alternating sides: none tie.
            let probabilities: Vec<f64> = (1..=n)
                .map(|i| {
                    let distance = i as f64 / (2 * n) as f64;
                    if i % 2 == 0 { 0.5 + distance } else { 0.5 - distance }
                })
                .collect();
            let policy = DecisionPolicy::new([fit_thresholds(&probabilities, 0.4); 3]).unwrap();
            let said = probabilities
                .iter()
                .filter(|&&p| policy.decide(Horizon::OneDay, p).0 != Direction::Neutral)
                .count();
            prop_assert_eq!(said, (0.4 * n as f64).floor() as usize);
        }
    }
}
