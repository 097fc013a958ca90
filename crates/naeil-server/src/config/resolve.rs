//! From file and environment to one [`Config`], with the source of every value.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use config::{Environment, File, FileFormat};
use serde_json::Value;

use super::areas::Config;
use super::error::ConfigError;
use super::store_url::StoreUrl;

/// What the names of our variables begin with.
pub(super) const PREFIX: &str = "NAEIL_";

/// Variables with the prefix that are not settings: the file itself, and what the repository's own
/// commands pass to tests and benchmarks.
const NOT_SETTINGS: [&str; 6] = [
    "NAEIL_CONFIG",
    "NAEIL_BIN",
    "NAEIL_DEV_DATA",
    "NAEIL_BLESS",
    "NAEIL_TEST_POSTGRES",
    "NAEIL_REQUIRE_SERVICES",
];

/// Keys that hold secrets, and so may be given as `NAEIL_..._FILE`.
const SECRETS: [&str; 4] = [
    "auth.jwt_secret",
    "store.url",
    "sources.krx.auth_key",
    "sources.database.url",
];

/// Most worker threads; beyond that somebody has mistyped.
const MAX_WORKERS: usize = 1024;

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ValueSource {
    /// Nobody set it.
    Default,
    /// The configuration file.
    File(PathBuf),
    /// A variable of the environment.
    Variable(String),
    /// An option of the command line.
    Flag(&'static str),
}

impl std::fmt::Display for ValueSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Variable(name) => f.write_str(name),
            Self::Flag(name) => f.write_str(name),
        }
    }
}

/// The configuration and where each of its values comes from, by dotted key.
#[derive(Debug, Clone)]
pub(crate) struct ResolvedConfig {
    pub(crate) config: Config,
    pub(crate) sources: BTreeMap<String, ValueSource>,
}

impl ResolvedConfig {
    /// Takes the data directory from the command line, which wins over everything else.
    pub(crate) fn set_data_dir(&mut self, data_dir: PathBuf) {
        self.config.data_dir = data_dir;
        let source = ValueSource::Flag("--data-dir");
        self.sources.insert("data_dir".to_owned(), source);
    }

    /// Every key with its (redacted) value and source.
    pub(crate) fn entries(&self) -> Vec<(String, Value, ValueSource)> {
        flatten(&to_value(&self.config))
            .into_iter()
            .map(|(key, value)| {
                let source = self
                    .sources
                    .get(&key)
                    .cloned()
                    .unwrap_or(ValueSource::Default);
                (key, value, source)
            })
            .collect()
    }
}

/// Resolves the configuration from an optional file and a map of variables.
///
/// # Errors
/// [`ConfigError`] naming the key, where it stands, and what was expected.
pub(crate) fn resolve(
    file: Option<&Path>,
    variables: &BTreeMap<String, String>,
) -> Result<ResolvedConfig, ConfigError> {
    let known: Vec<String> = flatten(&to_value(&Config::default())).into_keys().collect();
    let mut sources = BTreeMap::new();
    let mut builder = config::Config::builder();

    if let Some(path) = file {
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::ReadFile {
            path: path.to_owned(),
            source,
        })?;
        let table: toml::Table = toml::from_str(&text).map_err(|e| ConfigError::ParseFile {
            path: path.to_owned(),
            problem: without_text(&e, &text),
        })?;
        for key in flatten(&to_value(&table)).into_keys() {
            check_known(&key, &known, format!("{}", path.display()))?;
            sources.insert(key, ValueSource::File(path.to_owned()));
        }
        builder = builder.add_source(File::from_str(&text, FileFormat::Toml));
    }

    let (settings, places) = settings_of(variables, &known)?;
    sources.extend(places);
    builder = builder.add_source(
        Environment::default()
            .separator("__")
            // Texts become numbers where a number is wanted, not because they look like one: a
            // secret may be all digits.
            .try_parsing(false)
            .source(Some(settings.into_iter().collect::<HashMap<_, _>>())),
    );

    let config: Config = builder
        .build()
        .and_then(config::Config::try_deserialize)
        .map_err(|e| ConfigError::WrongType(e.to_string()))?;
    validate(&config)?;
    Ok(ResolvedConfig { config, sources })
}

type Settings = BTreeMap<String, String>;

/// The variables that are settings, as `area__key` -> text, and where each comes from.
fn settings_of(
    variables: &BTreeMap<String, String>,
    known: &[String],
) -> Result<(Settings, BTreeMap<String, ValueSource>), ConfigError> {
    let mut settings = Settings::new();
    let mut places = BTreeMap::new();
    for (name, text) in variables {
        let Some(rest) = name.strip_prefix(PREFIX) else {
            continue;
        };
        if NOT_SETTINGS.contains(&name.as_str()) {
            continue;
        }
        let mut key = rest.to_lowercase().replace("__", ".");
        let mut text = text.clone();
        let secret = key
            .strip_suffix("_file")
            .filter(|key| SECRETS.contains(key));
        if let Some(secret) = secret.map(str::to_owned) {
            let plain = name.strip_suffix("_FILE").unwrap_or(name).to_owned();
            if variables.contains_key(&plain) {
                return Err(ConfigError::SecretTwice { variable: plain });
            }
            let path = PathBuf::from(&text);
            text = std::fs::read_to_string(&path)
                .map_err(|source| ConfigError::ReadSecret {
                    variable: name.clone(),
                    path,
                    source,
                })?
                .trim_end_matches(['\r', '\n'])
                .to_owned();
            key = secret;
        }
        check_known(&key, known, name.clone())?;
        settings.insert(key.replace('.', "__"), text);
        places.insert(key, ValueSource::Variable(name.clone()));
    }
    Ok((settings, places))
}

