//! How far ahead a prediction looks.

use std::fmt;
use std::str::FromStr;

/// A number of sessions between as-of and target session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Horizon {
    /// The next session.
    OneDay,
    /// The fifth session after.
    FiveDays,
    /// The twentieth session after.
    TwentyDays,
}

impl Horizon {
    /// Every horizon, ascending; the order of a model's outputs.
    pub const ALL: [Self; 3] = [Self::OneDay, Self::FiveDays, Self::TwentyDays];

    /// How many horizons there are.
    pub const COUNT: usize = Self::ALL.len();

    /// The greatest number of sessions any horizon looks ahead: what a split must purge.
    pub const MAX_STEPS: usize = 20;

    /// Sessions from as-of to target.
    pub const fn steps(self) -> usize {
        match self {
            Self::OneDay => 1,
            Self::FiveDays => 5,
            Self::TwentyDays => Self::MAX_STEPS,
        }
    }

    /// Position in [`Self::ALL`].
    pub const fn index(self) -> usize {
        match self {
            Self::OneDay => 0,
            Self::FiveDays => 1,
            Self::TwentyDays => 2,
        }
    }

    /// The word used in requests and replies: `1d`, `5d`, `20d`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OneDay => "1d",
            Self::FiveDays => "5d",
            Self::TwentyDays => "20d",
        }
    }

    /// Parses `1d`, `5d` or `20d`.
    ///
    /// # Errors
    /// [`UnknownHorizon`] with the offending text.
    pub fn parse(text: &str) -> Result<Self, UnknownHorizon> {
        Self::ALL
            .into_iter()
            .find(|horizon| horizon.as_str() == text)
            .ok_or_else(|| UnknownHorizon(text.chars().take(40).collect()))
    }
}

impl fmt::Display for Horizon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Horizon {
    type Err = UnknownHorizon;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

/// A horizon that is none of 1d, 5d, 20d.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown horizon '{0}', choose one of 1d, 5d, 20d")]
pub struct UnknownHorizon(pub String);
