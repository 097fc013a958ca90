//! Health replies.

use apistos::ApiComponent;
use schemars::JsonSchema;
use serde::Serialize;

/// The process runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema, ApiComponent)]
pub struct LiveBody {
    /// Always `live`.
    pub status: String,
    /// The version of the server.
    pub version: String,
}

/// A model answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema, ApiComponent)]
pub struct ReadyBody {
    /// Always `ready`; a server that is not answers 503.
    pub status: String,
    /// The model that answers.
    pub model_version: String,
    /// The last session whose bars it sees.
    pub as_of: String,
}
