//! Stage 6: registers the bundle as the challenger.

use std::collections::BTreeMap;
use std::path::PathBuf;

use naeil_domain::{Alias, ModelVersion};
use serde::{Deserialize, Serialize};

use crate::CODE_VERSION;
use crate::compare_file::Comparison;
use crate::context::StageContext;
use crate::error::StageError;
use crate::snapshot::SnapshotSource;
use crate::stage::Stage;
use crate::stage_folder::StageFolder;
use crate::stages::evaluate::BUNDLE_DIR;

/// Name of the stage's file.
pub(crate) const REGISTER_FILE: &str = "register.json";

/// What the seed calls a candidate; a tag says it for people.
const STAGE_WORD: &str = "Staging";

/// The version that the registry gave the candidate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegisteredVersion {
    /// The version.
    pub(crate) version: String,
    /// The digest of its bundle.
    pub(crate) digest: String,
}

/// Registers the bundle, whatever the verdict, and points the challenger alias at it.
///
/// # Errors
/// What the registry or the disk say; the champion is untouched.
pub async fn run(context: &StageContext) -> Result<ModelVersion, StageError> {
    let (folder, candidate) = context.compute(prepare).await?;
    let registry = &context.ports.registry;
    let version = registry
        .register(&candidate.bundle, &candidate.tags)
        .await?;
    registry
        .set_alias(Alias::Challenger, &version.version)
        .await?;
    let file = RegisteredVersion {
        version: version.version.clone(),
        digest: version.digest.to_string(),
    };
    context
        .compute(move |_| {
            folder.write_json(REGISTER_FILE, &file)?;
            folder.finish()
        })
        .await?;
    context
        .progress
        .note(&format!("registered as version {}", version.version));
    Ok(version)
}

/// What goes to the registry.
struct Candidate {
    bundle: PathBuf,
    tags: BTreeMap<String, String>,
}

fn prepare(context: &StageContext) -> Result<(StageFolder, Candidate), StageError> {
    let mut folder = context.begin(Stage::Register)?;
    let bundle = folder.read_dir(Stage::Evaluate, BUNDLE_DIR)?;
    let comparison = Comparison::read(&mut folder)?;
    let source = SnapshotSource::read(&mut folder)?;
    let tags = [
        ("run_id", context.run.id().to_string()),
        ("stage", STAGE_WORD.to_owned()),
        ("verdict", comparison.verdict.to_string()),
        ("verdict_code", comparison.code),
        ("data_digest", source.data_digest.to_string()),
        ("data_origin", source.origin.as_str().to_owned()),
        ("exchange", source.exchange.to_string()),
        ("code_version", CODE_VERSION.to_owned()),
    ];
    let tags = tags.map(|(name, value)| (name.to_owned(), value)).into();
    Ok((folder, Candidate { bundle, tags }))
}
