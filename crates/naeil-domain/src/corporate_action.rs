//! Corporate actions: what changes a stock's price without changing what it is worth.

use std::fmt;

use crate::session::Session;
use crate::stock::StockCode;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ActionKind {
    /// More shares for each one, at a lower price.
    Split,
    /// Fewer shares for several, at a higher price.
    Consolidation,
    /// The series goes on in prices that are meant otherwise, for instance adjusted ones.
    BasisSwitch,
    /// Anything else that the exchange or a user states, such as a rights issue.
    Other,
}

impl ActionKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [
        Self::Split,
        Self::Consolidation,
        Self::BasisSwitch,
        Self::Other,
    ];

    /// The word used in files, in the store and in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Split => "split",
            Self::Consolidation => "consolidation",
            Self::BasisSwitch => "basis_switch",
            Self::Other => "other",
        }
    }

    /// Parses [`Self::as_str`]'s words.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

impl fmt::Display for ActionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Who says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ActionSource {
    /// The exchange, by a base price that is not the close before.
    Stated,
    /// A user, in a file of actions.
    Entered,
}

impl ActionSource {
    /// The word used in the store and in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stated => "stated",
            Self::Entered => "entered",
        }
    }

    /// Parses [`Self::as_str`]'s words.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Stated, Self::Entered]
            .into_iter()
            .find(|source| source.as_str() == text)
    }
}

/// A corporate action of one stock, in force from the opening of one session.
#[derive(Debug, Clone, PartialEq)]
pub struct CorporateAction {
    /// The stock.
    pub code: StockCode,
    /// The first session whose prices are on the new footing.
    pub session: Session,
    /// What happened.
    pub kind: ActionKind,
    /// Multiplies the adjustment factor from `session` on: price before / price after of the same
    /// holding, so 5 for a 5:1 split. 1 takes an earlier statement back.
    pub ratio: f64,
    /// Who says so.
    pub source: ActionSource,
}

impl CorporateAction {
    /// Whether a ratio can be one: a positive number, and no more than has ever happened.
    pub fn is_plausible_ratio(ratio: f64) -> bool {
        (1e-6..=1e6).contains(&ratio)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_back() {
        for kind in ActionKind::ALL {
            assert_eq!(ActionKind::parse(kind.as_str()), Some(kind));
        }
        for source in [ActionSource::Stated, ActionSource::Entered] {
            assert_eq!(ActionSource::parse(source.as_str()), Some(source));
        }
    }

    #[test]
    fn a_ratio_is_positive_and_finite() {
        assert!(CorporateAction::is_plausible_ratio(0.02));
        for ratio in [0.0, -5.0, f64::NAN, f64::INFINITY, 1e7] {
            assert!(!CorporateAction::is_plausible_ratio(ratio), "{ratio}");
        }
    }
}