/// What the parser says and where. Its own message quotes the line, which may hold a secret.
fn without_text(error: &toml::de::Error, text: &str) -> String {
    let line = error
        .span()
        .and_then(|span| text.get(..span.start))
        .map(|before| before.matches('\n').count() + 1);
    match line {
        Some(line) => format!("line {line}: {}", error.message()),
        None => error.message().to_owned(),
    }
}

fn check_known(key: &str, known: &[String], place: String) -> Result<(), ConfigError> {
    if known.iter().any(|k| k == key) {
        return Ok(());
    }
    let suggestion = known
        .iter()
        .map(|candidate| (strsim::jaro_winkler(key, candidate), candidate))
        .filter(|(similarity, _)| *similarity > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate.clone());
    Err(ConfigError::UnknownKey {
        key: key.to_owned(),
        place,
        suggestion,
    })
}

fn validate(config: &Config) -> Result<(), ConfigError> {
    let positive = |key: &'static str, value: usize| {
        if value == 0 {
            return Err(ConfigError::Invalid {
                key,
                value: "0".to_owned(),
                expected: "it must be at least 1",
            });
        }
        Ok(())
    };
    positive("http.workers", config.http.workers)?;
    positive("http.max_body_bytes", config.http.max_body_bytes)?;
    positive("serving.queue_capacity", config.serving.queue_capacity)?;
    positive("serving.log_capacity", config.serving.log_capacity)?;
    positive("serving.deadline_ms", config.serving.deadline_ms as usize)?;
    positive(
        "serving.refresh_seconds",
        config.serving.refresh_seconds as usize,
    )?;
    positive(
        "sources.krx.timeout_seconds",
        config.sources.krx.timeout_seconds as usize,
    )?;
    positive(
        "sources.krx.max_attempts",
        config.sources.krx.max_attempts as usize,
    )?;
    let calls_per_second = config.sources.krx.calls_per_second;
    if !(calls_per_second > 0.0 && calls_per_second <= 100.0) {
        return Err(ConfigError::Invalid {
            key: "sources.krx.calls_per_second",
            value: calls_per_second.to_string(),
            expected: "it must be above 0 and at most 100; the exchange is not ours to hurry",
        });
    }
    if config.http.workers > MAX_WORKERS {
        return Err(ConfigError::Invalid {
            key: "http.workers",
            value: config.http.workers.to_string(),
            expected: "it must be at most 1024; one a core is plenty",
        });
    }
    if config.http.bind.parse::<std::net::SocketAddr>().is_err() {
        return Err(ConfigError::Invalid {
            key: "http.bind",
            value: format!("'{}'", config.http.bind),
            expected: "it must be an address and a port such as 127.0.0.1:8080",
        });
    }
    validate_store(config)?;
    config.bundle.loader()?;
    if tracing_subscriber::EnvFilter::try_new(&config.log.filter).is_err() {
        return Err(ConfigError::Invalid {
            key: "log.filter",
            value: format!("'{}'", config.log.filter),
            expected: "it must be a level such as info, or filters such as info,naeil_api=debug",
        });
    }
    Ok(())
}

fn validate_store(config: &Config) -> Result<(), ConfigError> {
    match config.store.url.as_ref().map(StoreUrl::check) {
        None | Some(Ok(())) => Ok(()),
        Some(Err(problem)) => Err(ConfigError::Invalid {
            key: "store.url",
            value: problem.value,
            expected: problem.expected,
        }),
    }
}

fn to_value(serialisable: &impl serde::Serialize) -> Value {
    serde_json::to_value(serialisable).expect("settings are plain data with text keys")
}

/// Leaves of nested objects by dotted key; lists and nulls are leaves.
fn flatten(value: &Value) -> BTreeMap<String, Value> {
    fn walk(prefix: &str, value: &Value, into: &mut BTreeMap<String, Value>) {
        match value {
            Value::Object(map) => {
                for (key, value) in map {
                    let path = if prefix.is_empty() {
                        key.clone()
                    } else {
                        format!("{prefix}.{key}")
                    };
                    walk(&path, value, into);
                }
            }
            leaf => {
                into.insert(prefix.to_owned(), leaf.clone());
            }
        }
    }
    let mut leaves = BTreeMap::new();
    walk("", value, &mut leaves);
    leaves
}
