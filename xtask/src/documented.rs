//! Whether the documents still say what is: `docs/dependencies.md` names every direct third-party
//! dependency and no other, and the paths that `docs/ARCHITECTURE.md` points at are there.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Context;

use crate::workspace::Workspace;

/// Where dependencies are explained, from the root.
const DEPENDENCIES: &str = "docs/dependencies.md";

/// Where the crates are explained.
const ARCHITECTURE: &str = "docs/ARCHITECTURE.md";

/// Dependencies without a row, rows without a dependency, and paths that lead nowhere.
///
/// # Errors
/// If a document cannot be read.
pub(crate) fn violations(workspace: &Workspace) -> anyhow::Result<Vec<String>> {
    let read = |document: &str| {
        std::fs::read_to_string(workspace.root.join(document))
            .with_context(|| format!("cannot read {document}"))
    };
    let dependencies = workspace
        .packages
        .iter()
        .flat_map(|package| &package.dependencies);
    let direct = dependencies
        .filter(|needed| needed.third_party)
        .map(|needed| needed.name.as_str())
        .collect();
    let mut found = compare(&direct, &rows(&read(DEPENDENCIES)?));
    found.extend(dead_paths(&workspace.root, &read(ARCHITECTURE)?));
    Ok(found)
}

fn compare(direct: &BTreeSet<&str>, rows: &BTreeSet<&str>) -> Vec<String> {
    let missing = direct
        .difference(rows)
        .map(|name| format!("{DEPENDENCIES} has no row for the direct dependency `{name}`"));
    let stale = rows
        .difference(direct)
        .map(|name| format!("{DEPENDENCIES} has a row for `{name}`, on which no crate depends"));
    missing.chain(stale).collect()
}

/// The crates that open a table row: ``| `name` | ...``; one row may name several.
fn rows(document: &str) -> BTreeSet<&str> {
    document
        .lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .filter_map(|row| row.split(" | ").next())
        .flat_map(|cell| cell.split(['`', ',', ' ']))
        .filter(|name| !name.is_empty())
        .collect()
}

/// Paths in backticks, from the root or from `crates/`, where nothing lies.
fn dead_paths(root: &Path, document: &str) -> Vec<String> {
    let quoted = document.split('`').skip(1).step_by(2);
    quoted
        .filter(|text| text.contains('/') && !text.contains([' ', '\n']))
        .filter(|path| !root.join(path).exists() && !root.join("crates").join(path).exists())
        .map(|path| format!("{ARCHITECTURE} points at `{path}`, which is not there"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_from_tables() {
        let document = "`prose`\n| crate | why |\n|---|---|\n| `serde`, `serde_json` | `x` |\n";
        assert_eq!(rows(document), BTreeSet::from(["serde", "serde_json"]));
    }

    #[test]
    fn missing_and_stale_rows_are_named() {
        let found = compare(
            &BTreeSet::from(["serde", "tokio"]),
            &BTreeSet::from(["old", "serde"]),
        );
        assert_eq!(
            found,
            [
                "docs/dependencies.md has no row for the direct dependency `tokio`",
                "docs/dependencies.md has a row for `old`, on which no crate depends",
            ]
        );
    }

    #[test]
    fn a_path_that_leads_nowhere_is_named() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let document = "`src/main.rs` and `src/gone.rs`, `a word`, `GET /x`; src/prose.rs";
        assert_eq!(
            dead_paths(root, document),
            ["docs/ARCHITECTURE.md points at `src/gone.rs`, which is not there"]
        );
    }

    #[test]
    fn the_documents_of_this_workspace_are_right() {
        let workspace = Workspace::read(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
        assert_eq!(violations(&workspace).unwrap(), Vec::<String>::new());
    }
}
