//! Words from closed sets.

use naeil_domain as domain;
use schemars::JsonSchema;
use serde::Serialize;

/// How far ahead, in sessions: 1, 5 or 20.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, JsonSchema)]
#[schemars(rename = "Horizon")]
pub enum HorizonWord {
    /// The next session.
    #[default]
    #[serde(rename = "1d")]
    OneDay,
    /// The fifth session after.
    #[serde(rename = "5d")]
    FiveDays,
    /// The twentieth session after.
    #[serde(rename = "20d")]
    TwentyDays,
}

impl From<domain::Horizon> for HorizonWord {
    fn from(horizon: domain::Horizon) -> Self {
        match horizon {
            domain::Horizon::OneDay => Self::OneDay,
            domain::Horizon::FiveDays => Self::FiveDays,
            domain::Horizon::TwentyDays => Self::TwentyDays,
        }
    }
}

impl From<HorizonWord> for domain::Horizon {
    fn from(word: HorizonWord) -> Self {
        match word {
            HorizonWord::OneDay => Self::OneDay,
            HorizonWord::FiveDays => Self::FiveDays,
            HorizonWord::TwentyDays => Self::TwentyDays,
        }
    }
}

/// What a prediction says; `neutral` means "no edge".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "Direction")]
pub enum DirectionWord {
    /// The close will be higher.
    Up,
    /// The close will not be higher.
    Down,
    /// No edge either way.
    Neutral,
}

impl From<domain::Direction> for DirectionWord {
    fn from(direction: domain::Direction) -> Self {
        match direction {
            domain::Direction::Up => Self::Up,
            domain::Direction::Down => Self::Down,
            domain::Direction::Neutral => Self::Neutral,
        }
    }
}

/// Where the bars come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "DataOrigin")]
pub enum DataOriginWord {
    /// Recorded on an exchange.
    Recorded,
    /// Made by the market simulator.
    Simulated,
    /// Some of both.
    Mixed,
}

impl From<domain::DataOrigin> for DataOriginWord {
    fn from(origin: domain::DataOrigin) -> Self {
        match origin {
            domain::DataOrigin::Recorded => Self::Recorded,
            domain::DataOrigin::Simulated => Self::Simulated,
            domain::DataOrigin::Mixed => Self::Mixed,
        }
    }
}
