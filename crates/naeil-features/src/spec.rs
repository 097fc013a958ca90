//! The feature spec: which columns, in which order, with which parameters.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use naeil_domain::Digest;
use serde::{Deserialize, Serialize};

use crate::error::FeatureError;
use crate::indicators::Indicator;
use crate::trading_record::MAX_UNTRADED;

/// How many sessions a server reads: after 260 of them, where a recursion began no longer shows
/// (its residual is below 5e-9), and 60 more are the lookback.
pub const SERVING_SESSIONS: usize = 320;

/// The most that a recursion may still know of where it began once it is served.
const FORGOTTEN: f64 = 5e-9;

/// Far more columns than anyone needs, and few enough that each can be planned.
const MAX_COLUMNS: usize = 1_000;

/// One column of the panel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeatureColumn {
    /// Its name in reports and replies.
    pub name: String,
    /// What is computed.
    pub indicator: Indicator,
    /// How its value enters the panel.
    pub form: Form,
}

/// How an indicator's value enters the panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// As it is.
    Raw,
    /// As its rank among the market's stocks in the same session, centred, of unit variance, 0 for
    /// a stock that is not eligible.
    Rank,
}

/// The columns of a feature panel, their order and parameters, and what makes a window usable.
///
/// Two specs with the same [`FeatureSpec::hash`] compute the same panel from the same bars.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "SpecText", into = "SpecText")]
pub struct FeatureSpec {
    text: SpecText,
    names: Vec<String>,
    warm_up: usize,
    hash: Digest,
}

/// A spec as it is written down.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SpecText {
    version: u32,
    lookback: usize,
    max_untraded: usize,
    columns: Vec<FeatureColumn>,
}

const VERSION: u32 = 2;

impl FeatureSpec {
    /// The default spec: 38 indicators, each as it is and as its rank within the session, and a
    /// lookback of 60 sessions.
    pub fn v2() -> Self {
        Self::new(60, MAX_UNTRADED, v2_columns())
            .and_then(|raw| raw.with_ranks())
            .expect("the built-in spec is valid")
    }

    /// A spec of the reader's own.
    ///
    /// # Errors
    /// [`FeatureError::SpecInvalid`] saying what cannot be computed.
    pub fn new(
        lookback: usize,
        max_untraded: usize,
        columns: Vec<FeatureColumn>,
    ) -> Result<Self, FeatureError> {
        Self::try_from(SpecText {
            version: VERSION,
            lookback,
            max_untraded,
            columns,
        })
    }

    /// The same columns, and after them the rank of each raw one, named with `_rank` at the end.
    ///
    /// # Errors
    /// [`FeatureError::SpecInvalid`] if such a name is taken, or a server's sessions do not hold
    /// what ranks need.
    pub fn with_ranks(&self) -> Result<Self, FeatureError> {
        let mut text = self.text.clone();
        let raw = self.columns().iter().filter(|c| c.form == Form::Raw);
        text.columns.extend(raw.map(|column| FeatureColumn {
            name: format!("{}_rank", column.name),
            indicator: column.indicator,
            form: Form::Rank,
        }));
        Self::try_from(text)
    }

    /// The columns, in the panel's order.
    pub fn columns(&self) -> &[FeatureColumn] {
        &self.text.columns
    }

    /// The columns' names, in the panel's order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Number of columns.
    pub fn n_columns(&self) -> usize {
        self.text.columns.len()
    }

    /// Number of sessions in a window.
    pub fn lookback(&self) -> usize {
        self.text.lookback
    }

    /// Number of sessions at the start of a stock's life whose rows are void: the longest warm-up
    /// of any column.
    pub fn warm_up(&self) -> usize {
        self.warm_up
    }

    /// How many sessions of a window may have passed without trading.
    pub fn max_untraded(&self) -> usize {
        self.text.max_untraded
    }

    /// The version of the definitions behind the indicators' names.
    pub fn version(&self) -> u32 {
        self.text.version
    }

    /// SHA-256 of [`Self::to_json`].
    pub fn hash(&self) -> Digest {
        self.hash
    }

    /// Writes the spec as JSON, always the same bytes for the same spec.
    pub fn to_json(&self) -> String {
        self.text.to_json()
    }

    /// Reads what [`Self::to_json`] wrote.
    ///
    /// # Errors
    /// [`FeatureError::SpecUnreadable`], [`FeatureError::SpecVersion`] or
    /// [`FeatureError::SpecInvalid`].
    pub fn from_json(text: &str) -> Result<Self, FeatureError> {
        let text: SpecText =
            serde_json::from_str(text).map_err(|source| FeatureError::SpecUnreadable { source })?;
        Self::try_from(text)
    }
}

