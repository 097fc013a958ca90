//! `naeil ledger`: every promotion decision.

use naeil_domain::ports::Ledger as _;
use serde_json::{Value, json};

use crate::cli::Report;
use crate::context::Context;
use crate::exit::CommandResult;

pub(crate) async fn run(context: &Context) -> CommandResult {
    let entries = context.store().await?.entries().await?;
    let rows = entries
        .iter()
        .map(|entry| {
            vec![
                entry
                    .decided_at
                    .to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
                entry.verdict.to_string(),
                entry.candidate_version.clone(),
                entry
                    .champion_version
                    .clone()
                    .unwrap_or_else(|| "-".to_owned()),
                entry.reason.clone(),
            ]
        })
        .collect();
    let json = entries
        .iter()
        .map(|entry| {
            json!({
                "decided_at": entry.decided_at.to_rfc3339(),
                "run_id": entry.run_id,
                "verdict": entry.verdict.as_str(),
                "reason": entry.reason,
                "candidate_version": entry.candidate_version,
                "candidate_digest": entry.candidate_digest.to_string(),
                "champion_version": entry.champion_version,
                "evidence": serde_json::from_str::<Value>(&entry.evidence)
                    .unwrap_or_else(|_| Value::String(entry.evidence.clone())),
            })
        })
        .collect();
    Report::new(
        vec!["decided", "verdict", "version", "champion", "reason"],
        rows,
        json,
    )
    .print(context.output)?;
    Ok(())
}
