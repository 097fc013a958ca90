//! What a retrain can be told.

use naeil_domain::{Horizon, StockCode};
use naeil_features::FeatureSpec;
use naeil_model::{ModelError, NetworkConfig, TrainingConfig};
use serde::{Deserialize, Serialize};

use crate::gate;

mod calibration;
mod data;

pub use calibration::CalibrationSettings;
pub use data::DataConfig;

/// The settings of a retrain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PipelineConfig {
    /// Which bars, and what is accepted about them.
    pub data: DataConfig,
    /// Which stocks are learned from.
    pub universe: UniverseConfig,
    /// Only the last so many sessions of the store; none for all of them. Default: none.
    pub last_sessions: Option<usize>,
    /// As-of sessions that choose the epoch and fit the policy. Default: 120.
    pub validation_sessions: usize,
    /// As-of sessions that are scored, the newest there are. Default: 120.
    pub test_sessions: usize,
    /// The size of the network.
    pub network: NetworkSize,
    /// How it is trained; the seed of the whole run stands here.
    pub training: TrainingConfig,
    /// How forecasts become probabilities and intervals.
    pub calibration: CalibrationSettings,
    /// How the thresholds of the decision policy come about. Default: fitted.
    pub policy: PolicyMode,
    /// When a candidate becomes champion.
    pub promotion: PromotionConfig,
}

impl Default for PipelineConfig {
    fn default() -> Self {
        Self {
            data: DataConfig::default(),
            universe: UniverseConfig::default(),
            last_sessions: None,
            validation_sessions: 120,
            test_sessions: 120,
            network: NetworkSize::default(),
            training: TrainingConfig::default(),
            calibration: CalibrationSettings::default(),
            policy: PolicyMode::default(),
            promotion: PromotionConfig::default(),
        }
    }
}

/// Which stocks are learned from and judged on; ranks and features are of all stocks in any case.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UniverseConfig {
    /// At most so many stocks, those of greatest median traded value; none for all. Default: none.
    pub max_stocks: Option<usize>,
    /// Codes that are taken first, whatever they trade, and count towards `max_stocks`.
    #[serde(with = "codes_as_text")]
    pub always: Vec<StockCode>,
    /// Whether special purpose acquisition companies belong to it: stocks whose name holds "스팩", as
    /// the exchange's rules have them named. Such a stock is a shell of cash that hardly moves until a
    /// merger is announced, so its label is noise. Codes of `always` are taken all the same. Default:
    /// no.
    pub spacs: bool,
}

/// The size of the network; everything else about it comes from the feature spec.
///
/// The defaults are those of [`NetworkConfig::for_spec`]: on recorded bars 32 to 128 units, one or
/// two layers, and 20 or 60 sessions are within the noise of a seed, and the smaller ones train
/// several times as fast.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NetworkSize {
    /// Units of each LSTM layer. Default: 64.
    pub hidden_size: usize,
    /// LSTM layers. Default: 1.
    pub n_layers: usize,
    /// Sessions of the sequence, the as-of session included; at most the spec's lookback.
    /// Default: 20.
    pub seq_length: usize,
    /// Share of the last state and of the wide path dropped in training. Default: 0.3.
    pub dropout: f64,
}

impl Default for NetworkSize {
    fn default() -> Self {
        let usual = NetworkConfig::for_spec(&FeatureSpec::v2());
        Self {
            hidden_size: usual.hidden_size,
            n_layers: usual.n_layers,
            seq_length: usual.seq_length,
            dropout: usual.dropout,
        }
    }
}

impl NetworkSize {
    /// The network of this size that takes windows of `spec`.
    pub(crate) fn network(&self, spec: &FeatureSpec) -> NetworkConfig {
        NetworkConfig {
            hidden_size: self.hidden_size,
            n_layers: self.n_layers,
            seq_length: self.seq_length,
            dropout: self.dropout,
            ..NetworkConfig::for_spec(spec)
        }
    }
}

/// How the thresholds of the decision policy come about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyMode {
    /// The seed's 0.60 / 0.40 at every horizon.
    Fixed,
    /// Chosen on the validation window for a share of directional answers of at most 0.40.
    #[default]
    Fitted,
}

/// When a candidate becomes champion.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PromotionConfig {
    /// Mean gain in accuracy over the horizons that it takes, as a share. Default: 0.02.
    pub min_gain: f64,
}

impl Default for PromotionConfig {
    fn default() -> Self {
        Self { min_gain: 0.02 }
    }
}

