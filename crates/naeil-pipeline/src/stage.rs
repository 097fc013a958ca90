//! The seven stages, by name.

use std::fmt;

/// One stage of a retrain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Reads the bars and chooses the universe.
    Extract,
    /// Computes features, labels and the split.
    Features,
    /// Trains the network.
    Train,
    /// Fits the policy, scores the test window and writes the bundle.
    Evaluate,
    /// Scores the champion on the same rows and asks the gate.
    Compare,
    /// Registers the bundle as the challenger.
    Register,
    /// Moves the champion alias if the gate said so; writes the ledger.
    Promote,
}

impl Stage {
    /// Every stage, in order.
    pub const ALL: [Self; 7] = [
        Self::Extract,
        Self::Features,
        Self::Train,
        Self::Evaluate,
        Self::Compare,
        Self::Register,
        Self::Promote,
    ];

    /// The word used in manifests and messages; also the name of the stage's folder.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Extract => "extract",
            Self::Features => "features",
            Self::Train => "train",
            Self::Evaluate => "evaluate",
            Self::Compare => "compare",
            Self::Register => "register",
            Self::Promote => "promote",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
