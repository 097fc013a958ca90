//! The settings, one struct an area. The doc comment of a field is its documentation everywhere.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::secret::Secret;
use super::sources::SourcesConfig;
use super::store_url::StoreUrl;

/// Everything that can be set.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// Folder for the store, the registry and the runs. Every role uses the same one.
    pub(crate) data_dir: PathBuf,
    /// What is written to standard error.
    pub(crate) log: LogConfig,
    /// Where bars, predictions and the ledger are kept.
    pub(crate) store: StoreConfig,
    /// Where models are kept.
    pub(crate) registry: RegistryConfig,
    /// Who signs models, and whose are admitted.
    pub(crate) bundle: BundleConfig,
    /// The trading calendar.
    pub(crate) calendar: CalendarConfig,
    /// Where `naeil fetch` gets bars from.
    pub(crate) sources: SourcesConfig,
    /// The HTTP server.
    pub(crate) http: HttpConfig,
    /// Who may ask.
    pub(crate) auth: AuthConfig,
    /// How predictions are served.
    pub(crate) serving: ServingConfig,
    /// How models are trained, judged and promoted.
    pub(crate) retrain: RetrainConfig,
    /// Which stocks a model learns from.
    pub(crate) universe: UniverseConfig,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: PathBuf::from("./.naeil"),
            log: LogConfig::default(),
            store: StoreConfig::default(),
            registry: RegistryConfig::default(),
            bundle: BundleConfig::default(),
            calendar: CalendarConfig::default(),
            sources: SourcesConfig::default(),
            http: HttpConfig::default(),
            auth: AuthConfig::default(),
            serving: ServingConfig::default(),
            retrain: RetrainConfig::default(),
            universe: UniverseConfig::default(),
        }
    }
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LogFormat {
    /// One JSON object a line.
    Json,
    /// Lines for people.
    Text,
}

/// What is written to standard error.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LogConfig {
    /// `json` or `text`. `serve` is meant to be read by machines, so JSON is the default.
    pub(crate) format: LogFormat,
    /// Which lines: `error`, `warn`, `info`, `debug`, `trace`, or filters such as
    /// `info,naeil_serving=debug`. `actix_http` calls every garbled request an error.
    pub(crate) filter: String,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            format: LogFormat::Json,
            filter: "info,actix_http=off".to_owned(),
        }
    }
}

/// Where bars, predictions and the ledger are kept.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct StoreConfig {
    /// Address of the database: `sqlite://PATH?mode=rwc`, or
    /// `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, whose password is never shown. Unset:
    /// `naeil.db` in the data directory.
    pub(crate) url: Option<StoreUrl>,
}

/// Where models are kept.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RegistryConfig {
    /// Folder of the local registry. Unset: `registry` in the data directory.
    pub(crate) dir: Option<PathBuf>,
}

/// Who signs models, and whose are admitted.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct BundleConfig {
    /// File with the private key that signs what `retrain` trains, made by `naeil key`. Unset: models
    /// are not signed.
    pub(crate) signing_key_file: Option<PathBuf>,
    /// Public keys, as `naeil key` prints them; in a variable separated by commas. A model is loaded
    /// only if one of them signed it. Empty: models need no signature.
    #[serde(deserialize_with = "list_or_text")]
    pub(crate) trusted_keys: Vec<String>,
    /// Moment such as `2026-01-31T00:00:00Z`: a model trained before it is not loaded, though a
    /// trusted key signed it. Unset: any age. It is not raised by itself, so that one can go back to
    /// the model before.
    pub(crate) not_before: Option<String>,
}

/// The trading calendar.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct CalendarConfig {
    /// File with what was declared after this version was built; lines `DATE,closed`,
    /// `DATE,open[,HH:MM,HH:MM]`, or `YEAR,covered` where the file lists every closed weekday of a
    /// further year. A server reads it again every `serving.refresh_seconds`.
    pub(crate) overrides: Option<PathBuf>,
    /// Minutes after the close until a session's bar is final; bars of a session that is not final
    /// are not taken. After-hours trading, which counts in the volume, ends 150 minutes after a
    /// regular close.
    pub(crate) final_after_minutes: u32,
}

impl Default for CalendarConfig {
    fn default() -> Self {
        Self {
            overrides: None,
            final_after_minutes: 150,
        }
    }
}

/// The HTTP server.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct HttpConfig {
    /// Address and port to listen on; port 0 takes a free one.
    pub(crate) bind: String,
    /// Worker threads.
    pub(crate) workers: usize,
    /// Largest request body, in bytes.
    pub(crate) max_body_bytes: usize,
    /// Seconds that requests in flight are given to finish when the server stops.
    pub(crate) shutdown_seconds: u64,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            bind: "127.0.0.1:8080".to_owned(),
            workers: 2,
            max_body_bytes: 64 * 1024,
            shutdown_seconds: 5,
        }
    }
}

/// Who may ask.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AuthConfig {
    /// Secret that signs tokens (HS256), at least 32 bytes. `serve` and `token` need it.
    pub(crate) jwt_secret: Option<Secret>,
    /// Required `aud` of tokens. Unset: not asked for.
    pub(crate) audience: Option<String>,
    /// Required `iss` of tokens. Unset: not asked for.
    pub(crate) issuer: Option<String>,
}