/// A setting is out of range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key} is {value}: {rule}")]
pub struct ConfigError {
    /// The setting, as it is written in a config file.
    pub key: String,
    /// What it was set to; "refused" where the part that refuses it does not say.
    pub value: String,
    /// What it has to be.
    pub rule: String,
}

impl PipelineConfig {
    /// Checks every setting.
    ///
    /// # Errors
    /// [`ConfigError`] naming the first setting that is out of range.
    pub fn validate(&self) -> Result<(), ConfigError> {
        self.validate_data()?;
        self.validate_universe()?;
        // The newest session of the test window has no outcome yet at any horizon.
        let windows = [
            (
                "validation_sessions",
                self.validation_sessions,
                gate::MIN_SESSIONS,
            ),
            (
                "test_sessions",
                self.test_sessions,
                gate::MIN_SESSIONS + Horizon::OneDay.steps(),
            ),
        ];
        for (key, value, least) in windows {
            let rule = format!("it has to be at least {least}, the fewest that can be judged");
            require(value >= least, key, value, rule)?;
        }
        if let Some(last) = self.last_sessions {
            let kept = self.validation_sessions + self.test_sessions;
            let rule = format!(
                "it has to exceed validation_sessions + test_sessions = {kept}, or be left out"
            );
            require(last > kept, "last_sessions", last, rule)?;
        }
        let spec = FeatureSpec::v2();
        let seq_length = self.network.seq_length;
        let rule = format!(
            "it has to be between 1 and the lookback, {}",
            spec.lookback()
        );
        require(
            (1..=spec.lookback()).contains(&seq_length),
            "network.seq_length",
            seq_length,
            rule,
        )?;
        let network = self.network.network(&spec);
        network
            .validate()
            .map_err(|error| refused("network", error))?;
        let level = self.calibration.interval_level;
        let rule = "it has to be above 0 and below 1, a share and not a percentage";
        require(
            level > 0.0 && level < 1.0,
            "calibration.interval_level",
            level,
            rule,
        )?;
        let min_gain = self.promotion.min_gain;
        let rule = "it has to be above 0 and at most 1, a share and not a percentage";
        require(
            min_gain > 0.0 && min_gain <= 1.0,
            "promotion.min_gain",
            min_gain,
            rule,
        )?;
        self.training
            .validate()
            .map_err(|error| refused("training", error))
    }

    fn validate_data(&self) -> Result<(), ConfigError> {
        let DataConfig {
            exchange,
            observed_calendar,
            ..
        } = self.data;
        let rule = "it has to be asked for with --observed-calendar or retrain.observed_calendar = \
                    true, because it has no trading calendar";
        require(
            exchange.has_calendar() || observed_calendar,
            "data.exchange",
            exchange,
            rule,
        )
    }

    fn validate_universe(&self) -> Result<(), ConfigError> {
        let UniverseConfig {
            max_stocks, always, ..
        } = &self.universe;
        let key = "universe.max_stocks";
        match *max_stocks {
            Some(0) => require(false, key, 0, "it has to be at least 1, or be left out"),
            Some(max) => {
                let rule = format!(
                    "it has to hold the {} codes of universe.always",
                    always.len()
                );
                require(always.len() <= max, key, max, rule)
            }
            None => Ok(()),
        }
    }
}

fn refused(area: &str, error: ModelError) -> ConfigError {
    let (key, rule) = match error {
        ModelError::InvalidConfig { key, reason } => (format!("{area}.{key}"), reason),
        other => (area.to_owned(), other.to_string()),
    };
    ConfigError {
        key,
        value: "refused".to_owned(),
        rule,
    }
}

fn require(
    holds: bool,
    key: &str,
    value: impl ToString,
    rule: impl Into<String>,
) -> Result<(), ConfigError> {
    if holds {
        return Ok(());
    }
    Err(ConfigError {
        key: key.to_owned(),
        value: value.to_string(),
        rule: rule.into(),
    })
}

/// Stock codes are a domain type, which knows no file format.
mod codes_as_text {
    use naeil_domain::StockCode;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(codes: &[StockCode], out: S) -> Result<S::Ok, S::Error> {
        out.collect_seq(codes.iter().map(StockCode::as_str))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        input: D,
    ) -> Result<Vec<StockCode>, D::Error> {
        Vec::<String>::deserialize(input)?
            .iter()
            .map(|text| StockCode::parse(text).map_err(D::Error::custom))
            .collect()
    }
}

#[cfg(test)]
mod tests;
