//! Whether the crates keep to the architecture: who may depend on whom (`docs/ARCHITECTURE.md`).
//!
//! Asked twice. The declared dependencies of every manifest are compared with the tables of
//! [`arrows`] and [`invariants`]; then cargo's inverted tree of the resolved graph is asked who
//! really reaches what, features included. Sources are searched for what no manifest shows.

mod arrows;
mod invariants;
mod inverted;
mod sources;
#[cfg(test)]
mod tests;

use crate::workspace::Workspace;

/// Everything that breaks the architecture, one sentence each; empty when nothing does.
///
/// # Errors
/// If cargo or a file cannot be read.
pub(crate) fn violations(workspace: &Workspace) -> anyhow::Result<Vec<String>> {
    let mut found = declared(workspace);
    found.extend(sources::violations(workspace)?);
    // The resolved graph of a workspace that is wrong on paper would only say the same again.
    if found.is_empty() {
        found.extend(inverted::violations(workspace)?);
    }
    Ok(found)
}

/// What the manifests alone show; needs no network, no lock file and nothing downloaded.
fn declared(workspace: &Workspace) -> Vec<String> {
    let mut found = arrows::violations(workspace);
    found.extend(invariants::violations(workspace));
    found
}
