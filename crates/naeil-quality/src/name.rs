//! The checks by name.

use std::fmt;

/// One check of the data; its word is what a user types to accept its finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CheckName {
    /// Many series move impossibly in one session: the source changed what its prices mean.
    BasisSwitch,
}

impl CheckName {
    /// Every check, in the order of a report.
    pub const ALL: [Self; 1] = [Self::BasisSwitch];

    /// The word used on the command line, in settings and in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BasisSwitch => "basis_switch",
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
