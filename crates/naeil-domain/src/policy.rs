//! The decision policy: from a probability to up, down or neutral.

use std::fmt;

use crate::horizon::Horizon;

/// What a prediction says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// The close will be higher.
    Up,
    /// The close will not be higher.
    Down,
    /// No edge either way.
    Neutral,
}

impl Direction {
    /// The word used in replies.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Neutral => "neutral",
        }
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where directions begin at one horizon; a side that is `None` is never said.
///
/// # Units
/// Probabilities, `down <= 0.5 <= up`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thresholds {
    /// At or above it: up.
    pub up: Option<f64>,
    /// At or below it: down.
    pub down: Option<f64>,
}

impl Thresholds {
    /// The seed's fixed pair.
    pub const FIXED: Self = Self {
        up: Some(0.60),
        down: Some(0.40),
    };

    /// Whether both sides lie on their side of one half.
    pub fn is_valid(&self) -> bool {
        self.up.is_none_or(|p| (0.5..=1.0).contains(&p))
            && self.down.is_none_or(|p| (0.0..=0.5).contains(&p))
    }
}

/// Two thresholds per horizon, kept in the model's bundle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DecisionPolicy {
    thresholds: [Thresholds; Horizon::COUNT],
}

/// A threshold on the wrong side of one half.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error(
    "the thresholds {thresholds:?} of horizon {horizon} are invalid, they need down <= 0.5 <= up"
)]
pub struct InvalidThresholds {
    /// The horizon concerned.
    pub horizon: Horizon,
    /// What was given.
    pub thresholds: Thresholds,
}

impl DecisionPolicy {
    /// A policy from thresholds in the order of [`Horizon::ALL`].
    ///
    /// # Errors
    /// [`InvalidThresholds`] unless `down <= 0.5 <= up` at every horizon.
    pub fn new(thresholds: [Thresholds; Horizon::COUNT]) -> Result<Self, InvalidThresholds> {
        for horizon in Horizon::ALL {
            let thresholds = thresholds[horizon.index()];
            if !thresholds.is_valid() {
                return Err(InvalidThresholds {
                    horizon,
                    thresholds,
                });
            }
        }
        Ok(Self { thresholds })
    }

    /// The seed's policy: 0.60 / 0.40 at every horizon.
    pub const fn fixed() -> Self {
        Self {
            thresholds: [Thresholds::FIXED; Horizon::COUNT],
        }
    }

    /// The thresholds of one horizon.
    pub const fn thresholds(&self, horizon: Horizon) -> Thresholds {
        self.thresholds[horizon.index()]
    }

    /// Turns a probability of a rise into a direction and the confidence in it: the probability of
    /// the direction given; for neutral 0.5, "no edge".
    pub fn decide(&self, horizon: Horizon, probability_up: f64) -> (Direction, f64) {
        let Thresholds { up, down } = self.thresholds(horizon);
        // A probability of exactly one half is no edge, whatever the thresholds.
        if probability_up > 0.5 && up.is_some_and(|threshold| probability_up >= threshold) {
            (Direction::Up, probability_up)
        } else if probability_up < 0.5 && down.is_some_and(|threshold| probability_up <= threshold)
        {
            (Direction::Down, 1.0 - probability_up)
        } else {
            (Direction::Neutral, 0.5)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fixed_policy_is_the_seeds() {
        let check = |probability: f64, direction: Direction, confidence: f64| {
            let (said, sure) = DecisionPolicy::fixed().decide(Horizon::OneDay, probability);
            assert_eq!(said, direction, "{probability}");
            assert!((sure - confidence).abs() < 1e-12, "{probability}: {sure}");
        };
        check(0.60, Direction::Up, 0.60);
        check(0.75, Direction::Up, 0.75);
        check(0.59, Direction::Neutral, 0.5);
        check(0.41, Direction::Neutral, 0.5);
        check(0.40, Direction::Down, 0.60);
        check(0.10, Direction::Down, 0.90);
    }

    #[test]
    fn a_side_without_threshold_is_never_said() {
        let quiet = Thresholds {
            up: None,
            down: Some(0.5),
        };
        let policy = DecisionPolicy::new([quiet; 3]).unwrap();
        assert_eq!(policy.decide(Horizon::FiveDays, 0.99).0, Direction::Neutral);
        assert_eq!(policy.decide(Horizon::FiveDays, 0.49).0, Direction::Down);
        assert_eq!(policy.decide(Horizon::FiveDays, 0.5).0, Direction::Neutral);
    }

    #[test]
    fn thresholds_on_the_wrong_side_are_refused() {
        let wrong = Thresholds {
            up: Some(0.45),
            down: Some(0.40),
        };
        let mut all = [Thresholds::FIXED; 3];
        all[1] = wrong;
        let error = DecisionPolicy::new(all).unwrap_err();
        assert_eq!(error.horizon, Horizon::FiveDays);
        assert!(error.to_string().contains("down <= 0.5 <= up"));
    }
}
