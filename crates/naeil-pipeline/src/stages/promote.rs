//! Stage 7: moves the champion alias if the gate said so, and writes the ledger.

use naeil_domain::{Alias, Digest, LedgerEntry, Verdict};
use serde::Serialize;

use crate::compare_file::Comparison;
use crate::context::StageContext;
use crate::error::StageError;
use crate::stage::Stage;
use crate::stage_folder::StageFolder;
use crate::stages::register::{REGISTER_FILE, RegisteredVersion};

/// Name of the stage's file.
const PROMOTE_FILE: &str = "promote.json";

/// What the aliases point at when the run ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Promotion {
    /// Whether the champion moved in this run.
    pub promoted: bool,
    /// The champion now; none while no candidate has been promoted.
    pub champion: Option<String>,
    /// The version to roll back to.
    pub previous: Option<String>,
}

/// Records the verdict in the ledger and, on PROMOTE, lets `previous` point at the old champion
/// and `champion` at the candidate.
///
/// The ledger comes first: nothing is ever promoted without a row, and a run that failed between
/// the two can be repeated, since an equal row is accepted and an alias may be set again.
///
/// # Errors
/// [`StageError::AliasMoved`] if someone else moved the champion since the comparison; nothing is
/// promoted then. Else what ledger, registry or disk say.
pub async fn run(context: &StageContext) -> Result<Promotion, StageError> {
    let (folder, decided) = context.compute(Decided::read).await?;
    let registry = &context.ports.registry;
    let promotes = decided.comparison.verdict == Verdict::Promote;
    if promotes {
        let now = current(context, Alias::Champion).await?;
        decided.refuse_if_moved(now)?;
    }
    context
        .ports
        .ledger
        .record(&decided.ledger_entry(context)?)
        .await?;
    if promotes {
        let version = &decided.candidate.version;
        if let Some(old) = decided.champion_version().filter(|old| old != version) {
            registry.set_alias(Alias::Previous, &old).await?;
        }
        registry.set_alias(Alias::Champion, version).await?;
    }
    let promotion = Promotion {
        promoted: promotes,
        champion: current(context, Alias::Champion).await?,
        previous: current(context, Alias::Previous).await?,
    };
    if promotes && promotion.champion.as_ref() != Some(&decided.candidate.version) {
        return Err(moved(Some(decided.candidate.version), promotion.champion));
    }
    let written = promotion.clone();
    context
        .compute(move |_| {
            folder.write_json(PROMOTE_FILE, &written)?;
            folder.finish()
        })
        .await?;
    tell(context, &promotion);
    Ok(promotion)
}

async fn current(context: &StageContext, alias: Alias) -> Result<Option<String>, StageError> {
    let version = context.ports.registry.by_alias(alias).await?;
    Ok(version.map(|version| version.version))
}

/// What earlier stages decided.
struct Decided {
    comparison: Comparison,
    candidate: RegisteredVersion,
    candidate_digest: Digest,
}

impl Decided {
    fn read(context: &StageContext) -> Result<(StageFolder, Self), StageError> {
        let mut folder = context.begin(Stage::Promote)?;
        let comparison = Comparison::read(&mut folder)?;
        let candidate: RegisteredVersion = folder.read_json(Stage::Register, REGISTER_FILE)?;
        let path = context.run.stage_path(Stage::Register).join(REGISTER_FILE);
        let candidate_digest =
            Digest::parse(&candidate.digest).map_err(|error| StageError::damaged(&path, error))?;
        if comparison.candidate_digest != candidate.digest {
            let reason = format!(
                "version {} is not the bundle {} that was compared",
                candidate.version, comparison.candidate_digest
            );
            return Err(StageError::damaged(&path, reason));
        }
        let decided = Self {
            comparison,
            candidate,
            candidate_digest,
        };
        Ok((folder, decided))
    }

    fn champion_version(&self) -> Option<String> {
        let champion = self.comparison.champion.as_ref();
        champion.map(|champion| champion.version.clone())
    }

    /// A champion that is the candidate already is a promotion that was cut off and is repeated.
    fn refuse_if_moved(&self, now: Option<String>) -> Result<(), StageError> {
        let before = self.champion_version();
        if now == before || now.as_ref() == Some(&self.candidate.version) {
            return Ok(());
        }
        Err(moved(before, now))
    }

    fn ledger_entry(&self, context: &StageContext) -> Result<LedgerEntry, StageError> {
        let Comparison {
            verdict,
            ref reason,
            decided_at,
            ..
        } = self.comparison;
        let path = context.run.stage_path(Stage::Promote).join(PROMOTE_FILE);
        let evidence = serde_json::to_string(&self.comparison)
            .map_err(|error| StageError::damaged(&path, error))?;
        Ok(LedgerEntry {
            decided_at,
            run_id: context.run.id().to_string(),
            verdict,
            reason: reason.clone(),
            candidate_version: self.candidate.version.clone(),
            candidate_digest: self.candidate_digest,
            champion_version: self.champion_version(),
            evidence,
        })
    }
}

fn moved(before: Option<String>, now: Option<String>) -> StageError {
    let name = |version: Option<String>| version.unwrap_or_else(|| "nothing".to_owned());
    StageError::AliasMoved {
        alias: Alias::Champion,
        before: name(before),
        now: name(now),
    }
}

fn tell(context: &StageContext, promotion: &Promotion) {
    let champion = promotion.champion.as_deref().unwrap_or("none");
    let note = if promotion.promoted {
        format!("version {champion} is the champion now")
    } else {
        format!("the champion stays: {champion}")
    };
    context.progress.note(&note);
}

#[cfg(test)]
mod tests;
