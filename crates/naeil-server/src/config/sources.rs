//! Where `naeil fetch` gets bars from.

use std::path::PathBuf;

use naeil_store::import::krx::DEFAULT_BASE_URL;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::secret::Secret;

/// Where `naeil fetch` gets bars from.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SourcesConfig {
    /// The Open API of the Korea Exchange.
    pub(crate) krx: KrxSourceConfig,
    /// A database that another team fills.
    pub(crate) database: DatabaseSourceConfig,
}

/// The Open API of the Korea Exchange.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct KrxSourceConfig {
    /// Key of the service, issued at <https://openapi.krx.co.kr>. A secret.
    pub(crate) auth_key: Option<Secret>,
    /// Address up to the name of the service.
    pub(crate) base_url: String,
    /// Most calls in a second.
    pub(crate) calls_per_second: f64,
    /// Seconds that one call may take.
    pub(crate) timeout_seconds: u64,
    /// How often a call is tried before it has failed.
    pub(crate) max_attempts: u32,
}

impl Default for KrxSourceConfig {
    fn default() -> Self {
        Self {
            auth_key: None,
            base_url: DEFAULT_BASE_URL.to_owned(),
            calls_per_second: 2.0,
            timeout_seconds: 30,
            max_attempts: 5,
        }
    }
}

/// A database that another team fills.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct DatabaseSourceConfig {
    /// Address, `postgresql://USER:PASSWORD@HOST/NAME`; the role needs SELECT alone. A secret.
    pub(crate) url: Option<Secret>,
    /// File that names its tables and columns; docs/DATA.md shows one.
    pub(crate) mapping: Option<PathBuf>,
}