impl SpecText {
    fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a spec holds only names and finite numbers")
    }

    fn check(&self) -> Result<(), FeatureError> {
        if self.version != VERSION {
            return Err(FeatureError::SpecVersion {
                found: self.version,
                supported: VERSION,
            });
        }
        let invalid = |problem: String| Err(FeatureError::SpecInvalid { problem });
        if self.columns.is_empty() {
            return invalid("it has no columns".to_owned());
        }
        if self.columns.len() > MAX_COLUMNS {
            let columns = self.columns.len();
            return invalid(format!(
                "it has {columns} columns, at most {MAX_COLUMNS} can be"
            ));
        }
        let mut names = BTreeSet::new();
        for FeatureColumn {
            name, indicator, ..
        } in &self.columns
        {
            if name.is_empty() || !names.insert(name) {
                return invalid(format!("column name '{name}' is empty or used twice"));
            }
            if let Some(problem) = indicator.problem() {
                return invalid(format!("column '{name}': {problem}"));
            }
            let sessions = SERVING_SESSIONS.saturating_sub(self.lookback);
            let residue = indicator.residue(sessions);
            if residue > FORGOTTEN {
                return invalid(format!(
                    "column '{name}': {residue:.1e} of its recursion's start is left after the \
                     {sessions} sessions that a server reads before a window, at most {FORGOTTEN:.0e} \
                     may be: use a shorter period"
                ));
            }
        }
        if self.lookback == 0 || self.max_untraded >= self.lookback {
            let (untraded, lookback) = (self.max_untraded, self.lookback);
            return invalid(format!(
                "max_untraded {untraded} must be below lookback {lookback}"
            ));
        }
        let needed = self.warm_up().saturating_add(self.lookback);
        if needed > SERVING_SESSIONS {
            return invalid(format!(
                "lookback and warm-up need {needed} sessions, a server reads {SERVING_SESSIONS}"
            ));
        }
        // The first session of a server's last window looks back over one lookback more.
        let ranked = self.columns.iter().any(|column| column.form == Form::Rank);
        if ranked && 2 * self.lookback > SERVING_SESSIONS {
            return invalid(format!(
                "ranks need two lookbacks, {} sessions, a server reads {SERVING_SESSIONS}",
                2 * self.lookback
            ));
        }
        Ok(())
    }

    fn warm_up(&self) -> usize {
        let warm_ups = self.columns.iter().map(|column| column.indicator.warm_up());
        warm_ups.max().unwrap_or(0)
    }
}

impl TryFrom<SpecText> for FeatureSpec {
    type Error = FeatureError;

    fn try_from(text: SpecText) -> Result<Self, FeatureError> {
        text.check()?;
        Ok(Self {
            names: text
                .columns
                .iter()
                .map(|column| column.name.clone())
                .collect(),
            warm_up: text.warm_up(),
            hash: Digest::of(text.to_json().as_bytes()),
            text,
        })
    }
}

impl From<FeatureSpec> for SpecText {
    fn from(spec: FeatureSpec) -> Self {
        spec.text
    }
}

fn v2_columns() -> Vec<FeatureColumn> {
    v2_indicators()
        .into_iter()
        .map(|(name, indicator)| FeatureColumn {
            name: name.to_owned(),
            indicator,
            form: Form::Raw,
        })
        .collect()
}

/// The indicators of the default spec, in its order.
fn v2_indicators() -> [(&'static str, Indicator); 38] {
    use Indicator::*;
    let (fast, slow, signal) = (12, 26, 9);
    [
        ("log_return_1", LogReturn { period: 1 }),
        ("log_return_2", LogReturn { period: 2 }),
        ("log_return_3", LogReturn { period: 3 }),
        ("log_return_5", LogReturn { period: 5 }),
        ("log_return_10", LogReturn { period: 10 }),
        ("log_return_20", LogReturn { period: 20 }),
        ("log_return_60", LogReturn { period: 60 }),
        ("sma_ratio_5", SmaRatio { period: 5 }),
        ("sma_ratio_10", SmaRatio { period: 10 }),
        ("sma_ratio_20", SmaRatio { period: 20 }),
        ("sma_ratio_60", SmaRatio { period: 60 }),
        ("ema_ratio_12", EmaRatio { period: 12 }),
        ("ema_ratio_26", EmaRatio { period: 26 }),
        ("rsi_5", Rsi { period: 5 }),
        ("rsi_14", Rsi { period: 14 }),
        ("macd_line", MacdLine { fast, slow }),
        ("macd_histogram", MacdHistogram { fast, slow, signal }),
        ("bollinger_position", BollingerPosition { period: 20 }),
        (
            "bollinger_width",
            BollingerWidth {
                period: 20,
                deviations: 2.0,
            },
        ),
        ("atr_ratio_14", AtrRatio { period: 14 }),
        ("stochastic_k_14", StochasticK { period: 14 }),
        (
            "stochastic_d_3",
            StochasticD {
                period: 14,
                smoothing: 3,
            },
        ),
        ("obv_slope_20", ObvSlope { period: 20 }),
        ("volatility_20", Volatility { period: 20 }),
        (
            "volatility_ratio_5_60",
            VolatilityRatio { short: 5, long: 60 },
        ),
        ("volume_ratio_1_20", LogVolumeRatio { short: 1, long: 20 }),
        ("volume_ratio_5_60", LogVolumeRatio { short: 5, long: 60 }),
        ("gap", Gap {}),
        ("range", Range {}),
        ("bar_position", BarPosition {}),
        ("high_to_close", HighToClose {}),
        ("low_to_close", LowToClose {}),
        ("range_position_20", StochasticK { period: 20 }),
        ("range_position_60", StochasticK { period: 60 }),
        ("largest_return_20", LargestReturn { period: 20 }),
        ("smallest_return_20", SmallestReturn { period: 20 }),
        ("zero_share_20", ZeroShare { period: 20 }),
        ("skew_20", Skew { period: 20 }),
    ]
}
