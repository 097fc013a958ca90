//! The shape of the network.

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use naeil_domain::ports::WindowShape;
use naeil_features::FeatureSpec;

use crate::error::ModelError;

/// Nothing larger is trained or loaded: a manifest may not ask for unbounded memory.
const MAX_SIZE: usize = 4096;

/// More layers than this learn nothing on a thousand sessions.
const MAX_LAYERS: usize = 4;

/// Sessions of a window's sequence: on daily bars 60 are not better than 20, and take three times
/// as long.
const SEQ_LENGTH: usize = 20;

/// The indicators that the sequence holds, both raw and ranked: what one session's bar says, and how
/// far the last month moved.
const SEQUENCE_INDICATORS: [&str; 9] = [
    "log_return_1",
    "log_return_20",
    "volatility_20",
    "volume_ratio_1_20",
    "gap",
    "range",
    "bar_position",
    "high_to_close",
    "low_to_close",
];

/// The shape of the network: an LSTM over some columns, and a wide path over every column of the
/// as-of session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkConfig {
    /// Columns of the feature spec, all of which enter the wide path.
    pub n_columns: usize,
    /// The columns of the sequence, ascending, as indices of the feature spec's.
    pub sequence_columns: Vec<usize>,
    /// Sessions of the sequence, the as-of session included; at most the spec's lookback.
    pub seq_length: usize,
    /// Units of each LSTM layer.
    pub hidden_size: usize,
    /// LSTM layers.
    pub n_layers: usize,
    /// Units of the wide path.
    pub wide_size: usize,
    /// Units of the quantiles' own wide path.
    pub quantile_size: usize,
    /// Share of the last hidden state and of the wide path that is dropped in training, 0 up to but
    /// not 1.
    pub dropout: f64,
}

impl NetworkConfig {
    /// The usual network for windows of `spec`: the sequence holds the columns of the usual names,
    /// or every column of a spec that has none of them.
    pub fn for_spec(spec: &FeatureSpec) -> Self {
        let usual = |name: &str| {
            let indicator = name.strip_suffix("_rank").unwrap_or(name);
            SEQUENCE_INDICATORS.contains(&indicator)
        };
        let mut sequence_columns: Vec<usize> = (0..spec.n_columns())
            .filter(|&column| usual(&spec.names()[column]))
            .collect();
        if sequence_columns.is_empty() {
            sequence_columns = (0..spec.n_columns()).collect();
        }
        Self {
            n_columns: spec.n_columns(),
            sequence_columns,
            seq_length: spec.lookback().min(SEQ_LENGTH),
            hidden_size: 64,
            n_layers: 1,
            wide_size: 64,
            quantile_size: 16,
            dropout: 0.3,
        }
    }

    /// Takes these columns of `spec` as the sequence, in the spec's order.
    ///
    /// # Errors
    /// [`ModelError::InvalidConfig`] naming a column that the spec has not.
    pub fn with_sequence<N: AsRef<str>>(
        mut self,
        spec: &FeatureSpec,
        names: &[N],
    ) -> Result<Self, ModelError> {
        self.sequence_columns.clear();
        for name in names {
            let name = name.as_ref();
            let found = spec.names().iter().position(|column| column == name);
            let column = found.ok_or_else(|| ModelError::InvalidConfig {
                key: "sequence_columns",
                reason: format!("the feature spec has no column '{name}'"),
            })?;
            self.sequence_columns.push(column);
        }
        self.sequence_columns.sort_unstable();
        Ok(self)
    }

    /// Checks every value.
    ///
    /// # Errors
    /// [`ModelError::InvalidConfig`] naming the first key that is wrong.
    pub fn validate(&self) -> Result<(), ModelError> {
        let sizes = [
            ("n_columns", self.n_columns, MAX_SIZE),
            ("seq_length", self.seq_length, MAX_SIZE),
            ("hidden_size", self.hidden_size, MAX_SIZE),
            ("n_layers", self.n_layers, MAX_LAYERS),
            ("wide_size", self.wide_size, MAX_SIZE),
            ("quantile_size", self.quantile_size, MAX_SIZE),
        ];
        for (key, size, limit) in sizes {
            if !(1..=limit).contains(&size) {
                return wrong(key, format!("{size} is not between 1 and {limit}"));
            }
        }
        let columns = &self.sequence_columns;
        if columns.is_empty() || !columns.is_sorted_by(|a, b| a < b) {
            return wrong(
                "sequence_columns",
                "there must be at least one, each once, in ascending order".to_owned(),
            );
        }
        if let Some(&column) = columns.iter().find(|&&column| column >= self.n_columns) {
            return wrong(
                "sequence_columns",
                format!("there is no column {column} among {}", self.n_columns),
            );
        }
        if !(0.0..1.0).contains(&self.dropout) {
            return wrong(
                "dropout",
                format!("{} is not a share from 0 up to but not 1", self.dropout),
            );
        }
        Ok(())
    }

    /// Checks that the network takes the windows of `spec`.
    pub(crate) fn check_fits(&self, spec: &FeatureSpec) -> Result<(), ModelError> {
        if self.n_columns != spec.n_columns() {
            return wrong(
                "n_columns",
                format!(
                    "{} does not fit the feature spec, which has {}",
                    self.n_columns,
                    spec.n_columns()
                ),
            );
        }
        if self.seq_length > spec.lookback() {
            return wrong(
                "seq_length",
                format!(
                    "{} is more than the feature spec's lookback of {}",
                    self.seq_length,
                    spec.lookback()
                ),
            );
        }
        Ok(())
    }

    /// The windows it takes.
    pub fn window_shape(&self) -> WindowShape {
        WindowShape {
            seq_length: self.seq_length,
            sequence_columns: self.sequence_columns.clone(),
            n_columns: self.n_columns,
        }
    }

    /// The network in a few words, for people.
    pub fn summary(&self) -> String {
        format!(
            "LSTM {} -> {}{}, {} steps; wide {} -> {}",
            self.sequence_columns.len(),
            self.hidden_size,
            match self.n_layers {
                1 => String::new(),
                n => format!(" x {n} layers"),
            },
            self.seq_length,
            self.n_columns,
            self.wide_size,
        )
    }
}

fn wrong(key: &'static str, reason: String) -> Result<(), ModelError> {
    Err(ModelError::InvalidConfig { key, reason })
}
