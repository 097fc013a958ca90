//! The checks by name.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One check of the data; its word is what a user types to accept its finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CheckName {
    /// A series goes on in prices that are meant otherwise: the source changed their basis.
    BasisSwitch,
    /// Prices as traded step as a split makes them step, and no corporate action says so.
    UnadjustedSplit,
    /// A close moves further than the exchange allows.
    ImpossibleMoves,
    /// Sessions without a bar of any code.
    MissingSessions,
    /// Sessions without a bar inside a code's life.
    Gaps,
    /// Rows that an import refused because the bar cannot have happened.
    ImpossibleBars,
    /// Rows that an import refused because a value is missing.
    MissingValues,
    /// Rows that an import refused because they cannot be read.
    UnreadableRows,
    /// Rows whose date is no session of the exchange, or lies in the future.
    WrongDates,
    /// Rows that repeat a code and a date.
    Duplicates,
    /// Open or close outside low to high, by as little as rounding explains.
    OutsideRange,
    /// Sessions without a trade.
    Halts,
    /// One code's bars are partly as traded and partly back-adjusted.
    MixedBasis,
    /// Known corporate actions, and whether the prices bear them out.
    CorporateActions,
    /// Codes, or the whole market, whose newest bar is old.
    StaleSeries,
    /// Whether codes that left the exchange are in the data.
    Survivorship,
    /// Long runs of one close although shares were traded.
    FlatSeries,
    /// Prices so low that rounding to whole units makes steps of a per cent and more.
    CoarsePrices,
    /// Volumes far beyond a code's usual one.
    VolumeOutliers,
    /// Sessions that no trading calendar vouches for.
    ObservedSessions,
}

impl CheckName {
    /// Every check, in the order of a report: what spoils training first.
    pub const ALL: [Self; 20] = [
        Self::BasisSwitch,
        Self::UnadjustedSplit,
        Self::ImpossibleMoves,
        Self::MissingSessions,
        Self::Gaps,
        Self::ImpossibleBars,
        Self::MissingValues,
        Self::UnreadableRows,
        Self::WrongDates,
        Self::Duplicates,
        Self::OutsideRange,
        Self::Halts,
        Self::MixedBasis,
        Self::CorporateActions,
        Self::StaleSeries,
        Self::Survivorship,
        Self::FlatSeries,
        Self::CoarsePrices,
        Self::VolumeOutliers,
        Self::ObservedSessions,
    ];

    /// The word used on the command line, in settings and in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BasisSwitch => "basis_switch",
            Self::UnadjustedSplit => "unadjusted_split",
            Self::ImpossibleMoves => "impossible_moves",
            Self::MissingSessions => "missing_sessions",
            Self::Gaps => "gaps",
            Self::ImpossibleBars => "impossible_bars",
            Self::MissingValues => "missing_values",
            Self::UnreadableRows => "unreadable_rows",
            Self::WrongDates => "wrong_dates",
            Self::Duplicates => "duplicates",
            Self::OutsideRange => "outside_range",
            Self::Halts => "halts",
            Self::MixedBasis => "mixed_basis",
            Self::CorporateActions => "corporate_actions",
            Self::StaleSeries => "stale_series",
            Self::Survivorship => "survivorship",
            Self::FlatSeries => "flat_series",
            Self::CoarsePrices => "coarse_prices",
            Self::VolumeOutliers => "volume_outliers",
            Self::ObservedSessions => "observed_sessions",
        }
    }

    /// Parses [`Self::as_str`]'s words.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|name| name.as_str() == text)
    }
}

impl fmt::Display for CheckName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for CheckName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for CheckName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text)
            .ok_or_else(|| serde::de::Error::custom(format!("there is no check '{text}'")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_back_and_stands_once() {
        for name in CheckName::ALL {
            assert_eq!(CheckName::parse(name.as_str()), Some(name));
        }
        let mut words = CheckName::ALL.map(CheckName::as_str).to_vec();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), CheckName::ALL.len());
        assert_eq!(CheckName::parse("Gaps"), None);
    }
}
