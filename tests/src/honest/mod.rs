//! Models find what can be known, and nothing where nothing is.

mod leaks;
mod nothing;
mod permuted;
mod planted;

pub use leaks::{NamedLeak, name_leaks};
pub use nothing::NothingToFind;
pub use permuted::{Permuted, permuted_within_sessions};
pub use planted::{Planted, PlantedSkill};

use naeil_features::FeatureSpec;
use naeil_model::{NetworkConfig, TrainingConfig};

/// A network small enough to train in seconds, that takes all that the usual one takes.
pub fn small_network() -> NetworkConfig {
    NetworkConfig {
        seq_length: 10,
        hidden_size: 8,
        ..NetworkConfig::for_spec(&FeatureSpec::v2())
    }
}

/// Two epochs of one member.
pub fn short_training(seed: u64) -> TrainingConfig {
    TrainingConfig {
        epochs: 2,
        seeds: 1,
        seed,
        ..TrainingConfig::default()
    }
}
