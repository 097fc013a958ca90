//! The shape of the network.

use serde::{Deserialize, Serialize};

use naeil_features::FeatureSpec;

use crate::error::ModelError;

/// Nothing larger is trained or loaded: a manifest may not ask for unbounded memory.
const MAX_SIZE: usize = 4096;

/// The shape of the network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkConfig {
    /// Columns of a window.
    pub input_size: usize,
    /// Units of the LSTM; the seed's 128.
    pub hidden_size: usize,
    /// Share of the last hidden state that is dropped in training, 0 up to but not 1; the seed's
    /// 0.2.
    pub dropout: f64,
    /// Sessions in a window.
    pub seq_length: usize,
}

impl NetworkConfig {
    /// The seed's network for windows of `spec`.
    pub fn for_spec(spec: &FeatureSpec) -> Self {
        Self {
            input_size: spec.n_columns(),
            hidden_size: 128,
            dropout: 0.2,
            seq_length: spec.lookback(),
        }
    }

    /// Checks every value.
    ///
    /// # Errors
    /// [`ModelError::InvalidConfig`] naming the first key that is wrong.
    pub fn validate(&self) -> Result<(), ModelError> {
        let sizes = [
            ("input_size", self.input_size),
            ("hidden_size", self.hidden_size),
            ("seq_length", self.seq_length),
        ];
        for (key, size) in sizes {
            if !(1..=MAX_SIZE).contains(&size) {
                return Err(ModelError::InvalidConfig {
                    key,
                    reason: format!("{size} is not between 1 and {MAX_SIZE}"),
                });
            }
        }
        if !(0.0..1.0).contains(&self.dropout) {
            return Err(ModelError::InvalidConfig {
                key: "dropout",
                reason: format!("{} is not a share from 0 up to but not 1", self.dropout),
            });
        }
        Ok(())
    }

    /// Checks that the network takes the windows of `spec`.
    pub(crate) fn check_fits(&self, spec: &FeatureSpec) -> Result<(), ModelError> {
        for (key, found, expected) in [
            ("input_size", self.input_size, spec.n_columns()),
            ("seq_length", self.seq_length, spec.lookback()),
        ] {
            if found != expected {
                return Err(ModelError::InvalidConfig {
                    key,
                    reason: format!("{found} does not fit the feature spec, which has {expected}"),
                });
            }
        }
        Ok(())
    }

    /// The network in a few words, for people.
    pub fn summary(&self) -> String {
        format!(
            "LSTM {} -> {}, {} steps",
            self.input_size, self.hidden_size, self.seq_length
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonsense_is_refused_by_name() {
        let good = NetworkConfig {
            input_size: 3,
            hidden_size: 5,
            dropout: 0.2,
            seq_length: 4,
        };
        let check = |config: NetworkConfig, key: &str| {
            let error = config.validate().unwrap_err().to_string();
            assert!(error.contains(key), "{error}");
        };
        assert!(good.validate().is_ok());
        check(
            NetworkConfig {
                input_size: 0,
                ..good.clone()
            },
            "input_size",
        );
        check(
            NetworkConfig {
                hidden_size: 1 << 20,
                ..good.clone()
            },
            "hidden_size",
        );
        check(
            NetworkConfig {
                dropout: 1.0,
                ..good.clone()
            },
            "dropout",
        );
        check(
            NetworkConfig {
                dropout: f64::NAN,
                ..good
            },
            "dropout",
        );
    }
}