/// How predictions are served.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ServingConfig {
    /// Answers kept in the process.
    pub(crate) cache_entries: u64,
    /// Requests that may wait for the model before more are turned away with 503.
    pub(crate) queue_capacity: usize,
    /// Answers that may wait to be written to the prediction log.
    pub(crate) log_capacity: usize,
    /// Milliseconds after which a request is answered with 504.
    pub(crate) deadline_ms: u64,
    /// Seconds between looks for a new champion or new bars.
    pub(crate) refresh_seconds: u64,
}

impl Default for ServingConfig {
    fn default() -> Self {
        Self {
            cache_entries: 100_000,
            queue_capacity: 256,
            log_capacity: 65_536,
            deadline_ms: 5_000,
            refresh_seconds: 30,
        }
    }
}

/// How the decision thresholds are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PolicyChoice {
    /// On the validation window, for a share of directional answers of at most 0.40.
    Fitted,
    /// Up from 0.60, down to 0.40.
    Fixed,
}

/// How models are trained, judged and promoted.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RetrainConfig {
    /// Sessions of bars to learn from, counted back from the newest; 730 are about three years.
    pub(crate) sessions: usize,
    /// As-of sessions that choose the epoch and the thresholds.
    pub(crate) validation_sessions: usize,
    /// As-of sessions, after the others, that the model is judged on.
    pub(crate) test_sessions: usize,
    /// Units of each LSTM layer.
    pub(crate) hidden_size: usize,
    /// LSTM layers.
    pub(crate) n_layers: usize,
    /// Sessions of the LSTM's sequence, the newest included; at most 60.
    pub(crate) seq_length: usize,
    /// Share of the last state and of the wide path dropped in training.
    pub(crate) dropout: f64,
    /// Greatest step of AdamW, reached after 15 % of the training; it falls to 0 until the end.
    pub(crate) learning_rate: f64,
    /// Passes over the training sessions.
    pub(crate) epochs: usize,
    /// Share of a session's stocks in a step, above 0 to 1, drawn anew each time.
    pub(crate) codes_per_step: f64,
    /// Passes without a better validation loss before training stops. Unset: all are run.
    pub(crate) patience: Option<usize>,
    /// Networks that are trained and averaged; they differ in their seed.
    pub(crate) seeds: usize,
    /// Windows of a pass: so many sessions that they hold as many on average. Unset: all sessions.
    pub(crate) windows_per_epoch: Option<usize>,
    /// Windows drawn for validation. Unset: all of them.
    pub(crate) validation_windows: Option<usize>,
    /// Minutes after which training stops with what it has learned. Unset: no limit.
    pub(crate) max_minutes: Option<f64>,
    /// Seed of everything random in training; the next network has the next one.
    pub(crate) seed: u64,
    /// Share of outcomes that return intervals are to hold, above 0 and below 1.
    pub(crate) interval_level: f64,
    /// How the decision thresholds are chosen: `fitted` or `fixed`.
    pub(crate) policy: PolicyChoice,
    /// How much more accurate than the champion a model must be to replace it, as a share.
    pub(crate) min_gain: f64,
    /// Checks of the quality report that may fail, by the words that the refusal names; in a variable
    /// separated by commas. A model trained on such data says so.
    #[serde(deserialize_with = "list_or_text")]
    pub(crate) accept_data: Vec<String>,
    /// Whether to learn from sessions that no trading calendar covers, too: years before 2010 and
    /// other exchanges, whose sessions are those on which there are bars.
    pub(crate) observed_calendar: bool,
}

impl Default for RetrainConfig {
    fn default() -> Self {
        Self {
            sessions: 730,
            validation_sessions: 120,
            test_sessions: 120,
            hidden_size: 64,
            n_layers: 1,
            seq_length: 20,
            dropout: 0.3,
            learning_rate: 3e-3,
            epochs: 8,
            codes_per_step: 1.0 / 3.0,
            patience: None,
            seeds: 5,
            windows_per_epoch: None,
            validation_windows: Some(20_000),
            max_minutes: None,
            seed: 1,
            interval_level: 0.90,
            policy: PolicyChoice::Fitted,
            min_gain: 0.02,
            accept_data: Vec::new(),
            observed_calendar: false,
        }
    }
}

/// Which stocks a model learns from.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct UniverseConfig {
    /// Only so many stocks, those of greatest median traded value in the training window. Unset:
    /// every stock.
    pub(crate) max_stocks: Option<usize>,
    /// Codes that are learned from in any case; in a variable separated by commas.
    #[serde(deserialize_with = "list_or_text")]
    pub(crate) always: Vec<String>,
    /// Whether special purpose acquisition companies (names with 스팩), which are shells of cash, are
    /// learned from and judged on.
    pub(crate) spacs: bool,
}

/// Reads a list, or the comma-separated text that a variable can hold.
fn list_or_text<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum ListOrText {
        List(Vec<String>),
        Text(String),
    }
    Ok(match ListOrText::deserialize(deserializer)? {
        ListOrText::List(list) => list,
        ListOrText::Text(text) => text
            .split(',')
            .map(str::trim)
            .filter(|s| !s.is_empty())
            .map(str::to_owned)
            .collect(),
    })
}
